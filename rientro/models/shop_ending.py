"""The end of a connection: its keys are forgotten, and nothing of it is read any more."""

from datetime import datetime

from rientro.models.events import Event
from rientro.models.file_sources import FileSource
from rientro.models.integrations import ApiKey, Integration
from rientro.models.shop_links import ShopLink


def end_integration(integration: Integration, *, actor: str, at: datetime) -> None:
    """No order comes in by it any more; those that came stay. In the caller's transaction, which holds its row."""
    integration.deleted_at = at
    # Its webhook stays switched on: the last thing that it tells is this.
    integration.save(update_fields=["deleted_at", "updated_at"])
    ApiKey.objects.filter(integration=integration, revoked_at=None).update(revoked_at=at)
    for link in ShopLink.objects.locked().filter(integration=integration):
        link.credentials, link.webhook_token_hash, link.rest_until = "", b"", None
        link.save(update_fields=["credentials", "webhook_token_hash", "rest_until"])
        link.walks.all().delete()
        link.refusals.all().delete()
        link.messages.filter(
            kind="orders"
        ).delete()  # what persons asked for is answered all the same
    FileSource.objects.filter(integration=integration).delete()
    Event.record("integration.deleted", actor=actor, at=at, integration=integration.pk)
