"""What each profile puts right in Karrio's words, and how it reads answers that come in other clothes."""

import base64
import io
from dataclasses import replace
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pikepdf
import pypdfium2
import pytest
from PIL import Image
from zxingcpp import read_barcodes

from rientro.carriers import registry
from rientro.carriers.base import (
    AuthFailed,
    Can,
    InvalidRequest,
    LabelFormat,
    OutcomeUnknown,
    ParcelSize,
    Unavailable,
    Unsupported,
)
from rientro.carriers.karrio import answers
from rientro.carriers.karrio.adapter import KarrioCarrier
from rientro.carriers.registry import open_carrier
from tests.carriers.conftest import SHOPPER
from tests.carriers.fakes.bpost import GENT, FakeBpost
from tests.carriers.fakes.colissimo import BOUNDARY, LYON, FakeColissimo
from tests.carriers.fakes.dhl_parcel_de import FakeDhlParcelDe
from tests.carriers.fakes.fedex import FakeFedEx
from tests.carriers.fakes.paper import pdf
from tests.carriers.fakes.server import Answer
from tests.carriers.fakes.ups import FakeUps, activity
from tests.carriers.karrio.conftest import SELLERS, named
from tests.carriers.karrio.test_recordings import CUSTOMS

HOSTILE = "</common:name><x>&\"'\\ ^XZ~ \x07ü😀"


def of(fake):
    return pytest.mark.parametrize("there", [fake], indirect=True, ids=named)


def sent(there):
    return there.last(there.PURCHASE)


# DHL


@of(FakeDhlParcelDe)
def test_dhl_gets_the_second_line_as_a_name_and_not_as_a_house_number(carrier, there):
    sender = replace(SHOPPER, house_number="", street="Corso Moncalieri 14", address_2="Scala B")

    carrier.buy_label(there.wish(sender=sender))

    assert sent(there).words["shipper"] == {
        "name1": "Giulia Ferrero",
        "name2": "Scala B",
        "addressStreet": "Corso Moncalieri 14",
        "postalCode": "10131",
        "city": "Torino",
    }


@of(FakeDhlParcelDe)
def test_dhl_sends_it_to_the_receiver_that_the_merchant_named(there):
    carrier = open_carrier(
        there.CODE, there.credentials, there.settings | {"receiver_id": "lager7"}
    )

    carrier.buy_label(there.wish())

    assert sent(there).words["receiverId"] == "lager7"


@of(FakeDhlParcelDe)
def test_dhl_without_a_code_is_a_label_all_the_same(carrier, there):
    there.answer_purchase = Answer(201, {"shipmentNo": "999990000009"})

    bought = carrier.buy_label(there.wish(labelless=True))

    assert bought.tracking_number == "999990000009"
    assert (bought.document, bought.code, bought.code_link) == (None, None, "")


@of(FakeDhlParcelDe)
def test_dhl_links_and_papers_that_are_none_are_left_out(carrier, there):
    there.answer_purchase = Answer(
        201,
        {
            "shipmentNo": "999990000009",
            "qrLink": "javascript:alert(1)",
            "label": {"b64": "bm8gUERG"},
            "qrLabel": "no object",
        },
    )

    bought = carrier.buy_label(there.wish())

    assert (bought.document, bought.code, bought.code_link) == (None, None, "")


@of(FakeDhlParcelDe)
def test_dhl_tracking_that_brings_entities_of_its_own_is_not_read(carrier, there):
    there.next_answers = [Answer(body=b'<!DOCTYPE a [<!ENTITY b "c">]><data>&b;</data>')]

    with pytest.raises(Unavailable):
        carrier.track(["999990000001"])


@of(FakeDhlParcelDe)
def test_two_users_of_one_app_never_share_an_access_token(carrier, there):
    carrier.buy_label(there.wish("R-1"))
    there.credentials |= {"username": "user-other"}  # whom DHL knows now

    open_carrier(there.CODE, there.credentials, there.settings).buy_label(there.wish("R-2"))

    users = [
        parse_qs(heard.body.decode())["username"] for heard in there.heard if "token" in heard.path
    ]
    assert users == [["user-valid"], ["user-other"]]


# UPS


@of(FakeUps)
def test_ups_is_paid_by_the_merchant_comes_from_the_shopper_and_is_never_fetched(carrier, there):
    carrier.buy_label(there.wish())

    shipment = sent(there).words["ShipmentRequest"]["Shipment"]
    assert shipment["ReturnService"]["Code"] == "9"
    assert shipment["Shipper"]["ShipperNumber"] == "A1B2C3"
    assert shipment["Shipper"]["Name"] == shipment["ShipTo"]["Name"] == "Sartoria Brina S.r.l."
    assert shipment["ShipFrom"]["Name"] == "Giulia Ferrero"
    assert "Dimensions" not in shipment["Package"][0]


