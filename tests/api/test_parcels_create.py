"""Version 2's parcels, made and changed: orders that become known, and returns that get their label."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from rientro.api.ids import parcel_id
from rientro.carriers.base import InvalidRequest
from rientro.flows.find_order import find_order
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import (
    CarrierAccount,
    Charge,
    Integration,
    LabelPurchase,
    LedgerEntry,
    Order,
    PortalSettings,
    Return,
    SenderAddress,
)
from tests import makers
from tests.api.checking import checked
from tests.api.conftest import Machine, shipment
from tests.flows.conftest import depot

__all__ = ["depot"]

pytestmark = pytest.mark.django_db

URL = "/api/v2/parcels"


def order(**changes):
    """What a shop's module sends to make an order known."""
    told = {
        "name": "Giulia Ferrero",
        "company_name": "",
        "address": "Corso Moncalieri",
        "house_number": "14",
        "city": "Torino",
        "postal_code": "10131",
        "country": "IT",
        "telephone": "+39 011 5550101",
        "email": "giulia.ferrero@example.test",
        "order_number": "PS-2001",
        "weight": "0.900",
        "total_order_value": "92.00",
        "total_order_value_currency": "EUR",
        "request_label": False,
        "parcel_items": [
            {
                "description": "Merino scarf",
                "quantity": 2,
                "weight": "0.300",
                "value": "46.00",
                "sku": "SC-1",
                "hs_code": "6117.10",
                "origin_country": "IT",
                "product_id": "77",
            }
        ],
    }
    return {name: value for name, value in (told | changes).items() if value is not ...}


def returned(**changes):
    """A return parcel: from the shopper, to the merchant."""
    told = {
        "is_return": True,
        "request_label": True,
        "from_name": "Giulia Ferrero",
        "from_address_1": "Corso Moncalieri",
        "from_house_number": "14",
        "from_city": "Torino",
        "from_postal_code": "10131",
        "from_country": "IT",
        "from_email": "giulia.ferrero@example.test",
        "from_telephone": "+39 011 5550101",
        "name": "Returns",
        "company_name": "Sartoria Brina S.r.l.",
        "address": "Via Tortona",
        "house_number": "27",
        "city": "Milano",
        "postal_code": "20144",
        "country": "IT",
        "order_number": "PS-2001",
        "external_reference": "rma-1",
        "weight": "1.250",
        "length": "30",
        "width": 20,
        "height": 10.5,
        "parcel_items": [
            {
                "description": "Merino scarf",
                "quantity": 1,
                "weight": "0.300",
                "value": "46.00",
                "sku": "SC-1",
                "hs_code": "611710",
                "origin_country": "IT",
                "return_reason": 999999,
                "return_message": "Not good",
            }
        ],
    }
    return {name: value for name, value in (told | changes).items() if value is not ...}


@pytest.fixture
def desk(machine, depot):
    makers.make_carrier_account(carrier="scripted", name="Scripted")
    return machine


def post(desk, *parcels, alone=True, query="", **more):
    body = {"parcel": parcels[0]} if alone else {"parcels": list(parcels)}
    return desk.ask("POST", f"{URL}{query}", body, **more)


def made(desk, parcel, **more):
    answer = post(desk, parcel, **more)
    assert answer.status_code == 200, answer.content
    return checked(answer, "v2_create_parcels")["parcel"]


def put(desk, **told):
    return desk.ask("PUT", URL, {"parcel": told})


def refused(answer, operation="v2_create_parcels"):
    body = checked(answer, operation)
    assert answer.status_code == 400
    assert (body["error"]["code"], body["error"]["request"]) == (400, "api/v2/parcels")
    return body["error"]["message"]


# An order becomes known


