"""See to deliveries that no job looks after: the net under the queue."""

from datetime import datetime, timedelta

from django.db import transaction

from rientro.models.deliveries import Delivery
from rientro.models.webhooks import WebhookEndpoint
from rientro.policy.webhook_retries import GIVE_UP_AFTER

OVERDUE = timedelta(minutes=2)


@transaction.atomic
def sweep_webhooks(*, now: datetime) -> int:
    """Let workers look at receivers whose deliveries are overdue; give up those that nobody will send any more.

    Says how many receivers were woken.
    """
    waiting = Delivery.objects.filter(state="waiting")
    overdue = waiting.filter(next_at__lt=now - OVERDUE).order_by().values("endpoint").distinct()
    woken = 0
    for endpoint in WebhookEndpoint.objects.filter(pk__in=overdue).select_related("integration"):
        if not endpoint.is_on():
            stale = waiting.filter(endpoint=endpoint, since__lt=now - GIVE_UP_AFTER)
            stale.update(state=Delivery.State.FAILED.value, next_at=None, error="switched_off")
        elif not (endpoint.paused_until and endpoint.paused_until > now - OVERDUE):
            endpoint.kick()
            woken += 1
    return woken
