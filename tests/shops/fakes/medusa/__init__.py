"""A fake Medusa 2 (2.21.2): its Admin API as a real one answered, which `script/medusa` runs.

Sources: the recordings in tests/shops/recordings/medusa, and the packages of npm that they were made with
(@medusajs/medusa, framework, core-flows, order). What differs from other shops:

* A secret API key is HTTP Basic (``key:`` in base64, or the key as it is); as a bearer it is refused with words.
  A key has no scopes: it may all.
* No webhooks. Events (order.placed, order.updated, order.canceled, payment.refunded …) reach subscribers, which are
  code inside the shop; the payload is ``{"id": …}``. ``outbox`` stays empty.
* The stamp of an order does not move when money is captured, nor when money is given back that the shop owed
  for a return or an edit: only a refund without such cause makes a credit line and a new version.
* ``display_id`` is no filter, and unknown filters are left out without a word. ``q`` finds parts of numbers, e-mails,
  telephones and streets.
* A line edited down to nothing is in the order no more; ``quantity`` of an edited line is the new one, and its
  adjustments keep their amount. A return leaves ``quantity`` and tells it in ``detail``; a unit that came back
  damaged is counted twice there, dismissed and written off. ``total`` of a line is that of the units left.
* A refund may be one smallest unit of the currency more than what is left. While an order is being changed, a refund
  that needs a credit line answers 400, and the payment has it all the same (``refund_while_edited``).
* No rate limit. ``down`` is what a proxy says in front of a shop that is not there.
"""

import base64
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from tests.fake_server import Answer, Heard
from tests.shops.fakes.medusa import answers, choosing, lines, selling
from tests.shops.fakes.medusa.amounts import key, number_of, when
from tests.shops.fakes.medusa.books import Order, decimals
from tests.shops.fakes.medusa.payments import payment_alone
from tests.shops.fakes.medusa.returning import Returning
from tests.shops.fakes.medusa.shelf import Shelf
from tests.shops.fakes.shop import Refunded

SECRET = "sk_" + "5a" * 32
HTML = {"Content-Type": "text/html; charset=utf-8"}
BEARER = (
    "A secret API key was passed as a Bearer token. Secret API keys must be sent using HTTP Basic "
    "authentication instead (Authorization: Basic <secret-api-key>)."
)
TOO_MUCH = "You are not allowed to refund more than the captured amount"
BUSY = "Order ({}) already has an existing active order change"
UNKNOWN = {
    "code": "unknown_error",
    "type": "unknown_error",
    "message": "An unknown error occurred.",
}
DOWN = b"<html><head><title>503 Service Temporarily Unavailable</title></head><body></body></html>"


