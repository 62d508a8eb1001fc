"""The shopkeeper of the fake Shopware: what is done in its administration, and what that stamps.

Sources: shopware/shopware 6.7 (Checkout\\Order\\SalesChannel and Api, System\\StateMachine, Framework\\Webhook). The
administration edits an order in a version of its own and merges it into the live one after a recalculation, which
writes the order again: ``updatedAt`` of the order moves. A change of state writes only the row whose state it is: a
shipped delivery or a refunded payment leaves the order's own ``updatedAt`` alone. So does a refund, which is a row
below the payment's capture. Stock: since 6.5 an order takes units off when it is placed.
"""

import json
from collections.abc import Mapping
from typing import Any

from tests.shops.fakes.shop import FakeShop, Refunded, Sale, Sent, ShopkeeperMay, Told
from tests.shops.fakes.shopware import rows
from tests.shops.fakes.shopware.books import Item, Order, Refund, Row, uuid
from tests.shops.fakes.shopware.shelf import Shelf

ON_SHELF = 1000
# machine -> action -> (from, to); StateMachineStates of the core
MOVES: dict[str, dict[str, tuple[tuple[str, ...], str]]] = {
    "order": {
        "process": (("open",), "in_progress"),
        "complete": (("in_progress",), "completed"),
        "cancel": (("open", "in_progress"), "cancelled"),
        "reopen": (("cancelled", "completed"), "open"),
    },
    "order_delivery": {
        "ship": (("open", "shipped_partially"), "shipped"),
        "ship_partially": (("open",), "shipped_partially"),
        "retour": (("shipped", "shipped_partially", "returned_partially"), "returned"),
        "retour_partially": (("shipped", "shipped_partially"), "returned_partially"),
        "cancel": (("open", "shipped", "shipped_partially"), "cancelled"),
        "reopen": (("cancelled", "shipped"), "open"),
    },
    "order_transaction": {
        "refund": (("paid", "paid_partially", "refunded_partially"), "refunded"),
        "refund_partially": (("paid", "paid_partially"), "refunded_partially"),
        "paid": (("open", "in_progress", "reminded", "paid_partially"), "paid"),
        "cancel": (("open", "paid", "in_progress"), "cancelled"),
        "reopen": (("cancelled", "refunded", "failed"), "open"),
    },
}


