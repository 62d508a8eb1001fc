"""Every carrier of the registry, standing behind the proxy. One without a world fails ``test_worlds.py``."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import httpx
import pytest

from rientro.host.fault_proxy.proxy import FaultProxy
from tests.carriers.conftest import MERCHANT, SHOPPER
from tests.carriers.fakes.behind_karrio import BehindKarrio, standing_in
from tests.carriers.fakes.bpost import FakeBpost
from tests.carriers.fakes.colissimo import FakeColissimo
from tests.carriers.fakes.dhl_parcel_de import FakeDhlParcelDe
from tests.carriers.fakes.easypost import FakeEasyPost
from tests.carriers.fakes.fedex import FakeFedEx
from tests.carriers.fakes.sendcloud import FakeSendcloud
from tests.carriers.fakes.server import FakeCarrier, running
from tests.carriers.fakes.ups import FakeUps
from tests.faults.world import OpenWorld, Sold, Standing, World
from tests.sandbox import SandboxProcess

# The sandbox, with every combination of what a carrier may lack

SWITCHED_OFF = {"idempotency": "idempotency_key", "lookup": "find_by_reference"}


def sandbox_world(sandbox: SandboxProcess, proxy: FaultProxy, *, lacks: tuple[str, ...]) -> World:
    """A customer of its own at the running sandbox program."""
    customer = sandbox.customer()
    if lacks:
        customer.switch(**dict.fromkeys(lacks, False))

    def books() -> list[Sold]:
        headers = {"Authorization": f"Bearer {customer.token}"}
        # Reading certificates, which plain HTTP does not need, takes longer than everything else here.
        told = httpx.get(f"{sandbox.url}/v1/statement", headers=headers, verify=False, timeout=30)
        lines = told.json()["lines"]
        credited = {line["label"] for line in lines if line["kind"] == "credit"}
        return [
            Sold(
                reference=line["reference"],
                carrier_reference=line["label"],
                tracking_number=line["tracking_number"],
                minor=round(float(line["amount"]["amount"]) * 100),
                voided=line["label"] in credited,
            )
            for line in lines
            if line["kind"] == "charge"
        ]

    def settings(url: str) -> dict[str, Any]:
        return {"url": url, "cannot": ",".join(SWITCHED_OFF[name] for name in lacks)}

    return World(
        code="sandbox",
        proxy=proxy,
        credentials=dict(customer.credentials),
        settings_at=settings,
        books=books,
        buying=("POST", "/v1/labels"),
        looking=("GET", "/v1/labels"),
        voiding=("DELETE", "/v1/labels/[^/]+"),
        tracking=("GET", "/v1/tracking"),
        paper=("GET", "/v1/labels/[^/]+/document"),
        scan=lambda number, status: customer.scan(number, status) and None,
        service="sandbox_return",
    )


@contextmanager
def sandbox_standing(request: pytest.FixtureRequest, lacks: tuple[str, ...]) -> Iterator[OpenWorld]:
    sandbox: SandboxProcess = request.getfixturevalue("sandbox_process")
    with FaultProxy(sandbox.url) as proxy:
        yield lambda: sandbox_world(sandbox, proxy, lacks=lacks)


# Carriers with fakes of their own. They are asked at their one name, and otherwise on this machine only: a name that
# does not resolve is met by kit.http for all of them (tests/kit/test_http.py).
FIXED_NAME = frozenset({"no such name"})


def told_by(fake: FakeCarrier) -> list[Sold]:
    return [
        Sold(
            reference=one.reference,
            carrier_reference=one.carrier_reference,
            tracking_number=one.tracking_number,
            minor=round(float(one.price) * 100),
            currency=one.currency,
            voided=one.voided,
        )
        for one in fake.books()
    ]


@contextmanager
def sendcloud_standing(request: pytest.FixtureRequest) -> Iterator[OpenWorld]:
    with running(FakeSendcloud()) as fake, FaultProxy(fake.url) as proxy:

        def open_world() -> World:
            fake.returns.clear()
            return World(
                code="sendcloud",
                proxy=proxy,
                credentials=fake.credentials,
                settings_at=lambda url: {"url": url},
                books=lambda: told_by(fake),
                buying=("POST", "/api/v3/returns"),
                answering=("GET", "/api/v3/returns/[0-9]+"),
                voiding=("PATCH", "/api/v3/returns/[0-9]+/cancel"),
                paper=("GET", "/api/v3/parcels/[0-9]+/documents/label"),
                tracking=("GET", "/api/v3/parcels/tracking/.*"),
                name_of=lambda reference: reference.rpartition("/")[2],
                refuses_repeats=True,
                service="postnl:standard/return",
                without=FIXED_NAME,
                short_s=0.4,
            )

        yield open_world


@contextmanager
def easypost_standing(request: pytest.FixtureRequest) -> Iterator[OpenWorld]:
    with running(FakeEasyPost()) as fake, FaultProxy(fake.url) as proxy:

        def open_world() -> World:
            fake.shipments.clear()
            return World(
                code="easypost",
                proxy=proxy,
                credentials=fake.credentials,
                settings_at=lambda url: {"url": url},
                books=lambda: told_by(fake),
                buying=("POST", "/v2/shipments/[^/]+/buy"),
                looking=("GET", "/v2/shipments/[^/]+"),
                voiding=("POST", "/v2/shipments/[^/]+/refund"),
                paper=("GET", "/v2/shipments/[^/]+/label"),
                tracking=("POST", "/v2/trackers/batch"),
                before=(("GET", "/v2/shipments/[^/]+"), ("POST", "/v2/shipments")),
                service="UspsReturns:GroundAdvantageReturn",
                without=FIXED_NAME,
                short_s=0.5,
            )

        yield open_world


# Carriers behind Karrio: led to the fake by the operator's map of hosts, which takes no other place than this machine

PRICES = {"ups": 635, "fedex": 1240}
NUMBERS = {
    "dhl_parcel_de": "99999{:07d}",
    "ups": "1ZA1B2C3{:010d}",
    "fedex": "7946{:08d}",
    "bpost": "3232107423{:014d}",
    "colissimo": "8R{:011d}",
}
VOIDS = {
    "ups": ("DELETE", "/api/shipments/v2409/void/cancel/.*"),
    "fedex": ("PUT", "/ship/v1/shipments/cancel"),
    "bpost": ("POST", "/services/shm/107000/orders/.+"),
}
TRACKS = {
    "dhl_parcel_de": ("GET", "/parcel/de/tracking/.*"),
    "ups": ("GET", "/api/track/v1/details/.*"),
    "fedex": ("POST", "/track/v1/trackingnumbers"),
    "bpost": ("GET", ".*/trackingInfo"),
    "colissimo": ("GET", "/suivi/v2/idships/.*"),
}
# What a carrier's 401 means whose access token may just have ended: asked for a new one, and asked again.
BY_TOKEN = {"401": "token"}
# bpost answers an order with nothing at all: there is nothing to cut or to take for another's, and the label is
# fetched by our reference. Colissimo's answer has parts: where the paper alone is cut, the label is known all the same.
BY_ITS_PARTS = {
    "bpost": dict.fromkeys(
        ("200 with nothing, or 204", "JSON cut off", "another parcel's answer"), "fine"
    ),
    "colissimo": {"JSON cut off": "told in part"},
}


def karrio_books(fake: BehindKarrio) -> list[Sold]:
    numbers = NUMBERS[fake.CODE]
    voided = getattr(fake, "voided", [])
    sold = []
    for place, reference in enumerate(fake.bought, start=1):
        number = numbers.format(place)
        name = reference if fake.CODE == "bpost" else number
        sold.append(
            Sold(
                reference=reference,
                carrier_reference=name,
                tracking_number=number,
                minor=PRICES.get(fake.CODE),
                voided=name in voided,
            )
        )
    return sold


@contextmanager
def karrio_standing(
    made: type[BehindKarrio], request: pytest.FixtureRequest
) -> Iterator[OpenWorld]:
    with running(made()) as fake, FaultProxy(fake.url) as proxy, ExitStack() as stack:
        leads = stack.enter_context(ExitStack())

        def lead(url: str) -> None:
            leads.close()
            leads.enter_context(standing_in(fake, url))

        def open_world() -> World:
            lead(proxy.url)
            sold_before = len(fake.bought)
            method, _, path = fake.PURCHASE.partition(" ")
            return World(
                code=fake.CODE,
                proxy=proxy,
                credentials=fake.credentials,
                settings_at=lambda url: fake.settings,
                books=lambda: karrio_books(fake)[sold_before:],
                buying=(method, re.escape(path)),
                before=(("POST", re.escape(fake.TOKEN)),) if fake.TOKEN else (),
                voiding=VOIDS.get(fake.CODE, ("", "")),
                tracking=TRACKS[fake.CODE],
                answering=("GET", ".*/labels/A6") if fake.CODE == "bpost" else ("", ""),
                service=fake.WISH["service"],
                sender=fake.WISH.get("sender", SHOPPER),
                receiver=fake.WISH.get("receiver", MERCHANT),
                otherwise={"not made for this": "doubt"}
                | (BY_TOKEN if fake.TOKEN else {})
                | BY_ITS_PARTS.get(fake.CODE, {}),
                without=FIXED_NAME | {"TLS fails"},
                lead=lead,
                short_s=0.4,
            )

        yield open_world


# By name: which carrier, and what stands while its rows are played. A carrier with contracts of different
# abilities has a world for each.
WORLDS: dict[str, tuple[str, Standing]] = {
    f"sandbox {name}": ("sandbox", partial(sandbox_standing, lacks=lacks))
    for name, lacks in {
        "both": (),
        "lookup": ("idempotency",),
        "keys": ("lookup",),
        "neither": ("idempotency", "lookup"),
    }.items()
} | {
    "sendcloud": ("sendcloud", sendcloud_standing),
    "easypost": ("easypost", easypost_standing),
    "dhl_parcel_de": ("dhl_parcel_de", partial(karrio_standing, FakeDhlParcelDe)),
    "ups": ("ups", partial(karrio_standing, FakeUps)),
    "fedex": ("fedex", partial(karrio_standing, FakeFedEx)),
    "bpost": ("bpost", partial(karrio_standing, FakeBpost)),
    "colissimo": ("colissimo", partial(karrio_standing, FakeColissimo)),
}
