"""Send a test while a client holds the line: the same event, delivery and log as any, sent now."""

import time
from datetime import datetime
from typing import Any

from django.db import transaction

from rientro.flows.fan_out_event import fan_out_event
from rientro.flows.send_webhooks import send_webhooks
from rientro.flows.try_webhook import try_webhook
from rientro.kit import clock
from rientro.models import DeliveryAttempt, WebhookEndpoint

LONGEST_S = 20.0
PAUSE_S = 0.2
ONE_TRY_S = 0.001


def send_test(
    endpoint: WebhookEndpoint, event_name: str, *, actor: str, now: datetime
) -> dict[str, Any]:
    """``{success, status_code, response_body}`` of the first try. Raises SwitchedOff.

    A receiver that we are leaving alone, or one that is slower than this, is told of later by the worker; then
    there is no status yet, which is 0.
    """
    until = time.monotonic() + LONGEST_S
    event = try_webhook(endpoint=endpoint, event_name=event_name, actor=actor, now=now)
    fan_out_event(event=event, now=now)
    while True:
        made = send_webhooks(endpoint=endpoint, now=clock.now(), slice_s=ONE_TRY_S)
        with transaction.atomic():
            row = endpoint.merchant.webhook_endpoints.filter(pk=endpoint.pk).first()
            tried = _first_try(endpoint, event.pk)
        if tried is not None:
            return _said(tried)
        if row is None or _rests(row) or time.monotonic() > until:
            words = "Not sent yet: the receiver is being left alone for a while after its failures."
            return {"success": False, "status_code": 0, "response_body": words}
        if not made:
            time.sleep(PAUSE_S)  # a worker was faster, and is waiting for the answer


def _rests(row: WebhookEndpoint) -> bool:
    return not row.active or (row.paused_until is not None and row.paused_until > clock.now())


def _first_try(endpoint: WebhookEndpoint, event_id: int) -> DeliveryAttempt | None:
    deliveries = endpoint.merchant.deliveries.filter(endpoint=endpoint.pk, event=event_id)
    delivery = deliveries.first()
    tries = delivery.tries_made.exclude(took_ms=None) if delivery else None
    return tries.order_by("number").first() if tries is not None else None


def _said(tried: DeliveryAttempt) -> dict[str, Any]:
    status = tried.status or 0
    return {
        "success": 200 <= status <= 299,
        "status_code": status,
        "response_body": tried.answer if status else tried.error,
    }
