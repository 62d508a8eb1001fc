import json
import random
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rientro.kit.money import Money
from rientro.policy.rule_words import OPERATORS_OF
from rientro.policy.shipping_rules import (
    ACTIONS,
    OPERATORS,
    PROPERTIES,
    SHIP_WITH_ADDRESS,
    Action,
    Condition,
    OrderFacts,
    Result,
    Rule,
    apply,
    check,
    prepare,
    read_rule,
)

ORDER = OrderFacts(
    integration_id=7,
    country="DE",
    postal_code="20095",
    channel="web",
    company="Brina GmbH",
    number="#1001",
    status="paid",
    skus=("SKU-RED-1", "SKU-BLUE-2"),
    item_names=("Woll-Schal, rot", "Mütze"),
    tags=("VIP", "christmas"),
    value=Money(4990, "EUR"),
    weight_g=1500,
)


def ship(address_id: int) -> tuple[Action, ...]:
    return (Action(SHIP_WITH_ADDRESS, str(address_id)),)


def rule(*conditions: tuple[str, str, object], to: int = 1, **changes: object) -> Rule:
    made = Rule(
        id=1,
        name="A rule",
        conditions=tuple(Condition(*told) for told in conditions),
        actions=ship(to),
    )
    return replace(made, **changes)


def matches(*condition: object, facts: OrderFacts = ORDER) -> bool:
    return apply([rule(condition)], facts).sender_address_id == 1


@pytest.mark.parametrize(
    ("case", "condition", "expected"),
    [
        ("integration is", ("integration", "is", "7"), True),
        ("integration is another", ("integration", "is", "8"), False),
        ("integration is not another", ("integration", "is_not", "8"), True),
        ("integration is one of", ("integration", "in", "5, 7"), True),
        ("integration is one of a list", ("integration", "in", ("5", "7")), True),
        ("integration is none of", ("integration", "not_in", "5, 7"), False),
        ("country in any case", ("destination_country", "is", "de"), True),
        ("country, by its other name", ("country", "is", "DE"), True),
        ("country is one of", ("destination_country", "in", "CH, NO"), False),
        ("postal code is, with a space", ("postal_code", "is", "200 95"), True),
        ("postal code starts with", ("postal_code", "starts_with", "20"), True),
        ("postal code starts otherwise", ("postal_code", "starts_with", "21"), False),
        ("postal code does not start with", ("postal_code", "not_starts_with", "21"), True),
        ("postal code in range", ("postal_code", "in_range", "20000-39999"), True),
        ("the first of the range", ("postal_code", "in_range", "20095-20096"), True),
        ("the last of the range", ("postal_code", "in_range", "20000-20095"), True),
        ("just outside", ("postal_code", "in_range", "20096-39999"), False),
        ("a range of beginnings", ("postal_code", "in_range", "20-21"), True),
        ("outside a range of beginnings", ("postal_code", "not_in_range", "20-21"), False),
        ("an en dash is a dash", ("postal_code", "in_range", "20000–39999"), True),
        ("postal code in a list", ("postal_code", "in", "10115, 20095"), True),
        ("postal code in no list", ("postal_code", "not_in", "10115, 20095"), False),
        ("SKU of any line", ("sku", "is", "sku-blue-2"), True),
        ("SKU of no line", ("sku", "is", "sku-green-3"), False),
        ("no line has the SKU", ("sku", "is_not", "sku-green-3"), True),
        ("one line has it, so not none", ("sku", "is_not", "sku-red-1"), False),
        ("SKU starts with", ("sku", "starts_with", "SKU-RED"), True),
        ("SKU ends with", ("sku", "ends_with", "-2"), True),
        ("SKU contains", ("sku", "contains", "blue"), True),
        ("SKU in a list", ("sku", "in", ("sku-red-1", "x")), True),
        ("item name with a comma", ("item_name", "is", "Woll-Schal, rot"), True),
        ("item name contains, folded", ("item_name", "contains", "MÜTZE"), True),
        ("tag is", ("tag", "is", "vip"), True),
        ("tag is not", ("tag", "is_not", "wholesale"), True),
        ("value is more", ("order_value", "greater_than", "49.89"), True),
        ("value is not more than itself", ("order_value", "greater_than", "49.90"), False),
        ("value is at least itself", ("order_value", "ge", "49.90"), True),
        ("with a decimal comma", ("order_value", "ge", "49,90"), True),
        ("value is less", ("order_value", "less_than", "50"), True),
        ("value at most", ("order_value", "le", "49.90"), True),
        ("value in its own currency", ("order_value", "ge", "40 EUR"), True),
        ("value in another currency", ("order_value", "ge", "40 USD"), False),
        ("value with a sign", ("order_value", "ge", "€40"), True),
        ("value between", ("order_value", "in_range", "10-50"), True),
        ("value between, in dollars", ("order_value", "in_range", "10-50 USD"), False),
        ("value by its other name", ("total_order_value", "ge", "40"), True),
        ("weight in kilograms", ("weight", "ge", "1.5"), True),
        ("weight with its unit", ("weight", "ge", "1.5 kg"), True),
        ("weight in grams", ("weight", "less_than", "1501 g"), True),
        ("weight between", ("weight", "in_range", "1-2 kg"), True),
        ("weight between, in grams", ("weight", "in_range", "100-900 g"), False),
        ("sold online", ("channel", "is", "web"), True),
        ("sold in a store", ("channel", "is", "store"), False),
        ("a company", ("company", "is_not_empty", ""), True),
        ("no company", ("company", "is_empty", ""), False),
        ("order number starts with", ("order_number", "starts_with", "#10"), True),
        ("status in the shop", ("order_status", "is", "Paid"), True),
    ],
)
def test_conditions(case, condition, expected):
    assert matches(*condition) is expected


