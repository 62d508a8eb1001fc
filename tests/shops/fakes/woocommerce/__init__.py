"""A WooCommerce shop of our own: WordPress at the front, REST ``wc/v3`` behind it, books that nobody else writes.

    with running(FakeWooCommerce()) as shop: ...

The fake listens on plain http, so it answers like a site on plain http: requests are signed by OAuth 1.0a, and Basic
or keys in the query make nobody known. ``FakeWooCommerce(over_tls=True)`` is a site whose TLS ends in front of it:
Basic and query keys are taken as well, and signatures are made over https. ``checks_time`` holds signed requests
against the real clock, as ``now`` is the shop's and not the caller's.

Sources: woocommerce.github.io/woocommerce-rest-api-docs (v3) and woocommerce/woocommerce (plugins/woocommerce,
10.x), read on 2026-11-25; the files are named in each module.
"""

import ssl
from typing import ClassVar
from urllib.parse import urlencode

from tests.fake_server import Answer, Heard
from tests.shops.fakes.shop import by_http
from tests.shops.fakes.woocommerce.auth import Key, Refusal, key_of
from tests.shops.fakes.woocommerce.books import Order
from tests.shops.fakes.woocommerce.consent import Consent
from tests.shops.fakes.woocommerce.goods import Goods
from tests.shops.fakes.woocommerce.listeners import Listeners
from tests.shops.fakes.woocommerce.listing import Listing
from tests.shops.fakes.woocommerce.query import (
    STATUSES,
    Invalid,
    chosen,
    error,
    fields,
    ids,
    page_of,
    true,
)
from tests.shops.fakes.woocommerce.refunds import (
    FAILED,
    RefundRefused,
    amount_of,
    checked_types,
    rows_of,
    truth_of,
)

CLOSED = (
    b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body>"
    b"<h1>Briefly unavailable for scheduled maintenance. Check back in a minute.</h1></body></html>"
)
NOT_THERE = b"<!DOCTYPE html><html><head><title>Page not found</title></head><body></body></html>"
LONGEST_LINE = 8190  # Apache's LimitRequestLine; nginx takes as much
HTML = {"Content-Type": "text/html; charset=UTF-8"}
WORDS = {
    "GET": ("woocommerce_rest_cannot_view", "Sorry, you cannot list resources."),
    "POST": ("woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources."),
    "PUT": ("woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource."),
    "DELETE": (
        "woocommerce_rest_cannot_delete",
        "Sorry, you are not allowed to delete this resource.",
    ),
}
GATEWAYS = ("stripe", "paypal")  # those that can give money back by themselves


