"""What stands in the fake Medusa: exact amounts, units by what became of them, orders made from their number."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.shops.fakes.shop import Line, Sale

DECIMALS = {"JPY": 0, "KRW": 0, "HUF": 2, "BHD": 3, "KWD": 3}
BULK_STREETS = ("Via Roma", "Rue de Paris", "Hauptstraße")


def decimals(currency: str) -> int:
    return DECIMALS.get(currency.upper(), 2)


def from_minor(amount: int, currency: str) -> Decimal:
    """Medusa says money in whole units of the currency, with a point: 1234 cents are 12.34."""
    return Decimal(amount).scaleb(-decimals(currency))


def to_minor(amount: Fraction, currency: str) -> int:
    """Rounded down."""
    return int(amount * 10 ** decimals(currency) // 1)


@dataclass
class Item:
    """One line. ``discount`` is what is taken off all of it, tax included; it stays when the units are edited."""

    number: int
    line: Line
    quantity: int
    unit_price: Decimal
    discount: Fraction
    own_discount: Fraction  # the part of ``discount`` that is of this line's promotion
    born: datetime
    fulfilled: int = 0
    delivered: int = 0
    return_requested: int = 0
    return_received: int = 0
    return_dismissed: int = 0

    @property
    def returned(self) -> int:
        return self.return_received + self.return_dismissed

    @property
    def left(self) -> int:
        return self.quantity - self.returned

    @property
    def paid_each(self) -> Fraction:
        """What one unit costs after all discounts."""
        if not self.quantity:
            return Fraction(0)
        return Fraction(self.unit_price) - self.off / self.quantity

    @property
    def off(self) -> Fraction:
        return min(self.discount, Fraction(self.unit_price) * self.quantity)


@dataclass
class Paid:
    """Money given back."""

    number: int
    amount: Decimal
    note: str | None
    at: datetime
    by: str


@dataclass
class Parcel:
    number: int
    packed_at: datetime
    shipped_at: datetime
    tracking_number: str
    delivered_at: datetime | None = None


@dataclass
class Comeback:
    """A return in the shop's own books; ``items`` are {item number: [asked, received, damaged]}."""

    number: int
    order: int
    location: str
    at: datetime
    metadata: dict[str, object] | None = None
    status: str = "open"
    items: dict[int, list[int]] = field(default_factory=dict)
    pending: dict[int, list[int]] = field(default_factory=dict)  # said, not yet confirmed
    received_at: datetime | None = None


@dataclass
class Order:
    """One order. ``credits`` are amounts taken off its total because money was given back without goods."""

    number: int
    sale: Sale
    items: list[Item]
    created_at: datetime
    updated_at: datetime
    version: int = 1
    status: str = "pending"
    canceled_at: datetime | None = None
    email: str = ""
    address: dict[str, str | None] = field(default_factory=dict)
    metadata: dict[str, object] | None = None
    payments: list[Paid] = field(default_factory=list)  # refunds of its one payment
    parcels: list[Parcel] = field(default_factory=list)
    credits: list[tuple[Decimal, datetime, int]] = field(default_factory=list)
    change: str = ""  # what is being changed right now: "edit", "return_request", "return_receive"
    edits: list[tuple[int, int, int, datetime]] = field(default_factory=list)  # item, units, diff
    gone: list[Item] = field(default_factory=list)  # edited down to nothing
    paid: Decimal = Decimal(0)
    before: Fraction | None = None  # the total before the last change

    @property
    def shipping(self) -> Decimal:
        return from_minor(self.sale.shipping, self.sale.currency)

    @property
    def goods(self) -> Fraction:
        return sum((item.paid_each * item.left for item in self.items), Fraction(0))

    @property
    def gross(self) -> Fraction:
        """What it costs now, but for what was taken off without goods."""
        return self.goods + Fraction(self.shipping)

    @property
    def total(self) -> Fraction:
        return self.gross - sum((Fraction(amount) for amount, _, _ in self.credits), Fraction(0))

    @property
    def refunded(self) -> Decimal:
        return sum((paid.amount for paid in self.payments), Decimal(0))

    @property
    def owed(self) -> Fraction:
        """More than nothing: the shop owes it to the shopper (``pending_difference`` with the other sign)."""
        return Fraction(self.paid) - Fraction(self.refunded) - self.total

    @property
    def fulfilled(self) -> bool:
        return any(item.fulfilled for item in self.items)


