"""Standard Webhooks 1.0: every event as ``{type, timestamp, data}``, signed so that any of its libraries verifies.

``data`` names things by id and says where they stand. Names, addresses and words that people wrote are in it
only where the merchant chose them.
"""

import json
from typing import Any

from rientro.models import Event, Order, Return, WebhookEndpoint
from rientro.models.webhook_words import Message, NoSigningKey
from rientro.policy.event_facts import safe_facts
from rientro.policy.webhook_retries import STANDARD_S
from rientro.policy.webhook_signatures import standard

MOST_BYTES = 20_000  # "Payload size" of the specification
LONG = ("items", "facts", "shopper")  # left out in this order when a body would be larger


class StandardWords:
    """The words of a webhook that a merchant made."""

    delays_s = STANDARD_S
    gone_switches_off = True

    def wants(self, event: Event) -> bool:
        return True

    def body(self, event: Event, endpoint: WebhookEndpoint) -> str:
        full = endpoint.detail == WebhookEndpoint.Detail.FULL.value
        data = _data(event, full=full)
        body = _body(event, data)
        for name in LONG:
            if len(body.encode()) <= MOST_BYTES:
                break
            if data.pop(name, None) is not None:
                body = _body(event, data | {"shortened": True})
        return body

    def headers(self, message: Message) -> dict[str, str]:
        secrets = message.endpoint.secrets(at=message.at)
        if not secrets:
            raise NoSigningKey("This webhook has no secret. Give it a new one.")
        sent = int(message.at.timestamp())
        return {
            "webhook-id": message.id,
            "webhook-timestamp": str(sent),
            "webhook-signature": standard(secrets, message.id, sent, message.body),
        }


def _body(event: Event, data: dict[str, Any]) -> str:
    told = {"type": event.name, "timestamp": event.happened_at.isoformat(), "data": data}
    return json.dumps(told, separators=(",", ":"))


def _data(event: Event, *, full: bool) -> dict[str, Any]:
    data: dict[str, Any] = {"event_id": event.pk, "actor": event.actor}
    order = event.ret.order if event.ret else event.order
    if event.ret is not None:
        data["return"] = _return(event.ret)
        data["parcels"] = _parcels(event.ret)
    if order is not None:
        data["order"] = _order(order)
    data["facts"] = event.facts if full else safe_facts(event.facts)
    if full and event.ret is not None:
        data["shopper"] = _shopper(event.ret)
        data["items"] = _items(event.ret)
    return data


def _return(ret: Return) -> dict[str, Any]:
    return {
        "id": ret.pk,
        "public_id": str(ret.public_id),
        "number": ret.number,
        "external_reference": ret.told_reference(),
        "brand_id": ret.brand_id,
        "method": ret.method,
        "refund_type": ret.refund_type,
        "approval": ret.approval,
        "carrier": ret.carrier,
        "inspection": ret.inspection,
        "settlement": ret.settlement,
        "currency": ret.currency,
        "value_minor": ret.value_minor,
        "fee_minor": ret.fee_minor,
        "refund_minor": ret.refund_minor,
    }


def _parcels(ret: Return) -> list[dict[str, Any]]:
    return [
        {
            "id": parcel.pk,
            "carrier": parcel.carrier_code,
            "tracking_number": parcel.tracking_number,
            "status": parcel.status,
        }
        for parcel in ret.parcels.order_by("position")
    ]


def _order(order: Order) -> dict[str, Any]:
    return {
        "id": order.pk,
        "number": order.number,
        "integration_id": order.integration_id,
        "shipment_uuid": str(order.shipment_uuid),
        "external_order_id": order.external_order_id,
        "external_shipment_id": order.external_shipment_id,
    }


def _shopper(ret: Return) -> dict[str, str]:
    fields = "name company street house_number address_2 postal_code city state country email phone"
    return {name: getattr(ret, f"from_{name}") for name in fields.split()}


def _items(ret: Return) -> list[dict[str, Any]]:
    return [
        {
            "id": item.pk,
            "order_line_id": item.order_line_id,
            "sku": item.order_line.sku,
            "name": item.order_line.name,
            "quantity": item.quantity,
            "price_minor": item.price_minor,
            "reason": item.reason_label,
            "received_quantity": item.received_quantity,
            "grade": item.grade,
            "disposition": item.disposition,
        }
        for item in ret.items.select_related("order_line").order_by("pk")
    ]


WORDS = StandardWords()
