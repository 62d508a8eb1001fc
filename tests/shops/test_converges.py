"""Whatever is edited, lost, doubled or restarted: after reconciliation our copy is what stands in the shop.

Fast here; by hand 200 seeds of 500 orders, by SHOP_SEEDS=200 and SHOP_ORDERS=500.
"""

import os
from collections.abc import Iterator

import pytest
from django.db import transaction

from rientro.kit.tenancy import acting_for
from tests import makers
from tests.fake_server import running
from tests.shops.filled import FILLED, Filled
from tests.shops.play import Play

SEEDS = int(os.environ.get("SHOP_SEEDS", "2"))
FIRST = int(os.environ.get("SHOP_FIRST_SEED", "1"))
ORDERS = int(os.environ.get("SHOP_ORDERS", "25"))

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("RIENTRO_ALLOW_PRIVATE_TARGETS", "1")
    with transaction.atomic():
        merchant = makers.make_merchant()
    with acting_for(merchant.pk):
        with transaction.atomic():
            makers.make_address(brand=makers.make_brand(), is_default=True)
        yield


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
@pytest.mark.parametrize("filled", FILLED.values(), ids=list(FILLED))
def test_our_copy_is_what_stands_in_the_shop(house: None, filled: Filled, seed: int) -> None:
    with running(filled.fake()) as fake:
        credentials, settings = filled.form(fake)
        Play(fake, credentials, settings, seed=seed, orders=ORDERS).run()
