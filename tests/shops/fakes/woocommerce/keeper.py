"""The shopkeeper of the fake WooCommerce: what is done in its admin, with the stamps and webhooks that follow.

Sources: includes/class-wc-order.php (status_transition, maybe_set_date_completed), wc-stock-functions.php,
wc-order-functions.php (wc_create_refund), Shipment Tracking's ``_wc_shipment_tracking_items``.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.shops.fakes.shop import FakeShop, Line, Post, Refunded, Sale, ShopkeeperMay, Told
from tests.shops.fakes.woocommerce.answers import Writer
from tests.shops.fakes.woocommerce.books import (
    Back,
    BackRow,
    Item,
    Note,
    Order,
    Product,
    Sum,
    addresses,
    items_of,
    total_of,
    with_tax,
)
from tests.shops.fakes.woocommerce.webhooks import Webhook

NAMES = {
    "processing": "Processing",
    "completed": "Completed",
    "on-hold": "On hold",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
}
PARTS = {"street": "address_1", "postal_code": "postcode", "city": "city", "phone": "phone"}


class Keeper(FakeShop):
    """The books and the hand; the doors stand in ``FakeWooCommerce``. ``numbering``: a plug-in's prefix of numbers."""

    zone = "Europe/Rome"
    weight_unit = "kg"
    payment_method = "stripe"
    fee = 0  # minor units, tax included, on each order that is placed from now on

    def __init__(self, numbering: str = "") -> None:
        super().__init__()
        self.numbering = numbering
        self.orders: dict[int, Order] = {}
        self.products: dict[str, Product] = {}
        self.hooks: dict[int, Webhook] = {}
        self.coupons: dict[int, dict[str, Any]] = {}
        self.next_id = 1000  # orders, refunds, goods and coupons are all posts of one table
        self.sold = 0
        self.stocked = range(0)  # orders that are made when somebody asks for them
        self.stocked_from = self.now
        self.deleted: set[int] = set()
        self.revision = 0
        self.remembered: tuple[int, dict[Any, Sequence[int]]] = (0, {})

    def fresh_id(self) -> int:
        self.next_id += 1
        return self.next_id

    @property
    def writer(self) -> Writer:
        return Writer(self.url, self.zone, self.products, self.weight_unit)

    # Looking

    def order_ids(self) -> Iterator[int]:
        yield from (i for i in self.stocked if i not in self.orders and i not in self.deleted)
        yield from self.orders

    def look(self, order_id: int) -> Order | None:
        """The order; one of the stocked is made anew each time until it is ``held``."""
        if found := self.orders.get(order_id):
            return found
        if order_id in self.stocked and order_id not in self.deleted:
            return self._stocked(order_id)
        return None

    def hold(self, order_id: int | str) -> Order:
        """The order to be changed."""
        found = self.look(int(order_id))
        assert found is not None, order_id
        self.orders[found.order_id] = found
        return found

    def truth(self) -> dict[str, Told]:
        found = (self.look(order_id) for order_id in self.order_ids())
        return {str(o.order_id): o.told() for o in found if o is not None and o.status != "trash"}

    def refunds(self, order_id: str) -> list[Refunded]:
        order = self.look(int(order_id))
        return [order.refunded(back) for back in order.backs] if order else []

    def notes(self, order_id: str) -> list[str]:
        order = self.look(int(order_id))
        return [note.words for note in order.notes if not note.by_shop] if order else []

    def stock(self, sku: str) -> int:
        return self.products[sku].stock

    # The hand

    def place(self, sale: Sale) -> str:
        with self.lock:
            for line in sale.lines:
                self._shelve(line)
            order = self._written(sale, self.fresh_id(), self.now)
            for item in order.items:
                self.products[item.line.sku].stock -= item.quantity
            self.orders[order.order_id] = order
            self.revision += 1
            self._tell(order, "order.created")
            self._tell(order, "order.updated")
            return str(order.order_id)

    def edit(self, order_id: str, **changes: str) -> None:
        with self.lock:
            order = self.hold(order_id)
            where = [order.delivery]
            for name, value in changes.items():
                if name == "email":
                    order.billing["email"] = value
                elif name == "name":
                    first, _, last = value.partition(" ")
                    for address in where:
                        address |= {"first_name": first, "last_name": last}
                else:
                    for address in where:
                        address[PARTS[name]] = value
            self.changed(order)

    def change_units(self, order_id: str, sku: str, units: int) -> None:
        """Goods can be edited while an order is on hold: it is put there, edited, and put back."""
        with self.lock:
            order = self.hold(order_id)
            if order.status not in ("processing", "on-hold") or order.backs:
                raise ShopkeeperMay("this order is no longer editable")
            item = next(item for item in order.items if item.line.sku == sku)
            self._set_status(order, "on-hold")
            self.changed(order)
            self.products[sku].stock += item.quantity - units
            if units:
                item.subtotal = item.subtotal.part(units, item.quantity)
                item.total = item.total.part(units, item.quantity)
                item.quantity = units
            else:
                order.items.remove(item)
            self._set_status(order, "processing")
            self.changed(order)

    def cancel(self, order_id: str) -> None:
        with self.lock:
            order = self.hold(order_id)
            if order.status in ("cancelled", "refunded", "trash"):
                raise ShopkeeperMay(f"it is {order.status}")
            for item in order.items:
                left = item.quantity - order.units_back(item.item_id)
                self.products[item.line.sku].stock += left
            self._set_status(order, "cancelled")
            self.changed(order)

    def fulfil(self, order_id: str, tracking_number: str = "") -> None:
        with self.lock:
            order = self.hold(order_id)
            if order.status not in ("processing", "on-hold"):
                raise ShopkeeperMay(f"it is {order.status}")
            if tracking_number:
                self.put_meta(
                    order.meta, "_wc_shipment_tracking_items", [_way(self, tracking_number)]
                )
            self._set_status(order, "completed")
            self.changed(order)

    def refund(
        self, order_id: str, units: Mapping[str, int], *, restock: bool = False, amount: int = 0
    ) -> None:
        with self.lock:
            order = self.hold(order_id)
            skus = {item.line.sku: item for item in order.items}
            if order.status in ("cancelled", "trash") or not set(units) <= set(skus):
                raise ShopkeeperMay("nothing of it can be refunded")
            rows = tuple(_row(order, skus[sku], count) for sku, count in units.items())
            whole = amount or total_of(row.total for row in rows).gross
            if whole > order.left or any(row.units < 1 for row in rows):
                raise ShopkeeperMay("more than is left")
            self.give_back(order, rows, whole, reason="", restock=restock)

    def trash(self, order_id: str) -> None:
        with self.lock:
            order = self.hold(order_id)
            order.before_trash, order.status = order.status, "trash"
            self._stamp(order)
            self._tell(order, "order.deleted")

    def untrash(self, order_id: str) -> None:
        with self.lock:
            order = self.hold(order_id)
            order.status = order.before_trash
            self._stamp(order)
            self._tell(order, "order.restored")
            self._tell(order, "order.updated")

    def delete(self, order_id: str) -> None:
        """For good. The shop tells of it only when it is put into the trash first."""
        with self.lock:
            self.hold(order_id)
            del self.orders[int(order_id)]
            self.deleted.add(int(order_id))
            self.revision += 1

    def stock_up(self, count: int) -> None:
        with self.lock:
            assert not self.stocked, "once is enough"
            self.stocked = range(self.next_id + 1, self.next_id + 1 + count)
            self.next_id += count
            self.stocked_from = self.now - timedelta(minutes=count)
            for number in range(20):
                self._shelve(_goods(number))
            self.revision += 1

    def deliver(
        self,
        post: Post,
        rng: random.Random,
        *,
        drop: float = 0.0,
        double: float = 0.0,
        shuffle: bool = False,
    ) -> list[int]:
        def counted(address: str, headers: Mapping[str, str], body: bytes) -> int:
            status = post(address, headers, body)
            if hook := self.hooks.get(int(headers.get("X-WC-Webhook-ID", "0"))):
                hook.answered(status)
            return status

        return super().deliver(counted, rng, drop=drop, double=double, shuffle=shuffle)

    # What follows

    def give_back(
        self,
        order: Order,
        rows: tuple[BackRow, ...],
        amount: int,
        *,
        reason: str,
        restock: bool,
        by_gateway: bool = False,
    ) -> Back:
        """Write a refund down; the order is ``refunded`` once nothing of its money is left."""
        back = Back(self.fresh_id(), self.now, amount, reason, rows, False, by_gateway)
        if restock:
            names = {item.item_id: item.line.sku for item in order.items}
            for row in rows:
                if row.units and row.key in names:
                    self.products[names[row.key]].stock += row.units
                    back.restocked = True
        order.backs.append(back)
        if not order.left:
            self._set_status(order, "refunded")
        self.changed(order)
        return back

    def changed(self, order: Order) -> None:
        self._stamp(order)
        self._tell(order, "order.updated")

    def write_note(
        self, order: Order, words: str, author: str, *, to_customer: bool = False
    ) -> Note:
        """Notes are comments: the order itself is not stamped."""
        by_shop = author == "WooCommerce"
        note = Note(self.fresh_id(), self.now, words, author, to_customer, by_shop)
        order.notes.append(note)
        return note

    def put_meta(self, meta: list[dict[str, Any]], key: str, value: Any) -> None:
        for row in meta:
            if row["key"] == key:
                row["value"] = value
                return
        meta.append({"id": self.fresh_id(), "key": key, "value": value})

    def set_status(self, order: Order, status: str) -> None:
        self._set_status(order, status)

    def _set_status(self, order: Order, status: str) -> None:
        if order.status == status:
            return
        words = f"{NAMES.get(order.status, order.status)} to {NAMES.get(status, status)}."
        order.status = status
        if status == "completed":
            order.completed = self.now
        self.write_note(order, f"Order status changed from {words}", "WooCommerce")

    def _stamp(self, order: Order) -> None:
        order.modified = self.now
        self.revision += 1

    def _tell(self, order: Order, topic: str) -> None:
        deleted = topic.endswith(".deleted")
        for hook in self.hooks.values():
            if hook.topic == topic and hook.status == "active":
                words = {"id": order.order_id} if deleted else self.writer.order(order)
                self.outbox.append(hook.message(self.url, words, self.now))

    def _shelve(self, line: Line) -> Product:
        if found := self.products.get(line.sku):
            return found
        parent = self.fresh_id() if line.variant else 0
        self.products[line.sku] = Product(self.fresh_id(), line, parent)
        return self.products[line.sku]

    def _written(self, sale: Sale, order_id: int, at: datetime) -> Order:
        billing, shipping = addresses(sale, 0 if sale.in_store else order_id % 4)
        self.sold += 1
        number = f"{self.numbering}{self.sold:05d}" if self.numbering else str(order_id)
        plug_in = [{"id": order_id * 10, "key": "_order_number", "value": number}]
        order = Order(
            order_id=order_id,
            number=number,
            sale=sale,
            status="completed" if sale.in_store else "processing",
            created=at,
            modified=at,
            items=items_of(sale, order_id),
            shipping_cost=Sum() if sale.in_store else with_tax(sale.shipping, 22),
            fee=with_tax(self.fee, 22),
            billing=billing,
            shipping=shipping,
            payment_method="pos_cash" if sale.in_store else self.payment_method,
            created_via="pos-rest-api" if sale.in_store else "checkout",
            paid=at,
            completed=at if sale.in_store else None,
            meta=plug_in if self.numbering else [],
        )
        return order

    def stocked_at(self, order_id: int) -> datetime:
        return self.stocked_from + timedelta(minutes=order_id - self.stocked.start)

    def _stocked(self, order_id: int) -> Order:
        place, sold = order_id - self.stocked.start, self.sold
        sale = Sale(lines=(_goods(place % 20),), email=f"shopper{place}@example.com")
        order = self._written(sale, order_id, self.stocked_at(order_id))
        self.sold = sold
        order.number = f"{self.numbering}S{place:06d}" if self.numbering else str(order_id)
        return order


def _goods(number: int) -> Line:
    return Line(f"STOCK-{number:02d}", f"Thing {number}", 1 + number % 3, 1000 + 90 * number)


def _row(order: Order, item: Item, units: int) -> BackRow:
    """Units at what they cost; the last of them take what rounding left over."""
    left = item.quantity - order.units_back(item.item_id)
    if units > left:
        raise ShopkeeperMay("so many are not left")
    rest = item.total.less(order.money_back(item.item_id))
    paid = rest if units == left else item.total.part(units, item.quantity)
    return BackRow(item.item_id, units, paid)


def _way(keeper: Keeper, number: str) -> dict[str, str]:
    return {
        "tracking_provider": "",
        "custom_tracking_provider": "GLS",
        "custom_tracking_link": f"https://gls-group.com/track/{number}",
        "tracking_number": number,
        "date_shipped": str(int(keeper.now.timestamp())),
        "tracking_id": f"{keeper.fresh_id():032x}",
    }
