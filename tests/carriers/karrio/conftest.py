"""One fake per carrier, and the adapter that is led to it."""

from collections.abc import Iterator

import pytest

from rientro.carriers.karrio import tokens
from rientro.carriers.registry import open_carrier
from tests.carriers.fakes.behind_karrio import BehindKarrio, standing_in
from tests.carriers.fakes.bpost import FakeBpost
from tests.carriers.fakes.colissimo import FakeColissimo
from tests.carriers.fakes.dhl import FakeDhl
from tests.carriers.fakes.dhl_parcel_de import FakeDhlParcelDe
from tests.carriers.fakes.fedex import FakeFedEx
from tests.carriers.fakes.gls import FakeGls
from tests.carriers.fakes.server import running
from tests.carriers.fakes.ups import FakeUps

SELLERS = (FakeDhlParcelDe, FakeUps, FakeFedEx, FakeBpost, FakeColissimo)
FOLLOWERS = (FakeGls, FakeDhl)
EVERY = (*SELLERS, *FOLLOWERS)


def named(fake):
    return fake.CODE


@pytest.fixture
def there(request) -> Iterator[BehindKarrio]:
    """Parametrize with ``indirect``: the class of a fake."""
    with running(request.param()) as fake, standing_in(fake):
        yield fake
    tokens.forget_all()


@pytest.fixture
def carrier(there):
    return open_carrier(there.CODE, there.credentials, there.settings)
