"""Real ``rientro`` processes for tests, in a clean environment."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

KEPT = ("PATH", "HOME", "LANG", "RIENTRO_PG_BIN", "RIENTRO_PG_USER")


def environment(data: Path, **more: str) -> dict[str, str]:
    """What a person's shell would hold, with this data folder."""
    mine = {name: os.environ[name] for name in KEPT if name in os.environ}
    return mine | {"RIENTRO_DATA": str(data)} | more


def rientro(
    *arguments: str, data: Path, words: str = "", **more: str
) -> subprocess.CompletedProcess:
    """Run one verb to its end."""
    return subprocess.run(
        [sys.executable, "-m", "rientro.cli", *arguments],
        env=environment(data, **more),
        input=words,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RunningHouse:
    """``rientro up`` (or another verb that serves) with its output in a file."""

    def __init__(self, data: Path, port: int, verb: tuple[str, ...] = ("up",), **more: str) -> None:
        self.data, self.port, self.verb, self.more = data, port, verb, more
        data.mkdir(exist_ok=True)
        data.chmod(0o711)
        self.log = data / "output.log"
        self.log.touch()
        self.start()

    def start(self) -> None:
        self.heard = len(self.words())
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rientro.cli", *self.verb, "--port", str(self.port)],
                env=environment(self.data, **self.more),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def words(self) -> str:
        return self.log.read_text()

    def wait_until(self, question, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not question():
            assert time.monotonic() < deadline, self.words()
            assert self.process.poll() is None, self.words()
            time.sleep(0.05)

    def wait_ready(self) -> None:
        """The house itself says that it is ready, and a stranger finds it so."""
        self.wait_until(lambda: self._told() in self.words()[self.heard :])
        self.wait_until(lambda: self.status("/health/ready") == 200)

    def _told(self) -> str:
        return "ready at" if self.verb == ("up",) else "is running"

    def status(self, path: str) -> int:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            asked.request("GET", path)
            return asked.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            asked.close()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)
