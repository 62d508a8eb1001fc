from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.policy.lifecycle import (
    APPROVAL_MOVES,
    CARRIER_MOVES,
    DEAD,
    INSPECTION_MOVES,
    PURCHASE_MOVES,
    RETURN_MOVES,
    SETTLEMENT_MOVES,
    Approval,
    CarrierState,
    IllegalMove,
    Inspection,
    PurchaseStatus,
    Settlement,
    Tab,
    check_move,
    may_move,
    tab_of,
)

TABLES = [
    (Approval, APPROVAL_MOVES),
    (CarrierState, CARRIER_MOVES),
    (Inspection, INSPECTION_MOVES),
    (Settlement, SETTLEMENT_MOVES),
    (PurchaseStatus, PURCHASE_MOVES),
]


@pytest.mark.parametrize(("words", "table"), TABLES)
def test_every_state_has_a_row_and_no_state_moves_to_itself(words, table):
    assert set(table) == set(words)
    assert all(state not in targets for state, targets in table.items())
    assert all(targets <= set(words) for targets in table.values())


@pytest.mark.parametrize(("words", "table"), TABLES)
def test_no_life_is_a_circle_that_cannot_end(words, table):
    """From every state some end can be reached."""
    ends = {state for state, targets in table.items() if not targets}
    reach = set(ends)
    while True:
        more = {state for state, targets in table.items() if targets & reach} - reach
        if not more:
            break
        reach |= more

    assert ends
    assert reach == set(words)


@pytest.mark.parametrize(
    ("field", "current", "target", "legal"),
    [
        ("approval", "requested", "approved", True),
        ("approval", "approved", "rejected", False),
        ("approval", "rejected", "approved", True),
        ("approval", "cancelled", "approved", False),
        ("carrier", "label_ready", "in_transit", True),
        ("carrier", "in_transit", "label_ready", False),
        ("carrier", "delivered", "in_transit", False),
        ("carrier", "lost", "delivered", True),
        ("carrier", "exception", "in_transit", True),
        ("inspection", "pending", "accepted", True),
        ("inspection", "accepted", "pending", False),
        ("settlement", "promised", "refunded", True),
        ("settlement", "closed", "open", False),
    ],
)
def test_moves(field, current, target, legal):
    assert may_move(field, current, target) is legal
    if legal:
        check_move(field, current, target)
    else:
        with pytest.raises(IllegalMove, match=f"“{current}” cannot become “{target}”"):
            check_move(field, current, target)


def test_an_unknown_word_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="teleported"):
        check_move("carrier", "label_ready", "teleported")


@pytest.mark.parametrize(
    ("case", "lives", "expected"),
    [
        ("asked", ("requested", "none", "pending", "open"), Tab.REQUESTS),
        ("approved, no scan yet", ("approved", "label_ready", "pending", "open"), Tab.IN_TRANSIT),
        ("on the road", ("approved", "in_transit", "pending", "open"), Tab.IN_TRANSIT),
        ("no label to be had", ("approved", "failed", "pending", "open"), Tab.IN_TRANSIT),
        ("arrived", ("approved", "delivered", "pending", "open"), Tab.RETURNED),
        ("looked at in a store", ("approved", "none", "received", "open"), Tab.RETURNED),
        ("paid back early", ("approved", "in_transit", "pending", "refunded"), Tab.COMPLETED),
        ("closed without money", ("approved", "delivered", "accepted", "closed"), Tab.COMPLETED),
        ("promised is not paid", ("approved", "delivered", "accepted", "promised"), Tab.RETURNED),
        ("rejected", ("rejected", "none", "pending", "open"), Tab.REJECTED),
        ("cancelled on the road", ("cancelled", "in_transit", "pending", "open"), Tab.REJECTED),
    ],
)
def test_tab_of(case, lives, expected):
    names = ("approval", "carrier", "inspection", "settlement")

    assert tab_of(**dict(zip(names, lives, strict=True))) == expected


def test_every_combination_has_one_tab():
    for approval, carrier, inspection, settlement in product(
        Approval, CarrierState, Inspection, Settlement
    ):
        found = tab_of(
            approval=approval, carrier=carrier, inspection=inspection, settlement=settlement
        )
        assert (found is Tab.REJECTED) == (approval in DEAD)


@given(field=st.sampled_from(list(RETURN_MOVES)), steps=st.lists(st.integers(0, 20), max_size=50))
def test_any_walk_over_legal_moves_ends_within_the_table(field, steps):
    table = RETURN_MOVES[field]
    state = next(iter(table))
    for step in steps:
        choices = sorted(table[state])
        if not choices:
            break
        target = choices[step % len(choices)]
        check_move(field, state, target)
        state = target

    assert state in table