@of(FakeUps)
def test_ups_gets_a_size_when_there_is_one(carrier, there):
    size = ParcelSize(weight_g=2500, length_mm=400, width_mm=300, height_mm=120)

    carrier.buy_label(there.wish(parcel=size))

    package = sent(there).words["ShipmentRequest"]["Shipment"]["Package"][0]
    assert package["PackageWeight"]["Weight"] == "2.5"
    assert [package["Dimensions"][side] for side in ("Length", "Width", "Height")] == [
        "40.0",
        "30.0",
        "12.0",
    ]


@of(FakeUps)
def test_ups_draws_a_picture_and_it_becomes_a_page_of_four_by_six_inches(carrier, there):
    paper = carrier.buy_label(there.wish()).document

    with pikepdf.open(io.BytesIO(paper)) as made:
        assert [float(side) for side in made.pages[0].mediabox] == [0, 0, 288, 432]
    page = pypdfium2.PdfDocument(paper)
    shown = page[0].render(scale=200 / 72).to_pil()
    page.close()
    (code,) = read_barcodes(shown)
    assert code.text == "UPS LABEL"
    # Upright, and as wide as high: nothing was stretched.
    corners = code.position
    assert corners.top_left.y < corners.bottom_left.y
    wide = corners.top_right.x - corners.top_left.x
    assert wide == pytest.approx(corners.bottom_left.y - corners.top_left.y, abs=3)


def test_a_picture_that_has_ink_to_its_end_keeps_its_length():
    picture = Image.new("1", (1400, 800), 1)
    picture.putpixel((1399, 400), 0)
    out = io.BytesIO()
    picture.save(out, "GIF")

    paper = answers.picture_as_paper(
        base64.b64encode(out.getvalue()).decode(), width_in=4, height_in=6
    )

    with pikepdf.open(io.BytesIO(paper)) as made:
        assert [float(side) for side in made.pages[0].mediabox] == [0, 0, 288, 504]


@pytest.mark.parametrize("told", [None, 7, "", "bm8gcGljdHVyZQ==", "!!"])
def test_what_is_no_picture_is_no_paper(told):
    assert answers.picture_as_paper(told, width_in=4, height_in=6) is None
    assert answers.paper(told) is None


@of(FakeUps)
def test_ups_times_are_greenwich_where_it_tells_them(carrier, there):
    scan = activity("I", "AR", "20261126", "220000", "Arrived")
    local = {name: value for name, value in scan.items() if not name.startswith("gmt")}
    there.scans["1ZA1B2C30000000001"] = [scan, local]

    told = carrier.track(["1ZA1B2C30000000001"])["1ZA1B2C30000000001"]

    assert {found.occurred_at.isoformat() for found in told} == {"2026-11-26T22:00:00+00:00"}


@of(FakeUps)
def test_a_number_that_is_none_never_reaches_a_path(carrier, there):
    told = carrier.track(["../../oauth", "", "a b", "1Z?x=1"])

    assert there.heard == []
    assert set(map(tuple, told.values())) == {()}
    with pytest.raises(InvalidRequest):
        carrier.cancel_label("../ship")
    assert there.heard == []


# FedEx


@of(FakeFedEx)
def test_fedex_without_keys_for_tracking_does_not_track(there):
    few = {name: value for name, value in there.credentials.items() if "track" not in name}

    carrier = open_carrier(there.CODE, few, there.settings)

    assert Can.TRACK not in carrier.can
    with pytest.raises(Unsupported):
        carrier.track(["794600000001"])


@of(FakeFedEx)
def test_fedex_that_does_not_say_yes_has_not_voided(carrier, there):
    there.next_answers = [
        there.give_token_now(),
        Answer(200, {"output": {"cancelledShipment": False, "message": "Too late."}}),
    ]

    with pytest.raises(OutcomeUnknown):
        carrier.cancel_label("794600000001")


# bpost


@of(FakeBpost)
def test_bpost_from_abroad_is_the_return_of_the_world(carrier, there):
    carrier.buy_label(there.wish(service="bpack_world_easy_return", sender=SHOPPER))

    assert b":product>bpack World Easy Return</" in sent(there).body


@of(FakeBpost)
def test_bpost_label_that_does_not_come_is_bought_all_the_same_and_a_person_looks(carrier, there):
    there.next_answers = [Answer(201), Answer(503)]

    with pytest.raises(OutcomeUnknown):
        carrier.buy_label(there.wish())

    assert there.purchases == 1


