"""A merchant disconnects a source of orders."""

from datetime import datetime

from django.db import transaction

from rientro.models import ApiKey, Event, Integration, ShopLink


@transaction.atomic
def delete_integration(*, integration: Integration, actor: str, now: datetime) -> None:
    """No order comes in by it any more, and its keys open nothing; the orders that came stay.

    The keys of a shop that it was connected to are forgotten, and so is what waited to be read there.
    """
    integration = Integration.objects.locked().get_or_missing(pk=integration.pk, deleted_at=None)
    integration.deleted_at = now
    # Its webhook stays switched on: the last thing that it tells is this.
    integration.save(update_fields=["deleted_at", "updated_at"])
    ApiKey.objects.filter(integration=integration, revoked_at=None).update(revoked_at=now)
    for link in ShopLink.objects.locked().filter(integration=integration):
        link.credentials, link.webhook_token_hash, link.rest_until = "", b"", None
        link.save(update_fields=["credentials", "webhook_token_hash", "rest_until"])
        for waiting in (link.walks, link.messages, link.refusals):
            waiting.all().delete()
    Event.record("integration.deleted", actor=actor, at=now, integration=integration.pk)
