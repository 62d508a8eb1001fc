"""A file for a person to try: orders of shop B as its till and warehouse would export them to a German Excel."""

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from rientro.host.demo_data.orders import TILL_OF_SHOP_B, at_the_till, told
from rientro.policy.orders_in import LineIn, OrderIn

HEADINGS = (
    "Bestellnummer", "Bestelldatum", "Versanddatum", "Lieferdatum", "Kanal", "Kassenbon", "Empfänger",
    "Straße", "Hausnummer", "Adresszusatz", "PLZ", "Ort", "Land", "E-Mail", "Währung", "Artikelnummer",
    "Artikel", "Ausführung", "Menge", "Einzelpreis", "Gewicht (g)",
)  # fmt: skip


def write_order_file(path: Path, now: datetime) -> None:
    """Semicolons, a decimal comma, postal codes that begin with 0, and one sale from the till."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADINGS)
        for order in orders_of_the_file(now):
            writer.writerows(_row(order, line) for line in order.lines or ())


def orders_of_the_file(now: datetime) -> Iterator[OrderIn]:
    """The orders that the file tells, none of which the demo has."""
    yield from told("shop-b-file.txt", now)
    yield at_the_till(TILL_OF_SHOP_B, now)


def _row(order: OrderIn, line: LineIn) -> list[str]:
    return [
        order.number,
        _day(order.ordered_at),
        _day(order.fulfilled_at),
        _day(order.delivered_at),
        order.channel,
        order.receipt,
        order.name,
        order.street,
        order.house_number,
        order.address_2,
        order.postal_code,
        order.city,
        order.country,
        order.email,
        order.currency,
        line.sku,
        line.name,
        line.variant,
        str(line.quantity),
        f"{line.price_minor // 100},{line.price_minor % 100:02}",
        str(line.weight_g),
    ]


def _day(moment: datetime | None) -> str:
    return f"{moment:%d.%m.%Y}" if moment else ""