@pytest.mark.parametrize(
    ("country", "code", "operator", "compared", "expected"),
    [
        ("NL", "1012 AB", "in_range", "1000-1099", True),
        ("NL", "1012 AB", "starts_with", "1012a", True),
        ("GB", "sw1a 1aa", "starts_with", "SW1A", True),
        ("GB", "EC2A 4DP", "in_range", "EC1-EC4", True),
        ("IT", "00184", "starts_with", "00", True),
        ("IT", "00184", "in_range", "00100-00199", True),
        ("PT", "1000-001", "in_range", "1000-000-1999-999", True),
        ("DE", "D-20095", "is", "20095", True),
        ("AE", "", "is_empty", "", True),
        ("AE", "", "not_starts_with", "20", True),
        ("AE", "", "starts_with", "20", False),
    ],
)
def test_postal_codes_of_the_world(country, code, operator, compared, expected):
    facts = replace(ORDER, country=country, postal_code=code)

    assert matches("postal_code", operator, compared, facts=facts) is expected


@pytest.mark.parametrize(
    ("case", "condition"),
    [
        ("value", ("order_value", "greater_than", "0")),
        ("weight", ("weight", "ge", "0")),
        ("company", ("company", "contains", "x")),
        ("SKU", ("sku", "starts_with", "s")),
    ],
)
def test_what_was_not_told_fits_no_positive_condition(case, condition):
    assert matches(*condition, facts=OrderFacts(integration_id=7)) is False


def test_all_conditions_must_hold_or_any():
    told = (("integration", "is", "7"), ("destination_country", "is", "CH"))

    assert apply([rule(*told)], ORDER).sender_address_id is None
    assert apply([rule(*told, match_all=False)], ORDER).sender_address_id == 1


