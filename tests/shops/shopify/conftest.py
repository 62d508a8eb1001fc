"""A Shopify of its own for each test, and the adapter that a merchant's form makes for it."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from rientro.shops.shopify.adapter import Shopify
from tests.fake_server import Heard, running
from tests.shops.fakes.shop import Line, Sale
from tests.shops.fakes.shopify import FakeShopify

SCARF = Line(
    "SCARF-R",
    "Scarf",
    3,
    3990,
    variant="Red",
    weight_g=180,
    hs_code="621410",
    origin="IT",
    image="https://cdn.example.com/scarf.jpg",
)
SOCKS = Line("SOCKS", "Socks", 2, 799, discount=100, weight_g=60)
SALE = Sale(lines=(SCARF, SOCKS), discount=500, tags=("vip",))
Opened = Callable[..., Shopify]


@pytest.fixture
def fake() -> Iterator[FakeShopify]:
    with running(FakeShopify()) as fake:
        fake.domain = urlsplit(fake.url).netloc
        yield fake


@pytest.fixture
def opened(fake: FakeShopify) -> Opened:
    """The adapter for ``fake``; credentials by name, ``settings`` for others of these."""

    def opened(settings: dict[str, Any] | None = None, **keys: str) -> Shopify:
        given = {"client_id": fake.client_id, "client_secret": fake.client_secret}
        return Shopify(given | keys, fake.settings | (settings or {}))

    return opened


def asked(fake: FakeShopify, word: str) -> list[Heard]:
    """The requests whose query holds ``word``."""
    return [one for one in fake.heard if one.path.endswith(".json") and word.encode() in one.body]
