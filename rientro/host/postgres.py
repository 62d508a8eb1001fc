"""The embedded PostgreSQL server: made, started, adopted, asked and stopped, from a ``bin`` folder alone.

    cluster = Cluster(Path("data/postgres"))
    cluster.start()                      # makes it the first time, adopts one that is still running
    cluster.prepare("rientro")           # roles, passwords, database
    connect(cluster.url("rientro_app"))
    cluster.stop()

The folder holds ``data`` (PostgreSQL's own), ``socket`` (mode 0700), ``passwords`` (mode 0700), ``server.log``
and ``lock``. A server is alive when a connection answers, never because of a pid file.
"""

import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from rientro.host.postgres_account import Account, account_for
from rientro.host.postgres_binaries import Programs, find_programs, reachable_for
from rientro.host.postgres_passwords import Passwords
from rientro.host.postgres_place import (
    belongs_to_a_removed_folder,
    leave_a_note,
    place_for,
    present_place,
    set_aside,
    short,
)
from rientro.host.postgres_settings import settings_for
from rientro.host.processes import command_of, send

SUPERUSER = "rientro_superuser"
OWNER = "rientro_owner"
APP = "rientro_app"
PORT = 5432
SOCKET_PATH_MAX = 107  # sun_path of Linux, without its closing zero; macOS allows 103
START_S = 60.0
STOP_S = 60.0
LOG_MAX_BYTES = 10_000_000
# Servers that this process started. They outlive every Cluster, and this process too when it is killed.
_children: dict[int, subprocess.Popen[bytes]] = {}


class ClusterError(RuntimeError):
    """The embedded server cannot be made, started or stopped; the sentence says what to do."""