def test_a_parcel_without_a_label_is_an_order_that_its_buyer_finds(desk):
    told = made(desk, order())

    row = Order.objects.get()
    assert told["id"] == parcel_id("order", row.pk)
    assert (told["status"], told["is_return"]) == ({"id": 999, "message": "No label"}, False)
    assert (told["order_number"], told["weight"], told["tracking_number"]) == (
        "PS-2001",
        "0.900",
        "",
    )
    assert told["address_divided"] == {"street": "Corso Moncalieri", "house_number": "14"}
    assert told["parcel_items"][0]["value"] == "46.00"
    assert told["external_reference"] is None
    assert (row.integration, row.total_minor, row.lines.get().quantity) == (
        desk.integration,
        9200,
        2,
    )
    assert list(LedgerEntry.objects.all()) == []
    PortalSettings.objects.update(active=True, allow_without_outbound=True)
    found = find_order(
        brand=row.brand,
        number="#ps 2001",
        postal_code="10131",
        network="198.51.100.7",
        now=makers.NOW,
    )
    assert found.ticket_token


def test_it_is_in_the_lists_that_clients_look_in(desk):
    number = made(desk, order(external_reference="ps,77"))["id"]

    for query in ("order_number=PS-2001", "external_reference=ps,77", f"ids={number}"):
        page = checked(desk.ask("GET", f"{URL}?{query}"), "v2_list_parcels")
        assert [(one["id"], one["external_reference"]) for one in page["parcels"]] == [
            (number, "ps,77")
        ]
    shop = desk.ask("GET", f"{desk.path}/shipments?order_number=PS-2001").json()["results"]
    assert [one["order_number"] for one in shop] == ["PS-2001"]
    assert desk.ask("GET", f"{URL}/{number}/return_portal_url").status_code == 200


def test_the_same_order_number_again_is_the_same_order(desk):
    first = made(desk, order())
    again = made(desk, order(city="Moncalieri", parcel_items=...))

    assert again["id"] == first["id"]
    assert (again["city"], len(again["parcel_items"])) == ("Moncalieri", 1)
    assert Order.objects.count() == 1


def test_an_order_that_the_shop_told_keeps_what_a_parcel_does_not_say(desk):
    desk.post([shipment(order_number="PS-2001", tags=["vip"])])
    row = Order.objects.get()
    line = row.lines.get()
    Order.objects.update(delivered_at=makers.NOW, tags=["vip"], language="it")
    line.returned_quantity = 1
    line.save()

    told = made(desk, order(postal_code="10133", external_reference="ps-1"))

    row.refresh_from_db()
    assert told["id"] == parcel_id("order", row.pk)
    assert (told["external_order_id"], told["postal_code"]) == ("ord-1", "10133")
    assert (row.delivered_at, row.tags, row.language) == (makers.NOW, ["vip"], "it")
    assert row.facts["customs_invoice_nr"] == "INV-7"
    assert [(one.pk, one.returned_quantity) for one in row.lines.all()] == [(line.pk, 1)]


def test_a_shipment_uuid_names_the_order(desk):
    desk.post([shipment()])
    row = Order.objects.get()

    told = made(desk, {"shipment_uuid": str(row.shipment_uuid), "weight": 2, "name": "Ada"})

    assert (told["weight"], told["name"], told["order_number"]) == ("2.000", "Ada", "#BR-1001")
    unknown = post(desk, {"shipment_uuid": "0198f2de-0000-7000-8000-000000000000"})
    assert unknown.status_code == 404
    assert refused(post(desk, {"shipment_uuid": "x"})) == "shipment_uuid: 'Must be a valid UUID.'"


def test_several_shipments_of_one_number_need_a_name(desk):
    desk.post([shipment(external_shipment_id=one) for one in ("a", "b")])

    words = refused(post(desk, order(order_number="#BR-1001")))

    assert "shipment_uuid" in words
    told = made(
        desk,
        order(order_number="#BR-1001", external_order_id="ord-1", external_shipment_id="b"),
    )
    assert (told["external_shipment_id"], Order.objects.count()) == ("b", 2)


