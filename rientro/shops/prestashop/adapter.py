"""PrestaShop: orders by its webservice, notes as private messages, vouchers as cart rules.

Sources: devdocs.prestashop-project.org (8 and 9), Webservice; PrestaShop/PrestaShop 8.1, classes/webservice and
src/PrestaShopBundle. The core sends no webhooks and its webservice gives no money back: both are said to be so.
"""

import hashlib
import re
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from rientro.kit.sentences import Sentence
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
    Unsupported,
)
from rientro.shops.prestashop.around import HELPFUL, NEEDED, Lookup
from rientro.shops.prestashop.hours import stamp_from
from rientro.shops.prestashop.offered import ABILITIES
from rientro.shops.prestashop.orders import Reader
from rientro.shops.prestashop.trails import END, Trails
from rientro.shops.prestashop.vouchers import Vouchers
from rientro.shops.prestashop.wire import NAME, NOT_XML, PrestaWire, Row, lacking
from rientro.shops.prestashop.words import in_language
from rientro.shops.reading import key, text

MOST_FOUND = 8
REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,32}")
WRITES = {
    "cart_rules": "no vouchers can be made",
    "customer_threads": "no notes can be put on orders",
    "customer_messages": "no notes can be put on orders",
}


class PrestaShop:
    """Made for one unit of work; what is the same for all its orders is asked once."""

    CODE: ClassVar[str] = "prestashop"
    NAME: ClassVar[str] = NAME

    def __init__(self, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        self._url = str(settings["url"]).rstrip("/").removesuffix("/api")
        self._deadline_s = float(settings.get("deadline_s") or DEADLINE_S)
        self._wire = PrestaWire(
            self._url,
            str(credentials.get("key") or "").strip(),
            id_shop=str(settings.get("id_shop") or "").strip(),
            deadline_s=self._deadline_s,
        )
        self._look = Lookup(
            self._wire,
            str(settings.get("timezone") or "").strip(),
            hurried=self._deadline_s < DEADLINE_S,
        )

    @property
    def can(self) -> Can:
        return ABILITIES

    def _until(self) -> float:
        return time.monotonic() + self._deadline_s

    # Connect

    def check(self) -> Facts:
        until = self._until()
        reply = self._wire.rights(until)
        page = reply.body.decode(errors="replace")
        if "<prestashop" not in page or "<api" not in page:
            said = Sentence(
                "There is no webservice of PrestaShop at %(address)s/api/. Is this the address of the shop, with its "
                "folder if it lies in one?",
                address=self._url,
            )
            raise InvalidRequest(said)
        rights = _rights(page)
        for resource in NEEDED:
            if "get" not in rights.get(resource, set()):
                raise AuthFailed(lacking(f"{resource} GET"), scope=f"{resource} GET")
        self._look.zone(until)
        language = self._look.setting("PS_LANG_DEFAULT", until)
        names = [in_language(row.get("name"), language) for row in self._look.states(until)]
        return Facts(
            name=self._look.setting("PS_SHOP_NAME", until) or _shop_name(page) or NAME,
            version=reply.headers.get("PSWS-Version", "")[:20],
            currency=self._currency(until),
            cautions=_cautions(rights),
            statuses={name: name for name in names if name},
        )

    def _currency(self, until: float) -> str:
        number = self._look.setting("PS_CURRENCY_DEFAULT", until)
        found = self._look.row("currencies", number, until) if number.isdigit() else {}
        return text(found, "iso_code", 3).upper()

    # Orders

    def changed(self, since: datetime, cursor: str = "") -> Page:
        until = self._until()
        step = Trails(self._wire, self._look.zone(until), until).step(since, cursor)
        orders = self._told(step.orders, until)
        return Page(orders=orders, cursor=step.cursor, newest=step.newest)

    def _told(self, rows: Sequence[Row], until: float) -> list[Told]:
        if not rows:
            return []
        zone = self._look.zone(until)
        around = self._look.around(rows, until)
        reader = Reader(self._look, around, zone, self._url, until)
        return [reader.told(row) for row in rows]

    def count(self, since: datetime) -> int | None:
        """By the ids of the first and the last order since then; those of other shops of a multistore count too."""
        until = self._until()
        stamp = stamp_from(since, self._look.zone(until))
        query = {
            "filter[date_add]": f"[{stamp},{END}]",
            "date": "1",
            "limit": "1",
            "display": "[id]",
        }
        ends = [
            self._wire.rows("orders", until, sort=f"[id_{way}]", **query) for way in ("ASC", "DESC")
        ]
        if not all(ends):
            return 0
        return int(key(ends[1][0]) or 0) - int(key(ends[0][0]) or 0) + 1

    def fetch(self, order_ids: Sequence[str]) -> Mapping[str, Told | None]:
        until = self._until()
        rows = self._wire.rows_of("orders", "id", order_ids, until)
        found = dict(zip([key(row) for row in rows], self._told(rows, until), strict=True))
        return {order_id: found.get(order_id) for order_id in order_ids}

    def find(self, number: str) -> Sequence[Told]:
        """By its reference, which an order that is sent in several parts shares with its parts."""
        wanted = number.strip().lstrip("#").strip()
        if not REFERENCE.fullmatch(wanted):
            return []
        until = self._until()
        query = {"filter[reference]": f"[{wanted}]", "sort": "[id_DESC]", "limit": str(MOST_FOUND)}
        return self._told(self._wire.rows("orders", until, display="full", **query), until)

    # Back to the shop

    def find_refund(self, external_order_id: str, reference: str) -> ShopRefund | None:
        return Vouchers(self._wire, self._look).find(external_order_id, reference, self._until())

    def refund(self, request: RefundRequest) -> ShopRefund:
        """A voucher. Money goes back by no webservice of PrestaShop, and it has no credit of its own."""
        if request.method != "coupon":
            raise Unsupported(
                "PrestaShop gives no money back by its webservice: pay it back in PrestaShop, or give a voucher."
            )
        if request.restock:
            raise Unsupported(
                "PrestaShop’s webservice sets stock to a number and cannot add to it."
            )
        until = self._until()
        rows = self._wire.rows_of("orders", "id", [request.external_order_id], until)
        if not rows:
            raise InvalidRequest("PrestaShop does not have this order any more.")
        told = self._told(rows, until)[0]
        return Vouchers(self._wire, self._look).give(request, rows[0], told, until)

    def add_note(self, external_order_id: str, words: str) -> None:
        """A private message in the order's thread with the shopper; only the merchant's people see it."""
        words = NOT_XML.sub("", words.replace("\r\n", "\n")).strip()
        until = self._until()
        rows = self._wire.rows_of("orders", "id", [external_order_id], until)
        if not rows:
            raise InvalidRequest("PrestaShop does not have this order any more.")
        threads = self._wire.rows_of("customer_threads", "id_order", [external_order_id], until)
        ids = [key(thread) for thread in threads]
        for message in self._wire.rows_of("customer_messages", "id_customer_thread", ids, until):
            if text(message, "message", 20_000) == words:
                return
        thread = ids[0] if ids else self._thread(rows[0], until)
        fields = {
            "id_customer_thread": thread,
            "id_employee": "0",
            "message": words,
            "private": "1",
        }
        self._wire.add("customer_messages", "customer_message", fields, until)

    def _thread(self, order: Row, until: float) -> str:
        customers = self._wire.rows_of(
            "customers", "id", [key(order, "id_customer")], until, "[id,email]"
        )
        number = key(order)
        fields = {
            "id_lang": key(order, "id_lang") or "1",
            "id_shop": key(order, "id_shop") or "1",
            "id_contact": "0",
            "id_customer": key(order, "id_customer") or "0",
            "id_order": number,
            "status": "closed",
            "email": text(customers[0], "email", 254) if customers else "",
            # What a shopper's link to the thread would hold; nobody is told of it.
            "token": hashlib.sha256(f"{number} {text(order, 'secure_key')}".encode()).hexdigest()[
                :12
            ],
        }
        return self._wire.add("customer_threads", "customer_thread", fields, until)


def _rights(page: str) -> dict[str, set[str]]:
    """{resource: methods} out of the start tags of ``/api/``."""
    found: dict[str, set[str]] = {}
    for tag, rest in re.findall(r"<(\w+)\b([^<>]*)>", page):
        methods = {name for name in ("get", "post") if f'{name}="true"' in rest}
        if methods and tag != "description":
            found[tag] = methods
    return found


def _shop_name(page: str) -> str:
    found = re.search(r'<api[^>]* shopName="([^"<>]{1,100})"', page)
    return found[1] if found else ""


def _cautions(rights: Mapping[str, set[str]]) -> list[str]:
    cautions: list[str] = [
        Sentence("The key may not read “%(resource)s”: %(words)s.", resource=resource, words=words)
        for resource, words in HELPFUL.items()
        if "get" not in rights.get(resource, set())
    ]
    for resource, words in WRITES.items():
        if not {"get", "post"} <= rights.get(resource, set()):
            cautions.append(
                Sentence(
                    "The key may not read and add “%(resource)s”: %(words)s.",
                    resource=resource,
                    words=words,
                )
            )
    return cautions
