"""Customs papers of a parcel, by the addresses that clients know, and goods that lack what customs must know."""

import io

import pikepdf
import pytest

from rientro.api.ids import parcel_id
from rientro.api.label_wait import CUSTOMS_WANTED
from rientro.models import CustomsPaper, Integration, LabelPurchase, Return, StoredDocument
from tests import makers
from tests.api.checking import checked
from tests.api.examples import MILAN, TURIN
from tests.api.test_parcels import make_labelled

pytestmark = pytest.mark.django_db
PAGES = {"cn23": 1, "commercial_invoice": 3, "customs": 4}
ZURICH = TURIN | {
    "address_line_1": "Bahnhofstrasse",
    "postal_code": "8001",
    "city": "Zürich",
    "country_code": "CH",
    "state_province_code": "",
}


def paper(pages):
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(200, 200))
    out = io.BytesIO()
    pdf.save(out)
    return StoredDocument.objects.keep(out.getvalue(), content_type="application/pdf")


@pytest.fixture
def desk(machine):
    makers.make_carrier_account()
    brand = machine.integration.merchant.brands.get()
    machine.order = makers.make_order(brand, integration=Integration.objects.get())
    machine.ret = make_labelled(machine.order)
    label = machine.ret.parcels.get().labels.get()
    LabelPurchase.objects.filter(pk=label.purchase_id).update(request={"customs": {"items": []}})
    for kind, pages in PAGES.items():
        CustomsPaper.objects.create(label=label, kind=kind, document=paper(pages))
    machine.number = parcel_id("parcel", machine.ret.parcels.get().pk)
    return machine


def pages(answer):
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    with pikepdf.open(io.BytesIO(answer.content)) as document:
        return len(document.pages)


@pytest.mark.parametrize(
    ("path", "number_of_pages"),
    [
        ("v2/parcels/{}/documents/cn23", 1),
        ("v2/parcels/{}/documents/cn23-default", 1),
        ("v2/parcels/{}/documents/commercial-invoice", 3),
        ("v2/customs_declaration/normal_printer/{}", 4),
        ("v2/customs_declaration/normal_printer?ids={0},{0}", 8),
        ("v3/parcels/{}/documents/customs-declaration", 4),
        ("v3/parcel-documents/customs-declaration?parcels={0}&parcels={0}", 8),
    ],
)
def test_papers_come_by_every_address(path, number_of_pages, desk):
    assert pages(desk.ask("GET", "/api/" + path.format(desk.number))) == number_of_pages


@pytest.mark.parametrize("kind", ["cp71"])
def test_a_paper_that_is_not_drawn_is_not_there(kind, desk):
    assert desk.ask("GET", f"/api/v2/parcels/{desk.number}/documents/{kind}").status_code == 404


def test_the_parcel_tells_where_they_are(desk):
    told = checked(desk.ask("GET", f"/api/v2/parcels/{desk.number}"), "v2_get_parcel")["parcel"]
    url = told["customs_declaration"]["normal_printer"]

    assert [one["type"] for one in told["documents"]] == ["label", "cn23", "commercial-invoice"]
    for link in [url, *(one["link"] for one in told["documents"][1:])]:
        assert pages(
            desk.ask("GET", link.partition("://")[2].partition("/")[1] + link.split("/", 3)[3])
        )
    urls = desk.ask("GET", f"/api/v2/labels/{desk.number}").json()
    assert urls["customs_declaration"]["normal_printer"] == url


def test_a_parcel_inside_one_territory_has_none(desk):
    CustomsPaper.objects.all().delete()
    LabelPurchase.objects.update(request={"customs": None})

    told = desk.ask("GET", f"/api/v2/parcels/{desk.number}").json()["parcel"]

    assert told["customs_declaration"] == {}
    assert [one["type"] for one in told["documents"]] == ["label"]
    for path in (
        f"v2/parcels/{desk.number}/documents/cn23",
        f"v2/customs_declaration/normal_printer/{desk.number}",
        f"v2/customs_declaration/normal_printer?ids={desk.number}",
        f"v3/parcels/{desk.number}/documents/customs-declaration",
    ):
        assert desk.ask("GET", f"/api/{path}").status_code == 404, path


def announced(machine, **item):
    makers.make_carrier_account()
    makers.make_address(machine.integration.merchant.brands.get())
    goods = {
        "description": "Scarf",
        "quantity": 1,
        "price": {"value": 46, "currency": "EUR"},
        "weight": {"value": 0.3, "unit": "kg"},
    }
    body = {
        "from_address": ZURICH,
        "to_address": MILAN,
        "weight": {"value": 0.5, "unit": "kg"},
        "parcel_items": [goods | item],
    }
    return machine.ask("POST", "/api/v3/returns/announce-synchronously", body)


def test_a_client_that_waits_is_told_what_customs_must_know(machine):
    answer = announced(machine)

    assert answer.status_code >= 400
    assert CUSTOMS_WANTED in answer.content.decode()
    assert set(Return.objects.values_list("approval", flat=True)) == {"cancelled"}
