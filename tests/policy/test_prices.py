"""What a merchant pays by a price list."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.kit.money import Money
from rientro.policy.prices import Step, price, problems, step_for


def step(origin="", destination="", up_to_g=0, fixed=0, percent="0"):
    return Step(
        origin=origin,
        destination=destination,
        up_to_g=up_to_g,
        fixed_minor=fixed,
        percent=Decimal(percent),
    )


STEPS = [
    step(fixed=900),
    step("IT", "IT", 2000, 590),
    step("IT", "IT", 10_000, 890),
    step("IT", "", 0, 100, "110"),
    step("", "IT", 0, 700),
]


@pytest.mark.parametrize(
    ("case", "origin", "destination", "weight_g", "minor"),
    [
        ("the exact lane, its lightest step", "IT", "IT", 1500, 590),
        ("a weight on the edge", "IT", "IT", 2000, 590),
        ("a gram more", "IT", "IT", 2001, 890),
        ("heavier than the lane: the next best one", "IT", "IT", 10_001, 639),
        ("the origin alone", "IT", "DE", 500, 639),
        ("the destination alone", "FR", "IT", 500, 700),
        ("everything else", "FR", "DE", 500, 900),
    ],
)
def test_the_most_exact_lane_counts(case, origin, destination, weight_g, minor):
    found = price(
        STEPS,
        currency="EUR",
        cost=Money(490, "EUR"),
        origin=origin,
        destination=destination,
        weight_g=weight_g,
    )

    assert found.amount == Money(minor, "EUR")


def test_half_a_cent_is_rounded_up_once_at_the_end():
    steps = [step(fixed=1, percent="110")]

    found = price(
        steps, currency="EUR", cost=Money(495, "EUR"), origin="IT", destination="IT", weight_g=1
    )

    assert found.amount == Money(546, "EUR")  # 544.5 + 1


@pytest.mark.parametrize(
    ("case", "steps"),
    [
        ("no step fits", [step("DE")]),
        ("a part of a price in another currency", [step(percent="110")]),
    ],
)
def test_what_the_list_cannot_price_is_passed_on_at_cost(case, steps):
    found = price(
        steps, currency="EUR", cost=Money(490, "CHF"), origin="IT", destination="IT", weight_g=1
    )

    assert (found.amount, found.step) == (Money(490, "CHF"), None)


def test_a_fixed_price_holds_whatever_the_carriers_currency():
    found = price(
        [step(fixed=590)],
        currency="EUR",
        cost=Money(490, "CHF"),
        origin="IT",
        destination="IT",
        weight_g=1,
    )

    assert found.amount == Money(590, "EUR")


def test_a_lane_and_weight_stand_once():
    assert problems([step("IT"), step("DE"), step("IT", fixed=5)]) == [2]


countries = st.sampled_from(["", "IT", "DE"])
steps_drawn = st.lists(
    st.builds(
        step,
        countries,
        countries,
        st.integers(0, 5000),
        st.integers(0, 10**6),
        st.decimals("0", "500", places=2).map(str),
    ),
    max_size=8,
)


@given(steps=steps_drawn, weight_g=st.integers(0, 9000), minor=st.integers(0, 10**7))
def test_the_order_of_the_steps_does_not_matter_and_a_heavier_parcel_finds_no_lighter_step(
    steps, weight_g, minor
):
    told = {"origin": "IT", "destination": "DE", "weight_g": weight_g}
    unique = [each for place, each in enumerate(steps) if place not in problems(steps)]

    found = step_for(unique, **told)

    assert found == step_for(unique[::-1], **told)
    assert found is None or not found.up_to_g or found.up_to_g >= weight_g
    amount = price(unique, currency="EUR", cost=Money(minor, "EUR"), **told).amount
    assert amount.minor >= 0
