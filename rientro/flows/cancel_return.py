"""Shopper or desk takes a return back before it is on its way."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.crash_points import mark
from rientro.kit.errors import Kind, RientroError
from rientro.models.events import Event
from rientro.models.parcels import Label
from rientro.models.purchase_outcomes import ask_void
from rientro.models.purchasing import abandon_unasked
from rientro.models.quantities import release_units
from rientro.models.returns import Return
from rientro.policy.lifecycle import Approval, CarrierState, Inspection, Settlement

BEFORE_THE_ROAD = frozenset(
    {
        CarrierState.NONE,
        CarrierState.LABEL_PENDING,
        CarrierState.LABEL_READY,
        CarrierState.FAILED,
    }
)


class TooLateToCancel(RientroError):
    """The parcel is on its way, opened, or paid back."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "too_late_to_cancel"


@transaction.atomic
def cancel_return(*, ret: Return, actor: str, now: datetime) -> Return:
    """Cancel ``ret``: units free, purchases that no carrier heard of abandoned, a bought label given back.

    A purchase that is with the carrier right now goes on: when its label comes it is voided and credited.
    Raises TooLateToCancel and IllegalMove; nothing is written then.
    """
    ret = Return.objects.locked().get(pk=ret.pk)
    _stop_if_late(ret)
    ret.move(save=False, approval=Approval.CANCELLED.value)
    if ret.carrier != CarrierState.NONE:
        ret.move(save=False, carrier=CarrierState.NONE.value)
    ret.closed_at = now
    ret.save(update_fields=["approval", "carrier", "closed_at", "updated_at"])
    release_units(ret)
    mark("cancel.released")
    abandon_unasked(ret, at=now)
    Event.record("return.cancelled", actor=actor, at=now, ret=ret)
    for label in Label.objects.filter(parcel__ret=ret, void=Label.Void.NONE.value):
        ask_void(label, ret, at=now, actor=actor)
    mark("cancel.task")
    return ret


def _stop_if_late(ret: Return) -> None:
    if ret.carrier not in BEFORE_THE_ROAD:
        raise TooLateToCancel("The parcel is already on its way, so this return stands.")
    if ret.inspection != Inspection.PENDING or ret.settlement != Settlement.OPEN:
        raise TooLateToCancel("This return has been received, so it cannot be cancelled.")
