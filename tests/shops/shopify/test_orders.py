"""What is read of Shopify's orders: each word, each cent, each unit, whatever changes meanwhile."""

from datetime import timedelta

import pytest

from rientro.shops.base import ShopOrder, Unreadable
from rientro.shops.shopify import adapter, orders, queries
from tests.fake_server import Answer
from tests.shops.compare import told_of
from tests.shops.fakes.shop import Line, Sale
from tests.shops.fakes.shopify.books import ORDER_BASE
from tests.shops.shopify.conftest import SALE, SCARF, SOCKS, asked

LONG = timedelta(days=1)


@pytest.mark.parametrize(("all_orders", "said"), [(True, True), (False, False)])
def test_only_who_sees_all_orders_is_sure_that_one_is_gone(fake, opened, all_orders, said):
    order_id = fake.place(SALE)
    if not all_orders:
        fake.granted = frozenset(fake.granted) - {"read_all_orders"}
    fake.tick(61 * 24 * 3600)
    gone = "999999999"

    found = opened().fetch([order_id, gone])

    assert (gone in found and found[gone] is None) is said
    assert (order_id in found) is all_orders


def walk(shop, since, between=lambda: None):
    """{order id: what was told last} by a walk from end to end."""
    met, cursor = {}, ""
    while True:
        page = shop.changed(since, cursor)
        for found in page.orders:
            assert isinstance(found, ShopOrder), found
            met[found.order.external_order_id] = found
        if not page.cursor:
            return met
        cursor = page.cursor
        between()


def test_an_order_is_told_in_all_its_words(fake, opened):
    order_id = fake.place(SALE)
    fake.tick(3600)
    fake.fulfil(order_id, "TRK123")
    fake.tick(3600)
    fake.hand_over(order_id)

    told = opened().fetch([order_id])[order_id]

    assert told_of(told) == fake.truth()[order_id]
    order = told.order
    assert (order.number, order.street, order.postal_code, order.city) == (
        "#1001",
        "Via Roma 1",
        "50123",
        "Firenze",
    )
    assert (order.channel, order.status, order.language) == ("web", "fulfilled", "it")
    assert (order.outbound_tracking_number, list(order.tags)) == ("TRK123", ["vip"])
    assert order.delivered_at - order.fulfilled_at == timedelta(hours=1)
    assert order.total_minor == 3 * 3990 + 2 * 799 - 100 - 500 + 500
    assert order.facts["billing"]["city"] == "Firenze"
    scarf = order.lines[0]
    assert (scarf.sku, scarf.variant, scarf.weight_g, scarf.hs_code, scarf.origin_country) == (
        "SCARF-R",
        "Red",
        180,
        "621410",
        "IT",
    )
    assert scarf.image_url == "https://cdn.example.com/scarf.jpg"


