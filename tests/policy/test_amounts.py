from decimal import Decimal

import pytest

from rientro.kit.money import Money
from rientro.policy.amounts import decimal_of, grams_of, kilograms, minor_of, typed_price


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("9.95", Decimal("9.95")),
        (" 9 ", Decimal(9)),
        ("-1.5", Decimal("-1.5")),
        (12, Decimal(12)),
        (Decimal("1.1"), Decimal("1.1")),
        ("9,95", None),
        ("1e5", None),
        ("NaN", None),
        ("٣", None),
        (True, None),
        (None, None),
        ([], None),
        (Decimal("Infinity"), None),
        ("9" * 30, None),
    ],
)
def test_decimal_of(told, expected):
    assert decimal_of(told) == expected


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("9.95", "EUR", 995),
        ("9.955", "EUR", 996),
        ("-9.955", "EUR", -996),
        ("1500", "JPY", 1500),
        ("1.2345", "KWD", 1235),
        ("99999999999999", "EUR", None),
    ],
)
def test_minor_of(amount, currency, expected):
    assert minor_of(Decimal(amount), currency) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [("0.4", 400), ("0.0005", 1), ("0", 0), ("-1", None), ("1000001", None)],
)
def test_grams_of(told, expected):
    assert grams_of(Decimal(told)) == expected


def test_kilograms_are_written_with_three_decimals():
    assert [kilograms(grams) for grams in (0, 400, 1234567)] == ["0.000", "0.400", "1234.567"]


@pytest.mark.parametrize(
    ("typed", "minor"), [("4.95", 495), (" 4,95 ", 495), ("0", 0), ("-1", -100), ("1000000", 10**8)]
)
def test_a_price_is_read_as_a_person_writes_it(typed, minor):
    assert typed_price(typed, "EUR") == Money(minor, "EUR")


@pytest.mark.parametrize(
    "typed", ["1e9", "1_000", "NaN", "٤", "1000000.01", "4.999", "", "1.000,00"]
)
def test_what_nobody_means_as_a_price_is_none(typed):
    with pytest.raises(ValueError):
        typed_price(typed, "EUR")
