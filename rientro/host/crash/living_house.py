"""``rientro up`` as a process of its own, with a second worker beside it, and the hands that strike it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from rientro.host import parent
from rientro.host.bench.portal import free_port
from rientro.host.bench.spent import family
from rientro.host.house import House
from rientro.host.processes import send

READY_S = 300.0
STOP_S = 60.0


class NotUp(RuntimeError):
    """The house does not come (back) up."""


class LivingHouse:
    """One house under fire. ``strike`` methods answer True when there was something to strike."""

    def __init__(self, house: House, environ: Mapping[str, str]) -> None:
        self.house = house
        self.port = free_port()
        self._environ = dict(environ)
        self._log = house.data / "up.log"
        self._second: subprocess.Popen[bytes] | None = None
        self._closing = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self.starts = 0

    def __enter__(self) -> Self:
        self.house.make_data_folder()
        self._start()
        try:
            self.wait_ready()
        except NotUp:
            self.__exit__()
            raise
        self._keeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        if self._keeper.ident:
            self._keeper.join()
        if self._second and self._second.poll() is None:
            self._second.kill()
            self._second.wait()
        self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.house.cluster.stop()

    def _start(self) -> None:
        self.starts += 1
        with self._log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rientro.cli", "up", "--port", str(self.port)],
                env=self._environ, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip

    def _keep(self) -> None:
        """What init does on a real machine: start it again whenever it ends."""
        while not self._closing.wait(0.3):
            if self.process.poll() is not None:
                self._start()

    def wait_ready(self, within_s: float = READY_S) -> float:
        """Until the web part says that it is ready; the seconds that took."""
        from rientro.host.up import Choices, _answers

        began = time.monotonic()
        while not _answers(Choices(port=self.port)):
            if self.starts == 1 and self.process.poll() is not None:
                raise NotUp(self._log.read_text(errors="replace")[-3000:])
            if time.monotonic() - began > within_s:
                raise NotUp(f"not ready within {within_s:.0f} s\n{self._log.read_text()[-3000:]}")
            time.sleep(0.1)
        return time.monotonic() - began

    def start_second_worker(self) -> None:
        """A worker beside the house's own: two hands reach for the same jobs."""
        self._second = subprocess.Popen(
            [sys.executable, "-m", "rientro.host.child", "worker", "--concurrency", "2"],
            env={**self.house.environment(), parent.VARIABLE: str(os.getpid())},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    # Striking

    def pid_of(self, part: str) -> int | None:
        try:
            noted = json.loads((self.house.data / "running.json").read_text())["parts"]
        except (OSError, ValueError, KeyError):
            return None
        found = noted.get(part)
        return int(found) if found else None

    def kill(self, part: str) -> bool:
        pid = self.pid_of(part)
        if pid is None:
            return False
        send(pid, signal.SIGKILL)
        return True

    def kill_web_worker(self) -> bool:
        """One of the processes that serve; the part replaces it by itself."""
        pid = self.pid_of("web")
        workers = [child for child in family(pid) if child != pid] if pid else []
        for worker in workers[-1:]:
            send(worker, signal.SIGKILL)
        return bool(workers)

    def kill_second_worker(self) -> bool:
        if self._second is None:
            return False
        self._second.kill()
        self._second.wait()
        self.start_second_worker()
        return True

    def pause(self, part: str, seconds: float) -> bool:
        """Stopped like a machine that was put to sleep, then going on as if nothing had been."""
        pid = self.pid_of(part)
        if pid is None:
            return False
        send(pid, signal.SIGSTOP)
        time.sleep(seconds)
        send(pid, signal.SIGCONT)
        return True

    def kill_database(self, how: signal.Signals) -> bool:
        """SIGKILL for the postmaster, or SIGQUIT: its immediate stop. The house starts it again."""
        pid = self.house.cluster.server_pid()
        if pid is None:
            return False
        send(pid, how)
        return True

    def kill_all(self) -> bool:
        """The supervisor itself, then the whole house anew, as init would."""
        send(self.process.pid, signal.SIGKILL)
        return True


class FullDisk:
    """The data folder on a small disk of its own (tmpfs, root only), which can be filled to the last byte."""

    def __init__(self, folder: Path, megabytes: int = 700) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0711", "tmpfs", str(folder)],
            check=False, capture_output=True,
        )  # fmt: skip
        self.mounted = done.returncode == 0
        self._ballast = folder / "ballast"

    def fill(self, seconds: float) -> bool:
        if not self.mounted:
            return False
        with self._ballast.open("wb") as file:
            try:
                while True:
                    file.write(b"\0" * 65536)
                    file.flush()
            except OSError:
                time.sleep(seconds)
        self._ballast.unlink()
        return True

    def close(self) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=False)
