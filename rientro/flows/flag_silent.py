"""A parcel was handed in and nothing was heard of it for days: say so once, so that a person looks."""

from datetime import datetime, timedelta

from django.db import transaction

from rientro.models.brands import PortalSettings
from rientro.models.events import Event
from rientro.models.parcels import Parcel
from rientro.models.returns import Return
from rientro.policy.lifecycle import Approval, Inspection
from rientro.policy.tracking import ON_THE_ROAD

MOST = 500  # per call; the rest waits for the next hour


def flag_silent(*, now: datetime) -> int:
    """Flag this merchant's parcels without a scan for the days of their brand; says how many.

    The next scan takes the flag away. Zero days switch it off. Each parcel has a transaction of its own, so
    that no return stays locked while others are looked at.
    """
    return sum(_flag(parcel, since=since, now=now) for parcel, since in _suspects(now))


@transaction.atomic
def _suspects(now: datetime) -> list[tuple[Parcel, datetime]]:
    found = []
    for settings in PortalSettings.objects.filter(silent_after_days__gt=0):
        since = now - timedelta(days=settings.silent_after_days)
        found += [(parcel, since) for parcel in _silent(settings, since)]
    return found


def _silent(settings: PortalSettings, since: datetime) -> list[Parcel]:
    silent = Parcel.objects.filter(
        ret__brand=settings.brand_id,
        ret__approval=Approval.APPROVED.value,
        ret__inspection=Inspection.PENDING.value,
        status__in=[status.value for status in ON_THE_ROAD],
        last_scan_at__lt=since,
        silent_since=None,
    )
    return list(silent.order_by("ret_id", "pk")[:MOST])


@transaction.atomic
def _flag(parcel: Parcel, *, since: datetime, now: datetime) -> bool:
    """False when news came between looking and locking."""
    ret = Return.objects.locked().get(pk=parcel.ret_id)
    parcel = Parcel.objects.locked().get(pk=parcel.pk)
    if parcel.silent_since or not parcel.last_scan_at or parcel.last_scan_at >= since:
        return False
    parcel.silent_since = parcel.last_scan_at
    parcel.save(update_fields=["silent_since"])
    ret.silent_since = parcel.last_scan_at
    ret.save(update_fields=["silent_since", "updated_at"])
    Event.record(
        "return.silent",
        actor="clock",
        at=now,
        ret=ret,
        parcel=parcel.pk,
        tracking_number=parcel.tracking_number,
        last_scan_at=parcel.last_scan_at.isoformat(),
    )
    return True
