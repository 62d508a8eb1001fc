"""Version 3's parcels: their papers in each form, where they have been seen, and the statuses."""

import io

import pikepdf
import pytest

from rientro.api.ids import parcel_id
from rientro.models import Integration, TrackingEvent
from tests import makers
from tests.api.checking import checked
from tests.api.test_parcels import make_labelled

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(machine):
    makers.make_carrier_account()
    brand = machine.integration.merchant.brands.get()
    machine.order = makers.make_order(brand, integration=Integration.objects.get())
    machine.ret = make_labelled(machine.order)
    machine.number = parcel_id("parcel", machine.ret.parcels.get().pk)
    machine.url = f"/api/v3/parcels/{machine.number}/documents/label"
    return machine


def pages(answer):
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(answer.content)) as document:
        return [[round(float(edge)) for edge in page.mediabox[2:]] for page in document.pages]


@pytest.mark.parametrize("query", ["", "?paper_size=A6", "?paper_size=a5&dpi=72"])
def test_a_label_comes_at_its_true_size(query, desk):
    assert pages(desk.ask("GET", desk.url + query)) == [[298, 420]]


@pytest.mark.parametrize("corner", ["", "&start_from=3"])
def test_on_a4_it_stands_in_a_corner(corner, desk):
    assert pages(desk.ask("GET", f"{desk.url}?paper_size=a4{corner}")) == [[595, 842]]


@pytest.mark.parametrize("dpi", ["", "?dpi=203"])
def test_a_thermal_printer_gets_zpl(dpi, desk):
    answer = desk.ask("GET", desk.url + dpi, headers={"accept": "application/zpl"})

    assert answer.headers["Content-Type"] == "application/zpl"
    assert answer.content.startswith(b"^XA")


def test_several_labels_come_in_one_file(desk):
    many = f"/api/v3/parcel-documents/label?parcels={desk.number}&parcels={desk.number}"

    assert len(pages(desk.ask("GET", many))) == 2
    assert len(pages(desk.ask("GET", f"{many}&paper_size=a4"))) == 1
    zpl = desk.ask("GET", many, headers={"accept": "application/zpl"}).content
    assert zpl.count(b"^XA") == 2


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("dpi=300", "dpi"), ("paper_size=a3", "paper_size"), ("start_from=4", "start_from")],
)
def test_paper_that_is_not_drawn_is_refused(query, parameter, desk):
    answer = desk.ask("GET", f"{desk.url}?{query}")

    (problem,) = checked(answer, "v3_get_parcel_document")["errors"]
    assert (answer.status_code, problem["source"]) == (400, {"parameter": parameter})


def test_a_picture_is_not_drawn(desk):
    answer = desk.ask("GET", desk.url, headers={"accept": "image/png"})

    assert answer.status_code == 400


def test_papers_that_are_not_there(desk):
    base = desk.url.removesuffix("label")
    poem = desk.ask("GET", f"{base}poem")
    assert poem.status_code == 400
    assert poem.json()["errors"][0]["detail"] == "Invalid document type."
    assert desk.ask("GET", f"{base}customs-declaration").status_code == 404
    nobody = desk.ask("GET", "/api/v3/parcels/3/documents/label")
    assert nobody.json()["errors"][0]["detail"] == "No Parcel matches the given query."
    order = parcel_id("order", desk.order.pk)
    assert desk.ask("GET", f"/api/v3/parcels/{order}/documents/label").status_code == 404


@pytest.mark.parametrize(
    "query", ["", "?parcels=", "?parcels=x", "?parcels=%00", "?" + "parcels=4&" * 21]
)
def test_a_list_of_parcels_that_is_none_is_refused(query, desk):
    answer = desk.ask("GET", f"/api/v3/parcel-documents/label{query}")

    assert answer.status_code == 400
    checked(answer, "v3_get_parcel_documents")


def test_a_parcel_is_followed_by_its_number(desk):
    parcel = desk.ret.parcels.get()
    TrackingEvent.objects.create(
        parcel=parcel,
        key="1",
        status="in_transit",
        code="DEP",
        description="On its way",
        occurred_at=makers.NOW,
        received_at=makers.NOW,
    )

    told = checked(desk.ask("GET", "/api/v3/parcels/tracking/TST42"), "v3_get_parcel_tracking")

    assert told["details"]["is_return"] is True
    assert told["details"]["integration_id"] == desk.integration.pk
    assert [event["status_code"] for event in told["events"]] == ["SHIPMENT_ON_ROUTE"]
    assert told["tracking_numbers"][0]["tracking_number"] == "TST42"
    assert told["from_address"]["city"] == "Torino"


@pytest.mark.parametrize("number", ["nobody", "x%00y", "%ED%A0%80"])
def test_a_number_of_nobody_is_not_followed(number, desk):
    answer = desk.ask("GET", f"/api/v3/parcels/tracking/{number}")

    assert answer.status_code == 404
    assert "%" in number or checked(answer, "v3_get_parcel_tracking")["detail"]


def test_a_stranger_sees_no_paper_and_no_parcel(desk, stranger):
    assert stranger.ask("GET", desk.url).status_code == 404
    many = f"/api/v3/parcel-documents/label?parcels={desk.number}"
    assert stranger.ask("GET", many).status_code == 404
    assert stranger.ask("GET", "/api/v3/parcels/tracking/TST42").status_code == 404


def test_the_statuses_have_words(desk):
    told = checked(desk.ask("GET", "/api/v3/parcels/statuses"), "v3_list_parcel_statuses")["data"]

    assert {"code": "READY_TO_SEND", "message": "Ready to send"} in told
    assert len(told) == 34