def address_of(sale: Sale) -> dict[str, str | None]:
    first, _, last = sale.name.partition(" ")
    return {
        "company": sale.company,
        "first_name": first,
        "last_name": last,
        "address_1": sale.street,
        "address_2": sale.address_2,
        "city": sale.city,
        "country_code": sale.country.lower(),
        "province": sale.state,
        "postal_code": sale.postal_code,
        "phone": sale.phone,
    }


def order_of(number: int, sale: Sale, at: datetime) -> Order:
    """A paid order. What is off the whole order is spread over the lines by what they cost, unrounded."""
    cost = [Fraction(line.price * line.quantity - line.discount) for line in sale.lines]
    whole = sum(cost, Fraction(0))
    scale = Fraction(10 ** decimals(sale.currency))
    items = []
    for place, line in enumerate(sale.lines):
        share = Fraction(sale.discount) * cost[place] / whole if whole else Fraction(0)
        price = from_minor(line.price, sale.currency)
        own = line.discount / scale
        items.append(
            Item(number * 100 + place, line, line.quantity, price, own + share / scale, own, at)
        )
    order = Order(number, sale, items, at, at, email=sale.email, address=address_of(sale))
    order.paid = Decimal(order.gross.numerator) / Decimal(order.gross.denominator)
    return order


def bulk_sale(number: int) -> Sale:
    """What was bought under this number, when nobody ever looked."""
    line = Line(sku=f"BULK-{number % 50}", name=f"Thing {number % 50}", quantity=1 + number % 3,
                price=1000 + number % 700, weight_g=200)  # fmt: skip
    street = f"{BULK_STREETS[number % 3]} {number % 90 + 1}"
    return Sale(lines=(line,), email=f"buyer{number}@example.com", street=street)


class Books:
    """Orders by their number. Two stamps a number are kept; an order itself only once something was done to it."""

    def __init__(self) -> None:
        self.orders: dict[int, Order] = {}
        self.created = array("q")  # milliseconds since 1970
        self.updated = array("q")
        self._sorted: list[int] | None = None

    def __len__(self) -> int:
        return len(self.created)

    def add(self, sale: Sale, at: datetime) -> Order:
        self.created.append(stamp(at))
        self.updated.append(stamp(at))
        self._sorted = None
        order = order_of(len(self), sale, at)
        self.orders[order.number] = order
        return order

    def add_many(self, count: int, begin: datetime) -> None:
        for place in range(count):
            self.created.append(stamp(begin + timedelta(minutes=place)))
        self.updated.extend(self.created[-count:])
        self._sorted = None

    def get(self, number: int) -> Order | None:
        """As it stands; one that nobody has touched is made anew each time."""
        if number in self.orders:
            return self.orders[number]
        if 1 <= number <= len(self):
            return order_of(number, bulk_sale(number), moment(self.created[number - 1]))
        return None

    def touch(self, order: Order, at: datetime, *, version: int = 0) -> None:
        """Something was done to it that its stamp tells."""
        self.orders[order.number] = order
        order.version += version
        order.updated_at = moment(stamp(at))
        self.updated[order.number - 1] = stamp(at)
        self._sorted = None

    def keep(self, order: Order) -> None:
        """Something was done to it that its stamp does not tell."""
        self.orders[order.number] = order

    def by_update(self) -> list[int]:
        if self._sorted is None:
            self._sorted = sorted(range(1, len(self) + 1), key=lambda n: (self.updated[n - 1], n))
        return self._sorted

    def all(self) -> Iterator[Order]:
        for number in range(1, len(self) + 1):
            found = self.get(number)
            assert found
            yield found


def stamp(at: datetime) -> int:
    """Milliseconds, which is as fine as this shop's stamps are."""
    return int(at.timestamp() * 1000)


def moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).replace(
        microsecond=milliseconds % 1000 * 1000
    )