def test_parcels_of_one_order_are_told_apart_by_their_references(desk):
    first, second = (made(desk, order(external_reference=one)) for one in ("a", "b"))

    assert first["id"] != second["id"]
    assert {first["order_number"], second["order_number"]} == {"PS-2001"}
    assert made(desk, order(external_reference="a", city="Elsewhere")) == first


def test_an_order_that_was_taken_back_can_be_told_again(desk):
    number = made(desk, order(external_reference="a"))["id"]
    desk.ask("POST", f"{URL}/{number}/cancel")

    again = made(desk, order(external_reference="a"))

    assert (again["id"], again["external_reference"]) == (number, "a")


def test_what_is_kept_is_told_back_as_it_came(desk):
    kept = {
        "data": {"a": 1, "b": 1.5},
        "reference": "7",
        "shipping_method_checkout_name": "DHL",
        "customs_information": {"customs_invoice_nr": "I-7", "customs_shipment_type": 2},
    }

    told = made(desk, order(**kept, length="12.5", width=3, never_heard_of={"x": [1]}))

    assert (told["data"], told["reference"]) == ({"a": 1, "b": "1.5"}, "7")
    assert (told["customs_invoice_nr"], told["customs_shipment_type"]) == ("I-7", 2)
    assert (told["shipping_method_checkout_name"], told["length"]) == ("DHL", "12.5")


@pytest.mark.parametrize(
    ("case", "changes", "words"),
    [
        ("no name", {"name": ...}, "name: 'This field is required.'"),
        ("empty city", {"city": ""}, "city: 'This field may not be blank.'"),
        ("no number", {"order_number": ...}, "order_number: 'This field may not be null.'"),
        ("a country of nowhere", {"country": "XX"}, "country: '“XX” is not a valid choice.'"),
        ("a weight in words", {"weight": "heavy"}, "weight: 'A valid number is required.'"),
        ("a weight below nothing", {"weight": -1}, "weight: 'This weight is out of range.'"),
        ("items of nothing", {"parcel_items": "x"}, "parcel_items: 'Expected a list of items.'"),
        (
            "an item without a quantity",
            {"parcel_items": [{"description": "x"}]},
            "parcel_items: 'This field is required.'",
        ),
        ("a label", {"request_label": "maybe"}, "request_label: 'Must be a valid boolean.'"),
        (
            "a currency of nobody",
            {"total_order_value_currency": "euro"},
            "total_order_value_currency: '“EURO” is not a valid choice.'",
        ),
    ],
)
def test_an_order_that_cannot_be_kept_is_refused_in_words(case, changes, words, desk):
    assert refused(post(desk, order(**changes))) == words
    assert not Order.objects.exists()


def test_an_outbound_label_is_not_sold_and_the_words_say_what_to_do(desk):
    words = refused(post(desk, order(request_label=True, shipment={"id": 8})))

    assert "request_label: false" in words
    assert "is_return: true" in words
    assert not Order.objects.exists()


# A return gets its label


def test_a_return_parcel_is_answered_with_its_label(desk, depot):
    told = made(desk, returned())

    ret = Return.objects.get()
    parcel = ret.parcels.get()
    assert told["id"] == parcel_id("parcel", parcel.pk)
    assert (told["is_return"], told["status"]["id"]) == (True, 1000)
    assert told["tracking_number"].startswith("SC")
    assert told["external_reference"] == "rma-1"
    assert (told["name"], told["city"], told["from_city"]) == (
        "Sartoria Brina S.r.l.",
        "Milano",
        "Torino",
    )
    account = CarrierAccount.objects.get()
    assert told["shipment"] == {"id": account.pk, "name": "Scripted Return"}
    assert told["date_announced"]
    assert (told["weight"], told["length"], told["height"]) == ("1.250", "30.00", "10.50")
    assert told["parcel_items"][0]["return_message"] == "Not good"
    assert (depot.count(), Charge.objects.get().amount_minor) == (1, 490)
    for url in (told["label"]["label_printer"], *told["label"]["normal_printer"]):
        paper = desk.ask("GET", url.removeprefix("http://testserver"))
        assert (paper.status_code, paper.content[:4]) == (200, b"%PDF")
    found = desk.ask("GET", f"{URL}?order_number=PS-2001").json()["parcels"]
    assert [one["id"] for one in found] == [told["id"]]
    assert desk.ask("GET", f"{URL}/{told['id']}").json()["parcel"] == told
    assert desk.ask("GET", "/api/v2/returns").json()["returns"][0]["incoming_parcel"] == told["id"]


