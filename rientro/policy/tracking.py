"""What the scans of a parcel say, taken together, in whatever order and however often they arrive.

Carriers tell the same news twice, late, and with clocks that go wrong. So nothing is applied one by one: the
status is a function of the whole set of scans.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from rientro.policy.lifecycle import CarrierState

CLOCK_TOLERANCE = timedelta(minutes=15)  # a scan further in the future than this has a wrong clock

_C = CarrierState
# A higher rank wins whatever the clocks say; on equal rank the later scan wins. Ends never give way to the
# road, and of two ends the one that lifecycle.CARRIER_MOVES still allows to follow is higher.
RANK: dict[CarrierState, int] = {
    _C.NONE: 0,
    _C.LABEL_PENDING: 0,
    _C.FAILED: 0,
    _C.LABEL_READY: 0,
    _C.HANDED_IN: 1,
    _C.IN_TRANSIT: 2,
    _C.AT_CUSTOMS: 2,
    _C.DELAYED: 2,
    _C.EXCEPTION: 2,
    _C.LOST: 3,
    _C.RETURNED_TO_SENDER: 4,
    _C.DELIVERED: 5,
}
ENDS = frozenset({_C.DELIVERED, _C.RETURNED_TO_SENDER, _C.LOST})
# Of several parcels that are not all at an end, what the return says: the first of these that is among them. A parcel
# that ended badly holds the return up, and is no end of it while others are still coming.
_OF_SEVERAL: tuple[tuple[frozenset[CarrierState], CarrierState], ...] = (
    (frozenset({_C.LOST, _C.RETURNED_TO_SENDER, _C.EXCEPTION}), _C.EXCEPTION),
    (frozenset({_C.DELAYED}), _C.DELAYED),
    (frozenset({_C.AT_CUSTOMS}), _C.AT_CUSTOMS),
    (frozenset({_C.IN_TRANSIT, _C.DELIVERED}), _C.IN_TRANSIT),
    (frozenset({_C.HANDED_IN}), _C.HANDED_IN),
)
ON_THE_ROAD = frozenset({_C.HANDED_IN, _C.IN_TRANSIT, _C.AT_CUSTOMS, _C.DELAYED, _C.EXCEPTION})
# Of two scans in the same second the one that says more counts.
_WEIGHT = {
    state: weight
    for weight, state in enumerate((_C.IN_TRANSIT, _C.AT_CUSTOMS, _C.DELAYED, _C.EXCEPTION))
}

# Common words of carriers and aggregators for the same few things. An adapter that knows its carrier's codes
# maps those; this is for the rest.
WORDS: Mapping[str, CarrierState] = {
    **{state.value: state for state in RANK if RANK[state]},
    # Nobody has seen the parcel yet, in whatever words an adapter says so: our own word is one of them.
    **dict.fromkeys(
        (_C.LABEL_READY.value, "announced", "pending", "pre_transit", "label_created"),
        _C.LABEL_READY,
    ),
    **dict.fromkeys(("picked_up", "accepted", "dropped_off", "collected"), _C.HANDED_IN),
    **dict.fromkeys(("transit", "sorting", "at_hub", "out_for_delivery"), _C.IN_TRANSIT),
    **dict.fromkeys(("ready_for_pickup", "en_route", "at_sorting_centre"), _C.IN_TRANSIT),
    **dict.fromkeys(("customs", "held_at_customs", "clearance"), _C.AT_CUSTOMS),
    **dict.fromkeys(("delivery_delayed", "on_hold", "delay"), _C.DELAYED),
    **dict.fromkeys(("delivery_failed", "failure", "damaged", "address_problem"), _C.EXCEPTION),
    **dict.fromkeys(("return_to_sender", "returned", "refused"), _C.RETURNED_TO_SENDER),
    **dict.fromkeys(("missing", "destroyed"), _C.LOST),
}


# What an adapter says instead of a place when the carrier has decided about a label that was to be given back.
LABEL_VOIDED, LABEL_VOID_REFUSED = "label_voided", "label_void_refused"
VOID_NEWS = frozenset({LABEL_VOIDED, LABEL_VOID_REFUSED})


class ScanLike(Protocol):
    """A scan as an adapter hands it over, or as a table keeps it."""

    @property
    def status(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def key(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where a parcel is. Times are the carrier's own; None where no scan says so.

    ``first_at`` is the first scan that shows the parcel moving (some carriers bill then), ``delivered_at`` the
    first that says delivered. ``clock_ahead``: some scan lies in the future, its time should not be shown.
    """

    state: CarrierState
    occurred_at: datetime | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None
    delivered_at: datetime | None = None
    clock_ahead: bool = False

    @property
    def is_end(self) -> bool:
        return self.state in ENDS


def state_named(word: str) -> CarrierState | None:
    """Our state for a carrier's common word, ``"In transit"`` and ``"IN-TRANSIT"`` alike; None if unknown."""
    return WORDS.get("_".join(word.casefold().replace("-", " ").replace("_", " ").split()))


def rank(state: CarrierState | str) -> int:
    """How far along ``state`` is; a parcel never goes to a lower rank."""
    return RANK[CarrierState(state)]


def status_of(scans: Iterable[ScanLike], *, now: datetime | None = None) -> Status:
    """The one status of a set of scans; their order and repetitions do not matter.

    Ordered by rank, then time, then key. Scans with a word that is none of ours are news without a status.
    Without any scan the parcel is ``label_ready``. ``now`` is only for ``clock_ahead``.
    """
    known = {scan.key: scan for scan in sorted(scans, key=_identity) if scan.status in _STATES}
    moving = [scan for scan in known.values() if rank(scan.status)]
    if not moving:
        return Status(state=CarrierState.LABEL_READY)
    top = max(moving, key=_order)
    times = [scan.occurred_at for scan in moving]
    arrived = [s.occurred_at for s in moving if s.status == CarrierState.DELIVERED]
    return Status(
        state=CarrierState(top.status),
        occurred_at=top.occurred_at,
        first_at=min(times),
        last_at=max(times),
        delivered_at=min(arrived, default=None),
        clock_ahead=now is not None and max(times) > now + CLOCK_TOLERANCE,
    )


def together(parcels: Iterable[CarrierState | str]) -> CarrierState:
    """Where a return is whose parcels are where ``parcels`` says: delivered only when all are, else its worst trouble.

    A parcel that nobody has scanned yet counts as not there. Without a scan of any: ``label_ready``.
    """
    states = {CarrierState(state) for state in parcels}
    if states and states <= ENDS:
        return max(states, key=lambda state: -RANK[state])
    for among, said in _OF_SEVERAL:
        if states & among:
            return said
    return _C.LABEL_READY


def kept(current: CarrierState | str, found: CarrierState | str) -> CarrierState:
    """What a parcel is when it was ``current`` and its scans now say ``found``: never a step back.

    What a person decided (delivered by hand) outlives scans that know less.
    """
    before, after = CarrierState(current), CarrierState(found)
    return after if RANK[after] > 0 and RANK[after] >= RANK[before] else before


_STATES = frozenset(state.value for state in CarrierState)


def _identity(scan: ScanLike) -> tuple[str, int, datetime, str]:
    """If one key comes with two contents, the higher one counts, in whatever order they came."""
    known = RANK[CarrierState(scan.status)] if scan.status in _STATES else -1
    return (scan.key, known, scan.occurred_at, scan.status)


def _order(scan: ScanLike) -> tuple[int, datetime, int, str]:
    state = CarrierState(scan.status)
    return (RANK[state], scan.occurred_at, _WEIGHT.get(state, 0), scan.key)
