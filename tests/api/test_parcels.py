"""Version 2's parcels: imported orders and parcels on their way back, their papers and their end."""

import pytest

from rientro.api.ids import parcel_id
from rientro.kit.tenancy import acting_for
from rientro.models import Integration, Label, Parcel, Return, StoredDocument
from rientro.models.purchasing import intend_label
from tests import makers
from tests.api.checking import checked
from tests.documents.makers import facts as label_facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(machine):
    """A machine whose integration has a plain order, a return with a label and one to a store."""
    makers.make_carrier_account()
    mine = {"integration": Integration.objects.get()}
    brand = mine["integration"].merchant.brands.get()
    machine.order = makers.make_order(brand, number="BR-1", **mine)
    machine.ret = make_labelled(makers.make_order(brand, number="BR-2", **mine))
    in_store = makers.make_order(brand, number="BR-3", **mine)
    machine.in_store = makers.make_return(in_store, carrier="none", method="in_store")
    return machine


def make_labelled(order):
    from rientro.documents.label import draw_label

    ret = makers.make_return(order, carrier="label_pending")
    purchase = intend_label(ret, at=makers.NOW)
    drawn = draw_label(label_facts(tracking_number="TST42"))
    papers = {
        name: StoredDocument.objects.keep(getattr(drawn, name), content_type=kind)
        for name, kind in (
            ("pdf_a6", "application/pdf"),
            ("pdf_a4", "application/pdf"),
            ("zpl", "application/zpl"),
        )
    }
    Label.objects.create(
        parcel=purchase.parcel,
        purchase=purchase,
        carrier_reference="x",
        tracking_number="TST42",
        price_minor=490,
        currency="EUR",
        bought_at=makers.NOW,
        **papers,
    )
    Parcel.objects.filter(pk=purchase.parcel_id).update(
        status="label_ready", tracking_number="TST42", carrier_code="sandbox"
    )
    Return.objects.filter(pk=ret.pk).update(carrier="label_ready")
    return ret


def number_of(ret):
    return parcel_id("parcel", ret.parcels.get().pk)


def test_the_list_holds_returns_and_orders_that_nobody_shipped(desk):
    page = checked(desk.ask("GET", "/api/v2/parcels"), "v2_list_parcels")

    assert [(one["order_number"], one["status"]["id"]) for one in page["parcels"]] == [
        ("BR-3", 999),
        ("BR-2", 1000),
        ("BR-3", 999),
        ("BR-2", 999),
        ("BR-1", 999),
    ]
    assert (page["next"], page["previous"]) == (None, None)


def test_pages_meet_without_a_gap_in_both_directions(desk, monkeypatch):
    monkeypatch.setattr("rientro.api.v2.parcel_list.PAGE", 2)
    seen, url, back = [], "/api/v2/parcels", None
    while url:
        page = checked(desk.ask("GET", url), "v2_list_parcels")
        seen.append([one["id"] for one in page["parcels"]])
        url, back = page["next"], page["previous"]

    assert [len(ids) for ids in seen] == [2, 2, 1]
    assert len({number for ids in seen for number in ids}) == 5
    behind = checked(desk.ask("GET", back), "v2_list_parcels")
    assert [one["id"] for one in behind["parcels"]] == seen[1]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("order_number=%23br%201", ["BR-1"]),
        ("tracking_number=TST42", ["BR-2"]),
        ("parcel_status=1000", ["BR-2"]),
        ("parcel_status=11", []),
        ("updated_after=2020-01-01T00:00:00Z&parcel_status=1000", ["BR-2"]),
        ("announced_after=2026-11-01T00:00:00%2B01:00", ["BR-2"]),
        ("external_reference=nothing", []),
    ],
)
def test_filters_find_what_they_say(query, numbers, desk):
    page = checked(desk.ask("GET", f"/api/v2/parcels?{query}"), "v2_list_parcels")

    assert [one["order_number"] for one in page["parcels"]] == numbers


def test_ids_of_all_three_kinds_are_found(desk):
    wanted = [
        parcel_id("order", desk.order.pk),
        number_of(desk.ret),
        parcel_id("return", desk.in_store.pk),
    ]

    page = desk.ask("GET", f"/api/v2/parcels?ids={','.join(map(str, wanted))}").json()

    assert {one["id"] for one in page["parcels"]} == set(wanted)
    for number in wanted:
        one = checked(desk.ask("GET", f"/api/v2/parcels/{number}/"), "v2_get_parcel")
        assert one["parcel"]["id"] == number


def test_a_return_parcel_goes_to_the_merchant_and_comes_from_the_shopper(desk):
    told = desk.ask("GET", f"/api/v2/parcels/{number_of(desk.ret)}").json()["parcel"]

    assert (told["city"], told["from_city"], told["is_return"]) == ("Milano", "Torino", True)
    assert (told["tracking_number"], told["carrier"]) == ("TST42", {"code": "sandbox"})
    assert told["documents"][0]["type"] == "label"
    assert told["tracking_url"].startswith("http://testserver/")


@pytest.mark.parametrize(
    "query", ["ids=x", "parcel_status=x", "updated_after=x", "order_number=%00"]
)
def test_a_filter_that_cannot_be_read_is_refused(query, desk):
    assert desk.ask("GET", f"/api/v2/parcels?{query}").status_code == 400


@pytest.mark.parametrize("number", [0, 3, 7, 999999999, 2**63])
def test_a_number_of_nobody_is_not_there(number, desk):
    answer = desk.ask("GET", f"/api/v2/parcels/{number}")

    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "No Parcel matches the given query."


def test_another_integrations_parcels_are_not_there(desk):
    other = makers.make_order(makers.make_brand(), integration=makers.make_integration())

    assert desk.ask("GET", f"/api/v2/parcels/{parcel_id('order', other.pk)}").status_code == 404


