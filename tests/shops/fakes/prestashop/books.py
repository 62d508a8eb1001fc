"""What a PrestaShop has in its tables: orders with their rows, guests, addresses, slips, stock; numbers are ids.

Orders stocked up in bulk are made from their number when somebody asks, and kept only once they are changed.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.shops.fakes.shop import Line, Sale

DECIMALS = {"JPY": 0, "KRW": 0, "KWD": 3, "TND": 3, "BHD": 3}
PAID, SHIPPED, CANCELED, REFUNDED = 2, 4, 6, 7
FIRST_COUNTRIES = {"DE": 1, "ES": 6, "FR": 8, "IT": 10, "GB": 17, "US": 21}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ROWS_PER_ORDER = 100  # ids of rows are the order's id times this, and the row's place


@dataclass
class Product:
    id: int
    attribute_id: int  # 0 where there is no combination
    line: Line
    stock: int = 1000


@dataclass
class Row:
    """One ``order_detail``; ``unit`` is what a unit costs in minor units, tax included, after its own reduction."""

    id: int
    product: Product
    line: Line
    quantity: int
    unit: Fraction
    refunded: int = 0
    returned: int = 0
    reinjected: int = 0
    refunded_minor: Fraction = Fraction(0)


@dataclass
class Address:
    id: int
    sale: Sale
    made_at: datetime
    deleted: bool = False


@dataclass
class Guest:
    id: int
    email: str
    name: str
    made_at: datetime
    changed_at: datetime


@dataclass
class Slip:
    id: int
    order_id: int
    made_at: datetime
    products_minor: Fraction
    shipping_minor: int = 0
    units: dict[int, tuple[int, Fraction]] = field(default_factory=dict)  # {row: (units, minor)}
    restocked: bool = False
    by_api: bool = False


@dataclass
class Order:
    id: int
    reference: str
    shop_id: int
    sale: Sale
    customer_id: int
    delivery_id: int
    invoice_id: int
    made_at: datetime
    changed_at: datetime
    rows: list[Row]
    states: list[tuple[int, datetime]]
    tracking_number: str = ""
    note: str = ""
    shipping_discount: int = 0  # a cart rule that gives free shipping, minor units

    @property
    def state(self) -> int:
        return self.states[-1][0]

    @property
    def products(self) -> Fraction:
        return sum((row.unit * row.quantity for row in self.rows), Fraction(0))

    @property
    def discount(self) -> Fraction:
        """What cart rules take off the goods: never more than the goods cost."""
        return min(Fraction(self.sale.discount), self.products)

    @property
    def paid(self) -> Fraction:
        return self.products - self.discount + self.sale.shipping - self.shipping_discount

    def left_of(self, amount: Fraction) -> Fraction:
        """An amount of goods after its share of the order's discount: the shop spreads it by value."""
        return amount - amount * self.discount / self.products if self.products else amount


def reference_of(number: int) -> str:
    """Nine capitals that look drawn by lot and are not: one for each number."""
    left, word = number * 2_718_281_829 % 26**9, ""
    for _ in range(9):
        left, digit = divmod(left, 26)
        word = LETTERS[digit] + word
    return word


def first_and_last(name: str) -> tuple[str, str]:
    first, _, last = name.strip().partition(" ")
    return (first, last) if last else ("", first)


