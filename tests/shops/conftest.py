"""A merchant with a brand and a place, for what goes through the flows of the house."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from rientro.kit.tenancy import acting_for
from tests import makers


@pytest.fixture
def house(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("RIENTRO_ALLOW_PRIVATE_TARGETS", "1")
    with transaction.atomic():
        merchant = makers.make_merchant()
    with acting_for(merchant.pk):
        with transaction.atomic():
            makers.make_address(brand=makers.make_brand(), is_default=True)
        yield
