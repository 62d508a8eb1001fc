from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.kit.money import LARGEST_MINOR, Money, decimals_of, rounded, total

CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "ISK"])
MINORS = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("4.95", "EUR", 495),
        ("4.9", "EUR", 490),
        ("5", "EUR", 500),
        ("-0.01", "EUR", -1),
        ("1500", "JPY", 1500),
        ("1500.0", "JPY", 1500),
        ("1.234", "KWD", 1234),
        (12, "EUR", 1200),
        (Decimal("12.30"), "EUR", 1230),
        ("1e2", "EUR", 10000),
    ],
)
def test_an_amount_is_read_exactly(amount, currency, minor):
    assert Money.parse(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "why"),
    [
        ("4.955", "EUR", "finer"),
        ("1.5", "JPY", "finer"),
        ("1.2345", "KWD", "finer"),
        ("", "EUR", "not an amount"),
        ("4,95", "EUR", "not an amount"),
        ("much", "EUR", "not an amount"),
        ("NaN", "EUR", "not an amount"),
        ("Infinity", "EUR", "not an amount"),
        ("1e30", "EUR", "not an amount"),
        ("1e-30", "EUR", "not an amount"),
        ("1" + "0" * 15, "EUR", "too large"),
    ],
)
def test_what_is_no_amount_is_refused(amount, currency, why):
    with pytest.raises(ValueError, match=why):
        Money.parse(amount, currency)


@given(minor=MINORS, currency=CURRENCIES)
def test_an_amount_survives_being_written_and_read(minor, currency):
    money = Money(minor, currency)

    assert Money.parse(str(money.decimal()), currency) == money
    assert -money.decimal().as_tuple().exponent == decimals_of(currency)  # type: ignore[operator]


@given(minors=st.lists(st.integers(-(10**9), 10**9)), currency=CURRENCIES)
def test_a_sum_is_the_sum_and_nothing_is_zero_of_the_currency(minors, currency):
    assert total((Money(m, currency) for m in minors), currency) == Money(sum(minors), currency)


@pytest.mark.parametrize("act", ["__add__", "__sub__", "__lt__", "__le__"])
def test_currencies_are_never_mixed(act):
    with pytest.raises(ValueError, match="cannot mix"):
        getattr(Money(1, "EUR"), act)(Money(1, "USD"))


def test_the_same_number_in_two_currencies_is_not_the_same():
    assert Money(1, "EUR") != Money(1, "USD")


@given(a=MINORS, b=MINORS, units=st.integers(0, 99))
def test_arithmetic_keeps_every_cent(a, b, units):
    one, other = Money(a, "EUR"), Money(b, "EUR")

    assert one + other - other == one
    assert -(-one) == one
    assert (one * units).minor == a * units
    assert (one < other) == (a < b)
    assert bool(one) == (a != 0)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("0.005", "EUR", 1), ("0.004", "EUR", 0), ("-0.005", "EUR", -1), ("2.5", "JPY", 3)],
)
def test_halves_are_rounded_away_from_zero(amount, currency, minor):
    assert rounded(Decimal(amount), currency) == Money(minor, currency)


def test_money_is_said_with_its_decimals():
    assert [str(Money(495, c)) for c in ("EUR", "JPY", "KWD")] == [
        "4.95 EUR",
        "495 JPY",
        "0.495 KWD",
    ]


def test_the_largest_amount_fits_into_a_column_many_times():
    assert Money.parse(str(LARGEST_MINOR // 100), "EUR").minor * 9000 < 2**63
