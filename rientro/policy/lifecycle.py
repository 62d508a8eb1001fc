"""The four lives of a return, each with its own moves, and the tab of the desk that follows from them.

A return is approved by a person or a rule (approval), travels (carrier), is looked at (inspection) and is
paid back (settlement). They are kept apart because each can stand still while the others move. The same
tables are held by a trigger in the database; `tests/house` compares the two.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from rientro.kit.errors import RientroError


class Approval(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class CarrierState(StrEnum):
    NONE = "none"  # no label of ours is needed: handed in at a store, or sent by the shopper
    LABEL_PENDING = "label_pending"
    LABEL_READY = "label_ready"
    FAILED = "failed"  # the carrier refused to sell a label
    HANDED_IN = "handed_in"
    IN_TRANSIT = "in_transit"
    AT_CUSTOMS = "at_customs"
    DELAYED = "delayed"
    EXCEPTION = "exception"
    DELIVERED = "delivered"
    RETURNED_TO_SENDER = "returned_to_sender"
    LOST = "lost"


class Inspection(StrEnum):
    PENDING = "pending"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    PARTLY_ACCEPTED = "partly_accepted"
    REJECTED = "rejected"


class Settlement(StrEnum):
    OPEN = "open"
    PROMISED = "promised"
    REFUNDED = "refunded"
    CLOSED = "closed"  # done without money: exchanged, repaired, or nothing owed


class Tab(StrEnum):
    REQUESTS = "requests"
    IN_TRANSIT = "in_transit"
    RETURNED = "returned"
    COMPLETED = "completed"
    REJECTED = "rejected"


class PurchaseStatus(StrEnum):
    BUYING = "buying"
    BOUGHT = "bought"
    REFUSED = "refused"
    UNKNOWN = "unknown"  # it may exist; a person settles it with the carrier
    VOIDED = "voided"
    ABANDONED = "abandoned"  # the return was cancelled before the carrier was asked


_A, _C, _I, _S = Approval, CarrierState, Inspection, Settlement

APPROVAL_MOVES: dict[Approval, frozenset[Approval]] = {
    _A.REQUESTED: frozenset({_A.APPROVED, _A.REJECTED, _A.CANCELLED}),
    _A.APPROVED: frozenset({_A.CANCELLED}),
    _A.REJECTED: frozenset({_A.APPROVED}),  # a desk may change its mind
    _A.CANCELLED: frozenset(),
}

# On the road a parcel may be seen in any order, but never goes back to paper, and the ends stay ends.
_ROAD = frozenset({_C.HANDED_IN, _C.IN_TRANSIT, _C.AT_CUSTOMS, _C.DELAYED, _C.EXCEPTION})
_ENDS = frozenset({_C.DELIVERED, _C.RETURNED_TO_SENDER, _C.LOST})
CARRIER_MOVES: dict[CarrierState, frozenset[CarrierState]] = {
    # Without a label of ours a parcel may still travel: the shopper sends it.
    _C.NONE: _ROAD | _ENDS | {_C.LABEL_PENDING},
    _C.LABEL_PENDING: frozenset({_C.LABEL_READY, _C.FAILED, _C.NONE, _C.DELIVERED}),
    _C.LABEL_READY: _ROAD | _ENDS | {_C.LABEL_PENDING, _C.NONE},
    _C.FAILED: frozenset({_C.LABEL_PENDING, _C.NONE, _C.DELIVERED}),
    **{state: (_ROAD | _ENDS) - {state} for state in _ROAD},
    _C.DELIVERED: frozenset(),
    _C.RETURNED_TO_SENDER: frozenset({_C.DELIVERED}),
    _C.LOST: frozenset({_C.DELIVERED, _C.RETURNED_TO_SENDER}),  # parcels turn up again
}
INSPECTION_MOVES: dict[Inspection, frozenset[Inspection]] = {
    _I.PENDING: frozenset({_I.RECEIVED, _I.ACCEPTED, _I.PARTLY_ACCEPTED, _I.REJECTED}),
    _I.RECEIVED: frozenset({_I.ACCEPTED, _I.PARTLY_ACCEPTED, _I.REJECTED}),
    _I.ACCEPTED: frozenset(),
    _I.PARTLY_ACCEPTED: frozenset({_I.ACCEPTED}),
    _I.REJECTED: frozenset(),
}
SETTLEMENT_MOVES: dict[Settlement, frozenset[Settlement]] = {
    _S.OPEN: frozenset({_S.PROMISED, _S.REFUNDED, _S.CLOSED}),
    # The shop refused what was promised: another amount may go back.
    _S.PROMISED: frozenset({_S.REFUNDED, _S.CLOSED, _S.OPEN}),
    _S.REFUNDED: frozenset({_S.CLOSED}),
    _S.CLOSED: frozenset(),
}
_P = PurchaseStatus
PURCHASE_MOVES: dict[PurchaseStatus, frozenset[PurchaseStatus]] = {
    _P.BUYING: frozenset({_P.BOUGHT, _P.REFUSED, _P.UNKNOWN, _P.ABANDONED}),
    _P.UNKNOWN: frozenset({_P.BOUGHT, _P.REFUSED, _P.BUYING}),
    _P.BOUGHT: frozenset({_P.VOIDED}),
    _P.REFUSED: frozenset(),
    _P.VOIDED: frozenset(),
    _P.ABANDONED: frozenset(),
}

# field of the return -> its table
RETURN_MOVES: dict[str, Mapping[StrEnum, frozenset[StrEnum]]] = {
    "approval": APPROVAL_MOVES,  # type: ignore[dict-item]
    "carrier": CARRIER_MOVES,  # type: ignore[dict-item]
    "inspection": INSPECTION_MOVES,  # type: ignore[dict-item]
    "settlement": SETTLEMENT_MOVES,  # type: ignore[dict-item]
}
# A return that does not count against the quantities of its order.
DEAD = frozenset({Approval.REJECTED, Approval.CANCELLED})


class IllegalMove(RientroError):
    kind: ClassVar = "conflict"
    code: ClassVar[str] = "illegal_status_change"


def check_move(field: str, current: str, target: str) -> None:
    """Raise IllegalMove unless ``current`` -> ``target`` is on the table of ``field``."""
    table = RETURN_MOVES[field]
    known = type(next(iter(table)))
    if known(target) not in table[known(current)]:
        raise IllegalMove(
            f"A return whose {field} is “{current}” cannot become “{target}”.",
            field=field,
            current=current,
            target=target,
        )


def may_move(field: str, current: str, target: str) -> bool:
    """Is ``current`` -> ``target`` on the table of ``field``?"""
    table = RETURN_MOVES[field]
    known = type(next(iter(table)))
    return known(target) in table[known(current)]


def tab_of(*, approval: str, carrier: str, inspection: str, settlement: str) -> Tab:
    """The tab of the returns desk where a return is found. The generated column says the same in SQL."""
    if approval in (Approval.REJECTED, Approval.CANCELLED):
        return Tab.REJECTED
    if approval == Approval.REQUESTED:
        return Tab.REQUESTS
    if settlement in (Settlement.REFUNDED, Settlement.CLOSED):
        return Tab.COMPLETED
    if carrier == CarrierState.DELIVERED or inspection != Inspection.PENDING:
        return Tab.RETURNED
    return Tab.IN_TRANSIT
