"""The situations that merchants are in (S14): who packed the order, who takes it back, and whose it is."""

from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser import DESK, PHONE
from tests.documents.reading import words
from tests.journeys.business import Business
from tests.journeys.goods import at_the_till, shipment, write_csv
from tests.journeys.shopper import GIULIA, KIRSTEN
from tests.journeys.stage import words_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOTHING = "There is nothing at this address."
HAMBURG = {"country": "DE", "postal_code": "20539", "city": "Hamburg", "street": "Billstraße"}


def test_an_agency_packs_and_takes_back(stage, new_desk, new_shopper, tmp_path):
    """Orders are shipped by another program; the boxes come back to the agency, whose people open them."""
    shop = Business(stage, "Lumen Casa")
    lumen = shop.brand("Lumen Casa", "lumen-casa", portal={"allow_without_outbound": False})
    agency = shop.place("Agency", lumen, company="Logistica Resi S.p.A.", city="Novara")
    stage.tell(shop.shop("Lumen online", agency), shipment("LC-501"))
    owner, giulia = new_desk(DESK), new_shopper(PHONE)
    owner.log_in(shop.member)

    giulia.visit("lumen-casa")
    giulia.find("LC-501", "10131")
    expect(giulia.heading).to_have_text("This order cannot be returned here.")
    owner.switch_returns_on("Lumen Casa")
    giulia.open_order("lumen-casa", "LC-501", "10131")
    giulia.pick("Cashmere scarf", 2)
    giulia.say_why("Faulty")
    giulia.by_parcel()
    giulia.confirm()
    label = giulia.label(tmp_path)
    stage.customer.scan(giulia.tracking_number, "delivered", place="Novara")
    stage.mail(GIULIA["email"], "has arrived")

    warehouse = new_desk(PHONE)
    warehouse.log_in(shop.colleague("warehouse"))
    warehouse.find("LC-501", "R-")
    warehouse.receive("Opened")
    owner.find("LC-501", "R-")
    owner.pay_back()

    assert "Logistica Resi S.p.A." in words(label)
    assert "€92.00" in words_of(stage.mail(GIULIA["email"], "Refund"))


def test_each_suppliers_goods_go_back_to_their_supplier(stage, new_desk, new_shopper, tmp_path):
    """A drop-shipper has no warehouse: a rule on the SKU says whose goods they are."""
    shop = Business(stage, "Emporio Zeta")
    zeta = shop.brand("Emporio Zeta", "emporio-zeta")
    home = shop.place("Home", zeta, company="Emporio Zeta")
    north = shop.place("Nord", zeta, company="Fornitore Nord", city="Trento", postal_code="38122")
    south = shop.place("Sud", zeta, company="Fornitore Sud", city="Bari", postal_code="70121")
    keys = shop.shop("Emporio online", home)
    with shop.inside():
        shop.rule(north, ("sku", "starts_with", "N-"))
        shop.rule(south, ("sku", "starts_with", "S-"))
    stage.tell(keys, *(shipment(f"EZ-{sku}", goods(sku)) for sku in ("S-1", "X-1")))

    sent_to = {}
    for sku in ("S-1", "X-1"):
        giulia = new_shopper(PHONE)
        giulia.open_order("emporio-zeta", f"EZ-{sku}", "10131")
        giulia.pick("Lamp")
        giulia.say_why("Too small")
        giulia.by_parcel()
        giulia.confirm()
        sent_to[sku] = words(giulia.label(tmp_path))
    owner = new_desk(DESK)
    owner.log_in(shop.member)
    owner.go("Orders")
    expect(owner.page.get_by_role("row", name="EZ-S-1")).to_contain_text("ship from Sud")
    owner.eye.look("orders")
    owner.page.get_by_role("row", name="EZ-S-1").get_by_role("link").click()
    owner.eye.look("order")

    assert "Fornitore Sud" in sent_to["S-1"]
    assert "Emporio Zeta" in sent_to["X-1"]
    assert "Fornitore" not in sent_to["X-1"]