class FakeMedusa(Returning, Shelf):
    SYSTEM = "medusa"
    ROUTES: ClassVar[dict[str, str]] = {
        "GET /health": "health",
        "GET /admin/orders": "list_orders",
        "GET /admin/orders/{id}": "one_order",
        "POST /admin/orders/{id}": "update_order",
        "POST /admin/orders/{id}/cancel": "cancel_it",
        "GET /admin/orders/{id}/changes": "changes",
        "GET /admin/orders/{id}/line-items": "all_lines",
        "GET /admin/payments/{id}": "one_payment",
        "POST /admin/payments/{id}/refund": "refund_payment",
        **Returning.RETURN_ROUTES,
        **Shelf.SHELF_ROUTES,
    }

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {"secret_key": SECRET}

    # The door

    def refused(self, heard: Heard) -> Answer | None:
        if self.down:
            return Answer(503, body=DOWN, headers=HTML)
        if not heard.path.startswith("/admin"):
            return None
        kind, _, token = heard.headers.get("authorization", "").partition(" ")
        if kind == "Bearer" and token.startswith("sk_"):
            return Answer(401, {"message": BEARER})
        if kind != "Basic" or _decoded(token) != SECRET:
            return Answer(401, {"message": "Unauthorized"})
        if heard.body:
            try:
                json.loads(heard.body)
            except ValueError:
                words = "Expected property name or '}' in JSON at position 1"
                return Answer(400, {"message": words, "type": "invalid_data"})
        return None

    def unknown(self, heard: Heard) -> Answer:
        page = f"<pre>Cannot {heard.method} {heard.path}</pre>"
        body = f'<!DOCTYPE html>\n<html lang="en">\n<body>\n{page}\n</body>\n</html>\n'
        return Answer(404, body=body.encode(), headers=HTML)

    def answer(self, heard: Heard) -> Answer:
        try:
            return super().answer(heard)
        except selling.Wrong as wrong:
            return invalid(str(wrong))
        except selling.Broken:
            return Answer(500, UNKNOWN)

    def health(self, heard: Heard) -> Answer:
        return Answer(200, body=b"OK", headers={"Content-Type": "text/plain"})

    # Orders

    def list_orders(self, heard: Heard) -> Answer:
        numbers, count, offset, limit = selling.page(self.books, heard.query)
        chosen = choosing.wanted(heard.one("fields"), choosing.LIST)
        rows = [choosing.cut(answers.order(self._order(each)), chosen) for each in numbers]
        return Answer(200, {"orders": rows, "count": count, "offset": offset, "limit": limit})

    def _order(self, number: int) -> Order:
        order = self.books.get(number)
        assert order
        return order

    def one_order(self, heard: Heard, order_id: str) -> Answer:
        return self.with_order(order_id, lambda order: self._order_answer(heard, order))

    def _order_answer(self, heard: Heard, order: Order) -> Answer:
        chosen = choosing.wanted(heard.one("fields"), choosing.DETAIL)
        return Answer(200, {"order": choosing.cut(answers.order(order), chosen)})

    def with_order(self, order_id: str, then: Callable[[Order], Answer]) -> Answer:
        order = self.books.get(number_of("order", order_id))
        if order is None:
            return missing(f"Order id not found: {order_id}")
        return then(order)

    def update_order(self, heard: Heard, order_id: str) -> Answer:
        def then(order: Order) -> Answer:
            words = heard.words or {}
            if "email" in words:
                order.email = words["email"]
            for name, value in (words.get("shipping_address") or {}).items():
                order.address[name] = value
            if words.get("metadata") is not None:
                merged = (order.metadata or {}) | words["metadata"]
                order.metadata = {name: value for name, value in merged.items() if value != ""}
            self.books.touch(order, self.now)
            return self._order_answer(heard, order)

        return self.with_order(order_id, then)

    def cancel_it(self, heard: Heard, order_id: str) -> Answer:
        def then(order: Order) -> Answer:
            if order.canceled_at:
                return invalid(f"Order with id {order_id} has been canceled.")
            if order.fulfilled:
                words = "All fulfillments must be canceled before canceling an order"
                return Answer(400, {"type": "not_allowed", "message": words})
            self.cancel_order(order)
            return self._order_answer(heard, order)

        return self.with_order(order_id, then)

    def changes(self, heard: Heard, order_id: str) -> Answer:
        """Confirmed edits, and the change that is open now."""

        def then(order: Order) -> Answer:
            rows = [_edit(order, place) for place in range(len(order.edits))]
            if order.change:
                rows.append(_open_change(order, self.now) | {"return_id": self._changed(order)})
            asked = selling.several(heard.query, "status")
            rows = [row for row in rows if not asked or row["status"] in asked]
            return Answer(200, {"order_changes": rows})

        return self.with_order(order_id, then)

    def _changed(self, order: Order) -> str | None:
        """The return that the open change makes or receives (core-flows, begin-return, begin-receive-return)."""
        status = {"return_request": "open", "return_receive": "requested"}.get(order.change)
        ours = [back for back in self.comebacks.values() if back.order == order.number]
        numbers = [back.number for back in ours if back.status == status]
        return key("return", numbers[-1]) if numbers else None

    def all_lines(self, heard: Heard, order_id: str) -> Answer:
        """Those too that were edited down to nothing."""

        def then(order: Order) -> Answer:
            rows = [
                {
                    "id": key("orditem", item.number),
                    "order_id": order_id,
                    "item_id": key("ordli", item.number),
                    "version": order.version,
                    "item": lines.item(order, item),
                }
                for item in [*order.gone, *order.items]
            ]
            return Answer(200, {"order_items": rows})

        return self.with_order(order_id, then)

    # Money

    def one_payment(self, heard: Heard, payment_id: str) -> Answer:
        order = self.books.get(number_of("pay", payment_id))
        if order is None:
            return missing(f"Payment with id: {payment_id} was not found")
        return Answer(200, {"payment": payment_alone(order)})

    def refund_payment(self, heard: Heard, payment_id: str) -> Answer:
        words = heard.words or {}
        if wrong := _wrong_refund(words):
            return invalid(f"Invalid request: {wrong}")
        order = self.books.get(number_of("pay", payment_id))
        if order is None:
            return missing(f"Payment id not found: {payment_id}")
        amount = Decimal(str(words.get("amount", order.paid)))
        slack = Decimal(1).scaleb(-decimals(order.sale.currency))
        if order.paid - order.refunded - amount < -slack:
            return invalid(TOO_MUCH)
        if not self.pay_back(order, amount, words.get("note")):
            return invalid(BUSY.format(key("order", order.number)))
        self._tell(order, amount, words.get("note") or "")
        return Answer(200, {"payment": payment_alone(order)})

    def _tell(self, order: Order, amount: Decimal, note: str) -> None:
        """Goods that came back just before, by the API, are this refund's."""
        units, restocked = self.back.pop(order.number, ({}, False))
        minor = int(amount.scaleb(decimals(order.sale.currency)))
        told = Refunded(minor, units, restocked, note)
        self.stories.setdefault(order.number, []).append(told)

    def begin_edit(self, order_id: str) -> None:
        """The shopkeeper opens the order for editing and goes for a coffee."""
        order = self.found(order_id)
        order.change = "edit"
        self.books.keep(order)


