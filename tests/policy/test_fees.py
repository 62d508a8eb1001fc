import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.kit.money import Money
from rientro.policy.fees import FeeItem, Quote, Terms, quote


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def items(*told: tuple[int, int, str]) -> list[FeeItem]:
    return [FeeItem(quantity=n, price=eur(price), fault=fault) for n, price, fault in told]


WITH_FEE = Terms(window_days=14, fee=eur(490), version="3")


@pytest.mark.parametrize(
    ("case", "picked", "terms", "expected"),
    [
        (
            "no fee",
            items((1, 4990, "shopper")),
            Terms(window_days=14),
            Quote(eur(4990), eur(0), eur(4990)),
        ),
        (
            "one fee for the whole return",
            items((2, 4990, "shopper"), (1, 1000, "shopper")),
            WITH_FEE,
            Quote(eur(10980), eur(490), eur(10490)),
        ),
        (
            "never more than the value",
            items((1, 300, "shopper")),
            WITH_FEE,
            Quote(eur(300), eur(300), eur(0)),
        ),
        (
            "a gift has no value to take from",
            items((1, 0, "shopper")),
            WITH_FEE,
            Quote(eur(0), eur(0), eur(0)),
        ),
        (
            "the merchant's fault costs nothing",
            items((1, 4990, "merchant")),
            WITH_FEE,
            Quote(eur(4990), eur(0), eur(4990), "no_fault_of_yours"),
        ),
        (
            "nor does the carrier's",
            items((1, 4990, "carrier"), (1, 100, "merchant")),
            WITH_FEE,
            Quote(eur(5090), eur(0), eur(5090), "no_fault_of_yours"),
        ),
        (
            "one thing sent back by choice and the fee stands",
            items((1, 4990, "merchant"), (1, 100, "shopper")),
            WITH_FEE,
            Quote(eur(5090), eur(490), eur(4600)),
        ),
        (
            "a fee in another currency is not taken",
            [FeeItem(quantity=1, price=Money(4990, "USD"))],
            WITH_FEE,
            Quote(Money(4990, "USD"), Money(0, "USD"), Money(4990, "USD"), "other_currency"),
        ),
        (
            "whole yen",
            [FeeItem(quantity=3, price=Money(1500, "JPY"))],
            Terms(window_days=14, fee=Money(800, "JPY")),
            Quote(Money(4500, "JPY"), Money(800, "JPY"), Money(3700, "JPY")),
        ),
        (
            "no fee to waive",
            items((1, 4990, "merchant")),
            Terms(window_days=14, fee=eur(0)),
            Quote(eur(4990), eur(0), eur(4990)),
        ),
        ("nothing picked yet", [], WITH_FEE, Quote(eur(0), eur(0), eur(0))),
        ("nothing at all", [], Terms(window_days=14), Quote(eur(0), eur(0), eur(0))),
    ],
)
def test_quote(case, picked, terms, expected):
    assert quote(picked, terms) == expected


def test_items_of_two_currencies_are_never_summed():
    mixed = [FeeItem(quantity=1, price=eur(1)), FeeItem(quantity=1, price=Money(1, "USD"))]

    with pytest.raises(ValueError, match="cannot mix"):
        quote(mixed, WITH_FEE)


def test_the_trace_says_why_a_fee_was_not_taken():
    found = quote(items((1, 4990, "merchant")), WITH_FEE, refund_type="credit")

    assert json.loads(json.dumps(found.trace)) == {
        "rule": "fee",
        "version": 1,
        "value": "49.90 EUR",
        "fee": "0.00 EUR",
        "refund": "49.90 EUR",
        "fee_by_terms": "4.90 EUR",
        "waived": "no_fault_of_yours",
        "capped": False,
        "faults": ["merchant"],
        "refund_type": "money",
        "terms_version": "3",
    } | {"refund_type": "credit"}


def test_the_trace_carries_the_same_amounts_as_the_quote():
    found = quote(items((2, 4990, "shopper")), WITH_FEE)

    assert {name: found.trace[name] for name in ("value", "fee", "refund", "capped")} == {
        "value": "99.80 EUR",
        "fee": "4.90 EUR",
        "refund": "94.90 EUR",
        "capped": False,
    }


def test_the_trace_says_when_a_fee_was_capped():
    assert quote(items((1, 300, "shopper")), WITH_FEE).trace["capped"] is True


PRICES = st.lists(
    st.tuples(
        st.integers(1, 99),
        st.integers(0, 10**7),
        st.sampled_from(["shopper", "merchant", "carrier"]),
    ),
    min_size=1,
    max_size=20,
)


@given(told=PRICES, fee=st.integers(0, 10**6), currency=st.sampled_from(["EUR", "JPY", "KWD"]))
def test_value_is_always_fee_plus_refund_and_nothing_is_negative(told, fee, currency):
    picked = [FeeItem(quantity=n, price=Money(p, currency), fault=f) for n, p, f in told]

    found = quote(picked, Terms(window_days=1, fee=Money(fee, currency)))

    assert found.value == found.fee + found.refund
    assert found.value.minor == sum(n * p for n, p, _ in told)
    assert 0 <= found.fee.minor <= min(fee, found.value.minor)
    assert found.refund.minor >= 0
