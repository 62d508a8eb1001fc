"""What `script/medusa` is made of, as far as it can be tried without the network."""

import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rientro.host.real_medusa.house import MedusaError, MedusaHouse
from rientro.host.real_medusa.relay import Relay


def test_the_relay_passes_what_comes_to_the_socket_file_and_back(tmp_path: Path) -> None:
    place = tmp_path / "socket"
    far = socket.socket(socket.AF_UNIX)
    far.bind(str(place))
    far.listen()
    threading.Thread(target=_echo, args=(far,), daemon=True).start()
    relay = Relay(place)
    port = relay.start()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as near:
            near.sendall(b"select 1")
            answer = near.recv(100)
    finally:
        relay.stop()
        far.close()

    assert answer == b"told: select 1"


def _echo(far: socket.socket) -> None:
    there, _ = far.accept()
    with there:
        there.sendall(b"told: " + there.recv(100))


def test_a_socket_file_that_is_not_there_ends_the_connection(tmp_path: Path) -> None:
    relay = Relay(tmp_path / "nobody")
    port = relay.start()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as near:
            answer = near.recv(100)
    finally:
        relay.stop()

    assert answer == b""


def test_without_npm_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(MedusaError, match=r"Node\.js 20"):
        MedusaHouse(tmp_path / "medusa").install()


def test_nothing_is_sold_before_there_is_a_shop(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rientro.host.real_medusa", "sell", "--data", str(tmp_path)]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 1
    assert "script/medusa up" in done.stderr
