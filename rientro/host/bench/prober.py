"""A patient shopper: asks one address again and again until told to stop, then says how long it waited.

``python -m rientro.host.bench.prober http://127.0.0.1:8000/brand/``: a process of its own, so that the one that is
measured does not slow the measuring.
"""

import http.client
import json
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

PAUSE_S = 0.05


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask until SIGTERM; one JSON line with milliseconds at the end."""
    address = urlsplit((arguments or sys.argv[1:])[0])
    waited: list[float] = []
    asking = True

    def stop(*_: Any) -> None:
        nonlocal asking
        asking = False

    signal.signal(signal.SIGTERM, stop)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    while asking:
        started = time.perf_counter()
        connection.request("GET", address.path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        waited.append(time.perf_counter() - started)
        time.sleep(PAUSE_S)
    sys.stdout.write(json.dumps(told(waited)) + "\n")


def told(waited: list[float]) -> dict[str, Any]:
    """How many answers, and their waiting in milliseconds."""
    ordered = sorted(waited)

    def at(share: float) -> float:
        return round(1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)], 1)

    return {"asked": len(ordered), "p50 ms": at(0.5), "p99 ms": at(0.99)} if ordered else {}


if __name__ == "__main__":
    main()
