"""What a connection of version 3 is sent: ``{event_type, data}``, signed as Standard Webhooks are.

Source of the parcel event's shape: Sendcloud's OpenAPI of event subscriptions (2026), ``ParcelEventCreatedPayload``.
It names no way to prove who sent it; the signature is ours, and a receiver that knows nothing of it is not harmed.
"""

import json
from typing import Any

from rientro.api.ids import parcel_id
from rientro.api.webhooks.standard import StandardWords
from rientro.kit.crypto import unseal
from rientro.models import Event, Parcel, WebhookEndpoint
from rientro.models.webhook_words import Message
from rientro.policy.lifecycle import CarrierState
from rientro.policy.tracking import ENDS
from rientro.policy.webhook_access import Access, headers_of

# Their one event, and our name for the same; every other has our name outside as well.
PARCEL_EVENT = "parcels.event.created"
SCANNED = "return.scanned"
TEST = "webhook.test"
# Our word for where a parcel is -> their phase, exception and severity.
_PHASES: dict[str, tuple[str, str, str]] = {
    CarrierState.LABEL_READY: ("ready_to_send", "none", "success"),
    CarrierState.HANDED_IN: ("accepted", "none", "success"),
    CarrierState.IN_TRANSIT: ("in_transit", "none", "success"),
    CarrierState.AT_CUSTOMS: ("customs", "none", "success"),
    CarrierState.DELAYED: ("in_transit", "delivery_delay", "warning"),
    CarrierState.EXCEPTION: ("in_transit", "unknown", "error"),
    CarrierState.DELIVERED: ("delivered", "none", "success"),
    CarrierState.RETURNED_TO_SENDER: ("in_transit", "returned_sender", "error"),
    CarrierState.LOST: ("unknown", "missing", "error"),
}


def outside(event_name: str) -> str:
    """An event's name as a client of subscriptions knows it."""
    return PARCEL_EVENT if event_name == SCANNED else event_name


def inside(event_type: str) -> str:
    """Our name for it; ours of a scan is not spoken outside, so that there is one name for each."""
    return SCANNED if event_type == PARCEL_EVENT else "" if event_type == SCANNED else event_type


class ConnectionWords(StandardWords):
    """The words of a connection."""

    def body(self, event: Event, endpoint: WebhookEndpoint) -> str:
        if event.name == TEST:
            told = _test(event)
        elif event.name == SCANNED:
            told = {"event_type": PARCEL_EVENT, "data": _scanned(event)}
        else:
            told = json.loads(super().body(event, endpoint))
            told = {"event_type": told.pop("type"), **told}
        return json.dumps(told)

    def headers(self, message: Message) -> dict[str, str]:
        access = Access.of(unseal(message.endpoint.access))
        return headers_of(access) | super().headers(message)


def _scanned(event: Event) -> dict[str, Any]:
    assert event.ret is not None
    named = event.facts.get("parcel")
    parcel = event.ret.parcels.filter(pk=named).first() if isinstance(named, int) else None
    label = parcel.labels.order_by("-pk").first() if parcel else None
    told = _parcel(parcel, event) | {
        "announced_at": label.bought_at.isoformat() if label else None,
    }
    return {"parcel": told, "event": _news(event)}


def _parcel(parcel: Parcel | None, event: Event) -> dict[str, Any]:
    ret = event.ret
    assert ret is not None
    return {
        "parcel_id": parcel_id("parcel", parcel.pk) if parcel else parcel_id("return", ret.pk),
        "tracking_number": event.facts.get("tracking_number") or None,
        "carrier_code": parcel.carrier_code if parcel else "",
        "return_id": ret.pk,
        "order_number": ret.order.number,
    }


def _news(event: Event, state: str = "") -> dict[str, Any]:
    state = state or str(event.facts.get("status", ""))
    phase, exception, severity = _PHASES.get(state, ("unknown", "none", "success"))
    return {
        "event_type": "carrier",
        "timestamp": event.facts.get("occurred_at") or event.happened_at.isoformat(),
        "phase": phase,
        "exception": exception,
        "status_type": severity,
        "sub_status": "none",
        "description": None,
        "end_of_tracking": state in ENDS,
        "is_offered": None,
        "is_carrier_responsible": None,
        "is_returned": True,
        "location_details": None,
        "extra_data": None,
    }


def _test(event: Event) -> dict[str, Any]:
    """A sample in the shape of the real one, which says that it is one."""
    name = str(event.facts.get("key", ""))
    if name != SCANNED:
        return {"event_type": name or TEST, "data": {"event_id": event.pk}, "test": True}
    parcel = {
        "parcel_id": 1,
        "tracking_number": "TEST",
        "carrier_code": "test",
        "announced_at": event.happened_at.isoformat(),
    }
    return {
        "event_type": PARCEL_EVENT,
        "data": {"parcel": parcel, "event": _news(event, CarrierState.IN_TRANSIT.value)},
        "test": True,
    }


WORDS = ConnectionWords()
