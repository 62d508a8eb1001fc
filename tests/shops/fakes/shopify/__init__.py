"""A fake Shopify: the Admin GraphQL API in version 2026-10, its tokens, its webhooks.

Sources: the schema of @shopify/dev-mcp 1.16.0 (npm, 2026-09-28; 2026-10 was its candidate, stable by Shopify's calendar
since 2026-10-01), shopify.dev on access scopes, limits, pagination, search syntax, idempotent requests, webhooks and
privacy. What differs from other shops:

* A query that asks for a field or argument that the schema has not is refused with HTTP 200 and ``errors``.
* Everything is written down in whole seconds. Lists give 250 at most, and 25 000 in all however they are paged.
* Without ``read_all_orders`` what is older than 60 days is not there.
* ``throttle`` turns on the bucket of cost points (a plan's 100 a second, from a bucket of 2000). How a connection is
  priced is not published: here by the logarithm of its size.
* The URI of a subscription must be https; tests have no certificate, so that holds with ``https_only`` alone.
* ``protected_data`` and ``hidden_fields`` are what an app is or is not approved for.
"""

import json
import re
import time
from typing import Any, ClassVar

from graphql import GraphQLError

from tests.fake_server import Answer, Heard
from tests.shops.fakes.shopify.app import App
from tests.shops.fakes.shopify.graph import MOST_COST, Request, as_theirs, weight
from tests.shops.fakes.shopify.oauth import Doors
from tests.shops.fakes.shopify.refunding import Refunds

SUPPORTED = ("2026-01", "2026-04", "2026-07", "2026-10")
LIMITS_PAGE = "https://shopify.dev/api/usage/rate-limits"
WRONG_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"
GRANTED = (
    "read_all_orders read_customers read_fulfillments read_inventory read_locations read_orders "
    "read_products read_returns read_store_credit_accounts write_orders"
)
AWAY = (
    b"<!DOCTYPE html><html><head><title>503 Service Unavailable</title></head><body></body></html>"
)


class FakeShopify(Doors):
    SYSTEM: ClassVar[str] = "shopify"
    ROUTES: ClassVar[dict[str, str]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.granted = set(GRANTED.split())
        self.protected_data = True
        self.hidden_fields: set[str] = set()
        self.throttle = False
        self.bucket_size, self.restore_rate = 2000.0, 100.0
        self.last_cost = 0  # of the last query, as it was asked
        self._spent, self._measured = 0.0, time.monotonic()
        self._refund_book = Refunds(self)

    def answer(self, heard: Heard) -> Answer:
        if self.down:
            return Answer(503, body=AWAY, headers={"Content-Type": "text/html; charset=utf-8"})
        if heard.line == "POST /admin/oauth/access_token":
            return self.token(heard)
        if heard.line == "GET /admin/oauth/authorize":
            return self.authorize(heard)
        found = re.fullmatch(r"POST /admin/api/([\w-]+)/graphql\.json", heard.line)
        version = self._version(found[1]) if found else None
        if version is None:
            return Answer(404, {"errors": "Not Found"})
        scopes = self.scopes_of(heard.headers.get("x-shopify-access-token", ""))
        if scopes is None:
            return Answer(401, {"errors": WRONG_TOKEN})
        words = self._asked(heard)
        if words is None:
            return Answer(400, {"errors": {"query": "Required parameter missing or invalid"}})
        answer = self._graphql(words, version, scopes)
        return Answer(200, answer, headers={"X-Shopify-API-Version": version})

    def _version(self, asked: str) -> str | None:
        """What is too old is answered by the oldest that is kept."""
        if asked in SUPPORTED:
            return asked
        old = re.fullmatch(r"20\d\d-(01|04|07|10)", asked) and asked < SUPPORTED[0]
        return SUPPORTED[0] if old else None

    def _asked(self, heard: Heard) -> dict[str, Any] | None:
        try:
            words = json.loads(heard.body)
        except ValueError:
            return None
        told = isinstance(words, dict) and isinstance(words.get("query"), str)
        return words if told else None

    def _graphql(
        self, words: dict[str, Any], version: str, scopes: frozenset[str]
    ) -> dict[str, Any]:
        try:
            request = Request(words["query"], words.get("variables") or {}, version)
        except (GraphQLError, StopIteration) as fault:
            told = as_theirs(fault) if isinstance(fault, GraphQLError) else {"message": "No query"}
            return {"errors": [told]}
        if request.faults:
            return {"errors": request.faults}
        cost = self.last_cost = request.cost()
        if cost > MOST_COST:
            return _too_dear(cost)
        if self.throttle and cost > self._available():
            extensions = {"code": "THROTTLED", "documentation": LIMITS_PAGE}
            fault = {"message": "Throttled", "extensions": extensions}
            return {"errors": [fault], "extensions": {"cost": self._cost(cost, None)}}
        app = App(self, self._refund_book, scopes, self.client_id)
        answer = request.done(app, self)
        spent = min(cost, max(1, weight(answer["data"]) - 1))
        self._spent += spent if self.throttle else 0
        extensions = {"cost": self._cost(cost, spent)}
        return answer | {
            "extensions": extensions | ({"search": app.warnings} if app.warnings else {})
        }

    def _available(self) -> float:
        now = time.monotonic()
        self._spent = max(0.0, self._spent - (now - self._measured) * self.restore_rate)
        self._measured = now
        return self.bucket_size - self._spent

    def _cost(self, requested: int, actual: int | None) -> dict[str, Any]:
        left = self._available() if self.throttle else self.bucket_size
        return {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": {
                "maximumAvailable": self.bucket_size,
                "currentlyAvailable": int(left),
                "restoreRate": self.restore_rate,
            },
        }


def _too_dear(cost: int) -> dict[str, Any]:
    message = f"Query cost is {cost}, which exceeds the single query max cost limit ({MOST_COST})."
    extensions = {
        "code": "MAX_COST_EXCEEDED",
        "cost": cost,
        "maxCost": MOST_COST,
        "documentation": LIMITS_PAGE,
    }
    return {"errors": [{"message": message, "extensions": extensions}]}
