"""The fake Shopware's own books: orders in whole minor units, tax included, with what was done to them and when.

Source: the entities of Checkout\\Order of shopware/shopware 6.7 (OrderDefinition, OrderLineItemDefinition,
OrderTransactionCaptureRefundDefinition) and Checkout\\Promotion (a discount is a line item of its own with a negative
price; its payload's ``composition`` names the lines that it came off).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tests.shops.fakes.shop import Line, Refunded, Sale, Told, ToldLine

DIGITS = {"JPY": 0, "KRW": 0, "KWD": 3}


def uuid(*words: object) -> str:
    """An id as Shopware writes them: 32 hex digits, no dashes."""
    return hashlib.md5("/".join(map(str, words)).encode(), usedforsecurity=False).hexdigest()


def id_of(count: int) -> str:
    """The id of the order with this place, which can be read out of it again."""
    return f"{count:08x}{uuid('order', count)[8:]}"


def net_of(gross: int, percent: int) -> int:
    return int((Decimal(gross) * 100 / (100 + percent)).quantize(Decimal(1), ROUND_HALF_UP))


@dataclass
class Stamp:
    """``updated_at`` stays None until the row is changed for the first time (UpdatedAtField)."""

    created_at: datetime
    updated_at: datetime | None = None


@dataclass
class Item(Stamp):
    """``taken`` are the units that were refunded as goods."""

    item_id: str = ""
    line: Line = field(default_factory=lambda: Line("", "", 0, 0))
    quantity: int = 0
    position: int = 1
    taken: int = 0

    @property
    def total(self) -> int:
        return self.line.price * self.quantity


@dataclass
class Promotion(Stamp):
    item_id: str = ""
    name: str = ""
    amount: int = 0  # taken off, a positive number
    on: tuple[str, ...] = ()  # ids of the lines when it was given


@dataclass
class Refund(Stamp):
    refund_id: str = ""
    amount: int = 0
    units: dict[str, int] = field(default_factory=dict)  # {item id: units}
    reason: str = ""
    reference: str = ""
    restocked: bool = False
    state: str = "completed"


@dataclass
class Row(Stamp):
    """A delivery or a transaction: what has a state of its own."""

    row_id: str = ""
    state: str = "open"
    tracking: list[str] = field(default_factory=list)


@dataclass
class Order(Stamp):
    order_id: str = ""
    number: str = ""
    count: int = 0  # autoIncrement
    sale: Sale = field(default_factory=lambda: Sale(lines=()))
    state: str = "open"
    words: dict[str, str] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    promotions: list[Promotion] = field(default_factory=list)
    delivery: Row = field(default_factory=lambda: Row(datetime.min))
    transaction: Row = field(default_factory=lambda: Row(datetime.min))
    refunds: list[Refund] = field(default_factory=list)
    invoice: str = ""
    invoiced_at: datetime | None = None
    internal_comment: str | None = None
    custom_fields: dict[str, object] | None = None
    tax_status: str = "gross"
    captured_at: datetime | None = None

    @property
    def digits(self) -> int:
        return DIGITS.get(self.sale.currency, 2)

    @property
    def shipping(self) -> int:
        return self.sale.shipping

    @property
    def total(self) -> int:
        goods = sum(item.total for item in self.items)
        return goods - sum(one.amount for one in self.promotions) + self.shipping

    @property
    def left(self) -> int:
        return self.total - sum(one.amount for one in self.refunds if one.state == "completed")

    def share(self, item: Item) -> Fraction:
        """What promotions took off this line: a promotion's amount goes by what its lines cost now, and by all goods
        where none of its lines is there any more."""
        taken = Fraction(0)
        for one in self.promotions:
            named: Sequence[Item] = [row for row in self.items if row.item_id in one.on]
            rows = named or self.items
            cost = sum(row.total for row in rows)
            if item in rows and cost:
                taken += Fraction(one.amount * item.total, cost)
        return taken

    def told(self) -> Told:
        lines = [
            ToldLine(
                sku=item.line.sku,
                units=item.quantity - item.taken,
                price=max(0, int((item.total - self.share(item)) / item.quantity)),
            )
            for item in self.items
        ]
        return Told(
            number=self.number,
            email=self.words["email"],
            name=self.words["name"],
            postal_code=self.words["postal_code"],
            country=self.sale.country,
            currency=self.sale.currency,
            cancelled=self.state == "cancelled",
            fulfilled=self.delivery.state == "shipped",
            lines=tuple(sorted(lines, key=lambda line: line.sku)),
        )

    def refunded(self) -> list[Refunded]:
        skus = {item.item_id: item.line.sku for item in self.items}
        return [
            Refunded(
                amount=one.amount,
                units={skus[key]: units for key, units in one.units.items()},
                restocked=one.restocked,
                note=one.reason,
            )
            for one in self.refunds
            if one.state == "completed"
        ]


WORDS = ("email", "phone", "name", "company", "street", "address_2", "postal_code", "city")


def order_of(count: int, sale: Sale, at: datetime, *, first: int, tax_status: str) -> Order:
    """A new order: open, paid, to be shipped. ``count`` is its place; numbers begin at ``first``."""
    order_id = id_of(count)
    items = [
        Item(at, None, uuid(order_id, "line", n), line, line.quantity, n)
        for n, line in enumerate(sale.lines, 1)
    ]
    promotions = [
        Promotion(
            at,
            None,
            uuid(order_id, "off", n),
            f"{item.line.name} offer",
            item.line.discount,
            (item.item_id,),
        )
        for n, item in enumerate(items, 1)
        if item.line.discount
    ]
    if sale.discount:
        ids = tuple(item.item_id for item in items)
        promotions.append(Promotion(at, None, uuid(order_id, "off"), "Welcome", sale.discount, ids))
    return Order(
        created_at=at,
        order_id=order_id,
        number=str(first + count),
        count=count,
        sale=sale,
        words={name: getattr(sale, name) for name in WORDS},
        items=items,
        promotions=promotions,
        delivery=Row(at, None, uuid(order_id, "delivery")),
        transaction=Row(at, at, uuid(order_id, "transaction"), "paid"),
        tax_status=tax_status,
    )
