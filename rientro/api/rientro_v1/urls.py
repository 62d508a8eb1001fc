"""Addresses of our own API."""

from django.urls import re_path

from rientro.api.rientro_v1 import (
    events,
    ledger,
    notes,
    own_parcel_acts,
    refunds,
    return_acts,
    return_trial,
    returns,
    rules_trial,
)

RETURN = r"^rientro/v1/returns/(?P<reference>[0-9A-Za-z-]{1,40})"

urlpatterns = [
    re_path(r"^rientro/v1/returns/?$", returns.collection, name="own-returns"),
    re_path(r"^rientro/v1/returns/try/?$", return_trial.asking, name="own-try-return"),
    re_path(r"^rientro/v1/shipping-rules/try/?$", rules_trial.asking, name="own-try-rules"),
    re_path(rf"{RETURN}/?$", returns.single, name="own-return"),
    re_path(rf"{RETURN}/label/?$", returns.label, name="own-label"),
    re_path(rf"{RETURN}/approve/?$", return_acts.approve, name="own-approve"),
    re_path(rf"{RETURN}/reject/?$", return_acts.reject, name="own-reject"),
    re_path(rf"{RETURN}/cancel/?$", return_acts.cancel, name="own-cancel"),
    re_path(rf"{RETURN}/mark-delivered/?$", return_acts.deliver, name="own-deliver"),
    re_path(rf"{RETURN}/tracking-number/?$", own_parcel_acts.number, name="own-number"),
    re_path(rf"{RETURN}/mark-sent/?$", own_parcel_acts.sent, name="own-sent"),
    re_path(rf"{RETURN}/receive/?$", return_acts.receive, name="own-receive"),
    re_path(rf"{RETURN}/refunds/?$", refunds.refunds, name="own-refunds"),
    re_path(rf"{RETURN}/refunds/settle/?$", refunds.settle, name="own-refund-settle"),
    re_path(rf"{RETURN}/close/?$", return_acts.close, name="own-close"),
    re_path(rf"{RETURN}/retry-label/?$", return_acts.retry, name="own-retry"),
    re_path(rf"{RETURN}/void-label/?$", return_acts.void, name="own-void"),
    re_path(rf"{RETURN}/notes/?$", notes.collection, name="own-notes"),
    re_path(r"^rientro/v1/events/?$", events.collection, name="own-events"),
    re_path(r"^rientro/v1/ledger/?$", ledger.collection, name="own-ledger"),
    re_path(r"^rientro/v1/ledger/totals/?$", ledger.totals, name="own-totals"),
]
