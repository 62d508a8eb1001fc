"""A reader of a shop or of a folder dies at each marked point: nothing is lost, nothing is there twice."""

from datetime import timedelta

import pytest
from django.db import transaction

from rientro.flows.connect_shop import connect_shop
from rientro.flows.fetch_shop_orders import read_shop_news
from rientro.flows.walk_shop import walk_shop
from rientro.host.crash.points import FETCHING, READING
from rientro.kit import crash_points
from rientro.kit.tenancy import acting_for
from rientro.models import FileSource, Order, ShopLink, ShopMessage, ShopWalk
from rientro.models.shop_consent import ShopWish
from tests import makers
from tests.flows.little_shop import CODE, START, little_shop
from tests.flows.test_look_at_source import desk, files, known
from tests.flows.test_run_import import SCARF

__all__ = ["desk", "known"]

pytestmark = pytest.mark.django_db(transaction=True)
NOW = START + timedelta(days=1)


class Died(BaseException):
    """The reader, at a marked point."""


@pytest.fixture
def shop(monkeypatch):
    monkeypatch.setenv("RIENTRO_ALLOW_PRIVATE_TARGETS", "1")
    with transaction.atomic():
        merchant = makers.make_merchant()
    with acting_for(merchant.pk), little_shop() as shop:
        with transaction.atomic():
            makers.make_address(brand=makers.make_brand(), is_default=True)
        yield shop


def dying(point, work):
    """Let ``work`` run until it passes ``point``; did it come that far?"""
    died = []

    def ghost(name):
        if name == point and not died:
            died.append(name)
            raise Died

    crash_points.haunt(ghost)
    try:
        work()
    except Died:
        pass
    finally:
        crash_points.haunt(None)
    return bool(died)


def read(link):
    with transaction.atomic():
        walk = ShopWalk.objects.get(link=link, kind="backfill")
    while walk_shop(walk=walk, now=NOW):
        pass


def numbers():
    with transaction.atomic():
        return sorted(Order.objects.values_list("number", flat=True))


@pytest.mark.parametrize("point", READING)
def test_every_order_is_there_once(shop, point):
    for number in range(8):
        shop.put(str(number))
    wish = ShopWish(system=CODE, url=shop.url, credentials=shop.credentials)
    link = connect_shop(wish=wish, actor="member:1", now=NOW)

    def work():
        read(link)
        with transaction.atomic():
            for number in ("0", "7"):
                ShopMessage.objects.get_or_create(
                    link=link,
                    delivery_key=number,
                    defaults={"kind": "orders", "order_ids": [number], "received_at": NOW},
                )
        read_shop_news(link=link, now=NOW)

    assert dying(point, work)
    work()

    assert numbers() == [f"L-{number}" for number in range(8)]
    with transaction.atomic():
        assert not ShopMessage.objects.filter(processed_at=None).exists()
        assert ShopLink.objects.get().failures == 0


@pytest.mark.parametrize("point", FETCHING)
def test_a_file_is_read_once_and_moved_away(known, jobs, point):
    with transaction.atomic():
        FileSource.objects.update(after="move")
    known.put("second.csv", SCARF.replace("BR-1", "BR-2"))

    def work():
        known.look(jobs, after_min=15)

    assert dying(point, work) or dying(
        point, work
    )  # it is moved away by the look after it was read
    for _ in range(3):
        work()

    assert numbers() == ["BR-1", "BR-2"]
    assert files() == [("first.csv", "taken"), ("second.csv", "taken")]
    assert not list(known.folder.glob("*.csv"))
