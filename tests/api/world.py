"""A merchant whose rows the API's document can name: orders, returns with labels of the real sandbox, rules, webhooks.

Everything is made through the API itself, so that an operation that is new needs at most one line in ``BODIES``;
the ids for the parts of a path are read from the list that stands before them.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client

from rientro.api import openapi
from rientro.api.webhooks.standard import MOST_BYTES
from rientro.flows.connect_carrier import Contract, connect_carrier
from rientro.flows.mint_api_key import mint_api_key
from rientro.kit import clock
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Event, LookupCounter, WebhookEndpoint
from rientro.models.webhook_words import words_for
from tests import makers
from tests.api.conftest import basic
from tests.api.examples import BODIES, incoming
from tests.conftest import Jobs, _lacks_merchant
from tests.receivers import Receiver
from tests.sandbox import sandbox_process

__all__ = ["World", "sandbox_process", "world"]

DOMAIN = "brina"
AGAIN = {
    "v2_create_incoming_return",
    "v2_upload_return_image",
    "oauth_token",
}  # not made by ``make``
OF_AN_INTEGRATION = (  # gone with it
    "v3_create_event_connection",
    "v3_create_event_subscription",
    "v2_create_integration_log",
)


class World:
    """One merchant, its key, and what it has. ``known`` is {path up to a part: ids that stand there}."""

    def __init__(self, customer: Any, domain: str = DOMAIN, *, full: bool = True) -> None:
        self.customer, self.domain = customer, domain
        self.receiver = Receiver()
        self.client = Client(raise_request_exception=False)
        self.serial = 0
        self.known: dict[str, list[str]] = {}
        self.merchant = makers.make_merchant()
        with merchant_transaction(self.merchant.pk):
            self.brand = makers.make_brand(
                slug=domain, portal={"in_store": True, "fee_minor": 490}, name="Brina"
            )
            makers.make_address(self.brand)
            makers.make_address(self.brand, label="Brera", is_store=True, is_return=False)
            self.rome = makers.make_address(self.brand, label="Roma")
            makers.make_brand()
            self.listeners = {
                style: WebhookEndpoint(style=style, url=self.receiver.url, detail="full")
                for style in ("standard", "connection", "integration")
            }
        self.told = 0
        self.connect()
        self.filled = self.integration.pk
        with acting_for(self.merchant.pk):
            connect_carrier(
                contract=Contract(
                    carrier="sandbox",
                    name="Sandbox",
                    credentials={"token": customer.token},
                    settings={"url": customer.url},
                    service="sandbox_return",
                ),
                account=None,
                actor="member:1",
                now=clock.now(),
            )
        if full:
            self.fill()

    def connect(self) -> None:
        """An integration with a living key; the one before may be gone."""
        with merchant_transaction(self.merchant.pk):
            self.integration = makers.make_integration(shop_name="Shop A")
            minted = mint_api_key(integration=self.integration, actor="member:1", now=clock.now())
        self.listeners["integration"].integration = self.integration
        self.key, self.authorization = minted.key, basic(minted.public_key, minted.secret_key)
        self.public_key, self.secret_key = minted.public_key, minted.secret_key

    def fill(self) -> None:
        """Orders, returns at every stage, rules, log lines, webhooks; labels are bought, one is scanned."""
        for _ in range(4):
            self.make_order()
        self.make_portal_return("drop_off_point")
        self.make_portal_return("in_store")
        self.harvest()
        for name in sorted(set(BODIES) & set(descriptions()) - AGAIN):
            self.make(name)
        self.run_jobs()
        for label in self.customer.labels()[:1]:
            self.customer.scan(label["tracking_number"], "in_transit")
        self.harvest()

    # Asking

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        content = b"" if body is None else body if isinstance(body, bytes) else encoded(body)
        headers = {"authorization": self.authorization} | more.pop("headers", {})
        more = {"content_type": "application/json"} | more
        return self.client.generic(method, path, content, headers=headers, **more)

    def make(self, operation_id: str) -> Any:
        """Send the operation's own example; the answer."""
        path, method = descriptions()[operation_id][:2]
        return self.ask(method.upper(), self.path(path), BODIES[operation_id](self))

    def contract(self) -> int:
        return int(self.ask("GET", "/api/v2/contracts").json()["contracts"][0]["id"])

    def tell(self) -> None:
        """Put every event since the last time into the words of each kind of receiver, as the worker would."""
        with merchant_transaction(self.merchant.pk):
            since = Event.objects.filter(pk__gt=self.told).select_related("ret__order", "order")
            for event in since.order_by("pk"):
                for style, endpoint in self.listeners.items():
                    if words_for(style).wants(event):
                        body = words_for(style).body(event, endpoint)
                        assert isinstance(json.loads(body), dict)
                        assert len(body.encode()) < 2 * MOST_BYTES
                self.told = event.pk

    def next(self) -> int:
        self.serial += 1
        return self.serial

    def body(self, operation_id: str) -> Any:
        """A good body; of a look-up's operation, for what was just found. None where JSON cannot say it."""
        if operation_id not in BODIES:
            return {}
        if operation_id == "v2_create_incoming_return":
            self.look_up()
        told = BODIES[operation_id](self)
        return {} if operation_id == "v2_upload_return_image" else told

    def make_order(self) -> dict[str, Any]:
        [made] = self.make("v2_upsert_shipments").json()
        return {**made, "number": f"BR-{self.serial}"}

    def look_up(self) -> str:
        """The Authorization of a shopper who has just found an order; what was found is ``found``."""
        query = {"identifier": self.make_order()["number"], "postal_code": "10131"}
        told = self.client.get(f"{self.portal}/outgoing", query).json()
        self.found = told["data"]
        self.bearer = f"Bearer {told['access_token']}"
        return self.bearer

    def make_portal_return(self, method: str = "drop_off_point") -> None:
        bearer = {"authorization": self.look_up()}
        body = incoming(self) | {"delivery_option": method}
        told = self.ask("POST", f"{self.portal}/incoming", body, headers=bearer).json()
        self.poller = told["poller_url"]

    def label_token(self) -> str:
        """A portal's token for the label of the newest return; made anew, for they live a quarter of an hour."""
        return parse_qs(urlsplit(self.poller).query)["token"][0]

    def numbers(self) -> list[int]:
        """Ids of parcels, the labelled first."""
        parcels = self.ask("GET", "/api/v2/parcels").json()["parcels"]
        ordered = sorted(parcels, key=lambda one: not one.get("tracking_number"))
        return [one["id"] for one in ordered]

    @property
    def portal(self) -> str:
        return f"/api/v2/brand/{self.domain}/return-portal"

    def run_jobs(self) -> None:
        Jobs().run(most=5000)

    def refresh(self, *, whole: bool) -> None:
        """Tried look-ups are forgotten and a lost key is replaced; ``whole``: with a new order and label too."""
        with merchant_transaction(self.merchant.pk):
            LookupCounter.objects.all().delete()
        alive = self.ask("GET", "/api/v2/user").status_code == 200
        if not alive:
            self.connect()
        if whole or self.filled != self.integration.pk:
            if self.filled != self.integration.pk:
                for name in OF_AN_INTEGRATION:
                    self.harvest()
                    self.make(name)
            self.filled = self.integration.pk
            self.make_order()
            self.make_portal_return()
            self.run_jobs()
            self.harvest()

    def before(self, operation_id: str) -> None:
        """Make what the operation is about to remove or end."""
        path, method, _ = descriptions()[operation_id]
        if method != "delete" and not path.endswith("/cancel"):
            return
        before = path.removesuffix("/cancel").rpartition("/{")[0]
        if "/returns" in path or "/parcels" in path:
            self.make_portal_return()
        elif "post" in openapi.document()["paths"].get(before, {}):
            posted = openapi.document()["paths"][before]["post"]["operationId"]
            if posted in BODIES:
                self.make(posted)
        self.harvest()

    # What stands where

    def path(self, template: str) -> str:
        """The address with real ids in it."""
        return re.sub(r"\{(\w+)\}", lambda part: self.ids(template[: part.end()])[0], template)

    def ids(self, upto: str) -> list[str]:
        """What may stand in the last part of ``upto`` (``/api/v3/orders/{order_id}``), newest first."""
        name = upto.rpartition("{")[2].rstrip("}")
        fixed = {
            "integration_id": [str(self.integration.pk)],
            "domain": [self.domain],
            "kind": ["label"],
        }
        found = fixed.get(name) or self.known.get(upto)
        if found:
            return found
        return next(
            (ids for path, ids in self.known.items() if path.endswith(f"{{{name}}}")), ["1"]
        )

    def harvest(self) -> None:
        """Read every list that stands before a part of a path; newest first."""
        self.known.clear()
        for path in openapi.document()["paths"]:
            for part in re.finditer(r"/\{(\w+)\}", path):
                upto, before = path[: part.end()], path[: part.start()]
                if "get" in openapi.document()["paths"].get(before, {}) and upto not in self.known:
                    answer = self.ask("GET", self.path(before))
                    if answer.status_code == 200:
                        found = list(dict.fromkeys(ids_in(answer.json(), part[1])))
                        self.known |= {upto: found} if found else {}
        numbers = [str(number) for number in self.numbers()]
        parcels = self.ask("GET", "/api/v2/parcels").json()["parcels"]
        tracked = [one["tracking_number"] for one in parcels if one.get("tracking_number")]
        for path in openapi.document()["paths"]:
            for part in re.finditer(r"/\{(number|tracking_number)\}", path):
                self.known[path[: part.end()]] = numbers if part[1] == "number" else tracked


