"""Shopware 6: orders by searches of its Admin API, notes on orders.

Sources: Shopware's developer documentation (Admin API, Search Criteria), shopware/shopware. Webhooks of Shopware are
signed for apps alone, so none are registered: orders are asked for. Money goes back by payment extensions, which have
no common API, so refunds stay in the shop.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from rientro.kit.sentences import Sentence
from rientro.kit.text import normal_number
from rientro.shops.base import (
    DEADLINE_S,
    Can,
    Facts,
    InvalidRequest,
    Page,
    RefundRequest,
    ShopError,
    ShopRefund,
    Told,
    Unavailable,
    Unsupported,
)
from rientro.shops.reading import inner, text
from rientro.shops.shopware.offered import ABILITIES
from rientro.shops.shopware.orders import newest, told
from rientro.shops.shopware.wire import NAME, Row, ShopwareWire

PAGE = 50
MOST_FOUND = 8
NO_REFUND = Sentence(
    "Shopware gives money back by its payment extensions only: refund in the shop, then mark it here."
)
ID = re.compile(r"[0-9a-f]{32}")
STAMP = "%Y-%m-%d %H:%M:%S.%f"  # as Shopware keeps moments, in UTC
# An order's own stamp does not move when a part of it is changed; and it is empty until the first change.
STAMPS = (
    *("createdAt", "updatedAt", "orderCustomer.updatedAt"),
    *("addresses.createdAt", "addresses.updatedAt"),
    *("deliveries.createdAt", "deliveries.updatedAt"),
    *("lineItems.createdAt", "lineItems.updatedAt"),
    *("transactions.createdAt", "transactions.updatedAt"),
    "transactions.captures.refunds.createdAt",
    "transactions.captures.refunds.updatedAt",
)
COUNTRY: dict[str, Any] = {"associations": {"country": {}, "countryState": {}}}
REFUNDS: dict[str, Any] = {"associations": {"positions": {}, "stateMachineState": {}}}
CAPTURES: dict[str, Any] = {"associations": {"refunds": REFUNDS}}
ASSOCIATIONS: dict[str, Any] = {
    "addresses": {},
    "billingAddress": COUNTRY,
    "currency": {},
    "deliveries": {"associations": {"shippingOrderAddress": COUNTRY, "stateMachineState": {}}},
    "documents": {"associations": {"documentType": {}}},
    "language": {"associations": {"locale": {}}},
    "lineItems": {"associations": {"cover": {}, "product": {}}},
    "orderCustomer": {},
    "salesChannel": {},
    "stateMachineState": {},
    "tags": {},
    "transactions": {
        "associations": {"captures": CAPTURES, "paymentMethod": {}, "stateMachineState": {}}
    },
}
Criteria = dict[str, Any]


class Shopware:
    """Made for one unit of work."""

    CODE: ClassVar[str] = "shopware"
    NAME: ClassVar[str] = NAME

    def __init__(self, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        self._url = str(settings["url"]).rstrip("/")
        self._wire = ShopwareWire(
            self._url,
            str(credentials.get("client_id") or "").strip(),
            str(credentials.get("client_secret") or "").strip(),
            deadline_s=float(settings.get("deadline_s") or DEADLINE_S),
        )

    @property
    def can(self) -> Can:
        return ABILITIES

    @classmethod
    def clean_url(cls, typed: str) -> str:
        """Without what people copy along from the Administration."""
        for tail in ("/admin", "/api", "#"):
            typed = typed.split(tail)[0]
        return typed.rstrip("/")

    # Connect

    def check(self) -> Facts:
        """A search with everything that is read of an order: a permission that is missing is named by the shop."""
        self._wire.begin()
        found, _ = self._wire.search("order", _criteria([], limit=1))
        return Facts(
            name=self._name(),
            version=self._version(),
            currency=text(inner(found[0], "currency"), "isoCode", 3) if found else "",
            statuses=self._statuses(),
        )

    def _name(self) -> str:
        try:
            found, _ = self._wire.search("sales-channel", {"limit": 1})
        except ShopError:
            found = []
        host = urlsplit(self._url).hostname or NAME
        return text(found[0], "name", 120) or host if found else host

    def _version(self) -> str:
        try:
            return text(self._wire.read("/_info/version"), "version", 20)
        except ShopError:
            return ""

    def _statuses(self) -> dict[str, str]:
        machine = _equals("stateMachine.technicalName", "order.state")
        try:
            found, _ = self._wire.search(
                "state-machine-state", {"limit": PAGE, "filter": [machine]}
            )
        except ShopError:
            return {}
        return {text(row, "technicalName", 120): text(row, "name", 120) for row in found}

    # Orders

    def changed(self, since: datetime, cursor: str = "") -> Page:
        """Walks by the number that each order has for good, over those of which anything was changed since.

        An order that is changed meanwhile keeps its place and stays among them, so that nothing shifts. ``newest``
        is no later than the walk's beginning: what was changed behind its back is for the next one.
        """
        self._wire.begin()
        last, _, began = cursor.partition("|")
        filters = [_since(since)]
        if last:
            after = {"gt": int(last)}
            filters.append({"type": "range", "field": "autoIncrement", "parameters": after})
        asked = _criteria(filters, limit=PAGE)
        asked["sort"] = [{"field": "autoIncrement", "order": "ASC"}]
        found, _ = self._wire.search("order", asked)
        began = began or self._wire.began
        stamps = [stamp for row in found if (stamp := newest(row))]
        ends = _date(began)
        if ends:
            stamps = [min(stamp, ends) for stamp in stamps]
        place = text(found[-1], "autoIncrement", 20) if len(found) == PAGE else ""
        if len(found) == PAGE and not place.isdigit():
            raise Unavailable("Shopware left out the number by which orders are read on.")
        return Page(
            orders=self._told(found),
            newest=max(stamps, default=None),
            cursor=f"{place}|{began}" if place else "",
        )

    def count(self, since: datetime) -> int | None:
        self._wire.begin()
        asked = {"limit": 1, "filter": [_since(since)], "total-count-mode": 1}
        return self._wire.search("order", asked)[1]

    def fetch(self, order_ids: Sequence[str]) -> Mapping[str, Told | None]:
        self._wire.begin()
        wanted = [order_id for order_id in order_ids if ID.fullmatch(order_id)]
        found: dict[str, Told | None] = dict.fromkeys(order_ids)
        if wanted:
            listed, _ = self._wire.search("order", _criteria([], limit=PAGE) | {"ids": wanted})
            found |= {text(row, "id", 40): told(row, url=self._url) for row in listed}
        return {order_id: found[order_id] for order_id in order_ids}

    def find(self, number: str) -> Sequence[Told]:
        """By the number itself: as typed, and without the sign before it."""
        self._wire.begin()
        wanted, typed = normal_number(number), number.strip()[:64]
        if not wanted:
            return []
        names = list(dict.fromkeys([typed, typed.lstrip("# "), wanted]))
        alike = {"type": "equalsAny", "field": "orderNumber", "value": "|".join(names)}
        found, _ = self._wire.search("order", _criteria([alike], limit=MOST_FOUND))
        right = [row for row in found if normal_number(text(row, "orderNumber")) == wanted]
        return self._told(right)

    def _told(self, found: Sequence[Row]) -> list[Told]:
        return [told(row, url=self._url) for row in found]

    # Back to the shop

    def find_refund(self, external_order_id: str, reference: str) -> ShopRefund | None:
        self._wire.begin()
        raise Unsupported(NO_REFUND)

    def refund(self, request: RefundRequest) -> ShopRefund:
        self._wire.begin()
        raise Unsupported(NO_REFUND)

    def add_note(self, external_order_id: str, words: str) -> None:
        """Among the internal comments of the order; in a shop before these (6.6), in its custom fields."""
        self._wire.begin()
        if not ID.fullmatch(external_order_id):
            raise InvalidRequest("Shopware does not have this order any more.")
        found, _ = self._wire.search("order", {"limit": 1, "ids": [external_order_id]})
        if not found:
            raise InvalidRequest("Shopware does not have this order any more.")
        order = found[0]
        path = f"/order/{external_order_id}"
        if "internalComment" in order:
            kept = text(order, "internalComment", 20_000)
            if words not in kept.splitlines():
                self._wire.change(path, {"internalComment": f"{kept}\n{words}".strip()})
            return
        fields = inner(order, "customFields")
        kept = text(fields, "rientro_notes", 20_000)
        if words not in kept.splitlines():
            notes = {"rientro_notes": f"{kept}\n{words}".strip()}
            self._wire.change(path, {"customFields": {**fields, **notes}})


def _criteria(filters: Sequence[Criteria], *, limit: int) -> Criteria:
    return {"limit": limit, "filter": list(filters), "associations": ASSOCIATIONS}


def _since(since: datetime) -> Criteria:
    stamp = since.astimezone(UTC).strftime(STAMP)[:-3]
    each = [{"type": "range", "field": name, "parameters": {"gte": stamp}} for name in STAMPS]
    return {"type": "multi", "operator": "or", "queries": each}


def _equals(name: str, value: str) -> Criteria:
    return {"type": "equals", "field": name, "value": value}


def _date(told_: str) -> datetime | None:
    """A Date header (RFC 9110, section 6.6.1)."""
    try:
        return parsedate_to_datetime(told_)
    except (TypeError, ValueError):
        return None
