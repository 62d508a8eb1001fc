"""Money back through WooCommerce: exactly one refund, exactly as much as was asked for, found by our reference."""

import json

import pytest

from rientro.kit.money import Money
from rientro.shops.base import InvalidRequest, OutcomeUnknown, Unsupported
from tests.fake_server import Answer
from tests.shops.asked import refund_of
from tests.shops.fakes.shop import Line, Sale
from tests.shops.woocommerce.conftest import SALE

PLAIN = Sale(lines=(Line("MUG", "Mug", 3, 1000), Line("HAT", "Hat", 1, 2500)))


def keys_of(shop, order_id):
    return {line.sku: line.line_key for line in shop.fetch([order_id])[order_id].order.lines}


def posts(fake):
    return [heard for heard in fake.heard if heard.method == "POST"]


def test_units_are_refunded_and_put_back_by_one_request(fake, opened):
    order_id = fake.place(PLAIN)
    mug, before = keys_of(opened(), order_id)["MUG"], fake.stock("MUG")

    made = opened().refund(
        refund_of(order_id, 2000, units={mug: 2}, restock=True, note="Return R-1")
    )

    (heard,) = posts(fake)
    assert heard.line == f"POST /wp-json/wc/v3/orders/{order_id}/refunds"
    assert json.loads(heard.body) == {
        "amount": "20.00",
        "reason": "Return R-1",
        "api_refund": True,
        "api_restock": True,
        "line_items": [
            {
                "id": int(mug),
                "quantity": 2,
                "refund_total": "16.39",
                "refund_tax": [{"id": 122, "refund_total": "3.60"}],
            }
        ],
        "meta_data": [{"key": "_rientro_reference", "value": "R-7F3A-1"}],
    }
    (stands,) = fake.refunds(order_id)
    assert (stands.amount, stands.units, stands.restocked) == (2000, {"MUG": 2}, True)
    assert fake.stock("MUG") == before + 2
    assert made.amount == Money(2000, "EUR")
    assert opened().find_refund(order_id, "R-7F3A-1") == made
    assert opened().find_refund(order_id, "R-7F3A-2") is None


def test_without_restock_the_shelf_stays(fake, opened):
    order_id = fake.place(PLAIN)
    hat, before = keys_of(opened(), order_id)["HAT"], fake.stock("HAT")

    opened().refund(refund_of(order_id, 2500, units={hat: 1}))

    assert fake.stock("HAT") == before
    assert fake.truth()[order_id].lines[0].units == 0


def test_postage_goes_back_as_postage(fake, opened):
    order_id = fake.place(PLAIN)
    hat = keys_of(opened(), order_id)["HAT"]

    opened().refund(refund_of(order_id, 3000, units={hat: 1}, shipping=Money(500, "EUR")))

    told = fake.writer.refund(fake.orders[int(order_id)], fake.orders[int(order_id)].backs[0])
    (postage,) = told["shipping_lines"]
    assert (told["amount"], postage["total"], postage["total_tax"]) == ("30.00", "-4.10", "-0.90")


@pytest.mark.parametrize("amount", [1, 999, 2001, 3333, 6000])
def test_exactly_as_much_as_was_asked_for_goes_back(fake, opened, amount):
    order_id = fake.place(PLAIN)
    mug = keys_of(opened(), order_id)["MUG"]

    made = opened().refund(refund_of(order_id, amount, units={mug: 1}))

    assert made.amount == Money(amount, "EUR")
    assert fake.refunds(order_id)[0].amount == amount


def test_after_discounts_all_that_is_left_can_go_back_and_nothing_after_it(fake, opened):
    order_id = fake.place(SALE)
    order = opened().fetch([order_id])[order_id].order
    units = {line.line_key: line.quantity for line in order.lines}

    opened().refund(refund_of(order_id, order.total_minor, units=units, shipping=Money(500, "EUR")))

    with pytest.raises(InvalidRequest, match="left"):
        opened().refund(refund_of(order_id, 1, reference="R-2"))
    assert len(posts(fake)) == 1
    assert {line.units for line in fake.truth()[order_id].lines} == {0}


