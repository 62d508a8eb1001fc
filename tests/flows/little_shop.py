"""A shop as small as can be, with its adapter: what the flows of the house need of a shop, over real HTTP.

    with connected() as (shop, adapter's code): ...

The shops that merchants have are tried in tests/shops.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from rientro.kit.money import Money
from rientro.policy.orders_in import LineIn, OrderIn
from rientro.shops import registry
from rientro.shops.base import (
    BadSignature,
    Can,
    Facts,
    InvalidRequest,
    News,
    Page,
    RawWebhook,
    RefundRequest,
    ShopOrder,
    ShopRefund,
    TakenBack,
    Told,
    Unreadable,
)
from rientro.shops.known import Box, Known
from rientro.shops.wire import Wire
from tests.fake_server import Answer, FakeServer, Heard, running

CODE = "little"
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PAGE = 3


class LittleShop(FakeServer):
    """Orders are dictionaries; each change gets the next second as its stamp."""

    ROUTES: ClassVar[dict[str, str]] = {
        "GET /me": "me",
        "GET /orders": "listed",
        "GET /orders/{key}": "one",
        "POST /hooks": "hook",
        "DELETE /hooks": "unhook",
    }

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {"key": "sesame"}
        self.orders: dict[str, dict[str, Any]] = {}
        self.clock = START
        self.down = False
        self.rest_s = 0.0  # the peace that it wants after each page
        self.secret = ""
        self.address = ""

    def put(self, key: str, **changes: Any) -> dict[str, Any]:
        """A new order, or another word in one."""
        self.clock += timedelta(seconds=1)
        usual = {
            "key": key,
            "number": f"L-{key}",
            "placed": START.isoformat(),
            "email": "ada@example.com",
            "postal": "50123",
            "country": "IT",
            "status": "paid",
            "lines": [{"key": f"{key}-1", "name": "Scarf", "sku": "S1", "units": 2, "price": 1000}],
            "back": [],
        }
        row = {**usual, **self.orders.get(key, {}), **changes, "stamp": self.clock.isoformat()}
        self.orders[key] = row
        return row

    def told(self, key: str) -> tuple[dict[str, str], bytes]:
        """Headers and body of a webhook about one order."""
        return self._signed({"order": key, "stamp": self.clock.isoformat()})

    def asked(self, kind: str, keys: Sequence[str]) -> tuple[dict[str, str], bytes]:
        """Headers and body of a webhook about a person and their orders."""
        return self._signed({"kind": kind, "orders": list(keys)})

    def _signed(self, words: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        body = json.dumps(words).encode()
        signed = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        return {"x-little": signed}, body

    def refused(self, heard: Heard) -> Answer | None:
        if self.down:
            return Answer(503, {"error": {"message": "Closed for today"}})
        if heard.headers.get("authorization") != f"Bearer {self.credentials['key']}":
            return Answer(401, {"error": {"message": "Wrong key"}})
        return None

    def me(self, heard: Heard) -> Answer:
        return Answer(words={"name": "Little shop", "count": len(self.orders)})

    def listed(self, heard: Heard) -> Answer:
        since, after = heard.one("since"), heard.one("after")
        if after == "lost":
            return Answer(400, {"error": {"message": "Unknown place"}})
        rows = sorted(self.orders.values(), key=lambda row: (row["stamp"], row["key"]))
        rows = [row for row in rows if row["stamp"] >= since]
        rows = [row for row in rows if f"{row['stamp']} {row['key']}" > after]
        return Answer(words={"orders": rows[:PAGE], "more": len(rows) > PAGE, "rest": self.rest_s})

    def one(self, heard: Heard, key: str) -> Answer:
        row = self.orders.get(key)
        return Answer(words=row) if row else Answer(404, {"error": {"code": "gone"}})

    def hook(self, heard: Heard) -> Answer:
        self.secret, self.address = "hush", heard.words["url"]
        return Answer(words={"secret": self.secret})

    def unhook(self, heard: Heard) -> Answer:
        self.address = ""
        return Answer(words={})


class Little:
    CODE: ClassVar[str] = CODE
    NAME: ClassVar[str] = "Little"

    def __init__(self, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        keys = {"Authorization": f"Bearer {credentials['key']}"}
        self._wire = Wire(self.NAME, settings["url"], keys, deadline_s=5)
        self._secret = str(credentials.get("secret", ""))

    @property
    def can(self) -> Can:
        return Can.WEBHOOK

    def check(self) -> Facts:
        return Facts(name=self._wire.ask_json("GET", "/me").text("name"))

    def changed(self, since: datetime, cursor: str = "") -> Page:
        asked = {"since": since.isoformat(), "after": cursor}
        reply = self._wire.ask("GET", "/orders", params=asked)
        found = json.loads(reply.body)
        rows = found["orders"]
        last = f"{rows[-1]['stamp']} {rows[-1]['key']}" if found["more"] else ""
        newest = datetime.fromisoformat(rows[-1]["stamp"]) if rows else None
        return Page(
            orders=[_read(row) for row in rows], cursor=last, newest=newest, rest_s=found["rest"]
        )

    def count(self, since: datetime) -> int | None:
        return self._wire.ask_json("GET", "/me").whole("count")

    def fetch(self, order_ids: Sequence[str]) -> Mapping[str, Told | None]:
        return {key: self._one(key) for key in order_ids}

    def _one(self, key: str) -> Told | None:
        try:
            return _read(json.loads(self._wire.ask("GET", f"/orders/{key}").body))
        except InvalidRequest as error:
            if error.facts.get("reason") == "gone":
                return None
            raise

    def find(self, number: str) -> Sequence[Told]:
        return []

    def find_refund(self, external_order_id: str, reference: str) -> ShopRefund | None:
        return None

    def refund(self, request: RefundRequest) -> ShopRefund:
        return ShopRefund(shop_reference="1", amount=Money(0, "EUR"))

    def add_note(self, external_order_id: str, words: str) -> None: ...

    def register_webhooks(self, url: str) -> Mapping[str, str]:
        answer = self._wire.ask_json("POST", "/hooks", acts=True, words={"url": url})
        return {"secret": answer.text("secret")}

    def forget_webhooks(self, url: str) -> None:
        self._wire.ask("DELETE", "/hooks", acts=True)

    def delivery_key(self, raw: RawWebhook) -> str:
        return hashlib.sha256(raw.body).hexdigest()

    def parse_webhook(self, raw: RawWebhook) -> News:
        wanted = hmac.new(self._secret.encode(), raw.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(raw.headers.get("x-little", ""), wanted):
            raise BadSignature("Not signed by the shop.")
        told = json.loads(raw.body)
        if "kind" in told:
            return News(topic="person", kind=told["kind"], order_ids=told["orders"])
        return News(topic="order", kind="orders", order_ids=[told["order"]])


def _read(row: dict[str, Any]) -> Told:
    if row.get("broken"):
        return Unreadable(external_order_id=row["key"], number=row["number"], reason=row["broken"])
    lines = [
        LineIn(
            line_key=line["key"],
            name=line["name"],
            sku=line["sku"],
            quantity=line["units"],
            price_minor=line["price"],
        )
        for line in row["lines"]
    ]
    back: dict[str, list[TakenBack]] = {}
    for key, units, at in row["back"]:
        moment = datetime.fromisoformat(at) if at else None
        back.setdefault(key, []).append(TakenBack(units=units, at=moment))
    order = OrderIn(
        external_order_id=row["key"],
        number=row["number"],
        ordered_at=datetime.fromisoformat(row["placed"]),
        country=row["country"],
        postal_code=row["postal"],
        email=row["email"],
        status=row["status"],
        tags=row.get("tags", ()),
        lines=lines,
    )
    return ShopOrder(order=order, taken_back=back)


KNOWN = Known(
    code=CODE,
    name="Little",
    path="tests.flows.little_shop:Little",
    words="A shop for trying things out.",
    address=Box(name="url", label="Address"),
    credentials=(Box(name="key", label="Key", secret=True),),
    can=Can.WEBHOOK,
)


@contextmanager
def little_shop() -> Iterator[LittleShop]:
    """The shop on a free port, and its adapter among the known ones."""
    registry.KNOWN[CODE] = KNOWN
    try:
        with running(LittleShop()) as shop:
            yield shop
    finally:
        del registry.KNOWN[CODE]
        registry.shop_class.cache_clear()