@of(FakeBpost)
def test_bpost_gives_its_paper_again(carrier, there):
    carrier.buy_label(there.wish("R-5"))

    assert carrier.fetch_document("R-5").startswith(b"%PDF-")
    with pytest.raises(Unsupported):
        carrier.fetch_document("R-5", LabelFormat.ZPL)


@of(FakeBpost)
def test_a_hostile_name_stays_inside_its_element(carrier, there):
    carrier.buy_label(there.wish(sender=replace(GENT, name=HOSTILE)))

    names = [
        e.text for e in ElementTree.fromstring(sent(there).body).iter() if e.tag.endswith("}name")
    ]
    assert names[0] == HOSTILE.replace("\x07", " ")


@pytest.mark.parametrize("there", SELLERS, indirect=True, ids=named)
def test_hostile_words_arrive_as_words(carrier, there):
    sender = replace(there.wish().sender, name=HOSTILE, address_2=HOSTILE)

    carrier.buy_label(there.wish(sender=sender, description=HOSTILE))

    assert there.bought == ["R-1"]
    body = sent(there).body
    assert b"\x07" not in body
    assert b"<x>" not in body or there.CODE != "bpost"


# Colissimo


@of(FakeColissimo)
def test_colissimo_answers_with_either_end_of_line_are_read(carrier, there):
    there.answer_purchase = Answer(
        body=(
            f"--{BOUNDARY}\nContent-Type: application/json\nContent-ID: <jsonInfos>\n\n"
            '{"messages": [], "labelV2Response": {"parcelNumber": "8R00000000077"}}\n'
            f"--{BOUNDARY}\nContent-Type: application/octet-stream\nContent-ID: <label>\n\n"
        ).encode()
        + pdf()
        + f"\n--{BOUNDARY}--\n".encode(),
        headers={"Content-Type": "multipart/mixed"},
    )

    bought = carrier.buy_label(there.wish())

    assert bought.tracking_number == "8R00000000077"
    assert bought.document.startswith(b"%PDF-")


@of(FakeColissimo)
def test_colissimo_that_refuses_in_a_good_answer_is_a_clear_no(carrier, there):
    words = {"id": "30204", "type": "ERROR", "messageContent": "Le code postal est incorrect"}
    there.answer_purchase = Answer(200, {"messages": [words], "labelV2Response": None})

    with pytest.raises(InvalidRequest, match="Le code postal est incorrect"):
        carrier.buy_label(there.wish())


@of(FakeColissimo)
def test_colissimo_refuses_credentials_in_words(there):
    wrong = there.credentials | {"password": "other"}

    with pytest.raises(AuthFailed, match="mot de passe incorrect"):
        open_carrier(there.CODE, wrong, there.settings).buy_label(there.wish())


@of(FakeColissimo)
def test_colissimo_says_beforehand_what_it_takes_and_creates_nothing(carrier, there):
    carrier.validate(there.wish())
    with pytest.raises(InvalidRequest, match="Nowhere"):
        carrier.validate(there.wish(sender=replace(LYON, city="Nowhere")))

    assert there.lines() == [there.CHECK, there.CHECK]
    assert there.bought == []


@of(FakeColissimo)
def test_what_is_checked_is_what_is_bought(carrier, there):
    carrier.validate(there.wish())
    carrier.buy_label(there.wish())

    checked, bought = (heard.words for heard in there.heard)
    assert checked == bought


@of(FakeColissimo)
def test_colissimo_without_a_key_of_la_poste_does_not_track(there):
    few = there.credentials | {"laposte_api_key": ""}

    assert Can.TRACK not in open_carrier(there.CODE, few, there.settings).can


# All


@pytest.mark.parametrize("there", SELLERS[1:], indirect=True, ids=named)
def test_a_parcel_with_customs_is_refused_where_nobody_tried_it(carrier, there):
    with pytest.raises(Unsupported, match="customs"):
        carrier.buy_label(there.wish(customs=CUSTOMS))

    assert there.heard == []


@pytest.mark.parametrize("there", SELLERS, indirect=True, ids=named)
def test_a_parcel_that_nobody_weighed_is_declared_as_a_kilogram(carrier, there):
    carrier.buy_label(there.wish(parcel=ParcelSize(weight_g=0)))

    told = sent(there).body.decode()
    assert any(
        weight in told for weight in ('"value": 1.0', '"Weight": "1.0"', '"weight": 1.0', ">1000<")
    )


def test_every_profile_that_sells_reads_its_own_labels():
    profiles = [
        found
        for code in registry.KNOWN
        if registry.known(code).path.startswith("rientro.carriers.karrio.")
        for found in [registry.carrier_class(code)]
    ]

    assert len(profiles) == 7
    for profile in profiles:
        assert not profile.__abstractmethods__
        assert bool(profile.OFFERS) == (profile.read_label is not KarrioCarrier.read_label)