class FakeWooCommerce(Listing, Listeners, Goods, Consent):
    SYSTEM: ClassVar[str] = "woocommerce"
    ROUTES: ClassVar[dict[str, str]] = {
        "GET /wp-json/": "index",
        "GET /wp-json": "index",
        "GET /wp-json/wc/v3": "namespace",
        "GET /wp-json/wc/v3/orders": "list_orders",
        "GET /wp-json/wc/v3/orders/{id}": "one_order",
        "PUT /wp-json/wc/v3/orders/{id}": "put_order",
        "POST /wp-json/wc/v3/orders/{id}": "put_order",
        "DELETE /wp-json/wc/v3/orders/{id}": "delete_order",
        "GET /wp-json/wc/v3/orders/{id}/refunds": "list_refunds",
        "POST /wp-json/wc/v3/orders/{id}/refunds": "make_refund",
        "GET /wp-json/wc/v3/orders/{id}/refunds/{refund}": "one_refund",
        "GET /wp-json/wc/v3/refunds": "all_refunds",
        "GET /wp-json/wc/v3/orders/{id}/notes": "list_notes",
        "POST /wp-json/wc/v3/orders/{id}/notes": "make_note",
    } | Goods.ROUTES | Listeners.ROUTES | Consent.ROUTES  # fmt: skip

    def __init__(self, *, over_tls: bool = False, numbering: str = "") -> None:
        super().__init__(numbering)
        self.over_tls = over_tls
        self.certificate: ssl.SSLContext | None = None
        self.drops_authorization = False  # some web servers hand that header to no PHP
        self.checks_time = True
        self.plain_permalinks = (
            False  # pretty addresses are off: /wp-json is a page that does not exist
        )
        self.lists_refunds = True
        self.gateway_refuses = ""  # what the payment provider says to a refund
        self.post_keys = by_http
        self.credentials = {
            "consumer_key": "ck_" + "6f1d" * 10,
            "consumer_secret": "cs_" + "9a3c" * 10,
        }
        self.keys: dict[str, Key] = {}
        self.add_key(**self.credentials)

    def add_key(
        self,
        consumer_key: str,
        consumer_secret: str,
        permissions: str = "read_write",
        *,
        manager: bool = True,
    ) -> None:
        """``manager`` False: the key of a user who may not manage the shop."""
        self.keys[consumer_key] = Key(consumer_key, consumer_secret, permissions, manager)

    def start(self) -> str:
        """With ``certificate`` (of localhost) it really speaks TLS."""
        super().start()
        if self.certificate:
            self._server.socket = self.certificate.wrap_socket(
                self._server.socket, server_side=True
            )
            self.url = f"https://localhost:{self.port}"
            self.settings = self.settings | {"url": self.url}
        return self.url

    # The front door

    def answer(self, heard: Heard) -> Answer:
        if self.down:
            return Answer(503, body=CLOSED, headers=HTML | {"Retry-After": "600"})
        if len(heard.path) + len(urlencode(heard.query, doseq=True)) > LONGEST_LINE:
            return Answer(414, body=b"<h1>Request-URI Too Long</h1>", headers=HTML)
        if self.plain_permalinks and heard.path.startswith("/wp-json"):
            return Answer(404, body=NOT_THERE, headers=HTML)
        try:
            return fields(super().answer(heard), heard)
        except Invalid as wrong:
            return wrong.answer
        except ValueError:
            return error(400, "rest_invalid_json", "Invalid JSON body passed.")

    def refused(self, heard: Heard) -> Answer | None:
        if not heard.path.startswith("/wp-json/wc/v3/"):
            return None
        if self.drops_authorization:
            heard.headers.pop("authorization", None)
        try:
            key = key_of(heard, self.keys, over_tls=self.over_tls, checks_time=self.checks_time)
        except Refusal as no:
            return error(401, no.code, str(no))
        if key is None or not key.manager:
            return self._stranger(heard, 401 if key is None else 403)
        wanted = "read" if heard.method in ("GET", "HEAD") else "write"
        if key.permissions not in (wanted, "read_write"):
            message = f"The API key provided does not have {wanted} permissions."
            return error(401, "woocommerce_rest_authentication_error", message)
        return None

    def unknown(self, heard: Heard) -> Answer:
        if heard.path.startswith("/wp-json"):
            message = "No route was found matching the URL and request method."
            return error(404, "rest_no_route", message)
        return Answer(404, body=NOT_THERE, headers=HTML)

    def index(self, _: Heard) -> Answer:
        words = {
            "name": "Bottega Rossi &amp; Figli",
            "description": "",
            "url": self.url,
            "home": self.url,
            "gmt_offset": "1",
            "timezone_string": self.zone,
            "namespaces": ["oembed/1.0", "wc/store/v1", "wc/v1", "wc/v2", "wc/v3", "wp/v2"],
            "authentication": {},
            "routes": {},
        }
        return Answer(200, words)

    def namespace(self, _: Heard) -> Answer:
        return Answer(200, {"namespace": "wc/v3", "routes": {}})

    # Orders

    def list_orders(self, heard: Heard) -> Answer:
        return page_of(
            heard, self.url, self.matching(heard), lambda i: self.writer.order(self.sure(i))
        )

    def one_order(self, heard: Heard, order_id: str) -> Answer:
        order = self._order(order_id)
        return order if isinstance(order, Answer) else Answer(200, self.writer.order(order))

    def put_order(self, heard: Heard, order_id: str) -> Answer:
        found, told = self._order(order_id, 400), heard.words or {}
        if isinstance(found, Answer):
            return found
        order = self.hold(order_id)
        for name in ("billing", "shipping"):
            address = getattr(order, name)
            address |= {k: v for k, v in (told.get(name) or {}).items() if k in address}
        for meta in told.get("meta_data") or ():
            self.put_meta(order.meta, meta["key"], meta["value"])
        if told.get("status"):
            if told["status"] not in STATUSES:
                raise Invalid(status=f"status is not one of {', '.join(STATUSES)}.")
            self.set_status(order, told["status"])
        self.changed(order)
        return Answer(200, self.writer.order(order))

    def delete_order(self, heard: Heard, order_id: str) -> Answer:
        order = self._order(order_id)
        if isinstance(order, Answer):
            return order
        words = self.writer.order(order)
        (self.delete if true(heard, "force") else self.trash)(order_id)
        return Answer(200, words)

    # Refunds

    def list_refunds(self, heard: Heard, order_id: str) -> Answer:
        order = self._order(order_id)
        if isinstance(order, Answer):
            return order
        backs = [] if order.status == "trash" else list(reversed(order.backs))
        return page_of(heard, self.url, backs, lambda back: self.writer.refund(order, back))

    def all_refunds(self, heard: Heard) -> Answer:
        """Of all orders; a WooCommerce before 9.0 has no such list."""
        if not self.lists_refunds:
            return self.unknown(heard)
        include = ids(heard, "include")
        found = [
            (order, back)
            for order in self.orders.values()
            for back in order.backs
            if not include or back.refund_id in include
        ]
        found.sort(key=lambda pair: pair[1].refund_id, reverse=True)
        return page_of(heard, self.url, found, lambda p: self.writer.refund(*p, parent=True))

    def one_refund(self, heard: Heard, order_id: str, refund_id: str) -> Answer:
        order = self._order(order_id)
        if isinstance(order, Answer):
            return order
        for back in order.backs:
            if str(back.refund_id) == refund_id:
                return Answer(200, self.writer.refund(order, back))
        return error(404, "woocommerce_rest_shop_order_refund_invalid_id", "Invalid ID.")

    def make_refund(self, heard: Heard, order_id: str) -> Answer:
        found, told = self._order(order_id), heard.words or {}
        if isinstance(found, Answer):
            message = "Invalid order ID."
            return error(404, "woocommerce_rest_invalid_order_id", message)
        order = self.hold(order_id)
        try:
            checked_types(told)
            rows = rows_of(order, told)
            amount = amount_of(order, told, rows)
            pays = truth_of(told, "api_refund")
            if pays and amount:
                self._pay_back(order)
        except RefundRefused as no:
            return error(no.status, no.code, str(no))
        back = self.give_back(
            order,
            rows,
            amount,
            reason=told.get("reason") or "",
            restock=truth_of(told, "api_restock"),
            by_gateway=pays,
        )
        for meta in told.get("meta_data") or ():
            self.put_meta(back.meta, meta["key"], meta["value"])
        words = self.writer.refund(order, back)
        return Answer(201, words, headers={"Location": words["_links"]["self"][0]["href"]})

    def _pay_back(self, order: Order) -> None:
        if not order.payment_method:
            message = "The payment gateway for this order does not exist."
            raise RefundRefused(500, FAILED, message)
        if order.payment_method not in GATEWAYS:
            message = "The payment gateway for this order does not support automatic refunds."
            raise RefundRefused(500, FAILED, message)
        if self.gateway_refuses:
            raise RefundRefused(500, FAILED, self.gateway_refuses)

    # Notes

    def list_notes(self, heard: Heard, order_id: str) -> Answer:
        order = self._order(order_id)
        if isinstance(order, Answer):
            return error(404, "woocommerce_rest_order_invalid_id", "Invalid order ID.")
        kind = chosen(heard, "type", ("any", "customer", "internal"), "any")
        found = [
            n
            for n in reversed(order.notes)
            if kind == "any" or n.to_customer == (kind == "customer")
        ]
        return Answer(200, [self.writer.note(order, note) for note in found])

    def make_note(self, heard: Heard, order_id: str) -> Answer:
        told = heard.words or {}
        if "note" not in told:
            return error(400, "rest_missing_callback_param", "Missing parameter(s): note")
        if isinstance(self._order(order_id), Answer):
            return error(404, "woocommerce_rest_order_invalid_id", "Invalid order ID.")
        order = self.hold(order_id)
        author = "bottega" if told.get("added_by_user") else "system"
        to_customer = bool(told.get("customer_note"))
        note = self.write_note(order, str(told["note"]), author, to_customer=to_customer)
        return Answer(201, self.writer.note(order, note))

    # Within

    def _stranger(self, heard: Heard, status: int) -> Answer:
        code, message = WORDS.get(heard.method, WORDS["GET"])
        if heard.method == "GET" and heard.path.rpartition("/")[2].isdigit():
            message = "Sorry, you cannot view this resource."
        return error(status, code, message)

    def _order(self, order_id: str, status: int = 404) -> Order | Answer:
        if not order_id.isdigit():
            return error(
                404, "rest_no_route", "No route was found matching the URL and request method."
            )
        found = self.look(int(order_id))
        if found is None:
            return error(status, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        return found
