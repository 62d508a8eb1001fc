"""Ids, moments and amounts as Medusa says them: each amount as a number, and exactly under ``raw_``."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

Amount = Decimal | Fraction | int
BOUNDS = 20  # significant digits of a BigNumber


def key(kind: str, number: int) -> str:
    """An id as Medusa's: a word and 26 signs."""
    return f"{kind}_01M89{number:021d}"


def number_of(kind: str, told: str) -> int:
    """0 for what is no id of this kind."""
    head = f"{kind}_01M89"
    rest = told.removeprefix(head)
    return int(rest) if told.startswith(head) and rest.isdigit() else 0


def when(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z" if at else None


def dated(at: datetime, changed: datetime | None = None) -> dict[str, Any]:
    return {"created_at": when(at), "updated_at": when(changed or at), "deleted_at": None}


def plain(amount: Amount) -> float | int:
    """A number of JSON: whole where it is whole, else the nearest double."""
    value = float(amount)
    return int(value) if value == int(value) else value


def raw(amount: Amount) -> dict[str, Any]:
    exact = Fraction(amount)
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    short = value.normalize() if value == value.to_integral_value() else +value
    return {"value": f"{round_to(short):f}", "precision": BOUNDS}


def round_to(value: Decimal) -> Decimal:
    places = BOUNDS - 1 - value.adjusted() if value else 0
    cut = round(value, min(places, 20)) if places > 0 else value
    return cut.normalize() if cut != cut.to_integral_value() else cut.to_integral_value()


def sums(amounts: Mapping[str, Amount]) -> dict[str, Any]:
    """Each amount twice: as a number, and exactly under raw_."""
    said: dict[str, Any] = {name: plain(amount) for name, amount in amounts.items()}
    return said | {f"raw_{name}": raw(amount) for name, amount in amounts.items()}


def tax(gross: Fraction, percent: int) -> Fraction:
    """What is in it."""
    return gross * percent / (100 + percent)
