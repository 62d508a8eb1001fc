"""An event is no longer wanted by one connection."""

from datetime import datetime

from django.db import transaction

from rientro.models import Event, EventSubscription


@transaction.atomic
def delete_subscription(*, subscription: EventSubscription, actor: str, now: datetime) -> None:
    """Delete ``subscription``; what is on its way already is still sent."""
    row = EventSubscription.objects.locked().get_or_missing(pk=subscription.pk)
    Event.record("webhook.changed", actor=actor, at=now, active=False, **row.endpoint.named())
    row.delete()
