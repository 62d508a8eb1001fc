"""A WooCommerce of its own for each test, and the adapter that a merchant's form makes for it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rientro.shops.woocommerce.adapter import WooCommerce
from tests.fake_server import running
from tests.shops.fakes.shop import Line, Sale
from tests.shops.fakes.woocommerce import FakeWooCommerce

SCARF = Line("SCARF-R", "Scarf", 3, 3990, variant="Red", weight_g=180, hs_code="6214", origin="IT")
SOCKS = Line("SOCKS", "Socks", 2, 799, discount=100, weight_g=60)
SALE = Sale(lines=(SCARF, SOCKS), discount=500)

Opened = Callable[..., WooCommerce]


@pytest.fixture
def fake() -> Iterator[FakeWooCommerce]:
    with running(FakeWooCommerce()) as fake:
        yield fake


@pytest.fixture
def opened(fake: FakeWooCommerce) -> Opened:
    """The adapter for ``fake``; credentials by name, ``settings`` for others of these."""

    def opened(settings: dict[str, Any] | None = None, **keys: str) -> WooCommerce:
        return WooCommerce(fake.credentials | keys, fake.settings | (settings or {}))

    return opened
