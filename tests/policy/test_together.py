"""Where a return is that travels in several parcels."""

from itertools import permutations

import pytest

from rientro.policy.lifecycle import CARRIER_MOVES, CarrierState
from rientro.policy.tracking import together


@pytest.mark.parametrize(
    ("parcels", "expected"),
    [
        pytest.param([], "label_ready", id="none"),
        pytest.param(["label_ready", "label_pending"], "label_ready", id="nothing scanned"),
        pytest.param(["handed_in", "label_ready"], "handed_in", id="one handed in"),
        pytest.param(["delivered", "label_ready"], "in_transit", id="one there, one at home"),
        pytest.param(["in_transit", "handed_in"], "in_transit", id="the furthest"),
        pytest.param(["in_transit", "at_customs", "delivered"], "at_customs", id="customs shows"),
        pytest.param(["delayed", "at_customs"], "delayed", id="delay shows"),
        pytest.param(["exception", "delayed", "delivered"], "exception", id="trouble shows"),
        pytest.param(["lost", "in_transit"], "exception", id="lost is no end of all"),
        pytest.param(["returned_to_sender", "label_ready"], "exception", id="nor is going back"),
        pytest.param(["delivered", "delivered"], "delivered", id="all there"),
        pytest.param(["lost", "delivered"], "lost", id="all ended, the worst shows"),
        pytest.param(["returned_to_sender", "delivered"], "returned_to_sender", id="one went back"),
        pytest.param(["lost", "returned_to_sender"], "lost", id="both bad"),
        *[
            pytest.param([state.value], state.value, id=f"{state.value} alone")
            for state in CarrierState
            if state.value not in ("none", "label_pending", "failed")
        ],
    ],
)
def test_the_order_of_parcels_does_not_matter(parcels, expected):
    assert {together(order) for order in permutations(parcels)} == {expected}


def test_every_step_that_parcels_take_is_one_that_a_return_may_take():
    """Else a return would stay behind its parcels."""
    seen = set()
    for first in _road():
        for second in _road():
            before = together([first, second])
            for later in CARRIER_MOVES[first]:
                after = together([later, second])
                if before != after and _is_on_the_road(before) and _is_on_the_road(after):
                    seen.add((before, after))

    assert {(b, a) for b, a in seen if a not in CARRIER_MOVES[b]} == set()


def _road():
    return [state for state in CarrierState if _is_on_the_road(state)]


def _is_on_the_road(state):
    return state.value not in ("none", "label_pending", "label_ready", "failed")
