"""The fake WooCommerce's own books: orders, items, refunds and goods in whole minor units, tax kept apart.

Sources: woocommerce/woocommerce, includes/abstracts/abstract-wc-order.php and class-wc-discounts.php: a line keeps
its total without tax and its tax, before (subtotal) and after discounts; a cart discount is shared out by amount.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.shops.fakes.shop import Line, Refunded, Sale, Told, ToldLine

DIGITS = {"JPY": 0, "KRW": 0, "KWD": 3}


def rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True)
class Sum:
    """An amount without tax and its tax; minor units."""

    net: int = 0
    tax: int = 0

    @property
    def gross(self) -> int:
        return self.net + self.tax

    def part(self, units: int, of: int) -> "Sum":
        """Both scaled, each rounded by itself, as the order screen does."""
        return Sum(*(rounded(Decimal(value) * units / of) for value in (self.net, self.tax)))

    def less(self, other: "Sum") -> "Sum":
        return Sum(self.net - other.net, self.tax - other.tax)


def with_tax(gross: int, percent: int) -> Sum:
    net = rounded(Decimal(gross) * 100 / (100 + percent))
    return Sum(net, gross - net)


def total_of(sums: Iterable[Sum]) -> Sum:
    found = list(sums)
    return Sum(sum(one.net for one in found), sum(one.tax for one in found))


@dataclass
class Item:
    """``subtotal`` is before discounts, ``total`` what was paid; both for all ``quantity``."""

    item_id: int
    line: Line
    quantity: int
    subtotal: Sum
    total: Sum


@dataclass(frozen=True)
class BackRow:
    """A row of a refund. ``units`` 0: money only. ``key`` is the item's id, or 0 for postage."""

    key: int
    units: int
    total: Sum


@dataclass
class Back:
    """A refund; ``amount`` is all of it, whether or not rows explain it."""

    refund_id: int
    at: datetime
    amount: int
    reason: str
    rows: tuple[BackRow, ...] = ()
    restocked: bool = False
    by_gateway: bool = False
    meta: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Note:
    note_id: int
    at: datetime
    words: str
    author: str
    to_customer: bool = False
    by_shop: bool = False  # the shop's own log, not a person's or a program's words


@dataclass
class Order:
    order_id: int
    number: str
    sale: Sale
    status: str
    created: datetime
    modified: datetime
    items: list[Item]
    shipping_cost: Sum
    fee: Sum
    billing: dict[str, str]
    shipping: dict[str, str]
    payment_method: str
    created_via: str = "checkout"
    paid: datetime | None = None
    completed: datetime | None = None
    before_trash: str = ""
    backs: list[Back] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    meta: list[dict[str, Any]] = field(default_factory=list)

    @property
    def total(self) -> int:
        goods = total_of(item.total for item in self.items)
        return goods.gross + self.shipping_cost.gross + self.fee.gross

    @property
    def left(self) -> int:
        return self.total - sum(back.amount for back in self.backs)

    @property
    def delivery(self) -> dict[str, str]:
        """Where the goods went: the shipping address, or the billing one where that was left empty."""
        return self.shipping if self.shipping["address_1"] else self.billing

    def units_back(self, key: int) -> int:
        return sum(row.units for back in self.backs for row in back.rows if row.key == key)

    def money_back(self, key: int) -> Sum:
        return total_of(row.total for back in self.backs for row in back.rows if row.key == key)

    def told(self) -> Told:
        """Of an order that is refunded whole nothing is left, even where only an amount was named."""
        gone = self.status in ("cancelled", "refunded")
        lines = [
            ToldLine(
                sku=item.line.sku,
                units=0 if gone else item.quantity - self.units_back(item.item_id),
                price=item.total.gross // item.quantity,
            )
            for item in self.items
        ]
        where = self.delivery
        return Told(
            number=self.number,
            email=self.billing["email"],
            name=f"{where['first_name']} {where['last_name']}".strip(),
            postal_code=where["postcode"],
            country=where["country"],
            currency=self.sale.currency,
            cancelled=self.status == "cancelled",
            fulfilled=self.completed is not None,
            lines=tuple(sorted(lines, key=lambda line: line.sku)),
        )

    def refunded(self, back: Back) -> Refunded:
        names = {item.item_id: item.line.sku for item in self.items}
        units = {names[row.key]: row.units for row in back.rows if row.units and row.key in names}
        marks = [str(meta["value"]) for meta in back.meta]
        return Refunded(back.amount, units, back.restocked, " ".join([back.reason, *marks]).strip())


@dataclass
class Product:
    """What stands on the shelf. A variation has a ``parent_id``."""

    product_id: int
    line: Line
    parent_id: int = 0
    stock: int = 1000


def items_of(sale: Sale, order_id: int) -> list[Item]:
    """The lines with the order's discount shared out by amount, what is left over cent by cent from the first."""
    paid = [max(line.price * line.quantity - line.discount, 0) for line in sale.lines]
    whole = sum(paid)
    off = min(sale.discount, whole)
    shares = [off * one // whole if whole else 0 for one in paid]
    rest = off - sum(shares)
    for place, one in enumerate(paid):
        more = min(rest, one - shares[place])
        shares[place] += more
        rest -= more
    return [
        Item(
            item_id=order_id * 100 + place,
            line=line,
            quantity=line.quantity,
            subtotal=with_tax(line.price * line.quantity, line.tax_percent),
            total=with_tax(paid[place - 1] - shares[place - 1], line.tax_percent),
        )
        for place, line in enumerate(sale.lines, 1)
    ]


def addresses(sale: Sale, kind: int) -> tuple[dict[str, str], dict[str, str]]:
    """Billing and shipping. Kind 1: the shipping fields were left empty; kind 3: the bill goes to somebody else."""
    first, _, last = sale.name.partition(" ")
    where = {
        "first_name": first,
        "last_name": last,
        "company": sale.company,
        "address_1": sale.street,
        "address_2": sale.address_2,
        "city": sale.city,
        "state": sale.state,
        "postcode": sale.postal_code,
        "country": sale.country,
        "phone": sale.phone,
    }
    billing = where | {"email": sale.email}
    if kind == 1:
        return billing, dict.fromkeys(where, "")
    if kind == 3:
        billing |= {
            "first_name": "Carla",
            "last_name": "Bianchi",
            "company": "Bianchi Srl",
            "address_1": "Corso Buenos Aires 9",
            "city": "Milano",
            "state": "MI",
            "postcode": "20124",
            "country": "IT",
        }
    return billing, where
