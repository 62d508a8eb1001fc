"""Money back in Shopify: to the payments that brought it, or as store credit; goods back on the shelf.

Source: shopify.dev, Admin API (GraphQL) 2026-10, refundCreate (with the directive `@idempotent`), SuggestedRefund.
"""

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rientro.kit.money import Money
from rientro.kit.sentences import Sentence
from rientro.shops.base import (
    InvalidRequest,
    OutcomeUnknown,
    RefundRequest,
    ShopRefund,
    Unsupported,
)
from rientro.shops.reading import Odd, amount, inner, rows, text, whole
from rientro.shops.shopify import queries
from rientro.shops.shopify.orders import key, money
from rientro.shops.shopify.wire import NAME, ShopifyWire, user_errors

Row = Mapping[str, Any]


def order_gid(external_order_id: str) -> str:
    return f"gid://shopify/Order/{external_order_id}"


class Refunds:
    """Of one store, for one unit of work."""

    def __init__(self, wire: ShopifyWire) -> None:
        self._wire = wire

    def find(self, external_order_id: str, reference: str) -> ShopRefund | None:
        """By our reference, which stands in brackets at the end of the refund's note."""
        for refund in rows(self._order(queries.NOTED, external_order_id), "refunds"):
            if text(refund, "note", 5000).endswith(f"[{reference}]"):
                return _told(refund)
        return None

    def make(self, request: RefundRequest) -> ShopRefund:
        if request.method == "coupon":
            raise Unsupported("Give store credit: it is Shopify’s own way.")
        order = self._order(queries.SUGGESTED, request.external_order_id)
        suggested = inner(order, "suggestedRefund")
        _stop_beyond(order, suggested, request)
        words = self._input(suggested, request)
        made = self._wire.query(
            queries.REFUND, acts=True, input=words, key=_once(request.reference)
        )
        payload = inner(made, "refundCreate")
        if errors := user_errors(payload):
            raise InvalidRequest(errors)
        refund = inner(payload, "refund")
        if not text(refund, "id", 120):  # no refund and no refusal: nobody knows
            raise OutcomeUnknown(f"{NAME} answered something we cannot read.")
        return _told(refund)

    def _order(self, query: str, external_order_id: str) -> Row:
        found = inner(self._wire.query(query, id=order_gid(external_order_id)), "order")
        if not found:
            raise InvalidRequest("Shopify does not have this order any more.")
        return found

    def _input(self, suggested: Row, request: RefundRequest) -> dict[str, Any]:
        words: dict[str, Any] = {
            "orderId": order_gid(request.external_order_id),
            "note": f"{request.note[:400]} [{request.reference}]".strip(),
            "currency": request.amount.currency,
            "notify": False,
            "refundLineItems": self._lines(request),
        }
        if request.shipping:
            words["shipping"] = {"amount": str(request.shipping.decimal())}
        if request.method == "store_credit":
            credit = {
                "amount": str(request.amount.decimal()),
                "currencyCode": request.amount.currency,
            }
            words["refundMethods"] = [{"storeCreditRefund": {"amount": credit}}]
        else:
            words["transactions"] = _transactions(suggested, request)
        return words

    def _lines(self, request: RefundRequest) -> list[dict[str, Any]]:
        kind = {"restockType": "NO_RESTOCK"}
        if request.restock and request.units:
            place = _location(self._order(queries.SENT_FROM, request.external_order_id))
            kind = {"restockType": "RETURN", "locationId": place}
        return [
            {"lineItemId": f"gid://shopify/LineItem/{line}", "quantity": units, **kind}
            for line, units in request.units.items()
        ]


def _stop_beyond(order: Row, suggested: Row, request: RefundRequest) -> None:
    """More than is left of the order, in money or in units, is refused before anything is sent."""
    currency = text(order, "presentmentCurrencyCode", 3).upper()
    if request.amount.currency != currency:
        raise InvalidRequest(f"The order was paid in {currency}.")
    left = Money.parse(str(money(suggested, "maximumRefundableSet")), currency)
    if left < request.amount:
        raise InvalidRequest(
            Sentence("Of this order only %(left)s is left in the shop.", left=left),
            left_minor=left.minor,
        )
    units = {
        key(text(item, "id", 120)): whole(item, "refundableQuantity")
        for item in rows(inner(order, "lineItems"), "nodes")
    }
    if any(units.get(line, 0) < wanted for line, wanted in request.units.items()):
        raise InvalidRequest("Some of these units were refunded in the shop already.")


def _location(order: Row) -> str:
    """Where it was sent from: goods that come back lie there."""
    places = (text(inner(each, "location"), "id", 120) for each in rows(order, "fulfillments"))
    found = next((place for place in places if place), "")
    if not found:
        raise InvalidRequest(
            "Shopify does not say from where this order was sent, so nothing can be put back on a shelf."
        )
    return found


def _transactions(suggested: Row, request: RefundRequest) -> list[dict[str, Any]]:
    """The amount, taken from the payments in the order in which Shopify suggests them."""
    left = request.amount.decimal()
    taken: list[dict[str, Any]] = []
    for payment in rows(suggested, "suggestedTransactions"):
        parent = text(inner(payment, "parentTransaction"), "id", 120)
        part = min(left, _most(payment))
        if not parent or part <= 0:
            continue
        taken.append(
            {
                "orderId": order_gid(request.external_order_id),
                "parentId": parent,
                "gateway": text(payment, "gateway", 80),
                "kind": "REFUND",
                "amount": str(part),
            }
        )
        left -= part
    if left > 0:
        raise InvalidRequest(
            "Shopify cannot pay this much back to the payments of the order. Give store credit, or pay elsewhere."
        )
    return taken


def _most(payment: Row) -> Decimal:
    """What one payment can still give back."""
    for name in ("maximumRefundableSet", "amountSet"):
        try:
            if inner(inner(payment, name), "presentmentMoney"):
                return money(payment, name)
        except Odd:
            continue
    return Decimal(0)


def _once(reference: str) -> str:
    """One key a reference: the same refund asked for twice is one refund."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"rientro:refund:{reference}"))


def _told(refund: Row) -> ShopRefund:
    paid = inner(inner(refund, "totalRefundedSet"), "presentmentMoney")
    currency = text(paid, "currencyCode", 3).upper() or "EUR"
    return ShopRefund(
        shop_reference=key(text(refund, "id", 120)),
        amount=Money.parse(str(amount(paid, "amount")), currency),
    )