def test_the_last_match_wins():
    rules = [
        rule(("integration", "is", "7"), to=11, id=1),
        rule(("destination_country", "is", "DE"), to=22, id=2, name="Germany"),
        rule(("destination_country", "is", "CH"), to=33, id=3),
    ]

    found = apply(rules, ORDER, brands={11: 1, 22: 2, 33: 3})

    assert found == Result(22, 2, rule_id=2, rule_name="Germany")


def test_a_rule_without_conditions_is_a_fallback_when_it_stands_first():
    rules = [rule(to=9), rule(("integration", "is", "8"), to=1)]

    assert apply(rules, ORDER).sender_address_id == 9


@pytest.mark.parametrize(
    ("case", "changes"),
    [
        ("switched off", {"active": False}),
        ("its address was deleted", {"invalid_because": "The address was deleted."}),
        ("a condition nobody can read", {"conditions": (Condition("weight", "ge", "heavy"),)}),
        ("a property nobody knows", {"conditions": (Condition("moon", "is", "full"),)}),
        ("an operator that does not fit", {"conditions": (Condition("weight", "contains", "1"),)}),
        (
            "unreadable, though any would do",
            {
                "match_all": False,
                "conditions": (
                    Condition("integration", "is", "7"),
                    Condition("order_value", "not_equal", "a lot"),
                ),
            },
        ),
    ],
)
def test_a_rule_that_cannot_run_rests(case, changes):
    found = apply([rule(**changes)], ORDER)

    assert found == Result(None, None)
    assert found.trace == []


def test_an_address_that_is_gone_is_passed_over_and_told():
    rules = [rule(to=11, id=1), rule(to=99, id=2)]

    found = apply(rules, ORDER, brands={11: 4})

    assert (found.sender_address_id, found.brand_id, found.rule_id) == (11, 4, 1)
    assert found.trace[1]["passed_over"] == [SHIP_WITH_ADDRESS]


def test_an_address_without_a_brand_still_counts():
    assert apply([rule(to=11)], ORDER, brands={11: None}) == Result(
        11, None, rule_id=1, rule_name="A rule"
    )


@pytest.mark.parametrize("value", ["", "x", "１２", "1; drop table", "9" * 40])
def test_an_action_that_names_no_address_chooses_nothing(value):
    broken = rule(actions=(Action(SHIP_WITH_ADDRESS, value),))

    assert apply([broken], ORDER) == Result(None, None)


def test_every_rule_that_was_looked_at_leaves_a_row():
    rules = [
        rule(
            ("integration", "is", "7"),
            ("destination_country", "is", "CH"),
            id=4,
            name="Swiss",
            version=3,
            match_all=False,
        ),
        rule(("channel", "is", "store"), id=5),
    ]

    found = apply(rules, ORDER)

    assert json.loads(json.dumps(found.trace)) == [
        {
            "rule_id": 4,
            "name": "Swiss",
            "version": 3,
            "match_all": False,
            "said": [["integration", "is", "7"], ["destination_country", "is", "CH"]],
            "matched": True,
            "conditions": [True, False],
        },
        {
            "rule_id": 5,
            "name": "A rule",
            "version": 1,
            "match_all": True,
            "said": [["channel", "is", "store"]],
            "matched": False,
            "conditions": [False],
        },
    ]
    assert [row["rule_id"] for row in found.short_trace] == [4]


