"""The desk asks for a label again, after a refusal or a void."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models.boxes import label_on_its_way, lacking
from rientro.models.parcels import LabelPurchase
from rientro.models.printed import make_printed
from rientro.models.purchasing import intend_label
from rientro.models.returns import Return
from rientro.policy.lifecycle import Approval, CarrierState
from rientro.policy.tracking import ON_THE_ROAD

WAITING = frozenset({CarrierState.FAILED, CarrierState.LABEL_READY})
# One parcel of several may lack its label while another has one, is getting one, or is on its way.
WAITING_IN_PART = WAITING | ON_THE_ROAD | {CarrierState.LABEL_PENDING}


class CannotRetry(RientroError):
    """This return needs no new label, or must not get one yet."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "cannot_retry_label"


@transaction.atomic
def retry_label(
    *, ret: Return, actor: str, now: datetime, printed: bool = False
) -> LabelPurchase | None:
    """Intend a new purchase for each parcel of ``ret`` that lacks a label; the first comes back.

    ``printed``: as a label to print, whatever the shopper had chosen. None when no carrier is connected (the
    return says so). Raises CannotRetry while a purchase is under way or not known, or while live labels exist for
    all of its parcels.
    """
    ret = Return.objects.locked().get(pk=ret.pk)
    _stop_unless_waiting(ret)
    if printed and ret.method in (Return.Method.LABELLESS.value, Return.Method.PICKUP.value):
        make_printed(ret)
    return intend_label(ret, at=now, actor=actor)


def _stop_unless_waiting(ret: Return) -> None:
    if ret.approval != Approval.APPROVED:
        raise CannotRetry("Only an approved return gets a label.")
    waiting = WAITING if ret.parcel_count == 1 else WAITING_IN_PART
    if ret.carrier not in waiting:
        raise CannotRetry("This return does not wait for a new label.", carrier=ret.carrier)
    if lacking(ret):
        return
    if label_on_its_way(ret):
        raise CannotRetry("A label is being bought, or nobody knows yet whether it was.")
    raise CannotRetry("This return has a label. Void it first.")
