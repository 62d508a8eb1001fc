"""The desk wants a label given back; the carrier is asked by a task."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.carriers.registry import void_window
from rientro.kit.errors import Kind, RientroError
from rientro.models.boxes import is_used
from rientro.models.parcels import Label, Parcel
from rientro.models.purchase_outcomes import ask_void
from rientro.models.returns import Return

NEVER = "This carrier takes no labels back. One that nobody uses stays paid."
OVER = "The time in which this carrier takes labels back is over. The label stays paid."


class CannotVoid(RientroError):
    """The label is being given back already, its parcel is on the road, or the carrier's time for it is over."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "cannot_void_label"


@transaction.atomic
def request_void(*, label: Label, actor: str, now: datetime) -> Label:
    """Write on ``label`` that it is to be voided and post the task. A refusal before may be asked again.

    Raises CannotVoid; asks no carrier.
    """
    ret = Return.objects.locked().get(parcels=label.parcel_id)
    parcel = Parcel.objects.locked().get(pk=label.parcel_id)
    if is_used(ret, parcel):
        raise CannotVoid("The parcel is on its way: the label is used.", carrier=parcel.status)
    _stop_outside_window(label, now=now)
    # A carrier that refused once may think again; what is voided or being voided stays as it is.
    Label.objects.filter(pk=label.pk, void=Label.Void.REFUSED.value).update(
        void=Label.Void.NONE.value, void_message=""
    )
    if not ask_void(label, ret, at=now, actor=actor):
        raise CannotVoid("This label is being given back already.")
    label.refresh_from_db()
    return label


def _stop_outside_window(label: Label, *, now: datetime) -> None:
    account = label.purchase.account
    window = void_window(account.carrier, account.settings, bought_at=label.bought_at, now=now)
    if not window.is_open:
        raise CannotVoid(NEVER if window.why == "never" else OVER, why=window.why)
