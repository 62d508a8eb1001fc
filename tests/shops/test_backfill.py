"""A large shop is read to its end, at a pace and in a space that do not depend on its size.

By hand: SHOP_BACKFILL=100000 and `-k woocommerce -s`; it prints orders a second and how memory grew.
"""

import os
import resource
import sys
import time

import pytest
from django.db import transaction

from rientro.flows.connect_shop import connect_shop
from rientro.flows.walk_shop import walk_shop
from rientro.models import Order, ShopRefusal, ShopWalk
from rientro.models.shop_consent import ShopWish
from tests.fake_server import running
from tests.shops.filled import FILLED, Filled

COUNT = int(os.environ.get("SHOP_BACKFILL", "230"))

pytestmark = [pytest.mark.django_db(transaction=True)]


def size_mb() -> float:
    """This process at its largest so far; the fake shop lives in it as well."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("filled", FILLED.values(), ids=list(FILLED))
def test_every_order_of_a_large_shop_comes_in(house: None, filled: Filled) -> None:
    with running(filled.fake()) as fake:
        fake.heard = _Forgetful()
        fake.stock_up(COUNT)
        credentials, settings = filled.form(fake)
        wish = ShopWish(
            system=fake.SYSTEM, url=fake.url, credentials=credentials, settings=settings, days=730
        )
        link = connect_shop(wish=wish, actor="member:1", now=fake.now)
        with transaction.atomic():
            walk = ShopWalk.objects.get(link=link, kind="backfill")
        begun, before = time.monotonic(), 0.0
        while walk_shop(walk=walk, now=fake.now):
            before = before or size_mb()
        seconds = time.monotonic() - begun

        with transaction.atomic():
            assert ShopRefusal.objects.count() == 0
            assert Order.objects.count() == COUNT
            assert ShopWalk.objects.get(pk=walk.pk).next_at is None
        grown = size_mb() - (before or size_mb())
        said = f"{fake.SYSTEM}: {COUNT / seconds:.0f} orders/s, {grown:.0f} MB more at the end"
        sys.stderr.write(f"\n{said}\n")
        assert grown < 60


class _Forgetful(list):  # type: ignore[type-arg]
    """What was heard is of no use here, and would be most of the memory."""

    def append(self, _: object) -> None:
        return
