"""The real ``rientro up``: killed, started again, refused twice, healed, stopped."""

import json
import os
import re
import signal
import socket
from collections.abc import Iterator

import pytest

from rientro.host.house import House
from rientro.host.postgres import Cluster
from rientro.host.processes import command_of
from tests.host.folders import new_folder
from tests.host.houses import RunningHouse, environment, free_port, rientro

OWNER = ("--language", "it", "Sartoria Brina", "anna@example.test")
PASSWORD = "a-long-enough-word\n"


@pytest.fixture(scope="module")
def data() -> Iterator:
    with new_folder() as made:
        yield made / "data"


@pytest.fixture(scope="module")
def house(data) -> Iterator[RunningHouse]:
    running = RunningHouse(data, free_port())
    try:
        running.wait_ready()
        yield running
    finally:
        running.stop()


def noted(house: RunningHouse) -> dict:
    return json.loads((house.data / "running.json").read_text())


def merchants(data) -> str:
    told = rientro("manage", "shell", "-v", "0", "-c", SHOW, data=data)
    return told.stdout.strip()


SHOW = (
    "from rientro.models import Merchant; print(*Merchant.objects.values_list('name', flat=True))"
)


def test_a_house_killed_at_once_comes_back_as_it_was(house, data):
    assert rientro("create-merchant", *OWNER, data=data, words=PASSWORD).returncode == 0
    parts = noted(house)["parts"]
    cluster = Cluster(data / "postgres")
    server = cluster.server_pid()

    house.kill()
    house.start()

    house.wait_ready()
    assert cluster.server_pid() == server
    assert not any("rientro.host.child" in command_of(pid) for pid in parts.values())
    assert merchants(data) == "Sartoria Brina"


def test_a_second_house_on_the_same_data_is_refused_in_words(house, data):
    told = rientro("up", "--port", str(free_port()), data=data)

    assert told.returncode == 1
    assert f"already runs on {data} (process {house.process.pid})" in told.stderr
    assert house.status("/health/ready") == 200


def test_a_taken_port_is_said_in_words(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        told = rientro("up", "--port", str(port), data=folder / "data")

    assert told.returncode == 1
    assert f"Port {port}" in told.stderr
    assert "--port" in told.stderr
    assert not Cluster(folder / "data" / "postgres").is_alive()


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_part_that_was_killed_is_back(house, name):
    house.wait_until(lambda: name in noted(house)["parts"])
    before = noted(house)["parts"][name]

    os.kill(before, signal.SIGKILL)

    house.wait_until(lambda: noted(house)["parts"].get(name, before) != before, 30)
    house.wait_ready()


def test_a_killed_postgresql_is_back(house, data):
    cluster = Cluster(data / "postgres")
    before = cluster.server_pid()

    os.kill(before, signal.SIGKILL)

    house.wait_until(lambda: cluster.is_alive() and cluster.server_pid() != before, 30)
    house.wait_ready()


def test_the_doctor_finds_a_running_house_well(house, data):
    told = rientro("doctor", data=data)

    assert told.returncode == 0, told.stdout
    assert f"Rientro is running (process {house.process.pid})" in told.stdout
    assert re.search("job workers? (is|are) alive", told.stdout)
    assert "BAD" not in told.stdout


def test_a_backup_of_a_running_house_comes_back_elsewhere(house, data, folder):
    rientro("create-merchant", "Nordlicht", "eva@example.test", data=data, words=PASSWORD)
    file = folder / "rientro.backup"

    made = rientro("backup", str(file), data=data)
    assert made.returncode == 0, made.stderr
    secret = (data / "secret-key").read_text().strip().encode()
    back = rientro("restore", str(file), data=folder / "data")

    assert back.returncode == 0, back.stderr
    assert "counted" in back.stdout
    assert "under another secret key" in back.stdout
    assert merchants(folder / "data") == merchants(data)
    assert secret not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    again = rientro("restore", str(file), data=folder / "data")
    assert again.returncode == 1
    assert "never replaces any" in again.stderr
    assert "already runs" in rientro("restore", str(file), data=data).stderr


def test_the_roles_of_the_house_are_what_the_schema_needs(house, data):
    own = House(data, environment(data))

    with own.cluster.connect("rientro") as connection:
        rights = connection.execute(
            "SELECT has_table_privilege('rientro_app', 'rientro_ledgerentry', 'UPDATE'),"
            " has_table_privilege('rientro_app', 'rientro_event', 'DELETE'),"
            " has_table_privilege('rientro_app', 'rientro_event', 'INSERT'),"
            " has_table_privilege('rientro_app', 'rientro_order', 'UPDATE'),"
            " has_table_privilege('rientro_app', 'django_migrations', 'INSERT')"
        ).fetchone()

    assert rights == (False, False, True, True, False)


def test_stop_stops_everything_in_order(house, data):
    cluster = Cluster(data / "postgres")
    pids = [*noted(house)["parts"].values(), cluster.server_pid()]

    assert house.stop() == 0

    assert not cluster.is_alive()
    assert [command_of(pid) for pid in pids] == ["", "", ""]
    said = house.words()
    order = [said.rindex(f"stopping {name}") for name in ("web", "worker", "PostgreSQL")]
    assert order == sorted(order)
    assert not (data / "running.json").exists()
