"""``rientro doctor``: says in words what is wrong with this installation, and how to mend it."""

import json
import os
import shutil
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from rientro.config import environment
from rientro.host.findings import Finding, Level, bad, care, good
from rientro.host.house import House
from rientro.host.postgres import ClusterError
from rientro.host.postgres_account import NoAccount
from rientro.host.postgres_binaries import NoPostgres, find_programs

LOW_BYTES = 1_000_000_000
EMPTY_BYTES = 200_000_000


def examine(house: House) -> int:
    """Print every finding; the status is 1 when something is bad."""
    worst = Level.GOOD
    for finding in findings(house):
        sys.stdout.write(f"{finding}\n")
        if finding.level is Level.BAD or worst is Level.GOOD:
            worst = finding.level
    last = {
        Level.GOOD: "All is well.",
        Level.CARE: "It works; the lines marked ! want a look.",
        Level.BAD: "Something is wrong; the lines marked BAD say how to mend it.",
    }
    sys.stdout.write(f"\n{last[worst]}\n")
    return 1 if worst is Level.BAD else 0


def findings(house: House) -> Iterator[Finding]:
    """From the machine inwards."""
    yield _python()
    yield from _folder(house)
    yield from _variables()
    yield _secret(house)
    yield _clock()
    yield _address()
    yield _mail()
    yield _static(house)
    yield from _carriers()
    yield _running(house)
    yield from _database(house)


def _python() -> Finding:
    told = ".".join(map(str, sys.version_info[:3]))
    return good(f"Python {told}.")


def _folder(house: House) -> Iterator[Finding]:
    data = house.data
    if not data.exists():
        yield care(
            f"The data folder {data} is not there yet.",
            "`rientro up` makes it; another one is named by RIENTRO_DATA or --data.",
        )
        return
    if not os.access(data, os.W_OK):
        yield bad(
            f"This account may not write into {data}.",
            "Run Rientro as the account that owns it, or choose another folder.",
        )
    free = shutil.disk_usage(data).free
    words = f"{free / 1e9:.1f} GB are free for {data}."
    if free < EMPTY_BYTES:
        yield bad(
            words, "Free some space now: PostgreSQL stops taking orders when the disk is full."
        )
    elif free < LOW_BYTES:
        yield care(words, "Make room soon: a label with its documents takes about 60 KB.")
    else:
        yield good(words)


def _variables() -> Iterator[Finding]:
    for name in sorted(os.environ):
        if name.startswith("RIENTRO_") and name not in environment.KNOWN:
            yield care(
                f"The variable {name} is set, but Rientro does not know it.",
                "Look for a slip of the pen; docs/operators.md lists the names.",
            )
    if environment.flag("RIENTRO_DEBUG"):
        yield bad("RIENTRO_DEBUG is on: errors show the inside of the house.", "Unset it.")


def _secret(house: House) -> Finding:
    file = Path(environment.text("RIENTRO_SECRET_KEY_FILE") or house.data / "secret-key")
    given = environment.text("RIENTRO_SECRET_KEY")
    if not given and not file.exists():
        return good(f"There is no secret key yet; the first start writes one into {file}.")
    keys = environment.secret_keys(house.data)
    if not keys or min(map(len, keys)) < 32:
        return bad(
            "A secret key is shorter than 32 characters.",
            'Make one: python -c "import secrets; print(secrets.token_urlsafe(48))"',
        )
    if not given and stat.S_IMODE(file.stat().st_mode) & 0o077:
        return bad(f"Others on this machine can read {file}.", f"chmod 600 {file}")
    older = f" ({len(keys) - 1} older ones still open what they sealed)" if len(keys) > 1 else ""
    return good(f"The secret key is in place{older}.")


def _clock() -> Finding:
    from rientro.kit import clock

    offset = clock.offset_s()
    if not offset:
        return good("The clock is the machine's.")
    return care(
        f"The clock is moved by {offset / 86400:+.1f} days.",
        "Right for a demo (`rientro demo-clock now` moves it back); elsewhere unset RIENTRO_CLOCK_FILE.",
    )


def _address() -> Finding:
    told = environment.text("RIENTRO_BASE_URL", "http://127.0.0.1:8000")
    parts = urlsplit(told)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return bad(
            f"RIENTRO_BASE_URL is {told!r}, which is no address.",
            "Write it as people type it, for example https://returns.example.com",
        )
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        return care(
            f"People come to {told} without encryption.",
            "Put a proxy with TLS in front and write https:// into RIENTRO_BASE_URL.",
        )
    return good(f"People come to {told}.")


def _mail() -> Finding:
    told = environment.text("RIENTRO_MAIL", "console:")
    if told.startswith("console:"):
        return care(
            "Mails are written to the screen and reach nobody.",
            "Set RIENTRO_MAIL=smtp://user:password@host:587",
        )
    if told.startswith("file:"):
        return care(
            f"Mails are written into {told.removeprefix('file:')} and reach nobody.",
            "Right for a demo; else set RIENTRO_MAIL=smtp://user:password@host:587",
        )
    try:
        settings = environment.mail(told)
    except ValueError as error:
        return bad(str(error), "For example RIENTRO_MAIL=smtp://user:password@host:587")
    where = (settings["EMAIL_HOST"], settings["EMAIL_PORT"])
    try:
        socket.create_connection(where, timeout=5).close()
    except OSError as error:
        return bad(
            f"The mail server {where[0]}:{where[1]} does not answer ({error}).",
            "Look at RIENTRO_MAIL and at the firewall; mails wait and are tried again.",
        )
    return good(f"The mail server {where[0]}:{where[1]} answers.")


def _static(house: House) -> Finding:
    root = Path(environment.text("RIENTRO_STATIC") or house.data / "static")
    if (root / "staticfiles.json").exists():
        return good("Stylesheets and scripts are collected.")
    return care(
        "Stylesheets and scripts are not collected yet.", "`rientro up` does it at its start."
    )


def _carriers() -> Iterator[Finding]:
    from rientro.host.doctor_carriers import carrier_findings

    yield from carrier_findings()


def _running(house: House) -> Finding:
    try:
        noted = json.loads((house.data / "running.json").read_text())
        os.kill(noted["pid"], 0)
    except (OSError, ValueError, KeyError):
        return care("Rientro is not running on this data.", "Start it with `rientro up`.")
    return good(f"Rientro is running (process {noted['pid']}).")


def _database(house: House) -> Iterator[Finding]:
    from rientro.host.doctor_database import database_findings

    if house.embedded:
        try:
            programs = find_programs()
            yield good(f"PostgreSQL {programs.major} is in {programs.folder}.")
        except NoPostgres as error:
            yield bad("There is no PostgreSQL on this machine.", str(error))
            return
        if not house.data.exists():
            return
    elif "DATABASE_OWNER_URL" not in os.environ:
        yield care(
            "DATABASE_URL is set without DATABASE_OWNER_URL, so web and worker know the owner's password.",
            "Better: a role rientro_app of its own in DATABASE_URL, the owner in DATABASE_OWNER_URL.",
        )
    try:
        with house.database():
            yield from database_findings(house)
    except (ClusterError, NoAccount) as error:
        yield bad("The embedded PostgreSQL does not run.", str(error))
    except psycopg.OperationalError as error:
        yield bad(
            f"The database does not answer: {str(error).strip()}",
            "Look at DATABASE_URL, and at whether the server runs and lets this machine in.",
        )