@pytest.fixture(scope="module")
def world(django_db_setup: Any, django_db_blocker: Any, sandbox_process: Any) -> Iterator[World]:
    """For all tests of a module, which therefore must not ask for ``db``."""
    with django_db_blocker.unblock():
        made = World(sandbox_process.customer())
        yield made
        made.receiver.close()
        django_db_setup.empty()


def descriptions() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """{operation id: (path, method, what the document says)}"""
    return {
        told["operationId"]: (path, method, told)
        for path, methods in openapi.document()["paths"].items()
        for method, told in methods.items()
    }


def ids_in(told: Any, name: str) -> Iterator[str]:
    """The ids of the first list of objects in an answer."""
    rows = (
        told
        if isinstance(told, list)
        else next((value for value in told.values() if isinstance(value, list)), [])
    )
    for row in rows:
        for key in ("id", name, "identifier", "uuid", "code"):
            if isinstance(row, dict) and row.get(key):
                yield str(row[key])
                break


def encoded(body: Any) -> bytes:
    return json.dumps(body).encode()


@contextmanager
def watched() -> Iterator[list[str]]:
    """The statements that named no merchant (ADR 0003), gathered in the block."""
    nameless: list[str] = []

    def look(execute: Any, statement: str, params: Any, many: bool, context: Any) -> Any:
        if _lacks_merchant(statement):
            nameless.append(statement)
        return execute(statement, params, many, context)

    with connection.execute_wrapper(look):
        yield nameless
