"""Shopper or desk takes a return back before it is on its way."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.carriers.registry import void_window
from rientro.kit.crash_points import mark
from rientro.kit.errors import Kind, RientroError
from rientro.models.events import Event
from rientro.models.parcels import Label
from rientro.models.purchase_outcomes import ask_void
from rientro.models.purchasing import abandon_unasked
from rientro.models.quantities import release_units
from rientro.models.returns import Return
from rientro.policy.lifecycle import Approval, CarrierState, Inspection, Settlement
from rientro.policy.void_windows import VoidWindow

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

    A purchase that is with the carrier right now goes on: when its label comes it is voided and credited. A label
    that the carrier no longer takes back stays paid; a shopper may not do that to the merchant, the desk may.
    Raises TooLateToCancel and IllegalMove; nothing is written then.
    """
    ret = Return.objects.locked().get(pk=ret.pk)
    _stop_if_late(ret)
    if actor == "shopper" and not shopper_window(ret, now=now).is_open:
        raise TooLateToCancel(
            "The carrier no longer takes this label back. Write to the shop if you want to keep the items."
        )
    ret.move(save=False, approval=Approval.CANCELLED.value)
    if ret.carrier != CarrierState.NONE:
        ret.move(save=False, carrier=CarrierState.NONE.value)
    ret.closed_at = now
    ret.save(update_fields=["approval", "carrier", "closed_at", "updated_at"])
    release_units(ret)
    mark("cancel.released")
    abandon_unasked(ret, at=now)
    Event.record("return.cancelled", actor=actor, at=now, ret=ret)
    for label in _held(ret):
        if window_of(label, now=now).is_open:
            ask_void(label, ret, at=now, actor=actor)
        else:
            Event.record(
                "return.label_kept",
                actor=actor,
                at=now,
                ret=ret,
                tracking_number=label.tracking_number,
            )
    mark("cancel.task")
    return ret


def shopper_window(ret: Return, *, now: datetime) -> VoidWindow:
    """Until when a shopper may cancel: as long as every label that costs something can still be given back.

    A label that is charged on its first scan costs nothing as long as nobody uses it.
    """
    windows = [window_of(label, now=now) for label in _held(ret) if label.charged_at]
    shut = next((window for window in windows if not window.is_open), None)
    if shut is not None:
        return shut
    ends = [window.until for window in windows if window.until]
    return VoidWindow(until=min(ends, default=None))


def window_of(label: Label, *, now: datetime) -> VoidWindow:
    """Until when its carrier takes ``label`` back."""
    account = label.purchase.account
    return void_window(account.carrier, account.settings, bought_at=label.bought_at, now=now)


def _held(ret: Return) -> list[Label]:
    """Labels of ``ret`` that nobody has asked to give back."""
    labels = Label.objects.filter(parcel__ret=ret, void=Label.Void.NONE.value)
    return list(labels.select_related("purchase__account").order_by("pk"))


def _stop_if_late(ret: Return) -> None:
    if ret.carrier not in BEFORE_THE_ROAD:
        raise TooLateToCancel("The parcel is already on its way, so this return stands.")
    if ret.inspection != Inspection.PENDING or ret.settlement != Settlement.OPEN:
        raise TooLateToCancel("This return has been received, so it cannot be cancelled.")
