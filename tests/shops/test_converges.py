"""Whatever is edited, lost, doubled or restarted: after reconciliation our copy is what stands in the shop.

Fast here; by hand 200 seeds of 500 orders, by SHOP_SEEDS=200 and SHOP_ORDERS=500.
"""

import os

import pytest

from tests.fake_server import running
from tests.shops.filled import FILLED, Filled
from tests.shops.play import Play

SEEDS = int(os.environ.get("SHOP_SEEDS", "2"))
FIRST = int(os.environ.get("SHOP_FIRST_SEED", "1"))
ORDERS = int(os.environ.get("SHOP_ORDERS", "25"))

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
@pytest.mark.parametrize("filled", FILLED.values(), ids=list(FILLED))
def test_our_copy_is_what_stands_in_the_shop(house: None, filled: Filled, seed: int) -> None:
    with running(filled.fake()) as fake:
        credentials, settings = filled.form(fake)
        Play(fake, credentials, settings, seed=seed, orders=ORDERS).run()
