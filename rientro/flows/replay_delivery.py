"""A person sends a delivery again: the same id, the same body, a new round of tries."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models import Delivery, Event, WebhookEndpoint


class NothingToReplay(RientroError):
    """What it said named a person who has been forgotten, or its receiver is switched off."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "nothing_to_replay"


@transaction.atomic
def replay_delivery(*, delivery: Delivery, actor: str, now: datetime) -> Delivery:
    """Make ``delivery`` due at once, whatever became of it before. Raises NothingToReplay."""
    row = Delivery.objects.locked().get_or_missing(pk=delivery.pk)
    endpoint = WebhookEndpoint.objects.select_related("integration").get(pk=row.endpoint_id)
    if row.forgotten:
        raise NothingToReplay("Its shopper was forgotten, and with them what it said.")
    if not endpoint.is_on():
        raise NothingToReplay("Switch the webhook on first.")
    row.send_again(at=now)
    # A person who sends by hand believes that the receiver listens again.
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(paused_until=None)
    Event.record("webhook.replayed", actor=actor, at=now, delivery=row.pk, endpoint=endpoint.pk)
    endpoint.kick(anew=True)
    return row
