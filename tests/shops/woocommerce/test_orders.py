"""WooCommerce's orders as we tell them: every one of a walk, whatever changes meanwhile, and what stands in each."""

import time
from datetime import timedelta

import pytest

from rientro.shops.base import ShopOrder, Unavailable, Unreadable
from rientro.shops.woocommerce.adapter import WooCommerce
from tests.fake_server import Answer, running
from tests.shops.compare import walked
from tests.shops.fakes.shop import Line, Sale
from tests.shops.fakes.woocommerce import FakeWooCommerce
from tests.shops.woocommerce.conftest import SALE, SCARF, SOCKS

GIFT = Line("GIFT", "Gift", 1, 2500)


def one(shop, order_id):
    found = shop.fetch([order_id])[order_id]
    assert isinstance(found, ShopOrder)
    return found


def test_a_walk_tells_every_order_as_it_stands(fake, opened):
    placed = []
    for number in range(30):
        fake.tick(number % 3)
        placed.append(fake.place(Sale(lines=(SCARF, SOCKS), discount=37 * number)))
    fake.change_units(placed[3], "SCARF-R", 2)
    fake.change_units(placed[4], "SOCKS", 0)
    fake.refund(placed[5], {"SCARF-R": 1}, restock=True)
    fake.refund(placed[6], {}, amount=300)
    fake.cancel(placed[7])
    fake.fulfil(placed[8], "TRK8")
    fake.edit(placed[9], name="Bob O'Neill", postal_code="75001", email="bob@example.net")

    told = walked(opened(), fake)
    truth = fake.truth()

    assert set(told) == set(truth)
    del told[placed[7]], truth[placed[7]]  # a cancelled one: its lines do not matter any more
    assert told == truth


def test_orders_that_change_while_a_walk_goes_on_are_not_missed(fake, opened):
    placed = [fake.place(Sale(lines=(GIFT,))) for _ in range(130)]  # all in one second
    shop, since = opened(), fake.now - timedelta(days=1)
    seen, cursor, pages = set(), "", 0
    while pages == 0 or cursor:
        page = shop.changed(since, cursor)
        seen |= {found.order.external_order_id for found in page.orders}
        cursor, pages = page.cursor, pages + 1
        if pages == 1:
            fake.tick(5)
            for order_id in placed[:40]:
                fake.edit(order_id, city="Prato")

    assert seen == set(placed)
    assert pages <= 3


def test_a_second_in_which_more_changed_than_an_address_can_name_is_walked_too(fake, opened):
    placed = [fake.place(Sale(lines=(GIFT,))) for _ in range(950)]
    fake.tick(10)
    placed.append(fake.place(Sale(lines=(GIFT,))))
    shop, since = opened(), fake.now - timedelta(days=1)
    seen, cursor, pages = set(), "", 0
    while pages == 0 or cursor:
        page = shop.changed(since, cursor)
        seen |= {found.order.external_order_id for found in page.orders}
        cursor, pages = page.cursor, pages + 1
        assert len(cursor) < 4000
        if pages == 6:  # in the middle of the crowd some are told and some are not
            fake.tick(5)
            for order_id in placed[::9]:
                fake.edit(order_id, city="Prato")

    assert seen == set(placed)
    assert pages < 20


def test_refunds_of_a_page_come_by_one_request_or_one_by_one_where_the_shop_is_old(fake, opened):
    placed = [fake.place(SALE) for _ in range(12)]
    for order_id in placed:
        fake.refund(order_id, {"SCARF-R": 1})
        fake.refund(order_id, {"SOCKS": 1})
    lines = []
    for fake.lists_refunds in (True, False):
        fake.heard.clear()
        told = walked(opened(), fake)
        assert told == fake.truth()
        lines.append([line for line in fake.lines() if line.endswith("/refunds")])

    assert lines[0] == ["GET /wp-json/wc/v3/refunds"]
    assert len(lines[1]) == 1 + 12


def test_since_is_meant_with_its_own_second(fake, opened):
    order_id = fake.place(SALE)

    (found,) = opened().changed(fake.now).orders
    later = opened().changed(fake.now + timedelta(seconds=1)).orders

    assert found.order.external_order_id == order_id
    assert list(later) == []
    assert opened().count(fake.now) == 1


def test_a_hundred_thousand_orders_are_counted_and_begun_within_a_page(fake, opened):
    fake.stock_up(100_000)
    shop = opened()

    first = shop.changed(fake.now - timedelta(days=400))
    second = shop.changed(fake.now - timedelta(days=400), first.cursor)

    ids = [found.order.external_order_id for page in (first, second) for found in page.orders]
    assert len(set(ids)) == len(ids) == 200
    assert shop.count(fake.now - timedelta(days=400)) == 100_000


def test_an_order_is_told_with_all_that_a_return_needs(fake, opened):
    order_id = fake.place(SALE)
    fake.fulfil(order_id, "TRK1")
    order = one(opened(), order_id).order

    lines = {line.sku: line for line in order.lines}
    scarf = lines["SCARF-R"]
    assert (scarf.name, scarf.variant, scarf.quantity) == ("Scarf", "Red", 3)
    assert (scarf.weight_g, scarf.hs_code, scarf.origin_country) == (180, "6214", "IT")
    assert lines["SOCKS"].weight_g == 60
    assert order.total_minor == 3 * 3990 + 2 * 799 - 100 - 500 + 500
    assert order.outbound_tracking_number == "TRK1"
    assert order.fulfilled_at == order.ordered_at == fake.now
    assert (order.channel, order.status) == ("web", "completed")
    assert order.facts["shop_admin_url"].endswith(f"post={order_id}&action=edit")
    assert order.facts["billing"]["name"]


