"""Tell the merchant's machines what happened: an event becomes one delivery for each receiver that wants it."""

from datetime import datetime

from django.db import transaction

from rientro.models.deliveries import Delivery
from rientro.models.events import Event
from rientro.models.subscriptions import connections_that_listen
from rientro.models.webhook_words import words_for
from rientro.models.webhooks import WebhookEndpoint, shops_that_listen

TEST = "webhook.test"


def fan_out_event(*, event: Event, now: datetime) -> list[WebhookEndpoint]:
    """Write the deliveries of ``event`` and let workers look at them; gives the receivers.

    Sends nothing itself. Safe to repeat: there is one delivery for a receiver and an event. The workers are
    told after the deliveries are committed; a crash in between repeats the whole.
    """
    receivers = _write(event, now=now)
    for endpoint in receivers:
        if not (endpoint.paused_until and endpoint.paused_until > now):  # else it is woken in time
            endpoint.kick()
    return receivers


@transaction.atomic
def _write(event: Event, *, now: datetime) -> list[WebhookEndpoint]:
    receivers = [*_own(event), *_connections(event), *_of_shops(event)]
    rows = [
        Delivery(endpoint=endpoint, event=event, created_at=now, since=now, next_at=now)
        for endpoint in receivers
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return receivers


def _own(event: Event) -> list[WebhookEndpoint]:
    if event.name == TEST:
        tested = WebhookEndpoint.objects.made_by_hand().filter(active=True)
        return list(tested.filter(pk=event.facts.get("endpoint")))
    endpoints = WebhookEndpoint.objects.filter(style="standard", active=True).order_by("pk")
    return [endpoint for endpoint in endpoints if endpoint.listens_to(event.name)]


def _connections(event: Event) -> list[WebhookEndpoint]:
    """They hear of their own integration alone, as its key sees no other's orders."""
    number = _integration_of(event)
    if number is None or event.name == TEST:
        return []
    return connections_that_listen(event.name, number, at=event.happened_at)


def _of_shops(event: Event) -> list[WebhookEndpoint]:
    """The webhook of the one integration that the event is about: it hears of its own orders alone."""
    if not words_for("integration").wants(event):
        return []
    number = _integration_of(event)
    return shops_that_listen([number], at=event.happened_at) if number else []


def _integration_of(event: Event) -> int | None:
    order = event.ret.order if event.ret else event.order
    return order.integration_id if order else event.facts.get("integration")
