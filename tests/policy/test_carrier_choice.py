import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.kit.money import Money
from rientro.policy.carrier_choice import Choice, ContractFacts, Why, choose, limits_of
from rientro.policy.choice_rules import Wish


def contract(number: int, **changes: object) -> ContractFacts:
    return ContractFacts(id=number, carrier="sandbox", **changes)  # type: ignore[arg-type]


def chosen(*contracts: ContractFacts, origin: str = "IT", weight_g: int = 1000) -> Choice:
    return choose(contracts, brand_id=7, origin=origin, weight_g=weight_g)


@pytest.mark.parametrize(
    ("case", "contracts", "expected"),
    [
        ("none connected", (), Choice(None, Why.NONE)),
        ("the only one", (contract(1),), Choice(1, Why.ONLY_ONE)),
        ("two and no default", (contract(1), contract(2)), Choice(None, Why.NONE)),
        ("the default", (contract(1), contract(2, is_default=True)), Choice(2, Why.DEFAULT)),
        (
            "the brand's own before the default",
            (contract(1, is_default=True), contract(2, brands=frozenset({7}))),
            Choice(2, Why.BRAND),
        ),
        (
            "another brand's own is nobody's",
            (contract(1), contract(2, brands=frozenset({8}))),
            Choice(1, Why.ONLY_ONE),
        ),
        (
            "only another brand's own",
            (contract(2, brands=frozenset({8})),),
            Choice(None, Why.NONE),
        ),
        (
            "the country leaves the default out",
            (contract(1, is_default=True, countries=frozenset({"DE"})), contract(2)),
            Choice(2, Why.ONLY_ONE),
        ),
        (
            "a parcel of exactly the heaviest weight",
            (contract(1, max_weight_g=1000),),
            Choice(1, Why.ONLY_ONE),
        ),
        ("a gram too heavy", (contract(1, max_weight_g=999),), Choice(None, Why.NONE)),
        (
            "refused credentials step back",
            (contract(1, is_default=True, working=False), contract(2)),
            Choice(2, Why.ONLY_ONE),
        ),
        (
            "but are tried when there is nothing else",
            (contract(1, is_default=True, working=False),),
            Choice(1, Why.DEFAULT),
        ),
    ],
)
def test_choose(case, contracts, expected):
    assert chosen(*contracts) == expected


def test_the_trace_says_who_was_left_out_and_why():
    found = chosen(
        contract(1, countries=frozenset({"DE"})), contract(2, max_weight_g=5), contract(3)
    )

    assert json.loads(json.dumps(found.trace)) == {
        "rule": "carrier",
        "version": 2,
        "why": "only_one",
        "contract_id": 3,
        "name": "",
        "carrier": "sandbox",
        "service": "",
        "brand_id": 7,
        "origin": "IT",
        "weight_g": 1000,
        "left_out": [
            {"contract_id": 1, "name": "", "why": "country"},
            {"contract_id": 2, "name": "", "why": "weight"},
        ],
        "others": [],
    }


@pytest.mark.parametrize(
    ("case", "settings", "expected"),
    [
        ("nothing said", {}, (frozenset(), frozenset(), 0)),
        (
            "lists",
            {"brands": [7, "8"], "countries": ["it", "DE"], "max_weight_g": 30000},
            (frozenset({7, 8}), frozenset({"IT", "DE"}), 30000),
        ),
        (
            "typed with commas",
            {"brands": "7, 8", "countries": "it, DE ,", "max_weight_g": "30000"},
            (frozenset({7, 8}), frozenset({"IT", "DE"}), 30000),
        ),
        (
            "odd values are no limit",
            {"brands": 7, "countries": ["Italy"], "max_weight_g": "heavy"},
            (frozenset(), frozenset(), 0),
        ),
    ],
)
def test_limits_of(case, settings, expected):
    assert limits_of(settings) == expected


CONTRACTS = st.lists(
    st.builds(
        ContractFacts,
        id=st.integers(1, 99),
        carrier=st.just("sandbox"),
        is_default=st.booleans(),
        working=st.booleans(),
        brands=st.frozensets(st.integers(6, 8), max_size=2),
        countries=st.frozensets(st.sampled_from(["IT", "DE"]), max_size=2),
        max_weight_g=st.integers(0, 2000),
    ),
    max_size=6,
    unique_by=lambda each: each.id,
)


@given(contracts=CONTRACTS, weight_g=st.integers(0, 3000), origin=st.sampled_from(["IT", "FR"]))
def test_what_is_chosen_can_take_the_parcel(contracts, weight_g, origin):
    found = choose(contracts, brand_id=7, origin=origin, weight_g=weight_g)

    if found.contract_id is not None:
        taken = next(each for each in contracts if each.id == found.contract_id)
        assert not taken.countries or origin in taken.countries
        assert not taken.max_weight_g or weight_g <= taken.max_weight_g
    assert (found.contract_id is None) == (found.why is Why.NONE)