def test_more_than_is_left_is_refused_before_anything_is_sent(fake, opened):
    order_id = fake.place(PLAIN)
    mug = keys_of(opened(), order_id)["MUG"]
    fake.refund(order_id, {"MUG": 2})

    with pytest.raises(InvalidRequest, match="refunded in the shop already"):
        opened().refund(refund_of(order_id, 2000, units={mug: 2}))
    with pytest.raises(InvalidRequest, match="left"):
        opened().refund(refund_of(order_id, 4001))
    with pytest.raises(InvalidRequest, match="EUR"):
        opened().refund(_in_dollars(order_id))
    assert posts(fake) == []


def _in_dollars(order_id):
    return refund_of(order_id, 1, amount=Money(1, "USD"), shipping=Money(0, "USD"))


def test_what_the_payment_provider_refuses_is_not_paid(fake, opened):
    order_id = fake.place(PLAIN)
    fake.gateway_refuses = "Charge has already been refunded."

    with pytest.raises(InvalidRequest, match="Charge has already been refunded"):
        opened().refund(refund_of(order_id, 100))

    assert fake.refunds(order_id) == []


def test_money_that_came_by_bank_says_that_it_cannot_go_back_by_itself(fake, opened):
    fake.payment_method = "bacs"
    order_id = fake.place(PLAIN)

    with pytest.raises(InvalidRequest, match="does not support automatic refunds"):
        opened().refund(refund_of(order_id, 100))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(504, body=b"<h1>Gateway Time-out</h1>"), id="504"),
        pytest.param(Answer(500, {"code": "internal_server_error", "message": "x"}), id="500"),
        pytest.param(Answer(201, body=b'{"id": 1'), id="half"),
        pytest.param(Answer(200, body=b"<b>Warning</b>: something in a plug-in"), id="html"),
    ],
)
def test_an_answer_that_is_unclear_leaves_the_refund_in_doubt(fake, opened, answer):
    order_id = fake.place(PLAIN)
    shop = opened()
    shop.fetch([order_id])
    order = Answer(200, fake.writer.order(fake.orders[int(order_id)]))
    fake.next_answers = [order, answer]

    with pytest.raises(OutcomeUnknown):
        shop.refund(refund_of(order_id, 100))

    assert len(posts(fake)) == 1
    assert opened().find_refund(order_id, "R-7F3A-1") is None


# Coupons and notes


def test_a_coupon_is_made_once_for_one_shopper(fake, opened):
    order_id = fake.place(PLAIN)
    wish = refund_of(order_id, 1500, method="coupon", email="ada@example.com")

    made = opened().refund(wish)

    (coupon,) = fake.coupons.values()
    assert (coupon["code"], coupon["amount"], coupon["usage_limit"]) == (made.code, "15.00", 1)
    assert coupon["email_restrictions"] == ["ada@example.com"]
    assert opened().find_refund(order_id, "R-7F3A-1") == made
    with pytest.raises(InvalidRequest, match="already exists"):
        opened().refund(wish)
    assert fake.refunds(order_id) == []


def test_what_it_cannot_do_it_says_before_anything_is_sent(fake, opened):
    order_id = fake.place(PLAIN)
    heard = len(fake.heard)

    with pytest.raises(Unsupported):
        opened().refund(refund_of(order_id, 100, method="store_credit"))
    with pytest.raises(Unsupported):
        opened().refund(refund_of(order_id, 100, method="coupon", restock=True))

    assert len(fake.heard) == heard


def test_a_note_stands_there_once(fake, opened):
    order_id = fake.place(PLAIN)

    opened().add_note(order_id, "Return R-1: 2 × Mug")
    opened().add_note(order_id, "Return R-1: 2 × Mug")
    opened().add_note(order_id, "Return R-2")

    assert fake.notes(order_id) == ["Return R-1: 2 × Mug", "Return R-2"]
