"""Reading one row of a shop's JSON with care: ids are numbers here and words there, amounts are words or numbers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from rientro.kit.money import LARGEST_MINOR, decimals_of

LONGEST = 300  # of a word


class Odd(Exception):
    """A row that lacks what an order cannot do without; the sentence is for the merchant."""


def text(row: Mapping[str, Any], name: str, limit: int = LONGEST) -> str:
    """What stands under ``name``; "" for nothing, and for a shape that is no word."""
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).replace("\x00", "").strip()[:limit]


def key(row: Mapping[str, Any], name: str = "id") -> str:
    """An id, as digits; "" for none ("0")."""
    value = text(row, name)
    return value if value.isascii() and value.isdigit() and value.strip("0") else ""


def whole(row: Mapping[str, Any], name: str) -> int:
    value = text(row, name, 12)
    return int(value) if value.isascii() and value.isdigit() else 0


def amount(row: Mapping[str, Any], name: str) -> Decimal:
    """Raises Odd for what is there and is no amount."""
    value = text(row, name, 40) or "0"
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise Odd(f"“{name}” is no amount: {value[:40]}") from None
    if not found.is_finite() or abs(found) > LARGEST_MINOR:
        raise Odd(f"“{name}” is no amount: {value[:40]}")
    return found


def minor(value: Decimal, currency: str) -> int:
    """A shop's amount in whole minor units; some keep six decimals, shoppers pay rounded."""
    return int(value.scaleb(decimals_of(currency)).quantize(Decimal(1), ROUND_HALF_UP))


def minor_down(value: Fraction, currency: str) -> int:
    return int(value * 10 ** decimals_of(currency))  # int() cuts; prices are not negative


def grams(weight: Decimal, unit: str) -> int:
    """``unit`` is the shop's word for it; an unknown one counts as kilograms."""
    factor = {
        "kg": Decimal(1000),
        "kilograms": Decimal(1000),
        "grams": Decimal(1),
        "pounds": Decimal("453.59237"),
        "ounces": Decimal("28.349523125"),
        "g": Decimal(1),
        "gr": Decimal(1),
        "lb": Decimal("453.59237"),
        "lbs": Decimal("453.59237"),
        "oz": Decimal("28.349523125"),
    }.get(unit.strip().lower(), Decimal(1000))
    if weight <= 0 or weight * factor > 10_000_000:
        return 0
    return max(1, int((weight * factor).quantize(Decimal(1), ROUND_HALF_UP)))


def rows(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of a list; what stands there and is no object is left out."""
    value = row.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def inner(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object; an empty one for nothing, and for a shape that is none."""
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def moment(row: Mapping[str, Any], name: str) -> datetime | None:
    """An ISO 8601 time; one without a zone is UTC, as APIs that say “gmt” mean it."""
    try:
        found = datetime.fromisoformat(text(row, name, 40))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
