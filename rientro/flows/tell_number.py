"""The shopper or the desk says under which number a parcel travels that has no label of ours."""

from datetime import datetime

from django.db import transaction

from rientro.models.own_parcels import BadNumber, OwnParcel, TooLateForNumber, write_own_number
from rientro.models.parcels import Parcel
from rientro.models.returns import Return

__all__ = ["BadNumber", "OwnParcel", "TooLateForNumber", "tell_number"]


@transaction.atomic
def tell_number(*, ret: Return, told: OwnParcel, actor: str, now: datetime) -> Parcel:
    """Keep the number of the parcel that ``ret`` travels in; an empty one takes it away.

    It may be corrected until the first scan. Moves nothing: scans do, or a person. Raises BadNumber and
    TooLateForNumber; nothing is written then.
    """
    ret = Return.objects.locked().get(pk=ret.pk)
    return write_own_number(ret, told, at=now, actor=actor)
