"""A look-up that misses asks the shops: the order appears by it, and a guesser learns nothing by it."""

import itertools
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import Client

from rientro.kit import clock
from rientro.kit.locks import alive_lock
from rientro.kit.tenancy import acting_for
from rientro.models import (
    Brand,
    LookupCounter,
    Order,
    ShippingRule,
    ShopAskBudget,
    ShopAsked,
    ShopPull,
    ShopRefusal,
)
from rientro.policy import shop_asking
from tests import makers
from tests.fake_server import Answer
from tests.flows.finding_shop import FindingShop, finding_shop, linked
from tests.portal.test_lookup import told
from tests.portal.walk import look_up

pytestmark = pytest.mark.django_db(transaction=True)
_networks = itertools.count(1)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop_asking, "DEADLINE_S", 0.6)
    monkeypatch.setattr(shop_asking, "JUDGED_AFTER_S", 0.7)
    monkeypatch.setattr(shop_asking, "ANSWERED_AFTER_S", 0.8)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, quick: None) -> Iterator[FindingShop]:
    monkeypatch.setenv("RIENTRO_ALLOW_PRIVATE_TARGETS", "1")
    with transaction.atomic():
        merchant = makers.make_merchant()
    with acting_for(merchant.pk), finding_shop() as shop:
        with transaction.atomic():
            makers.make_address(makers.make_brand(slug="brina"))
        yield shop


def ask(client: Client, number: str, proof: str = "50123", slug: str = "brina") -> Any:
    """A look-up from a network of its own."""
    at = next(_networks)
    return look_up(client, slug, number, proof, REMOTE_ADDR=f"10.{at // 250}.{at % 250}.1")


def ask_api(client: Client, number: str, proof: str = "50123") -> Any:
    at = next(_networks)
    return client.get(
        "/api/v2/brand/brina/return-portal/outgoing",
        {"identifier": number, "postal_code": proof},
        REMOTE_ADDR=f"10.{at // 250}.{at % 250}.1",
    )


@transaction.atomic
def rows(model: Any, **wanted: Any) -> list[Any]:
    return list(model.objects.filter(**wanted).order_by("pk"))


def timed(step: Any) -> tuple[float, Any]:
    began = time.monotonic()
    answer = step()
    return time.monotonic() - began, answer


def test_the_order_is_found_in_the_request_that_missed_it(client, shop):
    shop.put("1")
    linked(shop)

    response = ask(client, "#l-1")

    assert (response.status_code, response["Location"]) == (302, "/brina/items/")
    assert client.get("/brina/items/").status_code == 200
    assert shop.asked == ["#l-1"]
    assert [(pull.source, pull.orders_created) for pull in rows(ShopPull)] == [("lookup", 1)]
    assert {row.count for row in rows(LookupCounter)} == {1}


def test_the_api_finds_it_as_well(client, shop):
    shop.put("1")
    linked(shop)

    response = ask_api(client, "L-1")

    assert response.status_code == 200, response.content
    assert response.json()["data"]["parcel"]["order_number"] == "L-1"
    assert len(shop.asked) == 1


def test_a_known_order_asks_nobody(client, shop):
    shop.put("1")
    linked(shop)
    ask(client, "L-1")

    assert ask(client, "L-1").status_code == 302

    assert len(shop.asked) == 1


def test_a_wrong_postal_code_is_a_miss_although_the_order_came(client, shop):
    shop.put("1")
    linked(shop)

    assert ask(client, "L-1", "99999").status_code == 404
    assert [order.number for order in rows(Order)] == ["L-1"]
    assert ask(client, "L-1", "50123").status_code == 302
    assert len(shop.asked) == 1


def test_one_number_is_asked_for_once_in_ten_minutes(client, shop, time_machine):
    linked(shop)
    start = clock.now()
    time_machine.move_to(start, tick=True)

    assert [ask(client, "L-9").status_code for _ in range(3)] == [404] * 3
    assert len(shop.asked) == 1

    shop.put("9")
    time_machine.move_to(start + timedelta(minutes=11), tick=True)
    assert ask(client, "#l-9").status_code == 302


