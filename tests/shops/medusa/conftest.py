"""A Medusa of its own for each test, and the adapter that a merchant's form makes for it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rientro.shops.medusa.adapter import Medusa
from tests.fake_server import running
from tests.shops.fakes.medusa import FakeMedusa
from tests.shops.fakes.shop import Line, Sale

SCARF = Line("SCARF-R", "Scarf", 3, 3990, variant="Red", weight_g=180, hs_code="6214", origin="IT")
SOCKS = Line("SOCKS", "Socks", 2, 799, discount=100, weight_g=60)
SALE = Sale(lines=(SCARF, SOCKS), discount=500)

Opened = Callable[..., Medusa]


@pytest.fixture
def fake() -> Iterator[FakeMedusa]:
    with running(FakeMedusa()) as fake:
        yield fake


@pytest.fixture
def opened(fake: FakeMedusa) -> Opened:
    """The adapter for ``fake``; ``settings`` for others of these, the key by name."""

    def opened(settings: dict[str, Any] | None = None, secret_key: str = "") -> Medusa:
        keys = {"secret_key": secret_key} if secret_key else fake.credentials
        return Medusa(keys, fake.settings | (settings or {}))

    return opened
