"""A webhook is switched on or off."""

from datetime import datetime

from django.db import transaction

from rientro.models import Event, WebhookEndpoint


@transaction.atomic
def switch_webhook(
    *, endpoint: WebhookEndpoint, active: bool, actor: str, now: datetime
) -> WebhookEndpoint:
    """Let ``endpoint`` listen or rest. What waits for it is sent when it is switched on in time."""
    own = WebhookEndpoint.objects.made_by_hand()
    row = own.locked().get_or_missing(pk=endpoint.pk)
    if row.active == active:
        return row
    row.active, row.disabled_because = active, ""
    row.failures, row.failing_since, row.paused_until = 0, None, None
    row.save()
    Event.record("webhook.changed", actor=actor, at=now, active=active, **row.named())
    if active:
        row.kick(anew=True)
    return row
