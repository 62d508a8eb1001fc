"""The web part of a house that is measured, and a shopper who visits it meanwhile."""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from rientro.host.house import House

PATIENCE_S = 30


class Portal:
    """The web part of the house, and a shopper who visits it."""

    def __init__(self, house: House) -> None:
        self.port = free_port()
        self.web = subprocess.Popen(
            [sys.executable, "-m", "rientro.host.child", "web", "--port", str(self.port)],
            env=house.environment(),
        )
        wait_for(self.port)

    def visited(self, slug: str, work: Callable[[], object]) -> dict[str, Any]:
        """How long a visitor of the brand's first page waits while ``work`` is done."""
        address = f"http://127.0.0.1:{self.port}/{slug}/"
        visitor = subprocess.Popen(
            [sys.executable, "-m", "rientro.host.bench.prober", address],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            work()
        finally:
            visitor.terminate()
            said, _ = visitor.communicate()
        found: dict[str, Any] = json.loads(said)
        return found

    def close(self) -> None:
        self.web.terminate()
        self.web.wait()


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(port: int) -> None:
    """Until the web part on ``port`` answers."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health/live")
            connection.getresponse().read()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
