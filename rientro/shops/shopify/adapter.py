"""Shopify: orders, refunds, notes and webhooks by its Admin GraphQL API.

Source: shopify.dev, Admin API (GraphQL), version 2026-10.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from rientro.kit.sentences import Sentence
from rientro.kit.text import normal_number
from rientro.shops.base import (
    DEADLINE_S,
    AuthFailed,
    Can,
    Facts,
    InvalidRequest,
    News,
    Page,
    RawWebhook,
    RefundRequest,
    ShopRefund,
    Told,
    Unavailable,
)
from rientro.shops.reading import inner, moment, rows, text, whole
from rientro.shops.shopify import queries
from rientro.shops.shopify.hook import Hooks, is_signed, news_in
from rientro.shops.shopify.offered import ABILITIES
from rientro.shops.shopify.orders import has_lost, told
from rientro.shops.shopify.refunds import Refunds, order_gid
from rientro.shops.shopify.wire import NAME, VERSION, ShopifyWire, user_errors
from rientro.shops.wire import delivery_of

Row = Mapping[str, Any]
MOST_FOUND = 8
ANEW_AFTER = 20_000  # Shopify pages through 25 000 of a list (API limits, Pagination limits)
MOST_NUMBER = 60
NEEDED = ("read_orders", "write_orders")
WISHED = {
    "read_all_orders": "orders older than 60 days are not told",
    "read_products": "products and variants have no ids here",
    "read_inventory": "weights, HS codes and origins are not told",
}
ASKED_FOR = ",".join((*NEEDED, "read_products", "read_inventory", "read_locations"))
STATUSES = {
    "unfulfilled": "Unfulfilled",
    "partially_fulfilled": "Partially fulfilled",
    "fulfilled": "Fulfilled",
    "in_progress": "In progress",
    "on_hold": "On hold",
    "scheduled": "Scheduled",
    "restocked": "Restocked",
}
NUMBER = re.compile(r"[\w#.\-/ ]+")


class Shopify:
    """Made for one unit of work."""

    CODE: ClassVar[str] = "shopify"
    NAME: ClassVar[str] = NAME

    def __init__(self, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        self._url = str(settings["url"]).rstrip("/")
        self._secret = str(credentials.get("client_secret") or "").strip()
        deadline_s = float(settings.get("deadline_s") or DEADLINE_S)
        self._wire = ShopifyWire(self._url, credentials, deadline_s=deadline_s)
        self._about: Row = {}  # the store and our scopes, asked once

    @property
    def can(self) -> Can:
        return ABILITIES

    @classmethod
    def clean_url(cls, typed: str) -> str:
        """`my-store`, or what is copied from the admin, becomes the address of the store."""
        found = re.search(r"admin\.shopify\.com/store/([\w-]+)", typed)
        if found:
            return f"https://{found[1]}.myshopify.com"
        bare = typed.removeprefix("https://").removeprefix("http://").partition("/")[0]
        if re.fullmatch(r"[A-Za-z0-9][\w-]*", bare):
            return f"https://{bare}.myshopify.com"
        return typed.split("/admin")[0].rstrip("/")

    # Connect

    def check(self) -> Facts:
        self._wire.begin()
        store = inner(self._shop(), "shop")
        scopes = self._scopes()
        for scope in NEEDED:
            if scope not in scopes:
                raise AuthFailed(
                    Sentence(
                        "The app lacks a permission: %(scope)s. Add the scope in the Dev Dashboard and install the "
                        "app anew.",
                        scope=scope,
                    ),
                    scope=scope,
                )
        return Facts(
            name=text(store, "name", 250) or text(store, "myshopifyDomain", 250),
            version=VERSION,
            currency=text(store, "currencyCode", 3),
            cautions=[
                Sentence(
                    "The scope %(scope)s is missing: %(loss)s.", scope=scope, loss=Sentence(loss)
                )
                for scope, loss in WISHED.items()
                if scope not in scopes
            ],
            statuses=STATUSES,
        )

    def _shop(self) -> Row:
        if not self._about:
            self._about = self._wire.query(queries.SHOP)
            if not inner(self._about, "shop"):
                raise Unavailable(f"{NAME} answered something we cannot read.")
        return self._about

    def _scopes(self) -> set[str]:
        """A scope to write allows to read as well."""
        listed = rows(inner(self._shop(), "currentAppInstallation"), "accessScopes")
        scopes = {text(row, "handle", 80) for row in listed}
        return scopes | {scope.replace("write_", "read_") for scope in scopes}

    def _fields(self) -> str:
        scopes = self._scopes()
        products = "read_products" in scopes
        return queries.order_fields(
            products=products, stock=products and "read_inventory" in scopes
        )

    # Orders

    def changed(self, since: datetime, cursor: str = "") -> Page:
        """By Shopify's own cursor, which is a place in the order of change and not a page number: what is edited
        meanwhile moves to the end and is met there. A list ends after 25 000; long before, a new one is begun."""
        self._wire.begin()
        met, since_, after = _place(cursor, _iso(since))
        asked = {"query": f"updated_at:>='{since_}'", "after": after or None}
        found = self._sized(queries.changed(self._fields()), asked)
        nodes = rows(found, "nodes")
        page = inner(found, "pageInfo")
        newest = max((at for row in nodes if (at := moment(row, "updatedAt"))), default=None)
        rest_s = self._wire.rest_s
        place = (met + len(nodes), since_, text(page, "endCursor", 2000))
        if place[0] >= ANEW_AFTER and newest and _iso(newest) > since_:
            place = (0, _iso(newest), "")
        return Page(
            orders=self._told(nodes),
            cursor=json.dumps(place) if page.get("hasNextPage") is True else "",
            newest=newest,
            rest_s=max(rest_s, self._wire.rest_s),
        )

    def _sized(self, query: str, asked: Mapping[str, Any]) -> Row:
        """As many orders as a single question may cost; a list that is none is no answer."""
        for size in queries.PAGES:
            try:
                data = self._wire.query(query, first=size, **asked)
            except InvalidRequest as error:
                if error.facts.get("reason") != "MAX_COST_EXCEEDED" or size == queries.PAGES[-1]:
                    raise
                continue
            found = data.get("orders")
            if not isinstance(found, dict) or not isinstance(found.get("nodes"), list):
                raise Unavailable(f"{NAME} answered something we cannot read.")
            return found
        raise Unavailable(f"{NAME} answered something we cannot read.")

    def count(self, since: datetime) -> int | None:
        self._wire.begin()
        found = self._wire.query(queries.COUNT, query=f"updated_at:>='{_iso(since)}'")
        counted = inner(found, "ordersCount")
        return whole(counted, "count") if "count" in counted else None

    def fetch(self, order_ids: Sequence[str]) -> Mapping[str, Told | None]:
        """Without read_all_orders an order of more than 60 days ago is not shown: what is not, may be there."""
        self._wire.begin()
        wanted = [one for one in order_ids if one.isascii() and one.isdigit()]
        found: dict[str, Told | None] = dict.fromkeys(order_ids)
        query, size = queries.by_id(self._fields()), queries.PAGES[0]
        for start in range(0, len(wanted), size):
            some = [order_gid(one) for one in wanted[start : start + size]]
            nodes = self._wire.query(query, ids=some).get("nodes")
            if not isinstance(nodes, list):
                raise Unavailable(f"{NAME} answered something we cannot read.")
            there = [node for node in nodes if isinstance(node, dict) and node]
            told_ = self._told(there)
            found |= {
                text(row, "legacyResourceId", 40): each
                for row, each in zip(there, told_, strict=True)
            }
        if "read_all_orders" not in self._scopes():
            return {key: each for key, each in found.items() if each is not None}
        return found

    def find(self, number: str) -> Sequence[Told]:
        """By its name, with and without the sign that most stores put before it."""
        self._wire.begin()
        typed = number.strip()[:MOST_NUMBER]
        wanted = normal_number(typed)
        if not wanted or not NUMBER.fullmatch(typed):
            return []
        bare = typed.lstrip("#").strip()
        names = dict.fromkeys(
            (typed, typed.upper(), bare, bare.upper(), f"#{bare}", f"#{bare.upper()}")
        )
        query = " OR ".join(f"name:'{name}'" for name in names)
        found = self._wire.query(queries.found(self._fields()), first=MOST_FOUND, query=query)
        nodes = rows(inner(found, "orders"), "nodes")
        return self._told([row for row in nodes if normal_number(text(row, "name", 200)) == wanted])

    def _told(self, nodes: Sequence[Row]) -> list[Told]:
        home = text(inner(inner(self._shop(), "shop"), "shopAddress"), "countryCodeV2", 2)
        listed = []
        for row in nodes:
            whole_ = self._with_all_lines(row)
            refunds = self._refunds(whole_) if has_lost(whole_) else []
            listed.append(told(whole_, refunds, url=self._url, home=home))
        return listed

    def _with_all_lines(self, row: Row) -> Row:
        lines = inner(row, "lineItems")
        nodes, page = rows(lines, "nodes"), inner(lines, "pageInfo")
        scopes = self._scopes()
        products = "read_products" in scopes
        fields = queries.line_fields(
            products=products, stock=products and "read_inventory" in scopes
        )
        while page.get("hasNextPage") is True:
            more = self._wire.query(
                queries.more_lines(fields), id=text(row, "id", 120), after=page.get("endCursor")
            )
            lines = inner(inner(more, "order"), "lineItems")
            nodes, page = [*nodes, *rows(lines, "nodes")], inner(lines, "pageInfo")
        return {**row, "lineItems": {"nodes": nodes}}

    def _refunds(self, row: Row) -> list[Row]:
        found = self._wire.query(queries.REFUNDS, id=text(row, "id", 120))
        return rows(inner(found, "order"), "refunds")

    # Back to the shop

    def find_refund(self, external_order_id: str, reference: str) -> ShopRefund | None:
        self._wire.begin()
        return Refunds(self._wire).find(external_order_id, reference)

    def refund(self, request: RefundRequest) -> ShopRefund:
        self._wire.begin()
        return Refunds(self._wire).make(request)

    def add_note(self, external_order_id: str, words: str) -> None:
        """Below what stands there: Shopify keeps one note an order."""
        self._wire.begin()
        gid = order_gid(external_order_id)
        order = inner(self._wire.query(queries.NOTE, id=gid), "order")
        if not order:
            raise InvalidRequest("Shopify does not have this order any more.")
        before = text(order, "note", 5000)
        if words in before:
            return
        note = f"{before}\n{words}".strip()[-5000:]
        made = self._wire.query(queries.WRITE_NOTE, acts=True, input={"id": gid, "note": note})
        if errors := user_errors(inner(made, "orderUpdate")):
            raise InvalidRequest(errors)

    # Webhooks

    def register_webhooks(self, url: str) -> Mapping[str, str]:
        """Signed with the client secret, which we hold already."""
        self._wire.begin()
        Hooks(self._wire).register(url)
        return {}

    def forget_webhooks(self, url: str) -> None:
        self._wire.begin()
        Hooks(self._wire).forget(url)

    def delivery_key(self, raw: RawWebhook) -> str:
        return delivery_of(raw, "x-shopify-webhook-id")

    def parse_webhook(self, raw: RawWebhook) -> News:
        return news_in(raw, self._secret)

    # Consent: the authorization code grant

    @classmethod
    def consent_url(
        cls,
        credentials: Mapping[str, Any],
        settings: Mapping[str, Any],
        *,
        state: str,
        return_url: str,
        callback_url: str,
    ) -> str:
        client_id = str(credentials.get("client_id") or "").strip()
        if not client_id or not credentials.get("client_secret"):
            raise InvalidRequest(
                "For Shopify’s own page give the client ID and the client secret of your app."
            )
        query = {
            "client_id": client_id,
            "scope": ASKED_FOR,
            "redirect_uri": return_url,
            "state": state,
        }
        return f"{str(settings['url']).rstrip('/')}/admin/oauth/authorize?{urlencode(query)}"

    @classmethod
    def consented(
        cls, credentials: Mapping[str, Any], settings: Mapping[str, Any], told: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Signed by Shopify, of this very store; its code is worth an access token that lives on."""
        secret = str(credentials.get("client_secret") or "").strip()
        url = str(settings["url"]).rstrip("/")
        if not is_signed(told, secret) or told.get("shop") != urlsplit(url).netloc:
            raise AuthFailed("These words do not come from your store. Connect it once more.")
        wire = ShopifyWire(url, credentials, deadline_s=DEADLINE_S)
        words = {
            "client_id": str(credentials["client_id"]).strip(),
            "client_secret": secret,
            "code": told.get("code", ""),
        }
        token, _ = wire.exchanged(words)
        return {"access_token": token}


def _place(cursor: str, since: str) -> tuple[int, str, str]:
    """(orders met in this list, since when it is, Shopify's cursor). Raises InvalidRequest."""
    if not cursor:
        return 0, since, ""
    try:
        met, since, after = json.loads(cursor)
    except (ValueError, TypeError) as error:
        raise InvalidRequest("This place in the list is none of ours.") from error
    return int(met), str(since), str(after)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
