"""Webhooks of the fake WooCommerce: how they are made, signed, and switched off when nobody listens.

Sources: includes/class-wc-webhook.php (deliver, deliver_ping, generate_signature, failed_delivery: the delivery that
fails when more than five in a row failed before it disables the webhook) and the webhooks controllers.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tests.fake_server import Answer
from tests.shops.fakes.shop import Sent
from tests.shops.fakes.woocommerce.answers import both, links
from tests.shops.fakes.woocommerce.query import error

AGENT = "WooCommerce/10.3.5 Hookshot (WordPress/6.8.3)"
MAX_FAILURES = 5
HOOKS = {
    "order.created": ["woocommerce_new_order"],
    "order.updated": ["woocommerce_update_order", "woocommerce_order_refunded"],
    "order.deleted": ["wp_trash_post", "woocommerce_trash_order"],
    "order.restored": ["untrashed_post", "woocommerce_untrash_order"],
    "product.updated": ["woocommerce_process_product_meta", "woocommerce_update_product"],
    "coupon.created": ["woocommerce_process_shop_coupon_meta", "woocommerce_new_coupon"],
    "customer.deleted": ["delete_user"],
}
STATUSES = ("active", "paused", "disabled")


@dataclass
class Webhook:
    webhook_id: int
    name: str
    topic: str
    delivery_url: str
    secret: str
    created: datetime
    modified: datetime
    status: str = "active"
    failures: int = 0

    def words(self, url: str, zone: str) -> dict[str, Any]:
        resource, _, event = self.topic.partition(".")
        return {
            "id": self.webhook_id,
            "name": self.name,
            "status": self.status,
            "topic": self.topic,
            "resource": resource,
            "event": event,
            "hooks": HOOKS[self.topic],
            "delivery_url": self.delivery_url,
            **both("date_created", self.created, zone),
            **both("date_modified", self.modified, zone),
            "_links": links(url, f"webhooks/{self.webhook_id}"),
        }

    def message(self, url: str, payload: dict[str, Any], at: datetime) -> Sent:
        resource, _, event = self.topic.partition(".")
        body = json.dumps(payload).encode()
        made = hmac.new(self.secret.encode(), body, hashlib.sha256).digest()
        mark = hashlib.md5(f"{self.webhook_id}{at.timestamp()}{resource}".encode())
        headers = {
            "User-Agent": AGENT,
            "Content-Type": "application/json",
            "X-WC-Webhook-Source": f"{url}/",
            "X-WC-Webhook-Topic": self.topic,
            "X-WC-Webhook-Resource": resource,
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": base64.b64encode(made).decode(),
            "X-WC-Webhook-ID": str(self.webhook_id),
            "X-WC-Webhook-Delivery-ID": mark.hexdigest(),
        }
        return Sent(self.delivery_url, headers, body)

    @property
    def ping(self) -> Sent:
        """Sent once when it is made: unsigned, a form, without any of the headers."""
        headers = {"User-Agent": AGENT, "Content-Type": "application/x-www-form-urlencoded"}
        return Sent(self.delivery_url, headers, f"webhook_id={self.webhook_id}".encode())

    def answered(self, status: int) -> None:
        if 200 <= status < 303:
            self.failures = 0
        elif self.failures > MAX_FAILURES:
            self.status = "disabled"
        else:
            self.failures += 1


def refused(told: dict[str, Any], *, new: bool) -> Answer | None:
    """Why a webhook cannot be made, or changed, in these words."""
    missing = [name for name in ("topic", "delivery_url") if new and name not in told]
    if missing:
        words = {
            "code": "rest_missing_callback_param",
            "message": f"Missing parameter(s): {', '.join(missing)}",
            "data": {"status": 400, "params": missing},
        }
        return Answer(400, words)
    start = "Webhook topic is required and must" if new else "Webhook topic must"
    if "topic" in told and str(told["topic"]).lower() not in HOOKS:
        return error(400, "woocommerce_rest_shop_webhook_invalid_topic", f"{start} be valid.")
    if "delivery_url" in told:
        parts = urlsplit(str(told["delivery_url"]))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return error(
                400,
                "woocommerce_rest_shop_webhook_invalid_delivery_url",
                "Webhook delivery URL must be a valid URL starting with http:// or https://.",
            )
    if told.get("status", "active") not in STATUSES:
        return error(
            400, "woocommerce_rest_shop_webhook_invalid_status", "Webhook status must be valid."
        )
    return None