def test_names_are_words_and_no_html(fake, opened):
    mill = Line("MILL", "Salt & pepper <mill>", 1, 2500, variant="Oak & steel")
    (line,) = one(opened(), fake.place(Sale(lines=(mill,)))).order.lines

    assert (line.name, line.variant) == ("Salt & pepper <mill>", "Oak & steel")


def test_each_call_has_its_own_time_and_a_look_up_keeps_to_it(fake, opened):
    order_id = fake.place(SALE)
    shop = opened({"deadline_s": 1.0})
    fake.slow_s = 0.3
    assert [shop.count(fake.now) for _ in range(5)] == [1] * 5

    began = time.monotonic()
    with pytest.raises(Unavailable):
        shop.find(order_id)
    assert time.monotonic() - began < 1.6


def test_a_miss_asks_twice_at_most_and_nonsense_not_at_all(fake, opened):
    fake.place(SALE)
    shop = opened()
    for typed, requests in (("4711", 2), ("BR-4711", 1), ("", 0), ("#", 0), ("%" * 60, 1)):
        fake.heard.clear()
        assert list(shop.find(typed)) == []
        assert len(fake.heard) <= requests


def test_postage_and_fees_are_no_goods(fake, opened):
    fake.fee = 250
    order = one(opened(), fake.place(SALE)).order

    assert sorted(line.sku for line in order.lines) == ["SCARF-R", "SOCKS"]
    assert order.total_minor == 3 * 3990 + 2 * 799 - 100 - 500 + 500 + 250


def test_yen_have_no_cents(fake, opened):
    order_id = fake.place(Sale(lines=(Line("TEA", "Tea", 3, 1100),), currency="JPY", shipping=0))
    order = one(opened(), order_id).order

    assert (order.currency, order.total_minor) == ("JPY", 3300)
    assert order.lines[0].price_minor == fake.truth()[order_id].lines[0].price == 1100


def test_grams_come_of_the_shops_own_unit():
    with running(FakeWooCommerce()) as fake:
        fake.weight_unit = "g"
        order_id = fake.place(SALE)
        order = one(WooCommerce(fake.credentials, fake.settings), order_id).order

    assert {line.sku: line.weight_g for line in order.lines} == {"SCARF-R": 180, "SOCKS": 60}


def test_a_shop_that_is_away_for_a_moment_is_not_taken_for_one_that_weighs_in_kilograms(
    fake, opened
):
    order_id = fake.place(SALE)
    fake.weight_unit = "g"
    fake.next_answers = [
        Answer(200, [fake.writer.order(fake.orders[int(order_id)])]),
        Answer(503, body=b"<h1>Busy</h1>"),
    ]

    with pytest.raises(Unavailable):
        opened().changed(fake.now)


def test_a_sale_at_the_till_is_one_of_the_store(fake, opened):
    order = one(opened(), fake.place(Sale(lines=(GIFT,), in_store=True))).order

    assert order.channel == "store"
    assert order.fulfilled_at is not None


def test_what_lies_in_the_bin_is_cancelled_and_what_is_deleted_is_gone(fake, opened):
    binned, gone, kept = (fake.place(SALE) for _ in range(3))
    fake.trash(binned)
    fake.delete(gone)

    found = opened().fetch([binned, gone, kept, "no-id"])

    assert found[binned].order.cancelled_at is not None
    assert (found[gone], found["no-id"]) == (None, None)
    assert found[kept].order.cancelled_at is None


def test_all_money_back_leaves_nothing_to_return(fake, opened):
    order_id = fake.place(Sale(lines=(SOCKS,), shipping=0))
    fake.refund(order_id, {}, amount=2 * 799 - 100)
    found = one(opened(), order_id)

    (line,) = found.order.lines
    assert sum(back.units for back in found.taken_back[line.line_key]) == 2
    assert found.order.cancelled_at is None


def test_a_number_is_found_as_a_shopper_types_it(fake, opened):
    order_id = fake.place(SALE)

    for typed in (order_id, f"#{order_id}", f" {order_id} "):
        (found,) = opened().find(typed)
        assert found.order.external_order_id == order_id
    assert list(opened().find("4711")) == []


def test_a_plug_ins_number_is_found_and_the_id_behind_it_is_not():
    with running(FakeWooCommerce(numbering="BR-")) as fake:
        order_id = fake.place(SALE)
        shop = WooCommerce(fake.credentials, fake.settings)
        found = [shop.find(typed) for typed in ("BR-00001", "br-00001", "#BR-00001")]
        by_id = shop.find(order_id)

    assert [row[0].order.number for row in found] == ["BR-00001"] * 3
    assert list(by_id) == []


def test_one_order_that_cannot_be_read_does_not_end_a_walk(fake, opened):
    good, bad = fake.place(SALE), fake.place(SALE)
    shop = opened()
    shop.check()
    words = [fake.writer.order(fake.orders[int(key)]) for key in (good, bad)]
    words[1]["line_items"][0]["total"] = {"no": "amount"}
    words[1]["date_created_gmt"] = "yesterday"
    words[0]["billing"]["company"] = "A\x00" + "x" * 20_000
    words[0]["line_items"].append("not an object")
    fake.next_answers = [Answer(200, words)]

    page = shop.changed(fake.now - timedelta(days=1))

    first, second = page.orders
    assert isinstance(first, ShopOrder)
    assert isinstance(second, Unreadable)
    assert second.external_order_id == bad
