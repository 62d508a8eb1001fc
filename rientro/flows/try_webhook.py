"""A person sends a test to see whether a receiver hears and believes us."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models import Event, WebhookEndpoint
from rientro.models.integrations import Integration


class SwitchedOff(RientroError):
    """Nothing is sent to a webhook that is off, not even a test."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "webhook_switched_off"


@transaction.atomic
def try_webhook(
    *,
    endpoint: WebhookEndpoint | None = None,
    integration: Integration | None = None,
    actor: str,
    now: datetime,
    event_name: str = "",
) -> Event:
    """Record a test for one receiver; it goes the way of every event. Raises SwitchedOff.

    ``event_name`` is the event that the test is to look like, for receivers that are sent such.
    """
    if integration is not None:
        if not (integration.webhook_active and integration.webhook_url):
            raise SwitchedOff("Give the webhook an address and switch it on first.")
        return Event.record(
            "webhook.test", actor=actor, at=now, integration=integration.pk, endpoint=0
        )
    assert endpoint is not None
    if not endpoint.is_on():
        raise SwitchedOff("Switch the webhook on first.")
    facts: dict[str, Any] = {"key": event_name} if event_name else {}
    return Event.record("webhook.test", actor=actor, at=now, endpoint=endpoint.pk, **facts)
