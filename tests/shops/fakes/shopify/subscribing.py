"""Webhook subscriptions of the fake Shopify: made, listed, changed and forgotten by the app itself."""

from collections.abc import Sequence
from typing import Any

from tests.shops.fakes.shopify.keeper import Keeper
from tests.shops.fakes.shopify.post import Subscription
from tests.shops.fakes.shopify.refunding import number
from tests.shops.fakes.shopify.view import Row, connection, gid, when

KIND = "WebhookSubscription"
RIGHTS = {  # beginning of a topic -> the scope that shows what it tells
    "ORDERS_": "read_orders",
    "REFUNDS_": "read_orders",
    "FULFILLMENTS_": "read_fulfillments",
    "RETURNS_": "read_returns",
    "CUSTOMERS_": "read_customers",
    "PRODUCTS_": "read_products",
}
URI = ["webhookSubscription", "uri"]


class Subscribing:
    def __init__(self, shop: Keeper, scopes: frozenset[str]) -> None:
        self.shop, self.scopes = shop, scopes

    def one(self, id: str) -> Row | None:
        found = self.shop.subscriptions.get(number(id, KIND))
        return self._row(found) if found else None

    def listed(
        self, topics: Sequence[str] | None = None, uri: str | None = None, **told: Any
    ) -> Row:
        rows = [
            self._row(found)
            for found in self.shop.subscriptions.values()
            if (not topics or found.topic in topics) and (not uri or found.uri == uri)
        ]
        return connection(
            rows, **{n: told.get(n) for n in ("first", "last", "after", "before", "reverse")}
        )

    def create(self, topic: str, webhookSubscription: Row) -> Row:
        if problem := self._problem(topic, webhookSubscription, None):
            return {"webhookSubscription": None, "userErrors": [problem]}
        made = Subscription(
            self.shop.serial(),
            topic,
            webhookSubscription["uri"],
            self.shop.moment(),
            self.shop.moment(),
        )
        self._fill(made, webhookSubscription)
        self.shop.subscriptions[made.id] = made
        return {"webhookSubscription": self._row(made), "userErrors": []}

    def update(self, id: str, webhookSubscription: Row) -> Row:
        found = self.shop.subscriptions.get(number(id, KIND))
        if found is None:
            return {"webhookSubscription": None, "userErrors": [_missing()]}
        told = {"uri": found.uri} | webhookSubscription
        if problem := self._problem(found.topic, told, found):
            return {"webhookSubscription": None, "userErrors": [problem]}
        found.uri, found.updated = told["uri"], self.shop.moment()
        self._fill(found, webhookSubscription)
        return {"webhookSubscription": self._row(found), "userErrors": []}

    def delete(self, id: str) -> Row:
        if self.shop.subscriptions.pop(number(id, KIND), None) is None:
            return {"deletedWebhookSubscriptionId": None, "userErrors": [_missing()]}
        return {"deletedWebhookSubscriptionId": id, "userErrors": []}

    def _problem(self, topic: str, told: Row, before: Subscription | None) -> Row | None:
        uri = told.get("uri") or ""
        plain = topic.lower().replace("_", "/", 1)
        for beginning, scope in RIGHTS.items():
            if topic.startswith(beginning) and scope not in self.scopes:
                message = f"You do not have permission to create or update webhooks with {plain}"
                return {"field": ["topic"], "message": f"{message} topic."}
        if not uri:
            return {"field": URI, "message": "Address can't be blank"}
        if self.shop.https_only and not uri.startswith(("https://", "pubsub://", "arn:")):
            scheme = uri.partition("://")[0]
            return {"field": URI, "message": f"Address protocol {scheme}:// is not supported"}
        for other in self.shop.subscriptions.values():
            if other is not before and (other.topic, other.uri) == (topic, uri):
                return {"field": URI, "message": "Address for this topic has already been taken"}
        return None

    def _fill(self, made: Subscription, told: Row) -> None:
        made.format = told.get("format") or made.format
        made.filter = told.get("filter", made.filter)
        made.name = told.get("name", made.name)
        made.include_fields = list(told.get("includeFields") or made.include_fields)

    def _row(self, found: Subscription) -> Row:
        version = self.shop.version
        return {
            "__typename": KIND,
            "id": gid(KIND, found.id),
            "legacyResourceId": str(found.id),
            "topic": found.topic,
            "uri": found.uri,
            "format": found.format,
            "filter": found.filter,
            "includeFields": found.include_fields,
            "metafieldNamespaces": [],
            "name": found.name,
            "apiVersion": {"displayName": version, "handle": version, "supported": True},
            "createdAt": when(found.at),
            "updatedAt": when(found.updated),
        }


def _missing() -> Row:
    return {"field": ["id"], "message": "Webhook subscription does not exist"}
