"""The sandbox carrier as a program beside the tests, and the hands that scan and break things there."""

import json
import re
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

START_S = 20


class SandboxProcess:
    """One running sandbox. ``customer()`` gives a token of its own, so that tests do not meet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start()

    def start(self, port: int = 0) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "rientro.host.sandbox_carrier",
                "--port",
                str(port),
                "--data",
                str(self.folder),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        found = re.search(r"http://\S+", first)
        assert found, first
        self.url = found.group()

    def kill(self) -> None:
        self.process.kill()
        self.stop()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(START_S)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def customer(self) -> "Customer":
        return Customer(self.url, self.folder / "sandbox.sqlite3")


class Customer:
    """A contract with the sandbox: its credentials, and the carrier's own people acting on its labels."""

    def __init__(self, url: str, file: Path) -> None:
        self.url = url
        self.file = file
        self.token = f"sandbox-{secrets.token_hex(8)}"
        self.credentials: dict[str, Any] = {"token": self.token}
        self.settings: dict[str, Any] = {"url": url}

    def fault(self, name: str, **words: Any) -> None:
        self._post("faults", {"fault": name, "token": self.token} | words)

    def switch(self, **abilities: bool) -> None:
        self._post("abilities", {"token": self.token} | abilities)

    def scan(self, tracking_number: str, status: str, **words: Any) -> dict[str, Any]:
        return self._post("scan", {"tracking_number": tracking_number, "status": status} | words)

    def labels(self) -> list[dict[str, Any]]:
        found = httpx.get(f"{self.url}/control/labels").json()["labels"]
        return [label for label in found if label["account"] == self.token]

    def requests(self) -> list[dict[str, Any]]:
        """What was asked for with each label, as the carrier wrote it down, oldest first."""
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as book:
            rows = book.execute(
                "SELECT request FROM labels WHERE account = ? ORDER BY rowid", [self.token]
            )
            return [json.loads(words) for (words,) in rows]

    def statement(self) -> dict[str, Any]:
        return self.ask("GET", "/v1/statement").json()

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | more.pop("headers", {})
        return httpx.request(method, self.url + path, headers=headers, **more)

    def _post(self, what: str, words: dict[str, Any]) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}/control/{what}", json=words)
        assert answer.is_success, answer.text
        return answer.json()


@contextmanager
def running_sandbox(folder: Path) -> Iterator[SandboxProcess]:
    """A sandbox on a free port for the time of the block."""
    process = SandboxProcess(folder)
    try:
        yield process
    finally:
        process.stop()


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """Import this and ``customer`` into a room's conftest, or into a test module."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as process:
        yield process


@pytest.fixture
def customer(sandbox_process: SandboxProcess) -> Customer:
    return sandbox_process.customer()
