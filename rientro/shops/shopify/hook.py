"""Shopify's webhooks: subscribed by us, signed with the app's client secret; and the three about persons.

Source: shopify.dev, Webhooks (Verify webhooks; headers), Privacy law compliance, and the app's own consent page
(Authorization code grant, Verify a request).
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from rientro.shops.base import BadSignature, InvalidRequest, News, RawWebhook
from rientro.shops.reading import inner, rows, text
from rientro.shops.shopify import queries
from rientro.shops.shopify.wire import ShopifyWire, user_errors
from rientro.shops.wire import of_one_connection

TOPICS = ("ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_DELETE", "REFUNDS_CREATE", "APP_UNINSTALLED")


class Hooks:
    """The subscriptions of one connection."""

    def __init__(self, wire: ShopifyWire) -> None:
        self._wire = wire

    def register(self, url: str) -> None:
        """New ones first, so that nothing is missed; those of before go afterwards."""
        before = self._ours(url)
        for topic in TOPICS:
            made = self._wire.query(
                queries.HOOK, acts=True, topic=topic, hook={"uri": url, "format": "JSON"}
            )
            errors = user_errors(inner(made, "webhookSubscriptionCreate"))
            if errors and "taken" not in errors:
                raise InvalidRequest(errors)
        for subscription, address in before:
            if address != url:
                self._wire.query(queries.UNHOOK, acts=True, id=subscription)

    def forget(self, url: str) -> None:
        for subscription, _ in self._ours(url):
            self._wire.query(queries.UNHOOK, acts=True, id=subscription)

    def _ours(self, url: str) -> list[tuple[str, str]]:
        """(subscription, address) of this connection, whatever their secret word."""
        ours = of_one_connection(url)
        listed = rows(inner(self._wire.query(queries.HOOKS), "webhookSubscriptions"), "nodes")
        told = [(text(row, "id", 120), text(row, "uri", 2000)) for row in listed]
        return [(one, address) for one, address in told if address.startswith(ours)]


def news_in(raw: RawWebhook, secret: str) -> News:
    """Verified, then read. Raises BadSignature."""
    _verify(raw, secret)
    topic = raw.headers.get("x-shopify-topic", "")[:80]
    try:
        row = json.loads(raw.body)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("The webhook holds nothing that can be read.") from error
    if not isinstance(row, dict):
        return News(topic=topic, kind="nothing")
    if topic == "app/uninstalled":
        return News(topic=topic, kind="uninstalled")
    if topic == "shop/redact":
        return News(topic=topic, kind="erase_shop")
    if topic in ("customers/data_request", "customers/redact"):
        return _about_a_person(topic, row)
    order_id = text(row, "order_id" if topic.startswith("refunds/") else "id", 40)
    if not order_id or not topic.startswith(("orders/", "refunds/")):
        return News(topic=topic, kind="nothing")
    return News(topic=topic, kind="orders", order_ids=[order_id])


def _about_a_person(topic: str, row: Mapping[str, Any]) -> News:
    asks = topic == "customers/data_request"
    listed = row.get("orders_requested" if asks else "orders_to_redact")
    return News(
        topic=topic,
        kind="data_request" if asks else "erase",
        order_ids=[str(one) for one in listed] if isinstance(listed, list) else [],
        email=text(inner(row, "customer"), "email", 254),
    )


def _verify(raw: RawWebhook, secret: str) -> None:
    mac = hmac.new(secret.encode(), raw.body, hashlib.sha256).digest()
    try:
        given = base64.b64decode(raw.headers.get("x-shopify-hmac-sha256", ""), validate=True)
    except (binascii.Error, ValueError):
        given = b""
    if not secret or not hmac.compare_digest(mac, given):
        raise BadSignature("The shop has not signed this.")


def is_signed(told: Mapping[str, str], secret: str) -> bool:
    """Did Shopify make these words of an address? All but `hmac`, sorted, joined as they were told."""
    pairs = sorted(
        (name, value) for name, value in told.items() if name not in ("hmac", "signature")
    )
    words = "&".join(f"{name}={value}" for name, value in pairs)
    mac = hmac.new(secret.encode(), words.encode(), hashlib.sha256).hexdigest()
    return bool(secret) and hmac.compare_digest(mac, told.get("hmac", ""))
