"""A return follows its parcels: after scans, and when one of its boxes is given back."""

from collections.abc import Sequence
from datetime import datetime

from rientro.models.boxes import in_play
from rientro.models.events import Event
from rientro.models.parcels import Parcel
from rientro.models.returns import Return
from rientro.policy.lifecycle import CarrierState
from rientro.policy.tracking import rank, together


def follow_parcels(ret: Return, *, at: datetime, actor: str, news: bool = False) -> None:
    """Move ``ret``, which the caller has locked, as far as its own table of moves allows.

    ``news``: a scan came just now, so it is silent no longer.
    """
    parcels = in_play(ret)
    target = together(parcel.status for parcel in parcels).value
    fields = []
    if news and ret.silent_since:
        ret.silent_since = None
        fields.append("silent_since")
    moved = bool(rank(target)) and target != ret.carrier and ret.may("carrier", target)
    if moved:
        ret.move(save=False, carrier=target)
        fields.append("carrier")
    arrived = _arrived(parcels)
    if ret.carrier == CarrierState.DELIVERED and arrived and ret.delivered_at != arrived:
        ret.delivered_at = arrived
        fields.append("delivered_at")
    if fields:
        ret.save(update_fields=[*fields, "updated_at"])
    if moved:
        Event.record(f"return.{target}", actor=actor, at=at, ret=ret)


def _arrived(parcels: Sequence[Parcel]) -> datetime | None:
    moments = [parcel.delivered_at for parcel in parcels if parcel.delivered_at]
    # None may be in play: the only label was given back, and its carrier still says that it was announced.
    return max(moments) if moments and len(moments) == len(parcels) else None
