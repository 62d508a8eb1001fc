"""The shopkeeper of the fake Magento: what is done in the shop's own admin, and what stands in its books."""

import re
from collections.abc import Mapping
from dataclasses import replace

from tests.shops.fakes.magento.books import Comment, Invoice, Item, Memo, Order, Shipment, items_of
from tests.shops.fakes.magento.refunds import Asked, memo_of
from tests.shops.fakes.magento.shelf import ITEM_IDS, Shelf, address_of
from tests.shops.fakes.shop import FakeShop, Line, Refunded, Sale, Told

ON_SHELF = 100


class Keeper(FakeShop):
    def __init__(self) -> None:
        super().__init__()
        self.payment_action = "authorize_capture"  # or "authorize": invoiced when it is sent
        self.by_gateway = False  # a payment gateway takes the money, and gives it back when an invoice is refunded
        self.shelf = Shelf()
        self.catalogue: dict[str, Line] = {}
        self.counts: dict[str, int] = {}
        self.invoices: list[Invoice] = []
        self.shipments: list[Shipment] = []
        self.memos: list[Memo] = []
        self.comment_count = 0

    def place(self, sale: Sale) -> str:
        return str(self._placed(sale).entity_id)

    def place_bundle(self, sale: Sale, name: str) -> str:
        """The lines are what is in one bundle with a dynamic price."""
        return str(self._placed(sale, bundle=name).entity_id)

    def place_pickup(self, sale: Sale) -> str:
        """Fetched at the shop: the shop's own address stands where the parcel would go."""
        order = self._placed(sale)
        order.method, order.pickup = "instore_pickup", "firenze"
        return str(order.entity_id)

    def _placed(self, sale: Sale, *, bundle: str = "", instead: Order | None = None) -> Order:
        self.shelf.last_id += 1
        number = f"{self.shelf.last_id:09d}"
        if instead:
            root, _, edits = instead.increment_id.partition("-")
            number = f"{root}-{int(edits or 0) + 1}"
        items = items_of(sale, self.shelf.last_id * ITEM_IDS, bundle)
        order = Order(self.shelf.last_id, number, sale, items, self.now, self.now, address_of(sale))
        for line in sale.lines:
            self.catalogue[line.sku] = line
            self.counts.setdefault(line.sku, ON_SHELF)
        self.shelf.add(order)
        if self.payment_action == "authorize_capture":
            self._invoiced(order)
        return order

    def _order_of(self, order_id: str) -> Order:
        """The order, or the one that took its place."""
        order = self.shelf.get(int(order_id), keep=True)
        assert order, order_id
        return self._order_of(str(order.successor)) if order.successor else order

    def saved(self, order: Order) -> None:
        order.settle()
        order.updated_at = self.now
        self.shelf.touched()

    def _invoiced(self, order: Order) -> None:
        if order.invoices:
            return
        number = len(self.invoices) + 1
        paid_by = f"txn-{number}" if self.by_gateway else ""
        self.invoices.append(Invoice(number, order, self.now, paid_by))
        order.invoices.append(self.invoices[-1])
        for item in order.items:
            item.invoiced = item.ordered

    def edit(self, order_id: str, **changes: str) -> None:
        """As an ERP does it, by the shop's own API (``PUT /orders/create``): the order is saved anew."""
        order = self._order_of(order_id)
        order.address |= changes
        self.saved(order)

    def change_units(self, order_id: str, sku: str, units: int) -> None:
        """Fewer: the rest is refunded. More: another order in place of this one, which is cancelled or refunded."""
        order = self._order_of(order_id)
        item = self._item(order, sku)
        if units < item.left and order.invoices:
            self._refunded(order, Asked({item.item_id: item.left - units}, shipping=0))
        elif units != item.left and not any(one.shipped for one in order.items):
            lines = [
                replace(
                    line, quantity=units if line.sku == sku else self._item(order, line.sku).left
                )
                for line in order.sale.lines
            ]
            sale = replace(order.sale, lines=tuple(line for line in lines if line.quantity))
            self.cancel(order_id)
            if sale.lines:
                self._edited(order, sale)

    def _edited(self, order: Order, sale: Sale) -> None:
        made = self._placed(sale, instead=order)
        made.address = dict(order.address)
        made.predecessor, order.successor = order.entity_id, made.entity_id

    @staticmethod
    def _item(order: Order, sku: str) -> Item:
        return next(item for item in order.goods if item.line.sku == sku)

    def cancel(self, order_id: str) -> None:
        """What is paid cannot be cancelled in this shop: everything that is left is refunded, the order is "closed"."""
        order = self._order_of(order_id)
        if order.invoices:
            if order.paid > order.refunded:
                self._refunded(order, Asked())
            return
        self.canceled(order)

    def canceled(self, order: Order) -> None:
        for item in order.items:
            item.canceled = item.ordered
        order.state = order.status = "canceled"
        self.saved(order)

    def fulfil(self, order_id: str, tracking_number: str = "") -> None:
        order = self._order_of(order_id)
        sent = [(item, item.left - item.shipped) for item in order.goods]
        sent = [(item, units) for item, units in sent if units > 0]
        if not sent or order.state == "canceled":
            return
        self._invoiced(order)
        for item, units in sent:
            item.shipped += units
            self.counts[item.line.sku] = self.stock(item.line.sku) - units
        made = Shipment(len(self.shipments) + 1, order, self.now, tuple(sent), tracking_number)
        self.shipments.append(made)
        order.shipments.append(made)
        self.saved(order)

    def refund(
        self, order_id: str, units: Mapping[str, int], *, restock: bool = False, amount: int = 0
    ) -> None:
        """Units come without the shipping; ``amount`` is an adjustment of a credit memo with no goods."""
        order = self._order_of(order_id)
        if order.state == "canceled":
            return
        self._invoiced(order)
        wanted = {self._item(order, sku).item_id: n for sku, n in units.items()}
        asked = Asked(wanted, shipping=0, plus=amount)
        if amount:
            asked.units = {item.item_id: 0 for item in order.goods}
        if restock:
            asked.restock = list(wanted)
        self._refunded(order, asked)

    def _refunded(self, order: Order, asked: Asked, invoice: int | None = None) -> Memo:
        """Everything that a credit memo does; ``Refused`` when it may not be."""
        memo = memo_of(order, asked, len(self.memos) + 1, self.now, invoice)
        for row in memo.rows:
            back = self._back(order, row.item, row.units, asked.restock)
            self.counts[row.item.line.sku] = self.stock(row.item.line.sku) + back
            row.item.refunded += row.units
            for part in ("net", "discount", "tax", "compensation"):
                row.item.given[part] = row.item.given.get(part, 0) + getattr(row, part)
            for child in order.items:
                if child.parent is row.item:
                    child.refunded += row.units
        self.memos.append(memo)
        order.memos.append(memo)
        self.saved(order)
        return memo

    @staticmethod
    def _back(order: Order, item: Item, units: int, restock: list[int]) -> int:
        """Back to the shelf goes what had left it; what was never sent was only reserved (Magento_InventorySales)."""
        ids = {item.item_id} | {child.item_id for child in order.items if child.parent is item}
        if not ids & set(restock):
            return 0
        never_sent = item.left - item.shipped
        return max(0, units - max(0, never_sent))

    def commented(self, order: Order, words: str, status: str | None, *, on_front: int) -> None:
        self.comment_count += 1
        made = Comment(
            self.comment_count, self.now, words, status or order.status, on_front=on_front
        )
        order.comments.append(made)
        self.saved(order)
        order.status = status or order.status

    def truth(self) -> dict[str, Told]:
        told = {}
        for entity_id in self.shelf.ids():
            order = self.shelf.get(entity_id)
            assert order
            told[str(entity_id)] = order.told()
        return told

    def refunds(self, order_id: str) -> list[Refunded]:
        order = self._order_of(order_id)
        return [
            Refunded(
                amount=memo.amount,
                units={row.item.line.sku: row.units for row in memo.rows if row.units},
                restocked=memo.restocked,
                note=memo.comment,
            )
            for memo in order.memos
        ]

    def notes(self, order_id: str) -> list[str]:
        return [comment.words for comment in self._order_of(order_id).comments]

    def stock(self, sku: str) -> int:
        return self.counts.get(sku, ON_SHELF)

    def stock_up(self, count: int) -> None:
        self.shelf.stock_up(count, self.now)

    def line_of(self, sku: str) -> Line | None:
        if found := self.catalogue.get(sku):
            return found
        if match := re.fullmatch(r"STOCK-(\d+)", sku):
            return Line(sku, f"Thing {match[1]}", 1, 1000)
        return None
