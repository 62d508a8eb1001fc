"""Money back in WooCommerce, to where it came from or as a coupon, each findable by our reference.

Source: woocommerce.github.io/woocommerce-rest-api-docs, Order refunds and Coupons; woocommerce/woocommerce,
class-wc-rest-order-refunds-controller.php and wc_create_refund: `amount` is what is paid back, the lines say what for,
and with `api_restock` their quantities go back on the shelf.
"""

import hashlib
import hmac
from decimal import ROUND_DOWN, Decimal
from typing import Any

from rientro.kit.money import Money, decimals_of
from rientro.kit.sentences import Sentence
from rientro.shops.base import (
    InvalidRequest,
    RefundRequest,
    ShopRefund,
    Unsupported,
)
from rientro.shops.reading import amount, key, rows, text, whole
from rientro.shops.woocommerce.orders import left_of
from rientro.shops.woocommerce.wire import Row, WooWire

REFERENCE = "_rientro_reference"
PAGE = 100


class Refunds:
    """Of one shop; ``secret`` is what makes coupon codes that nobody can guess."""

    def __init__(self, wire: WooWire, secret: str) -> None:
        self._wire, self._secret = wire, secret

    def find(self, order_id: str, reference: str) -> ShopRefund | None:
        """Among the order's refunds, then among the coupons."""
        order = self._order(order_id)
        for refund in self._refunds_of(order):
            if _reference_of(refund) == reference:
                return _told(refund, text(order, "currency", 3).upper())
        coupons = self._wire.rows("/coupons", code=self._code(reference))
        return self._coupon_told(coupons[0], order) if coupons else None

    def make(self, request: RefundRequest) -> ShopRefund:
        if request.method == "store_credit":
            raise Unsupported("WooCommerce has no store credit of its own: give a coupon.")
        if request.method == "coupon" and request.restock:
            raise Unsupported("With a coupon WooCommerce puts nothing back on the shelf.")
        order = self._order(request.external_order_id)
        refunds = self._refunds_of(order)
        self._stop_beyond(order, refunds, request)
        if request.method == "coupon":
            return self._coupon(order, request)
        words: dict[str, Any] = {
            "amount": str(request.amount.decimal()),
            "reason": request.note[:200],
            "api_refund": True,
            "api_restock": request.restock,
            "line_items": self._lines(order, request),
            "meta_data": [{"key": REFERENCE, "value": request.reference}],
        }
        made = self._wire.act("POST", f"/orders/{request.external_order_id}/refunds", words)
        return _told(made, request.amount.currency)

    def _order(self, order_id: str) -> Row:
        try:
            return self._wire.row(f"/orders/{order_id}")
        except InvalidRequest as error:
            if error.facts.get("status") == 404:
                raise InvalidRequest("WooCommerce does not have this order any more.") from error
            raise

    def _refunds_of(self, order: Row) -> list[Row]:
        if not rows(order, "refunds"):
            return []
        return self._wire.rows(f"/orders/{key(order)}/refunds", per_page=str(PAGE))

    def _stop_beyond(self, order: Row, refunds: list[Row], request: RefundRequest) -> None:
        """More than is left of the order, in money or in units, is refused before anything is sent."""
        currency = text(order, "currency", 3).upper()
        if request.amount.currency != currency:
            raise InvalidRequest(f"The order was paid in {currency}.")
        gone = sum((abs(amount(refund, "amount")) for refund in refunds), Decimal(0))
        left = Money.parse(str(amount(order, "total") - gone), currency)
        if left < request.amount:
            raise InvalidRequest(
                Sentence("Of this order only %(left)s is left in the shop.", left=left),
                left_minor=left.minor,
            )
        units = left_of(order, refunds)
        beyond = [line for line, wanted in request.units.items() if units.get(line, 0) < wanted]
        if beyond:
            raise InvalidRequest("Some of these units were refunded in the shop already.")

    def _lines(self, order: Row, request: RefundRequest) -> list[dict[str, Any]]:
        """What the money stands for: each line's share of its total and taxes, and the postage."""
        lines = [
            _line(item, request.units[key(item)], request.amount.currency)
            for item in rows(order, "line_items")
            if request.units.get(key(item))
        ]
        postage = rows(order, "shipping_lines")
        if request.shipping and postage:
            lines.append(_postage(postage[0], request.shipping))
        return lines

    def _coupon(self, order: Row, request: RefundRequest) -> ShopRefund:
        words: dict[str, Any] = {
            "code": self._code(request.reference),
            "discount_type": "fixed_cart",
            "amount": str(request.amount.decimal()),
            "usage_limit": 1,
            "description": f"{request.note} {request.reference}".strip()[:500],
        }
        if request.email:
            words["email_restrictions"] = [request.email]
        return self._coupon_told(self._wire.act("POST", "/coupons", words), order)

    def _coupon_told(self, coupon: Row, order: Row) -> ShopRefund:
        currency = text(order, "currency", 3).upper()
        return ShopRefund(
            shop_reference=f"coupon {key(coupon)}",
            amount=Money.parse(str(amount(coupon, "amount")), currency),
            code=text(coupon, "code", 80),
        )

    def _code(self, reference: str) -> str:
        """One code a reference, so that asking twice makes no second coupon."""
        mac = hmac.new(self._secret.encode(), reference.encode(), hashlib.sha256).hexdigest()
        return f"back-{mac[:12]}"


def _line(item: Row, units: int, currency: str) -> dict[str, Any]:
    share = Decimal(units) / Decimal(max(whole(item, "quantity"), 1))
    taxes = [
        {"id": int(key(tax)), "refund_total": _cut(amount(tax, "total") * share, currency)}
        for tax in rows(item, "taxes")
        if key(tax) and text(tax, "total")
    ]
    return {
        "id": int(key(item)),
        "quantity": units,
        "refund_total": _cut(amount(item, "total") * share, currency),
        "refund_tax": taxes,
    }


def _postage(line: Row, shipping: Money) -> dict[str, Any]:
    """The part of the postage that goes back, split into its net and its taxes as it was paid."""
    net, taxes = amount(line, "total"), rows(line, "taxes")
    gross = net + sum((amount(tax, "total") for tax in taxes), Decimal(0))
    share = min(shipping.decimal() / gross, Decimal(1)) if gross else Decimal(0)
    return {
        "id": int(key(line)),
        "quantity": 0,
        "refund_total": _cut(net * share, shipping.currency),
        "refund_tax": [
            {
                "id": int(key(tax)),
                "refund_total": _cut(amount(tax, "total") * share, shipping.currency),
            }
            for tax in taxes
            if key(tax)
        ],
    }


def _cut(value: Decimal, currency: str) -> str:
    step = Decimal(1).scaleb(-decimals_of(currency))
    return str(value.quantize(step, ROUND_DOWN))


def _reference_of(refund: Row) -> str:
    for meta in rows(refund, "meta_data"):
        if text(meta, "key") == REFERENCE:
            return text(meta, "value", 80)
    return ""


def _told(refund: Row, currency: str) -> ShopRefund:
    return ShopRefund(
        shop_reference=key(refund),
        amount=Money.parse(str(abs(amount(refund, "amount"))), currency),
    )
