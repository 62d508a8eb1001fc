"""What carriers tell of parcels, written down once, and what follows for parcel and return.

The status is worked out anew from every scan that is stored, never from the one that came last: so scans
may come twice, late and in any order, and the end is the same.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from rientro.models.charging import charge_scanned
from rientro.models.events import Event
from rientro.models.following import follow_parcels
from rientro.models.parcels import Label, Parcel
from rientro.models.purchase_outcomes import write_void_refused, write_voided
from rientro.models.returns import Return
from rientro.models.tracking import TrackingEvent
from rientro.policy.lifecycle import CarrierState
from rientro.policy.tracking import (
    CLOCK_TOLERANCE,
    LABEL_VOID_REFUSED,
    LABEL_VOIDED,
    VOID_NEWS,
    kept,
    state_named,
    status_of,
)

KEY_LENGTH = 80
BY_HAND = "by-hand"  # begins the key of a scan that a person made
# Carriers give numbers out again after a year or so: what happened so long before the parcel was ours is
# the story of another one. Two days are more than any carrier's clock is wrong.
BEFORE_OURS = timedelta(days=2)


class News(Protocol):
    """A scan, whoever tells it: ``carriers.base.Scan`` has this shape."""

    @property
    def status(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def key(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def place(self) -> str: ...


def write_scans(parcel: Parcel, scans: Iterable[News], *, at: datetime, actor: str) -> int:
    """Store what is new and let parcel and return follow; says how many scans were new.

    The caller has opened the transaction; the return is locked first and the parcel second, as everywhere.
    Repeating it changes nothing.
    """
    ret = Return.objects.locked().get(pk=parcel.ret_id)
    parcel = Parcel.objects.locked().get(pk=parcel.pk)
    scans = list(scans)
    if _decide_voids(parcel, scans, at=at, actor=actor):
        ret.refresh_from_db()
    new = _store(parcel, [s for s in scans if s.status not in VOID_NEWS], at=at)
    known = list(parcel.tracking_events.all())
    if not known:
        return 0
    _follow(parcel, known, news=bool(new))
    if parcel.first_scan_at:
        charge_scanned(parcel, at=at)
    for event in new:
        if not event.key.startswith(BY_HAND):
            _record_scan(ret, parcel, event, at=at, actor=actor)
    follow_parcels(ret, at=at, actor=actor, news=bool(new))
    return len(new)


def _decide_voids(parcel: Parcel, scans: Iterable[News], *, at: datetime, actor: str) -> bool:
    """Did the carrier tell by webhook or poll what it decided about a label that was to be given back?"""
    told = {scan.status: scan.description for scan in scans if scan.status in VOID_NEWS}
    if not told:
        return False
    for label in Label.objects.filter(parcel=parcel, voided_at=None).select_related("purchase"):
        if LABEL_VOIDED in told:
            write_voided(label, words=told[LABEL_VOIDED], at=at, actor=actor)
        else:
            write_void_refused(label, words=told[LABEL_VOID_REFUSED], at=at, actor=actor)
    return True


def _store(parcel: Parcel, scans: Iterable[News], *, at: datetime) -> list[TrackingEvent]:
    """The scans of this parcel that were not stored before, in the order in which they happened."""
    since = parcel.created_at - BEFORE_OURS
    told = {_key(scan): scan for scan in scans if scan.occurred_at >= since}
    before = parcel.tracking_events.filter(key__in=told).values_list("key", flat=True)
    for key in before:
        del told[key]
    new = [
        TrackingEvent(
            parcel=parcel,
            key=key,
            status=_state(scan).value,
            code=_short(scan.code, 60),
            description=_short(scan.description, 300),
            place=_short(scan.place, 120),
            occurred_at=scan.occurred_at,
            received_at=at,
        )
        for key, scan in told.items()
    ]
    new.sort(key=lambda event: (event.occurred_at, event.key))
    return TrackingEvent.objects.bulk_create(new)


def _state(scan: News) -> CarrierState:
    """A word that is nobody's still says that the parcel was seen; one bad scan stops no others."""
    return state_named(scan.status) or CarrierState.IN_TRANSIT


def _key(scan: News) -> str:
    """The carrier's own id; a longer one, or none, is replaced by a hash of what the scan says."""
    if scan.key and len(scan.key) <= KEY_LENGTH:
        return _short(scan.key, KEY_LENGTH)
    said = [scan.key, scan.status, scan.code, scan.place, scan.occurred_at.isoformat()]
    return hashlib.sha256("\x1f".join(said).encode()).hexdigest()


def _short(text: str, length: int) -> str:
    return text.replace("\x00", "")[:length]


def _follow(parcel: Parcel, known: Sequence[TrackingEvent], *, news: bool) -> None:
    """Bring the parcel to what all its scans together say."""
    found = status_of(known)
    changes: dict[str, Any] = {
        "status": kept(parcel.status, found.state).value,
        "first_scan_at": found.first_at,
        "last_scan_at": found.last_at,
        "delivered_at": found.delivered_at,
    }
    if news:
        changes["silent_since"] = None
    if found.delivered_at:
        changes["next_poll_at"] = None
    changed = [name for name, value in changes.items() if getattr(parcel, name) != value]
    for name in changed:
        setattr(parcel, name, changes[name])
    if changed:
        parcel.save(update_fields=changed)


def _record_scan(
    ret: Return, parcel: Parcel, event: TrackingEvent, *, at: datetime, actor: str
) -> None:
    Event.record(
        "return.scanned",
        actor=actor,
        at=at,
        ret=ret,
        parcel=parcel.pk,
        tracking_number=parcel.tracking_number,
        status=event.status,
        place=event.place,
        occurred_at=event.occurred_at.isoformat(),
        clock_ahead=event.occurred_at > at + CLOCK_TOLERANCE,
    )