# --- what rules ask for, and who comes after


def wish(contract_id: int | None, service: str = "", rule: int = 1) -> Wish:
    return Wish(contract_id=contract_id, service=service, rule_id=rule, name="A rule", version=2)


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def ranked(*contracts: ContractFacts, wishes: list[Wish], **more: Any) -> list[tuple[int, str]]:
    """(contract, why) of everybody who would be asked, in their order."""
    facts: dict[str, Any] = {"brand_id": 7, "origin": "IT", "weight_g": 1000}
    found = choose(contracts, wishes=wishes, **facts | more)
    first = [] if found.contract_id is None else [(found.contract_id, found.why.value)]
    return first + [(pick.contract.id, pick.why.value) for pick in found.others]


def test_a_rule_goes_before_the_default_and_the_default_is_asked_next():
    two = (contract(1, is_default=True), contract(2, service="usual"))

    found = choose(two, brand_id=7, origin="IT", weight_g=1, wishes=[wish(2, "retoure", rule=9)])

    assert (found.contract_id, found.service, found.why) == (2, "retoure", Why.RULE)
    assert [pick.contract.id for pick in found.others] == [1]
    assert found.trace["named_by"] == {"rule_id": 9, "name": "A rule", "version": 2}
    assert found.trace["others"][0]["why"] == "default"


def test_each_contract_is_asked_once_however_many_rules_name_it():
    three = (contract(1, is_default=True), contract(2), contract(3))

    assert ranked(*three, wishes=[wish(2), wish(3), wish(2), wish(1)]) == [
        (2, "rule"),
        (3, "rule"),
        (1, "rule"),
    ]


def test_a_contract_that_nobody_named_is_never_asked():
    assert ranked(contract(1, is_default=True), contract(2), wishes=[]) == [(1, "default")]


def test_a_rule_for_a_contract_that_is_gone_or_cannot_is_passed_over():
    two = (contract(1, is_default=True), contract(2, countries=frozenset({"DE"})))

    assert ranked(*two, wishes=[wish(2), wish(99)]) == [(1, "default")]


def test_the_cheapest_of_those_that_take_it():
    four = (
        contract(1, is_default=True, price=euros(700)),
        contract(2, price=euros(500), max_weight_g=10),
        contract(3, price=euros(600)),
        contract(4, price=euros(100), brands=frozenset({8})),
    )

    assert ranked(*four, wishes=[wish(None)]) == [(3, "cheapest"), (1, "cheapest")]


def test_prices_in_two_currencies_are_not_compared():
    three = (
        contract(1, is_default=True, price=euros(700)),
        contract(2, price=Money(1, "CHF")),
        contract(3),
    )

    assert ranked(*three, wishes=[wish(None)]) == [(1, "cheapest")]


def test_a_service_takes_no_more_than_its_carrier_said():
    two = (contract(1, is_default=True), contract(2, heaviest={"letter": 999, "parcel": 1000}))

    assert ranked(*two, wishes=[wish(2, "letter")]) == [(1, "default")]
    assert ranked(*two, wishes=[wish(2, "parcel")]) == [(2, "rule"), (1, "default")]
    assert ranked(*two, wishes=[wish(2, "unheard of")])[0] == (2, "rule")


def test_a_test_contract_never_stands_in_for_a_real_one():
    two = (contract(1, is_default=True, test=True), contract(2))

    assert ranked(*two, wishes=[wish(2)]) == [(2, "rule")]


def test_what_the_way_back_needs_leaves_out_who_cannot():
    three = (
        contract(1, is_default=True),
        contract(2, abilities=frozenset({"labelless"})),
        contract(3, abilities=frozenset({"pickup"})),
    )

    assert ranked(*three, wishes=[wish(2), wish(3)], needs="labelless") == [(2, "rule")]


@given(
    contracts=CONTRACTS,
    named=st.lists(st.none() | st.integers(1, 99), max_size=4),
    weight_g=st.integers(0, 3000),
)
def test_whoever_is_asked_can_take_the_parcel_and_is_asked_once(contracts, named, weight_g):
    wishes = [wish(number) for number in named]
    asked = [number for number, _why in ranked(*contracts, wishes=wishes, weight_g=weight_g)]

    assert len(asked) == len(set(asked))
    for number in asked:
        taken = next(each for each in contracts if each.id == number)
        assert not taken.countries or "IT" in taken.countries
        assert not taken.max_weight_g or weight_g <= taken.max_weight_g
