"""The doors of the fake WooCommerce at which somebody asks to be told: ``/webhooks``.

Source: Version1/class-wc-rest-webhooks-v1-controller.php: made with a ping, deleted only by force, secret never told.
"""

from typing import ClassVar

from tests.fake_server import Answer, Heard
from tests.shops.fakes.woocommerce.keeper import Keeper
from tests.shops.fakes.woocommerce.query import chosen, error, page_of, true
from tests.shops.fakes.woocommerce.webhooks import Webhook, refused


class Listeners(Keeper):
    ROUTES: ClassVar[dict[str, str]] = {
        "GET /wp-json/wc/v3/webhooks": "list_webhooks",
        "POST /wp-json/wc/v3/webhooks": "make_webhook",
        "GET /wp-json/wc/v3/webhooks/{id}": "one_webhook",
        "PUT /wp-json/wc/v3/webhooks/{id}": "put_webhook",
        "DELETE /wp-json/wc/v3/webhooks/{id}": "delete_webhook",
    }

    def list_webhooks(self, heard: Heard) -> Answer:
        status = chosen(heard, "status", ("all", "active", "paused", "disabled"), "all")
        found = [hook for hook in self.hooks.values() if status in ("all", hook.status)]
        found.sort(key=lambda hook: hook.webhook_id, reverse=heard.one("order", "desc") == "desc")
        return page_of(heard, self.url, found, lambda hook: hook.words(self.url, self.zone))

    def make_webhook(self, heard: Heard) -> Answer:
        told = heard.words or {}
        if no := refused(told, new=True):
            return no
        number = max(self.hooks, default=0) + 1
        hook = Webhook(
            webhook_id=number,
            name=told.get("name") or f"Webhook created on {self.now:%b %d, %Y @ %I:%M %p}",
            topic=told["topic"].lower(),
            delivery_url=told["delivery_url"],
            secret=told.get("secret") or f"made by the shop {number}",
            created=self.now,
            modified=self.now,
            status=told.get("status", "active"),
        )
        self.hooks[number] = hook
        self.outbox.append(hook.ping)
        return Answer(201, hook.words(self.url, self.zone))

    def one_webhook(self, heard: Heard, webhook_id: str) -> Answer:
        hook = self.hooks.get(_int(webhook_id))
        if hook is None:
            return error(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
        return Answer(200, hook.words(self.url, self.zone))

    def put_webhook(self, heard: Heard, webhook_id: str) -> Answer:
        hook, told = self.hooks.get(_int(webhook_id)), heard.words or {}
        if hook is None:
            return error(400, "woocommerce_rest_shop_webhook_invalid_id", "ID is invalid.")
        if no := refused(told, new=False):
            return no
        for name in ("name", "topic", "delivery_url", "secret", "status"):
            setattr(hook, name, told.get(name) or getattr(hook, name))
        hook.modified = self.now
        return Answer(200, hook.words(self.url, self.zone))

    def delete_webhook(self, heard: Heard, webhook_id: str) -> Answer:
        if not true(heard, "force"):
            message = "Webhooks do not support trashing."
            return error(501, "woocommerce_rest_trash_not_supported", message)
        hook = self.hooks.pop(_int(webhook_id), None)
        if hook is None:
            return error(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
        return Answer(200, hook.words(self.url, self.zone))


def _int(told: str) -> int:
    return int(told) if told.isdigit() else 0
