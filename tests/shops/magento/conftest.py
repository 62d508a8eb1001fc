"""A Magento of its own for each test, and the adapter that a merchant's form makes for it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rientro.kit.money import Money
from rientro.shops.base import RefundRequest
from rientro.shops.magento.adapter import Magento
from tests.fake_server import running
from tests.shops.fakes import magento
from tests.shops.fakes.shop import Line, Sale

SCARF = Line("SCARF-R", "Scarf", 3, 3990, variant="red", weight_g=180)
SOCKS = Line("SOCKS", "Socks", 2, 799, discount=100, weight_g=60, hs_code="6115", origin="PT")
SALE = Sale(lines=(SCARF, SOCKS), discount=500)

Opened = Callable[..., Magento]


@pytest.fixture
def fake() -> Iterator[magento.Magento]:
    with running(magento.Magento()) as fake:
        yield fake


@pytest.fixture
def opened(fake: magento.Magento) -> Opened:
    """The adapter for ``fake``; ``keys`` are other credentials, settings stand by name."""

    def opened(keys: dict[str, str] | None = None, **settings: Any) -> Magento:
        credentials = fake.credentials if keys is None else keys
        return Magento(credentials, fake.settings | settings)

    return opened


def refund_of(order_id: str, amount: int, **more: Any) -> RefundRequest:
    words: dict[str, Any] = {
        "external_order_id": order_id,
        "reference": more.pop("reference", "R-7F3A-1"),
        "amount": Money(amount, "EUR"),
        "shipping": Money(more.pop("shipping", 0), "EUR"),
    }
    return RefundRequest(**words, **more)