@pytest.mark.parametrize("taxes_included", [True, False])
@pytest.mark.parametrize("currency", ["EUR", "JPY"])
def test_prices_are_what_was_paid_to_the_cent(fake, opened, taxes_included, currency):
    fake.taxes_included = taxes_included
    for discount in (0, 1, 99, 500, 1001):
        for quantity in (1, 3, 7):
            line = Line("A", "A", quantity, 1999, discount=discount // 2, tax_percent=22)
            more = Line("B", "B", 2, 799, tax_percent=10)
            fake.place(Sale(lines=(line, more), discount=discount, currency=currency))

    met = walk(opened(), fake.now - LONG)

    assert {key: told_of(found) for key, found in met.items()} == fake.truth()


def test_a_walk_misses_nothing_that_changes_under_it(fake, opened):
    ids = [fake.place(SALE) for _ in range(35) if fake.tick(2)]
    begun = fake.now
    turn = iter(range(100))

    def disturb():
        fake.tick(1)
        number = next(turn)
        fake.edit(ids[number], email=f"n{number}@example.com")
        fake.refund(ids[-1 - number], {"SOCKS": 1})
        fake.place(SALE)

    met = walk(opened(), begun - LONG, disturb)

    assert set(ids) <= set(met)
    assert [told_of(met[ids[0]])] == [fake.truth()[ids[0]]]


def test_the_cursor_goes_on_in_another_process(fake, opened):
    for _ in range(25):
        fake.place(SALE)
        fake.tick(1)

    first = opened().changed(fake.now - LONG)
    second = opened().changed(fake.now - LONG, first.cursor)

    keys = [one.order.external_order_id for one in (*first.orders, *second.orders)]
    assert len(set(keys)) == len(keys) == 20


def test_a_list_is_begun_anew_before_shopify_ends_it(fake, opened, monkeypatch):
    monkeypatch.setattr(adapter, "ANEW_AFTER", 20)
    monkeypatch.setattr("tests.shops.fakes.shopify.app.DEEPEST", 25)
    for _ in range(60):
        fake.place(SALE)
        fake.tick(1)

    assert len(walk(opened(), fake.now - LONG)) == 60


def test_many_lines_are_all_told(fake, opened):
    lines = tuple(Line(f"S{n:03}", f"Thing {n}", 1, 100 + n) for n in range(73))
    order_id = fake.place(Sale(lines=lines))

    told = opened().fetch([order_id])[order_id]

    assert told_of(told) == fake.truth()[order_id]


@pytest.mark.parametrize("edits_are_refunds", [True, False])
def test_units_that_are_gone_are_taken_back_with_their_day(fake, opened, edits_are_refunds):
    fake.edits_are_refunds = edits_are_refunds
    order_id = fake.place(SALE)
    fake.tick(86400)
    fake.change_units(order_id, "SCARF-R", 2)
    fake.tick(86400)
    fake.refund(order_id, {"SOCKS": 1})
    refunded_at = fake.now

    told = opened().fetch([order_id])[order_id]

    assert told_of(told) == fake.truth()[order_id]
    assert [line.quantity for line in told.order.lines] == [3, 2]
    socks = told.order.lines[1].line_key
    assert [(each.units, each.at) for each in told.taken_back[socks]] == [(1, refunded_at)]


def test_more_refunds_than_a_page_are_counted(fake, opened):
    order_id = fake.place(Sale(lines=(Line("MUG", "Mug", 30, 500),)))
    for _ in range(14):
        fake.tick(3600)
        fake.refund(order_id, {"MUG": 1})

    told = opened().fetch([order_id])[order_id]

    (back,) = told.taken_back.values()
    assert (len(back), sum(each.units for each in back)) == (14, 14)
    assert len({each.at for each in back}) == 14


def test_a_cancelled_order_is_cancelled(fake, opened):
    order_id = fake.place(SALE)
    fake.cancel(order_id)

    told = opened().fetch([order_id])[order_id]

    assert told.order.cancelled_at == fake.now
    assert told_of(told) == fake.truth()[order_id]


def test_a_sale_at_the_till_has_the_stores_country_and_a_receipt(fake, opened):
    order_id = fake.place(Sale(lines=(SCARF,), in_store=True))

    order = opened().fetch([order_id])[order_id].order

    assert (order.channel, order.country, order.postal_code) == ("store", "IT", "")
    assert order.receipt
    assert order.email == "ada@example.com"


def test_without_rights_to_goods_the_orders_are_told_all_the_same(fake, opened):
    fake.granted -= {"read_products", "read_inventory", "read_locations", "read_customers"}
    order_id = fake.place(SALE)
    shop = opened(client_id="", access_token=fake.access_token)

    told = shop.fetch([order_id])[order_id]

    assert told_of(told) == fake.truth()[order_id]
    assert not asked(fake, "inventoryItem")


@pytest.mark.parametrize("typed", ["#1002", "1002", " #1002 ", "1002 "])
def test_an_order_is_found_by_what_a_shopper_types(fake, opened, typed):
    for _ in range(3):
        fake.place(SALE)

    (told,) = opened().find(typed)

    assert told.order.number == "#1002"


@pytest.mark.parametrize("typed", ["en-1001", "EN-1001", " En-1001"])
def test_a_prefix_counts_in_any_case(fake, opened, typed):
    fake.prefix = "EN-"
    fake.place(SALE)

    (told,) = opened().find(typed)

    assert told.order.number == "EN-1001"


@pytest.mark.parametrize(
    "typed", ["", "'", "1' OR name:'*", "name:*", "*", "1001'", "😀", "x" * 400]
)
def test_what_is_no_number_finds_nothing(fake, opened, typed):
    fake.place(SALE)

    assert list(opened().find(typed)) == []


def test_strangers_and_the_deleted_are_gone(fake, opened):
    order_id = fake.place(SALE)
    fake.cancel(order_id)
    fake.delete(order_id)

    found = opened().fetch([order_id, str(ORDER_BASE + 999), "x", "", "١"])

    assert set(found.values()) == {None}


def test_orders_are_counted(fake, opened):
    for _ in range(4):
        fake.place(SALE)
        fake.tick(10)

    assert opened().count(fake.now - LONG) == 4
    assert opened().count(fake.now - timedelta(seconds=25)) == 2


def test_a_question_stays_below_what_a_question_may_cost(fake, opened):
    fake.place(SALE)
    opened().changed(fake.now - LONG)

    assert len(asked(fake, "orders(first")) == 1
    assert max(queries.PAGES) <= 50


def test_one_bad_order_is_not_the_end_of_the_walk(fake, opened):
    fake.place(SALE)
    shop = opened()
    shop.check()
    good = {"id": "gid://shopify/Order/7", "legacyResourceId": "7", "name": "#7"}
    bad = [
        good | {"createdAt": "yesterday"},
        good | {"createdAt": "2026-11-02T09:00:00Z", "totalPriceSet": {"presentmentMoney": 7}},
        good
        | {"createdAt": "2026-11-02T09:00:00Z", "lineItems": {"nodes": [{"quantity": "many"}]}},
        good
        | {
            "createdAt": "2026-11-02T09:00:00Z",
            "presentmentCurrencyCode": "EUR",
            "shippingAddress": {"name": "A\0B" * 9000, "zip": ["x"], "countryCodeV2": 7},
            "tags": "none",
            "fulfillments": {"a": 1},
        },
        {"name": "no id"},
    ]
    words = {"data": {"orders": {"nodes": bad, "pageInfo": {"hasNextPage": False}}}}
    fake.next_answers = [Answer(200, words)]

    page = shop.changed(fake.now - LONG)

    assert len(page.orders) == len(bad)
    for told in page.orders:
        assert isinstance(told, ShopOrder | Unreadable)
        if isinstance(told, ShopOrder):
            assert "\0" not in told.order.name
            assert len(told.order.name) <= 200


def test_a_gift_card_is_no_thing_that_comes_back(fake, opened):
    order_id = fake.place(Sale(lines=(SCARF, SOCKS)))
    fake.shelf.get(int(order_id)).items[1].gift_card = True

    order = opened().fetch([order_id])[order_id].order

    assert [line.sku for line in order.lines] == ["SCARF-R"]


def test_the_key_of_a_line_is_its_number():
    assert orders.key("gid://shopify/LineItem/466157049?x=1") == "466157049"
