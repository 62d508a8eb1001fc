"""A file of 200,000 rows through the panel's own steps: read, previewed, imported.

Run by itself in a house of its own: ``python -m rientro.host.bench.files --rows 200000``.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rientro.host.bench.imports import NOW, make_merchant, peak_mb
from rientro.host.bench.portal import Portal
from rientro.host.house import House
from rientro.host.up import set_up

CALM_S = 4.0
HEADINGS = "Order number;Date;Name;Street;Postal code;City;Country;E-mail;Item;SKU;Quantity;Price"


def measure(rows: int, portal: Portal) -> dict[str, Any]:
    """Seconds for each step, how much memory the process grew by, and how long a shopper waited meanwhile.

    Django is set up; rows stay behind.
    """
    from rientro.flows.queue_import import queue_import
    from rientro.flows.read_file import read_file
    from rientro.flows.run_import import run_import
    from rientro.kit.tenancy import acting_for, merchant_transaction

    merchant, shop = make_merchant()
    content = _file(rows)
    before = peak_mb()
    with acting_for(merchant.pk):
        started = time.perf_counter()
        run = read_file(
            integration=shop, content=content, file_name="bench.csv", actor="clock", now=NOW
        )
        read = time.perf_counter() - started
        queue_import(run=run, now=NOW)
        calm = portal.visited(f"brina-{merchant.pk}", lambda: time.sleep(CALM_S))
        started = time.perf_counter()
        busy = portal.visited(f"brina-{merchant.pk}", lambda: run_import(run=run, now=NOW))
        taken = time.perf_counter() - started
    with merchant_transaction(merchant.pk):
        run.refresh_from_db()
    assert (run.rows_done, run.rows_refused) == (rows, 0), run.error
    return {
        "rows": rows,
        "orders": run.orders_created,
        "MB": round(len(content) / 1e6, 1),
        "upload and sniff s": round(read, 1),
        "import s": round(taken, 1),
        "rows/s": round(rows / taken),
        "memory grown MB": round(peak_mb() - before, 1),
        "portal, nothing else running": calm,
        "portal, meanwhile": busy,
    }


def _file(rows: int) -> bytes:
    lines = [HEADINGS]
    for number in range(rows):
        order = number // 3
        lines.append(
            f"BR-{order};{1 + order % 28:02}.10.2026;Jürgen Groß;Elbstraße {order % 300};22767;"
            f"Hamburg;DE;p{order}@ex.test;Scarf {number % 3};SC-{number % 5000};1;46,00"
        )
    return "\n".join(lines).encode()


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure in a house of its own, which is taken down afterwards."""
    parser = argparse.ArgumentParser(prog="rientro.host.bench.files", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="rientro-bench-") as folder:
        Path(folder).chmod(0o711)
        house = House(Path(folder) / "data", os.environ)
        with house.database():
            set_up(house)
            house.enter()
            portal = Portal(house)
            try:
                figures = measure(asked.rows, portal)
            finally:
                portal.close()
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
