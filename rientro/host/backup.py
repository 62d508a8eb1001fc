"""``rientro backup``: the whole database in one file, with what is needed to check it when it comes back.

The file is a tar of ``about.json`` and ``database.dump`` (pg_dump's custom format). Keys are not in it: the
secret key stays in the data folder or in RIENTRO_SECRET_KEY and must be kept elsewhere.
"""

import hashlib
import hmac
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from rientro.config import environment
from rientro.host.database import force_row_security, tables_with_row_security
from rientro.host.house import DATABASE, House
from rientro.host.tools import run_tool

FORMAT = 1
SETTINGS = ("RIENTRO_BASE_URL", "RIENTRO_MAIL_FROM", "RIENTRO_TRUSTED_PROXIES")


class BackupError(RuntimeError):
    """No backup was written; the sentence says why."""


def back_up(house: House, file: Path) -> str:
    """Write ``file`` (mode 0600, complete or not at all). Works while the house runs."""
    if file.exists():
        raise BackupError(
            f"{file} exists already. Name a new file: a backup never replaces another."
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    with (
        house.database(),
        _all_rows(house) as url,
        tempfile.TemporaryDirectory(prefix="rientro-backup-", dir=file.parent) as folder,
    ):
        dump = Path(folder) / "database.dump"
        about = _dump(house, url, dump)
        whole = Path(folder) / "whole.tar"
        with os.fdopen(os.open(whole, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as out:
            _pack(out, about, dump)
            out.flush()
            os.fsync(out.fileno())
        whole.rename(file)
    rows = sum(about["rows"].values())
    return (
        f"{file}: {file.stat().st_size / 1e6:.1f} MB, {rows} rows in {len(about['rows'])} tables.\n"
        "The secret key is not in it. Keep a copy of it in another place: without it, stored carrier "
        "credentials cannot be read."
    )


def key_check(house: House) -> str:
    """Tells whether two installations have the same secret key, and nothing else about it."""
    newest = environment.secret_keys(house.data)[0]
    return hmac.new(newest.encode(), b"rientro backup", hashlib.sha256).hexdigest()[:16]


def count_rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """How many rows each table has, as this role sees them."""
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    ).fetchall()
    counted = {}
    for (name,) in tables:
        row = connection.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
        ).fetchone()
        counted[name] = row[0] if row else 0
    return counted


def _dump(house: House, url: str, dump: Path) -> dict[str, Any]:
    """Dump and count in one snapshot, so that the two agree while orders come in."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        about = {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "rientro": version("rientro"),
            "postgresql": connection.info.server_version // 10000,
            "migrations": [
                f"{app}.{name}"
                for app, name in connection.execute(
                    "SELECT app, name FROM django_migrations ORDER BY id"
                ).fetchall()
            ],
            "key_check": key_check(house),
            "settings": {name: environment.text(name) for name in SETTINGS},
            "rows": count_rows(connection),
        }
        what = ["--format=custom", "--compress=6", "--no-owner", "--no-acl", "--no-comments"]
        run_tool(
            "pg_dump", url, [*what, f"--snapshot={row[0]}", "--schema=public", f"--file={dump}"]
        )
    return about


def _pack(out: Any, about: dict[str, Any], dump: Path) -> None:
    with tarfile.open(fileobj=out, mode="w") as tar:
        words = json.dumps(about, indent=2).encode()
        head = tarfile.TarInfo("about.json")
        head.size, head.mode = len(words), 0o600
        tar.addfile(head, io.BytesIO(words))
        tar.add(dump, "database.dump", filter=_plain)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


@contextmanager
def _all_rows(house: House) -> Iterator[str]:
    """An address that sees the rows of every merchant.

    Row security is forced on the owner too. Ours is dumped by the superuser; elsewhere the owner lifts the
    force (on itself alone: web and worker stay bound) and puts it back.
    """
    if house.embedded:
        yield house.cluster.url("superuser", DATABASE)
        return
    with psycopg.connect(house.owner_url, autocommit=True) as connection:
        free = connection.execute(
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        if free and free[0]:
            yield house.owner_url
            return
        tables = tables_with_row_security(connection, forced=True)
        try:
            _force(connection, tables, False)
            yield house.owner_url
        finally:
            _force(connection, tables, True)


def _force(connection: psycopg.Connection[Any], tables: list[str], on: bool) -> None:
    with connection.transaction():
        for table in tables:
            force_row_security(connection, table, on)
