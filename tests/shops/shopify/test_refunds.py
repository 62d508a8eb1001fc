"""Money back through Shopify: exactly one refund, never more than is left, found by our reference."""

import json

import pytest

from rientro.kit.money import Money
from rientro.shops.base import AuthFailed, InvalidRequest, OutcomeUnknown, RateLimited, Unsupported
from tests.fake_server import Answer
from tests.shops.asked import refund_of
from tests.shops.fakes.shop import Line, Sale
from tests.shops.shopify.conftest import SALE, asked

PLAIN = Sale(lines=(Line("MUG", "Mug", 3, 1000), Line("HAT", "Hat", 1, 2500)))


def keys_of(shop, order_id):
    return {line.sku: line.line_key for line in shop.fetch([order_id])[order_id].order.lines}


def test_units_are_refunded_and_put_back_by_one_request(fake, opened):
    order_id = fake.place(PLAIN)
    fake.fulfil(order_id)
    mug, before = keys_of(opened(), order_id)["MUG"], fake.stock("MUG")

    made = opened().refund(
        refund_of(order_id, 2000, units={mug: 2}, restock=True, note="Return R-1")
    )

    (heard,) = asked(fake, "refundCreate")
    told = json.loads(heard.body)["variables"]
    assert told["input"] == {
        "orderId": f"gid://shopify/Order/{order_id}",
        "note": "Return R-1 [R-7F3A-1]",
        "currency": "EUR",
        "notify": False,
        "refundLineItems": [
            {
                "lineItemId": f"gid://shopify/LineItem/{mug}",
                "quantity": 2,
                "restockType": "RETURN",
                "locationId": "gid://shopify/Location/71000001",
            }
        ],
        "transactions": [
            {
                "orderId": f"gid://shopify/Order/{order_id}",
                "parentId": f"gid://shopify/OrderTransaction/{int(order_id) * 100 + 1}",
                "gateway": "shopify_payments",
                "kind": "REFUND",
                "amount": "20.00",
            }
        ],
    }
    (stands,) = fake.refunds(order_id)
    assert (stands.amount, stands.units, stands.restocked) == (2000, {"MUG": 2}, True)
    assert fake.stock("MUG") == before + 2
    assert made.amount == Money(2000, "EUR")
    assert opened().find_refund(order_id, "R-7F3A-1") == made
    assert opened().find_refund(order_id, "R-7F3A-2") is None


def test_without_restock_the_shelf_stays_and_no_location_is_asked(fake, opened):
    fake.granted -= {"read_locations", "read_inventory"}
    order_id = fake.place(PLAIN)
    fake.fulfil(order_id)
    shop = opened(client_id="", access_token=fake.access_token)
    hat, before = keys_of(shop, order_id)["HAT"], fake.stock("HAT")

    shop.refund(refund_of(order_id, 2500, units={hat: 1}))

    assert fake.stock("HAT") == before
    assert fake.truth()[order_id].lines[0].units == 0
    assert not asked(fake, "location {")


def test_a_shelf_that_may_not_be_seen_is_named_before_anything_is_paid(fake, opened):
    fake.granted -= {"read_locations", "read_inventory"}
    order_id = fake.place(PLAIN)
    fake.fulfil(order_id)
    shop = opened(client_id="", access_token=fake.access_token)
    hat = keys_of(shop, order_id)["HAT"]

    with pytest.raises(AuthFailed) as caught:
        shop.refund(refund_of(order_id, 2500, units={hat: 1}, restock=True))

    assert caught.value.facts["scope"] == "read_locations"
    assert fake.refunds(order_id) == []


def test_postage_goes_back_as_postage(fake, opened):
    order_id = fake.place(PLAIN)
    hat = keys_of(opened(), order_id)["HAT"]

    opened().refund(refund_of(order_id, 3000, units={hat: 1}, shipping=Money(500, "EUR")))

    (entry,) = fake.shelf.get(int(order_id)).refunds
    assert (entry.shipping, entry.amount, entry.adjustment) == (500, 3000, 0)


@pytest.mark.parametrize("amount", [1, 999, 2001, 6000])
def test_exactly_as_much_as_was_asked_for_goes_back(fake, opened, amount):
    order_id = fake.place(SALE)

    made = opened().refund(refund_of(order_id, amount))

    assert made.amount.minor == amount == fake.refunds(order_id)[0].amount


def test_store_credit_is_the_shoppers(fake, opened):
    order_id = fake.place(PLAIN)
    hat = keys_of(opened(), order_id)["HAT"]

    made = opened().refund(refund_of(order_id, 2500, units={hat: 1}, method="store_credit"))

    assert fake.credit("ada@example.com") == 2500
    assert made.amount == Money(2500, "EUR")
    (heard,) = asked(fake, "refundCreate")
    assert "transactions" not in json.loads(heard.body)["variables"]["input"]