def _decoded(token: str) -> str:
    if token.startswith("sk_"):
        return token
    try:
        return base64.b64decode(token, validate=True).decode().partition(":")[0]
    except ValueError:
        return ""


def _wrong_refund(words: dict[str, Any]) -> str:
    strange = [name for name in words if name not in ("amount", "refund_reason_id", "note")]
    if strange:
        return f"Unrecognized fields: '{strange[0]}'"
    amount = words.get("amount", 1)
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        return f"Expected type: 'number' for field 'amount', got: '{amount}'"
    if amount <= 0:
        return "Value for field 'amount' too small, expected at least: '0'"
    if not isinstance(words.get("note", ""), str):
        return f"Expected type: 'string' for field 'note', got: '{words['note']}'"
    return ""


def _edit(order: Order, place: int) -> dict[str, Any]:
    item, units, diff, at = order.edits[place]
    details = {"quantity": units, "reference_id": key("ordli", item), "quantity_diff": diff}
    action = {
        "id": key("ordchact", order.number * 100 + place),
        "order_id": key("order", order.number),
        "version": place + 2,
        "action": "ITEM_UPDATE",
        "details": details,
        "applied": True,
        "created_at": when(at),
        "updated_at": when(at),
        "amount": None,
    }
    said = {"id": key("ordch", order.number * 100 + place), "version": place + 2}
    said |= {"order_id": key("order", order.number), "change_type": "edit", "status": "confirmed"}
    said |= {"confirmed_at": when(at), "created_at": when(at), "updated_at": when(at)}
    return said | {"actions": [action]}


def _open_change(order: Order, at: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"id": key("ordch", order.number * 100 + 99), "status": "pending"}
    said |= {"order_id": key("order", order.number), "change_type": order.change}
    said |= {"version": order.version + 1, "confirmed_at": None, "created_at": when(at)}
    return said | {"updated_at": when(at), "actions": []}


def invalid(words: str) -> Answer:
    return Answer(400, {"type": "invalid_data", "message": words})


def missing(words: str) -> Answer:
    return Answer(404, {"type": "not_found", "message": words})
