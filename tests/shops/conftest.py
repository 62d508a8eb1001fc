"""What the tests of all shops stand on: servers on this machine may be asked; a merchant with a brand and a place."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from rientro.kit.tenancy import acting_for
from tests import makers


@pytest.fixture(autouse=True)
def private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIENTRO_ALLOW_PRIVATE_TARGETS", "1")


@pytest.fixture
def house(transactional_db: None) -> Iterator[None]:
    with transaction.atomic():
        merchant = makers.make_merchant()
    with acting_for(merchant.pk):
        with transaction.atomic():
            makers.make_address(brand=makers.make_brand(), is_default=True)
        yield
