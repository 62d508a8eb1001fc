"""A person says that a parcel without a label of ours is on its way, where no carrier can say so."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models.own_parcels import OwnParcel, own_parcel, write_own_number
from rientro.models.returns import Return
from rientro.models.scanning import BY_HAND, write_scans
from rientro.policy.lifecycle import Approval, CarrierState


class NotSent(RientroError):
    """Only an approved return without a label of ours can be marked as sent."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "not_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandScan:
    """A scan made by a person; kept among the carrier's, so that the status stays a matter of scans."""

    occurred_at: datetime
    key: str
    status: str = CarrierState.IN_TRANSIT.value
    code: str = ""
    description: str = "Marked as sent"
    place: str = ""


@transaction.atomic
def mark_sent(*, ret: Return, actor: str, now: datetime) -> Return:
    """Move ``ret`` and its own parcel to in transit; one that is on its way stays as it is.

    Raises NotSent, and TooLateForNumber for a return that is over or has a label of ours.
    """
    ret = Return.objects.locked().get(pk=ret.pk)
    if ret.approval != Approval.APPROVED:
        raise NotSent("Only an approved return can be marked as sent.")
    parcel = own_parcel(ret)
    if parcel is not None and parcel.first_scan_at:
        return ret
    if parcel is None or not parcel.tracking_number:
        parcel = write_own_number(ret, OwnParcel(number=""), at=now, actor=actor)
    scan = HandScan(occurred_at=now, key=f"{BY_HAND}:sent")
    write_scans(parcel, [scan], at=now, actor=actor)
    ret.refresh_from_db()
    return ret
