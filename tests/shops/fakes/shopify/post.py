"""What the fake Shopify sends: the webhooks of its subscriptions, and those that privacy laws ask for."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.shops.fakes.shop import FakeShop, Sent
from tests.shops.fakes.shopify import rest
from tests.shops.fakes.shopify.books import Order, place
from tests.shops.fakes.shopify.shelf import Shelf, stocked_sale


@dataclass
class Buyer:
    """A customer; ``credit`` is store credit in minor units, by currency."""

    id: int
    email: str
    first_name: str
    last_name: str
    phone: str
    created: datetime
    credit: dict[str, int] = field(default_factory=dict)


@dataclass
class Subscription:
    id: int
    topic: str  # ORDERS_UPDATED
    uri: str
    at: datetime
    updated: datetime
    name: str | None = None
    filter: str | None = None
    include_fields: list[str] = field(default_factory=list)
    format: str = "JSON"


class Post(FakeShop):
    """``taxes_included``, ``prefix``, ``currency`` and ``edits_are_refunds`` may be set before the first sale."""

    def __init__(self) -> None:
        super().__init__()
        self.domain = "rientro-test.myshopify.com"
        self.prefix = "#"
        self.currency = "EUR"
        self.country = "IT"
        self.taxes_included = True
        self.edits_are_refunds = True  # units taken out by an edit stand in ``refunds`` too, unpaid
        self.client_secret = "shpss_2b9f5c0d7a41e86033bd"
        self.version = "2026-10"
        self.https_only = False
        self.compliance_address = ""  # set in the app's configuration, never by the API
        self.shelf = Shelf(self.stocked)
        self.buyers: dict[str, Buyer] = {}
        self.stock_of: dict[str, int] = {}
        self.subscriptions: dict[int, Subscription] = {}
        self._serial = 0

    def tell(self, order: Order, *topics: str) -> None:
        for topic in topics:
            payload = rest.edit_of(order) if topic == "orders/edited" else rest.order(order, self)
            self.send(topic, payload)

    def change(self, order: Order, *topics: str) -> None:
        order.updated = self.moment()
        self.shelf.put(order)
        self.tell(order, *topics)

    def send(self, topic: str, payload: dict[str, Any]) -> None:
        """To everybody who asked for ``topic``."""
        wanted = topic.upper().replace("/", "_")
        event = self._uuid("event")
        for subscription in self.subscriptions.values():
            if subscription.topic == wanted:
                fields = subscription.include_fields
                told = {n: payload[n] for n in fields if n in payload} if fields else payload
                self.outbox.append(self._sent(subscription.uri, topic, told, event))

    def ask_for_data(self, email: str) -> None:
        """A shopper wants to see what is held."""
        orders = self._orders_of(email)
        words = {"orders_requested": orders, "data_request": {"id": self.serial()}}
        self._comply("customers/data_request", self._person(email) | words)

    def redact_customer(self, email: str) -> None:
        words = {"orders_to_redact": self._orders_of(email)}
        self._comply("customers/redact", self._person(email) | words)

    def redact_shop(self) -> None:
        """48 hours after the app was taken out."""
        self._comply("shop/redact", self._shop_words())

    def _comply(self, topic: str, payload: dict[str, Any]) -> None:
        if self.compliance_address:
            sent = self._sent(self.compliance_address, topic, payload, self._uuid("event"))
            self.outbox.append(sent)

    def _person(self, email: str) -> dict[str, Any]:
        buyer = self.buyers.get(email)
        customer = {
            "id": buyer.id if buyer else None,
            "email": email,
            "phone": buyer.phone if buyer else None,
        }
        return self._shop_words() | {"customer": customer}

    def _shop_words(self) -> dict[str, Any]:
        return {"shop_id": 954_889, "shop_domain": self.domain}

    def _orders_of(self, email: str) -> list[int]:
        buyer = self.buyers.get(email)
        found = (self.shelf.get(id) for id in self.shelf.ids())
        return [o.id for o in found if o and buyer and o.customer_id == buyer.id]

    def _sent(self, address: str, topic: str, payload: dict[str, Any], event: str) -> Sent:
        body = json.dumps(payload, ensure_ascii=False).encode()
        digest = hmac.new(self.client_secret.encode(), body, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": self.domain,
            "X-Shopify-API-Version": self.version,
            "X-Shopify-Webhook-Id": self._uuid("webhook"),
            "X-Shopify-Event-Id": event,
            "X-Shopify-Triggered-At": f"{self.now:%Y-%m-%dT%H:%M:%S.%f}000Z",
            "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
        }
        return Sent(address, headers, body)

    def moment(self) -> datetime:
        """The shop's clock as the shop writes it down: whole seconds."""
        return self.now.astimezone(UTC).replace(microsecond=0)

    def serial(self) -> int:
        self._serial += 1
        return 830_000_000 + self._serial

    def _uuid(self, kind: str) -> str:
        digest = hashlib.sha256(f"{kind}{self.serial()}".encode()).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"

    def stocked(self, number: int, at: datetime) -> Order:
        """One of ``stock_up``'s orders."""
        return place(
            stocked_sale(number),
            number,
            at,
            taxes_included=self.taxes_included,
            prefix=self.prefix,
            customer_id=0,
        )
