"""A shop is connected in the panel, its order appears, a shopper returns it, and the money goes back in the shop."""

import random
from typing import Any

import pytest
from playwright.sync_api import expect

from rientro.kit import clock
from rientro.shops.base import Can
from rientro.shops.registry import known
from tests.browser import DESK, PHONE
from tests.fake_server import running
from tests.journeys.business import Business
from tests.journeys.shopper import GIULIA
from tests.journeys.stage import wait_for
from tests.shops.fakes.shop import FakeShop, Line, Sale, by_http
from tests.shops.filled import FILLED, Filled

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SALE = Sale(
    lines=(Line("SCARF", "Sciarpa di lana", 2, 4600), Line("BOOTS", "Stivali", 1, 18900)),
    email=GIULIA["email"],
    name=GIULIA["name"],
    street=f"{GIULIA['street']} {GIULIA['house_number']}",
    postal_code=GIULIA["postal_code"],
    city=GIULIA["city"],
)


@pytest.fixture
def brina(stage: Any) -> Business:
    shop = Business(stage, "Brina")
    brand = shop.brand("Sartoria Brina", "brina", languages=["en", "it"])
    shop.place("Milano", brand, company="Sartoria Brina S.r.l.")
    return shop


def sell(fake: FakeShop) -> str:
    """A sale of yesterday, sent at once; the shop's clock is ours."""
    fake.now = clock.now().replace(microsecond=0)
    fake.tick(-86_400)
    key = fake.place(SALE)
    fake.tick(3600)
    fake.fulfil(key, "TRK7654321")
    fake.now = clock.now().replace(microsecond=0)
    return key


def connect(desk: Any, filled: Filled, fake: FakeShop) -> None:
    about = known(fake.SYSTEM)
    credentials, settings = filled.form(fake)
    desk.settings("Integrations")
    desk.open("Connect a shop")
    desk.page.locator("main").get_by_role("link", name=f"Connect {about.name}").click()
    desk.fill(url=fake.url)
    for name, value in credentials.items():
        desk.fill(**{f"credential_{name}": value})
    for name, value in settings.items():
        if name != "url":
            desk.fill(**{f"setting_{name}": value})
    desk.eye.look(f"connect-{fake.SYSTEM}")
    desk.press("Try and connect")
    desk.told("takes our keys")


@pytest.mark.parametrize("filled", FILLED.values(), ids=list(FILLED))
def test_from_the_shop_to_the_shopper_and_back(
    stage, brina, new_desk, new_shopper, tmp_path, filled
):
    with running(filled.fake()) as fake:
        key = sell(fake)
        number = fake.truth()[key].number
        desk = new_desk(DESK)
        desk.log_in(brina.member)

        connect(desk, filled, fake)
        wait_for(lambda: _orders(brina), lambda: f"order {number}")
        desk.page.reload()
        desk.eye.look(f"connected-{fake.SYSTEM}")

        giulia = new_shopper(PHONE, "en-GB")
        giulia.open_order("brina", number, GIULIA["postal_code"])
        giulia.pick("Sciarpa di lana")
        giulia.say_why("Too small")
        giulia.by_parcel()
        giulia.confirm()
        giulia.label(tmp_path)

        desk.go("Returns")
        desk.find(number, "R-")
        if Can.REFUND in known(fake.SYSTEM).can:
            _pay_back(desk, fake, key, stage)
        _is_noted(fake, key)


def _orders(brina: Business) -> int:
    with brina.inside():
        return int(brina.merchant.orders.count())


def _pay_back(desk: Any, fake: FakeShop, key: str, stage: Any) -> None:
    summary = desk.page.locator("details.refund summary")
    if desk.page.locator("details.refund[open]").count() == 0:
        summary.click()
    desk.page.locator("details.refund").get_by_role("button", name="Pay back").click()
    wait_for(lambda: fake.refunds(key), lambda: "the refund in the shop")
    stage.mail(GIULIA["email"], "Refund")
    desk.page.reload()
    expect(desk.page.locator("h1 .badge")).to_have_text("Refunded")
    desk.eye.look(f"paid-by-{fake.SYSTEM}")
    assert [refund.amount for refund in fake.refunds(key)] == [4600]


def _is_noted(fake: FakeShop, key: str) -> None:
    if Can.NOTE not in known(fake.SYSTEM).can:
        return
    wait_for(lambda: fake.notes(key), lambda: "the note on the order")
    notes = [note for note in fake.notes(key) if "R-" in note]
    assert len(notes) == 1


def test_an_order_that_was_just_placed_comes_by_webhook(stage, brina, new_desk):
    filled = FILLED["woocommerce"]
    with running(filled.fake()) as fake:
        desk = new_desk(DESK)
        desk.log_in(brina.member)
        fake.now = clock.now().replace(microsecond=0)
        connect(desk, filled, fake)
        wait_for(lambda: _told_us(brina), lambda: "the shop to know our address")

        fake.outbox.clear()
        fake.place(SALE)

        statuses = fake.deliver(by_http, random.Random(1))

        assert set(statuses) == {200}
        wait_for(lambda: _orders(brina), lambda: "the order")


def _told_us(brina: Business) -> bool:
    with brina.inside():
        return bool(brina.merchant.shop_links.exclude(webhook_base="").count())
