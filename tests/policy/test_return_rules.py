import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.kit.money import Money
from rientro.policy.eligibility import Because, Decision, Verdict
from rientro.policy.return_rules import (
    ACTIONS,
    PROPERTIES,
    ItemFacts,
    Rule,
    Ruling,
    apply,
    check,
    fee_of,
    judged,
)
from rientro.policy.rules import Action, Condition

ITEM = ItemFacts(
    country="CH",
    integration_id=7,
    quantity=2,
    reason="too_small",
    sku="SALE-1",
    item_name="Woll-Schal",
    value=Money(9980, "EUR"),
    order_value=Money(20000, "EUR"),
    weight_g=600,
    days=20,
    tags=("VIP",),
)
ACCEPTED = Decision(
    Verdict.ACCEPT,
    Because.IN_TIME,
    date(2026, 4, 1),
    True,
    date(2026, 3, 16),
    {"rule": "eligibility"},
)


def rule(*conditions: tuple[str, str, str], then: tuple[str, str], number: int = 1) -> Rule:
    return Rule(
        id=number,
        name=f"Rule {number}",
        conditions=tuple(Condition(*told) for told in conditions),
        actions=(Action(*then),),
    )


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@pytest.mark.parametrize(
    ("case", "rules", "expected"),
    [
        ("no rules", [], Ruling()),
        (
            "a fee for a country",
            [rule(("country", "in", "CH, NO"), then=("fee", "9.90 EUR"))],
            Ruling(fee=eur(990)),
        ),
        (
            "a fee in the order's own currency",
            [rule(("country", "is", "CH"), then=("fee", "9.90"))],
            Ruling(fee=eur(990)),
        ),
        (
            "a fee in another currency is not set",
            [rule(("country", "is", "CH"), then=("fee", "9.90 CHF"))],
            Ruling(),
        ),
        (
            "a fee finer than the currency is not set",
            [rule(then=("fee", "9.999 EUR"))],
            Ruling(),
        ),
        (
            "free when it was our fault",
            [
                rule(then=("fee", "4.90"), number=1),
                rule(("reason", "is", "too_small"), then=("fee", "0"), number=2),
            ],
            Ruling(fee=eur(0)),
        ),
        (
            "sale items stay",
            [rule(("sku", "starts_with", "SALE"), then=("refuse", "Sale items stay."))],
            Ruling(refuse=True, words="Sale items stay."),
        ),
        (
            "a look at dear ones, a fee as well",
            [
                rule(("item_value", "greater_than", "90"), then=("review", "")),
                rule(("quantity", "ge", "2"), then=("fee", "4.90")),
            ],
            Ruling(fee=eur(490), review=True),
        ),
        (
            "late",
            [rule(("days", "greater_than", "14"), then=("fee", "7.50 EUR"))],
            Ruling(fee=eur(750)),
        ),
        (
            "light",
            [rule(("weight", "less_than", "1 kg"), then=("review", ""))],
            Ruling(review=True),
        ),
        ("no tag", [rule(("tag", "is_not", "vip"), then=("review", ""))], Ruling()),
    ],
)
def test_apply(case, rules, expected):
    assert apply(rules, ITEM, currency="EUR") == expected


def test_unknown_days_fit_no_condition_about_days():
    late = rule(("days", "greater_than", "14"), then=("fee", "7.50 EUR"))

    assert apply([late], replace(ITEM, days=None), currency="EUR") == Ruling()