class Books:
    def __init__(self, zone: str = "Europe/Rome") -> None:
        self.zone = ZoneInfo(zone)
        self.version = 0  # goes up with every change, so that what was found once can be kept
        self.orders: dict[int, Order] = {}
        self.products: dict[str, Product] = {}
        self.guests: dict[int, Guest] = {}
        self.addresses: dict[int, Address] = {}
        self.slips: dict[int, Slip] = {}
        self.threads: dict[int, dict[str, Any]] = {}
        self.messages: dict[int, dict[str, Any]] = {}
        self.remarks: dict[int, dict[str, Any]] = {}
        self.cart_rules: dict[int, dict[str, Any]] = {}
        self.moved: dict[int, int] = {}  # order -> addresses made by corrections of it
        self._stamps: dict[int, tuple[str, str]] = {}
        self.countries = dict(FIRST_COUNTRIES)
        self.regions: dict[tuple[str, str], int] = {}
        self.currencies = {"EUR": 1}
        self.stocked: list[tuple[int, int, datetime]] = []  # (first id, count, when the first came)
        self.last_id = 0
        self._stocked_line = Line(sku="BULK-1", name="Bulk shirt", quantity=2, price=2490)
        self._stocked_sale = Sale(lines=(self._stocked_line,))

    def local(self, moment: datetime) -> str:
        """The shop writes its own wall clock, without a zone and without parts of a second."""
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def product(self, line: Line) -> Product:
        if line.sku not in self.products:
            number = len(self.products) + 1
            self.products[line.sku] = Product(
                number, number + 5000 if line.variant else 0, replace(line, discount=0)
            )
        return self.products[line.sku]

    def country(self, iso: str) -> int:
        return self.countries.setdefault(iso, 300 + len(self.countries))

    def region(self, iso: str, region: str) -> int:
        return self.regions.setdefault((iso, region), len(self.regions) + 1) if region else 0

    def currency(self, iso: str) -> int:
        return self.currencies.setdefault(iso, len(self.currencies) + 1)

    def place(self, sale: Sale, now: datetime, reference: str = "", shop_id: int = 1) -> Order:
        """A guest's checkout: a customer and two addresses of its own, paid at once."""
        self.last_id += 1
        order = self._made(self.last_id, sale, now, reference, shop_id)
        for row in order.rows:
            row.product.stock -= row.quantity
        self.keep(order)
        return order

    def keep(self, order: Order) -> None:
        self.orders[order.id] = order
        self.guests.setdefault(order.customer_id, self._guest(order))
        for address_id in (order.delivery_id, order.invoice_id):
            self.addresses.setdefault(address_id, Address(address_id, order.sale, order.made_at))
        self.version += 1

    def _made(
        self, number: int, sale: Sale, now: datetime, reference: str = "", shop_id: int = 1
    ) -> Order:
        self.country(sale.country)
        self.region(sale.country, sale.state)
        self.currency(sale.currency)
        rows = [
            Row(
                number * ROWS_PER_ORDER + place,
                self.product(line),
                line,
                line.quantity,
                Fraction(line.price * line.quantity - line.discount, line.quantity),
            )
            for place, line in enumerate(sale.lines, 1)
        ]
        return Order(
            id=number,
            reference=reference or reference_of(number),
            shop_id=shop_id,
            sale=sale,
            customer_id=number,
            delivery_id=number * ROWS_PER_ORDER,
            invoice_id=number * ROWS_PER_ORDER + 1,
            made_at=now,
            changed_at=now,
            rows=rows,
            states=[(PAID, now)],
        )

    def stock_up(self, count: int, now: datetime) -> None:
        self.product(self._stocked_line)
        first = now - timedelta(minutes=count)
        self.stocked.append((self.last_id + 1, count, first))
        self.last_id += count
        self.version += 1

    def _stocked_at(self, number: int) -> datetime | None:
        for first, count, start in self.stocked:
            if first <= number < first + count:
                return start + timedelta(minutes=number - first)
        return None

    def order(self, number: int) -> Order | None:
        if number in self.orders:
            return self.orders[number]
        when = self._stocked_at(number)
        return self._made(number, self._stocked_sale, when) if when else None

    def order_ids(self) -> range:
        return range(1, self.last_id + 1)

    def stamps(self, number: int) -> tuple[str, str]:
        """(date_add, date_upd) as the shop writes them."""
        if number in self.orders:
            order = self.orders[number]
            return self.local(order.made_at), self.local(order.changed_at)
        if number not in self._stamps:
            when = self.local(self.moments(number)[0])
            self._stamps[number] = (when, when)
        return self._stamps[number]

    def reference(self, number: int) -> str:
        return self.orders[number].reference if number in self.orders else reference_of(number)

    def moments(self, number: int) -> tuple[datetime, datetime]:
        """(made, changed), without making the whole order."""
        if number in self.orders:
            order = self.orders[number]
            return order.made_at, order.changed_at
        when = self._stocked_at(number) or datetime(1970, 1, 1, tzinfo=UTC)
        return when, when

    def _guest(self, order: Order) -> Guest:
        return Guest(
            order.customer_id, order.sale.email, order.sale.name, order.made_at, order.made_at
        )

    def guest(self, number: int) -> Guest | None:
        if number in self.guests:
            return self.guests[number]
        order = self.order(number)
        return self._guest(order) if order else None

    def address(self, number: int) -> Address | None:
        if number in self.addresses:
            return self.addresses[number]
        order = self.order(number // ROWS_PER_ORDER)
        if order is None or number % ROWS_PER_ORDER > 1:
            return None
        return Address(number, order.sale, order.made_at)

    def row(self, number: int) -> tuple[Order, Row] | None:
        order = self.order(number // ROWS_PER_ORDER)
        for row in order.rows if order else []:
            if order and row.id == number:
                return order, row
        return None
