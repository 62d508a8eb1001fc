"""A member says who may return what, until when, how and at what cost, in one brand's portal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models.brands import PortalSettings
from rientro.models.events import Event

FIELDS = frozenset(
    {
        "active",
        "allow_without_outbound",
        "compatible_lookup",
        "window_days",
        "fulfilment_buffer_days",
        "order_buffer_days",
        "fee_minor",
        "fee_currency",
        "review",
        "review_above_minor",
        "print_at_home",
        "labelless",
        "pickup",
        "in_store",
        "self_sent",
        "most_parcels",
        "refund_money",
        "refund_credit",
        "refund_exchange",
        "refund_within_days",
        "label_valid_days",
        "silent_after_days",
        "void_unused_days",
        "notify_email",
    }
)


class DeadEnd(RientroError):
    """With these settings no shopper could finish; ``facts["field"]`` says where."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "portal_dead_end"


@transaction.atomic
def save_portal_settings(
    *, portal: PortalSettings, fields: Mapping[str, Any], actor: str, now: datetime
) -> PortalSettings:
    """Write the settings; they count for returns that are opened from now on.

    The event keeps what changed from what to what. Raises DeadEnd; nothing is written then.
    """
    row = PortalSettings.objects.locked().get(pk=portal.pk)
    changed = {}
    for name in FIELDS & set(fields):
        before, after = getattr(row, name), fields[name]
        if before != after:
            changed[name] = [before, after]
            setattr(row, name, after)
    if not (row.print_at_home or row.in_store or row.self_sent):
        raise DeadEnd("Offer at least one way to send things back.", field="print_at_home")
    if not (row.refund_money or row.refund_credit or row.refund_exchange):
        raise DeadEnd("Offer at least one way to give the money back.", field="refund_money")
    if changed:
        row.save()
        Event.record("portal.changed", actor=actor, at=now, brand=row.brand_id, changed=changed)
    return row
