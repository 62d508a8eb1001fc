"""Amounts as PrestaShop writes them: whole units with six decimals, half up."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tests.shops.fakes.prestashop.books import DECIMALS


def written(minor: Fraction | int, currency: str) -> str:
    exact = Fraction(minor) / 10 ** DECIMALS.get(currency, 2)
    whole = Decimal(exact.numerator) / Decimal(exact.denominator)
    return str(whole.quantize(Decimal("0.000001"), ROUND_HALF_UP))


def minor_of(words: str, currency: str) -> Fraction:
    return Fraction(words or "0") * 10 ** DECIMALS.get(currency, 2)


def without_tax(minor: Fraction | int, percent: int) -> Fraction:
    return Fraction(minor) * 100 / (100 + percent)


def weight(grams: int) -> str:
    """Kilograms: PS_WEIGHT_UNIT of a new shop."""
    return f"{Decimal(grams) / 1000:.6f}"
