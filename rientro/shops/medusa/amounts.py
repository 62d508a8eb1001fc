"""Amounts of Medusa, which keeps them unrounded: 67.50000000000000046 is 67.50, and no cent less was paid."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from rientro.kit.money import LARGEST_MINOR, decimals_of
from rientro.shops.medusa.wire import Row
from rientro.shops.reading import Odd, inner, rows

NOISE = Decimal("0.00000001")  # what lies below is left over from dividing


def exact(row: Row, name: str) -> Decimal:
    """The amount under ``name``, by preference as Medusa keeps it (``raw_…``); 0 for none. Raises Odd."""
    value: Any = inner(row, f"raw_{name}").get("value", row.get(name))
    if value is None or value == "":
        return Decimal(0)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Odd(f"“{name}” is no amount.")
    try:
        found = Decimal(value)
        if not found.is_finite() or abs(found) > LARGEST_MINOR:
            raise Odd(f"“{name}” is no amount.")
        return found.quantize(NOISE, ROUND_HALF_UP)
    except InvalidOperation:
        raise Odd(f"“{name}” is no amount.") from None


def units(row: Row, name: str) -> int:
    """A count of goods, a whole number. Raises Odd."""
    found = exact(row, name)
    if found != int(found) or found < 0 or found > 1_000_000:
        raise Odd(f"“{name}” is no number of units.")
    return int(found)


def minor_down(value: Fraction, currency: str) -> int:
    """Whole minor units, rounded down, but not by what dividing left over."""
    scaled = value * 10 ** decimals_of(currency) + Fraction(NOISE)
    return max(0, int(scaled))


def captured(payment: Row) -> Decimal:
    """What this payment brought in: its captures where they are told."""
    told = rows(payment, "captures")
    if told:
        return sum((exact(one, "amount") for one in told), Decimal(0))
    return exact(payment, "amount") if payment.get("captured_at") else Decimal(0)


def refunded(payment: Row) -> Decimal:
    return sum((exact(one, "amount") for one in rows(payment, "refunds")), Decimal(0))


def payments_of(order: Row) -> list[Row]:
    return [one for each in rows(order, "payment_collections") for one in rows(each, "payments")]
