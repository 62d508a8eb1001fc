"""What every fake shop can be told by a test: the shopkeeper's hand, the shop's own books, its webhooks.

A fake is written from the shop's own documentation and knows no adapter; ``truth`` says what stands in the shop in
words that no API has, so that a misread field shows.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import httpx

from tests.fake_server import FakeServer

Post = Callable[
    [str, Mapping[str, str], bytes], int
]  # (address, headers, body) -> status of the answer


@dataclass(frozen=True)
class Line:
    """``price`` per unit as the shelf says it, tax included; ``discount`` is taken off the whole line."""

    sku: str
    name: str
    quantity: int
    price: int  # minor units
    discount: int = 0  # minor units
    variant: str = ""
    weight_g: int = 0
    hs_code: str = ""
    origin: str = ""
    tax_percent: int = 22
    image: str = ""


@dataclass(frozen=True)
class Sale:
    """What a shopper bought; the shop gives it an id and the number that the shopper knows."""

    lines: tuple[Line, ...]
    email: str = "ada@example.com"
    phone: str = "+39 055 1234567"
    name: str = "Ada Rossi"
    company: str = ""
    street: str = "Via Roma 1"
    address_2: str = ""
    postal_code: str = "50123"
    city: str = "Firenze"
    state: str = ""
    country: str = "IT"
    currency: str = "EUR"
    shipping: int = 500  # minor units, tax included
    discount: int = 0  # minor units, off the whole order, on top of the lines' own
    tags: tuple[str, ...] = ()
    in_store: bool = False  # rung up at the till, where the shop knows such sales


@dataclass(frozen=True)
class ToldLine:
    """``units`` are those the shopper has or will have: bought, less cancelled, less refunded as goods."""

    sku: str
    units: int
    price: int  # what one unit really cost, tax included, after every discount; minor units, rounded down


@dataclass(frozen=True)
class Told:
    """One order as the shopkeeper would read it out."""

    number: str
    email: str
    name: str
    postal_code: str
    country: str
    currency: str
    cancelled: bool
    fulfilled: bool
    lines: tuple[ToldLine, ...]  # by SKU; those with no units left too


@dataclass(frozen=True)
class Refunded:
    """A refund in the shop's books. ``units`` are {sku: units}; ``amount`` is in minor units, all of it."""

    amount: int
    units: Mapping[str, int] = field(default_factory=dict)
    restocked: bool = False
    note: str = ""


@dataclass(frozen=True)
class Sent:
    """A webhook that the shop would send."""

    address: str
    headers: Mapping[str, str]
    body: bytes


class ShopkeeperMay(Exception):
    """Raised by a fake for what its admin does not let one do to an order in this state."""


class FakeShop(FakeServer):
    """``SYSTEM`` is the adapter's code; ``credentials`` and ``settings`` fill its form (``settings["url"]`` is set)."""

    SYSTEM: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)  # the shop's own clock
        self.outbox: list[Sent] = []
        self.down = False  # 503 to everybody

    def tick(self, seconds: float = 1.0) -> datetime:
        """Let time pass in the shop; what changes next is stamped with it."""
        self.now += timedelta(seconds=seconds)
        return self.now

    # The shopkeeper's hand. Each stamps the order as the real shop does and puts webhooks into ``outbox``.

    def place(self, sale: Sale) -> str:
        """A new, paid order; its id as the API says it."""
        raise NotImplementedError

    def edit(self, order_id: str, **changes: str) -> None:
        """Other words in the order: ``email``, ``phone``, ``name``, ``street``, ``postal_code``, ``city``."""
        raise NotImplementedError

    def change_units(self, order_id: str, sku: str, units: int) -> None:
        """The shopkeeper edits the order before it is sent: another quantity of one line, or none."""
        raise NotImplementedError

    def cancel(self, order_id: str) -> None:
        raise NotImplementedError

    def fulfil(self, order_id: str, tracking_number: str = "") -> None:
        raise NotImplementedError

    def refund(
        self, order_id: str, units: Mapping[str, int], *, restock: bool = False, amount: int = 0
    ) -> None:
        """In the shop's own admin: these units; with ``amount`` (minor units) this much money and no goods."""
        raise NotImplementedError

    def truth(self) -> dict[str, Told]:
        """{order id: what stands in the shop now}."""
        raise NotImplementedError

    def refunds(self, order_id: str) -> list[Refunded]:
        raise NotImplementedError

    def notes(self, order_id: str) -> list[str]:
        raise NotImplementedError

    def stock(self, sku: str) -> int:
        """Units on the shelf, where this shop keeps count."""
        raise NotImplementedError

    def stock_up(self, count: int) -> None:
        """``count`` orders at once, a minute apart and without webhooks, made so that memory stays small."""
        raise NotImplementedError

    # Webhooks and restarts

    def restart(self) -> None:
        """The server goes away and comes back at the same address; its books stay."""
        self.stop()
        self.start()

    def deliver(
        self,
        post: Post,
        rng: random.Random,
        *,
        drop: float = 0.0,
        double: float = 0.0,
        shuffle: bool = False,
    ) -> list[int]:
        """Send what is in ``outbox``; the statuses of the answers."""
        waiting, self.outbox = self.outbox, []
        chosen = [sent for sent in waiting if rng.random() >= drop]
        chosen += [sent for sent in chosen if rng.random() < double]
        if shuffle:
            rng.shuffle(chosen)
        return [post(sent.address, sent.headers, sent.body) for sent in chosen]


def by_http(address: str, headers: Mapping[str, str], body: bytes) -> int:
    """A ``Post`` that really goes over the wire."""
    return httpx.post(address, headers=dict(headers), content=body, timeout=10).status_code
