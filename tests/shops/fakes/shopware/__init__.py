"""A fake Shopware 6 (6.5 to 6.7): the Admin API under /api.

Sources: developer.shopware.com (Admin API, search criteria, webhooks), adminApiSchema 6.7.10 (npm
@shopware/api-client), shopware/shopware 6.7 (Framework\\Api, Framework\\Webhook, System\\StateMachine); read on
2026-11-25. What differs from other shops:

* Answers are JSON:API unless ``Accept: application/json`` is asked for (ResponseFactoryRegistry).
* Nothing below an order is told that ``associations`` did not name; each needs its own privilege, all missing ones
  are named at once, in a JSON text within ``detail``.
* ``updatedAt`` is null until the first change; states, refunds and documents leave the order's own alone.
* A webhook that an integration made has no signature. Only an app's has.
* Only the token endpoint is throttled: by failures, ten at most in a row (rate_limiter.oauth), a success resets it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import unquote

from tests.fake_server import Answer, Heard
from tests.shops.fakes.shopware import rows, search
from tests.shops.fakes.shopware.books import Order, id_of, uuid
from tests.shops.fakes.shopware.doors import (
    criteria_in,
    gone,
    oauth,
    plain,
    told_in,
    wrong,
)
from tests.shops.fakes.shopware.hooks import Hooks
from tests.shops.fakes.shopware.keeper import MOVES
from tests.shops.fakes.shopware.search import Refused
from tests.shops.fakes.shopware.whole import sales_channel

TOKEN_S = 600
REFUND_FAILED = "The Refund process failed with following exception:"
NO_GRANT = "The authorization grant type is not supported by the authorization server."
FAILURES = ((10, 10), (15, 30), (20, 60))  # (after so many failures, so many seconds)
JSON_API = "application/vnd.api+json"
UNAVAILABLE = (
    b"<!doctype html><html><head><title>503</title></head><body>Service Unavailable</body></html>"
)
HTML = {"Content-Type": "text/html; charset=UTF-8"}
HEX = "([0-9a-f]{32})"
API: dict[str, str] = {
    "GET /api/_info/version": "version_told",
    "GET /api/_info/config": "config",
    "POST /api/search/order": "orders",
    "POST /api/search-ids/order": "order_ids",
    "GET /api/order": "orders",
    f"GET /api/order/{HEX}": "order",
    f"PATCH /api/order/{HEX}": "order_patched",
    r"POST /api/search/([a-z\-]+)": "others",
    r"GET /api/(webhook|sales-channel|currency|state-machine-state|product)": "others",
    "POST /api/webhook": "webhook_made",
    f"PATCH /api/webhook/{HEX}": "webhook_patched",
    f"DELETE /api/webhook/{HEX}": "webhook_gone",
    rf"POST /api/_action/(order|order_delivery|order_transaction)/{HEX}/state/(\w+)": "moved_by_api",
    f"POST /api/_action/order_transaction_capture_refund/{HEX}": "no_refund_handler",
}
Words = dict[str, Any]


class FakeShopware(Hooks):
    SYSTEM: ClassVar[str] = "shopware"
    ROUTES: ClassVar[dict[str, str]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {
            "client_id": "SWIA" + uuid("key")[:22].upper(),
            "client_secret": uuid("secret"),
        }
        self.granted: set[str] | None = (
            None  # privileges of the integration's role; None is an administrator
        )
        self.tokens: dict[str, float] = {}  # token -> when it ends, by the shop's clock
        self.failures = 0
        self.throttled_until = 0.0
        self.throttle = True

    # The door

    def refused(self, heard: Heard) -> Answer | None:
        if self.down:
            return Answer(503, body=UNAVAILABLE, headers=HTML)
        return None

    def answer(self, heard: Heard) -> Answer:
        if refusal := self.refused(heard):
            return refusal
        try:
            if heard.line == "POST /api/oauth/token":
                return self._token(heard)
            if not heard.path.startswith("/api/"):
                return Answer(404, body=b"<!doctype html><title>404</title>", headers=HTML)
            self._authorized(heard)
            for line, name in API.items():
                if found := re.fullmatch(line, heard.line):
                    made: Answer = getattr(self, f"_{name}")(heard, *map(unquote, found.groups()))
                    return made
            detail = f'No route found for "{heard.method} {self.url}{heard.path}"'
            raise Refused(404, "0", detail, {})
        except Refused as error:
            return wrong(*error.args)

    def _token(self, heard: Heard) -> Answer:
        now = self.now.timestamp()
        if self.throttle and now < self.throttled_until:
            seconds = int(self.throttled_until - now) + 1
            raise Refused(
                429,
                "FRAMEWORK__AUTH_THROTTLED",
                f"Auth throttled for {seconds} seconds.",
                {"seconds": seconds},
            )
        words = told_in(heard)
        if words.get("grant_type") != "client_credentials":
            hint = "Check that all required parameters have been provided"
            return oauth(400, "2", NO_GRANT, None if words.get("grant_type") else hint)
        known = all(words.get(name) == value for name, value in self.credentials.items())
        if not known:
            self.failures += 1
            for least, seconds in FAILURES:
                if self.failures >= least:
                    self.throttled_until = now + seconds
            return oauth(401, "4", "Client authentication failed", None)
        self.failures, self.throttled_until = 0, 0.0
        token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9." + uuid("token", len(self.tokens))
        self.tokens[token] = now + TOKEN_S
        return Answer(200, {"token_type": "Bearer", "expires_in": TOKEN_S, "access_token": token})

    def _authorized(self, heard: Heard) -> None:
        given = heard.headers.get("authorization", "")
        token = given.removeprefix("Bearer ").strip()
        if self.tokens.get(token, 0) > self.now.timestamp():
            return
        hint = "Access token could not be verified" if given else 'Missing "Authorization" header'
        raise Refused(
            401, "9", "The resource owner or authorization server denied the request.", hint
        )

    # What the shop says of itself

    def _version_told(self, _: Heard) -> Answer:
        return Answer(200, {"version": self.version})

    def _config(self, _: Heard) -> Answer:
        worker = {
            "enableAdminWorker": True,
            "enableNotificationWorker": True,
            "transports": ["async", "low_priority"],
        }
        settings = {
            "enableUrlFeature": True,
            "appUrlReachable": True,
            "appsRequireAppUrl": False,
            "private_allowed_extensions": ["pdf"],
        }
        return Answer(
            200,
            {
                "version": self.version,
                "shopId": "NoiU8PfJtu7NBY8M",
                "versionRevision": uuid("revision"),
                "adminWorker": worker,
                "bundles": {},
                "settings": settings,
            },
        )

    # Lists

    def _orders(self, heard: Heard) -> Answer:
        criteria = criteria_in(heard)
        self.needs(*(f"{entity}:read" for entity in search.entities_of("order", criteria)))
        page, limit = search.paging(criteria)
        ahead = {0: page, 1: None, 2: page + 6}.get(int(criteria.get("total-count-mode") or 0))
        found = self.shelf.found(criteria, ahead and ahead * limit)
        return self._page(heard, criteria, "order", found, lambda count: self.shelf.words(count))

    def _order_ids(self, heard: Heard) -> Answer:
        criteria = criteria_in(heard)
        self.needs(*(f"{entity}:read" for entity in search.entities_of("order", criteria)))
        found = self.shelf.found(criteria)
        page, limit = search.paging(criteria)
        ids = [id_of(count) for count in found[(page - 1) * limit : page * limit]]
        return Answer(200, {"total": len(found), "data": ids})

    def _others(self, heard: Heard, kind: str) -> Answer:
        entity = kind.replace("-", "_")
        tables: dict[str, Callable[[], list[Words]]] = {
            "webhook": lambda: list(self.webhooks.values()),
            "sales_channel": lambda: [sales_channel(in_store=False), sales_channel(in_store=True)],
            "currency": lambda: [
                {
                    "id": uuid("currency", "EUR"),
                    "isoCode": "EUR",
                    "factor": 1.0,
                    "name": "Euro",
                    "apiAlias": "currency",
                }
            ],
            "product": self._products,
            "state_machine_state": lambda: [
                rows.state(name, f"{machine}.state")
                for machine, moves in MOVES.items()
                for name in sorted({"open", *(move[1] for move in moves.values())})
            ],
            "document": lambda: [
                one
                for order in self.shelf.live.values()
                for one in self.shelf.words(order.count)["documents"]
            ],
        }
        if entity not in tables:
            raise Refused(
                404,
                "FRAMEWORK__DEFINITION_NOT_FOUND",
                f'Definition for entity "{entity}" does not exist.',
                {"entity": entity},
            )
        criteria = criteria_in(heard)
        self.needs(*(f"{one}:read" for one in search.entities_of(entity, criteria)))
        found = [
            row
            for row in tables[entity]()
            if all(search.matches(row, one, entity) for one in criteria.get("filter") or [])
        ]
        return self._page(
            heard, criteria, entity, search.ordered(found, criteria, entity), lambda row: row
        )

    def _products(self) -> list[Words]:
        lines = {
            item.line.sku: item.line for order in self.shelf.live.values() for item in order.items
        }
        return [rows.product(line, self.stock(sku)) for sku, line in lines.items()]

    def _page(
        self,
        heard: Heard,
        criteria: Mapping[str, Any],
        entity: str,
        found: list[Any],
        whole: Callable[[Any], Words],
    ) -> Answer:
        """``total`` counts all with total-count-mode 1; this page with 0; with 2 as far as the next few pages go."""
        page, limit = search.paging(criteria)
        chosen = found[(page - 1) * limit : page * limit]
        mode = int(criteria.get("total-count-mode") or 0)
        total = {0: len(chosen), 1: len(found)}.get(mode, min(len(found), (page + 5) * limit + 1))
        made = [search.pruned(whole(one), entity, criteria) for one in chosen]
        if not plain(heard):
            return self._json_api(made, entity, total, mode)
        told = [search.included(row, criteria.get("includes")) for row in made]
        return Answer(200, {"total": total, "data": told, "aggregations": []})

    def _json_api(self, made: list[Words], entity: str, total: int, mode: int) -> Answer:
        data, loaded = search.json_api(made, entity, self.url)
        words = {
            "data": data,
            "included": loaded,
            "links": {"self": f"{self.url}/api/search/{entity.replace('_', '-')}"},
            "meta": {"totalCountMode": mode, "total": total},
            "aggregations": [],
        }
        return Answer(200, words, headers={"Content-Type": JSON_API})

    # One thing, and what is written

    def _known(self, order_id: str, *, keep: bool = False) -> Order:
        if found := self.shelf.by_id(order_id, keep=keep):
            return found
        raise gone("order", order_id)

    def _order(self, heard: Heard, order_id: str) -> Answer:
        criteria = criteria_in(heard)
        self.needs(*(f"{entity}:read" for entity in search.entities_of("order", criteria)))
        row = search.pruned(self.shelf.words(self._known(order_id).count), "order", criteria)
        if plain(heard):
            return Answer(200, {"data": row})
        data, loaded = search.json_api([row], "order", self.url)
        return Answer(
            200, {"data": data[0], "included": loaded}, headers={"Content-Type": JSON_API}
        )

    def _order_patched(self, heard: Heard, order_id: str) -> Answer:
        self.needs("order:update")
        order = self._known(order_id, keep=True)
        words = told_in(heard)
        for name in words:
            if name not in ("id", "internalComment", "customFields", "customerComment", "tags"):
                raise Refused(
                    400,
                    "FRAMEWORK__WRITE_UNEXPECTED_FIELD_ERROR",
                    f"Unexpected field: {name}",
                    {"field": name},
                )
        if "internalComment" in words:
            order.internal_comment = words["internalComment"]
        if "customFields" in words:
            order.custom_fields = (order.custom_fields or {}) | (words["customFields"] or {})
        self.written(order, *words)
        return Answer(204)

    def _moved_by_api(self, heard: Heard, machine: str, row_id: str, action: str) -> Answer:
        self.needs(f"{machine}:update", "state_machine_history:create")
        order = (
            self.shelf.by_id(row_id, keep=True) if machine == "order" else self.shelf.by_row(row_id)
        )
        if not order:
            raise gone(machine, row_id)
        state = self.moved(order, machine, action)
        if state is None:
            row = {"order": order, "order_delivery": order.delivery}.get(machine, order.transaction)
            may = [name for name, (begins, _) in MOVES[machine].items() if row.state in begins]
            steps = ", ".join(may)
            detail = f'Illegal transition "{action}" from state "{row.state}". Possible transitions are: {steps}'
            raise Refused(
                400,
                "SYSTEM__ILLEGAL_STATE_TRANSITION",
                detail,
                {
                    "transition": action,
                    "currentState": row.state,
                    "possibleTransitions": ", ".join(may),
                },
            )
        return Answer(200, rows.state(state, f"{machine}.state"))

    def _no_refund_handler(self, heard: Heard, refund_id: str) -> Answer:
        """The core brings no payment that can refund; a plug-in's handler would be called here."""
        self.needs("order_refund.editor")
        order = self.shelf.by_row(refund_id)
        if not order:
            detail = f"{REFUND_FAILED} Unknown refund with id {refund_id}."
            raise Refused(404, "CHECKOUT__REFUND_UNKNOWN_ERROR", detail, {"refundId": refund_id})
        detail = f"{REFUND_FAILED} Unknown refund handler for refund id {refund_id}."
        raise Refused(
            500, "CHECKOUT__REFUND_UNKNOWN_HANDLER_ERROR", detail, {"refundId": refund_id}
        )
