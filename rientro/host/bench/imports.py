"""The bulk import beside COPY of the ready file into the same tables, in the same run.

Run by itself in a house of its own: ``python -m rientro.host.bench.imports --orders 100000``.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from rientro.host.bench.portal import Portal
from rientro.host.garbage import look_less
from rientro.host.house import DATABASE, House
from rientro.host.up import set_up

if TYPE_CHECKING:
    from rientro.policy.orders_in import OrderIn

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
LINES = 3
CHUNK = 20_000  # orders made and told in one call, so that memory stays flat
NAMES = ("Giulia Ferrero", "Jürgen Großmann", "Anna de Vries", "Zoë Martin", "Bjørn Aas")
CITIES = (("IT", "10131", "Torino"), ("DE", "20095", "Hamburg"), ("NL", "1012 AB", "Amsterdam"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Seconds for ``orders`` orders."""

    orders: int
    fresh_s: float
    again_s: float
    copy_s: float
    rss_grown_mb: float
    shopper: dict[str, Any]  # how long one waited while the fresh ones came in

    def facts(self) -> dict[str, Any]:
        fresh, again, copy = (self.orders / s for s in (self.fresh_s, self.again_s, self.copy_s))
        return {
            "orders": self.orders,
            "lines": self.orders * LINES,
            "fresh orders/s": round(fresh),
            "same again orders/s": round(again),
            "copy of the ready file orders/s": round(copy),
            "fresh / copy": round(fresh / copy, 2),
            "again / fresh": round(again / fresh, 2),
            "memory grown MB": round(self.rss_grown_mb, 1),
            "portal meanwhile": self.shopper,
        }


def measure(
    orders: int, superuser: Callable[[], psycopg.Connection[Any]], portal: Portal
) -> Figures:
    """Import ``orders`` orders, the same again, and their rows by COPY; a shopper visits during the first.

    Django is set up; rows stay behind.
    """
    from rientro.kit.tenancy import acting_for

    merchant, shop = make_merchant()
    before = peak_mb()
    spent: list[float] = []
    with acting_for(merchant.pk):
        shopper = portal.visited(
            f"brina-{merchant.pk}", lambda: spent.append(_import(shop, orders, "created"))
        )
        spent.append(_import(shop, orders, "unchanged"))
    grown = peak_mb() - before
    with superuser() as connection:
        copied = _copy(connection, merchant.pk)
    return Figures(
        orders=orders,
        fresh_s=spent[0],
        again_s=spent[1],
        copy_s=copied,
        rss_grown_mb=grown,
        shopper=shopper,
    )


def _import(shop: Any, orders: int, outcome: str) -> float:
    """Seconds in the flow; making the Python rows is not part of it."""
    from rientro.flows.import_orders import import_orders

    spent = 0.0
    for chunk in _chunks(orders):
        rows = [order_of(number) for number in chunk]
        started = time.perf_counter()
        results = import_orders(integration=shop, orders=rows, actor="clock", now=NOW)
        spent += time.perf_counter() - started
        assert {result.status for result in results} == {outcome}
    return spent


def make_merchant() -> tuple[Any, Any]:
    """A merchant with two brands, two addresses and the rule that tells its shop from the others."""
    from rientro.kit.tenancy import merchant_transaction
    from rientro.models import (
        Brand,
        Integration,
        Merchant,
        PortalName,
        PortalSettings,
        SenderAddress,
        ShippingRule,
    )

    merchant = Merchant.objects.create(name="Bench", created_at=NOW)
    with merchant_transaction(merchant.pk):
        shop = Integration.objects.create(shop_name="Bench", created_at=NOW)
        for name in ("brina", "nordlicht"):
            brand = Brand.objects.create(
                name=name, slug=f"{name}-{merchant.pk}", languages=["en"], created_at=NOW
            )
            PortalSettings.objects.create(brand=brand)
            PortalName.objects.create(slug=brand.slug, merchant=merchant, brand_id=brand.pk)
            address = SenderAddress.objects.create(
                label=name, company=name, street="Via Tortona", city="Milano", country="IT",
                brand=brand, is_default=name == "brina", created_at=NOW,
            )  # fmt: skip
        ShippingRule.objects.create(
            name="Nordlicht", position=1, created_at=NOW, updated_at=NOW,
            conditions=[{"property": "integration", "operator": "is", "compare_to": str(shop.pk)}],
            actions=[{"identifier": "ship_with_address", "value": str(address.pk)}],
        )  # fmt: skip
    return merchant, shop


