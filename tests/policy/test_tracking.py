import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rientro.policy.lifecycle import CARRIER_MOVES, CarrierState
from rientro.policy.tracking import RANK, WORDS, Status, kept, rank, state_named, status_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Seen:
    status: str
    occurred_at: datetime = NOON
    key: str = ""


def scans(*told: tuple[str, int]) -> list[Seen]:
    """Scans from (status, hours after noon)."""
    return [
        Seen(status, NOON + timedelta(hours=hours), f"{status}{hours}") for status, hours in told
    ]


@pytest.mark.parametrize(
    ("case", "told", "expected"),
    [
        ("no news", scans(), "label_ready"),
        ("announced only", scans(("label_ready", 0)), "label_ready"),
        ("a word that is none of ours", scans(("teleported", 0)), "label_ready"),
        ("handed in", scans(("handed_in", 0)), "handed_in"),
        ("on the road", scans(("handed_in", 0), ("in_transit", 1)), "in_transit"),
        ("a hand-in that is told late", scans(("in_transit", 1), ("handed_in", 2)), "in_transit"),
        ("the later of two on the road", scans(("exception", 3), ("in_transit", 5)), "in_transit"),
        ("trouble after transit", scans(("in_transit", 3), ("exception", 5)), "exception"),
        ("customs, then on", scans(("at_customs", 3), ("in_transit", 5)), "in_transit"),
        ("delivered", scans(("in_transit", 1), ("delivered", 2)), "delivered"),
        (
            "delivered stays, whatever comes",
            scans(("delivered", 2), ("in_transit", 9)),
            "delivered",
        ),
        ("a clock that runs behind", scans(("in_transit", 9), ("delivered", 2)), "delivered"),
        ("lost is an end", scans(("lost", 2), ("in_transit", 9)), "lost"),
        ("but parcels turn up", scans(("lost", 2), ("delivered", 9)), "delivered"),
        (
            "lost, then sent home",
            scans(("lost", 9), ("returned_to_sender", 2)),
            "returned_to_sender",
        ),
        (
            "sent home, then delivered",
            scans(("returned_to_sender", 2), ("delivered", 9)),
            "delivered",
        ),
        ("same second, the graver news", scans(("in_transit", 1), ("exception", 1)), "exception"),
    ],
)
def test_state_of_scans(case, told, expected):
    assert status_of(told).state == expected


def test_the_status_carries_the_times_that_matter():
    told = scans(("label_ready", -5), ("handed_in", 0), ("delivered", 30), ("delivered", 48))

    assert status_of(told, now=NOON + timedelta(days=5)) == Status(
        state=CarrierState.DELIVERED,
        occurred_at=NOON + timedelta(hours=48),
        first_at=NOON,
        last_at=NOON + timedelta(hours=48),
        delivered_at=NOON + timedelta(hours=30),
    )


@pytest.mark.parametrize(
    ("case", "ahead", "flagged"),
    [("a day ahead", timedelta(days=1), True), ("a minute ahead", timedelta(minutes=1), False)],
)
def test_a_carriers_clock_that_is_ahead_is_told(case, ahead, flagged):
    told = [Seen("in_transit", NOON + ahead, "k")]

    assert status_of(told, now=NOON).clock_ahead is flagged


def test_the_same_scan_told_twice_is_one():
    once = scans(("in_transit", 1), ("exception", 2))

    assert status_of(once * 3) == status_of(once)


def test_one_key_with_two_stories_ends_the_same_in_either_order():
    first, second = Seen("delivered", NOON, "k"), Seen("in_transit", NOON, "k")

    assert status_of([first, second]) == status_of([second, first])
    assert status_of([first, second]).state == "delivered"


STATES = st.sampled_from(
    [state.value for state in CarrierState if RANK[state]] + ["label_ready", "?"]
)
SCANS = st.lists(
    st.builds(
        Seen,
        status=STATES,
        occurred_at=st.integers(-50, 50).map(lambda hours: NOON + timedelta(hours=hours)),
        key=st.integers(0, 30).map(str),
    ),
    max_size=12,
)


