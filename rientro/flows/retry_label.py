"""The desk asks for a label again, after a refusal or a void."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models.parcels import Label, LabelPurchase
from rientro.models.purchasing import intend_label
from rientro.models.returns import Return
from rientro.policy.lifecycle import Approval, CarrierState, PurchaseStatus


class CannotRetry(RientroError):
    """This return needs no new label, or must not get one yet."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "cannot_retry_label"


@transaction.atomic
def retry_label(*, ret: Return, actor: str, now: datetime) -> LabelPurchase | None:
    """Intend a new purchase for ``ret``. None when no carrier is connected (the return says so).

    Raises CannotRetry while a purchase is under way or not known, or while a live label exists.
    """
    ret = Return.objects.locked().get(pk=ret.pk)
    if ret.approval != Approval.APPROVED:
        raise CannotRetry("Only an approved return gets a label.")
    if ret.carrier not in (CarrierState.FAILED, CarrierState.LABEL_READY):
        raise CannotRetry("This return does not wait for a new label.", carrier=ret.carrier)
    open_ones = LabelPurchase.objects.filter(
        parcel__ret=ret, status__in=[PurchaseStatus.BUYING.value, PurchaseStatus.UNKNOWN.value]
    )
    if open_ones.exists():
        raise CannotRetry("A label is being bought, or nobody knows yet whether it was.")
    if Label.objects.filter(parcel__ret=ret, void=Label.Void.NONE.value).exists():
        raise CannotRetry("This return has a label. Void it first.")
    return intend_label(ret, at=now, actor=actor)
