"""The root fields of the fake Shopify's GraphQL: what an app may ask and do."""

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.shops.fakes.shopify import search, view
from tests.shops.fakes.shopify.books import Item, Order
from tests.shops.fakes.shopify.keeper import MAIN_LOCATION, STORE_LOCATION, Keeper
from tests.shops.fakes.shopify.orders import OrderView
from tests.shops.fakes.shopify.places import Places
from tests.shops.fakes.shopify.refunding import Refunds, error, number
from tests.shops.fakes.shopify.subscribing import Subscribing
from tests.shops.fakes.shopify.view import Row, bad, connection

DEEPEST = 25_000  # "Pagination limits": this many objects of one list can be paged through
SORTS = {"UPDATED_AT": "UPDATED_AT", "ID": "ID", "ORDER_NUMBER": "ID"}
OLD = timedelta(days=60)


class App:
    """One request of an app with these ``scopes``; ``warnings`` gather what the search did not know."""

    def __init__(self, shop: Keeper, refunds: Refunds, scopes: frozenset[str], key: str) -> None:
        self.shop, self.refunds, self.scopes, self.key = shop, refunds, scopes, key
        self.places = Places(shop, scopes, key)
        self.hooks = Subscribing(shop, scopes)
        self.warnings: list[Row] = []

    def root(self) -> Mapping[str, Any]:
        """What stands behind each field of QueryRoot and Mutation."""
        return {
            "shop": lambda **_: self.places.shop_row(),
            "currentAppInstallation": lambda **_: self.places.installation(),
            "location": lambda id=None, **_: self.places.location(
                number(id, "Location") if id else MAIN_LOCATION
            ),
            "locations": lambda **told: connection(
                [self.places.location(id) for id in (MAIN_LOCATION, STORE_LOCATION)], **told
            ),
            "order": lambda id: self.order(number(id, "Order")),
            "orders": self.orders,
            "ordersCount": self.orders_count,
            "refund": lambda id: self.refund(number(id, "Refund")),
            "node": lambda id: self.node(id),
            "nodes": self.nodes,
            "webhookSubscription": lambda id: self.hooks.one(id),
            "webhookSubscriptions": self.hooks.listed,
            "webhookSubscriptionCreate": self.hooks.create,
            "webhookSubscriptionUpdate": self.hooks.update,
            "webhookSubscriptionDelete": self.hooks.delete,
            "refundCreate": self.refund_create,
            "orderUpdate": self.order_update,
            "tagsAdd": lambda id, tags: self.tag(id, tags, add=True),
            "tagsRemove": lambda id, tags: self.tag(id, tags, add=False),
        }

    # Orders

    def view(self, order: Order) -> OrderView:
        show = OrderView(
            order, goods=self.places.goods, place=self.places.location, buyer=self.places.buyer
        )
        show.row()["suggestedRefund"] = lambda **told: self.refunds.suggested(order, show, told)
        return show

    def visible(self, order: Order | None) -> bool:
        """Older than 60 days only with read_all_orders."""
        if order is None:
            return False
        return "read_all_orders" in self.scopes or self.shop.now - order.created <= OLD

    def order(self, id: int) -> Row | None:
        order = self.shop.shelf.get(id)
        return self.view(order).row() if order and self.visible(order) else None

    def orders(
        self,
        *,
        first: int | None = None,
        last: int | None = None,
        after: str | None = None,
        before: str | None = None,
        query: str | None = None,
        reverse: bool | None = False,
        sortKey: str | None = "PROCESSED_AT",
        **_: Any,
    ) -> Row:
        size = view.sized(first, last)
        if last is not None:
            raise bad("paging backwards is not part of this fake")
        found = self._found(query, "orders")
        sort = SORTS.get(sortKey or "", "CREATED_AT")
        keys = self._candidates(found, sort)
        if reverse:
            keys = keys[::-1]
        start = self._start(keys, after, reverse=bool(reverse))
        if start >= DEEPEST:
            raise bad(f"Only the first {DEEPEST} objects of a list can be paged through.")
        edges: list[Row] = []
        for key in keys[start:]:
            order = self.shop.shelf.get(key[1])
            if order and self.visible(order) and found.test(order):
                if len(edges) == size:
                    return view.page(edges, True, start > 0)
                cursor = _cursor(key, sort)
                edges.append({"cursor": cursor, "node": self.view(order).row()})
        return view.page(edges, False, start > 0)

    def _found(self, query: str | None, path: str) -> search.Search:
        found = search.read(query or "", self.shop.now)
        if found.warnings:
            told = {"path": [path], "query": query, "warnings": found.warnings}
            self.warnings.append(told)
        return found

    def _candidates(self, found: search.Search, sort: str) -> list[tuple[int, int]]:
        shelf = self.shop.shelf
        if found.numbers or found.ids:
            ids = {*found.ids, *shelf.of_numbers(found.numbers)}
            orders = [order for id in ids if (order := shelf.get(id))]
            return sorted(shelf.key(order, sort) for order in orders)
        keys = shelf.keys(sort)
        name = "updated_at" if sort == "UPDATED_AT" else "created_at"
        if sort != "ID" and name in found.ranges:
            low, high = shelf.between(sort, *found.ranges[name])
            return keys[low:high]
        return keys

    def _start(self, keys: list[tuple[int, int]], after: str | None, *, reverse: bool) -> int:
        if after is None:
            return 0
        try:
            told = json.loads(base64.b64decode(after, validate=True))
            key = (int(told["last_value"]), int(told["last_id"]))
        except (ValueError, KeyError, TypeError) as fault:
            raise bad(f"`{after}` is not a valid cursor") from fault
        low, high = 0, len(keys)
        while low < high:
            middle = (low + high) // 2
            passed = keys[middle] >= key if reverse else keys[middle] <= key
            low, high = (middle + 1, high) if passed else (low, middle)
        return low

    def orders_count(self, query: str | None = None, limit: int | None = 10_000, **_: Any) -> Row:
        found = self._found(query, "ordersCount")
        count = 0
        for id in self.shop.shelf.ids():
            order = self.shop.shelf.get(id)
            count += bool(order and self.visible(order) and found.test(order))
            if limit is not None and count > limit:
                return {"count": limit, "precision": "AT_LEAST"}
        return {"count": count, "precision": "EXACT"}

    def refund(self, id: int) -> Row | None:
        for order_id in self.shop.shelf.ids():
            order = self.shop.shelf.get(order_id)
            for entry in order.refunds if order else ():
                if entry.id == id and order:
                    return self.view(order).refund(entry)
        return None

    def nodes(self, ids: list[str]) -> list[Row | None]:
        if len(ids) > view.MOST:
            message = f"The input array size of {len(ids)} is greater than the maximum allowed of"
            raise bad(f"{message} {view.MOST}.", "MAX_INPUT_SIZE_EXCEEDED")
        return [self.node(id) for id in ids]

    def node(self, id: str) -> Row | None:
        found = view.GID.fullmatch(id)
        if not found:
            raise bad(f"Invalid global id '{id}'", "argumentLiteralsIncompatible")
        kind, digits = found[1], int(found[2])
        if kind == "Order":
            return self.order(digits)
        if kind == "Refund":
            return self.refund(digits)
        if kind == "WebhookSubscription":
            return self.hooks.one(id)
        return self.places.node(kind, digits, self._item)

    def _item(self, id: int) -> Item | None:
        order = self.shop.shelf.get(id // 100)
        return order.item(id) if order else None

    # What an app may do

    def refund_create(self, input: Row) -> Row:
        order, refund_id, errors = self.refunds.create(input, self.key_of_request)
        show = self.view(order) if order else None
        entry = next((e for e in order.refunds if e.id == refund_id), None) if order else None
        return {
            "order": show.row() if show else None,
            "refund": show.refund(entry) if show and entry else None,
            "userErrors": errors,
        }

    key_of_request: str | None = None

    def order_update(self, input: Row) -> Row:
        order = self.shop.shelf.get(number(input["id"], "Order"))
        if order is None or not self.visible(order):
            return {"order": None, "userErrors": [{"field": ["id"], "message": "Order not found"}]}
        if len(input.get("note") or "") > 5000:
            return {"order": None, "userErrors": [error(["note"], "is too long (maximum is 5000)")]}
        order.note = input["note"] or "" if "note" in input else order.note
        order.email = input["email"] or "" if "email" in input else order.email
        order.phone = input["phone"] or "" if "phone" in input else order.phone
        if "tags" in input:
            order.tags = sorted(set(input["tags"]))
        if "customAttributes" in input:
            order.attributes = [(row["key"], row["value"]) for row in input["customAttributes"]]
        self.shop.change(order, "orders/updated")
        return {"order": self.view(order).row(), "userErrors": []}

    def tag(self, id: str, tags: list[str], *, add: bool) -> Row:
        order = self.shop.shelf.get(number(id, "Order"))
        if order is None:
            return {"node": None, "userErrors": [{"field": ["id"], "message": "Order not found"}]}
        told = {tag.strip() for tag in tags}
        order.tags = sorted({*order.tags} | told if add else {*order.tags} - told)
        self.shop.change(order, "orders/updated")
        return {"node": self.view(order).row(), "userErrors": []}


def _cursor(key: tuple[int, int], sort: str) -> str:
    told = {"last_id": key[1], "last_value": str(key[0])}
    return base64.b64encode(json.dumps(told).encode()).decode()
