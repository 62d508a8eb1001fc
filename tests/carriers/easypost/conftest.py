"""A fake EasyPost for each test, the adapter that asks it, and a shopper in its country."""

from dataclasses import replace

import pytest

from rientro.carriers.easypost.adapter import EasyPost
from tests.carriers.conftest import SHOPPER, label_request
from tests.carriers.fakes.easypost import FakeEasyPost
from tests.carriers.fakes.server import running

FIRST = f"shp_{1:032x}"
AMERICAN = replace(
    SHOPPER,
    street="N Harbor Dr",
    house_number="179",
    city="Redondo Beach",
    state="CA",
    postal_code="90277",
    country="US",
)


@pytest.fixture
def there():
    with running(FakeEasyPost()) as fake:
        yield fake


@pytest.fixture
def carrier(there):
    return EasyPost(there.credentials, there.settings)


def wish(reference="R-1", **changes):
    usual = {"service": "USPS:GroundAdvantage", "sender": AMERICAN}
    return label_request(reference, **usual | changes)
