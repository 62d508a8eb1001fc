"""The table of people becomes orders as a shop would tell them, with dates that end now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from rientro.host.demo_data.products import PRODUCTS
from rientro.policy.orders_in import LineIn, OrderIn

TABLES = Path(__file__).parent / "tables"
FULFILLED_AFTER = timedelta(days=1)
DELIVERED_AFTER = timedelta(days=4)
LANGUAGES = {"IT": "it", "DE": "de", "AT": "de", "CH": "fr", "FR": "fr", "NL": "nl"}
MAILBOXES = {"IT": "posta.example", "DE": "mail.example", "AT": "mail.example"}
UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "ł": "l", "ż": "z", "ó": "o"}
)
# Their outbound parcels are known; all others left another house’s door.
SHIPPED_HERE = {"BR-10494", "NL-77349"}
PARTLY_SHIPPED = {"BR-10503", "NL-77362"}


@dataclass(frozen=True, slots=True, kw_only=True)
class InStore:
    """Bought at the till: no address, no postal code; the receipt's code opens it."""

    number: str
    receipt: str
    days_ago: float
    items: str
    country: str = "IT"
    language: str = "it"
    tag: str = "negozio Brera"


TILL = (
    InStore(
        number="BRERA-4416", receipt="S0931-4416", days_ago=4.4, items="SCP-CSH-TER GNT-NPP-CGN"
    ),
    InStore(number="BRERA-4391", receipt="S0931-4391", days_ago=11.7, items="CMC-PPL-CLS"),
)
TILL_OF_SHOP_B = InStore(
    number="HH-20417",
    receipt="K204-0417",
    days_ago=3.0,
    items="HND-WND-00L SCK-MRN-3ER*2",
    country="DE",
    language="de",
    tag="Filiale Hamburg",
)


def orders_of_shop_a(now: datetime) -> list[OrderIn]:
    """Thirty-three sent orders and two from the till."""
    return [*told("shop-a.txt", now), *(at_the_till(sale, now) for sale in TILL)]


def orders_of_shop_b(now: datetime) -> list[OrderIn]:
    """Twenty-five orders."""
    return told("shop-b.txt", now)


def told(table: str, now: datetime) -> list[OrderIn]:
    """The orders of one table."""
    rows = (TABLES / table).read_text().splitlines()
    return [
        _order([cell.strip() for cell in row.split("|")], now)
        for row in rows
        if not row.startswith("#")
    ]


def _order(cells: Sequence[str], now: datetime) -> OrderIn:
    number, name, street, house, more, postal, city, state, country, days_ago, items = cells
    ordered_at = now - timedelta(days=float(days_ago))
    order = OrderIn(
        external_order_id=f"shop-{number}",
        number=number,
        ordered_at=ordered_at,
        status="fulfilled",
        country=country,
        language=LANGUAGES[country],
        name=name,
        street=street,
        house_number=house,
        address_2=more,
        postal_code=postal,
        city=city,
        state=state,
        email=_mailbox(name, country),
        fulfilled_at=_past(ordered_at + FULFILLED_AFTER, now),
        delivered_at=_past(ordered_at + DELIVERED_AFTER, now),
        has_outbound=number in SHIPPED_HERE,
        outbound_tracking_number=f"00340434{number[-5:]}0021501" if number in SHIPPED_HERE else "",
        lines=_lines(number, items),
    )
    if number in PARTLY_SHIPPED:
        order = replace(order, status="partially_fulfilled", delivered_at=None)
    elif order.fulfilled_at is None:
        order = replace(order, status="open")
    return _summed(order)


def at_the_till(sale: InStore, now: datetime) -> OrderIn:
    """Sold, fulfilled and delivered in one moment."""
    sold_at = now - timedelta(days=sale.days_ago)
    return _summed(
        OrderIn(
            external_order_id=f"till-{sale.number}",
            number=sale.number,
            ordered_at=sold_at,
            fulfilled_at=sold_at,
            delivered_at=sold_at,
            channel="store",
            status="sold",
            country=sale.country,
            language=sale.language,
            receipt=sale.receipt,
            tags=(sale.tag,),
            lines=_lines(sale.number, sale.items),
        )
    )


def _lines(number: str, items: str) -> list[LineIn]:
    return [_line(number, at, item) for at, item in enumerate(items.split(), start=1)]


def _line(number: str, at: int, item: str) -> LineIn:
    item, _, quantity = item.partition("*")
    percent = 0
    if item not in PRODUCTS:
        item, _, off = item.rpartition("-")
        percent = int(off)
    product = PRODUCTS[item]
    return LineIn(
        line_key=f"{number}-{at}",
        name=product.name,
        variant=product.variant,
        sku=product.sku,
        product_id=product.sku[:7],
        variant_id=product.sku,
        quantity=int(quantity or 1),
        price_minor=product.price_minor * (100 - percent) // 100,
        weight_g=product.weight_g,
        hs_code=product.hs_code,
        origin_country=product.origin,
        final_sale=product.final_sale,
        properties=product.properties,
    )


def _summed(order: OrderIn) -> OrderIn:
    lines = order.lines or ()
    return replace(
        order,
        total_minor=sum(line.price_minor * line.quantity for line in lines),
        weight_g=sum(line.weight_g * line.quantity for line in lines),
    )


def _past(moment: datetime, now: datetime) -> datetime | None:
    return moment if moment < now else None


def _mailbox(name: str, country: str) -> str:
    words = name.lower().translate(UMLAUTS).replace("’", "").replace("'", "").split()
    return f"{words[0]}.{words[-1]}@{MAILBOXES.get(country, 'courrier.example')}"
