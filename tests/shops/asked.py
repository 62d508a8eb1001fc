"""What tests ask of a shop."""

from typing import Any

from rientro.kit.money import Money
from rientro.shops.base import RefundRequest


def refund_of(order_id: str, minor: int, **changes: Any) -> RefundRequest:
    """So many cents of an order, without goods; ``changes`` are fields of the request."""
    words: dict[str, Any] = {
        "external_order_id": order_id,
        "reference": "R-7F3A-1",
        "amount": Money(minor, "EUR"),
        "shipping": Money(0, "EUR"),
    }
    return RefundRequest(**words | changes)
