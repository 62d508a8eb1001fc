"""The shopkeeper's hand in the fake Shopify's admin, and its shelf of goods."""

from collections.abc import Mapping
from datetime import timedelta

from tests.shops.fakes import shop
from tests.shops.fakes.shop import Refunded, Sale, ShopkeeperMay, Told, ToldLine
from tests.shops.fakes.shopify import books, rest
from tests.shops.fakes.shopify.books import Item, Order, Parcel, RefundEntry, RefundRow, Transaction
from tests.shops.fakes.shopify.post import Buyer, Post

MAIN_LOCATION, STORE_LOCATION = 71_000_001, 71_000_002
NAMES = {"street": "address1", "postal_code": "zip", "city": "city"}


class Keeper(Post):
    # Sales and edits

    def place(self, sale: Sale) -> str:
        number = max(self.shelf.last_number, books.NUMBER_BASE) + 1
        buyer = self._buyer(sale)
        order = books.place(
            sale,
            number,
            self.moment(),
            taxes_included=self.taxes_included,
            prefix=self.prefix,
            customer_id=buyer.id,
        )
        for item in order.items:
            self.stock_of[item.sku] = self.stock(item.sku) - item.quantity
        if order.in_store:  # handed over at the till
            self._send_off(order, "")
        self.shelf.put(order)
        self.tell(order, "orders/create", "orders/paid")
        return str(order.id)

    def edit(self, order_id: str, **changes: str) -> None:
        order = self._known(order_id)
        order.email = changes.get("email", order.email)
        order.phone = changes.get("phone", order.phone)
        if rest_of := set(changes) - {"email", "phone"}:
            if order.shipping_address is None:
                raise ShopkeeperMay(f"a sale at the till has no {', '.join(sorted(rest_of))}")
            self._readdress(order.shipping_address, changes)
        self.change(order, "orders/updated")

    def _readdress(self, address: books.Address, changes: Mapping[str, str]) -> None:
        for name, value in changes.items():
            if name in NAMES:
                address[NAMES[name]] = value
        if "name" in changes:
            first, _, last = changes["name"].partition(" ")
            address |= {"firstName": first, "lastName": last}

    def change_units(self, order_id: str, sku: str, units: int) -> None:
        """An edit of the order: fewer units stay in ``quantity``, more raise it."""
        order = self._known(order_id)
        if order.cancelled_at or order.parcels:
            raise ShopkeeperMay("only what is not fulfilled can be edited")
        item = order.of_sku(sku)
        fewer = item.left - units
        if fewer < 0:
            item.quantity -= fewer
        else:
            if fewer and self.edits_are_refunds:
                row = self.row(item, fewer, "NO_RESTOCK", None)
                order.refunds.append(
                    RefundEntry(self.serial(), self.moment(), "", [row], of_edit=True)
                )
            item.removed += fewer
        self.stock_of[sku] = self.stock(sku) + fewer
        order.edited = True
        self.change(order, "orders/edited", "orders/updated")

    def cancel(self, order_id: str) -> None:
        """As the admin offers it: everything refunded and back on the shelf."""
        order = self._known(order_id)
        if order.cancelled_at:
            raise ShopkeeperMay("it is cancelled already")
        if order.parcels:
            raise ShopkeeperMay("what was fulfilled cannot be cancelled")
        rows = [
            self.row(item, item.left, "CANCEL", MAIN_LOCATION) for item in order.items if item.left
        ]
        shipping = order.shipping - order.shipping_refunded
        order.cancelled_at, order.cancel_reason = self.moment(), "CUSTOMER"
        self.book_refund(order, rows, shipping=shipping, amount=order.left_to_refund, note="")
        self.change(order, "orders/cancelled", "orders/updated")

    def fulfil(self, order_id: str, tracking_number: str = "") -> None:
        order = self._known(order_id)
        if order.cancelled_at or not any(item.unfulfilled for item in order.items):
            raise ShopkeeperMay("nothing is left to fulfil")
        self._send_off(order, tracking_number)
        self.change(order, "orders/fulfilled", "orders/updated")

    def _send_off(self, order: Order, tracking_number: str) -> None:
        units = {item.id: item.unfulfilled for item in order.items if item.unfulfilled}
        for item in order.items:
            item.fulfilled += item.unfulfilled
        at = self.moment()
        place = len(order.parcels) + 1
        order.parcels.append(Parcel(self.serial(), place, at, units, tracking_number, at))

    def hand_over(self, order_id: str) -> None:
        """The carrier says that the parcels arrived."""
        order = self._known(order_id)
        for parcel in order.parcels:
            parcel.delivered_at = parcel.delivered_at or self.moment()
            parcel.updated = self.moment()
        self.change(order, "fulfillments/update", "orders/updated")

    def delete(self, order_id: str) -> None:
        """Only archived or cancelled orders can go; nothing of them stays."""
        order = self._known(order_id)
        if not order.cancelled_at:
            raise ShopkeeperMay("only a cancelled order can be deleted")
        self.shelf.drop(order.id)
        self.send("orders/delete", {"id": order.id})

    # Refunds

    def refund(
        self, order_id: str, units: Mapping[str, int], *, restock: bool = False, amount: int = 0
    ) -> None:
        order = self._known(order_id)
        if amount > order.left_to_refund:
            raise ShopkeeperMay("more than was paid")
        rows = []
        for sku, count in units.items():
            item = order.of_sku(sku)
            if count > item.left:
                raise ShopkeeperMay("more than was bought")
            back = "RETURN" if item.fulfilled else "CANCEL"
            rows.append(self.row(item, count, back if restock else "NO_RESTOCK", MAIN_LOCATION))
        worth = sum(self.worth(order, row) for row in rows)
        paid = amount or min(worth, order.left_to_refund)
        self.book_refund(order, rows, amount=paid, note="")
        self.change(order, "orders/updated")

    def row(self, item: Item, units: int, restock_type: str, location: int | None) -> RefundRow:
        return RefundRow(
            self.serial(),
            item.id,
            units,
            restock_type,
            location if restock_type != "NO_RESTOCK" else None,
            item.share(item.net, units),
            item.share(item.tax, units),
        )

    def worth(self, order: Order, row: RefundRow) -> int:
        return row.subtotal + (0 if order.taxes_included else row.tax)

    def book_refund(
        self,
        order: Order,
        rows: list[RefundRow],
        *,
        note: str,
        amount: int,
        shipping: int = 0,
        reason: str = "",
        gateway: str = "",
    ) -> RefundEntry:
        """Write the refund down: units, money, shelf; ``gateway`` is the payment's own unless told."""
        tax = books.half_up(shipping, order.shipping_tax, order.shipping) if order.shipping else 0
        entry = RefundEntry(self.serial(), self.moment(), note, rows, shipping, tax)
        for row in rows:
            self._take_back(order, row)
        worth = sum(self.worth(order, row) for row in rows) + shipping
        worth += 0 if order.taxes_included else tax
        if amount:
            sale = order.sales[0]
            entry.transactions.append(
                Transaction(
                    self.serial(), "REFUND", amount, gateway or sale.gateway, entry.at, sale.id
                )
            )
        entry.adjustment = amount - worth
        entry.reason = reason or ("REFUND_DISCREPANCY" if entry.adjustment else "")
        order.refunds.append(entry)
        self.send("refunds/create", rest.refund(order, entry))
        return entry

    def _take_back(self, order: Order, row: RefundRow) -> None:
        item = order.item(row.item_id)
        assert item
        if row.restock_type == "CANCEL" and order.cancelled_at:
            item.removed += row.units
        else:
            item.refunded += row.units
        if row.restock_type != "NO_RESTOCK":
            self.stock_of[item.sku] = self.stock(item.sku) + row.units

    # What the shopkeeper reads out

    def truth(self) -> dict[str, Told]:
        told = {}
        for id in self.shelf.ids():
            order = self.shelf.get(id)
            assert order
            told[str(id)] = self._told(order)
        return told

    def _told(self, order: Order) -> Told:
        address = order.shipping_address
        buyer = next((b for b in self.buyers.values() if b.id == order.customer_id), None)
        name = f"{buyer.first_name} {buyer.last_name}".strip() if buyer else ""
        lines = [ToldLine(item.sku, item.left, item.paid // item.quantity) for item in order.items]
        return Told(
            number=order.name,
            email=order.email,
            name=books.full_name(address) if address else name,
            postal_code=address["zip"] if address else "",
            country=address["country"] if address else self.country,
            currency=order.currency,
            cancelled=order.cancelled_at is not None,
            fulfilled=bool(order.parcels),
            lines=tuple(sorted(lines, key=lambda line: line.sku)),
        )

    def refunds(self, order_id: str) -> list[Refunded]:
        """Those with money or goods given back; what an edit took out is none."""
        order = self._known(order_id)
        skus = {item.id: item.sku for item in order.items}
        return [
            Refunded(
                entry.amount,
                {skus[row.item_id]: row.units for row in entry.rows},
                any(row.restock_type != "NO_RESTOCK" for row in entry.rows),
                entry.note,
            )
            for entry in order.refunds
            if not entry.of_edit
        ]

    def notes(self, order_id: str) -> list[str]:
        order = self._known(order_id)
        return [order.note] if order.note else []

    def stock(self, sku: str) -> int:
        return self.stock_of.get(sku, 1000)

    def credit(self, email: str) -> int:
        """A customer's store credit in the shop's currency, in minor units."""
        return self.buyers[email].credit.get(self.currency, 0)

    def stock_up(self, count: int) -> None:
        first = max(self.shelf.last_number, books.NUMBER_BASE) + 1
        self.shelf.stock(first, count, self.moment() - timedelta(minutes=count))

    # Small things

    def _known(self, order_id: str) -> Order:
        order = self.shelf.get(int(order_id))
        if order is None:
            raise KeyError(order_id)
        return order

    def _buyer(self, sale: shop.Sale) -> Buyer:
        if sale.email not in self.buyers:
            first, _, last = sale.name.partition(" ")
            id = 7_100_000_000 + len(self.buyers) + 1
            self.buyers[sale.email] = Buyer(id, sale.email, first, last, sale.phone, self.moment())
        return self.buyers[sale.email]