def _chunks(orders: int) -> Iterator[range]:
    for start in range(0, orders, CHUNK):
        yield range(start, min(start + CHUNK, orders))


def order_of(number: int) -> "OrderIn":
    """The order that the benchmarks know by ``number``: three lines, one of three countries."""
    from rientro.policy.orders_in import LineIn, OrderIn

    country, postal_code, city = CITIES[number % len(CITIES)]
    return OrderIn(
        external_order_id=str(5_000_000 + number),
        number=f"#BR-{100_000 + number}",
        ordered_at=NOW - timedelta(minutes=number % 500_000),
        country=country,
        name=NAMES[number % len(NAMES)],
        street="Corso Moncalieri",
        house_number=str(number % 300),
        postal_code=postal_code,
        city=city,
        email=f"person{number}@example.test",
        phone="+39 011 5550101",
        currency="EUR",
        total_minor=13_800,
        lines=tuple(
            LineIn(
                name=f"Merino scarf {place}",
                quantity=1 + place,
                price_minor=4600,
                sku=f"SC-{(number + place) % 5000}",
                variant="Moss · one size",
                weight_g=300,
            )
            for place in range(LINES)
        ),
    )


def _copy(connection: psycopg.Connection[Any], merchant: int) -> float:
    """Seconds to COPY the same rows, ready as text, into the same tables for another merchant."""
    own = {"public_id": "gen_random_uuid()", "name": "'Bench copy'"}
    told = [name for name in _columns(connection, "rientro_merchant") if name != "id"]
    copied = (
        f"INSERT INTO rientro_merchant ({', '.join(told)}) "
        f"SELECT {', '.join(own.get(name, name) for name in told)} "
        "FROM rientro_merchant WHERE id = %s RETURNING id"
    )
    twin = connection.execute(copied.encode(), [merchant]).fetchone()
    assert twin is not None
    for table in ("integration", "brand", "senderaddress"):
        connection.execute(*_twins(connection, f"rientro_{table}", merchant, twin[0]))
    connection.commit()
    spent = 0.0
    with tempfile.TemporaryFile() as file:
        for table in ("rientro_order", "rientro_orderline"):
            file.seek(0)
            file.truncate()
            select, params, names = _select(connection, table, merchant, twin[0])
            with connection.cursor().copy(f"COPY ({select}) TO STDOUT", params) as out:
                for block in out:
                    file.write(block)
            file.seek(0)
            started = time.perf_counter()
            with connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as into:
                while block := file.read(1 << 20):
                    into.write(block)
            connection.commit()
            spent += time.perf_counter() - started
    return spent


def _columns(connection: psycopg.Connection[Any], table: str) -> list[str]:
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
        "AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        [table],
    )
    return [name for (name,) in rows]


def _select(
    connection: psycopg.Connection[Any], table: str, merchant: int, twin: int
) -> tuple[str, list[int], str]:
    names = _columns(connection, table)
    wanted = ", ".join("%s::bigint" if name == "merchant_id" else name for name in names)
    return (
        f"SELECT {wanted} FROM {table} WHERE merchant_id = %s",
        [twin, merchant],
        ", ".join(names),
    )


def _twins(
    connection: psycopg.Connection[Any], table: str, merchant: int, twin: int
) -> tuple[str, list[int]]:
    select, params, names = _select(connection, table, merchant, twin)
    return f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE {select}", params


def peak_mb() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure in a house of its own, which is taken down afterwards."""
    parser = argparse.ArgumentParser(prog="rientro.host.bench.imports", description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="rientro-bench-") as folder:
        Path(folder).chmod(0o711)
        house = House(Path(folder) / "data", os.environ)
        with house.database():
            set_up(house)
            house.enter()
            look_less()  # as the web part and the worker do
            portal = Portal(house)
            try:
                figures = measure(asked.orders, lambda: house.cluster.connect(DATABASE), portal)
            finally:
                portal.close()
    sys.stdout.write(json.dumps(figures.facts(), indent=2) + "\n")


if __name__ == "__main__":
    main()