def test_another_merchants_parcels_are_not_there(desk, stranger):
    with acting_for(stranger.integration.merchant_id):
        theirs = makers.make_return()
        theirs_order = theirs.order

    for kind, pk in (("order", theirs_order.pk), ("return", theirs.pk)):
        for path in ("", "/cancel", "/return_portal_url", "/documents/label"):
            method = "POST" if path == "/cancel" else "GET"
            answer = desk.ask(method, f"/api/v2/parcels/{parcel_id(kind, pk)}{path}")
            assert answer.status_code == 404


def test_labels_are_printed_alone_together_and_from_any_corner(desk):
    number = number_of(desk.ret)

    urls = checked(desk.ask("GET", f"/api/v2/labels/{number}"), "v2_get_label_addresses")["label"]

    assert len(urls["normal_printer"]) == 4
    for url in (urls["label_printer"], *urls["normal_printer"]):
        answer = desk.ask("GET", url.removeprefix("http://testserver"))
        assert (answer.status_code, answer.content[:4]) == (200, b"%PDF")
    several = desk.ask("POST", "/api/v2/labels", {"label": {"parcels": [number, number]}})
    joined = checked(several, "v2_make_label_addresses")["label"]
    assert f"ids={number},{number}" in joined["label_printer"]
    for url in (joined["label_printer"], joined["normal_printer"][3]):
        assert desk.ask("GET", url.removeprefix("http://testserver")).status_code == 200


def test_a_parcel_without_a_label_has_an_empty_answer(desk):
    answer = desk.ask("GET", f"/api/v2/labels/{parcel_id('order', desk.order.pk)}")

    assert (answer.status_code, answer.json()) == (404, {})


@pytest.mark.parametrize(
    ("query", "operation"),
    [
        ("normal_printer?ids=x", "v2_print_labels_a4"),
        ("label_printer?ids=", "v2_print_labels_a6"),
        ("normal_printer?ids=1&start_from=4", "v2_print_labels_a4"),
    ],
)
def test_papers_that_cannot_be_told_apart_are_refused_with_a_message(query, operation, desk):
    answer = desk.ask("GET", f"/api/v2/labels/{query}")

    told = checked(answer, operation)
    assert (answer.status_code, told["message"]) == (400, told["error"]["message"])


def test_a_document_comes_as_asked(desk):
    url = f"/api/v2/parcels/{number_of(desk.ret)}/documents/label"

    assert desk.ask("GET", url).content[:4] == b"%PDF"
    assert desk.ask("GET", url, headers={"accept": "application/zpl"}).content[:3] == b"^XA"
    assert desk.ask("GET", f"{url[:-5]}cn23").status_code == 404
    assert desk.ask("GET", f"{url[:-5]}poem").status_code == 400
    assert desk.ask("GET", url, headers={"accept": "image/png"}).status_code == 400
    zpl = {"accept": "application/zpl"}
    assert desk.ask("GET", f"{url}?dpi=203", headers=zpl).status_code == 200
    assert desk.ask("GET", f"{url}?dpi=600", headers=zpl).status_code == 400


def test_cancelling_says_what_becomes_of_the_label(desk):
    number = number_of(desk.ret)

    first = desk.ask("POST", f"/api/v2/parcels/{number}/cancel")
    again = desk.ask("POST", f"/api/v2/parcels/{number}/cancel")

    checked(first, "v2_cancel_parcel")
    assert (first.status_code, again.status_code) == (202, 400)
    told = desk.ask("GET", f"/api/v2/parcels/{number}").json()["parcel"]
    assert told["status"] == {"id": 2000, "message": "Cancelled"}


def test_cancelling_an_order_takes_it_back(desk):
    number = parcel_id("order", desk.order.pk)

    assert desk.ask("POST", f"/api/v2/parcels/{number}/cancel").json()["status"] == "deleted"
    assert desk.ask("GET", f"/api/v2/parcels/{number}").status_code == 404


def test_a_parcel_leads_to_its_portal(desk):
    number = parcel_id("order", desk.order.pk)

    told = checked(
        desk.ask("GET", f"/api/v2/parcels/{number}/return_portal_url"), "v2_get_return_portal_url"
    )

    assert told["url"] == f"http://testserver/{desk.order.brand.slug}/"


def test_the_statuses_are_sendclouds(desk):
    told = checked(desk.ask("GET", "/api/v2/parcels/statuses"), "v2_list_parcel_statuses")

    assert len(told) == 34
    assert {"id": 1000, "message": "Ready to send"} in told


# Section 6.1 of the contract, in the order of the recording.
RECORDED = """id address address_2 address_divided city company_name country data date_created date_announced
date_updated
email name postal_code reference shipment status to_service_point telephone tracking_number weight label
customs_declaration order_number insured_value total_insured_value to_state customs_invoice_nr customs_shipment_type
parcel_items documents type shipment_uuid shipping_method external_order_id external_shipment_id external_reference
is_return note to_post_number total_order_value total_order_value_currency colli_tracking_number colli_uuid collo_nr
collo_count awb_tracking_number box_number length width height shipping_method_checkout_name carrier tracking_url"""


def test_every_key_that_was_recorded_is_there_in_every_parcel(desk):
    page = desk.ask("GET", "/api/v2/parcels").json()["parcels"]

    missing = {one["id"]: absent for one in page if (absent := set(RECORDED.split()) - set(one))}
    assert missing == {}
    for one in page:
        assert isinstance(one["carrier"]["code"], str)
        assert (len(one["label"]["normal_printer"]), bool(one["label"]["label_printer"])) == (
            4,
            True,
        )
        assert all(
            isinstance(one[name], str) for name in ("tracking_number", "weight", "telephone")
        )