def test_a_label_can_be_left_to_the_background(desk, depot, jobs):
    told = made(desk, returned(request_label_async=True))

    assert (told["status"]["id"], told["tracking_number"], depot.count()) == (1001, "", 0)
    jobs.run()
    assert desk.ask("GET", f"{URL}/{told['id']}").json()["parcel"]["status"]["id"] == 1000


def test_the_same_reference_is_the_same_parcel_and_one_label(desk, depot):
    first, again = (made(desk, returned()) for _ in range(2))

    assert first == again
    assert (depot.count(), Return.objects.count()) == (1, 1)


def test_a_reference_is_not_shared_by_an_order_and_a_return(desk):
    made(desk, order(external_reference="x"))
    made(desk, returned(external_reference="y"))

    for body in (returned(external_reference="x"), order(external_reference="y")):
        assert refused(post(desk, body)).startswith("external_reference: ")


def test_the_same_idempotency_key_buys_once_and_shows_no_reference(desk, depot):
    body, key = returned(external_reference=...), {"idempotency-key": "k-1"}
    first = made(desk, body, headers=key)
    again = post(desk, body, headers=key)

    assert (again.json()["parcel"], again["Idempotent-Replayed"]) == (first, "true")
    assert (first["external_reference"], depot.count()) == (None, 1)
    page = desk.ask("GET", URL).json()["parcels"]
    assert [one["external_reference"] for one in page] == [None]


def test_without_an_address_it_goes_to_the_default_or_to_a_sender_address(desk):
    place = {"name", "company_name", "address", "house_number", "city", "postal_code", "country"}
    body = returned(**dict.fromkeys(place, ...), external_reference=...)
    other = makers.make_address(makers.make_brand(), city="Roma", postal_code="00184")

    first, second = made(desk, body), made(desk, body | {"sender_address": other.pk})

    assert (first["city"], second["city"]) == ("Milano", "Roma")
    assert SenderAddress.objects.filter(deleted_at=None).count() == 2
    words = refused(post(desk, body | {"sender_address": 10**6}))
    assert words == "sender_address: 'There is no sender address with this id.'"


@pytest.mark.parametrize(
    ("case", "changes", "words"),
    [
        ("from nobody", {"from_name": ""}, "from_name: 'This field may not be blank.'"),
        ("from nowhere", {"from_country": ...}, "from_country: 'This field is required.'"),
        ("from a false place", {"from_postal_code": "ABC"}, "from_postal_code: "),
        ("to a false place", {"postal_code": "ABC"}, "postal_code: "),
        ("by no method", {"shipment": {"id": 10**6}}, "shipment: 'There is no shipping method"),
        ("by an odd method", {"shipment": {"id": "x"}}, "shipment: 'A valid integer"),
        ("by no contract", {"contract": 10**6}, "contract: "),
        ("three at once", {"quantity": 3}, "quantity: "),
        ("too heavy", {"weight": 1001}, "weight: "),
        ("weightless", {"weight": 0}, "weight: "),
        ("too long", {"length": 10**7}, "length: "),
        ("an item without words", {"parcel_items": [{"quantity": 1}]}, "parcel_items: "),
        ("a price below nothing", {"parcel_items": [{"description": "x", "value": -1}]}, "parcel"),
        ("items of nothing", {"parcel_items": [7]}, "parcel_items: "),
        ("of an order", {"shipment_uuid": "x"}, "shipment_uuid: "),
        ("too long a reference", {"external_reference": "x" * 256}, "external_reference: "),
    ],
)
def test_a_return_that_cannot_be_made_is_refused_in_words(case, changes, words, desk, depot):
    assert refused(post(desk, returned(**changes))).startswith(words)
    assert (Return.objects.count(), depot.count()) == (0, 0)