@pytest.mark.parametrize(
    ("case", "decision", "ruling", "expected"),
    [
        ("nothing said", ACCEPTED, Ruling(), ("accept", "in_time")),
        ("refused by rule", ACCEPTED, Ruling(refuse=True), ("refuse", "by_rule")),
        ("a look by rule", ACCEPTED, Ruling(review=True), ("review", "by_rule")),
        (
            "refusal outweighs a look",
            ACCEPTED,
            Ruling(refuse=True, review=True),
            ("refuse", "by_rule"),
        ),
        (
            "a rule never allows what was refused",
            replace(ACCEPTED, verdict=Verdict.REFUSE, because=Because.FINAL_SALE),
            Ruling(review=True),
            ("refuse", "final_sale"),
        ),
        (
            "a look that is due anyway keeps its cause",
            replace(ACCEPTED, verdict=Verdict.REVIEW, because=Because.BY_HAND),
            Ruling(review=True),
            ("review", "by_hand"),
        ),
    ],
)
def test_judged(case, decision, ruling, expected):
    found = judged(decision, ruling)

    assert (found.verdict, found.because) == expected
    assert (found.may_withdraw, found.withdrawal_until) == (True, date(2026, 3, 16))


def test_the_trace_keeps_the_policy_and_adds_the_rules():
    ruling = apply([rule(then=("refuse", "Sale items stay."))], ITEM, currency="EUR")

    found = judged(ACCEPTED, ruling)

    assert json.loads(json.dumps(found.trace)) == {
        "rule": "eligibility",
        "verdict": "refuse",
        "because": "by_rule",
        "words": "Sale items stay.",
        "rules": [
            {
                "rule_id": 1,
                "name": "Rule 1",
                "version": 1,
                "match_all": True,
                "said": [],
                "matched": True,
                "conditions": [],
            }
        ],
    }


@pytest.mark.parametrize(
    ("case", "fees", "usual", "expected"),
    [
        ("no rule, no fee", [None], None, None),
        ("no rule", [None, None], eur(490), eur(490)),
        ("a rule for every item", [eur(0), eur(0)], eur(490), eur(0)),
        ("a rule for one item only", [eur(0), None], eur(490), eur(490)),
        ("the highest counts", [eur(100), eur(900)], eur(490), eur(900)),
        ("a usual fee in another currency is left out", [eur(1), None], Money(9, "CHF"), eur(1)),
        ("nothing picked", [], eur(490), eur(490)),
    ],
)
def test_fee_of(case, fees, usual, expected):
    assert fee_of([Ruling(fee=fee) for fee in fees], usual) == expected


@pytest.mark.parametrize(
    ("case", "broken", "expected"),
    [
        ("fine", rule(("country", "is", "CH"), then=("fee", "9.90 CHF")), []),
        ("a look needs no value", rule(then=("review", "")), []),
        (
            "a fee that is none",
            rule(then=("fee", "a bit")),
            ["“the fee is” needs an amount such as 4.90 EUR."],
        ),
        (
            "a negative fee",
            rule(then=("fee", "-1 EUR")),
            ["“the fee is” needs an amount such as 4.90 EUR."],
        ),
        (
            "a refusal without words",
            rule(then=("refuse", " ")),
            ["Choose a value for “refuse, and say”."],
        ),
    ],
)
def test_check_says_what_is_wrong(case, broken, expected):
    assert check(broken) == expected


def test_the_vocabulary_is_whole():
    assert set(PROPERTIES) == {row.identifier for row in PROPERTIES.values()}
    assert set(ACTIONS) == {"fee", "refuse", "review"}
    assert all(row.choices for row in PROPERTIES.values() if row.kind == "choice")


@given(
    verdict=st.sampled_from(list(Verdict)),
    refuse=st.booleans(),
    review=st.booleans(),
    may=st.booleans(),
)
def test_rules_only_make_it_stricter_and_never_touch_the_law(verdict, refuse, review, may):
    order = [Verdict.ACCEPT, Verdict.REVIEW, Verdict.REFUSE]
    before = replace(ACCEPTED, verdict=verdict, may_withdraw=may)

    after = judged(before, Ruling(refuse=refuse, review=review))

    assert order.index(after.verdict) >= order.index(before.verdict)
    assert after.may_withdraw is may
    assert after.withdrawal_until == before.withdrawal_until