def goods(sku: str) -> dict[str, Any]:
    return {"description": "Lamp", "quantity": 1, "sku": sku, "value": "30.00"}


def test_bought_at_the_till_returned_by_post_and_at_a_store(stage, new_desk, new_shopper, tmp_path):
    """A receipt has no postal code: its code, or the e-mail that was left, is the second proof."""
    shop = Business(stage, "Nordlicht")
    brand = shop.brand("Nordlicht Outdoor", "nordlicht", portal={"in_store": True})
    store = shop.place("Hamburg", brand, is_store=True, opening_hours="Mon-Sat 10-19", **HAMBURG)
    shop.shop("Till Hamburg", store, system="csv")
    owner = new_desk(DESK)
    owner.log_in(shop.member)
    file = write_csv(
        tmp_path / "till.csv",
        at_the_till("T-2201", "RC-0017"),
        at_the_till("T-2202", "RC-0018", **{"E-mail": "kirsten@example.test"}),
    )
    owner.import_file("Till Hamburg", file, 2)

    # By post, with the receipt's code. The order knows no address, so the shopper writes all of it.
    kirsten = new_shopper(PHONE)
    kirsten.visit("nordlicht")
    kirsten.page.get_by_role("link", name="I bought it in a store").click()
    kirsten.eye.look("at-the-till")
    kirsten.find("T-2201", "RC-9999")
    expect(kirsten.page.get_by_role("alert")).to_contain_text("do not match")
    kirsten.find("T-2201", "rc 0017")
    kirsten.pick("Leather belt")
    kirsten.say_why("Too small")
    kirsten.by_parcel(KIRSTEN)
    kirsten.confirm()
    label = words(kirsten.label(tmp_path))
    stage.mail(KIRSTEN["email"], "label")

    # In a store, with the e-mail.
    other = new_shopper(PHONE)
    other.visit("nordlicht")
    other.page.get_by_role("link", name="I bought it in a store").click()
    other.find("T-2202", "kirsten@example.test")
    other.pick("Leather belt")
    other.say_why("Faulty")
    other.by_store()
    other.confirm()
    expect(other.heading).to_have_text("Done. Bring it to the store.")
    other.eye.look("done-store")
    number = other.page.get_by_role("heading", name="Return R-").inner_text().split()[-1]
    till = new_desk(PHONE)
    till.log_in(shop.colleague("warehouse"))
    till.find(number, number)
    till.receive("Damaged")
    owner.find(number, number)
    owner.pay_back()

    assert "Kirsten Oldenburg" in label
    assert "Billstraße 27" in label
    assert "€59.00" in words_of(stage.mail("kirsten@example.test", "Refund"))


def test_a_shop_that_ships_only_part_of_its_orders_here(stage, new_desk, new_shopper, tmp_path):
    """With the switch off only what was shipped here comes back; with it on everything does."""
    shop = Business(stage, "Mezzo Mezzo")
    brand = shop.brand("Mezzo", "mezzo", portal={"allow_without_outbound": False})
    keys = shop.shop("Mezzo online", shop.place("Milano", brand))
    stage.tell(keys, shipment("M-1"), shipment("M-2", tracking_number="0034043400021501"))
    giulia, owner = new_shopper(PHONE), new_desk(DESK)

    giulia.visit("mezzo")
    giulia.find("M-1", "10131")
    expect(giulia.heading).to_have_text("This order cannot be returned here.")
    giulia.open_order("mezzo", "M-2", "10131")
    giulia.pick("Cashmere scarf")
    giulia.say_why("Too small")
    giulia.by_parcel()
    giulia.confirm()
    giulia.label(tmp_path)
    owner.log_in(shop.member)
    owner.settings("Returns portal")
    owner.told("1 of 2 orders")
    owner.switch_returns_on("Mezzo")
    giulia.visit("mezzo")
    giulia.eye.look("find-again")
    giulia.open_order("mezzo", "M-1", "10131")
    # The unit that is on its way cannot come back twice; the other one can.
    giulia.open_order("mezzo", "M-2", "10131")
    expect(giulia.page.locator(".item")).to_contain_text("€46.00")
    giulia.eye.look("one-left")