def test_a_carrier_that_refuses_answers_400_and_leaves_nothing_behind(desk, depot):
    depot.script.append(InvalidRequest("The postal code is not served."))

    words = refused(post(desk, returned(), query="?errors=verbose-carrier"))

    assert "not served" in words
    assert Return.objects.get().approval == "cancelled"
    assert made(desk, returned())["status"]["id"] == 1000  # the reference is free again
    assert Charge.objects.count() == 1


def test_a_return_without_a_carrier_says_so(machine):
    assert "No carrier is connected" in refused(post(machine, returned()))


# Several at once


def test_a_batch_is_taken_whole(desk, depot):
    answer = post(desk, order(), returned(), alone=False)

    body = checked(answer, "v2_create_parcels")
    assert list(body) == ["parcels"]
    assert [one["is_return"] for one in body["parcels"]] == [False, True]
    assert body["parcels"][1]["tracking_number"]


def test_a_batch_with_a_bad_parcel_is_not_taken_at_all(desk, depot, jobs):
    jobs.clear()
    answer = post(desk, order(), returned(), order(name=""), alone=False)

    assert refused(answer) == "name: 'This field may not be blank.'"
    assert (Order.objects.count(), Return.objects.count()) == (0, 0)
    assert jobs.names() == []


@pytest.mark.parametrize("errors", ["verbose", "verbose-carrier"])
def test_with_errors_asked_for_each_parcel_stands_for_itself(errors, desk, depot):
    bad = returned(from_city="", external_reference="rma-2")
    answer = post(desk, order(), bad, returned(), 7, alone=False, query=f"?errors={errors}")

    body = checked(answer, "v2_create_parcels")
    assert answer.status_code == 200
    assert [one["is_return"] for one in body["parcels"]] == [False, True]
    assert body["failed_parcels"] == [
        {"parcel": bad, "errors": {"from_city": ["This field may not be blank."]}},
        {
            "parcel": 7,
            "errors": {"non_field_errors": ["Invalid data. Expected an object."]},
        },
    ]


def test_of_a_batch_what_the_carrier_refuses_is_told_beside_the_rest(desk, depot):
    depot.script.append(InvalidRequest("No."))

    answer = post(desk, returned(), returned(external_reference="rma-2"), alone=False)

    body = checked(answer, "v2_create_parcels")
    assert [one["external_reference"] for one in body["parcels"]] == ["rma-2"]
    assert [one["parcel"]["external_reference"] for one in body["failed_parcels"]] == ["rma-1"]


def test_a_single_parcel_tells_its_errors_when_verbose_is_asked(desk):
    answer = post(desk, order(name=""), query="?errors=verbose")

    body = checked(answer, "v2_create_parcels")
    assert (answer.status_code, body["parcels"]) == (200, [])
    assert body["failed_parcels"][0]["errors"] == {"name": ["This field may not be blank."]}


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        7,
        {"parcel": []},
        {"parcels": []},
        {"parcels": {"id": 1}},
        {"parcels": [{}] * 101},
        b"",
        b"{",
        b'{"parcel": {"name": "\\u0000"}}',
        b'{"parcel": {"weight": 1e400}}',
        b'{"parcel": {"name": "\\ud800"}}',
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_body_of_another_shape_is_refused(method, body, desk):
    answer = desk.ask(method, URL, body)

    refused(answer, "v2_create_parcels" if method == "POST" else "v2_update_parcel")


