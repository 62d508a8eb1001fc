"""The desk lets a return come in one parcel more."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models.boxes import label_in_hand, label_on_its_way
from rientro.models.customs import needs_declaration
from rientro.models.events import Event
from rientro.models.purchasing import intend_label
from rientro.models.returns import Return
from rientro.policy.boxes import MOST
from rientro.policy.lifecycle import Approval, CarrierState, Inspection
from rientro.policy.return_methods import buys_label

OVER = frozenset({CarrierState.DELIVERED, CarrierState.RETURNED_TO_SENDER, CarrierState.LOST})


class CannotAddParcel(RientroError):
    """This return takes no further parcel."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "cannot_add_parcel"


def takes_another_parcel(ret: Return) -> bool:
    """May the desk add a parcel, short of what customs say?"""
    return (
        ret.approval in (Approval.REQUESTED, Approval.APPROVED)
        and buys_label(ret.method)
        and ret.carrier not in OVER
        and ret.inspection == Inspection.PENDING
        and ret.parcel_count < MOST
    )


@transaction.atomic
def add_parcel(*, ret: Return, actor: str, now: datetime) -> Return:
    """One parcel more for ``ret``; an approved return gets its label asked for at once, a requested one later.

    Raises CannotAddParcel: the return is over or needs no label, or its goods are declared on another label
    already. Nothing is written then.
    """
    ret = Return.objects.locked().get(pk=ret.pk)
    if not takes_another_parcel(ret):
        raise CannotAddParcel("This return takes no further parcel.")
    if needs_declaration(ret) and (label_in_hand(ret) or label_on_its_way(ret)):
        raise CannotAddParcel(
            "The label that is there declares all of the goods for customs. Give it back first."
        )
    ret.parcel_count += 1
    ret.save(update_fields=["parcel_count", "updated_at"])
    Event.record("return.parcel_added", actor=actor, at=now, ret=ret, units=ret.parcel_count)
    if ret.approval == Approval.APPROVED:
        intend_label(ret, at=now, actor=actor, boxes=1)
    return ret
