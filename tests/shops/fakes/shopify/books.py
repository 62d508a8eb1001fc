"""The books of the fake Shopify: orders in minor units of their currency, before any word of an API.

Prices are kept as the shop types them: with tax where ``taxes_included``, without it elsewhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.shops.fakes.shop import Line, Sale

ORDER_BASE = 6_204_000_000_000
NUMBER_BASE = 1000
DIGITS = {"JPY": 0, "KRW": 0, "HUF": 2, "KWD": 3, "BHD": 3}
Address = dict[str, str]


def digits(currency: str) -> int:
    return DIGITS.get(currency, 2)


def half_up(value: int, share: int, of: int) -> int:
    """``value * share / of``, rounded half up, in whole minor units."""
    return (2 * value * share + of) // (2 * of)


@dataclass
class Item:
    """One line of an order. ``removed`` by an edit of the order or its cancellation, ``refunded`` as goods."""

    id: int
    sku: str
    title: str
    variant_title: str
    quantity: int
    unit: int
    line_discount: int
    tax_percent: int
    weight_g: int
    hs_code: str
    origin: str
    image: str
    taxes_included: bool
    order_discount: int = 0
    removed: int = 0
    refunded: int = 0
    fulfilled: int = 0
    gift_card: bool = False

    @property
    def total(self) -> int:
        return self.unit * self.quantity

    @property
    def discounted(self) -> int:
        """After the line's own discounts, before the order's."""
        return self.total - self.line_discount

    @property
    def net(self) -> int:
        """After all discounts; with tax where the shop's prices have it."""
        return self.discounted - self.order_discount

    @property
    def tax(self) -> int:
        base = 100 + self.tax_percent if self.taxes_included else 100
        return half_up(self.net, self.tax_percent, base)

    @property
    def paid(self) -> int:
        """What the shopper paid for all units, tax included."""
        return self.net if self.taxes_included else self.net + self.tax

    @property
    def left(self) -> int:
        return self.quantity - self.removed - self.refunded

    @property
    def unfulfilled(self) -> int:
        return max(0, self.left - self.fulfilled)

    def share(self, amount: int, units: int) -> int:
        """The part of ``amount`` that the next ``units`` carry; the parts of all units add up to it."""
        taken = self.removed + self.refunded
        return amount * (taken + units) // self.quantity - amount * taken // self.quantity


@dataclass(frozen=True)
class RefundRow:
    id: int
    item_id: int
    units: int
    restock_type: str  # NO_RESTOCK, CANCEL, RETURN
    location_id: int | None
    subtotal: int
    tax: int


@dataclass(frozen=True)
class Transaction:
    id: int
    kind: str  # SALE, REFUND
    amount: int
    gateway: str
    at: datetime
    parent_id: int | None = None


@dataclass
class RefundEntry:
    id: int
    at: datetime
    note: str
    rows: list[RefundRow]
    shipping: int = 0
    shipping_tax: int = 0
    transactions: list[Transaction] = field(default_factory=list)
    adjustment: int = 0  # what was paid out more (negative: less) than goods and shipping came to
    reason: str = ""
    of_edit: bool = False  # no refund to people: what an edit of the order took out

    @property
    def amount(self) -> int:
        return sum(paid.amount for paid in self.transactions)


@dataclass
class Parcel:
    id: int
    number: int
    at: datetime
    units: dict[int, int]  # item id -> units
    tracking_number: str
    updated: datetime
    delivered_at: datetime | None = None


