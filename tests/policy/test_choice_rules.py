"""Which contracts a merchant's rules of choice name for one parcel."""

import pytest

from rientro.kit.money import Money
from rientro.policy.account_prices import price_of
from rientro.policy.choice_rules import (
    CHEAPEST,
    ParcelFacts,
    check,
    prepare,
    wishes_of,
)
from rientro.policy.rules import read_rule

PARCEL = ParcelFacts(
    from_country="DE",
    to_country="IT",
    brand_id=7,
    postal_code="20095",
    weight_g=1500,
    value=Money(4990, "EUR"),
    parcels=2,
    method="labelless",
    integration_id=3,
    tags=("Fragile",),
)


def rule(*conditions, buy="1", service="", number=1, **changes):
    actions = [{"identifier": "buy_from", "value": buy}]
    if service:
        actions.append({"identifier": "as_service", "value": service})
    told = [
        dict(zip(("property", "operator", "compare_to"), each, strict=True)) for each in conditions
    ]
    row = {"id": number, "name": f"Rule {number}", "conditions": told, "actions": actions}
    return read_rule(row | changes)


def named(*rules, parcel=PARCEL):
    wishes, _trace = wishes_of(prepare(rules), parcel)
    return [(wish.contract_id, wish.service) for wish in wishes]


@pytest.mark.parametrize(
    "condition",
    [
        ("from_country", "is", "DE"),
        ("to_country", "in", "it, FR"),
        ("postal_code", "in_range", "20000-29999"),
        ("weight", "greater_than", "1 kg"),
        ("value", "less_than", "50 EUR"),
        ("parcels", "ge", "2"),
        ("method", "is", "labelless"),
        ("brand", "is", "7"),
        ("integration", "is_not", "4"),
        ("tag", "contains", "fragil"),
    ],
)
def test_each_property_is_looked_at(condition):
    other = ParcelFacts(from_country="CH", to_country="CH", brand_id=9, integration_id=4)

    assert check(rule(condition)) == []
    assert named(rule(condition)) == [(1, "")]
    assert named(rule(condition), parcel=other) == []


def test_the_last_rule_that_fits_wins_and_the_one_before_it_is_asked_next():
    rules = [
        rule(buy="1", number=1),
        rule(("from_country", "is", "DE"), buy="2", service="retoure", number=2),
        rule(("from_country", "is", "FR"), buy="3", number=3),
    ]

    assert named(*rules) == [(2, "retoure"), (1, "")]


def test_the_trace_repeats_the_rules_that_fitted():
    _wishes, trace = wishes_of(prepare([rule(("weight", "le", "2 kg"))]), PARCEL)

    assert trace[0]["said"] == [["weight", "le", "2 kg"]]
    assert trace[0]["matched"] is True


def test_the_cheapest_has_no_service_of_its_own():
    assert named(rule(buy=CHEAPEST, service="retoure")) == [(None, "")]


@pytest.mark.parametrize("changes", [{"active": False}, {"invalid_because": "gone"}])
def test_a_resting_rule_names_nobody(changes):
    assert named(rule(**changes)) == []


def test_a_value_that_is_no_contract_names_nobody():
    assert named(rule(buy="DHL")) == []


def test_a_rule_must_say_from_whom():
    bad = read_rule({"name": "x", "conditions": [], "actions": [{"identifier": "buy_from"}]})

    assert check(bad) == ["Choose a value for “buy from”."]


@pytest.mark.parametrize(
    ("lane", "minor"),
    [
        (("IT", "DE"), 795),
        (("IT", "FR"), 650),
        (("FR", "DE"), 700),
        (("FR", "FR"), 895),
    ],
)
def test_the_narrowest_entry_of_a_price_list_counts(lane, minor):
    prices = {"IT-DE": 795, "IT": 650, "*-DE": 700, "*": "895"}

    assert price_of({"prices": prices, "currency": "EUR"}, *lane) == Money(minor, "EUR")


@pytest.mark.parametrize("settings", [{}, {"prices": "cheap"}, {"prices": {"*": "4,95"}}])
def test_an_odd_price_list_knows_no_price(settings):
    assert price_of(settings, "IT", "DE") == Money(0, "EUR")
