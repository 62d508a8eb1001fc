"""A PostgreSQL for the tests: one embedded server per checkout, one database per pytest process.

A template is migrated once per state of the migrations; each process clones it. Tests run as the role that
row-level security binds; only the cleaning between tests is done by the owner.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from rientro.config import environment
from rientro.host.postgres import Cluster
from tests.environment import ROOT

KEPT = {"django_migrations", "django_content_type", "auth_permission", "procrastinate_workers"}


class TestDatabase:
    """The database of this pytest process; ``url(role)`` is its address."""

    __test__ = False

    def __init__(self) -> None:
        folder = os.environ.get("RIENTRO_TEST_CLUSTER") or str(ROOT / "var" / "test-postgres")
        self.cluster = Cluster(Path(folder), fast=True)
        self.name = f"rientro_t_{os.getpid()}"

    def create(self) -> None:
        self.cluster.start()
        template = f"rientro_tpl_{_state_of_schema()}"
        with self._superuser() as connection:
            # Two pytest processes may start at once: one migrates, the other waits.
            connection.execute("SELECT pg_advisory_lock(7321)")
            if not _exists(connection, template):
                self._migrate(template)
            name, source = sql.Identifier(self.name), sql.Identifier(template)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER rientro_owner").format(name, source)
            )
            connection.execute("SELECT pg_advisory_unlock(7321)")

    def drop(self) -> None:
        with self._superuser() as connection:
            name = sql.Identifier(self.name)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            others = connection.execute(
                "SELECT count(*) FROM pg_database WHERE datname LIKE 'rientro_t_%'"
            ).fetchone()
        if "RIENTRO_TEST_CLUSTER" in os.environ and others == (0,):
            self.cluster.stop()  # a server of this run alone, and a child of this very process

    def url(self, role: str = "rientro_app") -> str:
        return self.cluster.url(role, self.name)

    def settings(self) -> dict[str, Any]:
        """What Django's settings of this database are, for the role of the application."""
        return environment.database(self.url())

    def empty(self) -> None:
        """Remove every row. DELETE, because TRUNCATE of sixty small tables takes ten times as long."""
        with psycopg.connect(
            self.cluster.url("superuser", self.name), autocommit=True
        ) as connection:
            rows = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            names = [sql.Identifier(name) for (name,) in rows if name not in KEPT]
            deletes = [sql.SQL("DELETE FROM {}").format(name) for name in names]
            # Neither references nor the guards of append-only tables are asked.
            quiet = sql.SQL("SET session_replication_role = replica; ")
            connection.execute(quiet + sql.SQL("; ").join(deletes))

    def _migrate(self, template: str) -> None:
        building = f"{template}_building"
        with self._superuser() as connection:
            name = sql.Identifier(building)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        self.cluster.prepare(building)
        environ = os.environ | {
            "DATABASE_URL": self.cluster.url("rientro_app", building),
            "DATABASE_OWNER_URL": self.cluster.url("rientro_owner", building),
        }
        # A process of its own: this one is the application, and Django has one role per process.
        done = subprocess.run(
            [sys.executable, "-m", "rientro.cli", "migrate"],
            env=environ,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"The migrations failed:\n{done.stdout}\n{done.stderr}")
        with self._superuser() as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(building), sql.Identifier(template)
                )
            )

    @contextmanager
    def _superuser(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(
            self.cluster.url("superuser", "postgres"), autocommit=True
        ) as connection:
            yield connection


def _exists(connection: psycopg.Connection[Any], name: str) -> bool:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return found.fetchone() is not None


def _state_of_schema() -> str:
    """A hash of everything that decides what an empty database looks like."""
    digest = hashlib.sha256()
    package = ROOT / "rientro"
    files = [
        *sorted((package / "migrations").glob("0*.py")),
        package / "kit" / "tenancy.py",
        package / "host" / "database.py",
    ]
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