@dataclass
class Order:
    id: int
    number: int
    name: str
    created: datetime
    updated: datetime
    email: str
    phone: str
    customer_id: int
    currency: str
    taxes_included: bool
    items: list[Item]
    shipping: int  # as the shop types it
    shipping_tax_percent: int
    shipping_address: Address | None
    billing_address: Address | None
    tags: list[str]
    source_name: str
    note: str = ""
    attributes: list[tuple[str, str]] = field(default_factory=list)
    edited: bool = False
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    sales: list[Transaction] = field(default_factory=list)
    refunds: list[RefundEntry] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)

    @property
    def shipping_tax(self) -> int:
        base = 100 + self.shipping_tax_percent if self.taxes_included else 100
        return half_up(self.shipping, self.shipping_tax_percent, base)

    @property
    def shipping_paid(self) -> int:
        return self.shipping if self.taxes_included else self.shipping + self.shipping_tax

    @property
    def total(self) -> int:
        return sum(item.paid for item in self.items) + self.shipping_paid

    @property
    def received(self) -> int:
        return sum(sale.amount for sale in self.sales)

    @property
    def refunded(self) -> int:
        return sum(refund.amount for refund in self.refunds)

    @property
    def shipping_refunded(self) -> int:
        return sum(entry.shipping for entry in self.refunds)

    @property
    def left_to_refund(self) -> int:
        return self.received - self.refunded

    @property
    def in_store(self) -> bool:
        return self.source_name == "pos"

    def item(self, item_id: int) -> Item | None:
        return next((item for item in self.items if item.id == item_id), None)

    def of_sku(self, sku: str) -> Item:
        return next(item for item in self.items if item.sku == sku)


def place(
    sale: Sale, number: int, at: datetime, *, taxes_included: bool, prefix: str, customer_id: int
) -> Order:
    """The order that ``sale`` becomes, paid in full."""
    id = ORDER_BASE + number
    items = [
        _item(line, id * 100 + place, taxes_included) for place, line in enumerate(sale.lines, 1)
    ]
    rate = max((line.tax_percent for line in sale.lines), default=0)
    _spread(items, _typed(sale.discount, rate, taxes_included))
    shipping = 0 if sale.in_store else _typed(sale.shipping, rate, taxes_included)
    address = None if sale.in_store else _address(sale)
    order = Order(
        id=id,
        number=number,
        name=f"{prefix}{number}",
        created=at,
        updated=at,
        email=sale.email,
        phone=sale.phone,
        customer_id=customer_id,
        currency=sale.currency,
        taxes_included=taxes_included,
        items=items,
        shipping=shipping,
        shipping_tax_percent=rate,
        shipping_address=address,
        billing_address=dict(address) if address else None,
        tags=sorted(sale.tags),
        source_name="pos" if sale.in_store else "web",
    )
    gateway = "cash" if sale.in_store else "shopify_payments"
    order.sales = [Transaction(id * 100 + 1, "SALE", order.total, gateway, at)]
    return order


def _item(line: Line, id: int, taxes_included: bool) -> Item:
    return Item(
        id=id,
        sku=line.sku,
        title=line.name,
        variant_title=line.variant,
        quantity=line.quantity,
        unit=_typed(line.price, line.tax_percent, taxes_included),
        line_discount=_typed(line.discount, line.tax_percent, taxes_included),
        tax_percent=line.tax_percent,
        weight_g=line.weight_g,
        hs_code=line.hs_code,
        origin=line.origin,
        image=line.image,
        taxes_included=taxes_included,
    )


def _typed(gross: int, percent: int, taxes_included: bool) -> int:
    return gross if taxes_included else half_up(gross, 100, 100 + percent)


def _spread(items: Sequence[Item], discount: int) -> None:
    """An order's discount goes to its lines in proportion to what they cost; the last takes the rest."""
    goods = sum(item.discounted for item in items)
    discount = min(discount, goods)
    if not discount:
        return
    rest = discount
    for item in items[:-1]:
        item.order_discount = discount * item.discounted // goods
        rest -= item.order_discount
    items[-1].order_discount = min(rest, items[-1].discounted)


def _address(sale: Sale) -> Address:
    first, _, last = sale.name.partition(" ")
    return {
        "firstName": first,
        "lastName": last,
        "company": sale.company,
        "address1": sale.street,
        "address2": sale.address_2,
        "city": sale.city,
        "zip": sale.postal_code,
        "province": sale.state,
        "country": sale.country,
        "phone": sale.phone,
    }


def full_name(address: Address) -> str:
    return " ".join(filter(None, (address["firstName"], address["lastName"])))


def units_left(items: Iterable[Item]) -> int:
    return sum(item.left for item in items)