@settings(max_examples=300)
@given(told=SCANS, seed=st.integers(0, 10**6), copies=st.integers(1, 3))
def test_order_and_repetition_never_matter(told, seed, copies):
    shuffled = told * copies
    random.Random(seed).shuffle(shuffled)

    assert status_of(shuffled) == status_of(told)


@given(told=SCANS, more=SCANS)
def test_more_news_never_makes_a_parcel_go_back(told, more):
    distinct = [replace(scan, key=f"more {scan.key}") for scan in more]

    before, after = status_of(told).state, status_of([*told, *distinct]).state

    assert rank(after) >= rank(before)
    if before != after and before in CARRIER_MOVES:
        assert after in CARRIER_MOVES[before], f"{before} -> {after} is no legal move"


@given(told=SCANS)
def test_news_taken_one_by_one_end_where_news_taken_at_once_end(told):
    """What the flow does: keep every scan, ask for the whole, never step back."""
    state, seen = CarrierState.LABEL_READY, []
    for scan in told:
        seen.append(scan)
        state = kept(state, status_of(seen).state)

    assert rank(state) == rank(status_of(told).state)


@pytest.mark.parametrize(
    ("case", "current", "found", "expected"),
    [
        ("forward", "label_ready", "in_transit", "in_transit"),
        ("sideways on the road", "exception", "in_transit", "in_transit"),
        ("delivered by hand outlives the road", "delivered", "in_transit", "delivered"),
        ("no news changes nothing", "label_pending", "label_ready", "label_pending"),
        ("no news leaves the failed", "failed", "label_ready", "failed"),
        ("lost turns up", "lost", "delivered", "delivered"),
        ("lost does not wander", "lost", "exception", "lost"),
    ],
)
def test_kept(case, current, found, expected):
    assert kept(current, found) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("In transit", CarrierState.IN_TRANSIT),
        ("IN-TRANSIT", CarrierState.IN_TRANSIT),
        (" out_for_delivery ", CarrierState.IN_TRANSIT),
        ("Picked up", CarrierState.HANDED_IN),
        ("delivery delayed", CarrierState.DELAYED),
        ("delivered", CarrierState.DELIVERED),
        ("Return to sender", CarrierState.RETURNED_TO_SENDER),
        ("quantum", None),
        ("", None),
    ],
)
def test_common_words_are_understood(word, expected):
    assert state_named(word) == expected


def test_every_state_of_the_road_has_a_word_and_every_state_a_rank():
    assert set(RANK) == set(CarrierState)
    assert {state for state in RANK if RANK[state]} <= set(WORDS.values())


ROADS = ("label_ready", "handed_in", "in_transit", "at_customs", "delayed", "exception")
STATES = (*ROADS * 3, "delivered", "returned_to_sender", "lost", "no word of ours")


@pytest.mark.parametrize("seed", range(20))
def test_ten_thousand_shuffles_with_duplicates_end_in_one_state(seed):
    """500 shuffles of each of 20 histories; a failure names its seed."""
    dice = random.Random(seed)
    told = scans(*((dice.choice(STATES), dice.randint(0, 60)) for _each in range(12)))
    expected = status_of(told)

    for _ in range(500):
        shuffled = told * dice.randint(1, 3)
        dice.shuffle(shuffled)
        assert status_of(shuffled) == expected


@pytest.mark.parametrize("seed", range(20))
def test_told_one_by_one_a_parcel_never_leaves_its_end_for_the_road(seed):
    dice = random.Random(seed)
    told = scans(*((dice.choice(STATES), dice.randint(0, 60)) for _each in range(12))) * 2
    dice.shuffle(told)

    state = "label_ready"
    for count in range(1, len(told) + 1):
        after = kept(state, status_of(told[:count]).state)
        assert RANK[after] >= RANK[CarrierState(state)]
        state = after.value
    assert state == kept("label_ready", status_of(told).state)
