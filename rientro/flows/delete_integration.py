"""A merchant disconnects a source of orders."""

from datetime import datetime

from django.db import transaction

from rientro.models import ApiKey, Event, Integration


@transaction.atomic
def delete_integration(*, integration: Integration, actor: str, now: datetime) -> None:
    """No order comes in by it any more, and its keys open nothing; the orders that came stay."""
    integration = Integration.objects.locked().get_or_missing(pk=integration.pk, deleted_at=None)
    integration.deleted_at = now
    # Its webhook stays switched on: the last thing that it tells is this.
    integration.save(update_fields=["deleted_at", "updated_at"])
    ApiKey.objects.filter(integration=integration, revoked_at=None).update(revoked_at=now)
    Event.record("integration.deleted", actor=actor, at=now, integration=integration.pk)