@pytest.mark.parametrize(
    ("case", "broken", "expected"),
    [
        ("fine", rule(("integration", "is", "7")), []),
        ("without conditions", rule(), []),
        ("no name", rule(name=" "), ["Give the rule a name."]),
        ("a long name", rule(name="x" * 101), ["A rule's name has at most 100 characters."]),
        ("nothing to do", rule(actions=()), ["Say what the rule should do."]),
        (
            "the same thing twice",
            rule(actions=ship(1) + ship(2)),
            ["A rule can do each thing only once."],
        ),
        (
            "an unknown thing to do",
            rule(actions=(Action("launch", "1"),)),
            ["There is nothing called “launch” to do."],
        ),
        (
            "no address chosen",
            rule(actions=(Action(SHIP_WITH_ADDRESS, ""),)),
            ["Choose a value for “ship with address”."],
        ),
        (
            "an address that is none",
            rule(actions=(Action(SHIP_WITH_ADDRESS, "Milano"),)),
            ["Choose one of your addresses."],
        ),
        (
            "an unknown property",
            rule(("moon", "is", "full")),
            ["Condition 1: there is nothing called “moon” to look at."],
        ),
        (
            "an operator that does not fit",
            rule(("integration", "is", "7"), ("destination_country", "contains", "D")),
            ["Condition 2: to country can be compared with: is, is not, is one of, is none of."],
        ),
        (
            "nothing to compare with",
            rule(("sku", "is", " ")),
            ["Condition 1: say what SKU is compared with."],
        ),
        (
            "a heavy word",
            rule(("weight", "ge", "heavy")),
            ["Condition 1: write a weight such as 1.5 kg or 800 g."],
        ),
        (
            "a negative weight",
            rule(("weight", "ge", "-1 kg")),
            ["Condition 1: write a weight such as 1.5 kg or 800 g."],
        ),
        (
            "an amount that is none",
            rule(("order_value", "ge", "much")),
            ["Condition 1: write an amount such as 49.90, or 49.90 EUR for one currency only."],
        ),
        (
            "an amount that is no number",
            rule(("order_value", "ge", "NaN")),
            ["Condition 1: write an amount such as 49.90, or 49.90 EUR for one currency only."],
        ),
        (
            "a range upside down",
            rule(("postal_code", "in_range", "39999-20000")),
            [
                "Condition 1: write two codes of the same length such as 20000-39999, "
                "the smaller first."
            ],
        ),
        (
            "a range of unequal length",
            rule(("postal_code", "in_range", "1-20000")),
            [
                "Condition 1: write two codes of the same length such as 20000-39999, "
                "the smaller first."
            ],
        ),
        (
            "too many conditions",
            rule(*[("integration", "is", "7")] * 21),
            ["A rule has at most 20 conditions."],
        ),
        (
            "too long a list",
            rule(("sku", "in", tuple(f"s{n}" for n in range(501)))),
            ["Condition 1: a list has at most 500 values."],
        ),
    ],
)
def test_check_says_what_is_wrong(case, broken, expected):
    assert check(broken) == expected


def test_a_rule_is_read_from_a_row_and_from_json():
    told = {
        "id": 3,
        "name": "Shop A",
        "version": 2,
        "match_all": False,
        "active": True,
        "invalid_because": "",
        "conditions": [
            {"property": "integration", "operator": "in", "compare_to": [7, 8]},
            {"property": "company", "operator": "is_empty", "compare_to": None},
            {"property": "weight", "operator": "ge", "compare_to": 2},
        ],
        "actions": [{"identifier": SHIP_WITH_ADDRESS, "value": 5}],
    }
    row = type("Row", (), told)()

    expected = Rule(
        id=3,
        name="Shop A",
        version=2,
        match_all=False,
        conditions=(
            Condition("integration", "in", ("7", "8")),
            Condition("company", "is_empty", ""),
            Condition("weight", "ge", "2"),
        ),
        actions=(Action(SHIP_WITH_ADDRESS, "5"),),
    )
    assert read_rule(told) == expected
    assert read_rule(row) == expected


def test_the_vocabulary_is_whole():
    """A form is made from it: every operator has a label, every kind its operators, every choice its list."""
    used = {name for row in PROPERTIES.values() for name in row.operators}

    assert used <= set(OPERATORS)
    assert set(OPERATORS) == {name for names in OPERATORS_OF.values() for name in names}
    assert all(row.choices for row in PROPERTIES.values() if row.kind == "choice")
    assert all(row.choices for row in ACTIONS.values() if row.kind == "choice")
    assert set(PROPERTIES) == {row.identifier for row in PROPERTIES.values()}


