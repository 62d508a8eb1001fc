"""Complete returns: opened by the shopper's flow, the label bought from the sandbox carrier, its paper stored.

Run by itself in a house of its own: ``python -m rientro.host.bench.returns --returns 1000``. Two processes do
the three steps one return after the other, as web and worker do; PostgreSQL and the sandbox carrier are real and
their CPU is told beside. Mails and webhooks are posted, not sent.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from rientro.host.bench.imports import make_merchant, order_of
from rientro.host.bench.spent import cpu_s, family
from rientro.host.garbage import look_less
from rientro.host.house import House
from rientro.host.up import set_up

WARM = 20  # returns that each process makes before the clock starts


@contextmanager
def sandbox(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A sandbox carrier with books of its own; its process and address."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "rientro.host.sandbox_carrier",
            "--port",
            "0",
            "--data",
            str(folder),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        words = process.stdout.readline()
        yield process, next(word for word in words.split() if word.startswith("http://"))
    finally:
        process.terminate()
        process.wait()


def measure(house: House, returns: int, hands: int) -> dict[str, Any]:
    """Returns per second and CPU milliseconds of one return by part. Django is set up; rows stay behind."""
    from django.db import connections

    with sandbox(Path(os.environ["RIENTRO_DATA"])) as (carrier, address):
        merchant = _stage(address, (returns // hands + WARM) * hands)
        connections.close_all()
        context = multiprocessing.get_context("fork")
        gate, told = context.Barrier(hands + 1), context.SimpleQueue()
        share = [range(at, (returns // hands + WARM) * hands, hands) for at in range(hands)]
        workers = [
            context.Process(target=_hand, args=(merchant, numbers, gate, told)) for numbers in share
        ]
        for worker in workers:
            worker.start()
        gate.wait()
        server = house.cluster.server_pid() or 0
        before, started = (_cpu(server), _cpu(carrier.pid)), time.perf_counter()
        own = [told.get() for _ in workers]
        wall = time.perf_counter() - started
        after = _cpu(server), _cpu(carrier.pid)
        for worker in workers:
            worker.join()
    done = returns // hands * hands
    steps = {name: round(sum(each[name] for each in own) / done * 1000, 2) for name in own[0]}
    return {
        "returns": done,
        "processes": hands,
        "complete returns/s": round(done / wall),
        "CPU ms of one": steps
        | {
            "PostgreSQL": round((after[0] - before[0]) / done * 1000, 2),
            "sandbox carrier": round((after[1] - before[1]) / done * 1000, 2),
        },
    }


def _stage(address: str, orders: int) -> int:
    """A merchant with a contract and ``orders`` orders; its number."""
    from rientro.flows.connect_carrier import Contract, connect_carrier
    from rientro.flows.import_orders import import_orders
    from rientro.kit import clock
    from rientro.kit.tenancy import acting_for

    merchant, shop = make_merchant()
    with acting_for(merchant.pk):
        connect_carrier(
            contract=Contract(
                carrier="sandbox",
                name="Sandbox",
                credentials={"token": "sandbox-bench"},
                settings={"url": address},
                service="sandbox_return",
            ),
            account=None,
            actor="clock",
            now=clock.now(),
        )
        told = [
            replace(
                order_of(number),
                ordered_at=clock.now() - timedelta(days=2),
                outbound_tracking_number=f"OUT{number}",
            )
            for number in range(orders)
        ]
        import_orders(integration=shop, orders=told, actor="clock", now=clock.now())
    return int(merchant.pk)


def _hand(merchant: int, numbers: range, gate: Any, told: Any) -> None:
    """One process: warm up, meet the others at the gate, work, and tell the CPU seconds of each step."""
    from django.db import connections

    from rientro.kit.tenancy import acting_for

    spent: dict[str, float] = {"open": 0.0, "buy": 0.0, "store": 0.0}
    with acting_for(merchant):
        try:
            for number in numbers[:WARM]:
                _return(number, dict(spent))
        except BaseException:
            gate.abort()
            raise
        gate.wait()
        for number in numbers[WARM:]:
            _return(number, spent)
    told.put(spent)
    connections.close_all()


def _return(number: int, spent: dict[str, float]) -> None:
    from django.db import transaction

    from rientro.flows.buy_label import buy_label
    from rientro.flows.open_return import FromAddress, Pick, open_return
    from rientro.flows.store_label import store_label
    from rientro.kit import clock
    from rientro.models import Label, LabelPurchase, Order

    now, started = clock.now(), time.process_time()
    with transaction.atomic():
        order = Order.objects.select_related("brand").get(number=f"#BR-{100_000 + number}")
        line = order.lines.order_by("position").first()
    assert order.brand is not None
    assert line is not None
    ret = open_return(
        order=order,
        brand=order.brand,
        picks=[Pick(line.pk, 1)],
        method="print_at_home",
        refund_type="money",
        sender=FromAddress(
            name=order.name, street=order.street, city=order.city,
            postal_code=order.postal_code, country=order.country,
            house_number=order.house_number,
        ),
        language="en",
        note="",
        actor="shopper",
        now=now,
    )  # fmt: skip
    opened = time.process_time()
    with transaction.atomic():
        purchase = LabelPurchase.objects.get(parcel__ret=ret)
    buy_label(purchase=purchase, now=now)
    bought = time.process_time()
    with transaction.atomic():
        label = Label.objects.get(purchase=purchase)
    label = store_label(label=label, now=now)
    assert label.pdf_a6_id is not None
    spent["open"] += opened - started
    spent["buy"] += bought - opened
    spent["store"] += time.process_time() - bought


def _cpu(pid: int) -> float:
    return sum(map(cpu_s, family(pid)))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure in a house of its own, which is taken down afterwards."""
    parser = argparse.ArgumentParser(prog="rientro.host.bench.returns", description=__doc__)
    parser.add_argument("--returns", type=int, default=1_000)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="rientro-bench-") as folder:
        Path(folder).chmod(0o711)
        house = House(Path(folder) / "data", os.environ | {"RIENTRO_ALLOW_PRIVATE_TARGETS": "1"})
        with house.database():
            set_up(house)
            house.enter()
            look_less()
            figures = measure(house, asked.returns, asked.processes)
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
