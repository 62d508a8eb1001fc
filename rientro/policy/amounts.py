"""Numbers as strangers write them, read exactly: into minor units, grams, or nothing at all."""

import re
from decimal import ROUND_HALF_UP, Decimal

from rientro.kit.money import LARGEST_MINOR, Money, decimals_of

PLAIN = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?", re.ASCII)
LARGEST = Decimal(10) ** 15
LARGEST_PRICE = Decimal(1_000_000)  # in whole units, of one parcel, in any currency


def decimal_of(told: object) -> Decimal | None:
    """The number in a JSON value: a string such as "9.95", or a number; None for anything else."""
    if isinstance(told, bool):
        return None
    if isinstance(told, str):
        text = told.strip()
        return Decimal(text) if PLAIN.fullmatch(text) else None
    if isinstance(told, int | Decimal):
        number = Decimal(told)
        return number if number.is_finite() and abs(number) <= LARGEST else None
    return None


def minor_of(amount: Decimal, currency: str) -> int | None:
    """``amount`` in minor units of ``currency``; a price before tax may be finer, so it is rounded half up."""
    minor = int(amount.scaleb(decimals_of(currency)).quantize(Decimal(1), ROUND_HALF_UP))
    return minor if abs(minor) <= LARGEST_MINOR else None


def typed_price(typed: str, currency: str) -> Money:
    """What a person writes as the price of one parcel: "4.95" or "4,95", but no "1e9", which would be a billion.

    Raises ValueError for what is no amount of ``currency``, or is beyond ``LARGEST_PRICE``.
    """
    text = typed.strip().replace(",", ".")
    if not PLAIN.fullmatch(text) or Decimal(text) > LARGEST_PRICE:
        raise ValueError(f"{typed!r} is not a price")
    return Money.parse(text, currency)


def grams_of(kilograms: Decimal) -> int | None:
    """Whole grams, rounded half up; None for a weight that no parcel has."""
    if not 0 <= kilograms <= 1_000_000:
        return None
    return int((kilograms * 1000).quantize(Decimal(1), ROUND_HALF_UP))


def kilograms(weight_g: int) -> str:
    """ "0.400" """
    return f"{Decimal(weight_g) / 1000:.3f}"
