"""Magento 2 and Adobe Commerce: orders by the REST API, refunds as credit memos, notes as comments of the order.

Sources: Adobe Commerce web API guide and REST reference (admin, 2.4); magento/magento2, etc/webapi.xml of its modules.
The core sends no webhooks (Adobe Commerce's are another product, by another service).
"""

import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from rientro.kit.sentences import Sentence
from rientro.shops.base import (
    DEADLINE_S,
    AuthFailed,
    Can,
    Facts,
    InvalidRequest,
    Page,
    RefundRequest,
    ShopError,
    ShopRefund,
    Told,
)
from rientro.shops.magento.around import HELPFUL, Lookup
from rientro.shops.magento.offered import ABILITIES
from rientro.shops.magento.orders import Reader
from rientro.shops.magento.refunds import Refunds
from rientro.shops.magento.wire import NAME, WHERE, Keys, MagentoWire, Row
from rientro.shops.reading import key, moment, rows, text

PAGE = 50
MOST_FOUND = 8
STAMP = "%Y-%m-%d %H:%M:%S"  # in UTC, by the second, without a zone
SORT = ("updated_at", "entity_id")
NUMBER = re.compile(r"[A-Za-z0-9_./-]{1,50}")
USUAL_DIGITS = 9  # of a number as Magento is installed: 000000123
NOBODY = "0"  # no order has this id: what is asked of it changes nothing
LESS = {
    "/invoices": Sentence("invoice numbers are not told, and no refunds can be made"),
    "/shipments": Sentence("dates of dispatch and tracking numbers are not told"),
    "/creditmemos": Sentence(
        "dates of refunds are not told, and a refund in doubt cannot be looked up"
    ),
    "/products": Sentence("pictures, HS codes and countries of origin are not told"),
}
WRITES = {
    "refund": ("Magento_Sales::creditmemo", Sentence("no refunds can be made")),
    "comments": ("Magento_Sales::comment", Sentence("no notes can be put on orders")),
}