class Keeper(FakeShop):
    def __init__(self) -> None:
        super().__init__()
        self.shelf = Shelf(self.stock)
        self.counts: dict[str, int] = {}
        self.tax_status = "gross"
        self.webhooks: dict[str, dict[str, Any]] = {}
        self.version = "6.7.2.0"
        self.told_count = 0
        self.invoice_count = 1000

    # Books

    def order_of(self, order_id: str) -> Order:
        found = self.shelf.by_id(order_id, keep=True)
        if not found:
            raise KeyError(order_id)
        return found

    def written(self, order: Order, *fields: str) -> None:
        """The order itself was written: stamped, and told as ``order.written``."""
        order.updated_at = self.now
        self.shelf.changes += 1
        self._tell_written(order, "update", fields)

    def place(self, sale: Sale) -> str:
        order = self.shelf.add(sale, self.now, tax_status=self.tax_status)
        for item in order.items:
            self.counts[item.line.sku] = self.stock(item.line.sku) - item.quantity
        self._tell_written(order, "insert", ("orderNumber", "price", "stateId"))
        self.tell("checkout.order.placed", order)
        self.tell("state_enter.order_transaction.state.paid", order)
        return order.order_id

    def edit(self, order_id: str, **changes: str) -> None:
        order = self.order_of(order_id)
        order.words.update(changes)
        self.written(order, "addresses", "orderCustomer", "price")

    def change_units(self, order_id: str, sku: str, units: int) -> None:
        order = self.order_of(order_id)
        if order.delivery.state != "open" or order.refunds or order.state == "cancelled":
            raise ShopkeeperMay("only an open order's lines are edited")
        item = item_of(order, sku)
        self.counts[sku] = self.stock(sku) + item.quantity - units
        item.quantity, item.updated_at = units, self.now
        if not units:
            order.items.remove(item)
        self.written(order, "lineItems", "price")

    def cancel(self, order_id: str) -> None:
        self.moved(self.order_of(order_id), "order", "cancel")

    def fulfil(self, order_id: str, tracking_number: str = "") -> None:
        order = self.order_of(order_id)
        if tracking_number:
            order.delivery.tracking.append(tracking_number)
        self.moved(order, "order_delivery", "ship")

    def moved(self, order: Order, machine: str, action: str) -> str | None:
        """The new state; None where this step does not begin in the state that stands."""
        row: Order | Row = {"order": order, "order_delivery": order.delivery}.get(
            machine, order.transaction
        )
        begins, ends = MOVES[machine].get(action, ((), ""))
        if row.state not in begins:
            return None
        before, row.state, row.updated_at = row.state, ends, self.now
        self.shelf.changes += 1
        self.tell(f"state_leave.{machine}.state.{before}", order)
        self.tell(f"state_enter.{machine}.state.{ends}", order)
        if machine == "order":
            if ends == "cancelled":
                for item in order.items:
                    self.counts[item.line.sku] = self.stock(item.line.sku) + item.quantity
            self._tell_written(order, "update", ("stateId",))
        return ends

    def refund(
        self, order_id: str, units: Mapping[str, int], *, restock: bool = False, amount: int = 0
    ) -> None:
        """By the payment's own plug-in: a refund below the capture with its positions, then the payment's state."""
        order = self.order_of(order_id)
        wanted = {item_of(order, sku).item_id: many for sku, many in units.items()}
        for item in order.items:
            if wanted.get(item.item_id, 0) > item.quantity - item.taken:
                raise ShopkeeperMay("no more than is left comes back")
        goods = sum(
            int((item.total - order.share(item)) * wanted[item.item_id] / item.quantity)
            for item in order.items
            if item.item_id in wanted
        )
        self.refunded(order, min(amount or goods, order.left), wanted, restock=restock)

    def refunded(
        self, order: Order, amount: int, wanted: dict[str, int], *, restock: bool, reason: str = ""
    ) -> Refund:
        order.captured_at = order.captured_at or self.now
        made = Refund(
            self.now,
            None,
            uuid(order.order_id, "refund", len(order.refunds)),
            amount,
            dict(wanted),
            reason,
            restocked=restock,
        )
        order.refunds.append(made)
        for item in order.items:
            item.taken += wanted.get(item.item_id, 0)
            if restock and item.item_id in wanted:
                self.counts[item.line.sku] = self.stock(item.line.sku) + wanted[item.item_id]
        self.shelf.changes += 1
        self.moved(order, "order_transaction", "refund" if order.left <= 0 else "refund_partially")
        return made

    def invoice(self, order_id: str) -> str:
        """A document of its own; the order is not written by it."""
        order = self.order_of(order_id)
        self.invoice_count += 1
        order.invoice, order.invoiced_at = str(self.invoice_count), self.now
        self.shelf.changes += 1
        return order.invoice

    # What stands

    def truth(self) -> dict[str, Told]:
        return {order.order_id: order.told() for order in self.shelf.orders()}

    def refunds(self, order_id: str) -> list[Refunded]:
        return self.order_of(order_id).refunded()

    def notes(self, order_id: str) -> list[str]:
        words = self.order_of(order_id).internal_comment
        return words.split("\n") if words else []

    def stock(self, sku: str) -> int:
        return self.counts.get(sku, ON_SHELF)

    def stock_up(self, count: int) -> None:
        self.shelf.stock_up(count, self.now)

    # Webhooks

    def _tell_written(self, order: Order, operation: str, fields: tuple[str, ...]) -> None:
        payload = [
            {
                "entity": "order",
                "operation": operation,
                "primaryKey": order.order_id,
                "updatedFields": [*fields, "updatedAt" if operation == "update" else "createdAt"],
                "versionId": rows.LIVE,
            }
        ]
        self._send("order.written", payload)

    def tell(self, event: str, order: Order) -> None:
        """A business event carries the order as the API would tell it."""
        self._send(event, lambda: {"order": self.shelf.words(order.count)})

    def _send(self, event: str, payload: Any) -> None:
        """Signed only where the webhook is an app's: one made by an integration has no secret (WebhookManager,
        ``appSecret`` null; AppPayloadServiceHelper signs with a secret only)."""
        for webhook in self.webhooks.values():
            if webhook["eventName"] != event or not webhook["active"]:
                continue
            self.told_count += 1
            body = {
                "data": {"payload": payload() if callable(payload) else payload, "event": event},
                "source": {"url": self.url, "eventId": uuid("event", self.told_count)},
                "timestamp": int(self.now.timestamp()),
            }
            headers = {
                "Content-Type": "application/json",
                "sw-version": self.version,
                "sw-context-language": uuid("language"),
                "sw-user-language": "it-IT",
            }
            self.outbox.append(Sent(webhook["url"], headers, json.dumps(body).encode()))


def item_of(order: Order, sku: str) -> Item:
    return next(item for item in order.items if item.line.sku == sku)