def test_a_pattern_is_only_text():
    """No regular expressions: the worst of them is a string to be found, and takes no time."""
    evil = "(a+)+$"

    assert matches("sku", "contains", evil) is False
    assert matches("sku", "contains", evil, facts=replace(ORDER, skus=("x(a+)+$",))) is True


WORDS = st.text(max_size=12)
CONDITIONS = st.builds(
    Condition,
    property=st.sampled_from([*PROPERTIES, "moon"]),
    operator=st.sampled_from([*OPERATORS, "matches"]),
    compare_to=WORDS
    | st.sampled_from(["7", "DE, CH", "1-2", "20000-39999", "1.5 kg", "40 EUR", "-", ",", "1-2-3"])
    | st.lists(WORDS, max_size=3).map(tuple),
)
RULES = st.lists(
    st.builds(
        Rule,
        id=st.integers(1, 9),
        name=WORDS,
        match_all=st.booleans(),
        active=st.booleans(),
        conditions=st.lists(CONDITIONS, max_size=3).map(tuple),
        actions=st.integers(1, 5).map(ship),
    ),
    max_size=6,
)
FACTS = st.builds(
    OrderFacts,
    integration_id=st.integers(1, 9),
    country=st.sampled_from(["DE", "CH", "", "??"]),
    postal_code=WORDS,
    skus=st.lists(WORDS, max_size=3).map(tuple),
    tags=st.lists(WORDS, max_size=3).map(tuple),
    value=st.none() | st.builds(Money, st.integers(-100, 10**9), st.sampled_from(["EUR", "JPY"])),
    weight_g=st.none() | st.integers(0, 10**6),
)


@settings(max_examples=300)
@given(rules=RULES, facts=FACTS)
def test_rules_always_answer_and_always_the_same(rules, facts):
    found = apply(rules, facts)

    assert found == apply(prepare(rules), facts)
    json.dumps(found.trace)
    chose = [row for row in found.trace if row["matched"]]
    assert (found.sender_address_id is None) == (not chose)
    for each in rules:
        check(each)


@settings(max_examples=200)
@given(condition=CONDITIONS, facts=FACTS)
def test_a_negative_is_the_opposite_of_its_positive(condition, facts):
    opposites = {"is": "is_not", "in": "not_in", "contains": "not_contains", "equal": "not_equal"}
    if condition.operator not in opposites:
        return
    turned = replace(condition, operator=opposites[condition.operator])
    one = apply([rule(conditions=(condition,))], facts)
    other = apply([rule(conditions=(turned,))], facts)

    assert not (one.sender_address_id and other.sender_address_id)
    if one.trace and other.trace:
        assert bool(one.sender_address_id) != bool(other.sender_address_id)


@given(rules=RULES, facts=FACTS)
def test_a_rule_that_does_not_match_may_be_taken_away(rules, facts):
    numbered = [replace(each, id=at) for at, each in enumerate(rules, start=1)]
    found = apply(numbered, facts)
    useful = {row["rule_id"] for row in found.short_trace}

    assert apply([each for each in numbered if each.id in useful], facts) == found


def test_five_hundred_rules_take_a_moment():
    """The promise is 2 ms; a busy test machine gets ten times that before the test fails."""
    dice = random.Random(3)
    rules = [
        rule(
            ("integration", "is", str(dice.randint(1, 9))),
            ("sku", "contains", f"x{number}"),
            ("order_value", "ge", str(number)),
            ("postal_code", "in_range", "20000-39999"),
            id=number,
            to=number,
        )
        for number in range(1, 501)
    ]
    program = prepare(rules)

    best = min(_seconds(lambda: apply(program, ORDER)) for _ in range(20))

    assert best < 0.02


def _seconds(act: object) -> float:
    started = time.perf_counter()
    act()  # type: ignore[operator]
    return time.perf_counter() - started
