"""WooCommerce: orders, webhooks, refunds and coupons by its REST API, version 3.

Source: woocommerce.github.io/woocommerce-rest-api-docs, and woocommerce/woocommerce where these are silent.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import unescape
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
    ShopError,
    ShopRefund,
    Told,
)
from rientro.shops.reading import inner, key, moment, text
from rientro.shops.wire import delivery_of
from rientro.shops.woocommerce.beside import PAGE, Beside
from rientro.shops.woocommerce.hook import Hooks, news_in
from rientro.shops.woocommerce.offered import ABILITIES
from rientro.shops.woocommerce.orders import is_born, told
from rientro.shops.woocommerce.refunds import Refunds
from rientro.shops.woocommerce.wire import API, NAME, ROOT, Row, WooWire

MOST_FOUND = 8
MOST_EXCLUDED = (
    300  # ids in one address: web servers take 8 KB, and a comma is three characters of it
)
CROWD = "#"
SECOND = timedelta(seconds=1)


class WooCommerce:
    """Made for one unit of work."""

    CODE: ClassVar[str] = "woocommerce"
    NAME: ClassVar[str] = NAME

    def __init__(self, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        self._url = str(settings["url"]).rstrip("/")
        self._secret = str(credentials.get("consumer_secret") or "").strip()
        self._webhook_secret = str(credentials.get("webhook_secret") or "")
        self._wire = WooWire(
            self._url,
            str(credentials.get("consumer_key") or "").strip(),
            self._secret,
            deadline_s=float(settings.get("deadline_s") or DEADLINE_S),
        )
        self._beside = Beside(self._wire)

    @property
    def can(self) -> Can:
        return ABILITIES

    @classmethod
    def clean_url(cls, typed: str) -> str:
        """Without what people copy along from the admin."""
        for tail in ("/wp-admin", "/wp-json", "/wp-login.php"):
            typed = typed.split(tail)[0]
        return typed.rstrip("/")

    # Connect

    def check(self) -> Facts:
        self._wire.begin()
        index = self._index()
        self._wire.rows("/orders", per_page="1")
        self._try_to_write()
        return Facts(
            name=unescape(text(index, "name")) or urlsplit(self._url).hostname or NAME,
            version=self._version(),
            currency=self._beside.setting("/settings/general/woocommerce_currency", "")[:3],
            cautions=self._cautions(),
            statuses=self._statuses(),
        )

    def _index(self) -> Row:
        try:
            index = self._wire.index()
        except InvalidRequest as error:
            if error.facts.get("status") == 404:
                raise InvalidRequest(
                    Sentence(
                        "There is no REST API at %(address)s. Is this the WordPress address? In WordPress, Settings › "
                        "Permalinks must not be “Plain”.",
                        address=f"{self._url}{ROOT}/",
                    )
                ) from error
            raise
        namespaces = index.get("namespaces")
        if not isinstance(namespaces, list) or API.removeprefix(f"{ROOT}/") not in namespaces:
            raise InvalidRequest("This is a WordPress without WooCommerce, or with a very old one.")
        return index

    def _try_to_write(self) -> None:
        """An empty note on an order that nobody has: a key that may only read is refused before that is looked at."""
        try:
            self._wire.send("POST", "/orders/0/notes", words={})
        except AuthFailed:
            raise
        except ShopError:
            return

    def _version(self) -> str:
        try:
            status = self._wire.row("/system_status", _fields="environment")
        except ShopError:
            return ""
        return text(inner(status, "environment"), "version", 20)

    def _cautions(self) -> list[str]:
        if self._beside.setting("/settings/products/woocommerce_weight_unit", ""):
            return []
        return [
            Sentence(
                "The key may not read the shop’s settings: weights are taken for kilograms, and a sale without any "
                "address cannot come in."
            )
        ]

    def _statuses(self) -> dict[str, str]:
        """Every status of the shop with its name, those of plug-ins too (Reports, Orders totals)."""
        try:
            found = self._wire.rows("/reports/orders/totals")
        except ShopError:
            return {}
        return {text(row, "slug", 120): text(row, "name", 120) for row in found}

    # Orders

    def changed(self, since: datetime, cursor: str = "") -> Page:
        """Walks by the second of change. `modified_after` leaves its own second out, so a second before is asked for.

        The cursor is the last second told and the ids told of it, which are left out of the next page: there is no
        page number that could shift while orders change. A second with more ids than an address can hold is read by
        ``_crowd``.
        """
        self._wire.begin()
        stamp, ids, page = _place(cursor) if cursor else (_floor(since), [], None)
        if page is not None:
            return self._crowd(stamp, page)
        asked = {
            "modified_after": _iso(stamp - SECOND),
            "dates_are_gmt": "true",
            "orderby": "modified",
            "order": "asc",
            "per_page": str(PAGE),
        }
        if ids:
            asked["exclude"] = ",".join(ids)
        found = self._wire.rows("/orders", **asked)
        newest = max(
            (at for row in found if (at := moment(row, "date_modified_gmt"))), default=None
        )
        if len(found) < PAGE or newest is None:
            return Page(orders=self._told(found), newest=newest)
        here = [key(row) for row in found if moment(row, "date_modified_gmt") == newest]
        seen = [*ids, *here] if newest == stamp else here
        rest = f"{CROWD}0" if len(seen) > MOST_EXCLUDED else ",".join(seen)
        return Page(orders=self._told(found), newest=newest, cursor=f"{_iso(newest)}|{rest}")

    def _crowd(self, stamp: datetime, page: int) -> Page:
        """One second alone, by pages from the last to the first; 0 stands for the last.

        Orders only leave a second that is over, and the pages after the one being read are told already: what moves
        down into them is told again, nothing is passed over.
        """
        asked = {
            "modified_after": _iso(stamp - SECOND),
            "modified_before": _iso(stamp + SECOND),
            "dates_are_gmt": "true",
            "orderby": "id",
            "order": "asc",
        }
        if not page:
            count = self._wire.listed("/orders", per_page="1", _fields="id", **asked)[1]
            page = max(-(-count // PAGE), 1)
        found = self._wire.rows("/orders", per_page=str(PAGE), page=str(page), **asked)
        rest = f"{_iso(stamp)}|{CROWD}{page - 1}" if page > 1 else f"{_iso(stamp + SECOND)}|"
        return Page(orders=self._told(found), newest=stamp, cursor=rest)

    def count(self, since: datetime) -> int | None:
        self._wire.begin()
        asked = {"modified_after": _iso(_floor(since) - SECOND), "dates_are_gmt": "true"}
        return self._wire.listed("/orders", per_page="1", _fields="id", **asked)[1]

    def fetch(self, order_ids: Sequence[str]) -> Mapping[str, Told | None]:
        self._wire.begin()
        wanted = [order_id for order_id in order_ids if order_id.isascii() and order_id.isdigit()]
        found: dict[str, Told | None] = dict.fromkeys(order_ids)
        if not wanted:
            return found
        listed = self._wire.rows("/orders", include=",".join(wanted), per_page=str(PAGE))
        rows_ = {key(row): row for row in listed}
        for (
            order_id
        ) in wanted:  # a list leaves out what lies in the bin; a single question tells it
            if order_id not in rows_ and (row := self._single(order_id)):
                rows_[order_id] = row
        told_ = self._told(list(rows_.values()))
        by_id = dict(zip([key(row) for row in rows_.values() if is_born(row)], told_, strict=True))
        return {order_id: by_id.get(order_id) for order_id in order_ids}

    def _single(self, order_id: str) -> Row | None:
        try:
            return self._wire.row(f"/orders/{order_id}")
        except InvalidRequest as error:
            if error.facts.get("status") == 404:
                return None
            raise

    def find(self, number: str) -> Sequence[Told]:
        """By its id, which is its number in most shops, then by what the admin's own search would find."""
        self._wire.begin()
        wanted = normal_number(number)
        digits = number.strip().lstrip("#").strip()
        found: dict[str, Row] = {}
        if (
            digits.isascii()
            and digits.isdigit()
            and len(digits) < 12
            and (row := self._single(digits))
        ):
            found[key(row)] = row
        if wanted and not any(
            normal_number(text(row, "number")) == wanted for row in found.values()
        ):
            searched = self._wire.rows("/orders", search=digits[:40], per_page=str(MOST_FOUND))
            found |= {key(row): row for row in searched}
        right = [row for row in found.values() if normal_number(text(row, "number")) == wanted]
        return self._told(right)

    def _told(self, found: Sequence[Row]) -> list[Told]:
        born = [row for row in found if is_born(row)]
        if not born:
            return []
        refunds = self._beside.refunds(born)
        goods, home = self._beside.goods(born), self._beside.home()
        return [
            told(
                row,
                refunds.get(key(row), []),
                goods,
                url=self._url,
                home=home if _is_bare(row) else "",
            )
            for row in born
        ]

    # Back to the shop

    def find_refund(self, external_order_id: str, reference: str) -> ShopRefund | None:
        return self._back().find(external_order_id, reference)

    def refund(self, request: RefundRequest) -> ShopRefund:
        return self._back().make(request)

    def _back(self) -> Refunds:
        self._wire.begin()
        return Refunds(self._wire, self._secret)

    def add_note(self, external_order_id: str, words: str) -> None:
        self._wire.begin()
        path = f"/orders/{external_order_id}/notes"
        if any(text(note, "note", 5000) == words for note in self._wire.rows(path)):
            return
        self._wire.act("POST", path, {"note": words, "customer_note": False})

    # Webhooks

    def register_webhooks(self, url: str) -> Mapping[str, str]:
        self._wire.begin()
        return Hooks(self._wire).register(url)

    def forget_webhooks(self, url: str) -> None:
        self._wire.begin()
        Hooks(self._wire).forget(url)

    def delivery_key(self, raw: RawWebhook) -> str:
        return delivery_of(raw, "x-wc-webhook-delivery-id")

    def parse_webhook(self, raw: RawWebhook) -> News:
        return news_in(raw, self._webhook_secret)

    # Consent: wc-auth, which WooCommerce brings itself

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
        """`/wc-auth/v1/authorize`; the shop posts the keys to ``callback_url``, over TLS only."""
        query = {
            "app_name": "Rientro",
            "scope": "read_write",
            "user_id": state,
            "return_url": return_url,
            "callback_url": callback_url,
        }
        return f"{str(settings['url']).rstrip('/')}/wc-auth/v1/authorize?{urlencode(query)}"

    @classmethod
    def consented(
        cls, credentials: Mapping[str, Any], settings: Mapping[str, Any], told: Mapping[str, str]
    ) -> Mapping[str, str]:
        consumer_key, secret = told.get("consumer_key", ""), told.get("consumer_secret", "")
        if not consumer_key or not secret:
            raise InvalidRequest("The shop sent no keys.")
        return {"consumer_key": consumer_key, "consumer_secret": secret}


def _is_bare(row: Row) -> bool:
    """Has it no country at all, as a sale at the till?"""
    return not (text(inner(row, "shipping"), "country") or text(inner(row, "billing"), "country"))


def _floor(moment_: datetime) -> datetime:
    return moment_.astimezone(UTC).replace(microsecond=0)


def _iso(moment_: datetime) -> str:
    return moment_.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _place(cursor: str) -> tuple[datetime, list[str], int | None]:
    """(second, ids told of it, page of it where it is read by pages)."""
    stamp, _, rest = cursor.partition("|")
    at = datetime.fromisoformat(stamp).replace(tzinfo=UTC)
    if rest.startswith(CROWD):
        return at, [], int(rest.removeprefix(CROWD))
    return at, [one for one in rest.split(",") if one], None
