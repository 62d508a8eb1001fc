"""Connecting to PrestaShop: what is wrong is said in words; and what goes back to it: vouchers and notes, once."""

import pytest

from rientro.kit.money import Money
from rientro.shops.base import (
    AuthFailed,
    InvalidRequest,
    OutcomeUnknown,
    RateLimited,
    RefundRequest,
    Unavailable,
    Unsupported,
)
from rientro.shops.prestashop.around import HELPFUL, NEEDED
from tests.fake_server import Answer
from tests.shops.prestashop.conftest import SALE


def voucher(key, amount=1000, **changes):
    words = {
        "external_order_id": key,
        "reference": "R-1001",
        "amount": Money(amount, "EUR"),
        "shipping": Money(0, "EUR"),
        "method": "coupon",
    }
    return RefundRequest(**words | changes)


def test_a_shop_says_what_it_is(fake, opened):
    facts = opened().check()

    assert facts.name
    assert facts.version
    assert facts.currency == "EUR"
    assert facts.statuses
    assert facts.cautions == []


def test_the_key_is_the_user_and_stands_in_no_address(fake, opened):
    opened().check()

    for heard in fake.heard:
        assert heard.headers["authorization"].startswith("Basic ")
        assert "ws_key" not in heard.query


@pytest.mark.parametrize("key", ["short", "A" * 32])
def test_a_wrong_key_is_said_to_be_one(fake, opened, key):
    with pytest.raises(AuthFailed, match="does not take this key") as caught:
        opened(key=key).check()

    assert key not in caught.value.message


def test_another_page_is_no_shop(fake, opened):
    fake.next_answers = [Answer(200, body=b"<html>Welcome</html>")]
    with pytest.raises(InvalidRequest, match="no webservice of PrestaShop"):
        opened().check()

    fake.next_answers = [Answer(301, {}, headers={"Location": "https://www.example.com/shop/api/"})]
    with pytest.raises(InvalidRequest, match=r"https://www\.example\.com/shop\. Type that one"):
        opened().check()


def test_a_webservice_that_is_switched_off_is_asked_again_later(fake, opened):
    words = {"errors": [{"code": 22, "message": "The PrestaShop webservice is disabled."}]}
    fake.next_answers = [Answer(503, words)]

    with pytest.raises(Unavailable, match="switched off"):
        opened().check()


def test_a_busy_host_says_when(fake, opened):
    fake.next_answers = [Answer(429, {}, headers={"Retry-After": "9"})]

    with pytest.raises(RateLimited) as caught:
        opened().check()

    assert caught.value.retry_after_s == 9


@pytest.mark.parametrize("resource", NEEDED)
def test_each_missing_permission_is_named(fake, opened, resource):
    fake.permissions[resource].discard("GET")

    with pytest.raises(AuthFailed) as caught:
        opened().check()

    assert caught.value.facts["scope"] == f"{resource} GET"
    assert resource in caught.value.message


def test_what_only_helps_may_be_missing(fake, opened):
    key = fake.place(SALE)
    for resource in HELPFUL:
        fake.permissions[resource].discard("GET")
    fake.permissions["cart_rules"].discard("POST")
    shop = opened()

    assert len(shop.check().cautions) == len(HELPFUL) + 1
    assert shop.fetch([key])[key].order.external_order_id == key


def test_without_its_configuration_the_merchant_says_the_time_zone(fake, opened):
    key = fake.place(SALE)
    fake.permissions["configurations"].discard("GET")

    with pytest.raises(AuthFailed, match="time zone") as caught:
        opened().check()
    assert caught.value.facts["scope"] == "configurations GET"

    told = opened(timezone=fake.timezone).fetch([key])[key]
    assert told.order.ordered_at == fake.now.replace(microsecond=0)
    with pytest.raises(InvalidRequest, match="no time zone"):
        opened(timezone="Mars/Olympus").check()


def test_a_voucher_is_made_with_one_request_and_found_again(fake, opened):
    key = fake.place(SALE)
    assert opened().find_refund(key, "R-1001") is None

    made = opened().refund(voucher(key, note="Return R-1001"))

    assert fake.lines().count("POST /api/cart_rules") == 1
    assert len(made.code) == 17
    assert opened().find_refund(key, "R-1001").code == made.code
    assert opened().find_refund(key, "R-1001").amount == Money(1000, "EUR")
    assert opened().find_refund(key, "R-100") is None
    body = fake.last("POST /api/cart_rules").body
    assert b"<reduction_amount>10.00</reduction_amount>" in body
    assert b"<reduction_tax>1</reduction_tax>" in body


def test_more_than_is_left_is_refused_before_anything_is_sent(fake, opened):
    key = fake.place(SALE)
    (order,) = opened().fetch([key]).values()
    total = order.order.total_minor
    line = order.order.lines[0].line_key

    for request in (
        voucher(key, total + 1),
        voucher(key, 0),
        voucher(key, units={line: 99}),
        voucher(key, units={"77777": 1}),
        voucher("99999"),
    ):
        with pytest.raises(InvalidRequest):
            opened().refund(request)
    opened().refund(voucher(key, total - 100))
    with pytest.raises(InvalidRequest, match="is left"):
        opened().refund(voucher(key, 101, reference="R-1002"))

    assert fake.lines().count("POST /api/cart_rules") == 1


def test_a_lost_answer_is_a_doubt(fake, opened):
    key = fake.place(SALE)
    shop = opened()
    shop.refund(voucher(key, 100))
    heard = len(fake.heard)
    shop = opened()
    shop.refund(voucher(key, 100, reference="R-2"))
    requests = len(fake.heard) - heard
    answers = fake.answer

    def lost(asked):
        made = answers(asked)
        return Answer(500, body=b"<h1>Oops</h1>") if asked.method == "POST" else made

    fake.answer = lost
    with pytest.raises(OutcomeUnknown):
        opened().refund(voucher(key, 100, reference="R-3"))
    fake.answer = answers

    assert requests > 1
    assert opened().find_refund(key, "R-3") is not None


def test_money_and_stock_are_refused_unasked(fake, opened):
    key = fake.place(SALE)
    fake.heard.clear()

    for request in (voucher(key, method="original"), voucher(key, restock=True)):
        with pytest.raises(Unsupported):
            opened().refund(request)

    assert fake.heard == []


def test_a_note_stands_on_the_order_once_and_for_the_desk_alone(fake, opened):
    key = fake.place(SALE)
    words = "Return R-1001: 2 scarves & socks, <b>wet</b>"

    for typed in (words, f" {words}\x00\r\n"):
        opened().add_note(key, typed)
    opened().add_note(key, "Another")

    assert fake.notes(key) == [words, "Another"]
    assert b"<private>1</private>" in fake.last("POST /api/customer_messages").body
    assert fake.lines().count("POST /api/customer_threads") == 1
    with pytest.raises(InvalidRequest):
        opened().add_note("99999", words)
