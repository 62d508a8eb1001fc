"""The shortest proof that Rientro does its job: one journey by hand through every door, nothing faked."""

from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import expect
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

from rientro.host.demo_data.logos import NORDLICHT, SARTORIA, logo
from tests.browser import DESK, PHONE
from tests.documents.reading import scanned, words
from tests.journeys.goods import at_the_till, posted, scarf, shipment, write_csv
from tests.journeys.stage import html_of, link_in, words_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
GIULIA = "giulia.ferrero@example.test"
MILANO = {"street": "Via Tortona", "house_number": "27", "postal_code": "20144", "city": "Milano"}
HAMBURG = {
    "country": "DE",
    "street": "Billstraße",
    "house_number": "82",
    "postal_code": "20539",
    "city": "Hamburg",
}


def set_up(desk: Any, folder: Path) -> Any:
    """Two shops, two brands, two addresses, two rules; returns the keys of shop A."""
    for name, source in (("sartoria", SARTORIA), ("nordlicht", NORDLICHT)):
        (folder / f"{name}.png").write_bytes(logo(source))
    answers = {"reply_to": "ciao@brina.example"}
    desk.make_brand("Sartoria Brina", "sartoria-brina", folder / "sartoria.png", **answers)
    desk.make_brand("Nordlicht Outdoor", "nordlicht-outdoor", folder / "nordlicht.png")
    desk.make_address("Milano", "Sartoria Brina", state="MI", **MILANO)
    desk.make_address("Hamburg", "Nordlicht Outdoor", **HAMBURG)
    desk.make_shop("Shop A")
    keys = desk.make_key()
    desk.make_shop("Shop B", "csv")
    desk.write_rule("Shop A", "Milano (Sartoria Brina)")
    desk.write_rule("Shop B", "Hamburg (Nordlicht Outdoor)")
    desk.connect_carrier()
    return keys


def test_the_shortest_proof(stage, new_desk, new_shopper, tmp_path):
    desk = new_desk(DESK)
    desk.log_in(stage.member_of("Resi & Co."))
    keys = set_up(desk, tmp_path)

    # Orders come in, shipped by nobody here.
    hat = {"description": "Felt hat", "quantity": 1, "sku": "HA-1", "value": "80.00"}
    stage.tell(keys, shipment("BR-10482", scarf(2), hat))
    file = write_csv(tmp_path / "shop-b.csv", posted("NL-77204"), at_the_till("NL-2201", "RC-0017"))
    desk.import_file("Shop B", file, 2)
    desk.go("Orders")
    for number, brand in (
        ("BR-10482", "Sartoria Brina"),
        ("NL-77204", "Nordlicht Outdoor"),
        ("NL-2201", "Nordlicht Outdoor"),
    ):
        expect(desk.page.get_by_role("row", name=number)).to_contain_text(brand)
    desk.eye.look("orders")

    # The switch is off: refused, and said clearly.
    giulia = new_shopper(PHONE)
    giulia.visit("sartoria-brina")
    giulia.find("BR-10482", "10131")
    expect(giulia.heading).to_have_text("This order cannot be returned here.")
    write = giulia.page.get_by_role("link", name="Write to the shop")
    expect(write).to_have_attribute("href", "mailto:ciao@brina.example")
    giulia.eye.look("refused")

    # The switch is on: the right portal opens, the other one knows nothing.
    desk.switch_returns_on("Sartoria Brina")
    desk.switch_returns_on("Nordlicht Outdoor")
    giulia.visit("nordlicht-outdoor")
    giulia.find("BR-10482", "10131")
    expect(giulia.heading).to_have_text("We could not open an order with these two.")
    giulia.eye.look("other-portal")
    giulia.open_order("sartoria-brina", "br 10482", "10131")
    giulia.pick("Cashmere scarf")
    giulia.say_why("Too small")
    giulia.by_parcel()
    giulia.confirm()
    label = giulia.label(tmp_path)
    until = giulia.page.get_by_text("Valid until").inner_text().split(", ")[1].strip(".")
    check_label(label, giulia.tracking_number, until)

    # News of the parcel.
    number = giulia.tracking_number
    stage.customer.scan(number, "handed_in", place="Torino")
    stage.customer.scan(number, "in_transit", place="Novara")
    check_mails(stage)
    row = desk.page.get_by_role("row", name="BR-10482").filter(has_text="In transit")
    desk.look_until("Returns", row)
    desk.eye.look("in-transit")
    row.get_by_role("link").first.click()
    desk.told("Novara")
    desk.eye.look("return")
    giulia.page.goto(link_in(stage.mail(GIULIA, "label"), "/r/"))
    expect(giulia.page.locator("header").get_by_alt_text("Sartoria Brina")).to_be_visible()
    expect(giulia.page.locator(".timeline")).to_contain_text("Novara")
    giulia.eye.look("track")

    # The bill, and what a missing rule does.
    desk.settings("Billing")
    desk.told("3 orders, always free")
    desk.told("1 label")
    desk.eye.look("billing")
    desk.settings("Shipping rules")
    desk.page.get_by_label("More for rule 2").click()
    desk.press("Delete")
    desk.told("is deleted")
    desk.import_file("Shop B", write_csv(tmp_path / "more.csv", posted("NL-77205")), 1)
    desk.go("Orders")
    desk.told("1 order fell on the default brand")
    desk.eye.look("fallen")
    desk.open("Show them")
    expect(desk.page.locator("tbody tr")).to_have_count(1)
    expect(desk.page.locator("tbody tr")).to_contain_text("NL-77205")
    desk.eye.look("fallen-listed")


def check_label(pdf: bytes, tracking_number: str, until: str) -> None:
    """From the shopper to the brand, under its logo; the scanner reads the tracking number."""
    assert words(pdf).count("Sartoria Brina S.r.l.") == 1
    assert until in words(pdf)
    assert tracking_number in [text for _kind, text in scanned(pdf)]
    for part in ("Giulia Ferrero", "Corso Moncalieri 14", "10131", "Via Tortona 27", "20144"):
        assert part in words(pdf), part
    document = pypdfium2.PdfDocument(pdf)
    try:
        assert list(document[0].get_objects(filter=[FPDF_PAGEOBJ_IMAGE]))
    finally:
        document.close()


def check_mails(stage: Any) -> None:
    """Each carries the brand: as the sender, in its words, in its picture."""
    for subject in ("label", "handed|way"):
        mail = stage.mail(GIULIA, subject)
        assert "Sartoria Brina" in str(mail["From"])
        assert "Sartoria Brina" in html_of(mail)
        assert "cid:" in html_of(mail)
        assert "€46.00" in html_of(mail)
    told = [str(mail["From"]) + words_of(mail) + html_of(mail) for mail in stage.mails()]
    assert not [words for words in told if "Nordlicht" in words]
