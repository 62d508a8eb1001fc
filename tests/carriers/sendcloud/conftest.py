"""A fake Sendcloud for each test, and the adapter that asks it."""

import pytest

from rientro.carriers.sendcloud.adapter import Sendcloud
from tests.carriers.conftest import label_request
from tests.carriers.fakes.sendcloud import FakeSendcloud
from tests.carriers.fakes.server import running
from tests.sandbox import customer, sandbox_process

__all__ = ["customer", "sandbox_process"]

OPTION = "postnl:standard/return"
ANNOUNCE = "POST /api/v3/returns"


@pytest.fixture
def there():
    with running(FakeSendcloud()) as fake:
        yield fake


@pytest.fixture
def carrier(there):
    return Sendcloud(there.credentials, there.settings)


def wish(reference="R-1", **changes):
    return label_request(reference, **{"service": OPTION} | changes)
