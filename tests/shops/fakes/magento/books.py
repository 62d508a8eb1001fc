"""The fake Magento's own books: orders, items and credit memos in whole minor units, tax included.

Sources: Magento_Sales and Magento_Tax of magento/magento2 2.4 (Order, Order\\State, Creditmemo\\Total). A discount
is kept tax included ("Apply Discount On Prices: Including Tax"), tax is taken after the discount.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from tests.shops.fakes.shop import Line, Sale, Told, ToldLine

DIGITS = {"JPY": 0, "KRW": 0, "KWD": 3}
BASE = "EUR"
RATES = {"EUR": Decimal(1), "USD": Decimal("1.1"), "GBP": Decimal("0.85"), "JPY": Decimal(160)}


def rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def without_tax(gross: int, percent: int) -> int:
    return rounded(Decimal(gross) * 100 / (100 + percent))


@dataclass
class Item:
    item_id: int
    line: Line
    kind: str = "simple"  # configurable and bundle have children
    parent: "Item | None" = None
    discount: int = 0  # the whole row's, with its share of what was taken off the order
    canceled: int = 0
    invoiced: int = 0
    refunded: int = 0
    shipped: int = 0
    given: dict[str, int] = field(default_factory=dict)  # {part: minor units that went back of it}

    @property
    def ordered(self) -> int:
        return self.line.quantity

    @property
    def priced(self) -> bool:
        """The row that carries the money: the configurable's parent, the dynamic bundle's children."""
        if self.kind == "bundle":
            return False
        return self.parent is None or self.parent.kind == "bundle"

    @property
    def gross(self) -> int:
        return self.line.price * self.ordered if self.priced else 0

    @property
    def net(self) -> int:
        return without_tax(self.gross, self.line.tax_percent)

    @property
    def tax(self) -> int:
        paid = self.gross - self.discount
        return paid - without_tax(paid, self.line.tax_percent)

    @property
    def compensation(self) -> int:
        """The tax inside the discount, which the shop adds back: net + tax + this - discount is what was paid."""
        return self.gross - self.net - self.tax

    @property
    def left(self) -> int:
        return self.ordered - self.canceled - self.refunded


@dataclass(frozen=True)
class MemoRow:
    """What a credit memo gives back of one row, in the parts that the shop keeps apart."""

    item: Item
    units: int
    net: int = 0
    discount: int = 0
    tax: int = 0
    compensation: int = 0

    @property
    def gross(self) -> int:
        return self.net + self.tax + self.compensation


@dataclass(frozen=True)
class Memo:
    entity_id: int
    order: "Order"
    at: datetime
    rows: tuple[MemoRow, ...]
    shipping: int = 0  # tax included
    plus: int = 0
    minus: int = 0
    comment: str = ""
    restocked: bool = False
    invoice_id: int | None = None

    @property
    def amount(self) -> int:
        goods = sum(row.gross - row.discount for row in self.rows)
        return goods + self.shipping + self.plus - self.minus


@dataclass(frozen=True)
class Comment:
    entity_id: int
    at: datetime
    words: str
    status: str | None
    entity: str = "order"
    told: int = 0
    on_front: int = 0


@dataclass(frozen=True)
class Shipment:
    entity_id: int
    order: "Order"
    at: datetime
    units: tuple[tuple[Item, int], ...]
    tracking_number: str = ""


@dataclass(frozen=True)
class Invoice:
    entity_id: int
    order: "Order"
    at: datetime
    transaction_id: str = ""  # of the gateway that took the money


@dataclass
class Order:
    entity_id: int
    increment_id: str
    sale: Sale
    items: list[Item]
    created_at: datetime
    updated_at: datetime
    address: dict[str, str] = field(default_factory=dict)
    state: str = "processing"
    status: str = "processing"
    method: str = "flatrate_flatrate"
    pickup: str = ""
    invoices: list[Invoice] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)
    memos: list[Memo] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    successor: int = 0  # the order that took its place
    predecessor: int = 0

    @property
    def shipping(self) -> int:
        return self.sale.shipping

    @property
    def shipping_left(self) -> int:
        return self.shipping - sum(memo.shipping for memo in self.memos)

    @property
    def total(self) -> int:
        return sum(item.gross - item.discount for item in self.items) + self.shipping

    @property
    def refunded(self) -> int:
        return sum(memo.amount for memo in self.memos)

    @property
    def paid(self) -> int:
        return self.total if self.invoices else 0

    @property
    def goods(self) -> list[Item]:
        """What is shipped, counted and refunded: not what only stands under a configurable, nor a bundle's own row."""
        return [item for item in self.items if item.priced]

    @property
    def digits(self) -> int:
        return DIGITS.get(self.sale.currency, 2)

    @property
    def rate(self) -> Decimal:
        return RATES.get(self.sale.currency, Decimal(1))

    def based(self, minor: int) -> int:
        """The amount in the shop's base currency, in its minor units."""
        units = Decimal(minor).scaleb(-self.digits) / self.rate
        return rounded(units.scaleb(DIGITS.get(BASE, 2)))

    def settle(self) -> None:
        """State and status after an invoice, a shipment or a credit memo (Order\\Handler\\State)."""
        if self.state == "canceled" or not self.invoices:
            return
        to_ship = any(item.left > item.shipped for item in self.goods)
        if self.paid == self.refunded and not to_ship:
            self.state = "closed"
        elif not to_ship:
            self.state = "complete"
        self.status = self.state

    def told(self) -> Told:
        lines = [
            ToldLine(
                sku=item.line.sku,
                units=item.left,
                price=(item.gross - item.discount) // item.ordered,
            )
            for item in self.goods
        ]
        return Told(
            number=self.increment_id,
            email=self.address["email"],
            name=self.address["name"],
            postal_code=self.address["postal_code"],
            country=self.address["country"],
            currency=self.sale.currency,
            cancelled=self.state == "canceled",
            fulfilled=any(item.shipped for item in self.goods)
            and not any(item.left > item.shipped for item in self.goods),
            lines=tuple(sorted(lines, key=lambda line: line.sku)),
        )


def items_of(sale: Sale, first_id: int, bundle: str = "") -> list[Item]:
    """The rows of a sale. A line with a variant is a configurable with its simple product below it."""
    items: list[Item] = []
    top = None
    if bundle:
        quantity = min(line.quantity for line in sale.lines)
        sku = "-".join([bundle, *(line.sku for line in sale.lines)])
        top = Item(first_id, Line(sku, bundle, quantity, 0), "bundle")
        items.append(top)
    for line in sale.lines:
        if line.variant and not top:
            above = Item(first_id + len(items), line, "configurable", discount=line.discount)
            items.append(above)
            items.append(Item(first_id + len(items), line, parent=above))
        else:
            items.append(Item(first_id + len(items), line, parent=top, discount=line.discount))
    _spread(sale.discount, [item for item in items if item.priced])
    return items


def _spread(discount: int, items: list[Item]) -> None:
    """A cart rule of a fixed amount: by what the rows cost, the last row takes what rounding left."""
    whole = sum(item.gross - item.discount for item in items)
    left = discount
    for item in items:
        cost = item.gross - item.discount
        part = min(left, rounded(Decimal(discount) * cost / whole)) if whole else 0
        if item is items[-1]:
            part = min(left, cost)
        item.discount += part
        left -= part
