"""The clock's door to webhooks: load by id, make one call. No logic here."""

from django.db import transaction
from procrastinate.contrib.django import app

from rientro.flows.fan_out_event import fan_out_event
from rientro.flows.send_webhooks import send_webhooks
from rientro.flows.sweep_webhooks import sweep_webhooks
from rientro.jobs.patience import Patience
from rientro.kit import clock
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Event, WebhookEndpoint


@app.task(name="fan_out_event", queue="default", retry=Patience())
def run_fan_out_event(*, merchant_id: int, event_id: int) -> None:
    with acting_for(merchant_id):
        with transaction.atomic():
            event = Event.objects.select_related("ret__order", "order").get(pk=event_id)
        fan_out_event(event=event, now=clock.now())


@app.task(name="send_webhooks", queue="webhooks", retry=Patience())
def run_send_webhooks(*, merchant_id: int, endpoint_id: int) -> None:
    with acting_for(merchant_id):
        with transaction.atomic():
            endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id).first()
        if endpoint is not None:  # else it was deleted meanwhile
            send_webhooks(endpoint=endpoint, now=clock.now())


@app.task(name="wake_webhooks", queue="default", retry=Patience())
def run_wake_webhooks(*, merchant_id: int, endpoint_id: int) -> None:
    """Scheduled jobs take no lock: one that waits for tomorrow would hold up those of today."""
    with acting_for(merchant_id):
        with transaction.atomic():
            endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id).first()
        if endpoint is not None:
            endpoint.kick()


@app.task(name="sweep_webhooks", queue="default")
def run_sweep_webhooks(*, merchant_id: int) -> None:
    with merchant_transaction(merchant_id):
        sweep_webhooks(now=clock.now())
