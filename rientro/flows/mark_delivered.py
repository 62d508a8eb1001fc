"""A person says that a return has arrived, where no carrier said so."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models.boxes import in_play
from rientro.models.events import Event
from rientro.models.returns import Return
from rientro.models.scanning import BY_HAND, write_scans
from rientro.policy.lifecycle import Approval, CarrierState


class NotOnItsWay(RientroError):
    """Only an approved return can arrive."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "not_on_its_way"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandScan:
    """A scan made by a person; kept among the carrier's, so that the status stays a matter of scans."""

    occurred_at: datetime
    key: str
    status: str = CarrierState.DELIVERED.value
    code: str = ""
    description: str = "Marked as delivered"
    place: str = ""


@transaction.atomic
def mark_delivered(*, ret: Return, actor: str, now: datetime) -> Return:
    """Move ``ret`` and its parcels to delivered; a return that is there already stays as it is.

    Raises NotOnItsWay for a return that nobody approved, or that was cancelled.
    """
    ret = Return.objects.locked().get(pk=ret.pk)
    if ret.carrier == CarrierState.DELIVERED:
        return ret
    if ret.approval != Approval.APPROVED:
        raise NotOnItsWay("Only an approved return can be marked as delivered.")
    scan = HandScan(occurred_at=now, key=f"{BY_HAND}:delivered")
    for parcel in in_play(ret):
        if parcel.status == CarrierState.DELIVERED:
            continue
        write_scans(parcel, [scan], at=now, actor=actor)
    ret.refresh_from_db()
    if ret.carrier != CarrierState.DELIVERED:
        ret.move(save=False, carrier=CarrierState.DELIVERED.value)
        ret.delivered_at = now
        ret.save(update_fields=["carrier", "delivered_at", "updated_at"])
        Event.record("return.delivered", actor=actor, at=now, ret=ret)
    return ret