# A parcel is changed


def test_an_order_is_changed_field_by_field(desk):
    number = made(desk, order())["id"]

    answer = put(
        desk, id=number, city="Ivrea", postal_code="10015", tracking_number="1Z9", weight=2
    )

    told = checked(answer, "v2_update_parcel")["parcel"]
    assert (told["id"], told["city"], told["postal_code"]) == (number, "Ivrea", "10015")
    assert (told["weight"], told["name"], told["tracking_number"]) == (
        "2.000",
        "Giulia Ferrero",
        "1Z9",
    )
    row = Order.objects.get()
    assert (row.postal_norm, row.has_outbound, row.lines.count()) == ("10015", True, 1)


def test_a_form_under_the_name_of_json_changes_a_parcel_too(desk):
    number = made(desk, order())["id"]

    answer = desk.ask("PUT", URL, f"id={number}&city=Ivrea&request_label=False".encode())

    assert checked(answer, "v2_update_parcel")["parcel"]["city"] == "Ivrea"
    assert "Send" in refused(desk.ask("PUT", URL, b"parcel=id&parcel=city"), "v2_update_parcel")


def test_a_change_that_cannot_be_made_says_why(desk):
    number = made(desk, order(external_reference="a"))["id"]
    made(desk, order(order_number="PS-2", external_reference="b"))
    ask = [
        ({"id": number, "request_label": True}, "request_label: "),
        ({"id": number, "name": ""}, "name: 'This field may not be blank.'"),
        ({"id": number, "external_reference": "b"}, "external_reference: "),
        ({"id": number, "country": "XX"}, "country: "),
        ({"id": "x"}, "id: 'A valid integer is required.'"),
        ({"id": True}, "id: "),
        ({}, "id: 'This field is required.'"),
    ]

    for told, words in ask:
        assert refused(put(desk, **told), "v2_update_parcel").startswith(words), told
    assert put(desk, id=10**18).status_code == 404


def test_a_return_waits_without_a_label_until_it_is_asked_for(desk, depot):
    first = made(desk, returned(request_label=False, weight=...))
    assert (first["status"]["id"], depot.count()) == (999, 0)
    assert Return.objects.get().approval == "requested"

    changed = put(desk, id=first["id"], from_city="Ivrea", from_postal_code="10015", weight="2.5")
    assert checked(changed, "v2_update_parcel")["parcel"]["from_city"] == "Ivrea"
    answer = put(desk, id=str(first["id"]), request_label=True)

    told = checked(answer, "v2_update_parcel")["parcel"]
    assert (told["id"], told["status"]["id"], told["weight"]) == (first["id"], 1000, "2.500")
    assert told["tracking_number"]
    request = LabelPurchase.objects.get().request
    assert (request["sender"]["city"], request["parcel"]["weight_g"]) == ("Ivrea", 2500)
    late = put(desk, id=first["id"], from_city="Roma")
    assert "has a label" in refused(late, "v2_update_parcel")


def test_a_refused_label_is_mended_and_asked_for_again(desk, depot, jobs):
    number = made(desk, returned(request_label_async=True))["id"]
    depot.script.append(InvalidRequest("Unknown street."))
    jobs.run()
    assert desk.ask("GET", f"{URL}/{number}").json()["parcel"]["status"]["id"] == 1002
    again = made(desk, returned())
    assert (again["id"], again["status"]["id"]) == (number, 1002)
    assert again["errors"] == {"non_field_errors": ["Unknown street."]}

    depot.script.append(InvalidRequest("Still unknown."))
    words = refused(put(desk, id=number, request_label=True), "v2_update_parcel")
    answer = put(desk, id=number, from_address_1="Via Po", request_label=True)

    assert "Still unknown" in words
    told = checked(answer, "v2_update_parcel")["parcel"]
    assert (told["id"], told["status"]["id"], told["from_address_1"]) == (number, 1000, "Via Po")
    assert Charge.objects.count() == 1


