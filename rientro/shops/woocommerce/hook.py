"""WooCommerce's webhooks: registered by us, signed by base64 of HMAC-SHA256 over the body.

Source: woocommerce.github.io/woocommerce-rest-api-docs, Webhooks; woocommerce/woocommerce, class-wc-webhook.php
(``deliver_ping``: a new webhook first posts `webhook_id=…`, unsigned).
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping

from rientro.shops.base import BadSignature, InvalidRequest, News, RawWebhook
from rientro.shops.reading import key, text
from rientro.shops.wire import of_one_connection
from rientro.shops.woocommerce.wire import WooWire

TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored")
PAGE = 100


class Hooks:
    """The webhooks of one connection."""

    def __init__(self, wire: WooWire) -> None:
        self._wire = wire

    def register(self, url: str) -> Mapping[str, str]:
        """New ones first, so that nothing is missed; those of before go afterwards."""
        secret = secrets.token_urlsafe(32)
        before = self._ours(url)
        for topic in TOPICS:
            words = {
                "name": f"Rientro {topic}",
                "topic": topic,
                "delivery_url": url,
                "secret": secret,
                "status": "active",
            }
            self._wire.act("POST", "/webhooks", words)
        for webhook in before:
            self._delete(webhook)
        return {"webhook_secret": secret}

    def forget(self, url: str) -> None:
        for webhook in self._ours(url):
            self._delete(webhook)

    def _ours(self, url: str) -> list[str]:
        """Of this connection, whatever their secret word."""
        ours = of_one_connection(url)
        listed = self._wire.rows("/webhooks", per_page=str(PAGE))
        return [key(row) for row in listed if text(row, "delivery_url", 2000).startswith(ours)]

    def _delete(self, webhook: str) -> None:
        try:
            self._wire.act("DELETE", f"/webhooks/{webhook}", force="true")
        except InvalidRequest:
            return  # it is gone


def news_in(raw: RawWebhook, secret: str) -> News:
    """Verified, then read. Raises BadSignature; of a ping nothing counts."""
    topic = raw.headers.get("x-wc-webhook-topic", "")[:80]
    if not raw.headers.get("x-wc-webhook-signature") and raw.body.startswith(b"webhook_id="):
        return News(topic="ping", kind="nothing")
    _verify(raw, secret)
    try:
        row = json.loads(raw.body)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("The webhook holds nothing that can be read.") from error
    order_id = key(row) if isinstance(row, dict) else ""
    if not order_id or not topic.startswith("order."):
        return News(topic=topic, kind="nothing")
    return News(topic=topic, kind="orders", order_ids=[order_id])


def _verify(raw: RawWebhook, secret: str) -> None:
    mac = hmac.new(secret.encode(), raw.body, hashlib.sha256).digest()
    try:
        given = base64.b64decode(raw.headers.get("x-wc-webhook-signature", ""), validate=True)
    except (binascii.Error, ValueError):
        given = b""
    if not secret or not hmac.compare_digest(mac, given):
        raise BadSignature("The shop has not signed this.")
