"""A machine says which events go to one of its connections."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models import Event, EventSubscription, WebhookEndpoint
from rientro.policy.event_names import OF_AN_INTEGRATION


class BadSubscription(RientroError):
    """``facts["field"]`` names what is wrong: event_name."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_subscription"


@transaction.atomic
def save_subscription(
    *,
    subscription: EventSubscription | None,
    endpoint: WebhookEndpoint,
    event_name: str,
    active: bool,
    actor: str,
    now: datetime,
) -> EventSubscription:
    """Let ``endpoint``, a connection, hear of ``event_name``, or change such a subscription.

    Raises BadSubscription for an event that is none of an integration's, or one that the connection hears of
    already; then nothing is written.
    """
    if event_name not in OF_AN_INTEGRATION:
        raise BadSubscription("Choose an event from the list.", field="event_name")
    place = WebhookEndpoint.objects.filter(style="connection").locked()
    connection = place.get_or_missing(pk=endpoint.pk)
    row = (
        EventSubscription.objects.locked().get_or_missing(pk=subscription.pk)
        if subscription
        else EventSubscription(created_at=now)
    )
    others = EventSubscription.objects.filter(endpoint=connection, event_name=event_name)
    if others.exclude(pk=row.pk).exists():
        raise BadSubscription("This connection hears of this event already.", field="event_name")
    row.endpoint, row.event_name, row.active = connection, event_name, active
    row.save()
    Event.record(
        "webhook.changed",
        actor=actor,
        at=now,
        active=active,
        key=event_name,
        **connection.named(),
    )
    return row
