"""A shop is connected, read page by page, told by webhook; what fails is said, and mends itself."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from rientro.flows.connect_shop import IncompleteShop, ShopTaken, connect_shop
from rientro.flows.delete_integration import delete_integration
from rientro.flows.fetch_shop_orders import read_shop_news, retry_shop_orders, sweep_shop
from rientro.flows.pause_shop import (
    BadFilter,
    pause_shop,
    read_back,
    resume_shop,
    save_shop_filters,
)
from rientro.flows.receive_shop_webhook import receive_shop_webhook
from rientro.flows.register_shop_webhooks import register_shop_webhooks
from rientro.flows.walk_shop import walk_shop
from rientro.kit.tenancy import acting_for
from rientro.models import (
    Event,
    Integration,
    Order,
    OrderLine,
    ShopLink,
    ShopMessage,
    ShopPull,
    ShopRefusal,
    ShopWalk,
)
from rientro.models.shop_consent import ShopWish
from rientro.models.shop_intake import MOST_TRIES
from rientro.shops.base import AuthFailed, BadSignature, Unavailable
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
        with transaction.atomic():
            makers.make_address(brand=makers.make_brand(), is_default=True)
        yield shop


def connect(shop: LittleShop, **more: Any) -> ShopLink:
    wish = ShopWish(system=CODE, url=shop.url, credentials=shop.credentials, **more)
    return connect_shop(wish=wish, actor="member:1", now=NOW)


def walk(link: ShopLink, kind: str, *, now: Any = NOW) -> bool:
    with transaction.atomic():
        row = ShopWalk.objects.get(link=link, kind=kind)
    return walk_shop(walk=row, now=now)


def rows(model: Any, **wanted: Any) -> list[Any]:
    with transaction.atomic():
        return list(model.objects.filter(**wanted).order_by("pk"))


def numbers() -> list[str]:
    return sorted(order.number for order in rows(Order))


def test_a_shop_that_refuses_the_key_is_not_connected(shop):
    wish = ShopWish(system=CODE, url=shop.url, credentials={"key": "wrong"})

    with pytest.raises(AuthFailed, match="Wrong key"):
        connect_shop(wish=wish, actor="member:1", now=NOW)

    assert rows(Integration) == []


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"url": ""}, "url"),
        ({"url": "ftp://shop.example"}, "url"),
        ({"credentials": {}}, "key"),
        ({"days": 100_000}, "backfill_days"),
    ],
)
def test_what_is_missing_is_named(shop, wish, field):
    told = {"system": CODE, "url": shop.url, "credentials": shop.credentials} | wish

    with pytest.raises(IncompleteShop) as caught:
        connect_shop(wish=ShopWish(**told), actor="member:1", now=NOW)

    assert caught.value.facts["field"] == field


def test_one_shop_is_not_connected_twice(shop):
    connect(shop)

    with pytest.raises(ShopTaken):
        connect(shop)


def test_earlier_orders_come_in_with_progress(shop):
    for number in range(8):
        shop.put(str(number))
    link = connect(shop)

    assert walk(link, "backfill") is False

    done = rows(ShopWalk, kind="backfill")[0]
    assert (done.seen, done.total, done.next_at, done.ended_at) == (8, 8, None, NOW)
    assert numbers() == [f"L-{number}" for number in range(8)]
    pulls = rows(ShopPull)
    assert sum(pull.orders_created for pull in pulls) == 8
    assert rows(Integration)[0].last_fetch_at == NOW


def test_a_walk_goes_on_where_it_was_cut(shop):
    for number in range(7):
        shop.put(str(number))
    link = connect(shop)
    asked = []
    real = shop.answer

    def cut(heard):
        asked.append(heard.line)
        shop.down = sum(line == "GET /orders" for line in asked) == 3
        return real(heard)

    shop.answer = cut
    walk(link, "backfill")
    shop.answer, shop.down = real, False
    assert len(numbers()) == 6

    walk(link, "backfill", now=NOW + timedelta(minutes=1))

    assert len(numbers()) == 7
    assert len([line for line in shop.lines() if line == "GET /orders"]) == 4


def test_a_poll_brings_changes_and_says_nothing_of_what_stays(shop):
    shop.put("1")
    link = connect(shop)
    walk(link, "backfill")
    shop.clock = NOW
    shop.put("1", email="other@example.com")

    walk(link, "poll", now=NOW + timedelta(minutes=5))
    walk(link, "poll", now=NOW + timedelta(minutes=10))

    assert rows(Order)[0].email == "other@example.com"
    assert [pull.source for pull in rows(ShopPull)] == ["backfill", "poll"]


def test_a_day_without_a_worker_loses_nothing(shop):
    link = connect(shop)
    walk(link, "poll")
    shop.clock = NOW + timedelta(hours=3)
    for number in range(10):
        shop.put(str(number))

    walk(link, "poll", now=NOW + timedelta(days=1))

    assert len(numbers()) == 10


def test_a_webhook_leads_to_the_order_as_it_stands(shop):
    link = connect(shop)
    assert register_shop_webhooks(link=link, now=NOW)
    link = rows(ShopLink)[0]
    shop.put("9", status="paid")
    headers, body = shop.told("9")
    shop.put("9", status="sent")

    for _ in range(2):  # the same delivery twice
        with transaction.atomic():
            receive_shop_webhook(link=link, headers=headers, body=body, now=NOW)
    read_shop_news(link=link, now=NOW)

    assert [order.status for order in rows(Order)] == ["sent"]
    assert len(rows(ShopMessage)) == 1
    assert shop.lines().count("GET /orders/9") == 1
    assert f"/hooks/shops/{CODE}/{link.merchant_id}-{link.pk}-" in shop.address


def test_a_forged_webhook_leaves_nothing(shop):
    link = connect(shop)
    register_shop_webhooks(link=link, now=NOW)
    link = rows(ShopLink)[0]

    with pytest.raises(BadSignature), transaction.atomic():
        receive_shop_webhook(link=link, headers={"x-little": "0"}, body=b"{}", now=NOW)

    assert rows(ShopMessage) == []


def test_an_order_that_is_gone_counts_as_cancelled(shop):
    shop.put("1")
    link = connect(shop)
    walk(link, "backfill")
    del shop.orders["1"]

    assert sweep_shop(link=link, now=NOW) == 1

    assert rows(Order)[0].cancelled_at == NOW


def test_a_bad_order_is_refused_alone_and_comes_in_once_it_is_mended(shop):
    shop.put("1", country="Narnia")
    shop.put("2", broken="It has no lines that we can read.")
    shop.put("3")
    link = connect(shop)
    walk(link, "backfill")
    refused = {row.external_order_id: row.reason for row in rows(ShopRefusal)}
    assert refused["2"] == "It has no lines that we can read."
    assert "two-letter country" in refused["1"]
    assert numbers() == ["L-3"]
    shop.put("1", country="IT")

    asked = retry_shop_orders(link=link, now=NOW + timedelta(minutes=6))

    assert asked == 2
    assert numbers() == ["L-1", "L-3"]
    assert [row.external_order_id for row in rows(ShopRefusal)] == ["2"]


def test_what_fails_again_and_again_waits_for_a_person(shop):
    shop.put("2", broken="No.")
    link = connect(shop)
    walk(link, "backfill")
    moment = NOW
    for _ in range(MOST_TRIES):
        moment += timedelta(days=1)
        retry_shop_orders(link=link, now=moment)

    dead = rows(ShopRefusal)[0]
    assert (dead.tries, dead.next_at) == (MOST_TRIES, None)
    assert dead.dead_at
    shop.put("2", broken="")
    retry_shop_orders(link=link, now=moment, only="2")
    assert numbers() == ["L-2"]
    assert rows(ShopRefusal) == []


def test_a_shop_that_is_down_is_marked_and_recovers_by_itself(shop):
    link = connect(shop)
    shop.down = True
    moment = NOW
    for _ in range(4):
        walk(link, "poll", now=moment)
        moment += timedelta(hours=1)
    marked = rows(ShopLink)[0]
    assert marked.state == "failing"
    assert "503" in marked.last_error
    assert rows(Integration)[0].failing_since
    shop.down = False
    shop.put("1")

    walk(link, "poll", now=moment)

    assert rows(ShopLink)[0].state == "ok"
    assert rows(Integration)[0].failing_since is None
    names = [event.name for event in rows(Event) if event.name.startswith("integration.")]
    assert names == ["integration.created", "integration.failing", "integration.recovered"]


def test_a_shop_that_is_down_is_left_alone_for_a_while(shop):
    link = connect(shop)
    shop.down = True
    walk(link, "poll")
    asked = len(shop.heard)

    walk(link, "poll", now=NOW + timedelta(seconds=5))

    assert len(shop.heard) == asked


def test_a_paused_shop_is_asked_nothing_and_catches_up(shop):
    link = connect(shop)
    pause_shop(link=link, actor="member:1", now=NOW)
    shop.clock = NOW
    shop.put("1")
    asked = len(shop.heard)
    walk(link, "poll", now=NOW + timedelta(minutes=1))
    assert len(shop.heard) == asked

    resume_shop(link=link, actor="member:1", now=NOW + timedelta(minutes=2))
    walk(link, "poll", now=NOW + timedelta(minutes=2))

    assert numbers() == ["L-1"]


def test_filters_decide_what_enters_and_not_what_stays(shop):
    shop.put("1", country="IT", tags=["Wholesale"])
    shop.put("2", country="DE")
    link = connect(shop)
    filters = {"countries": ["it"], "tags": ["wholesale"]}
    save_shop_filters(link=link, filters=filters, status_map={}, actor="member:1", now=NOW)
    walk(link, "backfill")
    assert numbers() == ["L-1"]
    assert rows(ShopPull)[0].orders_left_out == 1
    shop.put("1", country="DE", email="new@example.com")

    read_back(link=link, days=30, actor="member:1", now=NOW)
    walk(link, "backfill")

    assert [(order.number, order.email) for order in rows(Order)] == [("L-1", "new@example.com")]


def test_a_status_word_stands_for_a_date_that_stays(shop):
    shop.put("1", status="Arrived")
    shop.put("2", status="Draft")
    link = connect(shop)
    meanings = {"arrived": "delivered", "draft": "leave_out"}
    save_shop_filters(link=link, filters={}, status_map=meanings, actor="member:1", now=NOW)
    walk(link, "backfill")

    read_back(link=link, days=30, actor="member:1", now=NOW + timedelta(days=1))
    walk(link, "backfill", now=NOW + timedelta(days=1))

    assert [(order.number, order.delivered_at) for order in rows(Order)] == [("L-1", NOW)]


def test_too_many_words_are_refused(shop):
    link = connect(shop)

    with pytest.raises(BadFilter):
        save_shop_filters(
            link=link,
            filters={"tags": [str(number) for number in range(60)]},
            status_map={},
            actor="member:1",
            now=NOW,
        )


def test_what_the_shop_refunds_itself_cannot_come_back(shop):
    shop.put("1", back=[["1-1", 1, START.isoformat()]])
    link = connect(shop)
    walk(link, "backfill")

    assert [line.quantity for line in rows(OrderLine)] == [1]


def test_a_refund_of_all_units_takes_the_line_away(shop):
    shop.put("1", back=[["1-1", 2, None]])
    link = connect(shop)
    walk(link, "backfill")

    assert rows(OrderLine) == []


def test_a_refund_that_answers_a_return_is_not_counted_twice(shop):
    shop.put("1")
    link = connect(shop)
    walk(link, "backfill")
    with transaction.atomic():
        order = Order.objects.get()
        makers.make_return(order=order, requested_at=NOW)
    shop.put("1", back=[["1-1", 1, (NOW + timedelta(hours=1)).isoformat()]])

    sweep_shop(link=link, now=NOW + timedelta(hours=2))

    line = rows(OrderLine)[0]
    assert (line.quantity, line.returned_quantity) == (2, 1)


def test_a_disconnected_shop_is_forgotten_and_its_orders_stay(shop):
    shop.put("1")
    link = connect(shop)
    walk(link, "backfill")

    delete_integration(integration=link.integration, actor="member:1", now=NOW)

    gone = rows(ShopLink)[0]
    assert (gone.credentials, bytes(gone.webhook_token_hash)) == ("", b"")
    assert rows(ShopWalk) == []
    assert numbers() == ["L-1"]
    connect(shop)  # and it may come again


def test_a_key_that_is_refused_later_breaks_the_connection(shop):
    link = connect(shop)
    shop.credentials = {"key": "another"}

    walk(link, "poll")

    broken = rows(ShopLink)[0]
    assert (broken.state, broken.last_error) == ("broken", "Wrong key")


def test_a_shop_that_cannot_be_reached_is_named_at_once(shop):
    wish = ShopWish(system=CODE, url="http://127.0.0.1:9", credentials=shop.credentials)

    with pytest.raises(Unavailable, match="cannot be reached"):
        connect_shop(wish=wish, actor="member:1", now=NOW)