def test_a_change_of_a_return_that_cannot_be_made_says_why(desk):
    number = made(desk, returned(request_label=False))["id"]
    made(desk, returned(request_label=False, external_reference="b"))
    made(desk, order(external_reference="c"))
    ask = [
        ({"parcel_items": []}, "parcel_items: "),
        ({"from_postal_code": "ABC"}, "from_postal_code: "),
        ({"from_city": " "}, "from_city: "),
        ({"external_reference": "b"}, "external_reference: "),
        ({"external_reference": "c"}, "external_reference: "),
        ({"shipment": {"id": 10**6}}, "shipment: "),
        ({"weight": 0}, "weight: "),
        ({"quantity": 2}, "quantity: "),
    ]

    for told, words in ask:
        answer = put(desk, id=number, **told)
        assert refused(answer, "v2_update_parcel").startswith(words), told


def test_a_shoppers_return_is_approved_by_asking_for_its_label_and_stays_as_it_was(desk, depot):
    brand = desk.integration.merchant.brands.get()
    mine = makers.make_order(brand, integration=Integration.objects.get())
    ret = makers.make_return(mine, approval="requested", carrier="none")
    number = parcel_id("return", ret.pk)

    assert "portal" in refused(put(desk, id=number, from_city="Roma"), "v2_update_parcel")
    told = checked(put(desk, id=number, request_label=True), "v2_update_parcel")["parcel"]

    assert (told["status"]["id"], told["id"]) == (1000, parcel_id("parcel", ret.parcels.get().pk))
    assert desk.ask("GET", f"{URL}/{number}").json()["parcel"] == told
    assert desk.ask("GET", f"/api/v2/labels/{number}").status_code == 200


# Whose it is


def test_another_merchants_parcels_cannot_be_changed(desk, stranger):
    with acting_for(stranger.integration.merchant_id):
        theirs = makers.make_return(approval="requested", carrier="none")
        uuid = str(theirs.order.shipment_uuid)
        numbers = [parcel_id("order", theirs.order_id), parcel_id("return", theirs.pk)]

    for number in numbers:
        assert put(desk, id=number, request_label=True).status_code == 404
    assert post(desk, order(shipment_uuid=uuid)).status_code == 404
    with acting_for(stranger.integration.merchant_id):
        address = makers.make_address(makers.make_brand()).pk
        account = makers.make_carrier_account().pk
    told = returned(address=..., city=..., postal_code=..., sender_address=address)
    assert refused(post(desk, told)).startswith("sender_address: ")
    assert refused(post(desk, returned(contract=account))).startswith("contract: ")


def test_a_reference_of_another_integration_of_the_merchant_is_told_without_its_parcel(desk):
    made(desk, returned())
    other = Machine(desk.client, makers.make_integration(shop_name="B"))

    assert refused(post(other, returned())).startswith("external_reference: ")
    assert made(other, order(external_reference="a"))["external_reference"] == "a"
    assert made(desk, order(external_reference="a"))["external_reference"] == "a"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["order", "return"])
def test_one_reference_twenty_times_at_once_is_one_parcel(kind, client):
    merchant = makers.make_merchant()
    with merchant_transaction(merchant.pk):
        makers.make_address(makers.make_brand())
        makers.make_carrier_account()
        integration = makers.make_integration()
    with acting_for(merchant.pk):
        machine = Machine(client, integration)
    body = returned(request_label_async=True) if kind == "return" else order(external_reference="r")
    sent = json.dumps({"parcel": body}).encode()

    def ask(_):
        try:
            return Client().post(
                URL,
                sent,
                content_type="application/json",
                headers={"authorization": machine.authorization},
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, range(20)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["parcel"]["id"] for answer in answers}) == 1
    with merchant_transaction(merchant.pk):
        assert (Order.objects.count(), LabelPurchase.objects.count()) == (1, kind == "return")
