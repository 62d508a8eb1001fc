"""Each carrier as the matrix sees it: an account, a fake or sandbox behind the proxy, and its own books.

A registered carrier without a world here fails ``test_worlds.py``.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import pytest

from rientro.carriers.base import Can
from rientro.carriers.registry import open_carrier
from rientro.host.fault_proxy.proxy import FaultProxy
from tests.sandbox import SandboxProcess

Kind = tuple[str, str]  # method, and a regular expression for the whole path


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A label in the carrier's books. ``minor`` is what it costs while it is not voided."""

    reference: str
    carrier_reference: str
    tracking_number: str
    minor: int
    currency: str = "EUR"
    voided: bool = False


@dataclass(slots=True, kw_only=True)
class World:
    """One account at one carrier. ``books`` reads the carrier's own list, past the proxy."""

    code: str
    proxy: FaultProxy
    credentials: dict[str, Any]
    settings_at: Callable[
        [str], dict[str, Any]
    ]  # the account's settings, with the carrier at this address
    books: Callable[[], list[Sold]]
    buying: Kind
    looking: Kind = ("", "")
    voiding: Kind = ("", "")
    tracking: Kind = ("", "")
    paper: Kind = ("", "")
    scan: Callable[[str, str], None] | None = None
    service: str = ""
    account: dict[str, Any] = field(default_factory=dict)
    returns: dict[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Any]:
        return self.settings_at(self.proxy.url)

    @property
    def can(self) -> Can:
        return open_carrier(self.code, self.credentials, self.settings).can

    def posts(self) -> int:
        """Purchases that went over the wire."""
        return self.proxy.count(*self.buying)


OpenWorld = Callable[[], World]
Standing = Callable[..., AbstractContextManager[OpenWorld]]

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
}
