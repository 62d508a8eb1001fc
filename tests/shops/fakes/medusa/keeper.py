"""The shopkeeper's hand in the fake Medusa: what the admin's pages do, without its API."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from tests.shops.fakes.medusa.amounts import key, number_of
from tests.shops.fakes.medusa.books import (
    Books,
    Comeback,
    Item,
    Order,
    Paid,
    Parcel,
    decimals,
    from_minor,
    to_minor,
)
from tests.shops.fakes.shop import FakeShop, Refunded, Sale, Told, ToldLine

WORDS = {
    "phone": "phone",
    "street": "address_1",
    "postal_code": "postal_code",
    "city": "city",
}
ON_THE_SHELF = 1_000


class Keeper(FakeShop):
    """Everything of the contract that is not the wire."""

    def __init__(self) -> None:
        super().__init__()
        self.books = Books()
        self.shelf: dict[str, int] = {}
        self.comebacks: dict[int, Comeback] = {}
        self.stories: dict[int, list[Refunded]] = {}
        self._numbers = 0

    def next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    def found(self, order_id: str) -> Order:
        order = self.books.get(number_of("order", order_id))
        assert order, order_id
        return order

    # The hand

    def place(self, sale: Sale) -> str:
        with self.lock:
            return key("order", self.books.add(sale, self.now).number)

    def edit(self, order_id: str, **changes: str) -> None:
        with self.lock:
            order = self.found(order_id)
            for name, value in changes.items():
                if name == "email":
                    order.email = value
                elif name == "name":
                    first, _, last = value.partition(" ")
                    order.address |= {"first_name": first, "last_name": last}
                else:
                    order.address[WORDS[name]] = value
            self.books.touch(order, self.now)

    def change_units(self, order_id: str, sku: str, units: int) -> None:
        """An order edit, confirmed at once; what is owed by then is neither paid nor given back."""
        with self.lock:
            order = self.found(order_id)
            self.edit_units(order, self.line(order, sku), units)

    def edit_units(self, order: Order, item: Item, units: int) -> None:
        order.before = order.total
        order.edits.append((item.number, units, units - item.quantity, self.now))
        item.quantity = units
        if not units:  # such a line is in the order no more
            order.items.remove(item)
            order.gone.append(item)
        self.books.touch(order, self.now, version=1)

    def cancel(self, order_id: str) -> None:
        with self.lock:
            order = self.found(order_id)
            assert not order.fulfilled, "All fulfillments must be canceled first"
            self.cancel_order(order)

    def cancel_order(self, order: Order) -> None:
        """What was paid goes back by itself."""
        rest = order.paid - order.refunded
        order.before = order.total
        if rest > 0:
            self.give_back(order, rest, None)
            order.credits.append((rest, self.now, order.version))
        order.status, order.canceled_at = "canceled", self.now
        self.books.touch(order, self.now, version=1)

    def fulfil(self, order_id: str, tracking_number: str = "") -> None:
        with self.lock:
            order = self.found(order_id)
            for item in order.items:
                self.put(item.line.sku, item.fulfilled - item.quantity)
                item.fulfilled = item.quantity
            parcel = Parcel(self.next_number(), self.now, self.now, tracking_number)
            order.parcels.append(parcel)
            order.before = order.total
            self.books.touch(order, self.now, version=2)  # packed, then sent

    def deliver_parcels(self, order_id: str) -> None:
        """The shopkeeper marks what was sent as delivered."""
        with self.lock:
            order = self.found(order_id)
            for parcel in order.parcels:
                parcel.delivered_at = self.now
            for item in order.items:
                item.delivered = item.fulfilled
            self.books.touch(order, self.now, version=1)

    def refund(
        self, order_id: str, units: Mapping[str, int], *, restock: bool = False, amount: int = 0
    ) -> None:
        """Goods that were sent come back by a return (damaged, without ``restock``); others by an edit. Money
        that is owed for goods is given back without a new stamp on the order."""
        with self.lock:
            order = self.found(order_id)
            for sku, count in units.items():
                item = self.line(order, sku)
                if item.fulfilled:
                    self.receive(order, {item.number: (count, restock)})
                else:
                    self.edit_units(order, item, item.quantity - count)
            money = from_minor(amount, order.sale.currency) if amount else _money(order)
            money = min(money, order.paid - order.refunded)
            if money > 0:
                self.pay_back(order, money, None)
            told = int(money.scaleb(decimals(order.sale.currency)))
            self.stories.setdefault(order.number, []).append(Refunded(told, dict(units), restock))

    # What both hands do

    def receive(self, order: Order, back: Mapping[int, tuple[int, bool]]) -> None:
        """Units came back: {item number: (units, whole)}."""
        order.before = order.total
        for item in order.items:
            count, whole = back.get(item.number, (0, True))
            if whole:
                item.return_received += count
                self.put(item.line.sku, count)
            else:
                item.return_dismissed += count
        self.books.touch(order, self.now, version=2)

    def pay_back(self, order: Order, amount: Decimal, note: str | None) -> bool:
        """What is more than the shop owed becomes a credit line, which an open change of the order forbids:
        then the payment has the refund all the same, and the order never hears of it (recorded so)."""
        owed = order.owed
        credit = Fraction(amount) - max(owed, Fraction(0))
        if credit <= 0:
            self.give_back(order, amount, note)
            self.books.keep(order)
            return True
        if order.change:
            self.give_back(order, amount, note, by="stuck")
            self.books.keep(order)
            return False
        order.before = order.total
        self.give_back(order, amount, note)
        line = Decimal(credit.numerator) / Decimal(credit.denominator)
        order.credits.append((line, self.now, order.version))
        self.books.touch(order, self.now, version=1)
        return True

    def give_back(self, order: Order, amount: Decimal, note: str | None, by: str = "") -> None:
        order.payments.append(Paid(self.next_number(), amount, note, self.now, by))

    def put(self, sku: str, units: int) -> None:
        self.shelf[sku] = self.shelf.get(sku, ON_THE_SHELF) + units

    @staticmethod
    def line(order: Order, sku: str) -> Item:
        return next(item for item in order.items if item.line.sku == sku)

    # The shop's own books

    def truth(self) -> dict[str, Told]:
        with self.lock:
            return {key("order", order.number): _told(order) for order in self.books.all()}

    def refunds(self, order_id: str) -> list[Refunded]:
        return list(self.stories.get(self.found(order_id).number, []))

    def notes(self, order_id: str) -> list[str]:
        """This shop's orders have no notes but their metadata, which its admin shows."""
        return [str(value) for value in (self.found(order_id).metadata or {}).values()]

    def stock(self, sku: str) -> int:
        return self.shelf.get(sku, ON_THE_SHELF)

    def stock_up(self, count: int) -> None:
        with self.lock:
            self.books.add_many(count, self.now)
            self.tick(60 * count)


def _money(order: Order) -> Decimal:
    """What is owed, as the admin's page offers it: in the currency's own smallest parts."""
    minor = to_minor(max(order.owed, Fraction(0)), order.sale.currency)
    return from_minor(minor, order.sale.currency)


def _told(order: Order) -> Told:
    address, currency = order.address, order.sale.currency
    gone = order.canceled_at is not None
    lines = [
        ToldLine(item.line.sku, 0 if gone else item.left, to_minor(item.paid_each, currency))
        for item in order.items
    ]
    return Told(
        number=str(order.number),
        email=order.email,
        name=f"{address['first_name']} {address['last_name']}".strip(),
        postal_code=address["postal_code"] or "",
        country=(address["country_code"] or "").upper(),
        currency=currency,
        cancelled=gone,
        fulfilled=order.fulfilled,
        lines=tuple(sorted(lines, key=lambda line: line.sku)),
    )
