"""What is read of Magento's orders: as the shopper paid them, whatever changes while they are walked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rientro.shops.base import InvalidRequest, ShopOrder, Unavailable, Unreadable
from tests.fake_server import Answer
from tests.shops.compare import told_of, walked
from tests.shops.fakes.shop import Line, Sale
from tests.shops.magento.conftest import SALE

DAY = timedelta(days=1)


def one(shop, order_id):
    found = shop.fetch([order_id])[order_id]
    assert isinstance(found, ShopOrder), found
    return found


def test_an_order_is_told_as_the_shopper_paid_it(fake, opened):
    order_id = fake.place(replace(SALE, company="Rossi Srl", address_2="Scala B", state="FI"))

    told = one(opened(hs_code_attribute="hs_code"), order_id)

    order = told.order
    assert told_of(told) == fake.truth()[order_id]
    assert (order.number, order.status, order.currency) == ("000000001", "processing", "EUR")
    assert (order.company, order.street, order.address_2) == ("Rossi Srl", "Via Roma 1", "Scala B")
    assert (order.state, order.phone, order.language) == ("FI", "+39 055 1234567", "it")
    assert order.ordered_at == fake.now
    assert order.total_minor == 3 * 3990 + 2 * 799 - 100 - 500 + 500
    assert order.weight_g == 3 * 180 + 2 * 60
    assert order.facts["invoice_number"] == "000000001"
    assert order.facts["payment"] == "Check / Money order"
    assert order.facts["billing"]["street"] == "Via Roma 1"


def test_of_a_configurable_the_row_with_the_price_is_told_once(fake, opened):
    scarf, socks = one(opened(hs_code_attribute="hs_code"), fake.place(SALE)).order.lines

    assert (scarf.sku, scarf.name, scarf.variant, scarf.quantity) == ("SCARF-R", "Scarf", "red", 3)
    assert (socks.hs_code, socks.origin_country) == ("6115", "PT")
    assert scarf.weight_g == 180


def test_of_a_bundle_with_a_dynamic_price_what_is_in_it_is_told(fake, opened):
    order_id = fake.place_bundle(SALE, "GIFTBOX")

    told = one(opened(), order_id)

    assert [line.sku for line in told.order.lines] == ["SCARF-R", "SOCKS"]
    assert told_of(told) == fake.truth()[order_id]


def test_a_bundle_with_a_fixed_price_is_one_thing(fake, opened):
    order_id = fake.place_bundle(SALE, "GIFTBOX")
    row = fake._order(None, order_id)
    for item in row["items"]:
        if "parent_item_id" in item:
            gone = dict.fromkeys(("row_total", "price", "tax_amount", "discount_amount"), 0)
            item |= gone | {"discount_tax_compensation_amount": 0}
    fake.next_answers = [Answer(200, {"items": [row], "total_count": 1})]

    told = one(opened(), order_id)

    assert [line.name for line in told.order.lines] == ["GIFTBOX"]


def test_what_is_fetched_at_the_shop_has_the_shoppers_own_address(fake, opened):
    order_id = fake.place_pickup(SALE)

    order = one(opened(), order_id).order

    assert (order.name, order.postal_code) == ("Ada Rossi", "50123")
    assert order.facts["pickup"] == "firenze"


def test_yen_have_no_cents(fake, opened):
    order_id = fake.place(Sale(lines=(Line("FAN", "Fan", 1, 1200),), currency="JPY", shipping=0))

    told = one(opened(), order_id)

    assert (told.order.total_minor, told.order.lines[0].price_minor) == (1200, 1200)


def test_pounds_become_grams(fake, opened):
    fake.weight_unit = "lbs"
    order_id = fake.place(Sale(lines=(Line("IRON", "Iron", 1, 1200, weight_g=2000),)))

    assert one(opened(), order_id).order.lines[0].weight_g == 907


def test_refunds_take_units_back_with_their_date(fake, opened):
    order_id = fake.place(SALE)
    fake.fulfil(order_id, "TRK1")
    at = fake.tick(3600)
    fake.refund(order_id, {"SCARF-R": 1})

    told = one(opened(), order_id)

    scarf = told.order.lines[0]
    ((taken,),) = told.taken_back.values()
    assert (scarf.quantity, taken.units, taken.at) == (3, 1, at)
    assert told.order.outbound_tracking_number == "TRK1"
    assert told_of(told) == fake.truth()[order_id]


def test_a_cancelled_order_is_cancelled(fake, opened):
    fake.payment_action = "authorize"
    order_id = fake.place(SALE)
    fake.cancel(order_id)

    told = one(opened(), order_id)

    assert told.order.cancelled_at == fake.now
    assert told_of(told) == fake.truth()[order_id]


def test_without_helpful_permissions_orders_are_told_all_the_same(fake, opened):
    order_id = fake.place(SALE)
    fake.fulfil(order_id, "TRK1")
    fake.refund(order_id, {"SOCKS": 1})
    fake.granted = {"Magento_Sales::actions_view"}

    told = one(opened(), order_id)

    assert told_of(told) == fake.truth()[order_id]
    assert told.order.outbound_tracking_number == ""


def test_a_walk_misses_nothing_while_orders_change_under_it(fake, opened):
    ids = [fake.place(SALE) for _ in range(130)]  # more than two pages of one second
    fake.tick(5)
    ids += [fake.place(SALE) for _ in range(60)]
    shop, seen, cursor = opened(), {}, ""
    for step in range(20):
        page = shop.changed(fake.now - DAY, cursor)
        seen |= {told.order.external_order_id: told_of(told) for told in page.orders}
        fake.tick(1)
        if step < 3:
            fake.edit(ids[step * 40], city="Prato")
            fake.refund(ids[step * 40 + 1], {"SOCKS": 1})
        shop, cursor = opened(), page.cursor
        if not cursor:
            break

    assert not cursor
    assert seen == fake.truth()


def test_a_whole_walk_is_what_stands_in_the_shop(fake, opened):
    for place in range(60):
        order_id = fake.place(SALE)
        fake.tick(place % 3)
        if place % 4 == 0:
            fake.fulfil(order_id, f"TRK{place}")
        if place % 5 == 0:
            fake.refund(order_id, {"SCARF-R": 2}, restock=True)

    assert walked(opened(), fake) == fake.truth()


def test_a_shop_that_allows_only_short_pages_is_walked_all_the_same(fake, opened):
    fake.max_page_size = 7
    for place in range(40):
        order_id = fake.place(SALE)
        fake.tick(place % 2)
        fake.fulfil(order_id, f"TRK{place}")
    ids = list(fake.truth())

    found = opened().fetch(ids)

    assert walked(opened(), fake) == fake.truth()
    assert {key: told_of(told) for key, told in found.items()} == fake.truth()
    assert [found[key].order.outbound_tracking_number for key in ids] == [
        f"TRK{place}" for place in range(40)
    ]


def test_lists_are_asked_for_by_stamp_and_id_in_utc(fake, opened):
    fake.place(SALE)

    opened().changed(datetime(2026, 11, 2, 10, 0, tzinfo=UTC) - timedelta(hours=2))

    heard = fake.last("GET /rest/V1/orders")
    start = "searchCriteria[filterGroups][0][filters][0]"
    assert heard.one(f"{start}[field]") == "updated_at"
    assert heard.one(f"{start}[conditionType]") == "gteq"
    assert heard.one(f"{start}[value]") == "2026-11-02 08:00:00"
    assert heard.one("searchCriteria[sortOrders][0][field]") == "updated_at"
    assert heard.one("searchCriteria[sortOrders][1][field]") == "entity_id"
    assert heard.one("searchCriteria[pageSize]") == "50"


def test_orders_are_counted(fake, opened):
    for _ in range(7):
        fake.place(SALE)

    assert opened().count(fake.now - DAY) == 7


@pytest.mark.parametrize("typed", ["000000012", "#000000012", " 12 ", "12"])
def test_an_order_is_found_by_what_a_shopper_types(fake, opened, typed):
    for _ in range(12):
        fake.place(SALE)

    (told,) = opened().find(typed)

    assert told.order.number == "000000012"


@pytest.mark.parametrize("typed", ["", "#", "a,b", "%", "x" * 60, "12 or 1=1"])
def test_what_can_be_no_number_is_not_asked_for(fake, opened, typed):
    assert list(opened().find(typed)) == []
    assert fake.heard == []


def test_a_look_up_ends_in_time(fake, opened):
    fake.place(SALE)
    fake.slow_s = 1.0

    with pytest.raises(Unavailable):
        opened(deadline_s=0.3).find("000000001")


def test_a_look_up_leaves_out_what_only_adorns_when_time_runs_short(fake, opened):
    order_id = fake.place(SALE)
    fake.fulfil(order_id, "TRK1")
    fake.slow_s = 0.4

    (told,) = opened(deadline_s=1.4).find("000000001")

    assert told.order.outbound_tracking_number == "TRK1"
    assert told_of(told) == fake.truth()[order_id]
    assert "invoice_number" not in told.order.facts


@pytest.mark.parametrize(
    "wrong",
    [
        {"created_at": None},
        {"entity_id": "none"},
        {"order_currency_code": 7},
        {"grand_total": "much"},
        {"items": [{"item_id": 1, "sku": "X", "qty_ordered": "NaN"}]},
    ],
)
def test_one_bad_order_is_never_the_end_of_a_walk(fake, opened, wrong):
    good, bad = fake.place(SALE), fake.place(SALE)
    items = [fake._order(None, good), fake._order(None, bad) | wrong]
    fake.next_answers = [Answer(200, {"items": items, "total_count": 2})]

    page = opened().changed(fake.now - DAY)

    assert isinstance(page.orders[0], ShopOrder)
    assert isinstance(page.orders[1], Unreadable)
    assert page.orders[1].external_order_id in (bad, "")


@pytest.mark.parametrize(
    "odd",
    [
        {"customer_email": None, "extension_attributes": None, "payment": [], "store_id": None},
        {"billing_address": "x", "store_name": "A\x00B", "status_histories": {}},
        {"increment_id": "9" * 400, "status": ["x"]},
    ],
)
def test_odd_shapes_where_nothing_hangs_on_them_break_no_order(fake, opened, odd):
    row = fake._order(None, fake.place(SALE)) | odd
    fake.next_answers = [Answer(200, {"items": [row], "total_count": 1})]

    (told,) = opened().changed(fake.now - DAY).orders

    assert isinstance(told, ShopOrder)
    assert len(told.order.number) <= 300


def test_hostile_words_come_in_cut_and_clean(fake, opened):
    order_id = fake.place(replace(SALE, name="Ada " + "x" * 20_000, city="Fi\x00renze"))

    order = one(opened(), order_id).order

    assert len(order.name) < 700
    assert order.city == "Firenze"


def test_a_place_that_is_none_is_refused(fake, opened):
    fake.next_answers = [Answer(200, {"items": [{"entity_id": 1}] * 50, "total_count": 50})]
    fake.next_answers += [Answer(200, {"items": [], "total_count": 0})]

    with pytest.raises(InvalidRequest):
        opened().changed(fake.now, "zzzz|9")
