"""A refund asked for by the API: what is checked, what is not, and what is written down.

Sources: Version3/class-wc-rest-order-refunds-controller.php, Internal/RestApiUtil.php
(adjust_create_refund_request_parameters), wc_create_refund in wc-order-functions.php: the amount is held against what
is left of the order's money, units against nothing; unknown items are passed over.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.shops.fakes.woocommerce.answers import digits_of, shipping_key
from tests.shops.fakes.woocommerce.books import BackRow, Order, Sum, rounded

FAILED = "woocommerce_rest_cannot_create_order_refund"


class RefundRefused(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def minor(value: Any, currency: str) -> int:
    try:
        return rounded(Decimal(str(value)).scaleb(digits_of(currency)))
    except InvalidOperation:
        raise RefundRefused(400, "rest_invalid_param", "Invalid parameter(s): amount") from None


def checked_types(told: Mapping[str, Any]) -> None:
    """WordPress takes no number for a text, and no text for a truth but the usual ones."""
    for name in ("amount", "reason"):
        if told.get(name) is not None and not isinstance(told[name], str):
            raise RefundRefused(400, "rest_invalid_param", f"Invalid parameter(s): {name}")
    for name in ("api_refund", "api_restock"):
        if told.get(name, True) not in (True, False, "true", "false", "1", "0"):
            raise RefundRefused(400, "rest_invalid_param", f"Invalid parameter(s): {name}")


def truth_of(told: Mapping[str, Any], name: str) -> bool:
    """Both of a refund's switches are on when nothing is said."""
    return told.get(name, True) in (True, "true", "1")


def rows_of(order: Order, told: Mapping[str, Any]) -> tuple[BackRow, ...]:
    money, known = order.sale.currency, {item.item_id for item in order.items}
    made = []
    for row in told.get("line_items") or ():
        if not row.get("id"):
            raise RefundRefused(400, "rest_invalid_param", "Line item ID is required.")
        key, units = int(row["id"]), int(row.get("quantity") or 0)
        net = minor(row.get("refund_total") or 0, money)
        parts = row.get("refund_tax") or ()
        tax = sum(minor(part.get("refund_total") or 0, money) for part in parts)
        if key in known | {shipping_key(order)} and (units or net or tax):
            made.append(BackRow(key, units, Sum(net, tax)))
    return tuple(made)


def amount_of(order: Order, told: Mapping[str, Any], rows: tuple[BackRow, ...]) -> int:
    """What was asked for, or the rows' sum where no amount was named."""
    if told.get("amount") is None:
        amount = sum(row.total.gross for row in rows)
    else:
        amount = minor(told["amount"], order.sale.currency)
    if amount < 0:
        raise RefundRefused(
            400, "woocommerce_rest_invalid_order_refund", "Refund amount must be greater than zero."
        )
    if amount > order.left:
        raise RefundRefused(500, FAILED, "Invalid refund amount.")
    return amount
