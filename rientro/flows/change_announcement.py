"""A machine changes a return that has no label yet, or asks for its label now."""

from datetime import datetime
from typing import ClassVar

from django.db import IntegrityError, transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.postal_codes import normal_postal
from rientro.kit.text import clean_line, normal_email, normal_number
from rientro.models.boxes import LIVE, planned
from rientro.models.events import Event
from rientro.models.orders import Order
from rientro.models.parcels import LabelPurchase, Parcel
from rientro.models.purchasing import intend_label
from rientro.models.returns import Return
from rientro.policy.announcements import AnnouncementChange
from rientro.policy.lifecycle import Approval, CarrierState, Inspection, Settlement
from rientro.policy.return_methods import buys_label
from rientro.policy.sender import FromAddress, checked

SENDER = tuple(name for name in FromAddress.__dataclass_fields__ if name != "proof")


class CannotChange(RientroError):
    """Too late for that, or nothing that a machine may change."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "cannot_change_return"


class ReferenceTaken(RientroError):
    """Another living return has this external reference."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "external_reference_used"


def change_announcement(
    *, ret: Return, change: AnnouncementChange, actor: str, now: datetime
) -> Return:
    """Write what ``change`` tells and, if it asks so, the intent to buy the label; both or neither.

    A return that waits for a person is approved by asking for its label; one whose label was refused gets another
    try. What a shopper said in the portal is not changed by a machine. Raises CannotChange (a label exists or is
    being bought, or the return is over), BadAddress and ReferenceTaken; nothing is written then.
    """
    try:
        return _change(ret, change, actor=actor, now=now)
    except IntegrityError as error:
        if "external_reference_once" not in str(error):
            raise
        raise ReferenceTaken(
            "External reference has already been used in another return."
        ) from error


@transaction.atomic
def _change(ret: Return, change: AnnouncementChange, *, actor: str, now: datetime) -> Return:
    # Its order is read after the lock is ours: read along with it, it would be as it was before we waited.
    ret = Return.objects.locked().get(pk=ret.pk)
    _stop_if_late(ret)
    if fields := change.fields():
        if not ret.order.standalone:
            raise CannotChange(
                "This return was asked for in the portal. It cannot be changed here."
            )
        _write(ret, change)
        Event.record("return.changed", actor=actor, at=now, ret=ret, fields=fields)
    if change.asks_label:
        _ask(ret, actor=actor, now=now)
    return ret


def _stop_if_late(ret: Return) -> None:
    if ret.approval in (Approval.CANCELLED, Approval.REJECTED):
        raise CannotChange("This return is cancelled. Make another one.")
    if ret.inspection != Inspection.PENDING or ret.settlement != Settlement.OPEN:
        raise CannotChange("This return has been received.")
    if not buys_label(ret.method):
        raise CannotChange("This return is brought to a store and gets no label.")
    buying = LabelPurchase.objects.filter(parcel__ret=ret.pk, status__in=LIVE)
    if ret.carrier not in (CarrierState.NONE, CarrierState.FAILED) or buying.exists():
        raise CannotChange(
            "This return has a label, or one is being bought, so it cannot be changed any more. Cancel it and make "
            "another one."
        )


def _write(ret: Return, change: AnnouncementChange) -> None:
    order = ret.order
    if change.sender:
        _write_sender(ret, order, change)
    if change.order_number:
        order.number = clean_line(change.order_number)
        order.number_norm = normal_number(order.number)
    if change.weight_g is not None:
        order.weight_g = change.weight_g
    if change.external_reference:
        ret.external_reference = change.external_reference
    if change.contract_id is not None:
        ret.trace = ret.trace | {"asked": {"contract_id": change.contract_id, "service": ""}}
    order.save()
    ret.save()
    _write_box(ret, change)


def _write_sender(ret: Return, order: Order, change: AnnouncementChange) -> None:
    told = {name: getattr(ret, f"from_{name}") for name in SENDER} | dict(change.sender)
    sender = checked(FromAddress(**told), country=told["country"], is_posted=True)
    for name in SENDER:
        value = getattr(sender, name)
        setattr(ret, f"from_{name}", value)
        setattr(order, name, value)
    order.postal_norm = normal_postal(sender.postal_code, sender.country)
    order.email_norm = normal_email(sender.email)


def _write_box(ret: Return, change: AnnouncementChange) -> None:
    told = {
        name: value
        for name in ("weight_g", "length_mm", "width_mm", "height_mm")
        if (value := getattr(change, name)) is not None
    }
    if not told:
        return
    boxes = list(Parcel.objects.filter(ret=ret.pk, tracking_number="").order_by("position"))
    whole = told.pop("weight_g", None)
    plan = planned(ret, weight_g=whole) if whole else []
    for place, box in enumerate(boxes):
        weight = {"weight_g": plan[place].weight_g} if place < len(plan) else {}
        Parcel.objects.filter(pk=box.pk).update(**told, **weight)


def _ask(ret: Return, *, actor: str, now: datetime) -> None:
    if ret.approval == Approval.REQUESTED:
        ret.move(save=False, approval=Approval.APPROVED.value)
        ret.approved_at = now
        ret.save(update_fields=["approval", "approved_at", "updated_at"])
        Event.record("return.approved", actor=actor, at=now, ret=ret)
    intend_label(ret, at=now, actor=actor)