def test_coupons_are_not_shopifys_way(fake, opened):
    with pytest.raises(Unsupported):
        opened().refund(refund_of(fake.place(PLAIN), 2500, method="coupon"))


@pytest.mark.parametrize(
    "change", [{"amount": Money(6001, "EUR")}, {"units": 4}, {"amount": Money(10, "USD")}]
)
def test_more_than_is_left_is_refused_before_it_is_sent(fake, opened, change):
    order_id = fake.place(PLAIN)
    mug = keys_of(opened(), order_id)["MUG"]
    if "units" in change:
        change = {"units": {mug: 4}}

    with pytest.raises(InvalidRequest):
        opened().refund(refund_of(order_id, 1000, **change))

    assert not asked(fake, "refundCreate")


def test_what_the_shop_refunded_by_itself_is_not_refunded_again(fake, opened):
    order_id = fake.place(PLAIN)
    hat = keys_of(opened(), order_id)["HAT"]
    fake.refund(order_id, {"HAT": 1})

    with pytest.raises(InvalidRequest):
        opened().refund(refund_of(order_id, 100, units={hat: 1}))

    assert len(fake.refunds(order_id)) == 1


class Answered:
    """Let the questions before the refund through, and answer the refund itself like this."""

    def __init__(self, fake, answer):
        self.fake, self.given, self.before = fake, answer, fake.answer

    def __enter__(self):
        def answer(heard):
            acts = b"refundCreate" in heard.body
            return self.given if acts else self.before(heard)

        self.fake.answer = answer

    def __exit__(self, *_):
        self.fake.answer = self.before


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(500, body=b"<h1>500</h1>"), id="500"),
        pytest.param(Answer(502, {}), id="502"),
        pytest.param(Answer(504, {}), id="504"),
        pytest.param(Answer(200, body=b'{"data": {"refun'), id="half"),
        pytest.param(Answer(200, {"data": {"refundCreate": None}}), id="nothing"),
        pytest.param(
            Answer(200, {"data": {"refundCreate": {"refund": None, "userErrors": []}}}), id="empty"
        ),
        pytest.param(
            Answer(
                200,
                {"errors": [{"message": "x", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]},
            ),
            id="internal",
        ),
        pytest.param(
            Answer(
                200,
                {
                    "data": {"refundCreate": {"refund": {"id": "gid://shopify/Refund/1"}}},
                    "errors": [{"message": "x", "extensions": {"code": "ACCESS_DENIED"}}],
                },
            ),
            id="done-with-errors",
        ),
    ],
)
def test_an_unclear_answer_to_a_refund_is_an_unknown_outcome(fake, opened, answer):
    order_id = fake.place(PLAIN)

    with Answered(fake, answer), pytest.raises(OutcomeUnknown):
        opened().refund(refund_of(order_id, 1000))

    assert len(asked(fake, "refundCreate")) == 1


def test_a_throttled_refund_was_not_made(fake, opened):
    order_id = fake.place(PLAIN)
    words = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}

    with Answered(fake, Answer(200, words)), pytest.raises(RateLimited):
        opened().refund(refund_of(order_id, 1000))

    assert fake.refunds(order_id) == []


def test_what_the_shop_says_against_it_is_told_on(fake, opened):
    order_id = fake.place(PLAIN)
    fault = {"field": ["input"], "message": "The payment is too old."}
    words = {"data": {"refundCreate": {"refund": None, "userErrors": [fault]}}}

    with Answered(fake, Answer(200, words)), pytest.raises(InvalidRequest) as caught:
        opened().refund(refund_of(order_id, 1000))

    assert "too old" in str(caught.value.message)


def test_the_same_reference_is_one_refund(fake, opened):
    order_id = fake.place(PLAIN)

    first = opened().refund(refund_of(order_id, 1000))
    again = opened().refund(refund_of(order_id, 1000))

    assert first == again
    assert len(fake.refunds(order_id)) == 1


def test_our_refund_is_found_among_many(fake, opened):
    order_id = fake.place(Sale(lines=(Line("MUG", "Mug", 30, 500),)))
    for _ in range(15):
        fake.refund(order_id, {"MUG": 1})
    made = opened().refund(refund_of(order_id, 500))
    for _ in range(3):
        fake.refund(order_id, {}, amount=100)

    assert opened().find_refund(order_id, "R-7F3A-1") == made


def test_a_note_is_written_once_below_what_stands_there(fake, opened):
    order_id = fake.place(PLAIN)
    fake.shelf.get(int(order_id)).note = "Please ring"

    opened().add_note(order_id, "Return R-1")
    opened().add_note(order_id, "Return R-1")

    assert fake.notes(order_id) == ["Please ring\nReturn R-1"]
    assert len(asked(fake, "orderUpdate")) == 1
    with pytest.raises(InvalidRequest):
        opened().add_note(str(int(order_id) + 99), "Return R-2")