class Cluster:
    """One embedded PostgreSQL server in one folder."""

    def __init__(self, folder: Path, *, fast: bool = False) -> None:
        self.asked_folder = Path(folder).resolve()
        self.fast = fast
        self.account: Account = account_for(present_place(self.asked_folder) / "data")
        self.folder = place_for(self.asked_folder, self.account)
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self._passwords = Passwords(self.folder / "passwords")

    # --- the four verbs

    def start(self) -> None:
        """Make, start or adopt the server; returns when a connection answers."""
        self._make_folder()
        with self._locked():
            self._make_socket_folder()  # made, then given away: nobody may look in between
            if self.is_alive() or self._wait_for_a_living_one():
                return
            programs = reachable_for(self.account, find_programs(), self.folder / "software")
            if not (self.data / "PG_VERSION").exists():
                self._initialise(programs)
            self._check_major(programs)
            self._write_settings(programs)
            self._launch(programs)

    def stop(self) -> None:
        """Stop the server, whoever started it; returns when it is gone. A stopped one is no error."""
        if not self.folder.exists():
            return
        with self._locked():
            pid = self.server_pid()
            if pid is None:
                return
            for how in (signal.SIGINT, signal.SIGQUIT):
                send(pid, how)
                if self._gone_within(pid, STOP_S):
                    return
        raise ClusterError(
            f"PostgreSQL (process {pid}) does not stop. Look into {self.log}; "
            f"as a last resort: kill -9 {pid}, then start Rientro again."
        )

    def destroy(self) -> None:
        """Stop the server and remove everything it kept. For tests."""
        self.stop()
        for folder in {self.folder, self.asked_folder, self.socket_folder}:
            shutil.rmtree(folder, ignore_errors=True)

    def is_alive(self) -> bool:
        """Does a connection answer?"""
        try:
            with self.connect() as connection:
                connection.execute("SELECT 1")
        except (psycopg.Error, OSError):
            return False
        return True

    def prepare(self, database: str = "rientro") -> None:
        """Make the two roles (with generated passwords) and the database; safe to repeat."""
        # Two at once would meet in the same catalogue rows.
        with self._locked(), self.connect() as connection:
            for role in (OWNER, APP):
                _ensure_role(connection, role, self._passwords.of(role))
            connection.execute(f"ALTER ROLE {APP} SET idle_in_transaction_session_timeout = '30s'")
            known = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [database]
            ).fetchone()
            name = sql.Identifier(database)
            if not known:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(name, sql.Identifier(OWNER))
                )
            for statement in (
                "REVOKE ALL ON DATABASE {} FROM PUBLIC",
                f"GRANT CONNECT, TEMPORARY ON DATABASE {{}} TO {APP}",
            ):
                connection.execute(sql.SQL(statement).format(name))

    # --- how to reach it

    def url(self, role: str = APP, database: str = "rientro") -> str:
        """The address of a database for ``rientro_app``, ``rientro_owner`` or ``superuser``."""
        user = SUPERUSER if role == "superuser" else role
        host = quote(str(self.socket_folder), safe="")
        password = quote(self._passwords.of(user), safe="")
        return f"postgresql://{user}:{password}@/{quote(database)}?host={host}&port={PORT}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection as the superuser, outside a transaction; for the supervisor itself."""
        return psycopg.connect(
            self.url("superuser", database),
            autocommit=True,
            connect_timeout=5,
            application_name="rientro supervisor",
        )

    @property
    def socket_folder(self) -> Path:
        """Inside the cluster's folder, or (when that path is too long for a socket) a short one of ours."""
        inside = self.folder / "socket"
        limit = SOCKET_PATH_MAX if sys.platform == "linux" else 103
        if len(os.fsencode(inside / f".s.PGSQL.{PORT}")) <= limit:
            return inside
        return Path(tempfile.gettempdir()) / f"rientro-{self.account.uid}-{short(self.folder)}"

    # --- making

    def _make_folder(self) -> None:
        if self.folder != self.asked_folder:
            if belongs_to_a_removed_folder(self.asked_folder, self.folder):
                self.stop()
                set_aside(self.folder)
            leave_a_note(self.asked_folder, self.folder, self.account)
        missing = [path for path in (self.folder, *self.folder.parents) if not path.exists()]
        for path in reversed(missing):
            path.mkdir(exist_ok=True)
            # Only folders made here: the server's account must walk through them, not list them.
            path.chmod(0o700 if self.account.is_me and path == self.folder else 0o711)
        if not self.account.is_me and not self.account.can_enter(self.folder):
            raise ClusterError(
                f"The account {self.account.name}, which runs PostgreSQL, cannot enter {self.folder}. "
                "Choose another data folder with RIENTRO_DATA, or let that account walk through it."
            )
        if self.folder.stat().st_uid != os.geteuid():
            raise ClusterError(
                f"{self.folder} belongs to another account. Start Rientro as the account that made it."
            )
        self._passwords.folder.mkdir(mode=0o700, exist_ok=True)

    def _make_socket_folder(self) -> None:
        folder = self.socket_folder
        try:
            folder.mkdir(mode=0o700)
            self.account.take(folder)
        except FileExistsError:
            pass
        found = folder.lstat()
        ours = stat.S_ISDIR(found.st_mode) and found.st_uid == self.account.uid
        if not ours or stat.S_IMODE(found.st_mode) != 0o700:
            raise ClusterError(
                f"{folder} must be a folder of mode 0700 that belongs to {self.account.name}. "
                "Look at who made it, remove it and start again."
            )

    def _initialise(self, programs: Programs) -> None:
        """Run initdb; what an earlier, interrupted one left behind is cleared first."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        self.account.take(self.data)
        secret = self.folder / "initial-password"
        secret.unlink(missing_ok=True)
        descriptor = os.open(secret, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(self._passwords.of(SUPERUSER) + "\n")
        self.account.take(secret)
        command = [
            *(programs["initdb"], "-D", str(self.data), "-U", SUPERUSER, f"--pwfile={secret}"),
            *("--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8"),
            *_locale(programs),
            *(("--no-sync",) if self.fast else ()),
        ]
        try:
            self._run(command, programs)
        finally:
            secret.unlink(missing_ok=True)
        with (self.data / "postgresql.conf").open("a") as file:
            file.write("\ninclude 'rientro.conf'\ninclude_if_exists 'local.conf'\n")

    def _run(self, command: list[str], programs: Programs) -> None:
        done = subprocess.run(
            command,
            cwd="/",
            env=programs.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **self.account.process_options(),
        )
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise ClusterError(f"PostgreSQL could not be set up:\n{done.stdout}{done.stderr}")

    def _check_major(self, programs: Programs) -> None:
        made_by = int((self.data / "PG_VERSION").read_text())
        if made_by != programs.major:
            raise ClusterError(
                f"The database in {self.data} was made by PostgreSQL {made_by}, but the programs in "
                f"{programs.folder} are version {programs.major}. Run `rientro upgrade-database`, or set "
                f"RIENTRO_PG_BIN to the bin folder of version {made_by}."
            )

    def _write_settings(self, programs: Programs) -> None:
        text = settings_for(programs.major, str(self.socket_folder), fast=self.fast)
        target = self.data / "rientro.conf"
        new = target.with_suffix(".new")
        new.write_text(text)
        new.chmod(0o600)
        self.account.take(new)
        new.replace(target)

    # --- starting and stopping

    def _launch(self, programs: Programs) -> None:
        deadline = time.monotonic() + START_S
        while True:
            pid = self._spawn(programs)
            if self._answers_before(deadline, pid):
                return
            ended = not self._is_ours(pid)
            # Backends of a postmaster killed with -9 hold its shared memory for a moment longer.
            if (
                not ended
                or time.monotonic() > deadline
                or "shared memory" not in self._last_words()
            ):
                raise ClusterError(f"PostgreSQL did not start:\n{self._last_words()}")
            time.sleep(0.3)

    def _spawn(self, programs: Programs) -> int:
        self._remove_false_pid_files()
        too_long = self.log.exists() and self.log.stat().st_size > LOG_MAX_BYTES
        if too_long:
            self.log.replace(self.log.with_suffix(".log.old"))
        with self.log.open("ab") as log:
            self.log.chmod(0o600)
            child = subprocess.Popen(
                [programs["postgres"], "-D", str(self.data)],
                cwd="/",
                env=programs.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the house, which stops this one last
                **self.account.process_options(),
            )
        _children[child.pid] = child
        return child.pid

    def _answers_before(self, deadline: float, pid: int) -> bool:
        pause = 0.01
        while time.monotonic() < deadline:
            if self.is_alive():
                return True
            if not self._is_ours(pid):
                return False
            time.sleep(pause)
            pause = min(pause * 1.3, 0.25)
        return False

    def _wait_for_a_living_one(self) -> bool:
        """A server of ours that runs without answering is starting or stopping: wait for either."""
        deadline = time.monotonic() + START_S
        while (pid := self.server_pid()) is not None:
            if self.is_alive():
                return True
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"PostgreSQL (process {pid}) runs but does not answer. Look into {self.log}."
                )
            time.sleep(0.1)
        return False

    def server_pid(self) -> int | None:
        """The server's process, if the pid file names one that lives and is a server of this folder."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if self._is_ours(pid) else None

    def _is_ours(self, pid: int) -> bool:
        mine = _children.get(pid)
        if mine and mine.poll() is not None:  # takes leave of a dead one, which would stay a zombie
            return False
        words = command_of(pid)
        # For a moment after its start a process has no command line yet.
        return str(self.data) in words or (mine is not None and not words)

    def _remove_false_pid_files(self) -> None:
        """After a crash the number in them may be a zombie's, or any other program's by now."""
        if self.server_pid() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            (self.socket_folder / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def _gone_within(self, pid: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self._is_ours(pid):
                return True
            time.sleep(0.02)
        return False

    def _last_words(self) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])
        except OSError:
            return f"(no log in {self.log})"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One starter or stopper at a time; the lock goes with the process that holds it."""
        with (self.folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _ensure_role(connection: psycopg.Connection, role: str, password: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = "ALTER" if known else "CREATE"
    connection.execute(
        sql.SQL(
            "{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {}"
        ).format(sql.SQL(verb), sql.Identifier(role), sql.Literal(password))
    )


def _locale(programs: Programs) -> tuple[str, ...]:
    if programs.major >= 17:
        return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    return ("--locale=C.UTF-8",) if sys.platform == "linux" else ("--locale=C",)
