"""Readings of a shop that something crosses: what a merchant does meanwhile counts, and no order is passed over."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from rientro.flows.connect_shop import ShopTaken, connect_shop
from rientro.flows.delete_integration import delete_integration
from rientro.flows.fetch_shop_orders import MANY, read_shop_news, sweep_shop
from rientro.flows.pause_shop import pause_shop, read_back
from rientro.flows.receive_shop_webhook import receive_shop_webhook
from rientro.flows.register_shop_webhooks import register_shop_webhooks
from rientro.flows.walk_shop import LOST_AFTER, walk_shop
from rientro.kit.crypto import seal, unseal
from rientro.kit.tenancy import acting_for
from rientro.models import Integration, Order, ShopLink, ShopMessage, ShopWalk
from rientro.models.shop_consent import ShopWish
from rientro.models.shop_walking import links_left_behind, unanswered_persons
from tests import makers
from tests.flows.little_shop import CODE, START, LittleShop, little_shop

NOW = START + timedelta(days=1)

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[LittleShop]:
    monkeypatch.setenv("RIENTRO_ALLOW_PRIVATE_TARGETS", "1")
    with transaction.atomic():
        merchant = makers.make_merchant()
    with acting_for(merchant.pk), little_shop() as shop:
        shop.merchant = merchant.pk
        with transaction.atomic():
            makers.make_address(brand=makers.make_brand(), is_default=True)
        yield shop


def wish_of(shop: LittleShop, **more: Any) -> ShopWish:
    return ShopWish(system=CODE, url=shop.url, credentials=shop.credentials, **more)


def connect(shop: LittleShop, **more: Any) -> ShopLink:
    return connect_shop(wish=wish_of(shop, **more), actor="member:1", now=NOW)


def during(shop: LittleShop, line: str, deed: Callable[[], Any]) -> None:
    """Once, while the shop answers ``line``, somebody else does ``deed``."""
    real, left = shop.answer, [deed]

    def answer(heard: Any) -> Any:
        if heard.line == line and left:
            wanted = left.pop()
            try:
                with acting_for(shop.merchant):
                    wanted()
            finally:
                connections.close_all()
        return real(heard)

    shop.answer = answer


def end(link: ShopLink) -> None:
    with transaction.atomic():
        integration = Integration.objects.get(pk=link.integration_id)
    delete_integration(integration=integration, actor="member:1", now=NOW)


def rows(model: Any, **wanted: Any) -> list[Any]:
    with transaction.atomic():
        return list(model.objects.filter(**wanted).order_by("pk"))


def walk(link: ShopLink, kind: str, *, now: Any = NOW) -> bool:
    return walk_shop(walk=rows(ShopWalk, link=link, kind=kind)[0], now=now)


def numbers() -> list[str]:
    return sorted(order.number for order in rows(Order))


def test_a_reading_that_is_begun_anew_meanwhile_begins_anew(shop):
    shop.clock = START - timedelta(days=30)
    for number in range(4):
        shop.put(f"old{number}")
    shop.clock = START
    for number in range(4):
        shop.put(f"new{number}")
    link = connect(shop, days=5)
    during(
        shop,
        "GET /orders",
        lambda: read_back(link=link, days=60, actor="member:1", now=NOW),
    )

    while walk(link, "backfill"):
        pass

    assert len(numbers()) == 8


def test_a_page_that_comes_after_the_end_of_the_connection_leaves_nothing(shop):
    shop.put("1")
    link = connect(shop)
    during(shop, "GET /orders", lambda: end(link))

    walk(link, "backfill")

    assert numbers() == []


def test_an_order_that_comes_after_the_end_of_the_connection_leaves_nothing(shop):
    shop.put("1")
    link = connect(shop)
    walk(link, "backfill")
    shop.put("1", email="other@example.com")
    during(shop, "GET /orders/1", lambda: end(link))

    sweep_shop(link=link, now=NOW)

    assert [order.email for order in rows(Order)] == ["ada@example.com"]


def test_two_who_connect_one_shop_at_once_make_one_connection(shop):
    real = shop.answer

    def slow(heard: Any) -> Any:
        time.sleep(0.5)  # both are past the first look by then
        return real(heard)

    shop.answer = slow

    with ThreadPoolExecutor(2) as pool:
        came = list(pool.map(apart, [shop, shop]))

    assert sorted(came) == ["ShopLink", "ShopTaken"]
    assert len(rows(Integration)) == 1


def apart(shop: LittleShop) -> str:
    """What came of connecting, in a thread and a database connection of its own."""
    try:
        with acting_for(shop.merchant):
            return type(connect(shop)).__name__
    except ShopTaken as error:
        return type(error).__name__
    finally:
        connections.close_all()


def test_keys_that_are_changed_while_webhooks_are_registered_stay(shop):
    link = connect(shop)
    changed = {"key": "another"}

    def change() -> None:
        with transaction.atomic():
            ShopLink.objects.filter(pk=link.pk).update(credentials=seal(changed))

    during(shop, "POST /hooks", change)

    register_shop_webhooks(link=link, now=NOW)

    assert unseal(rows(ShopLink)[0].credentials) == {**changed, "secret": "hush"}


def test_what_a_person_asks_for_waits_for_no_pause_and_no_end(shop):
    link = connect(shop)
    register_shop_webhooks(link=link, now=NOW)
    link = rows(ShopLink)[0]
    pause_shop(link=link, actor="member:1", now=NOW)
    headers, body = shop.asked("erase", [str(number) for number in range(300)])

    with transaction.atomic():
        receive_shop_webhook(link=link, headers=headers, body=body, now=NOW)
    end(link)

    kept = rows(ShopMessage)[0]
    assert len(kept.order_ids) == 300
    with transaction.atomic():
        assert unanswered_persons() == [kept.pk]
    assert tasks().count("answer_shop_privacy") == 1


def tasks() -> list[str]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs")
        return [name for (name,) in cursor.fetchall()]


def test_an_order_from_the_future_hides_no_other(shop):
    link = connect(shop)
    shop.clock = NOW + timedelta(days=400)
    shop.put("ahead")
    walk(link, "poll", now=NOW + timedelta(minutes=5))
    shop.clock = NOW + timedelta(minutes=7)
    shop.put("1")

    walk(link, "poll", now=NOW + timedelta(minutes=10))

    assert numbers() == ["L-1", "L-ahead"]


def test_a_reading_whose_place_the_shop_forgot_begins_anew(shop):
    for number in range(4):
        shop.put(str(number))
    link = connect(shop)
    with transaction.atomic():
        ShopWalk.objects.filter(kind="backfill").update(cursor="lost", started_at=NOW)
    moment = NOW
    for _ in range(LOST_AFTER + 2):
        walk(link, "backfill", now=moment)
        moment += timedelta(hours=1)

    assert len(numbers()) == 4


def test_a_shop_that_wants_a_long_peace_gets_it(shop):
    for number in range(4):
        shop.put(str(number))
    shop.rest_s = 40
    link = connect(shop)

    walk(link, "backfill")
    walk(link, "backfill", now=NOW + timedelta(seconds=5))

    assert shop.lines().count("GET /orders") == 1
    walk(link, "backfill", now=NOW + timedelta(seconds=50))
    assert len(numbers()) == 4


def test_a_shop_that_was_away_while_it_was_told_our_address_is_told_again(shop):
    link = connect(shop)
    shop.down = True
    assert register_shop_webhooks(link=link, now=NOW) is False
    assert left_behind(refused=True) == [link.pk]
    shop.down = False

    assert register_shop_webhooks(link=link, now=NOW + timedelta(hours=1)) is True

    assert left_behind(refused=True) == []


def test_a_shop_that_is_to_be_left_alone_is_told_our_address_later(shop):
    link = connect(shop)
    with transaction.atomic():
        ShopLink.objects.update(rest_until=NOW + timedelta(minutes=1))

    assert register_shop_webhooks(link=link, now=NOW) is False

    assert "POST /hooks" not in shop.lines()
    assert left_behind() == [link.pk]


def left_behind(*, refused: bool = False) -> list[int]:
    with transaction.atomic():
        return list(links_left_behind(settings.BASE_URL, refused=refused))


def test_a_shop_that_has_none_of_many_orders_cancels_none(shop):
    for number in range(MANY):
        shop.put(str(number))
    link = connect(shop)
    walk(link, "backfill")
    kept, shop.orders = shop.orders, {}

    sweep_shop(link=link, now=NOW)

    assert [order.number for order in rows(Order) if order.cancelled_at] == []
    shop.orders = {"0": kept["0"]}
    sweep_shop(link=link, now=NOW)
    assert len([order for order in rows(Order) if order.cancelled_at]) == MANY - 1


def test_keys_that_nobody_can_open_are_said_and_not_tried_again_and_again(shop):
    link = connect(shop)
    with transaction.atomic():
        ShopLink.objects.update(credentials="sealed with another key")

    assert read_shop_news(link=link, now=NOW) is False

    broken = rows(ShopLink)[0]
    assert (broken.state, broken.rest_until) == ("broken", NOW + timedelta(hours=1))
    assert rows(Integration)[0].failing_since == NOW
    later = NOW + timedelta(hours=2)
    assert walk(link, "poll", now=later) is False
    assert rows(ShopLink)[0].rest_until == later + timedelta(hours=1)


def test_a_shop_that_has_moved_is_known_by_its_new_address(shop):
    link = connect(shop)
    moved = shop.url.replace("127.0.0.1", "localhost")
    wish = ShopWish(system=CODE, url=moved, credentials=shop.credentials)

    connect_shop(wish=wish, link=link, actor="member:1", now=NOW)

    assert rows(Integration)[0].shop_url == moved
    assert rows(ShopLink)[0].settings["url"] == moved
