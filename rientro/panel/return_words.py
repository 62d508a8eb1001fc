"""The states of a return in words and tones, as the desk reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_skeleton
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from rientro.kit.template_words import clock_time, day_in, locale_of
from rientro.models import Label, LabelPurchase, Parcel, Return, ReturnItem
from rientro.policy.lifecycle import (
    Approval,
    CarrierState,
    Inspection,
    PurchaseStatus,
    Settlement,
    Tab,
)

TABS = [
    (Tab.REQUESTS.value, lazy("Requests")),
    (Tab.IN_TRANSIT.value, lazy("In transit")),
    (Tab.RETURNED.value, lazy("Returned")),
    (Tab.COMPLETED.value, lazy("Completed")),
    (Tab.REJECTED.value, lazy("Rejected & cancelled")),
]
TAB_NAMES = dict(TABS)

CARRIER = {
    CarrierState.NONE.value: ("", lazy("No label needed")),
    CarrierState.LABEL_PENDING.value: ("", lazy("Label being bought")),
    CarrierState.LABEL_READY.value: ("", lazy("Label ready")),
    CarrierState.FAILED.value: ("bad", lazy("No label: the carrier refused")),
    CarrierState.HANDED_IN.value: ("info", lazy("Handed in")),
    CarrierState.IN_TRANSIT.value: ("info", lazy("In transit")),
    CarrierState.AT_CUSTOMS.value: ("info", lazy("At customs")),
    CarrierState.DELAYED.value: ("warn", lazy("Delayed")),
    CarrierState.EXCEPTION.value: ("bad", lazy("Trouble on the way")),
    CarrierState.DELIVERED.value: ("ok", lazy("Delivered")),
    CarrierState.RETURNED_TO_SENDER.value: ("warn", lazy("Went back to the shopper")),
    CarrierState.LOST.value: ("bad", lazy("Lost")),
}
INSPECTION = {
    Inspection.PENDING.value: ("", lazy("Not yet")),
    Inspection.RECEIVED.value: ("info", lazy("Received")),
    Inspection.ACCEPTED.value: ("ok", lazy("Accepted")),
    Inspection.PARTLY_ACCEPTED.value: ("warn", lazy("Partly accepted")),
    Inspection.REJECTED.value: ("bad", lazy("Not accepted")),
}
SETTLEMENT = {
    Settlement.OPEN.value: ("", lazy("Open")),
    Settlement.PROMISED.value: ("info", lazy("Promised")),
    Settlement.REFUNDED.value: ("ok", lazy("Refunded")),
    Settlement.CLOSED.value: ("ok", lazy("Closed")),
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A state: its tone (ok, warn, bad, info or none) and its words."""

    tone: str
    words: str


def main_badge(ret: Return, now: datetime) -> Badge:
    """The one state that says where the return stands."""
    if ret.tab == Tab.REQUESTS.value:
        return Badge("warn", _("Waiting for you"))
    if ret.tab == Tab.REJECTED.value:
        rejected = ret.approval == Approval.REJECTED.value
        return Badge("bad", _("Rejected")) if rejected else Badge("", _("Cancelled"))
    if ret.tab == Tab.COMPLETED.value:
        return _badge(SETTLEMENT, ret.settlement)
    if ret.tab == Tab.RETURNED.value and ret.inspection != Inspection.PENDING.value:
        return _badge(INSPECTION, ret.inspection)
    return carrier_badge(ret, now)


def carrier_badge(ret: Return, now: datetime) -> Badge:
    """Where the parcel is; a parcel that nobody has scanned for days says so."""
    if ret.tab == Tab.IN_TRANSIT.value and ret.silent_since:
        days = max(1, (now - ret.silent_since).days)
        return Badge("warn", ngettext("No scan for %d day", "No scan for %d days", days) % days)
    if ret.approval != Approval.APPROVED.value:
        return Badge("", _("No label yet"))
    if ret.customs_wanted_at and ret.carrier == CarrierState.LABEL_PENDING.value:
        return Badge("warn", _("Customs data missing"))
    return _badge(CARRIER, ret.carrier)


def parcel_badge(parcel: Parcel, label: Label | None, purchase: LabelPurchase | None) -> Badge:
    """Where one of several parcels is, and before that what became of its label."""
    if parcel.first_scan_at is not None:
        return _badge(CARRIER, parcel.status)
    if label is not None:
        voids = {"requested": ("warn", _("Being voided")), "voided": ("", _("Voided"))}
        return (
            _badge(voids | {"refused": ("bad", _("Not voided"))}, label.void)
            if (label.void != Label.Void.NONE.value)
            else _badge(CARRIER, CarrierState.LABEL_READY.value)
        )
    if purchase is None or purchase.status == PurchaseStatus.ABANDONED.value:
        return Badge("", _("No label"))
    if purchase.status == PurchaseStatus.UNKNOWN.value:
        return Badge("warn", _("Not known whether it was bought"))
    bought = purchase.status == PurchaseStatus.BUYING.value
    return _badge(CARRIER, (CarrierState.LABEL_PENDING if bought else CarrierState.FAILED).value)


def approval_badge(ret: Return) -> Badge:
    """Who or what approved, or that nobody has."""
    if ret.approval == Approval.APPROVED.value:
        return Badge("ok", _("Approved"))
    if ret.approval == Approval.REJECTED.value:
        return Badge("bad", _("Rejected"))
    if ret.approval == Approval.CANCELLED.value:
        return Badge("", _("Cancelled"))
    return Badge("warn", _("Waiting for you"))


def inspection_badge(ret: Return) -> Badge:
    return _badge(INSPECTION, ret.inspection)


def settlement_badge(ret: Return) -> Badge:
    return _badge(SETTLEMENT, ret.settlement)


def age(moment: datetime, now: datetime) -> str:
    """How long ago, in one short unit."""
    minutes = max(0, int((now - moment).total_seconds() // 60))
    if minutes < 60:
        return ngettext("%d minute", "%d minutes", minutes) % minutes
    if minutes < 48 * 60:
        hours = minutes // 60
        return ngettext("%d hour", "%d hours", hours) % hours
    days = minutes // (24 * 60)
    return ngettext("%d day", "%d days", days) % days


def why(item: ReturnItem, language: str) -> str:
    """The reason in the reader's language; a reason that is gone, as the shopper read it."""
    return item.reason.label(language) if item.reason else item.reason_label


def shortly(moment: datetime, now: datetime) -> str:
    """A moment as a list says it: the time today, the day this year, else the whole date."""
    local, today = timezone.localtime(moment), timezone.localdate(now)
    if local.date() == today:
        return clock_time(moment)
    if local.year == today.year:
        return format_skeleton("MMMd", local.date(), locale=locale_of())
    return day_in(moment, width="medium")


def _badge(words: Mapping[str, tuple[str, Any]], state: str) -> Badge:
    tone, text = words.get(state, ("", state))
    return Badge(tone, str(text))
