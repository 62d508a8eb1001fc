"""One installation on this machine: its data folder, its database, and the environment of its processes."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rientro.host.postgres import APP, OWNER, Cluster

DATABASE = "rientro"


class House:
    """Where an installation lives. Made from the environment; holds nothing open until asked."""

    def __init__(self, data: Path, environ: Mapping[str, str], *, fast: bool = False) -> None:
        self.data = data.absolute()
        self.environ = dict(environ)
        self.given_url = self.environ.get("DATABASE_URL", "").strip()
        self.given_owner_url = self.environ.get("DATABASE_OWNER_URL", "").strip()
        self._fast = fast
        self._cluster: Cluster | None = None

    @classmethod
    def from_environment(cls) -> "House":
        """The house that RIENTRO_DATA and DATABASE_URL name."""
        return cls(Path(os.environ.get("RIENTRO_DATA") or "data"), os.environ)

    @property
    def embedded(self) -> bool:
        """Is the database a server of ours, in the data folder?"""
        return not self.given_url

    @property
    def cluster(self) -> Cluster:
        """The embedded server (also when it does not run)."""
        if self._cluster is None:
            self._cluster = Cluster(self.data / "postgres", fast=self._fast)
        return self._cluster

    # --- addresses

    @property
    def app_url(self) -> str:
        """The database as web and worker see it."""
        return self.cluster.url(APP, DATABASE) if self.embedded else self.given_url

    @property
    def owner_url(self) -> str:
        """The database as its owner sees it: for migrations, backups and restores."""
        if self.embedded:
            return self.cluster.url(OWNER, DATABASE)
        return self.given_owner_url or self.given_url

    @property
    def app_role(self) -> str:
        """The role that row-level security binds."""
        if self.embedded or not self.given_owner_url:
            return APP
        return unquote(urlsplit(self.given_url).username or "") or APP

    @property
    def steps_down(self) -> bool:
        """One address alone: its role owns the tables, and web and worker become ``rientro_app``."""
        return not self.embedded and not self.given_owner_url

    # --- the environment of processes

    def environment(self, *, owner: bool = False) -> dict[str, str]:
        """The environment of a process of this house."""
        made = self.environ | {
            "RIENTRO_DATA": str(self.data),
            "DATABASE_URL": self.app_url,
            "DJANGO_SETTINGS_MODULE": "rientro.config.settings",
            "RIENTRO_DB_ROLE": "owner" if owner else "app",
        }
        # Threads of the worker would each keep an arena of freed memory; two serve as well.
        made.setdefault("MALLOC_ARENA_MAX", "2")
        if self.embedded or self.given_owner_url:
            made["DATABASE_OWNER_URL"] = self.owner_url
        return made

    def enter(self, *, owner: bool = False) -> None:
        """Make this process one of the house: environment first, then Django."""
        os.environ.update(self.environment(owner=owner))
        import django

        django.setup()

    # --- the database's life

    def make_data_folder(self) -> None:
        """The folder is walked through by PostgreSQL's account, but only we may list it."""
        if not self.data.exists():
            self.data.mkdir(mode=0o711, parents=True)

    @contextmanager
    def database(self, *, always_stop: bool = False) -> Iterator[None]:
        """The database answers inside. The last one out stops an embedded server; ``up`` always does."""
        if not self.embedded:
            yield
            return
        self.make_data_folder()
        with (self.data / "in-use.lock").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                self.cluster.start()
                self.cluster.prepare(DATABASE)
                yield
            finally:
                if always_stop or _is_last(users.fileno()):
                    self.cluster.stop()


def _is_last(descriptor: int) -> bool:
    """Nobody else uses the database. Turning the shared lock into an exclusive one asks exactly that."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
