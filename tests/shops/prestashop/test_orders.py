"""Orders of PrestaShop over the wire: a whole walk, what stands in an order, and what a shopper types."""

import random
import time
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from rientro.shops.base import ShopOrder, Unavailable, Unreadable
from rientro.shops.prestashop import trails
from tests.fake_server import Answer
from tests.shops.compare import told_of, walked
from tests.shops.fakes.shop import Line, Sale
from tests.shops.prestashop.conftest import SALE, SOCKS


def the(found) -> ShopOrder:
    (told,) = found
    assert isinstance(told, ShopOrder), told
    return told


def test_an_order_is_told_as_the_shopkeeper_reads_it_out(fake, opened):
    key = fake.place(SALE)
    shop = opened()

    told = the(shop.changed(fake.now - timedelta(days=1)).orders)

    assert told_of(told) == fake.truth()[key]
    order = told.order
    assert (order.street, order.city, order.country) == ("Via Roma 1", "Firenze", "IT")
    assert order.phone
    assert order.ordered_at == fake.now.replace(microsecond=0)
    assert order.total_minor == 3 * 3990 + 2 * 799 - 100 - 500 + 500
    assert order.facts["billing"]["city"] == "Firenze"
    assert {line.sku: line.weight_g for line in order.lines} == {"SCARF-R": 180, "SOCKS": 60}


def test_everything_around_an_order_is_asked_for_many_orders_at_once(fake, opened):
    for _ in range(7):
        fake.place(SALE)
        fake.tick(2)
    shop = opened()
    shop.changed(fake.now - timedelta(days=1))
    fake.heard.clear()

    shop.changed(fake.now - timedelta(days=1))

    assert fake.lines().count("GET /api/orders") == 1
    assert fake.lines().count("GET /api/order_details") == 1
    assert len(fake.heard) <= 12
    asked = fake.last("GET /api/orders")
    assert asked.one("output_format") == "JSON"
    assert asked.one("date") == "1"
    assert asked.one("sort") == "[date_upd_ASC,id_ASC]"
    assert all("ws_key" not in heard.query for heard in fake.heard)


def test_a_walk_visits_every_order_whatever_changes_meanwhile(fake, opened, monkeypatch):
    monkeypatch.setattr(trails, "PAGE", 7)
    rng = random.Random(3)
    keys = []
    for _ in range(60):
        keys.append(fake.place(SALE))
        fake.tick(rng.choice((0, 0, 0, 1, 2)))
    shop, seen = opened(), set()
    cursor, since = "", fake.now - timedelta(days=1)

    while True:
        page = shop.changed(since, cursor)
        seen |= {told.order.external_order_id for told in page.orders}
        fake.tick(rng.choice((0, 1)))
        fake.edit(rng.choice(keys), city=rng.choice(("Prato", "Lucca")))
        if not page.cursor:
            break
        shop, cursor = opened(), page.cursor

    assert seen == set(keys)
    assert walked(opened(), fake) == fake.truth()


def test_more_orders_of_one_second_than_a_page_holds_are_all_visited(fake, opened, monkeypatch):
    monkeypatch.setattr(trails, "PAGE", 5)
    for _ in range(23):
        fake.place(SALE)
    fake.tick(5)
    fake.place(SALE)

    assert walked(opened(), fake) == fake.truth()


@pytest.mark.parametrize("currency", ["EUR", "JPY", "USD"])
def test_prices_are_in_the_orders_own_currency(fake, opened, currency):
    key = fake.place(Sale(lines=(Line("FAN", "Fan", 3, 1601),), currency=currency, discount=100))

    told = opened().fetch([key])[key]

    assert told_of(told) == fake.truth()[key]
    assert told.order.currency == currency


def test_refunds_cancellations_and_edits_lower_what_can_come_back(fake, opened):
    refunded, cancelled, edited, sent = (fake.place(SALE) for _ in range(4))
    fake.tick(3)
    fake.fulfil(refunded, "TRK123456")
    fake.refund(refunded, {"SCARF-R": 2}, restock=True)
    fake.cancel(cancelled)
    fake.change_units(edited, "SOCKS", 1)
    fake.edit(edited, name="Bob O'Neill", email="bob@example.net", postal_code="10115")
    fake.fulfil(sent, "TRK777777")

    found = opened().fetch([refunded, cancelled, edited, sent])

    truth = fake.truth()
    for key in (refunded, edited, sent):
        assert told_of(found[key]) == truth[key]
    assert found[cancelled].order.cancelled_at == fake.now.replace(microsecond=0)
    assert found[sent].order.outbound_tracking_number == "TRK777777"
    assert found[sent].order.fulfilled_at == fake.now.replace(microsecond=0)


