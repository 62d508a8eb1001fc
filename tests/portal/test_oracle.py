"""The look-up under a closer eye: the same work for every miss, and no more guesses by guessing at once."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rientro.kit.tenancy import merchant_transaction
from rientro.models import LookupCounter, OrderLine, Return
from tests.makers import in_merchant, make_brand, make_carrier_account, make_merchant, make_order
from tests.portal.walk import TYPED, agreement, look_up


def work_of(client: Client, number: str, proof: str) -> list[str]:
    """The statements of one look-up, without the values in them."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert look_up(client, "brina", number, proof).status_code == 404
    said = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    return [re.sub(r"'[^']*'|-?\b\d+\b|\s|\?,", "", statement) for statement in said]


@pytest.mark.django_db
def test_every_kind_of_miss_is_the_same_work(client, merchant):
    brand = make_brand(slug="brina")
    make_order(brand, number="A-1")
    make_order(brand, number="A-2", redacted_at=timezone.now())
    make_order(make_brand(slug="other"), number="A-3")
    with in_merchant(make_merchant()):
        make_order(make_brand(slug="far"), number="A-4")
    work_of(client, "A-0", "10131")  # the first of all has plans to make

    unknown = work_of(client, "A-9", "10131")
    others = {
        "wrong postal code": work_of(client, "A-1", "10132"),
        "redacted": work_of(client, "A-2", "10131"),
        "another brand's": work_of(client, "A-3", "10131"),
        "another merchant's": work_of(client, "A-4", "10131"),
    }

    assert {name: work for name, work in others.items() if work != unknown} == {}


@pytest.mark.django_db(transaction=True)
def test_thirty_guesses_at_once_are_five_guesses(db):
    merchant = make_merchant()
    with merchant_transaction(merchant.pk):
        make_order(make_brand(slug="brina"), number="A-1")

    def guess(number: int) -> int:
        try:
            proof, network = f"2{number:04}", f"10.{number}.0.1"
            return look_up(Client(), "brina", "A-1", proof, REMOTE_ADDR=network).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(15) as pool:
        answers: list[Any] = list(pool.map(guess, range(30)))

    assert (answers.count(404), answers.count(429)) == (5, 25)
    with merchant_transaction(merchant.pk):
        counted = LookupCounter.objects.filter(scope="order").order_by("window_s")
        assert list(counted.values_list("window_s", "count")) == [(3600, 5), (86_400, 5)]


@pytest.mark.django_db(transaction=True)
def test_eight_clicks_at_once_make_one_return(db):
    merchant = make_merchant()
    with merchant_transaction(merchant.pk):
        make_carrier_account()
        order = make_order(make_brand(slug="brina"), number="A-1")
        brand = order.brand
        line = order.lines.get().pk
    client = Client()
    look_up(client, "brina", "A-1", "10131")
    client.post("/brina/items/", {"pick": line})
    client.post("/brina/why/", {"reason": "-"})
    client.post("/brina/how/", {"method": "print_at_home"})
    client.post("/brina/address/", TYPED)
    form = agreement(client.get("/brina/check/"))
    token = client.cookies["ticket-brina"].value

    def click(_: int) -> str:
        try:
            own = Client()
            own.cookies["ticket-brina"] = token
            return str(own.post(f"/{brand.slug}/check/", form)["Location"])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(click, range(8)))

    with merchant_transaction(merchant.pk):
        assert Return.objects.count() == 1
        assert OrderLine.objects.get().returned_quantity == 1
    assert answers == {"/brina/done/"}
