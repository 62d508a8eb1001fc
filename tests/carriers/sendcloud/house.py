"""Our own Sendcloud: a real server process of this house and its worker, on the database of the tests."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from rientro.host.parent import VARIABLE
from rientro.host.parts import CHILD
from tests.host.houses import free_port

PATIENCE_S = 60


class House:
    """``rientro up`` without its own PostgreSQL: the web part, and the worker while ``at_work``."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "house.log"
        self.environ = os.environ | {
            "DATABASE_URL": database_url,
            # Named, so that the parts do not step down: this role is the application's already.
            "DATABASE_OWNER_URL": database_url,
            "RIENTRO_BASE_URL": self.url,
            "RIENTRO_MAIL": f"file:{folder / 'mails'}",
            VARIABLE: str(os.getpid()),
        }
        self.web = self._start("web", "--port", str(self.port), "--workers", "1")
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """With its worker, which ends before anybody empties the tables."""
        worker = self._start("worker")
        try:
            yield
        finally:
            worker.terminate()
            worker.wait(PATIENCE_S)

    def _start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*CHILD, *arguments], env=self.environ, stdout=log, stderr=subprocess.STDOUT
            )

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            assert self.web.poll() is None, self.words()
            try:
                if httpx.get(f"{self.url}/health/live", timeout=5).is_success:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise AssertionError(self.words())

    def words(self) -> str:
        return self.log.read_text()[-4000:]

    def stop(self) -> None:
        self.web.terminate()
        self.web.wait(PATIENCE_S)
