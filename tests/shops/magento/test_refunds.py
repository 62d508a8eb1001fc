"""Money back through Magento: one credit memo, exactly as much as was asked for, found again by our reference."""

import json

import pytest

from rientro.kit.money import Money
from rientro.shops.base import InvalidRequest, OutcomeUnknown, Unsupported
from tests.fake_server import Answer
from tests.shops.fakes.shop import Line, Sale
from tests.shops.magento.conftest import SALE, refund_of

PLAIN = Sale(lines=(Line("MUG", "Mug", 3, 1000), Line("HAT", "Hat", 1, 2500)))


def keys_of(shop, order_id):
    return {line.sku: line.line_key for line in shop.fetch([order_id])[order_id].order.lines}


def posts(fake):
    return [heard for heard in fake.heard if heard.method == "POST"]


def test_units_are_refunded_by_one_credit_memo_that_bears_our_reference(fake, opened):
    order_id = fake.place(PLAIN)
    line = keys_of(opened(), order_id)["MUG"]

    made = opened().refund(refund_of(order_id, 2000, units={line: 2}, note="Two mugs"))

    (heard,) = posts(fake)
    assert heard.line == f"POST /rest/V1/order/{order_id}/refund"
    assert json.loads(heard.body) == {
        "items": [{"order_item_id": int(line), "qty": 2}],
        "notify": False,
        "appendComment": False,
        "comment": {"comment": "Two mugs [R-7F3A-1]", "is_visible_on_front": 0},
        "arguments": {"shipping_amount": 0, "adjustment_positive": 0, "adjustment_negative": 0},
    }
    (stands,) = fake.refunds(order_id)
    assert (stands.amount, stands.units, stands.restocked) == (2000, {"MUG": 2}, False)
    assert (made.shop_reference, made.amount) == ("1", Money(2000, "EUR"))
    assert made.facts["paid_by_gateway"] is False


@pytest.mark.parametrize("amount", [2500, 1, 1999, 2001, 3333])
def test_exactly_as_much_as_was_asked_for_goes_back(fake, opened, amount):
    order_id = fake.place(PLAIN)
    line = keys_of(opened(), order_id)["MUG"]

    made = opened().refund(refund_of(order_id, amount, units={line: 2}))

    assert made.amount == Money(amount, "EUR")
    assert fake.refunds(order_id)[0].amount == amount


def test_after_discounts_all_that_is_left_can_go_back(fake, opened):
    order_id = fake.place(SALE)
    shop = opened()
    order = shop.fetch([order_id])[order_id].order
    units = {line.line_key: line.quantity for line in order.lines}

    shop.refund(refund_of(order_id, order.total_minor, shipping=500, units=units))

    assert fake.refunds(order_id)[0].amount == order.total_minor
    assert fake.shelf.get(int(order_id)).shipping_left == 0