class Magento:
    """Made for one unit of work; what is the same for all its orders is asked once."""

    CODE: ClassVar[str] = "magento"
    NAME: ClassVar[str] = NAME

    def __init__(self, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        self._url = str(settings["url"]).rstrip("/").removesuffix("/rest")
        self._deadline_s = float(settings.get("deadline_s") or DEADLINE_S)
        self._hs_code_attribute = str(settings.get("hs_code_attribute") or "").strip()
        names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
        keys = Keys(*(str(credentials.get(name) or "").strip() for name in names))
        self._wire = MagentoWire(self._url, keys, deadline_s=self._deadline_s)
        self._look = Lookup(self._wire)

    @property
    def can(self) -> Can:
        return ABILITIES

    def _until(self) -> float:
        return time.monotonic() + self._deadline_s

    # Connect

    def check(self) -> Facts:
        until = self._until()
        orders, _ = self._wire.listed("/orders", until, [], size=1)
        store = self._look.store("", until)
        currency = text(store, "base_currency_code", 3) or next(
            (text(row, "base_currency_code", 3) for row in orders), ""
        )
        return Facts(
            name=urlsplit(self._url).hostname or NAME,
            currency=currency.upper(),
            cautions=self._cautions(bool(store), until),
        )

    def _cautions(self, stores: bool, until: float) -> list[str]:
        cautions: list[str] = []
        if not stores:
            words = Sentence("weights are taken for kilograms")
            cautions.append(_caution("Magento_Backend::store", words))
        for path, resource in HELPFUL.items():
            try:
                self._wire.listed(path, until, [], size=1)
            except AuthFailed:
                cautions.append(_caution(resource, LESS[path]))
        for action, (resource, words) in WRITES.items():
            path = (
                f"/order/{NOBODY}/{action}" if action == "refund" else f"/orders/{NOBODY}/{action}"
            )
            try:
                self._wire.post(path, {}, until)
            except AuthFailed:
                cautions.append(_caution(resource, words))
            except ShopError:
                pass  # allowed, and there is no such order
        return cautions

    # Orders

    def changed(self, since: datetime, cursor: str = "") -> Page:
        """Walks by (updated_at, entity_id) and never by page: Magento repeats its last page for ever.

        The cursor is the last stamp and id told. Orders that share a stamp with a whole page are told by id.
        """
        until = self._until()
        stamp, _, last = (cursor or f"{_stamp(since)}|0").partition("|")
        place = (stamp, int(last or 0))
        found = self._listed([("updated_at", "gteq", stamp)], SORT, until)
        fresh = [row for row in found if _place(row) > place]
        if len(found) < self._wire.most(PAGE):
            return self._page(fresh, "", until)
        if fresh:
            return self._page(fresh, _cursor(fresh[-1]), until)
        crowd = [("updated_at", "eq", stamp), ("entity_id", "gt", str(place[1]))]
        found = self._listed(crowd, ("entity_id",), until)
        return self._page(found, _cursor(found[-1]) if found else _after(stamp), until)

    def _listed(
        self, filters: Sequence[tuple[str, str, str]], sort: Sequence[str], until: float
    ) -> list[Row]:
        return self._wire.listed("/orders", until, filters, sort=sort, size=PAGE)[0]

    def _page(self, found: Sequence[Row], cursor: str, until: float) -> Page:
        stamps = [at for row in found if (at := moment(row, "updated_at"))]
        newest = max(stamps, default=None)
        return Page(orders=self._told(found, until), cursor=cursor, newest=newest)

    def _told(self, found: Sequence[Row], until: float, *, hurried: bool = False) -> list[Told]:
        if not found:
            return []
        around = self._look.around(found, until, hurried=hurried)
        reader = Reader(self._look, around, self._url, self._hs_code_attribute, until)
        return [reader.told(row) for row in found]

    def count(self, since: datetime) -> int | None:
        filters = [("updated_at", "gteq", _stamp(since))]
        return self._wire.listed("/orders", self._until(), filters, size=1)[1]

    def fetch(self, order_ids: Sequence[str]) -> Mapping[str, Told | None]:
        until = self._until()
        digits = [one for one in order_ids if one.isascii() and one.isdigit()]
        rows_ = self._wire.rows_of("/orders", "entity_id", digits, until)
        told = self._told(rows_, until)
        found = {key(row, "entity_id"): one for row, one in zip(rows_, told, strict=True)}
        return {order_id: found.get(order_id) for order_id in order_ids}

    def find(self, number: str) -> Sequence[Told]:
        """By its number; digits alone also with the zeros that Magento puts before them."""
        wanted = number.strip().lstrip("#").strip()
        if not NUMBER.fullmatch(wanted):
            return []
        until = self._until()
        numbers = {wanted, wanted.upper()} | (
            {wanted.zfill(USUAL_DIGITS)} if wanted.isdigit() else set()
        )
        filters = [("increment_id", "in", ",".join(sorted(numbers)))]
        found, _ = self._wire.listed("/orders", until, filters, size=MOST_FOUND)
        exact = [row for row in found if text(row, "increment_id") == wanted]
        return self._told(exact or found, until, hurried=True)

    # Back to the shop

    def _order(self, order_id: str, until: float) -> Row:
        found = self._wire.rows_of("/orders", "entity_id", [order_id], until)
        if not found:
            raise InvalidRequest("Magento does not have this order any more.")
        return found[0]

    def find_refund(self, external_order_id: str, reference: str) -> ShopRefund | None:
        return Refunds(self._wire, self._until()).find(external_order_id, reference)

    def refund(self, request: RefundRequest) -> ShopRefund:
        until = self._until()
        order = self._order(request.external_order_id, until)
        return Refunds(self._wire, until).give(request, order)

    def add_note(self, external_order_id: str, words: str) -> None:
        """A comment in the order's history that the shopper neither sees nor is told of."""
        until = self._until()
        path = f"/orders/{int(external_order_id)}/comments"
        for one in rows(self._wire.one(path, until), "items"):
            if text(one, "comment", 20_000) == words.strip():
                return
        order = self._order(external_order_id, until)
        said = {
            "comment": words,
            "is_customer_notified": 0,
            "is_visible_on_front": 0,
            "parent_id": int(external_order_id),
            "status": text(order, "status", 32),  # without it the order would lose its own
        }
        self._wire.post(path, {"statusHistory": said}, until)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime(STAMP)


def _after(stamp: str) -> str:
    """The place of the next second."""
    try:
        at = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidRequest("This is no place in a walk of Magento.") from None
    return f"{_stamp(at + timedelta(seconds=1))}|0"


def _place(row: Row) -> tuple[str, int]:
    return text(row, "updated_at"), int(key(row, "entity_id") or 0)


def _cursor(row: Row) -> str:
    return f"{text(row, 'updated_at')}|{key(row, 'entity_id')}"


def _caution(resource: str, words: str) -> Sentence:
    return Sentence(
        "The integration may not use “%(where)s” (%(scope)s): %(words)s.",
        where=WHERE.get(resource, resource),
        scope=resource,
        words=words,
    )