def test_merchants_of_one_installation_never_meet(stage, new_desk, new_shopper, tmp_path):
    """Two merchants use the same numbers and the same postal codes, and each sees its own."""
    ours, theirs = Business(stage, "Alfa"), Business(stage, "Beta")
    keys = {}
    for business, slug in ((ours, "alfa"), (theirs, "beta")):
        brand = business.brand(slug.title(), slug)
        place = business.place("Desk", brand, company=f"{slug.title()} Srl")
        keys[slug] = business.shop(f"{slug.title()} shop", place)
        item = {"description": f"Hat of {slug}", "quantity": 1, "sku": "H", "value": "20.00"}
        stage.tell(keys[slug], shipment("1001", item, external_order_id=slug))
    stage.tell(keys["alfa"], shipment("1002"))

    giulia = new_shopper(PHONE)
    giulia.open_order("alfa", "1001", "10131")
    expect(giulia.page.locator(".items")).to_contain_text("Hat of alfa")
    giulia.pick("Hat of alfa")
    giulia.say_why("Too small")
    giulia.by_parcel()
    giulia.confirm()
    assert "Alfa Srl" in words(giulia.label(tmp_path))
    address = giulia.page.get_by_role("link", name="Follow this return").get_attribute("href")
    giulia.open_order("beta", "1001", "10131")
    expect(giulia.page.locator(".items")).to_contain_text("Hat of beta")
    giulia.visit("beta")
    giulia.find("1002", "10131")
    expect(giulia.heading).to_have_text("We could not open an order with these two.")
    giulia.page.goto(stage.url + address.replace("/alfa/", "/beta/"))
    expect(giulia.heading).to_have_text(NOTHING)

    desk = new_desk(DESK)
    desk.log_in(theirs.member)
    desk.told("No return yet")
    desk.go("Orders")
    expect(desk.page.locator("tbody tr")).to_have_count(1)
    desk.page.goto(f"{stage.url}/panel/returns/R-10001/")
    expect(desk.heading).to_have_text("This is not here")
    desk.eye.look("not-here")
    desk.search("1002")
    desk.told("Nothing found")
    stolen = httpx.get(
        f"{keys['alfa'].base}/integrations/{keys['alfa'].integration}/shipments",
        auth=(keys["beta"].public, keys["beta"].secret),
    )
    assert stolen.status_code in (403, 404)
    assert "1002" not in stolen.text


def test_one_number_in_two_shops_of_a_brand_is_told_apart(stage, new_shopper):
    """Only somebody whose proof fits both is asked which; nothing is said but shop and day."""
    shop = Business(stage, "Doppio")
    place = shop.place("Desk", shop.brand("Doppio", "doppio"))
    for name, item, code in (("Online", "Red hat", "10131"), ("Outlet", "Blue hat", "10131")):
        line = {"description": item, "quantity": 1, "sku": item, "value": "20.00"}
        stage.tell(shop.shop(f"Doppio {name}", place), shipment("77", line, postal_code=code))
    line = {"description": "Green hat", "quantity": 1, "sku": "G", "value": "20.00"}
    other = shipment("77", line, postal_code="20144", city="Milano", name="Another Person")
    stage.tell(shop.shop("Doppio Pop-up", place), other)

    giulia = new_shopper(PHONE)
    giulia.visit("doppio")
    giulia.find("77", "10131")
    expect(giulia.heading).to_have_text("Which of these is yours?")
    giulia.eye.look("which")
    choices = giulia.page.locator("main").inner_text()
    giulia.page.get_by_label("Doppio Outlet").check()
    giulia.page.get_by_role("button", name="Open this order").click()
    expect(giulia.page.locator(".items")).to_contain_text("Blue hat")
    giulia.visit("doppio")
    giulia.find("77", "20144")
    expect(giulia.page.locator(".items")).to_contain_text("Green hat")

    for secret in ("hat", "Pop-up", "Giulia", "Another", "Moncalieri", "Torino", "20.00"):
        assert secret not in choices, choices
