"""Labels that nobody here sells: a pool that the merchant fills, and a shopper who sends it themselves."""

import io
from typing import Any

import pytest
import typst
from playwright.sync_api import expect

from tests.browser import DESK, PHONE
from tests.documents.reading import scanned, words
from tests.journeys.business import Business
from tests.journeys.goods import shipment
from tests.journeys.stage import words_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LINE = {"description": "Sciarpa di lana merino", "quantity": 2, "sku": "S", "value": "46.00"}
NUMBERS = ["RR473124829IT", "RR473124832IT", "RR473124846IT"]


def labels_of_the_post(*numbers: str) -> bytes:
    """A page for each number, with real bars, as a post sells them."""
    from rientro.documents.barcodes import code128

    pages = []
    for number in numbers:
        bars = code128(number).svg.replace('"', "'")
        pages.append(
            f'#text(size: 20pt, weight: "bold")[POSTE RACCOMANDATA]\n\n'
            f"#line(length: 100%)\n#text(size: 13pt)[A: Sartoria Brina S.r.l. \\ Via Tortona 27 \\ "
            f"20144 MILANO MI]\n#v(2cm)\n"
            f'#image(bytes("{bars}"), format: "svg", width: 85mm, height: 25mm, fit: "stretch")\n'
            f"#align(center)[{number}]"
        )
    text = "#set page(width: 105mm, height: 148mm, margin: 8mm)\n" + "\n#pagebreak()\n".join(pages)
    pdf = typst.compile(text.encode(), format="pdf")
    return io.BytesIO(pdf).getvalue()


@pytest.fixture
def brina(stage: Any) -> Business:
    """A brand with an order; the sandbox is connected, but the own labels go first."""
    shop = Business(stage, "Brina")
    brand = shop.brand(
        "Sartoria Brina", "brina", languages=["it", "en"], default_language="it", reply_to="a@b.it"
    )
    place = shop.place("Milano", brand, company="Sartoria Brina S.r.l.")
    keys = shop.shop("Brina", place)
    for number in ("BR-1", "BR-2"):
        stage.tell(keys, shipment(number, LINE))
    return shop


def let_shoppers_send(shop: Business) -> None:
    with shop.inside():
        shop.merchant.portal_settings.update(self_sent=True)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_pool_is_filled_and_a_shopper_gets_a_label_of_it(
    stage, brina, new_desk, new_shopper, tmp_path, size
):
    desk = new_desk(size)
    desk.log_in(brina.member)
    (tmp_path / "labels.pdf").write_bytes(labels_of_the_post(*NUMBERS))
    table = "Tracking number;Price;Valid until;To\n" + "".join(
        f"{number};4,90;31.12.2027;IT\n" for number in [*NUMBERS[:2], "RR 12"]
    )
    (tmp_path / "numbers.csv").write_text(table)

    desk.page.goto(f"{stage.url}/panel/settings/carriers/new/prepaid/")
    desk.fill(name="Labels of the post")
    desk.eye.look("connect")
    desk.press("Save")
    desk.told("is connected. Upload its labels now.")
    desk.eye.look("empty-pool")
    desk.page.set_input_files("#files", [tmp_path / "labels.pdf", tmp_path / "numbers.csv"])
    desk.fill(carrier="Poste Italiane")
    desk.press("Upload and look at them")

    # Each label with its picture; one number is odd.
    expect(desk.page.locator(".papers img")).to_have_count(3)
    desk.told("1 to be mended")
    desk.told("This does not look like a tracking number")
    desk.eye.look("look")
    desk.page.get_by_label("Tracking number of label 3").fill(NUMBERS[2])
    desk.press("Save the numbers and check again")
    desk.told("All are right")
    desk.press("Put them into the pool")
    desk.told("3 labels are in the pool now.")
    desk.eye.look("pool")
    with brina.inside():
        account = brina.merchant.carrier_accounts.get(carrier="prepaid")
        brina.merchant.carrier_accounts.update(is_default=False)
        brina.merchant.carrier_accounts.filter(pk=account.pk).update(is_default=True)

    giulia = new_shopper(PHONE, "it")
    giulia.open_order("brina", "BR-1", "10131")
    giulia.pick("Sciarpa")
    giulia.say_why("Troppo piccolo")
    giulia.by_parcel()
    giulia.confirm()
    paper = giulia.label(tmp_path)
    taken = giulia.tracking_number

    assert taken in NUMBERS
    assert ("Code128", taken) in scanned(paper)
    assert "POSTE RACCOMANDATA" in words(paper)
    desk.page.goto(f"{stage.url}/panel/settings/carriers/{account.pk}/labels/?show=taken")
    desk.told(taken)
    desk.told("2 labels are left")
    desk.eye.look("used")
    desk.settings("Carriers")
    desk.told("Few labels left")
    desk.eye.look("carriers")
    few = stage.mail(brina.member.user.email, "Labels of the post: 2 labels are left")
    assert f"/carriers/{account.pk}/labels/" in words_of(few)


def test_a_shopper_sends_it_and_tells_the_number_later(
    stage, brina, new_desk, new_shopper, tmp_path
):
    let_shoppers_send(brina)
    giulia = new_shopper(PHONE, "it")
    giulia.open_order("brina", "BR-2", "10131")
    giulia.pick("Sciarpa")
    giulia.say_why("Troppo piccolo")
    giulia.page.check("#method-self")
    giulia.look("how")
    giulia.go_on("check")
    giulia.confirm()
    expect(giulia.heading).to_have_text("Fatto. Spediscilo al negozio.")
    expect(giulia.page.locator(".big-address")).to_contain_text("Via Tortona 27")
    giulia.look("done")
    with giulia.page.expect_download() as coming:
        giulia.page.get_by_role("link", name="Distinta e indirizzo").click()
    coming.value.save_as(tmp_path / "slip.pdf")
    slip = (tmp_path / "slip.pdf").read_bytes()
    with brina.inside():
        ret = brina.merchant.returns.select_related("order").get()
    assert scanned(slip) == [("Code128", ret.number)] * 2
    mail = stage.mail(ret.order.email, f"Spediscici il reso {ret.number}")
    assert "Via Tortona 27" in words_of(mail)
    assert f"/r/{ret.link_token}/slip" in words_of(mail)

    giulia.page.get_by_role("link", name="Segui il reso").click()
    giulia.look("track")
    giulia.page.fill("#own_number", "12")
    giulia.page.get_by_role("button", name="Salva il numero").click()
    expect(giulia.page.locator("#own_number-error")).to_be_visible()
    giulia.look("odd-number")
    giulia.page.fill("#own_number", "rr 473124829 it")
    giulia.page.fill("#own_carrier", "Poste Italiane")
    giulia.page.get_by_role("button", name="Salva il numero").click()
    expect(giulia.page.get_by_text("Grazie, abbiamo il numero.")).to_be_visible()
    giulia.look("told")

    desk = new_desk(DESK)
    desk.log_in(brina.member)
    desk.page.goto(f"{stage.url}/panel/returns/{ret.number}/")
    desk.told(NUMBERS[0])
    desk.eye.look("return")
    desk.press("Mark as on its way")
    desk.told("Marked as on its way.")
    giulia.page.reload()
    expect(giulia.heading).to_have_text("Il tuo pacco è in viaggio")
    giulia.look("on-its-way")
