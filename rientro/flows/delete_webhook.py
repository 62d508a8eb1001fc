"""A webhook is no longer wanted."""

from datetime import datetime

from django.db import transaction

from rientro.models import Event, WebhookEndpoint


@transaction.atomic
def delete_webhook(*, endpoint: WebhookEndpoint, actor: str, now: datetime) -> None:
    """Delete ``endpoint`` with its secret and its log; what waits for it is not sent."""
    own = WebhookEndpoint.objects.made_by_hand()
    row = own.locked().get_or_missing(pk=endpoint.pk)
    Event.record("webhook.deleted", actor=actor, at=now, **row.named())
    row.delete()
