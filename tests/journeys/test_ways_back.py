"""Ways back that are more than one printed label: a code, a driver, two parcels."""

import io
import re
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image
from playwright.sync_api import expect
from zxingcpp import read_barcodes

from rientro.models import Label, PortalSettings, Return
from tests.browser import DESK, PHONE
from tests.journeys.business import Business
from tests.journeys.goods import shipment
from tests.journeys.shopper import GIULIA, Shopper
from tests.journeys.stage import html_of, link_in, words_of
from tests.panel.places import place

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LINES = [
    {"description": "Stivali", "quantity": 1, "sku": "B", "value": "189.00", "weight": "1.8"},
    {"description": "Sciarpa", "quantity": 2, "sku": "S", "value": "46.00", "weight": "0.3"},
]


@pytest.fixture
def brina(stage: Any) -> Business:
    """A brand that offers everything, with an order of three things."""
    shop = Business(stage, "Brina")
    brand = shop.brand(
        "Sartoria Brina",
        "brina",
        languages=["en", "it", "de"],
        portal={"labelless": True, "pickup": True, "most_parcels": 3},
    )
    place = shop.place("Milano", brand, company="Sartoria Brina S.r.l.")
    stage.tell(shop.shop("Brina", place), shipment("BR-1", *LINES))
    return shop


def address_of(shopper: Shopper) -> None:
    shopper.look("how")
    shopper.go_on("address")
    for name, value in GIULIA.items():
        shopper.page.fill(f"#{name}", value)
    shopper.go_on("check")


def codes_in(picture: bytes) -> list[str]:
    return [code.text for code in read_barcodes(Image.open(io.BytesIO(picture)))]


def test_the_code_is_shown_large_and_read(stage, brina, new_shopper):
    giulia = new_shopper(PHONE, "it-IT")
    giulia.open_order("brina", "BR-1", "10131")
    giulia.pick("Sciarpa")
    giulia.say_why("Troppo piccolo")

    giulia.page.check("#method-code")
    address_of(giulia)
    giulia.confirm()
    shown = giulia.page.locator(".drop-code img")
    expect(shown).to_be_visible(timeout=30_000)
    expect(giulia.heading).to_have_text("Il tuo codice è pronto.")
    giulia.look("done")
    number = giulia.tracking_number

    # What the screen shows is what a drop-off point reads.
    assert codes_in(shown.screenshot()) == [f"SANDBOX:{number}"]
    mail = stage.mail(GIULIA["email"], "codice")
    assert "cid:code-1" in html_of(mail)
    pictures = [
        part.get_content() for part in mail.walk() if part.get_content_type() == "image/png"
    ]
    assert [f"SANDBOX:{number}"] in [codes_in(picture) for picture in pictures]
    giulia.page.goto(link_in(mail, "/r/"))
    expect(giulia.page.locator(".drop-code img")).to_be_visible()
    giulia.look("track")
    stage.customer.scan(number, "handed_in", place="Torino")
    stage.mail(GIULIA["email"], "in viaggio")
    giulia.page.reload()
    expect(giulia.page.locator(".drop-code")).to_have_count(0)


def test_no_code_comes_and_a_label_is_printed_without_a_second_purchase(
    stage, brina, new_shopper, tmp_path
):
    giulia = new_shopper(PHONE)
    stage.customer.fault("no_code")
    giulia.open_order("brina", "BR-1", "10131")
    giulia.pick("Sciarpa")
    giulia.say_why("Too small")

    giulia.page.check("#method-code")
    address_of(giulia)
    giulia.confirm()
    giulia.label(tmp_path)

    expect(giulia.page.locator(".ticket")).to_contain_text("code cannot be shown")
    expect(giulia.page.locator(".howto")).to_contain_text("Hand it in")
    assert len(stage.customer.labels()) == 1


def test_the_carrier_refuses_codes_and_sells_a_label_instead(stage, brina, new_shopper, tmp_path):
    giulia = new_shopper(PHONE)
    stage.customer.switch(labelless=False)
    giulia.open_order("brina", "BR-1", "10131")
    giulia.pick("Sciarpa")
    giulia.say_why("Too small")

    giulia.page.check("#method-code")
    address_of(giulia)
    giulia.confirm()
    giulia.label(tmp_path)

    expect(giulia.page.locator(".ticket")).to_contain_text("gives no code for this parcel")
    expect(giulia.heading).to_have_text("Your label is ready.")
    assert len(stage.customer.labels()) == 1


