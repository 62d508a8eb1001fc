"""A PrestaShop of its own for each test, and the adapter that a merchant's form makes for it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rientro.shops.prestashop.adapter import PrestaShop
from tests.fake_server import running
from tests.shops.fakes.prestashop import FakePrestaShop
from tests.shops.fakes.shop import Line, Sale

SCARF = Line("SCARF-R", "Scarf", 3, 3990, variant="red", weight_g=180)
SOCKS = Line("SOCKS", "Socks", 2, 799, discount=100, weight_g=60)
SALE = Sale(lines=(SCARF, SOCKS), discount=500)

Opened = Callable[..., PrestaShop]


@pytest.fixture
def fake() -> Iterator[FakePrestaShop]:
    with running(FakePrestaShop()) as fake:
        yield fake


@pytest.fixture
def opened(fake: FakePrestaShop) -> Opened:
    """The adapter for ``fake``; settings by name, ``key`` for another key."""

    def opened(key: str = "", **settings: Any) -> PrestaShop:
        credentials = fake.credentials | ({"key": key} if key else {})
        return PrestaShop(credentials, fake.settings | settings)

    return opened
