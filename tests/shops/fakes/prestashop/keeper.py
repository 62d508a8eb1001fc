"""The shopkeeper's hand in a PrestaShop: what the back office does to the tables, and what it leaves alone.

A refund changes ``order_detail`` and makes an ``order_slip``; the order's own ``date_upd`` stays (PrestaShop
src/Adapter/Order/CommandHandler/IssuePartialRefundHandler.php, IssueReturnProductHandler.php). A shopper's e-mail
stands with the customer, whose own ``date_upd`` moves. An address corrected from the order's page becomes another
address, and the order points to it. The core sends no webhooks at all: modules do (devdocs, "Hooks" are PHP).
"""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import ClassVar
from zoneinfo import ZoneInfo

from tests.shops.fakes.prestashop.books import (
    CANCELED,
    ROWS_PER_ORDER,
    SHIPPED,
    Address,
    Books,
    Order,
    Row,
    Slip,
)
from tests.shops.fakes.shop import FakeShop, Refunded, Sale, Told, ToldLine

OF_ADDRESS = ("phone", "name", "street", "postal_code", "city")


class Keeper(FakeShop):
    SYSTEM: ClassVar[str] = "prestashop"

    def __init__(self) -> None:
        super().__init__()
        self.books = Books()

    @property
    def timezone(self) -> str:
        return str(self.books.zone)

    @timezone.setter
    def timezone(self, name: str) -> None:
        self.books.zone = ZoneInfo(name)

    def _order(self, order_id: str) -> Order:
        order = self.books.order(int(order_id))
        assert order is not None, order_id
        self.books.keep(order)
        return order

    def _changed(self, order: Order) -> None:
        order.changed_at = self.now
        self.books.version += 1

    def place(self, sale: Sale) -> str:
        return str(self.books.place(sale, self.now).id)

    def place_together(self, *sales: Sale) -> list[str]:
        """One checkout that the shop split into several orders, by carrier or warehouse: they share a reference."""
        first = self.books.place(sales[0], self.now)
        rest = [self.books.place(sale, self.now, first.reference) for sale in sales[1:]]
        return [str(order.id) for order in (first, *rest)]

    def place_in(self, shop_id: int, sale: Sale) -> str:
        """In another shop of the same installation."""
        return str(self.books.place(sale, self.now, shop_id=shop_id).id)

    def free_shipping(self, order_id: str) -> None:
        """A cart rule that gives the postage: it stands among the order's discounts, and no goods got cheaper."""
        order = self._order(order_id)
        order.shipping_discount = order.sale.shipping
        self._changed(order)

    def edit(self, order_id: str, **changes: str) -> None:
        order = self._order(order_id)
        if "email" in changes:
            guest = self.books.guests[order.customer_id]
            guest.email, guest.changed_at = changes["email"], self.now
        fields = {name: value for name, value in changes.items() if name in OF_ADDRESS}
        if fields:
            before = self.books.addresses[order.delivery_id]
            place = self.books.moved[order.id] = self.books.moved.get(order.id, 0) + 1
            order.delivery_id = order.id * ROWS_PER_ORDER + 1 + place
            self.books.addresses[order.delivery_id] = Address(
                order.delivery_id, replace(before.sale, **fields), self.now
            )
            before.deleted = True
            order.changed_at = self.now
        self.books.version += 1

    def _row(self, order: Order, sku: str) -> Row:
        return next(row for row in order.rows if row.line.sku == sku)

    def change_units(self, order_id: str, sku: str, units: int) -> None:
        """The row is gone when no units are left; an order without rows is canceled."""
        order = self._order(order_id)
        row = self._row(order, sku)
        row.product.stock += row.quantity - units
        row.quantity = units
        if not units:
            order.rows.remove(row)
        if not order.rows:
            order.states.append((CANCELED, self.now))
        self._changed(order)

    def cancel(self, order_id: str) -> None:
        order = self._order(order_id)
        for row in order.rows:
            row.product.stock += row.quantity - row.reinjected
        order.states.append((CANCELED, self.now))
        self._changed(order)

    def fulfil(self, order_id: str, tracking_number: str = "") -> None:
        order = self._order(order_id)
        order.tracking_number = tracking_number
        order.states.append((SHIPPED, self.now))
        self._changed(order)

    def refund(
        self, order_id: str, units: Mapping[str, int], *, restock: bool = False, amount: int = 0
    ) -> None:
        """Goods as a return of products once the order was sent, as a partial refund before; money as postage."""
        order = self._order(order_id)
        slip = Slip(
            len(self.books.slips) + 1,
            order.id,
            self.now,
            Fraction(0),
            amount,
            restocked=restock,
        )
        for sku, count in units.items():
            row = self._row(order, sku)
            price = row.unit * count
            if restock and any(state == SHIPPED for state, _ in order.states):
                row.returned += count
            else:
                row.refunded += count
            if restock:
                row.reinjected += count
                row.product.stock += count
            row.refunded_minor += order.left_of(price)
            slip.units[row.id] = (count, price)
            slip.products_minor += order.left_of(price)
        self.books.slips[slip.id] = slip
        self.books.version += 1

    def truth(self) -> dict[str, Told]:
        return {
            str(number): self._told(order)
            for number in self.books.order_ids()
            if (order := self.books.order(number))
        }

    def _told(self, order: Order) -> Told:
        address, guest = self.books.address(order.delivery_id), self.books.guest(order.customer_id)
        assert address is not None
        assert guest is not None
        sent = any(state == SHIPPED for state, _ in order.states)
        lines = [
            ToldLine(
                row.line.sku,
                row.quantity - row.refunded - row.returned,
                int(order.left_of(row.unit)),
            )
            for row in order.rows
        ]
        return Told(
            number=order.reference,
            email=guest.email,
            name=address.sale.name,
            postal_code=address.sale.postal_code,
            country=address.sale.country,
            currency=order.sale.currency,
            cancelled=order.state == CANCELED,
            fulfilled=sent,
            lines=tuple(sorted(lines, key=lambda line: line.sku)),
        )

    def refunds(self, order_id: str) -> list[Refunded]:
        sku_of = {row.id: row.line.sku for row in self._order(order_id).rows}
        return [
            Refunded(
                amount=int(slip.products_minor) + slip.shipping_minor,
                units={sku_of[row_id]: units for row_id, (units, _) in slip.units.items()},
                restocked=slip.restocked,
            )
            for slip in self.books.slips.values()
            if slip.order_id == int(order_id)
        ]

    def notes(self, order_id: str) -> list[str]:
        """The order's own note, and what stands in its messages for the shop's people only."""
        order = self._order(order_id)
        threads = [one for one, row in self.books.threads.items() if row["id_order"] == order_id]
        told = [order.note] if order.note else []
        told += [
            row["message"]
            for row in self.books.messages.values()
            if row["private"] == "1" and row["id_customer_thread"] in map(str, threads)
        ]
        return told + [
            row["message"]
            for row in self.books.remarks.values()
            if row["id_order"] == order_id and row["private"] == "1"
        ]

    def stock(self, sku: str) -> int:
        return self.books.products[sku].stock

    def stock_up(self, count: int) -> None:
        self.books.stock_up(count, self.now)
