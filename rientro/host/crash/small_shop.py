"""The smallest shop that can be refunded over HTTP, and its adapter: what errands are tried on, here and in tests.

The server believes every request: the same refund asked for twice is paid twice, so that whoever asks twice is
found out. ``faults`` are what it does instead, one after the other: `drop` (nothing is done and the line is cut),
`lose` (it is done and the line is cut), or a status (nothing is done).
"""

import json
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from rientro.kit.money import Money
from rientro.shops.base import (
    AuthFailed,
    Can,
    Facts,
    InvalidRequest,
    Page,
    RefundRequest,
    ShopRefund,
    Told,
)
from rientro.shops.known import Box, Known
from rientro.shops.registry import KNOWN
from rientro.shops.wire import Wire

CODE = "small"
KEY = "open sesame"
Fault = int | str


class SmallServer:
    """The shop itself. ``orders`` are {id: total in minor units}; what was done to them is counted here."""

    def __init__(self) -> None:
        self.orders: dict[str, int] = {}
        self.refunds: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.notes: dict[str, list[str]] = defaultdict(list)
        self.stock: dict[str, int] = defaultdict(int)
        self.heard: list[str] = []
        self.faults: list[Fault] = []
        self.blind: list[Fault] = []  # faults of questions, as ``faults`` are of acts
        self.hold = threading.Event()  # cleared: every act waits for it
        self.hold.set()
        self.lock = threading.Lock()
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shop.serve(self)

            do_POST = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                """Quietly."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Whoever is killed hangs up half-way."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def paid(self, order: str) -> int:
        """All that went back of ``order``, minor units."""
        return sum(refund["amount"] for refund in self.refunds[order])

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        size = int(handler.headers.get("Content-Length") or 0)
        body = json.loads(handler.rfile.read(size) or b"{}")
        acts = handler.command == "POST"
        if acts:
            self.hold.wait(30)
        with self.lock:
            self.heard.append(f"{handler.command} {handler.path}")
            waiting = self.faults if acts else self.blind
            fault = waiting.pop(0) if waiting else None
            if handler.headers.get("X-Key") != KEY:
                fault = 401
            if fault == "drop":
                return  # the line ends without a word
            if isinstance(fault, int):
                status, words = fault, {"message": f"The shop says {fault}."}
            else:
                status, words = self._answer(handler.path, acts, body)
        if fault == "lose":
            return
        data = json.dumps(words).encode()
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(data)), "Retry-After": "7"}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    def _answer(self, path: str, acts: bool, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(path)
        _, _, order, *rest = parts.path.split("/")
        what = rest[0] if rest else ""
        if order not in self.orders:
            return 404, {"message": "There is no such order."}
        if what == "notes":
            if acts:
                self.notes[order].append(body["words"])
            return 200, {"notes": self.notes[order]}
        if what == "refunds" and acts:
            return self._refund(order, body)
        if what == "refunds":
            wanted = parse_qs(parts.query)["reference"][0]
            found = [each for each in self.refunds[order] if each["reference"] == wanted]
            return 200, {"refunds": found}
        return 200, {"left": self.orders[order] - self.paid(order)}

    def _refund(self, order: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        left = self.orders[order] - self.paid(order)
        if body["amount"] > left:
            return 422, {"message": f"Only {left / 100:.2f} of this order are left to refund."}
        number = len(self.refunds[order]) + 1
        code = f"THANKS-{order}-{number}" if body["method"] == "coupon" else ""
        made = {**body, "id": f"{order}/{number}", "code": code}
        self.refunds[order].append(made)
        for key, units in body["units"].items() if body["restock"] else ():
            self.stock[key] += units
        return 201, made


class SmallShop:
    """The adapter, under the contract of shops/base.py. It re-reads the order, then asks once."""

    CODE: ClassVar[str] = CODE
    NAME: ClassVar[str] = "Small shop"

    def __init__(self, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        deadline = float(settings.get("deadline_s", 5))
        keys = {"X-Key": str(credentials.get("key", ""))}
        self._wire = Wire(self.NAME, str(settings["url"]), keys, deadline_s=deadline)

    @property
    def can(self) -> Can:
        return KNOWN[CODE].can

    def find_refund(self, external_order_id: str, reference: str) -> ShopRefund | None:
        told = self._wire.ask_json(
            "GET", f"/orders/{external_order_id}/refunds", params={"reference": reference}
        )
        found = told.each("refunds")
        return _refund_of(found[0]) if found else None

    def refund(self, request: RefundRequest) -> ShopRefund:
        order = self._wire.ask_json("GET", f"/orders/{request.external_order_id}")
        if order.whole("left") < request.amount.minor:
            raise InvalidRequest("The order has less left than that.")
        made = self._wire.ask_json(
            "POST",
            f"/orders/{request.external_order_id}/refunds",
            acts=True,
            words={
                "reference": request.reference,
                "amount": request.amount.minor,
                "currency": request.amount.currency,
                "shipping": request.shipping.minor,
                "units": dict(request.units),
                "restock": request.restock,
                "method": request.method,
                "note": request.note,
                "email": request.email,
            },
        )
        return _refund_of(made)

    def add_note(self, external_order_id: str, words: str) -> None:
        path = f"/orders/{external_order_id}/notes"
        reply = self._wire.ask("GET", path)
        if words not in json.loads(reply.body)["notes"]:
            self._wire.ask("POST", path, acts=True, words={"words": words})

    def check(self) -> Facts:
        try:
            self._wire.ask("GET", "/orders/none")
        except AuthFailed:
            raise
        except InvalidRequest:
            pass
        return Facts(name=self.NAME)

    # It sells nothing: no orders are told.

    def changed(self, since: datetime, cursor: str = "") -> Page:
        return Page(orders=())

    def count(self, since: datetime) -> int | None:
        return 0

    def fetch(self, order_ids: Sequence[str]) -> Mapping[str, Told | None]:
        return {}

    def find(self, number: str) -> Sequence[Told]:
        return ()


def _refund_of(told: Any) -> ShopRefund:
    return ShopRefund(
        shop_reference=told.text("id"),
        amount=Money(told.whole("amount"), told.text("currency")),
        code=told.text("code", required=False),
        facts={"paid": Decimal(told.whole("amount")) / 100, "odd": "a\0b"},
    )


ALL = Can.REFUND | Can.RESTOCK | Can.STORE_CREDIT | Can.COUPON | Can.NOTE


@contextmanager
def opened(can: Can = ALL) -> Iterator[SmallServer]:
    """The shop system is known and one shop of it runs; afterwards neither."""
    KNOWN[CODE] = Known(
        code=CODE,
        name=SmallShop.NAME,
        path=f"{__name__}:SmallShop",
        words="A shop for trials.",
        address=Box(name="url", label="Address"),
        credentials=(Box(name="key", label="Key", secret=True),),
        can=can,
    )
    server = SmallServer()
    try:
        yield server
    finally:
        server.close()
        del KNOWN[CODE]
