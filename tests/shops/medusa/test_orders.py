"""Medusa's orders as ours: what a recorded shop told, walks while orders change, looking one up by its number."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rientro.shops.base import ShopOrder, TakenBack, Unreadable
from rientro.shops.medusa import adapter
from rientro.shops.medusa.orders import told
from tests.shops.compare import told_of, walked
from tests.shops.fakes.shop import Line, Sale
from tests.shops.medusa.conftest import SALE, SCARF

RECORDINGS = Path(__file__).parents[1] / "recordings" / "medusa"


def recorded(name: str) -> Any:
    words = json.loads((RECORDINGS / f"{name}.json").read_text(), parse_float=Decimal)
    return words["answer"]["order"]


def read(row: Any, **changes: str) -> ShopOrder:
    found = told(row, **{"url": "https://shop.example", "home": "", "till": ""} | changes)
    assert isinstance(found, ShopOrder), found
    return found


def prices(found: ShopOrder) -> dict[str, tuple[int, int]]:
    return {line.sku: (line.quantity, line.price_minor) for line in found.order.lines or ()}


# What the real one told


def test_an_order_of_the_real_medusa_is_carried_over():
    found = read(recorded("order_full"))
    order = found.order
    shirt = (order.lines or ())[0]

    assert (order.number, order.email, order.currency) == ("7", "ada@example.com", "EUR")
    assert (order.name, order.street, order.address_2) == ("Ada Rossi", "Via Roma 1", "scala B")
    assert (order.postal_code, order.city, order.state, order.country) == (
        "50123",
        "Firenze",
        "FI",
        "IT",
    )
    assert (order.phone, order.total_minor, order.status) == ("+39 055 1234567", 8999, "pending")
    assert order.ordered_at == datetime(2026, 11, 25, 13, 34, 1, 900_000, tzinfo=UTC)
    assert order.facts["billing"]["company"] == "Rossi S.r.l."
    assert order.facts["shipping_minor"] == 500
    assert order.facts["shop_admin_url"].startswith("https://shop.example/app/orders/order_")
    assert (shirt.name, shirt.variant, shirt.sku) == ("Shirt", "Red / M", "SHIRT-RED-M")
    assert (shirt.quantity, shirt.price_minor, shirt.weight_g) == (3, 2500, 300)
    assert (shirt.hs_code, shirt.origin_country) == ("610910", "IT")
    assert shirt.image_url == "https://shop.example/pictures/shirt.jpg"
    assert (order.fulfilled_at, order.cancelled_at, found.taken_back) == (None, None, {})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("order_ten_percent", {"SHIRT-RED-M": (3, 2250), "MUG": (1, 899)}),
        ("order_five_off", {"SHIRT-RED-M": (3, 2352), "MUG": (1, 940)}),
        ("order_five_net_off", {"SHIRT-RED-M": (3, 2320), "MUG": (1, 927)}),
        ("order_after_edit", {"SHIRT-RED-M": (2, 2279), "MUG": (1, 940)}),
        ("order_after_return", {"SHIRT-RED-M": (3, 2250), "MUG": (1, 899)}),
        ("order_after_dismissed", {"SHIRT-RED-M": (3, 2500), "MUG": (1, 999)}),
    ],
)
def test_a_price_is_what_a_unit_really_cost(name, expected):
    assert prices(read(recorded(name))) == expected


def test_units_that_came_back_are_told_by_their_line():
    found = read(recorded("order_after_return"))
    (line,) = [line for line in found.order.lines or () if line.sku == "SHIRT-RED-M"]

    assert found.taken_back == {line.line_key: [TakenBack(units=1)]}


def test_damaged_units_count_once():
    assert (
        sum(back[0].units for back in read(recorded("order_after_dismissed")).taken_back.values())
        == 2
    )


def test_a_cancelled_order_is_cancelled_and_a_sent_one_sent():
    assert read(recorded("order_cancelled")).order.cancelled_at is not None
    sent = read(recorded("order_fulfilled")).order
    assert (sent.outbound_tracking_number, sent.delivered_at) == ("RR123456785IT", None)
    assert sent.fulfilled_at == datetime(2026, 11, 25, 13, 34, 15, 653_000, tzinfo=UTC)
    assert read(recorded("order_delivered")).order.delivered_at is not None


def test_a_till_is_known_by_its_sales_channel():
    row = recorded("order_full")

    assert read(row, till="default sales channel").order.channel == "store"
    assert read(row).order.channel == "web"


def test_an_order_without_an_address_lies_in_the_shops_own_country():
    row = recorded("order_full") | {"shipping_address": None, "billing_address": None}

    assert read(row, home="IT").order.country == "IT"


@pytest.mark.parametrize(
    "changes",
    [
        {"created_at": "yesterday"},
        {"items": [{"id": "x", "quantity": "many"}]},
        {"items": [{"id": "x", "quantity": 1, "total": "NaN"}]},
        {"items": [{"id": "x", "quantity": -1}]},
    ],
)
def test_one_order_that_cannot_be_read_is_said_to_be_so(changes):
    found = told(recorded("order_full") | changes, url="", home="", till="")

    assert isinstance(found, Unreadable)
    assert (found.number, bool(found.reason)) == ("7", True)


def test_hostile_words_are_only_words():
    row = recorded("order_full")
    row["shipping_address"] |= {"first_name": "A" * 20_000, "city": "Fi\x00renze", "phone": ["x"]}
    row |= {"sales_channel": 7, "fulfillments": "no", "customer": None, "locale": {}}
    order = read(row).order

    assert len(order.name) <= 200
    assert (order.city, order.phone) == ("Firenze", "")


# Walks


def test_a_walk_visits_every_order_while_orders_change(fake, opened, monkeypatch):
    monkeypatch.setattr(adapter, "PAGE", 3)
    ids = []
    for _ in range(10):
        ids.append(fake.place(SALE))
        fake.tick(1)
    shop, seen, cursor = opened(), set(), ""
    while True:
        page = shop.changed(fake.now - timedelta(days=1), cursor)
        seen |= {found.order.external_order_id for found in page.orders}
        fake.tick(1)
        fake.edit(ids[len(seen) % 10], city="Paris")
        cursor = page.cursor
        if not cursor or len(fake.heard) > 60:
            break

    assert seen == set(ids)
    assert fake.heard[0].query["updated_at[$gte]"] == ["2026-11-01T09:00:10.000Z"]


def test_a_millisecond_with_more_orders_than_a_page_is_read_by_itself(fake, opened, monkeypatch):
    monkeypatch.setattr(adapter, "PAGE", 3)
    for _ in range(8):
        fake.place(SALE)
    fake.tick(1)
    fake.place(SALE)

    assert walked(opened(), fake) == fake.truth()


def test_a_whole_season_of_one_order_is_read_as_it_stands(fake, opened):
    key = fake.place(SALE)
    fake.change_units(key, "SOCKS", 1)
    fake.tick(1)
    fake.fulfil(key, "TRK1234567")
    fake.refund(key, {"SCARF-R": 2}, restock=True)
    fake.place(replace(SALE, currency="JPY", lines=(Line("TEA", "Tea", 3, 1000),), discount=100))

    assert walked(opened(), fake) == fake.truth()


def test_orders_are_fetched_by_their_ids_in_one_request(fake, opened):
    keys = [fake.place(SALE) for _ in range(3)]
    found = opened().fetch([*keys, "order_nope"])

    assert len(fake.heard) == 1
    assert found["order_nope"] is None
    assert {key: told_of(each) for key, each in found.items() if each} == fake.truth()


@pytest.mark.parametrize("dressed", ["{}", "#{}", " {} ", "# {}"])
def test_an_order_is_found_by_its_number_alone(fake, opened, dressed):
    keys = [fake.place(replace(SALE, street=f"Via Roma {n}")) for n in range(12)]
    number = fake.truth()[keys[0]].number

    found = opened().find(dressed.format(number))

    assert [each.order.number for each in found if isinstance(each, ShopOrder)] == [number]


@pytest.mark.parametrize("typed", ["", "#", "   ", "77777", "Roma"])
def test_what_is_no_number_finds_nothing(fake, opened, typed):
    fake.place(Sale(lines=(SCARF,)))

    assert list(opened().find(typed)) == []
