"""Imports that meet each other, and a shopper in the middle."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F

from rientro.flows.import_orders import import_orders
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Order, OrderLine
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
