"""Imports that meet each other, and a shopper in the middle."""

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F

from rientro.flows.import_orders import import_orders
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Event, Order, OrderLine
from rientro.policy.orders_in import LineIn, OrderIn
from tests import makers

NOW = makers.NOW


def orders(numbers, *, version):
    return [
        OrderIn(
            external_order_id=str(number),
            number=f"N{number}",
            ordered_at=NOW,
            country="IT",
            postal_code="10131",
            city=f"City {version}",
            shop_updated_at=NOW + timedelta(seconds=version),
            lines=[
                LineIn(name="Scarf", sku="S", quantity=3),
                LineIn(name="Belt", sku="B", quantity=1),
            ],
        )
        for number in numbers
    ]


def together(*works):
    """Run ``works`` at once; give what went wrong."""
    wrong = []
    start = threading.Barrier(len(works))

    def run(work):
        try:
            start.wait(10)
            work()
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return wrong


@pytest.fixture
def shop(transactional_db):
    merchant = makers.make_merchant()
    with merchant_transaction(merchant.pk):
        makers.make_address(makers.make_brand())
        return makers.make_integration()


def bring(shop, told):
    with acting_for(shop.merchant_id):
        return import_orders(integration=shop, orders=told, actor="clock", now=NOW)


def test_the_same_orders_at_once_and_in_any_order_are_written_once(shop):
    forwards, backwards = list(range(60)), list(reversed(range(60)))

    wrong = together(
        *[
            lambda way=way, v=v: bring(shop, orders(way, version=v))
            for v, way in enumerate([forwards, backwards, forwards, backwards])
        ]
    )

    assert wrong == []
    with merchant_transaction(shop.merchant_id):
        assert Order.objects.count() == 60
        assert OrderLine.objects.count() == 120
        assert OrderLine.objects.filter(removed_at=None).count() == 120


def test_units_that_are_taken_during_an_import_stay_taken(shop):
    bring(shop, orders(range(40), version=0))

    def take():
        with merchant_transaction(shop.merchant_id):
            keys = list(Order.objects.order_by("-pk").values_list("pk", flat=True))
        for pk in keys:
            with merchant_transaction(shop.merchant_id):
                order = Order.objects.locked().get(pk=pk)
                OrderLine.objects.filter(order=order, sku="S").update(
                    returned_quantity=F("returned_quantity") + 2
                )

    def shrink():
        for version in range(1, 5):
            fewer = [
                OrderIn(
                    external_order_id=told.external_order_id,
                    number=told.number,
                    ordered_at=told.ordered_at,
                    country="IT",
                    postal_code="10131",
                    shop_updated_at=told.shop_updated_at,
                    lines=[LineIn(name="Scarf", sku="S", quantity=2)],
                )
                for told in orders(range(40), version=version)
            ]
            bring(shop, fewer)

    wrong = together(take, shrink)

    assert wrong == []
    with merchant_transaction(shop.merchant_id), transaction.atomic():
        lines = list(OrderLine.objects.filter(sku="S").values_list("quantity", "returned_quantity"))
        assert lines == [(2, 2)] * 40
        assert OrderLine.objects.filter(sku="B", removed_at=None).count() == 0


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr("rientro.flows.import_orders.FIRST", 3)
    monkeypatch.setattr("rientro.flows.import_orders.BATCH", 7)


def test_two_lanes_answer_in_order_and_keep_one_orders_tellings_in_order(shop, small_batches):
    told = [order for v in range(1, 6) for order in orders(range(40), version=v)]
    for place, order in enumerate(told):
        if place % 3 == 0:  # the same key, as somebody else writes it
            told[place] = replace(order, external_order_id=f" {order.external_order_id} ")

    results = bring(shop, told)

    assert [r.external_order_id.strip() for r in results] == [str(n) for n in range(40)] * 5
    assert [r.status for r in results] == ["created"] * 40 + ["updated"] * 160
    with merchant_transaction(shop.merchant_id):
        assert set(Order.objects.values_list("city", flat=True)) == {"City 5"}
        assert Order.objects.count() == 40
        told_of = [e.facts for e in Event.objects.filter(name="order.imported")]
        assert sum(facts["created"] for facts in told_of) == 40
        assert sum(facts["updated"] for facts in told_of) == 160


def test_a_lane_that_fails_is_heard_and_leaves_no_connection_behind(
    shop, small_batches, monkeypatch
):
    from rientro.flows import import_orders as flow

    good, before = flow.take_in, sessions_of_others()

    def broken(integration, batch, *, at):
        if any(order.external_order_id == "39" for order in batch.orders):
            raise ZeroDivisionError
        return good(integration, batch, at=at)

    monkeypatch.setattr(flow, "take_in", broken)
    with pytest.raises(ZeroDivisionError):
        bring(shop, orders(range(40), version=1))

    monkeypatch.undo()
    bring(shop, orders(range(40), version=1))
    with merchant_transaction(shop.merchant_id):
        assert Order.objects.count() == 40
    deadline = time.monotonic() + 30  # the server ends a session a moment after its client has
    while sessions_of_others() > before:
        assert time.monotonic() < deadline, "a lane left its connection open"
        time.sleep(0.02)


def sessions_of_others():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            " AND application_name <> 'rientro-alive-lock'"
        )
        return cursor.fetchone()[0]
