"""``rientro restore``: a backup comes back into an empty database, and is counted before it is trusted."""

import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from rientro.host import database
from rientro.host.backup import FORMAT, count_rows, key_check
from rientro.host.database import force_row_security, tables_with_row_security
from rientro.host.house import DATABASE, House
from rientro.host.postgres import OWNER
from rientro.host.postgres_binaries import find_programs
from rientro.host.tools import run_tool
from rientro.host.up import only_one, set_up

COMING = "rientro_coming"


class RestoreError(RuntimeError):
    """Nothing was restored; the sentence says why."""


def bring_back(house: House, file: Path) -> str:
    """Restore ``file``; refuses a database that holds anybody's data, and a house that is running."""
    about = read_about(file)
    house.make_data_folder()
    with (
        only_one(house),
        house.database(),
        tempfile.TemporaryDirectory(prefix="rientro-restore-") as folder,
    ):
        dump = Path(folder) / "database.dump"
        _unpack(file, dump)
        if house.embedded:
            _into_embedded(house, dump, about)
        else:
            _refuse_if_used(house.owner_url, must_be_bare=True)
            _fill(house.owner_url, dump, about)
            with psycopg.connect(house.owner_url, autocommit=True) as connection:
                database.ensure_app_role(connection, house.app_role, steps_down=house.steps_down)
                database.grant_to_app(connection, house.app_role)
        set_up(house)
    return _words(house, file, about)


def read_about(file: Path) -> dict[str, Any]:
    """What a backup says of itself; refuses what was made by a newer Rientro."""
    try:
        with tarfile.open(file) as tar:
            found = tar.extractfile("about.json")
            about: dict[str, Any] = json.loads(found.read()) if found else {}
    except (OSError, KeyError, ValueError, tarfile.TarError) as error:
        raise RestoreError(f"{file} is no backup of Rientro ({error}).") from error
    if about.get("format") != FORMAT:
        raise RestoreError(f"{file} has a form that this version of Rientro does not know.")
    newer = sorted(set(about["migrations"]) - _known_migrations(about["migrations"]))
    if newer:
        raise RestoreError(
            f"{file} was made by a newer Rientro ({about['rientro']}); this one does not know "
            f"{', '.join(newer)}. Update Rientro first."
        )
    return about


def _unpack(file: Path, dump: Path) -> None:
    with tarfile.open(file) as tar, dump.open("wb") as out:
        found = tar.extractfile("database.dump")
        if found is None:
            raise RestoreError(f"{file} holds no database.")
        shutil.copyfileobj(found, out)


def _known_migrations(asked: list[str]) -> set[str]:
    """Of ``asked``, those of our own app that this code has, and all of the other apps."""
    folder = Path(__file__).resolve().parents[1] / "migrations"
    ours = {f"rientro.{path.stem}" for path in folder.glob("0*.py")}
    return {name for name in asked if not name.startswith("rientro.") or name in ours}


def _into_embedded(house: House, dump: Path, about: dict[str, Any]) -> None:
    """Fill a database beside the present one, then let it take that one's name."""
    _refuse_if_used(house.cluster.url("superuser", DATABASE), must_be_bare=False)
    coming, present = sql.Identifier(COMING), sql.Identifier(DATABASE)
    with house.cluster.connect() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(coming))
        house.cluster.prepare(COMING)
        _fill(house.cluster.url(OWNER, COMING), dump, about)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(present))
        connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(coming, present))


def _refuse_if_used(url: str, *, must_be_bare: bool) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("SELECT to_regclass('public.rientro_merchant')").fetchone()
        if row is None or row[0] is None:
            return
        if must_be_bare:
            raise RestoreError(
                "This database already has Rientro's tables. Make an empty one and name it in "
                "DATABASE_URL (and DATABASE_OWNER_URL), then restore into that."
            )
        used = connection.execute(
            "SELECT EXISTS (SELECT FROM rientro_merchant) OR EXISTS (SELECT FROM rientro_user)"
        ).fetchone()
    if used and used[0]:
        raise RestoreError(
            "This database holds data already, and a restore never replaces any. Restore into a new "
            "folder with --data, look at it, and then put it in the old one's place."
        )


def _fill(url: str, dump: Path, about: dict[str, Any]) -> None:
    """Tables and rows, then the count, then keys, triggers and row security."""
    common = ["--no-owner", "--no-acl", "--no-comments", "--exit-on-error", "--dbname="]
    with psycopg.connect(url, autocommit=True) as connection:
        name = connection.info.dbname
        common[-1] += name
        # pg_dump writes CREATE SCHEMA for a schema that it was asked for by name.
        inside = [line for line in _listed(dump) if " SCHEMA - public " not in line]
        order = dump.with_suffix(".list")
        order.write_text("\n".join(inside))
        common.append(f"--use-list={order}")
        for section in ("pre-data", "data"):
            run_tool("pg_restore", url, [*common, f"--section={section}", str(dump)])
        _compare(about["rows"], count_rows(connection))
        run_tool("pg_restore", url, [*common, "--section=post-data", str(dump)])
        # A dump made by an owner that lifted the force on itself does not carry it.
        for table in tables_with_row_security(connection, forced=False):
            force_row_security(connection, table, True)
        connection.execute("ANALYZE")


def _listed(dump: Path) -> list[str]:
    programs = find_programs()
    done = subprocess.run(
        [programs["pg_restore"], "--list", str(dump)],
        env=programs.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def _compare(told: dict[str, int], found: dict[str, int]) -> None:
    wrong = [
        f"{name}: {told.get(name, 0)} rows when it was made, {found.get(name, 0)} now"
        for name in sorted({*told, *found})
        if told.get(name, 0) != found.get(name, 0)
    ]
    if wrong:
        raise RestoreError("The backup did not come back whole:\n  " + "\n  ".join(wrong))


def _words(house: House, file: Path, about: dict[str, Any]) -> str:
    words = [
        f"{file} of {about['made_at']} is back: {sum(about['rows'].values())} rows in "
        f"{len(about['rows'])} tables, counted."
    ]
    if about["key_check"] != key_check(house):
        words.append(
            "It was made under another secret key: stored carrier credentials cannot be read. Put the "
            f"old key into {house.data / 'secret-key'} (or RIENTRO_SECRET_KEY), or enter them again."
        )
    words.append("If shoppers' data was erased after this backup was made, erase it again.")
    return "\n".join(words)
