"""Shoppers who are not like the one we think of: in Italian, without script, without a mouse."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import DESK, PHONE
from tests.documents.reading import words
from tests.journeys.business import Business
from tests.journeys.goods import shipment
from tests.journeys.shopper import GIULIA, Shopper
from tests.journeys.stage import html_of, link_in, words_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LINE = {"description": "Sciarpa", "quantity": 2, "sku": "S", "value": "46.00", "weight": "0.3"}
# Words that no Italian page has and that every English one is full of.
ENGLISH = re.compile(
    r"\b(the|your|you|and|of|is|are|was|to|this|with|from|for|not|we|return|returns|order|orders|item|items|"
    r"piece|pieces|label|refund|back|continue|free|parcel|sender|within|arrived|cancel|each|day|days|by|on|"
    r"language|postal|code|number|reason|method|check|done|change|street|name|town|mail me|ready)\b",
    re.IGNORECASE,
)


@pytest.fixture
def brina(stage: Any) -> Business:
    """A brand that speaks Italian first, with an order."""
    shop = Business(stage, "Brina")
    brand = shop.brand(
        "Sartoria Brina", "brina", languages=["it", "en"], default_language="it", reply_to="a@b.it"
    )
    place = shop.place("Milano", brand, company="Sartoria Brina S.r.l.")
    stage.tell(shop.shop("Brina", place), shipment("BR-1", LINE))
    return shop


def no_english(shopper: Shopper) -> None:
    """What is read aloud and what is shown, without the names of things and places."""
    page = shopper.page
    assert page.locator("html").get_attribute("lang") == "it"
    said = page.locator("body").inner_text() + " " + page.title()
    said += " ".join(page.locator("[aria-label]").evaluate_all("all => all.map(n => n.ariaLabel)"))
    said = said.replace("English", "").replace("Premi Enter", "")
    assert ENGLISH.findall(said) == [], said


def italian_mail(mail: Any) -> None:
    for text in (str(mail["Subject"]), words_of(mail), re.sub(r"<[^>]+>", " ", html_of(mail))):
        assert ENGLISH.findall(re.sub(r"https?://\S+", "", text)) == [], text


def test_the_whole_way_is_italian(stage, brina, new_shopper, tmp_path):
    giulia = new_shopper(PHONE, "it-IT")
    giulia.on_look = no_english

    giulia.visit("brina")
    giulia.look("find")
    giulia.find("BR-2", "10131")
    giulia.look("missing")
    giulia.open_order("brina", "BR-1", "10131")
    giulia.pick("Sciarpa")
    giulia.say_why("Troppo piccolo")
    giulia.by_parcel()
    giulia.confirm()
    label = words(giulia.label(tmp_path))
    number = giulia.tracking_number
    stage.customer.scan(number, "in_transit", place="Novara")
    stage.customer.scan(number, "delivered", place="Milano")
    arrived = stage.mail(GIULIA["email"], "arrivato")
    giulia.page.goto(link_in(arrived, "/r/"))
    expect(giulia.page.locator(".timeline")).to_contain_text("Milano")
    giulia.look("track")
    giulia.page.goto(f"{stage.url}/brina/link/")
    giulia.look("link")

    for mail in stage.mails(GIULIA["email"]):
        italian_mail(mail)
    assert "RESO" in label
    assert "RETURN" not in label


def test_the_whole_way_without_script(stage, brina, new_shopper, tmp_path):
    giulia = new_shopper(PHONE, "en", java_script_enabled=False)

    giulia.open_order("brina", "BR-1", "10131")
    giulia.pick("Sciarpa", 2)
    giulia.say_why("Faulty")
    giulia.by_parcel()
    giulia.confirm()
    # The page looks again by itself, by its own refresh.
    label = words(giulia.label(tmp_path, "A6"))
    giulia.page.get_by_role("link", name="Follow this return").click()
    expect(giulia.heading).to_be_visible()
    giulia.page.get_by_role("link", name="Cancel this return").click()
    giulia.page.get_by_role("button", name="Cancel").click()
    expect(giulia.page.locator("main")).to_contain_text("cancelled")
    giulia.look("cancelled")
    stage.mail(GIULIA["email"], "cancelled")

    assert "Via Tortona 27" in label
    # What was cancelled can be sent back after all.
    giulia.open_order("brina", "BR-1", "10131")
    expect(giulia.page.locator(".item")).to_contain_text("of 2")


def test_the_whole_way_by_keyboard(stage, brina, new_shopper, tmp_path):
    giulia = new_shopper(DESK)
    giulia.visit("brina")
    keys = Keyboard(giulia, tmp_path)

    keys.tab_to("#order", "BR-1")
    keys.tab_to("#postcode", "10131")
    keys.press("Enter", "items")
    keys.tab_to("input[name=pick]")
    keys.page.keyboard.press("Space")
    keys.tab_to(".p-go .primary")
    keys.press("Enter", "why")
    keys.tab_to("input[name=reason]")
    keys.page.keyboard.press("ArrowDown")
    keys.tab_to(".p-go .primary")
    keys.press("Enter", "how")
    keys.tab_to("#method-print")
    keys.page.keyboard.press("Space")
    keys.tab_to(".p-go .primary")
    keys.press("Enter", "address")
    for name, value in GIULIA.items():
        keys.tab_to(f"#{name}", value)
    keys.tab_to(".p-go .primary")
    keys.press("Enter", "check")
    keys.tab_to(".p-go .primary")
    keys.press("Enter", "done")
    expect(giulia.page.locator("a[href*='format=a4']")).to_be_visible(timeout=30_000)
    keys.tab_to("a[href*='format=a4']")
    with giulia.page.expect_download():
        giulia.page.keyboard.press("Enter")


class Keyboard:
    """Tab, Space, Enter and arrows; wherever the focus rests it must be seen."""

    def __init__(self, shopper: Shopper, folder: Path) -> None:
        self.shopper, self.page = shopper, shopper.page

    def tab_to(self, selector: str, text: str = "") -> None:
        for _ in range(40):
            self.page.keyboard.press("Tab")
            assert self.page.evaluate(SEEN), self.page.evaluate("document.activeElement.outerHTML")
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                break
        else:
            raise AssertionError(f"{selector} is never reached by Tab")
        if text:
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(text)

    def press(self, key: str, leads_to: str) -> None:
        self.page.keyboard.press(key)
        self.page.wait_for_url(f"**/{leads_to}/")
        self.page.wait_for_load_state()


# The focused thing, or the box around it, draws a ring; and it is inside the window.
SEEN = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const drawn = (n) => n && (getComputedStyle(n).outlineStyle !== "none" || getComputedStyle(n).boxShadow !== "none");
  return one === document.body || (box.bottom > 0 && box.top < innerHeight &&
    (drawn(one) || drawn(one.parentElement) || drawn(one.closest("label, .item, .check, .method"))));
}"""
