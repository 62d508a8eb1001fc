"""The whole house: how soon it serves, what it takes at rest, what a page costs.

``python -m rientro.host.bench.house``: starts a demo of its own, twice, and takes it down.
"""

import argparse
import http.client
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rientro.host.bench.spent import cpu_s, family, pss_mb
from rientro.host.postgres import Cluster

CALM_S = 15  # the queue's first work is done, and nothing is asked


def measure(data: Path, pages: int) -> dict[str, Any]:
    """Figures of a demo in ``data``; needs Linux, for it reads /proc."""
    port = _free_port()
    first = _Demo(data, port)
    first.stop()
    again = _Demo(data, port)
    try:
        time.sleep(CALM_S)
        rest = again.memory_mb()
        facts = json.loads((data / "demo.json").read_text())
        portal = "/" + facts["brands"][0]["slug"] + "/"
        costs = {path: again.cpu_ms(path, pages) for path in (portal, "/health/live")}
    finally:
        again.stop()
    return {
        "first start with demo data s": round(first.ready_s, 1),
        "later start s": round(again.ready_s, 1),
        "memory at rest MB (PSS)": rest,
        f"CPU ms per page of {pages}": costs,
    }


class _Demo:
    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port = data, port
        started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rientro.cli", "demo", "--data", str(data), "--port", str(port)],
            stdout=subprocess.DEVNULL,
        )
        while not self._answers():
            if self.process.poll() is not None:
                raise SystemExit("The demo did not start.")
            time.sleep(0.02)
        self.ready_s = time.perf_counter() - started
        while not (data / "running.json").exists():
            time.sleep(0.02)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def memory_mb(self) -> dict[str, float]:
        """By part; the sandbox carrier is apart, because no real house has one."""
        parts: dict[str, int] = json.loads((self.data / "running.json").read_text())["parts"]
        server = Cluster(self.data / "postgres").server_pid() or 0
        groups = {
            "house": [self.process.pid],
            "web": family(parts["web"]),
            "worker": family(parts["worker"]),
            "postgresql": family(server),
        }
        told = {name: round(sum(map(pss_mb, pids)), 1) for name, pids in groups.items()}
        told["all"] = round(sum(told.values()), 1)
        told["sandbox carrier, not counted"] = round(pss_mb(parts["sandbox carrier"]), 1)
        return told

    def cpu_ms(self, path: str, count: int) -> float:
        """CPU time of the web part per answer, PostgreSQL's not counted."""
        web = family(json.loads((self.data / "running.json").read_text())["parts"]["web"])
        for _ in range(20):
            self._ask(path)
        before = sum(map(cpu_s, web))
        for _ in range(count):
            self._ask(path)
        return round((sum(map(cpu_s, web)) - before) * 1000 / count, 2)

    def _ask(self, path: str) -> int:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            asked.request("GET", path)
            answer = asked.getresponse()
            answer.read()
            return answer.status
        finally:
            asked.close()

    def _answers(self) -> bool:
        try:
            return self._ask("/health/ready") == 200
        except (OSError, http.client.HTTPException):
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure in a folder of its own, which is removed afterwards."""
    parser = argparse.ArgumentParser(prog="rientro.host.bench.house", description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="rientro-bench-") as folder:
        Path(folder).chmod(0o711)
        figures = measure(Path(folder) / "demo", asked.pages)
        Cluster(Path(folder) / "demo" / "postgres").destroy()
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