def test_a_miss_is_counted_once_and_a_refused_look_up_asks_nobody(client, shop):
    linked(shop)
    answers = []
    for _ in range(7):
        with transaction.atomic():
            ShopAsked.objects.all().delete()
        answers.append(ask(client, "L-9").status_code)

    assert answers == [404] * 5 + [429] * 2
    assert len(shop.asked) == 5
    assert {row.count for row in rows(LookupCounter, scope="order")} == {5}


def test_what_is_no_number_asks_nobody(client, shop):
    linked(shop)

    for number in ["x" * 65, "A" * 300, "---", "#"]:
        assert ask(client, number).status_code == 404

    assert shop.asked == []


# What an asker may learn


def _kinds(client: Client, shop: FindingShop, number: int) -> dict[str, Any]:
    """Every kind of miss that asks, with a number of its own."""
    held, came, unknown, down, slow = (f"{kind}{number}" for kind in ("H", "C", "U", "D", "S"))
    with transaction.atomic():
        makers.make_order(Brand.objects.get(), number=f"L-{held}")
    shop.put(came, number=f"L-{came}")

    def anew(step: Any) -> Any:
        with transaction.atomic():
            ShopAskBudget.objects.all().delete()
            LookupCounter.objects.all().delete()
        return step()

    def while_down() -> Any:
        shop.down = True
        try:
            return ask(client, f"L-{down}", "99999")
        finally:
            shop.down = False

    def while_slow() -> Any:
        shop.slow_s = 1.0
        try:
            return ask(client, f"L-{slow}", "99999")
        finally:
            shop.slow_s = 0.0

    return {
        "held": lambda: anew(lambda: ask(client, f"L-{held}", "99999")),
        "came": lambda: anew(lambda: ask(client, f"L-{came}", "99999")),
        "unknown": lambda: anew(lambda: ask(client, f"L-{unknown}", "99999")),
        "down": lambda: anew(while_down),
        "slow": lambda: anew(while_slow),
    }


def test_every_miss_that_asked_has_the_same_bytes_and_the_same_time(client, shop):
    linked(shop)
    ask(client, "warm-up")
    times: dict[str, list[float]] = {}
    answers = set()
    for number in range(5):
        for kind, step in _kinds(client, shop, number).items():
            took, response = timed(step)
            times.setdefault(kind, []).append(took)
            status, headers, body = told(response)
            answers.add((status, tuple(sorted(headers.items())), body))

    assert len(answers) == 1
    middle = {kind: statistics.median(each) for kind, each in times.items()}
    assert min(min(each) for each in times.values()) >= 0.8
    assert max(middle.values()) - min(middle.values()) < 0.1, times
    assert len(shop.asked) >= 15  # those that found it open


def test_the_api_says_the_same_of_every_miss_that_asked_and_at_the_same_time(client, shop):
    shop.put("C", number="L-C")
    linked(shop)
    with transaction.atomic():
        makers.make_order(Brand.objects.get(), number="L-H")
    ask_api(client, "warm-up")

    told_of = {
        number: timed(lambda n=number: ask_api(client, n, "99999"))
        for number in ("L-H", "L-C", "L-U")
    }

    assert len({(answer.status_code, answer.content) for _, answer in told_of.values()}) == 1
    times = [took for took, _ in told_of.values()]
    assert min(times) >= 0.8
    assert max(times) - min(times) < 0.15
    assert shop.asked == ["warm-up", "L-H", "L-C", "L-U"]


def test_whether_it_asks_does_not_depend_on_what_is_here(client, shop):
    linked(shop)
    with transaction.atomic():
        makers.make_order(Brand.objects.get(), number="L-1")

    ask(client, "L-1", "99999")
    ask(client, "L-2", "99999")

    assert shop.asked == ["L-1", "L-2"]


def test_a_hit_is_not_kept_waiting(client, shop):
    shop.put("1")
    linked(shop)

    took, response = timed(lambda: ask(client, "L-1"))

    assert response.status_code == 302
    assert took < 0.7


# What a shop has to bear


