"""Labels that nobody used are given back after the days that the brand says, while the carrier still takes them."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from rientro.carriers.registry import void_window
from rientro.models.boxes import is_used
from rientro.models.brands import PortalSettings
from rientro.models.events import Event
from rientro.models.parcels import CarrierAccount, Label, Parcel
from rientro.models.purchase_outcomes import ask_void
from rientro.models.returns import Return
from rientro.policy.lifecycle import Approval
from rientro.policy.void_windows import unused_since

MOST = 500  # per call; the rest waits for the next hour


def void_unused(*, now: datetime) -> int:
    """Ask for the voiding of this merchant's labels that were never scanned; says how many.

    A label that was scanned is never touched, nor one that is being given back, nor one whose carrier takes
    none (any more). Each label has a transaction of its own; repeating does nothing.
    """
    return sum(_ask(label, days=days, now=now) for label, days in _suspects(now))


@transaction.atomic
def _suspects(now: datetime) -> list[tuple[Label, int]]:
    found: list[tuple[Label, int]] = []
    taken_back = _taken_back(now)
    for portal in PortalSettings.objects.filter(void_unused_days__gt=0).order_by("pk"):
        since = unused_since(now=now, days=portal.void_unused_days)
        labels = Label.objects.filter(
            taken_back,
            void=Label.Void.NONE.value,
            bought_at__lt=since,
            parcel__first_scan_at=None,
            parcel__ret__brand=portal.brand_id,
            parcel__ret__approval=Approval.APPROVED.value,
        )
        rows = labels.select_related("parcel", "purchase__account").order_by("parcel__ret_id", "pk")
        found += [(label, portal.void_unused_days) for label in rows[:MOST]]
    return found


def _taken_back(now: datetime) -> Q:
    """The labels that their carriers still take: what cannot be given back must not fill the places of what can."""
    still = Q(pk__in=[])
    for account in CarrierAccount.objects.filter(deleted_at=None):
        window = void_window(account.carrier, account.settings, bought_at=now, now=now)
        if window.is_open:
            since = Q(bought_at__gte=now - (window.until - now)) if window.until else Q()
            still |= Q(purchase__account=account) & since
    return still


@transaction.atomic
def _ask(label: Label, *, days: int, now: datetime) -> bool:
    """False when the parcel was seen, or the label given back, between looking and locking."""
    account = label.purchase.account
    window = void_window(account.carrier, account.settings, bought_at=label.bought_at, now=now)
    if not window.is_open:
        return False
    ret = Return.objects.locked().get(pk=label.parcel.ret_id)
    parcel = Parcel.objects.locked().get(pk=label.parcel_id)
    # Word that a label exists is news as well, and no use of it.
    if is_used(ret, parcel):
        return False
    if not ask_void(label, ret, at=now, actor="clock"):
        return False
    Event.record(
        "return.label_unused",
        actor="clock",
        at=now,
        ret=ret,
        label=label.pk,
        tracking_number=label.tracking_number,
        days=days,
    )
    return True