def test_a_driver_comes_on_the_chosen_day(stage, brina, new_shopper, new_desk, tmp_path):
    giulia = new_shopper(DESK, "de-DE")
    giulia.open_order("brina", "BR-1", "10131")
    giulia.pick("Sciarpa")
    giulia.say_why("Too small")

    giulia.page.check("#method-pickup")
    giulia.page.click(".p-go .primary")
    expect(giulia.page.locator("[role=alert], .error, .banner").first).to_contain_text("Tag")
    day = giulia.page.locator(".days .check").nth(1)
    words = day.inner_text().strip()
    day.locator("input").check()
    address_of(giulia)
    expect(giulia.page.locator("main")).to_contain_text(words)
    giulia.confirm()
    giulia.label(tmp_path)

    expect(giulia.page.locator("main")).to_contain_text(words)
    [sold] = stage.customer.labels()
    with brina.inside():
        ret = Return.objects.get()
    assert sold["pickup_on"] == ret.pickup_on.isoformat()
    mail = stage.mail(GIULIA["email"], "Rücksendeetikett")
    assert words in words_of(mail)
    desk = new_desk(DESK)
    desk.log_in(brina.member)
    desk.page.goto(stage.url + place("return", ret.number))
    expect(desk.page.locator("main")).to_contain_text("The driver comes on")
    desk.eye.look("return")


def test_two_parcels_travel_apart_and_arrive_together(
    stage, brina, new_shopper, new_desk, tmp_path
):
    giulia = new_shopper(PHONE)
    giulia.open_order("brina", "BR-1", "10131")
    for name in ("Stivali", "Sciarpa"):
        giulia.page.locator(".item").filter(has_text=name).locator("input[name=pick]").check()
    giulia.go_on("why")
    while "/why/" in giulia.page.url:
        giulia.page.get_by_role("radio", name="Too small").check()
        giulia.page.click(".p-go .primary")
        giulia.page.wait_for_load_state()

    giulia.page.check("#method-print")
    giulia.page.select_option("#parcels", "2")
    address_of(giulia)
    expect(giulia.page.locator("main")).to_contain_text("2 parcels")
    giulia.confirm()
    link = giulia.page.get_by_role("link", name="Download all as PDF A4")
    expect(link).to_be_visible(timeout=30_000)
    giulia.look("done")
    assert pages_of(giulia, link, tmp_path) == 2
    alone = giulia.page.locator(".parcels").get_by_role("link", name="PDF A4").nth(1)
    assert pages_of(giulia, alone, tmp_path) == 1

    with brina.inside():
        numbers = [label.tracking_number for label in Label.objects.order_by("pk")]
        ret = Return.objects.get()
    assert len(set(numbers)) == 2
    mail = stage.mail(GIULIA["email"], "label")
    assert all(number in words_of(mail) for number in numbers)
    giulia.page.get_by_role("link", name="Follow this return").click()
    giulia.look("track-before")
    stage.customer.scan(numbers[0], "delivered", place="Milano")
    stage.customer.scan(numbers[1], "in_transit", place="Novara")
    expect_after_reload(giulia, "Parcel 2: On its way: Novara")
    giulia.look("track")
    stage.customer.scan(numbers[1], "delivered", place="Milano")
    stage.mail(GIULIA["email"], "arrived")
    desk = new_desk(DESK)
    desk.log_in(brina.member)
    desk.page.goto(stage.url + place("return", ret.number))
    expect(desk.page.locator("main")).to_contain_text(numbers[0])
    expect(desk.page.locator("main")).to_contain_text(numbers[1])
    desk.eye.look("return")
    desk.page.goto(stage.url + place("portal_of", ret.brand_id))
    desk.eye.look("settings")


def pages_of(shopper: Shopper, link: Any, folder: Path) -> int:
    with shopper.page.expect_download() as coming:
        link.click()
    coming.value.save_as(folder / "labels.pdf")
    with pikepdf.open(folder / "labels.pdf") as opened:
        return len(opened.pages)


def expect_after_reload(shopper: Shopper, words: str) -> None:
    for _ in range(60):
        shopper.page.reload()
        if words in shopper.page.locator("main").inner_text():
            return
        shopper.page.wait_for_timeout(500)
    raise AssertionError(f"never read: {words}\n{shopper.page.locator('main').inner_text()}")


def test_what_is_switched_off_is_not_offered(stage, brina, new_shopper):
    with brina.inside():
        PortalSettings.objects.update(labelless=False, pickup=False, most_parcels=1)
    giulia = new_shopper(PHONE)
    giulia.open_order("brina", "BR-1", "10131")
    giulia.pick("Sciarpa")
    giulia.say_why("Too small")

    assert giulia.page.locator(".method").count() == 1
    assert giulia.page.locator("#parcels").count() == 0
    assert re.search("Printer needed", giulia.page.locator("main").inner_text())
