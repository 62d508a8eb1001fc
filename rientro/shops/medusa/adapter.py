"""Medusa 2: orders, refunds with goods, coupons and notes by its Admin API.

Source: docs.medusajs.com/api/admin (2.x); tests/shops/recordings/medusa, a run of Medusa 2.21.2 of 2026-11-25. Medusa
sends no webhooks without code of the merchant's own, so it is asked.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from rientro.kit.sentences import Sentence
from rientro.kit.text import normal_number
from rientro.shops.base import (
    DEADLINE_S,
    AuthFailed,
    Can,
    Facts,
    InvalidRequest,
    Page,
    RefundRequest,
    ShopRefund,
    Told,
)
from rientro.shops.medusa.offered import ABILITIES
from rientro.shops.medusa.orders import STATUSES, is_bare, number_of, told
from rientro.shops.medusa.refunds import WHOLE, Refunds
from rientro.shops.medusa.returns import MARK
from rientro.shops.medusa.wire import NAME, MedusaWire, Row
from rientro.shops.reading import inner, moment, rows, text

PAGE = 50
MOST_FOUND = 8
MOST_SEARCHED = 1000  # of the orders in which Medusa's search sees the digits somewhere
CROWD = "#"
STEP = timedelta(milliseconds=1)  # as fine as Medusa tells a time


class Medusa:
    """Made for one unit of work."""

    CODE: ClassVar[str] = "medusa"
    NAME: ClassVar[str] = NAME

    def __init__(self, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        self._url = str(settings["url"]).rstrip("/")
        self._secret = str(credentials.get("secret_key") or "").strip()
        self._till = str(settings.get("till_channel") or "").strip()
        deadline_s = float(settings.get("deadline_s") or DEADLINE_S)
        self._wire = MedusaWire(self._url, self._secret, deadline_s=deadline_s)
        self._country: str | None = None

    @property
    def can(self) -> Can:
        return ABILITIES

    @classmethod
    def clean_url(cls, typed: str) -> str:
        """Without what people copy along from the admin."""
        for tail in ("/app", "/admin"):
            typed = typed.removesuffix("/").removesuffix(tail)
        return typed.rstrip("/")

    # Connect

    def check(self) -> Facts:
        if self._secret.startswith("pk_"):
            raise AuthFailed(
                "This is a publishable key. Take a secret API key (sk_…) from Settings › Secret API Keys."
            )
        self._wire.begin()
        try:
            stores, _ = self._wire.listed("/stores", "stores")
        except InvalidRequest as error:
            if error.facts.get("status") == 404:
                raise self._nobody() from error
            raise
        self._wire.listed("/orders", "orders", [("limit", "1"), ("fields", "id")])
        store = stores[0] if stores else {}
        return Facts(
            name=text(store, "name") or NAME,
            currency=next(
                (
                    text(one, "currency_code", 3).upper()
                    for one in rows(store, "supported_currencies")
                    if one.get("is_default") is True
                ),
                "",
            ),
            statuses=STATUSES,
        )

    def _nobody(self) -> InvalidRequest:
        return InvalidRequest(
            Sentence(
                "There is no Medusa at %(address)s. Type the address of its server, not that of the storefront.",
                address=self._url,
            )
        )

    # Orders

    def changed(self, since: datetime, cursor: str = "") -> Page:
        """Walks by the moment of change, to the millisecond and that one included: the cursor is the last one told.

        There is no page number that could shift while orders change. A millisecond that fills a page by itself (a
        change in the database) is read by ``_crowd``.
        """
        self._wire.begin()
        stamp, page = _place(cursor) if cursor else (since.astimezone(UTC), None)
        if page is not None:
            return self._crowd(stamp, page)
        asked = [("updated_at[$gte]", _iso(stamp)), ("order", "updated_at")]
        found = self._rows([*asked, ("limit", str(PAGE))])
        newest = max((at for row in found if (at := moment(row, "updated_at"))), default=None)
        if len(found) < PAGE or newest is None:
            return Page(orders=self._told(found), newest=newest)
        rest = f"|{CROWD}0" if newest <= _floor(stamp) else "|"
        return Page(orders=self._told(found), newest=newest, cursor=f"{_iso(newest)}{rest}")

    def _crowd(self, stamp: datetime, page: int) -> Page:
        """One millisecond alone, by pages from the last to the first; 0 stands for the last. Orders only leave it, and
        what moves down into a page that was told is told already."""
        asked = [("updated_at[$gte]", _iso(stamp)), ("updated_at[$lt]", _iso(stamp + STEP))]
        if not page:
            page = max(-(-self._count(asked) // PAGE), 1)
        place = [("order", "id"), ("limit", str(PAGE)), ("offset", str((page - 1) * PAGE))]
        found = self._rows([*asked, *place])
        rest = f"{_iso(stamp)}|{CROWD}{page - 1}" if page > 1 else f"{_iso(stamp + STEP)}|"
        return Page(orders=self._told(found), newest=stamp, cursor=rest)

    def count(self, since: datetime) -> int | None:
        return self._count([("updated_at[$gte]", _iso(since))])

    def _count(self, asked: list[tuple[str, str]]) -> int:
        return self._wire.listed("/orders", "orders", [*asked, ("limit", "1"), ("fields", "id")])[1]

    def fetch(self, order_ids: Sequence[str]) -> Mapping[str, Told | None]:
        self._wire.begin()
        found: dict[str, Told | None] = dict.fromkeys(order_ids)
        if order_ids:
            asked = [("id[]", order_id) for order_id in order_ids]
            listed = self._rows([*asked, ("limit", str(len(order_ids)))])
            by_id = zip([text(row, "id") for row in listed], self._told(listed), strict=True)
            found |= {key: each for key, each in by_id if key in found}
        return found

    def find(self, number: str) -> Sequence[Told]:
        """Medusa's search looks for the digits in many columns, so its answer is read for the number itself."""
        self._wire.begin()
        wanted = normal_number(number)
        typed = number.strip().lstrip("#").strip()
        if not wanted or not typed:
            return []
        asked = [("q", typed[:60]), ("fields", "id,display_id,custom_display_id")]
        found, _ = self._wire.listed(
            "/orders", "orders", [*asked, ("order", "display_id"), ("limit", str(MOST_SEARCHED))]
        )
        right = [text(row, "id") for row in found if normal_number(number_of(row)) == wanted]
        return [each for each in self.fetch(right[:MOST_FOUND]).values() if each]

    def _rows(self, asked: Sequence[tuple[str, str]]) -> list[Row]:
        return self._wire.listed("/orders", "orders", [*asked, ("fields", WHOLE)])[0]

    def _told(self, found: Sequence[Row]) -> list[Told]:
        return [
            told(row, url=self._url, home=self._home() if is_bare(row) else "", till=self._till)
            for row in found
        ]

    def _home(self) -> str:
        """The country of the shop's first stock location."""
        if self._country is None:
            found, _ = self._wire.listed("/stock-locations", "stock_locations", [("limit", "1")])
            address = inner(found[0], "address") if found else {}
            self._country = text(address, "country_code", 2).upper()
        return self._country

    # Back to the shop

    def find_refund(self, external_order_id: str, reference: str) -> ShopRefund | None:
        return self._back().find(external_order_id, reference)

    def refund(self, request: RefundRequest) -> ShopRefund:
        return self._back().make(request)

    def _back(self) -> Refunds:
        self._wire.begin()
        return Refunds(self._wire, self._secret)

    def add_note(self, external_order_id: str, words: str) -> None:
        """Medusa has no notes: the words stand in the order's metadata, which the admin shows, one line each."""
        self._wire.begin()
        path = f"/orders/{external_order_id}"
        row = self._wire.row(path, "order", [("fields", "id,metadata")])
        there = text(inner(row, "metadata"), MARK, 20_000)
        if words in there.split("\n"):
            return
        self._wire.post(path, {"metadata": {MARK: f"{there}\n{words}".strip("\n")}}, acts=True)


def _floor(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def _place(cursor: str) -> tuple[datetime, int | None]:
    """(moment, page of it where it is read by pages)."""
    stamp, _, rest = cursor.partition("|")
    at = datetime.fromisoformat(stamp)
    return at, int(rest.removeprefix(CROWD)) if rest.startswith(CROWD) else None