def test_one_unit_after_another_adds_up_to_what_was_paid(fake, opened):
    order_id = fake.place(SALE)
    shop = opened()
    line = keys_of(shop, order_id)["SCARF-R"]
    paid = 3 * fake.truth()[order_id].lines[0].price

    for place in range(3):
        request = refund_of(order_id, paid // 3, units={line: 1}, reference=f"R-{place}")
        assert shop.refund(request).amount == Money(paid // 3, "EUR")

    assert sum(one.amount for one in fake.refunds(order_id)) == paid


@pytest.mark.parametrize("discount", [1, 7, 100, 333, 501, 1999])
def test_however_discounts_were_rounded_the_amount_is_met(fake, opened, discount):
    lines = (Line("A", "A", 3, 1333, discount=discount), Line("B", "B", 7, 455, tax_percent=4))
    order_id = fake.place(Sale(lines=lines, discount=discount))
    shop = opened()
    keys = keys_of(shop, order_id)

    for place, units in enumerate([{"A": 1, "B": 2}, {"A": 1, "B": 3}, {"A": 1, "B": 2}]):
        wanted = {keys[sku]: count for sku, count in units.items()}
        request = refund_of(order_id, 300 + place, units=wanted, reference=f"R-{place}")
        assert shop.refund(request).amount == request.amount


@pytest.mark.parametrize(("shipping", "left"), [(0, 500), (500, 0), (200, 500)])
def test_all_the_postage_is_named_as_such_and_part_of_it_as_an_adjustment(
    fake, opened, shipping, left
):
    order_id = fake.place(PLAIN)
    line = keys_of(opened(), order_id)["HAT"]

    request = refund_of(order_id, 2500 + shipping, shipping=shipping, units={line: 1})
    opened().refund(request)

    assert fake.refunds(order_id)[0].amount == 2500 + shipping
    assert fake.shelf.get(int(order_id)).shipping_left == left


def test_money_alone_takes_no_goods_back(fake, opened):
    order_id = fake.place(PLAIN)

    opened().refund(refund_of(order_id, 700))

    (stands,) = fake.refunds(order_id)
    assert (stands.amount, stands.units) == (700, {})
    assert {line.sku: line.units for line in fake.truth()[order_id].lines} == {"MUG": 3, "HAT": 1}


@pytest.mark.parametrize("restock", [True, False])
def test_goods_go_back_on_the_shelf_where_that_is_wanted(fake, opened, restock):
    order_id = fake.place(SALE)
    fake.fulfil(order_id)
    before = fake.stock("SCARF-R")
    line = keys_of(opened(), order_id)["SCARF-R"]

    opened().refund(refund_of(order_id, 3000, units={line: 1}, restock=restock))

    assert fake.stock("SCARF-R") == before + restock


def test_the_gateway_that_took_the_money_gives_it_back(fake, opened):
    fake.by_gateway = True
    order_id = fake.place(PLAIN)
    line = keys_of(opened(), order_id)["HAT"]

    made = opened().refund(refund_of(order_id, 2500, units={line: 1}))

    (heard,) = posts(fake)
    assert heard.line == "POST /rest/V1/invoice/1/refund"
    assert json.loads(heard.body)["isOnline"] is True
    assert made.facts["paid_by_gateway"] is True


def test_a_refund_is_found_again_by_its_reference(fake, opened):
    order_id = fake.place(PLAIN)
    shop = opened()
    shop.refund(refund_of(order_id, 700, note="Late"))

    found = shop.find_refund(order_id, "R-7F3A-1")

    assert (found.shop_reference, found.amount) == ("1", Money(700, "EUR"))
    assert shop.find_refund(order_id, "R-7F3A") is None
    assert shop.find_refund(order_id, "R-7F3A-2") is None


@pytest.mark.parametrize("more", [{"amount": 6001}, {"amount": 100, "units": 4}])
def test_more_than_is_left_is_refused_before_anything_is_sent(fake, opened, more):
    order_id = fake.place(PLAIN)
    line = keys_of(opened(), order_id)["MUG"]
    units = {line: more["units"]} if "units" in more else {}

    with pytest.raises(InvalidRequest):
        opened().refund(refund_of(order_id, more["amount"], units=units))

    assert posts(fake) == []


def test_what_was_not_paid_cannot_be_paid_back(fake, opened):
    fake.payment_action = "authorize"
    order_id = fake.place(PLAIN)

    with pytest.raises(InvalidRequest):
        opened().refund(refund_of(order_id, 100))

    assert posts(fake) == []


def test_an_order_in_another_currency_than_the_books_is_left_to_a_person(fake, opened):
    order_id = fake.place(Sale(lines=(Line("FAN", "Fan", 1, 1200),), currency="JPY", shipping=0))
    request = refund_of(order_id, 100)

    with pytest.raises(InvalidRequest):
        opened().refund(request)

    assert posts(fake) == []


@pytest.mark.parametrize("method", ["store_credit", "coupon"])
def test_another_method_is_not_known(fake, opened, method):
    with pytest.raises(Unsupported):
        opened().refund(refund_of(fake.place(PLAIN), 100, method=method))

    assert posts(fake) == []


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, {"message": "Internal Error. Report ID: webapi-1"}),
        Answer(502, body=b"<h1>Bad gateway</h1>"),
        Answer(200, body=b"<html>"),
        Answer(200, True),
        Answer(400, {"message": "Could not save a Creditmemo, see error log for details"}),
    ],
)
def test_without_a_clear_answer_the_outcome_is_unknown(fake, opened, answer):
    order_id = fake.place(PLAIN)
    order = Answer(200, {"items": [fake._order(None, order_id)], "total_count": 1})
    fake.next_answers = [order, Answer(200, {"items": [], "total_count": 0}), answer]

    with pytest.raises(OutcomeUnknown):
        opened().refund(refund_of(order_id, 100))

    assert len(posts(fake)) == 1


def test_a_refund_stands_even_where_its_paper_cannot_be_read(fake, opened):
    order_id = fake.place(PLAIN)
    fake.granted -= {"Magento_Sales::sales_creditmemo"}

    made = opened().refund(refund_of(order_id, 100))

    assert (made.shop_reference, made.amount) == ("1", Money(100, "EUR"))


def test_the_shops_own_refusal_is_told_in_its_words(fake, opened):
    order_id = fake.place(Sale(lines=PLAIN.lines, shipping=0))

    with pytest.raises(InvalidRequest, match="without products"):
        opened().refund(refund_of(order_id, 100))  # no postage left: the shop wants goods named
