"""Sendcloud's webhooks of an integration: four actions, bytes that its clients can compute again, its signature.

Some clients hash the body as it came, others hash ``json.dumps`` of what they parsed. Only what Python's
``json.dumps`` writes by default, without a float that would come back otherwise, satisfies both
(docs/decisions/0010-webhook-signing.md).
"""

import json
from typing import Any

from rientro.api.v2.integrations import integration_out
from rientro.api.v2.parcel_out import return_parcel_out
from rientro.kit.crypto import unseal
from rientro.models import Event, Integration, Parcel, Return, WebhookEndpoint
from rientro.models.webhook_words import Message, NoSigningKey
from rientro.policy.webhook_signatures import plain

# Ten more tries after the first: five minutes, twice as long each time, an hour at most.
DELAYS_S = (0, 300, 600, 1200, 2400, *[3600] * 6)
ABOUT_A_PARCEL = frozenset(
    {
        "return.label_bought",
        "return.label_failed",
        "return.label_voided",
        "return.cancelled",
        "return.scanned",
        "return.delivered",
    }
)
ABOUT_THE_SHOP = {
    "integration.created": "integration_connected",
    "integration.changed": "integration_updated",
    "integration.deleted": "integration_deleted",
    # There is no action for a test; this one changes nothing at a client and shows that the signature fits.
    "webhook.test": "integration_updated",
}


class SendcloudWords:
    """The words of an integration's webhook."""

    delays_s = DELAYS_S
    gone_switches_off = False

    def wants(self, event: Event) -> bool:
        if event.name == "return.requested":
            return not event.actor.startswith(
                "member:"
            )  # the desk's own form is no news to the shop
        if event.name == "return.delivered":
            return not event.actor.startswith("carrier:")  # its scan has told it already
        return event.name in ABOUT_A_PARCEL or event.name in ABOUT_THE_SHOP

    def body(self, event: Event, endpoint: WebhookEndpoint) -> str:
        sent = int(event.happened_at.timestamp() * 1000)
        if event.name in ABOUT_THE_SHOP:
            assert endpoint.integration is not None
            told = _about_the_shop(event, endpoint.integration, sent)
        elif event.name == "return.requested":
            assert event.ret is not None
            told = _return_created(event.ret, sent)
        else:
            assert event.ret is not None
            told = _status_changed(event, event.ret, sent)
        return json.dumps(told)

    def headers(self, message: Message) -> dict[str, str]:
        secret = signing_secret(message.endpoint.integration)
        return {"Sendcloud-Signature": plain(secret, message.body)}


def signing_secret(integration: Integration | None) -> str:
    """The secret that signs: that of the oldest living key. Raises NoSigningKey, CannotUnseal.

    The oldest and not the newest: a second key for another script must not break the first one's receiver. A
    shop that is disconnected has no living key; it is told so with the last one that it had.
    """
    keys = integration.api_keys.exclude(sealed_secret="") if integration else None
    living = keys.filter(revoked_at=None).order_by("created_at", "pk").first() if keys else None
    if living is None and keys is not None and integration and integration.deleted_at:
        living = keys.order_by("-revoked_at", "created_at", "pk").first()
    if living is None:
        raise NoSigningKey("Make an API key first: webhooks are signed with it.")
    return str(unseal(living.sealed_secret)["secret"])


def _about_the_shop(event: Event, integration: Integration, sent: int) -> dict[str, Any]:
    return {
        "action": ABOUT_THE_SHOP[event.name],
        "timestamp": sent,
        "integration": integration_out(integration),
    }


def _status_changed(event: Event, ret: Return, sent: int) -> dict[str, Any]:
    parcel = _parcel_of(event, ret)
    scanned = parcel.last_scan_at if parcel else None
    return {
        "action": "parcel_status_changed",
        "timestamp": sent,
        "carrier_status_change_timestamp": int(scanned.timestamp() * 1000) if scanned else None,
        "parcel": return_parcel_out(ret, parcel),
    }


def _parcel_of(event: Event, ret: Return) -> Parcel | None:
    """The parcel that the event names, else the return's last one."""
    named = event.facts.get("parcel")
    parcels = ret.parcels.order_by("position")
    return (parcels.filter(pk=named).first() if isinstance(named, int) else None) or parcels.last()


def _return_created(ret: Return, sent: int) -> dict[str, Any]:
    items = list(ret.items.select_related("order_line").order_by("pk"))
    return {
        "action": "return_created",
        "timestamp": sent,
        "data": {
            "id": ret.pk,
            "brand_id": ret.brand_id,
            "order_number": ret.order.number,
            "return_reason_id": items[0].reason_id if items else None,
            "return_address_id": ret.to_address_id,
            "paid_return": ret.fee_minor > 0,
            "delivery_choice": ret.method,
            "refund_type": ret.refund_type,
            "items": [
                {
                    "item_id": str(item.order_line_id),
                    "description": item.order_line.name,
                    "quantity": item.quantity,
                    "sku": item.order_line.sku,
                    "hs_code": item.order_line.hs_code,
                    "return_reason_id": item.reason_id,
                }
                for item in items
            ],
        },
    }


WORDS = SendcloudWords()
