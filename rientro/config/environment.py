"""The environment, read once: every variable that Rientro knows, with its default and its meaning.

`docs/operators.md` lists the same names; `tests/house` compares the two.
"""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

KNOWN: dict[str, str] = {
    "RIENTRO_DATA": "Folder for everything that is kept: database, secret key, mails of a demo. Default: ./data",
    "DATABASE_URL": "PostgreSQL 15 or newer, as the web and worker role. Default: the embedded server.",
    "DATABASE_OWNER_URL": "The same database as the role that owns the tables; used by migrations only.",
    "RIENTRO_SECRET_KEY": "Secret key; several, newest first, with commas between, while rotating.",
    "RIENTRO_SECRET_KEY_FILE": "A file that holds the secret key. Default: secret-key in the data folder.",
    "RIENTRO_BASE_URL": "The address people type. Default: http://127.0.0.1:8000",
    "RIENTRO_TRUSTED_PROXIES": "How many proxies of yours stand in front (X-Forwarded-For). Default: 0",
    "RIENTRO_CLOCK_FILE": "A file that moves the clock of a demo. Default: none",
    "RIENTRO_MAIL": "console:, file:FOLDER, smtp://user:password@host:587 or smtps://…. Default: console:",
    "RIENTRO_MAIL_FROM": "The sender of mails. Default: returns@ and the host of the base address.",
    "RIENTRO_ALLOW_PRIVATE_TARGETS": "1 lets carriers and shops stand in a private network.",
    "RIENTRO_IMPORT_DIR": "A folder with one sub-folder per merchant id, for files of orders. Default: none",
    "RIENTRO_CARRIER_DEADLINE_S": "Seconds a carrier may take for one answer, 0.1 to 30. Default: 30",
    "RIENTRO_CARRIER_HOSTS": "Stand-ins for carriers on this machine: HOST=http://127.0.0.1:PORT, by comma.",
    "RIENTRO_DEMO": "1 marks a demo: its banner and its movable clock.",
    "RIENTRO_API_LIMITS": "off switches the API's rate limits off, for a first import. Default: on",
    "RIENTRO_DEBUG": "1 shows errors in the browser. Never in production.",
    "RIENTRO_STATIC": "Where the collected stylesheets and scripts are. Default: static in the data folder.",
    "RIENTRO_DB_ROLE": "owner while migrations run, else app. Set by the commands themselves.",
    "RIENTRO_PG_BIN": "The bin folder of a PostgreSQL to use as the embedded server.",
    "RIENTRO_PG_USER": "The ordinary account that runs the embedded PostgreSQL when root starts Rientro.",
    "RIENTRO_PARENT": "The process whose end is this one's end. Set by the house for its parts.",
    "RIENTRO_CRASH_AT": "Names the point at which a test kills or stops this process.",
}


def text(name: str, default: str = "") -> str:
    """The value of a known variable, without surrounding space."""
    if name not in KNOWN:
        raise KeyError(name)
    return os.environ.get(name, "").strip() or default


def flag(name: str) -> bool:
    """True for 1, true, yes and on."""
    return text(name).lower() in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    """A whole number; raises ValueError with the variable's name."""
    value = text(name)
    if not value:
        return default
    if not value.isdigit():
        raise ValueError(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def secret_keys(data: Path) -> list[str]:
    """The secret keys, newest first. The first start writes one into the data folder, readable by us alone."""
    given = text("RIENTRO_SECRET_KEY")
    if given:
        return [key.strip() for key in given.split(",") if key.strip()]
    file = Path(text("RIENTRO_SECRET_KEY_FILE") or data / "secret-key")
    if not file.exists():
        _write_new_key(file)
    return file.read_text().split()


def _write_new_key(file: Path) -> None:
    """Whole or not at all: web and worker start at once, and the later one reads what the first has written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".secret-key-", dir=file.parent)
    with os.fdopen(descriptor, "w") as out:
        out.write(secrets.token_urlsafe(48) + "\n")
        out.flush()
        os.fsync(out.fileno())
    with suppress(FileExistsError):  # another process of this house was quicker
        os.link(name, file)
    Path(name).unlink()


def database(url: str) -> dict[str, Any]:
    """Django's settings for ``postgresql://user:password@host:port/name``; a host that begins with / is a socket."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL must begin with postgresql://")
    options: dict[str, Any] = {}
    host = unquote(parts.hostname or "")
    for pair in filter(None, parts.query.split("&")):
        key, _, value = pair.partition("=")
        if key == "host":
            host = unquote(value)
        else:
            options[key] = unquote(value)
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def mail(value: str) -> dict[str, Any]:
    """Django's mail settings for RIENTRO_MAIL."""
    backends = "django.core.mail.backends"
    if value.startswith("console:"):
        return {"EMAIL_BACKEND": f"{backends}.console.EmailBackend"}
    if value.startswith("file:"):
        return {
            "EMAIL_BACKEND": f"{backends}.filebased.EmailBackend",
            "EMAIL_FILE_PATH": value.removeprefix("file:"),
        }
    parts = urlsplit(value)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError(
            "RIENTRO_MAIL must be console:, file:FOLDER, smtp://… or smtps://… with a host."
        )
    return {
        "EMAIL_BACKEND": f"{backends}.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and parts.port != 25,
        "EMAIL_TIMEOUT": 20,
    }
