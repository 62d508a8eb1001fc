"""Money and goods back through Medusa.

Source: docs.medusajs.com/api/admin (2.x), Payments, Returns, Promotions; tests/shops/recordings/medusa. A refund knows
no field of ours: its ``note`` begins with our reference.
"""

import hashlib
import hmac
from decimal import Decimal
from typing import Any

from rientro.kit.money import Money
from rientro.kit.sentences import Sentence
from rientro.shops.base import (
    InvalidRequest,
    OutcomeUnknown,
    RefundRequest,
    ShopError,
    ShopRefund,
    Unsupported,
)
from rientro.shops.medusa.amounts import captured, exact, payments_of, refunded, units
from rientro.shops.medusa.orders import gone, goods_of
from rientro.shops.medusa.returns import Returns
from rientro.shops.medusa.wire import MedusaWire, Row
from rientro.shops.reading import inner, minor, rows, text

WHOLE = (
    "*items,*items.detail,*items.variant,*items.adjustments,*items.tax_lines,*shipping_address,*billing_address,"
    "*shipping_methods,*payment_collections,*payment_collections.payments,*payment_collections.payments.refunds,"
    "*payment_collections.payments.captures,*fulfillments,*fulfillments.labels,*sales_channel,*customer,"
    "+email,+currency_code,+canceled_at,+total"
)


class Refunds:
    """Of one shop; ``secret`` is what makes coupon codes that nobody can guess."""

    def __init__(self, wire: MedusaWire, secret: str) -> None:
        self._wire, self._secret = wire, secret

    def find(self, order_id: str, reference: str) -> ShopRefund | None:
        """Among the refunds of the order's payments, then among the coupons."""
        order = self.order(order_id)
        for payment in payments_of(order):
            for one in rows(payment, "refunds"):
                if _is_under(one, reference):
                    return _told(one, _currency(order))
        code = self._code(reference)
        found, _ = self._wire.listed("/promotions", "promotions", [("code", code)])
        coupon = next((one for one in found if text(one, "code") == code), None)
        return _coupon_told(coupon, _currency(order)) if coupon else None

    def make(self, request: RefundRequest) -> ShopRefund:
        if request.method == "store_credit":
            raise Unsupported("Medusa has no store credit of its own: give a coupon.")
        if request.method == "coupon" and request.restock:
            raise Unsupported("With a coupon Medusa puts nothing back on the shelf.")
        order = self.order(request.external_order_id)
        self._stop_beyond(order, request)
        returns = Returns(self._wire, request)
        if not returns.are_received:  # by an earlier try, which then got no further
            self._stop_without_goods(order, request)
        if request.method == "coupon":
            return self._coupon(request)
        payment = _payment_for(order, request.amount)
        returns.take_back(order)
        return self._pay(payment, request)

    def order(self, order_id: str) -> Row:
        try:
            return self._wire.row(f"/orders/{order_id}", "order", [("fields", WHOLE)])
        except InvalidRequest as error:
            if error.facts.get("status") == 404:
                raise InvalidRequest("Medusa does not have this order any more.") from error
            raise

    def _stop_beyond(self, order: Row, request: RefundRequest) -> None:
        """More money than is left of the order is refused before anything is sent: Medusa itself lets a cent too
        much pass."""
        currency = _currency(order)
        if request.amount.currency != currency:
            raise InvalidRequest(
                Sentence(
                    "The order was paid in %(paid)s, not in %(asked)s.",
                    paid=currency,
                    asked=request.amount.currency,
                )
            )
        left = sum((captured(one) - refunded(one) for one in payments_of(order)), Decimal(0))
        if minor(left, currency) < request.amount.minor:
            raise InvalidRequest(
                Sentence(
                    "Of this order only %(left)s is left in the shop.",
                    left=Money(max(minor(left, currency), 0), currency),
                ),
                left_minor=minor(left, currency),
            )

    def _stop_without_goods(self, order: Row, request: RefundRequest) -> None:
        held = {text(item, "id"): item for item in goods_of(order)}
        for line, wanted in request.units.items():
            item = held.get(line)
            if item is None or units(item, "quantity") - gone(item) < wanted:
                raise InvalidRequest("Some of these units were refunded in the shop already.")
            sent = units(inner(item, "detail"), "fulfilled_quantity") - gone(item)
            if request.restock and sent < wanted:
                raise InvalidRequest(
                    "Medusa takes back only what it sent: mark the order as fulfilled there, or refund without "
                    "putting goods back on the shelf."
                )

    # Money

    def _pay(self, payment: Row, request: RefundRequest) -> ShopRefund:
        """The one request that pays. A refusal is believed once the payment shows no such refund."""
        path = f"/payments/{text(payment, 'id')}"
        words = {
            "amount": request.amount,
            "note": f"{request.reference} {request.note}".strip()[:500],
        }
        try:
            made = inner(self._wire.post(f"{path}/refund", words, acts=True), "payment")
        except InvalidRequest as refusal:
            try:
                made = self._wire.row(path, "payment")
            except ShopError as error:
                raise OutcomeUnknown(refusal.message) from error
            if not any(_is_under(one, request.reference) for one in rows(made, "refunds")):
                raise
        for one in rows(made, "refunds"):
            if _is_under(one, request.reference):
                return _told(one, request.amount.currency)
        raise OutcomeUnknown("Medusa took the refund and does not show it.")

    def _coupon(self, request: RefundRequest) -> ShopRefund:
        words: dict[str, Any] = {
            "code": self._code(request.reference),
            "type": "standard",
            "status": "active",
            "limit": 1,
            "is_automatic": False,
            "is_tax_inclusive": True,
            "application_method": {
                "type": "fixed",
                "target_type": "order",
                "value": request.amount,
                "currency_code": request.amount.currency.lower(),
            },
        }
        made = inner(self._wire.post("/promotions", words, acts=True), "promotion")
        if not text(made, "id"):
            raise OutcomeUnknown("Medusa took the coupon and does not show it.")
        return _coupon_told(made, request.amount.currency)

    def _code(self, reference: str) -> str:
        """One code a reference, so that asking twice makes no second coupon."""
        mac = hmac.new(self._secret.encode(), reference.encode(), hashlib.sha256).hexdigest()
        return f"BACK-{mac[:12].upper()}"


def _payment_for(order: Row, amount: Money) -> Row:
    """The payment that pays it back whole: one refund is one request."""
    for payment in payments_of(order):
        if minor(captured(payment) - refunded(payment), amount.currency) >= amount.minor:
            return payment
    raise InvalidRequest(
        "This order was paid in several parts, and none of them holds so much. Refund in Medusa, then mark it here."
    )


def _currency(order: Row) -> str:
    return text(order, "currency_code", 3).upper()


def _is_under(refund: Row, reference: str) -> bool:
    note = text(refund, "note", 500)
    return note == reference or note.startswith(f"{reference} ")


def _told(refund: Row, currency: str) -> ShopRefund:
    amount = Money(minor(exact(refund, "amount"), currency), currency)
    return ShopRefund(shop_reference=text(refund, "id", 120), amount=amount)


def _coupon_told(coupon: Row, currency: str) -> ShopRefund:
    value = exact(inner(coupon, "application_method"), "value")
    return ShopRefund(
        shop_reference=f"promotion {text(coupon, 'id', 120)}",
        amount=Money(minor(value, currency), currency),
        code=text(coupon, "code", 80),
    )