def test_an_order_that_is_not_there_is_none(fake, opened):
    key = fake.place(SALE)

    found = opened().fetch([key, "99999", "abc"])

    assert isinstance(found[key], ShopOrder)
    assert (found["99999"], found["abc"]) == (None, None)


def test_a_shopper_may_type_the_reference_as_they_like(fake, opened):
    key = fake.place(SALE)
    number = fake.truth()[key].number

    for typed in (number, number.lower(), f"#{number}", f"  {number} "):
        assert the(opened().find(typed)).order.external_order_id == key
    fake.heard.clear()
    for typed in (number[:-1], "", "x]&filter[id]=[1", "a|b", "%"):
        assert list(opened().find(typed)) == []
    assert set(fake.lines()) <= {"GET /api/orders"}


def test_a_look_up_ends_in_time(fake, opened):
    key = fake.place(SALE)
    number = fake.truth()[key].number
    fake.slow_s = 1.0

    with pytest.raises(Unavailable):
        opened(deadline_s=0.3).find(number)


def test_pictures_that_take_too_long_do_not_keep_a_shopper_waiting(fake, opened):
    key = fake.place(SALE)
    number = fake.truth()[key].number
    answers = fake.answer

    def slow(heard):
        if heard.path.endswith(("/products", "/combinations")):
            time.sleep(1.2)
        return answers(heard)

    fake.answer = slow
    told = the(opened(deadline_s=1.0).find(number))

    assert told_of(told) == fake.truth()[key]
    assert {line.image_url for line in told.order.lines} == {""}
    with pytest.raises(Unavailable):
        opened(deadline_s=0.001).find(number)


def test_a_picture_is_the_file_that_everybody_may_see(fake, opened):
    line = replace(SOCKS, image="https://shop.example/socks.jpg")
    key = fake.place(Sale(lines=(line,)))

    (told,) = opened().fetch([key])[key].order.lines

    assert told.image_url.startswith(f"{fake.url}/img/p/")
    assert httpx.get(told.image_url, timeout=5).headers["content-type"] == "image/jpeg"


def test_what_stamps_no_order_is_found_by_its_own_trail(fake, opened):
    refunded, moved, quiet = (fake.place(SALE) for _ in range(3))
    fake.tick(3600)
    later = fake.place(SALE)
    fake.tick(10)
    since = fake.now
    fake.tick(1)
    fake.refund(refunded, {"SOCKS": 1})
    fake.edit(moved, email="new@example.com")
    shop, seen, cursor = opened(), {}, ""

    while True:
        page = shop.changed(since, cursor)
        seen |= {told.order.external_order_id: told_of(told) for told in page.orders}
        if not page.cursor:
            break
        cursor = page.cursor

    assert set(seen) == {refunded, moved}
    assert seen == {key: fake.truth()[key] for key in seen}
    assert {quiet, later} & set(seen) == set()


def test_orders_of_one_checkout_share_its_reference(fake, opened):
    keys = fake.place_together(SALE, SALE)
    number = fake.truth()[keys[0]].number

    assert {told.order.external_order_id for told in opened().find(number)} == set(keys)


def test_free_shipping_takes_nothing_off_the_goods(fake, opened):
    key = fake.place(SALE)
    fake.free_shipping(key)

    assert told_of(opened().fetch([key])[key]) == fake.truth()[key]


def test_of_a_multistore_one_shop_is_read(fake, opened):
    here, there = fake.place(SALE), fake.place_in(2, SALE)
    since = fake.now - timedelta(days=1)

    assert [t.order.external_order_id for t in opened().changed(since).orders] == [here]
    assert [t.order.external_order_id for t in opened(id_shop="2").changed(since).orders] == [there]


def test_one_order_that_makes_no_sense_does_not_end_the_walk(fake, opened, monkeypatch):
    keys = [fake.place(SALE) for _ in range(3)]
    rows = opened()._wire.rows("orders", opened()._until(), display="full")
    rows[0]["id_currency"] = "999"
    rows[1]["total_paid_tax_incl"] = "much"
    rows[2]["payment"] = "x" * 20_000 + "\x00"
    shop = opened()
    shop.check()
    fake.next_answers = [Answer(200, {"orders": rows})]

    page = shop.changed(fake.now - timedelta(days=1))

    kinds = [type(told) for told in page.orders]
    assert kinds == [Unreadable, Unreadable, ShopOrder]
    assert [told.external_order_id for told in page.orders[:2]] == keys[:2]
    assert len(page.orders[2].order.facts["payment"]) == 300


def test_a_back_fill_knows_about_how_many_there_are(fake, opened):
    assert opened().count(fake.now - timedelta(days=1)) == 0
    for _ in range(5):
        fake.place(SALE)

    assert opened().count(fake.now - timedelta(days=1)) == 5