def test_fifty_at_once_are_at_most_the_budget(db, shop):
    link = linked(shop)
    with transaction.atomic():
        ShopAskBudget.objects.create(link=link, tokens=3, counted_at=clock.now())

    def guess(number: int) -> int:
        try:
            return ask(Client(), f"N-{number}").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(guess, range(50)))

    assert set(answers) == {404}
    assert 1 <= len(shop.asked) <= 3


def test_the_budget_ends_and_comes_back_slowly(client, shop, monkeypatch, time_machine):
    monkeypatch.setattr(shop_asking, "ANSWERED_AFTER_S", 0.0)
    linked(shop)
    start = clock.now()
    time_machine.move_to(start, tick=False)

    for number in range(25):
        ask(client, f"N-{number}")
    assert len(shop.asked) == 20

    time_machine.move_to(start + timedelta(seconds=61), tick=False)
    for number in range(30, 35):
        ask(client, f"N-{number}")
    assert len(shop.asked) == 22


def test_while_somebody_asks_the_others_are_answered_at_once(client, shop):
    linked(shop)

    with alive_lock("ask_shops"):
        took, response = timed(lambda: ask(client, "L-1"))

    assert response.status_code == 404
    assert took < 0.75  # far from the padded answer
    assert shop.asked == []


def test_a_shop_that_is_down_does_not_slow_the_next_look_ups(client, shop, time_machine):
    link = linked(shop)
    start = clock.now()
    time_machine.move_to(start, tick=True)
    shop.down = True
    ask(client, "L-1")

    took, _ = timed(lambda: ask(client, "L-2"))

    assert took < 0.75  # far from the padded answer
    assert shop.asked == ["L-1"]
    with transaction.atomic():
        link.refresh_from_db()
    # What somebody types never keeps us from reading the shop's orders.
    assert (link.state, link.failures, link.rest_until) == ("ok", 0, None)

    shop.down = False
    shop.put("3")
    time_machine.move_to(start + timedelta(seconds=31), tick=True)
    assert ask(client, "L-3").status_code == 302
    assert rows(ShopAskBudget)[0].failures == 0


def test_an_order_that_comes_too_late_is_there_the_next_time(client, shop, monkeypatch):
    monkeypatch.setattr(shop_asking, "DEADLINE_S", 5.0)
    shop.put("1")
    linked(shop)
    shop.slow_s = 1.2

    took, response = timed(lambda: ask(client, "L-1"))

    assert response.status_code == 404
    assert 0.8 <= took < 1.1
    for _ in range(50):
        if rows(Order):
            break
        time.sleep(0.1)
    shop.slow_s = 0.0
    assert ask(client, "L-1").status_code == 302


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "failing"},
        {"state": "broken"},
        {"state": "paused"},
        {"credentials": ""},
        {"rest_until": clock.now() + timedelta(days=300)},
    ],
)
def test_only_a_shop_that_is_well_is_asked(client, shop, changes):
    linked(shop, **changes)

    assert ask(client, "L-1").status_code == 404

    assert shop.asked == []


def test_a_shop_of_another_brand_is_not_asked(client, shop):
    link = linked(shop)
    with transaction.atomic():
        other = makers.make_brand(slug="other")
        place = makers.make_address(other, label="Torino")
        ShippingRule.objects.create(
            name="Finding is another's",
            conditions=[
                {
                    "property": "integration",
                    "operator": "is",
                    "compare_to": str(link.integration_id),
                }
            ],
            actions=[{"identifier": "ship_with_address", "value": str(place.pk)}],
            position=1,
            created_at=clock.now(),
            updated_at=clock.now(),
        )
    shop.put("1")

    ask(client, "L-1")
    assert shop.asked == []

    assert ask(client, "L-1", slug="other").status_code == 302


def test_a_shop_that_searches_loosely_brings_in_nothing_else(client, shop, monkeypatch):
    shop.put("1", number="L-1")
    shop.put("2", number="L-2")
    linked(shop)
    monkeypatch.setattr(FindingShop, "found", lambda self, heard: _everything(self))

    assert ask(client, "L-3").status_code == 404

    assert rows(Order) == []
    assert rows(ShopRefusal) == []


def _everything(shop: FindingShop) -> Any:
    return Answer(words=list(shop.orders.values()))
