import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.policy.carrier_choice import Choice, ContractFacts, Why, choose, limits_of


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
        "version": 1,
        "why": "only_one",
        "contract_id": 3,
        "carrier": "sandbox",
        "brand_id": 7,
        "origin": "IT",
        "weight_g": 1000,
        "left_out": [{"contract_id": 1, "why": "country"}, {"contract_id": 2, "why": "weight"}],
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
