"""Step 5: the warehouse opens the box and counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.sentences import Sentence
from rientro.models.events import Event
from rientro.models.returns import Return, ReturnItem
from rientro.policy.lifecycle import Approval, CarrierState, Inspection


class BadCount(RientroError):
    """Items that are not of this return, named twice, or more units than were sent."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_count"


class NotExpected(RientroError):
    """Only an approved return is received."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "return_not_expected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedItem:
    """What was found of one item. ``quantity`` is how many units are here in all, not how many more."""

    item_id: int
    quantity: int
    grade: str = ""
    disposition: str = ""


@transaction.atomic
def receive_return(
    *, ret: Return, items: Sequence[ReceivedItem], actor: str, now: datetime
) -> Return:
    """Write down what was in the box, in what state, and where it goes.

    Everything here: accepted; nothing: rejected; else partly accepted, to be counted again when more arrives.
    Items that are not named count as not here. Raises BadCount, NotExpected, and IllegalMove for a return that
    was counted to its end before; nothing is written then.
    """
    ret = Return.objects.locked().get(pk=ret.pk)
    if ret.approval != Approval.APPROVED:
        raise NotExpected("Only an approved return can be received.", approval=ret.approval)
    rows = {item.pk: item for item in ReturnItem.objects.filter(ret=ret).order_by("pk")}
    _check(items, rows)
    for found in items:
        _write(rows[found.item_id], found)
    _move(ret, _verdict(list(rows.values())), now=now)
    Event.record(
        "return.received",
        actor=actor,
        at=now,
        ret=ret,
        result=ret.inspection,
        units=sum(row.received_quantity for row in rows.values()),
        of=sum(row.quantity for row in rows.values()),
    )
    return ret


def _check(items: Sequence[ReceivedItem], rows: dict[int, ReturnItem]) -> None:
    if len({found.item_id for found in items}) < len(items):
        raise BadCount("Each item may be named once only.")
    for found in items:
        row = rows.get(found.item_id)
        if row is None:
            raise BadCount("This item is not part of this return.", item_id=found.item_id)
        if not 0 <= found.quantity <= row.quantity:
            raise BadCount(
                Sentence(
                    "Between 0 and %(most)s units of this item can be here.", most=row.quantity
                ),
                item_id=found.item_id,
                most=row.quantity,
            )
        if found.grade and found.grade not in ReturnItem.Grade.values:
            raise BadCount("Choose one of the grades.", item_id=found.item_id)
        if found.disposition and found.disposition not in ReturnItem.Disposition.values:
            raise BadCount("Choose where the item goes.", item_id=found.item_id)


def _write(row: ReturnItem, found: ReceivedItem) -> None:
    row.received_quantity = found.quantity
    row.grade, row.disposition = found.grade, found.disposition
    row.save(update_fields=["received_quantity", "grade", "disposition"])


def _verdict(rows: Sequence[ReturnItem]) -> Inspection:
    if all(row.received_quantity == row.quantity for row in rows):
        return Inspection.ACCEPTED
    if any(row.received_quantity for row in rows):
        return Inspection.PARTLY_ACCEPTED
    return Inspection.REJECTED


def _move(ret: Return, verdict: Inspection, *, now: datetime) -> None:
    # A second count of a partly filled box may end as it began.
    if ret.inspection != verdict or verdict != Inspection.PARTLY_ACCEPTED:
        ret.move(save=False, inspection=verdict.value)
    if ret.may("carrier", CarrierState.DELIVERED.value):
        ret.move(save=False, carrier=CarrierState.DELIVERED.value)
    ret.delivered_at = ret.delivered_at or now
    ret.received_at = ret.received_at or now
    ret.silent_since = None
    ret.save(
        update_fields=[
            "inspection",
            "carrier",
            "delivered_at",
            "received_at",
            "silent_since",
            "updated_at",
        ]
    )
