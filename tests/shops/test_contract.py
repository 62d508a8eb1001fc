"""What every shop adapter is held to, whatever its shop: what it says it can, how it fails, what it never tells."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from rientro.shops.base import (
    AuthFailed,
    BadSignature,
    Can,
    Facts,
    InvalidRequest,
    RateLimited,
    RawWebhook,
    Shop,
    ShopError,
    ShopOrder,
    TellsByItself,
    Unavailable,
    Unsupported,
)
from rientro.shops.registry import KNOWN, codes, known, open_shop, open_telling_shop, shop_class
from tests.fake_server import Answer, running
from tests.shops.fakes.shop import FakeShop, Line, Sale
from tests.shops.filled import FILLED, Filled

SALE = Sale(lines=(Line("SCARF", "Scarf", 2, 1990),))


@pytest.fixture(params=FILLED.values(), ids=list(FILLED))
def filled(request: pytest.FixtureRequest) -> Filled:
    found: Filled = request.param
    return found


@pytest.fixture
def fake(filled: Filled) -> Iterator[FakeShop]:
    with running(filled.fake()) as fake:
        yield fake


def opened(filled: Filled, fake: FakeShop, **changes: Any) -> Shop:
    credentials, settings = filled.form(fake)
    settings = {**settings, "url": fake.url} | changes.pop("settings", {})
    return open_shop(fake.SYSTEM, {**credentials, **changes}, settings)


def test_every_shop_system_is_tried_here():
    assert set(FILLED) == set(KNOWN)


@pytest.mark.parametrize("code", KNOWN)
def test_a_shop_system_says_what_the_panel_needs(code):
    about = known(code)

    assert about.code == code == shop_class(code).CODE
    assert about.name == shop_class(code).NAME
    assert about.words.endswith(".")
    assert about.steps
    assert all(step.endswith(".") for step in about.steps)
    assert any(box.secret for box in about.credentials) or about.ways == "consent"
    assert code in codes()


def test_it_can_what_is_said_of_it(filled, fake):
    assert opened(filled, fake).can == known(fake.SYSTEM).can


def test_right_keys_are_taken_and_the_shop_says_its_name(filled, fake):
    facts = opened(filled, fake).check()

    assert isinstance(facts, Facts)
    assert facts.name


def test_wrong_keys_are_refused_in_words_that_hold_no_secret(filled, fake):
    credentials, _ = filled.form(fake)
    wrong = {name: f"{value[:-4]}0000" for name, value in credentials.items()}

    with pytest.raises(AuthFailed) as caught:
        opened(filled, fake, **wrong).check()

    assert not any(value and value in caught.value.message for value in wrong.values())


def test_a_page_that_is_no_shop_is_said_to_be_none(filled, fake):
    page = Answer(
        200, body=b"<!doctype html><title>Hello</title>", headers={"Content-Type": "text/html"}
    )
    fake.next_answers = [page] * 9

    with pytest.raises((InvalidRequest, Unavailable)):
        opened(filled, fake).check()


def test_a_shop_that_is_away_is_not_reached(filled, fake):
    shop = opened(filled, fake, settings={"url": "http://127.0.0.1:9"})

    with pytest.raises(Unavailable):
        shop.check()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(503, {"message": "maintenance"}), id="503"),
        pytest.param(Answer(500, body=b"<h1>Error</h1>"), id="html"),
        pytest.param(Answer(200, body=b'{"orders": ['), id="half"),
        pytest.param(Answer(200, body=b"[[[["), id="nonsense"),
    ],
)
def test_an_answer_that_is_none_is_asked_for_again_later(filled, fake, answer):
    fake.place(SALE)
    shop = opened(filled, fake)
    shop.check()
    fake.next_answers = [answer] * 9

    with pytest.raises(Unavailable):
        shop.changed(fake.now - timedelta(days=1))


def test_a_busy_shop_says_how_long_to_wait(filled, fake):
    shop = opened(filled, fake)
    shop.check()
    fake.next_answers = [Answer(429, {"message": "slow down"}, headers={"Retry-After": "7"})] * 9

    with pytest.raises(RateLimited) as caught:
        shop.changed(fake.now - timedelta(days=1))

    assert 1 <= caught.value.retry_after_s <= 3600


def test_an_order_is_read_whole(filled, fake):
    key = fake.place(SALE)

    page = opened(filled, fake).changed(fake.now - timedelta(days=1))

    (told,) = page.orders
    assert isinstance(told, ShopOrder)
    assert told.order.external_order_id == key
    assert told.order.shop_updated_at is None
    assert told.order.ordered_at.tzinfo is not None
    assert all(line.line_key for line in told.order.lines or ())
    assert told.order.number == fake.truth()[key].number
    assert page.newest


def test_orders_are_fetched_by_id_and_strangers_are_gone(filled, fake):
    key = fake.place(SALE)
    gone = _another(key)

    found = opened(filled, fake).fetch([key, gone])

    assert isinstance(found[key], ShopOrder)
    assert found[gone] is None


def _another(key: str) -> str:
    """An id of the same shape that nobody has."""
    return key[:-1] + ("8" if key[-1] != "8" else "9") if len(key) > 3 else str(int(key) + 4000)


def test_an_order_is_found_by_its_number_or_the_shop_cannot(filled, fake):
    key = fake.place(SALE)
    shop = opened(filled, fake)
    number = fake.truth()[key].number
    if Can.FIND not in shop.can:
        with pytest.raises(Unsupported):
            shop.find(number)
        return

    (told,) = shop.find(f" {number.lower()} ")
    assert isinstance(told, ShopOrder)
    assert told.order.external_order_id == key
    assert list(shop.find("no-such-order-77")) == []


def test_a_refund_that_was_never_made_is_none(filled, fake):
    shop = opened(filled, fake)
    if not shop.can & (Can.REFUND | Can.STORE_CREDIT | Can.COUPON):
        with pytest.raises(Unsupported):
            shop.find_refund(fake.place(SALE), "R-1")
        return

    assert shop.find_refund(fake.place(SALE), "R-1-none") is None


def telling(filled: Filled, fake: FakeShop) -> TellsByItself | None:
    credentials, settings = filled.form(fake)
    return open_telling_shop(fake.SYSTEM, credentials, {**settings, "url": fake.url})


def test_only_a_shop_that_can_tell_by_itself_is_listened_to(filled, fake):
    shop = telling(filled, fake)

    assert (shop is not None) == (Can.WEBHOOK in opened(filled, fake).can)


def test_what_the_shop_did_not_sign_is_not_believed(filled, fake):
    shop = telling(filled, fake)
    raw = RawWebhook(headers={}, body=b'{"id": 1}', received_at=fake.now)
    if shop is None:
        return  # refused at the door: tests/hooks/test_shops.py

    with pytest.raises(BadSignature):
        shop.parse_webhook(raw)


def test_a_delivery_has_one_short_key(filled, fake):
    shop = telling(filled, fake)
    raw = RawWebhook(headers={"x": "1"}, body=b"{}", received_at=fake.now)
    if shop is None:
        return

    assert shop.delivery_key(raw) == shop.delivery_key(raw)
    assert 0 < len(shop.delivery_key(raw)) <= 120


def test_no_failure_but_those_that_are_named(filled, fake):
    """Whatever stands in the answers, an adapter fails in the family's words."""
    fake.place(SALE)
    for words in (None, [], {}, {"data": None}, {"errors": [1]}, {"orders": "x"}, "text", 7):
        shop = opened(filled, fake)
        fake.next_answers = [Answer(200, words)] * 3
        try:
            shop.changed(fake.now - timedelta(days=1))
        except ShopError:
            pass
        finally:
            fake.next_answers = []
