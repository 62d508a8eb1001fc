"""Version 3's returns: announced by a machine from one address to another, with no order behind them."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from rientro.api.ids import parcel_id
from rientro.carriers.base import InvalidRequest, Unavailable
from rientro.flows.find_order import find_order
from rientro.kit.errors import RientroError
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import (
    Charge,
    Integration,
    LabelPurchase,
    LedgerEntry,
    Mail,
    Order,
    Return,
    SenderAddress,
)
from tests import makers
from tests.api.checking import checked
from tests.api.conftest import Machine
from tests.flows.conftest import depot

__all__ = ["depot"]

pytestmark = pytest.mark.django_db

FROM = {
    "name": "Giulia Ferrero",
    "address_line_1": "Corso Moncalieri",
    "house_number": "14",
    "postal_code": "10131",
    "city": "Torino",
    "state_province_code": "IT-TO",
    "country_code": "IT",
    "email": "giulia.ferrero@example.test",
    "phone_number": "+39 011 5550101",
}
MILAN = {
    "name": "Returns",
    "company_name": "Sartoria Brina S.r.l.",
    "address_line_1": "via tortona 27",
    "postal_code": "20 144",
    "city": "MILANO",
    "country_code": "IT",
}
BERLIN = {
    "name": "Lager Nord",
    "company_name": "Lager Nord GmbH",
    "address_line_1": "Torstraße",
    "house_number": "1",
    "postal_code": "10119",
    "city": "Berlin",
    "country_code": "DE",
}


def wish(**changes):
    told = {
        "from_address": FROM,
        "to_address": MILAN,
        "ship_with": {
            "type": "shipping_option_code",
            "shipping_option_code": "scripted:sandbox_return",
        },
        "weight": {"value": 1.25, "unit": "kg"},
        "dimensions": {"length": 30, "width": 20, "height": 10.5, "unit": "cm"},
        "parcel_items": [
            {
                "item_id": "1",
                "description": "Merino scarf",
                "quantity": 2,
                "weight": {"value": 300, "unit": "g"},
                "price": {"value": 46.0, "currency": "EUR"},
                "sku": "SC-1",
                "hs_code": "611710",
                "origin_country": "IT",
                "return_reason_id": "999999",
                "return_message": "Too small",
            }
        ],
        "order_number": "BR-77",
        "external_reference": "rma-1",
    }
    return {name: value for name, value in (told | changes).items() if value is not ...}


@pytest.fixture
def desk(machine, depot):
    makers.make_carrier_account(carrier="scripted", name="Scripted")
    return machine


def make(desk, body=None, **more):
    answer = desk.ask("POST", "/api/v3/returns", wish() if body is None else body, **more)
    assert answer.status_code == 201, answer.content
    return checked(answer, "v3_create_return")


def test_a_return_without_an_order_is_made_and_its_label_is_on_its_way(desk, depot, jobs):
    told = make(desk)

    ret = Return.objects.get()
    parcel = ret.parcels.get()
    assert told == {
        "return_id": ret.pk,
        "parcel_id": parcel_id("parcel", parcel.pk),
        "multi_collo_ids": [],
    }
    assert (ret.approval, ret.carrier) == ("approved", "label_pending")
    assert (ret.value_minor, ret.refund_minor, ret.currency) == (9200, 9200, "EUR")
    assert (parcel.weight_g, parcel.length_mm, parcel.height_mm) == (1250, 300, 105)
    assert ret.to_address == SenderAddress.objects.get(is_default=True)
    assert ret.order.number == "BR-77"
    jobs.run()
    ret.refresh_from_db()
    assert (ret.carrier, depot.count()) == ("label_ready", 1)
    assert Charge.objects.get().amount_minor == 490


def test_the_return_is_told_whole(desk, jobs):
    told = make(desk)
    jobs.run()

    found = checked(desk.ask("GET", f"/api/v3/returns/{told['return_id']}"), "v3_get_return")

    assert found["id"] == told["return_id"]
    assert found["parcel_id"] == told["parcel_id"]
    assert found["from_address"]["state_province_code"] == "IT-TO"
    assert found["to_address"]["city"] == "Milano"
    assert found["weight"] == {"value": 1.25, "unit": "kg"}
    assert found["dimensions"] == {"length": 30.0, "width": 20.0, "height": 10.5, "unit": "cm"}
    assert found["label"]["label_printer"].endswith(
        f"/api/v3/parcels/{told['parcel_id']}/documents/label"
    )
    assert len(found["label"]["normal_printer"]) == 4
    assert found["label_cost"] == {"value": 4.9, "currency": "EUR"}
    assert found["tracking_number"].startswith("SC")
    assert [entry["parent_status"] for entry in found["status_history"]] == [
        "announcing",
        "ready-to-send",
    ]
    assert (found["status"], found["is_cancellable"]) == ("open", True)
    assert found["parcel_items"][0]["price"] == {"value": 46.0, "currency": "EUR"}


def test_before_the_label_there_is_none(desk):
    told = make(desk)

    found = checked(desk.ask("GET", f"/api/v3/returns/{told['return_id']}/"), "v3_get_return")

    assert (found["label"], found["label_url"], found["tracking_number"]) == (None, None, None)


def test_a_strangers_return_is_not_there(desk, stranger):
    told = make(desk)

    for path in ("", "/cancel"):
        method = "PATCH" if path else "GET"
        answer = stranger.ask(method, f"/api/v3/returns/{told['return_id']}{path}")
        assert answer.status_code == 404
        assert answer.json()["errors"][0]["code"] == "not_found"
    listed = stranger.ask("GET", "/api/v3/returns?from_date=2020-01-01&to_date=2199-01-01")
    assert listed.json()["data"] == []


def test_another_integration_of_the_merchant_does_not_see_it(desk, client):
    told = make(desk)
    other = Machine(client, makers.make_integration())

    assert other.ask("GET", f"/api/v3/returns/{told['return_id']}").status_code == 404


def test_the_order_behind_it_is_in_no_list_and_found_by_nobody(desk):
    make(desk)
    order = Order.objects.get()
    assert order.standalone

    base = f"/api/v2/integrations/{desk.integration.pk}/shipments"
    assert desk.ask("GET", base).json()["results"] == []
    uuid = {"shipment_uuid": str(order.shipment_uuid)}
    assert desk.ask("POST", f"{base}/delete", uuid).status_code == 404
    parcels = desk.ask("GET", "/api/v2/parcels").json()["parcels"]
    assert [parcel["is_return"] for parcel in parcels] == [True]
    number = parcel_id("order", order.pk)
    assert desk.ask("GET", f"/api/v2/parcels/{number}").status_code == 404
    with pytest.raises(RientroError):
        find_order(
            brand=order.brand,
            number="BR-77",
            postal_code="10131",
            network="192.0.2.0/24",
            now=makers.NOW,
        )


def test_an_order_that_is_known_stays_as_it_is(desk):
    brand = desk.integration.merchant.brands.get()
    known = makers.make_order(brand, number="BR-77", integration=Integration.objects.get())

    make(desk)

    assert Order.objects.filter(number_norm="br77").count() == 2
    assert known.returns.count() == 0
    found = desk.ask("GET", "/api/v2/parcels?order_number=br-77").json()["parcels"]
    assert sorted(parcel["is_return"] for parcel in found) == [False, True]


def test_another_destination_is_kept_once_and_is_on_no_list(desk):
    make(desk, wish(to_address=BERLIN))
    make(desk, wish(to_address=BERLIN, external_reference="rma-2"))

    kept = SenderAddress.objects.get(country="DE")
    assert kept.deleted_at is not None
    assert (kept.company, kept.contact_name) == ("Lager Nord GmbH", "Lager Nord")
    assert Return.objects.filter(to_address=kept).count() == 2
    listed = desk.ask("GET", "/api/v2/user/addresses/sender").json()["sender_addresses"]
    assert [address["country"] for address in listed] == ["IT"]


def test_the_brand_is_the_one_asked_for_else_the_addresses(desk):
    other = makers.make_brand()
    makers.make_address(
        other,
        street="Torstraße",
        house_number="1",
        postal_code="10119",
        city="Berlin",
        country="DE",
    )

    make(desk, wish(to_address=BERLIN))
    make(desk, wish(brand_id=other.pk, external_reference="rma-2"))
    make(desk, wish(external_reference="rma-3"))

    brands = list(Return.objects.order_by("pk").values_list("brand_id", flat=True))
    assert brands[:2] == [other.pk, other.pk]
    assert brands[2] != other.pk


@pytest.mark.parametrize(
    "changes",
    [
        {"ship_with": ..., "shipping_option": {"code": "scripted:return"}, "weight": ...},
        {"ship_with": {"properties": {"shipping_option_code": "scripted:return"}}},
        {"ship_with": {"shipping_product_code": "scripted:return/return"}},
        {"to_address": ..., "request_label": True},
        {"ship_with": ..., "parcel_items": ..., "order_number": ..., "external_reference": ...},
        {"weight": {"value": "1.5", "unit": "lbs"}, "dimensions": None},
        {"from_address": FROM | {"company_name": None, "po_box": None, "house_number": None}},
        {"parcel_items": [{"value": "9.95"}], "total_order_value": {"value": 9, "currency": "SEK"}},
    ],
)
def test_what_real_clients_send_is_understood(changes, desk, jobs):
    told = make(desk, wish(**changes))
    jobs.run()

    found = checked(desk.ask("GET", f"/api/v3/returns/{told['return_id']}"), "v3_get_return")

    assert found["label"] is not None
    assert found["weight"]["value"] > 0


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"from_address": ...}, "/from_address"),
        ({"from_address": "here"}, "/from_address"),
        ({"from_address": FROM | {"name": " "}}, "/from_address/name"),
        ({"from_address": FROM | {"country_code": "XX"}}, "/from_address/country_code"),
        ({"from_address": FROM | {"postal_code": "1"}}, "/from_address/postal_code"),
        ({"to_address": MILAN | {"postal_code": "1"}}, "/to_address/postal_code"),
        ({"to_address": {}}, "/to_address/country_code"),
        ({"ship_with": {"shipping_option_code": "dpd:return"}}, "/ship_with/shipping_option_code"),
        ({"ship_with": {"contract": 999}}, "/ship_with/contract"),
        ({"weight": {"value": 0, "unit": "kg"}}, "/weight"),
        ({"weight": {"value": -1, "unit": "kg"}}, "/weight"),
        ({"weight": {"value": 1, "unit": "stone"}}, "/weight"),
        ({"weight": {"unit": "kg"}}, "/weight/value"),
        ({"weight": {"value": 10**15, "unit": "kg"}}, "/weight"),
        ({"dimensions": {"length": 1, "unit": "mile"}}, "/dimensions/length"),
        ({"dimensions": {"length": -1}}, "/dimensions/length"),
        ({"collo_count": 21}, "/collo_count"),
        ({"collo_count": "x"}, "/collo_count"),
        ({"delivery_option": "by pigeon"}, "/delivery_option"),
        ({"delivery_option": "pickup"}, "/pickup_date"),
        ({"brand_id": 999999}, "/brand_id"),
        ({"brand_id": -1}, "/brand_id"),
        ({"parcel_items": {}}, "/parcel_items"),
        ({"parcel_items": [1]}, "/parcel_items/0"),
        ({"parcel_items": [{"quantity": 0}]}, "/parcel_items/0/quantity"),
        ({"parcel_items": [{"quantity": 10**9}]}, "/parcel_items/0/quantity"),
        ({"parcel_items": [{"price": {"value": -1, "currency": "EUR"}}]}, "/parcel_items/0/price"),
        ({"parcel_items": [{"price": {"value": 1, "currency": "€"}}]}, "/parcel_items"),
        ({"parcel_items": [{"origin_country": "ZZ"}]}, "/parcel_items/0/origin_country"),
        ({"parcel_items": [{"hs_code": "1" * 13}]}, "/parcel_items/0/hs_code"),
        ({"external_reference": "x" * 256}, "/external_reference"),
        ({"order_number": {"a": 1}}, "/order_number"),
    ],
)
@pytest.mark.parametrize("path", ["", "/validate", "/announce-synchronously"])
def test_what_is_wrong_is_pointed_at(path, changes, pointer, desk):
    answer = desk.ask("POST", f"/api/v3/returns{path}", wish(**changes))

    assert answer.status_code == 400
    names = {"": "v3_create_return", "/validate": "v3_validate_return"}
    told = checked(answer, names.get(path, "v3_announce_return"))
    assert pointer in [problem.get("source", {}).get("pointer") for problem in told["errors"]]
    if path == "/announce-synchronously":
        assert told["error"]["message"] == told["errors"][0]["detail"]
    assert not Return.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"7",
        b"{",
        b"[" * 20_000 + b"]" * 20_000,
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b'{"order_number": "a\\u0000b"}',
        b'{"order_number": "\\ud800"}',
        b'{"brand_id": 1e400}',
        b'{"brand_id": 99999999999999999999999999999999}',
        b'{"weight": {"value": 1e29, "unit": "kg"}}',
    ],
)
@pytest.mark.parametrize("path", ["", "/validate", "/announce-synchronously"])
def test_a_body_of_nonsense_is_refused(path, body, desk):
    answer = desk.ask("POST", f"/api/v3/returns{path}", body)

    assert answer.status_code == 400
    assert not Return.objects.exists()


def test_a_reference_is_used_once(desk):
    first = make(desk)

    answer = desk.ask("POST", "/api/v3/returns", wish(order_number="BR-78"))

    assert answer.status_code == 400
    (problem,) = checked(answer, "v3_create_return")["errors"]
    assert problem["detail"] == "External reference has already been used in another return."
    assert problem["source"] == {"pointer": "/external_reference"}
    assert desk.ask("POST", "/api/v3/returns/validate", wish()).status_code == 400
    desk.ask("PATCH", f"/api/v3/returns/{first['return_id']}/cancel")
    assert make(desk)["return_id"] != first["return_id"]


def test_a_repeat_after_a_crash_finds_the_return(desk, monkeypatch):
    from rientro.models import remembered

    def crash(*_, **__):
        raise ConnectionError

    key = {"headers": {"idempotency-key": "again"}}
    for body in (wish(), wish(external_reference=...)):
        with monkeypatch.context() as broken, pytest.raises(ConnectionError):
            broken.setattr(remembered, "keep", crash)
            desk.ask("POST", "/api/v3/returns", body, **key)
        made = Return.objects.order_by("-pk").first()
        remembered.IdempotencyKey.objects.all().delete()

        assert make(desk, body, **key)["return_id"] == made.pk
        remembered.IdempotencyKey.objects.all().delete()
        Return.objects.filter(pk=made.pk).update(external_reference="")
    assert Return.objects.count() == 2


def test_validating_echoes_and_makes_nothing(desk, jobs):
    jobs.clear()

    told = checked(desk.ask("POST", "/api/v3/returns/validate", wish()), "v3_validate_return")

    assert told["weight"] == 1.25
    assert told["dimensions"] == {"length": 30.0, "width": 20.0, "height": 10.5}
    assert told["customs_shipment_type"] == 4
    assert told["delivery_option"] == "drop_off_point"
    assert told["from_address"]["city"] == "Torino"
    assert told["ship_with"]["shipping_option_code"] == "scripted:sandbox_return"
    assert not Return.objects.exists()
    assert not Order.objects.exists()
    assert jobs.names() == []


def test_announcing_waits_for_the_label(desk, depot):
    answer = desk.ask("POST", "/api/v3/returns/announce-synchronously", wish())

    told = checked(answer, "v3_announce_return")
    assert answer.status_code == 201
    ret = Return.objects.get()
    assert (ret.pk, ret.carrier) == (told["return_id"], "label_ready")
    url = f"/api/v3/returns/{ret.pk}"
    assert desk.ask("GET", url).json()["label"] is not None
    assert ret.parcels.get().labels.get().pdf_a6 is not None
    assert depot.bill() == 490


def test_a_refusal_is_told_at_once_and_leaves_nothing_owed(desk, depot):
    depot.script = [InvalidRequest("No parcels from islands.")]

    answer = desk.ask("POST", "/api/v3/returns/announce-synchronously", wish())

    told = checked(answer, "v3_announce_return")
    assert answer.status_code == 400
    assert told["error"]["code"] == "parcel_announcement_error"
    assert told["error"]["message"] == "No parcels from islands."
    assert told["error"]["request"] == "api/v3/returns/announce-synchronously"
    assert Return.objects.get().approval == "cancelled"
    assert not Charge.objects.exists()
    assert sum(LedgerEntry.objects.values_list("amount_minor", flat=True)) == 0
    again = desk.ask("POST", "/api/v3/returns/announce-synchronously", wish())
    assert again.status_code == 201


def test_without_a_carrier_there_is_no_label_to_wait_for(machine):
    answer = machine.ask("POST", "/api/v3/returns/announce-synchronously", wish(ship_with=...))

    assert answer.status_code == 400
    assert "No carrier is connected" in checked(answer, "v3_announce_return")["error"]["message"]


def test_a_carrier_that_is_away_answers_later(desk, depot, monkeypatch, jobs):
    depot.script = [Unavailable("Away.")]
    monkeypatch.setattr("rientro.api.label_wait.LONGEST_PAUSE_S", 0.01)

    answer = desk.ask("POST", "/api/v3/returns/announce-synchronously", wish())

    assert answer.status_code == 201
    assert Return.objects.get().carrier == "label_ready"
    assert depot.count() == 1


def test_a_failed_announcement_says_so_in_the_return(desk, depot, jobs):
    depot.script = [InvalidRequest("No parcels from islands.")]
    told = make(desk)
    jobs.run()

    found = checked(desk.ask("GET", f"/api/v3/returns/{told['return_id']}"), "v3_get_return")

    assert found["parent_status"] == "announcement-failed"
    assert found["errors"] == [
        {"code": "parcel_announcement_error", "detail": "No parcels from islands."}
    ]


def test_the_list_is_of_a_time_in_pages(desk):
    for place in range(3):
        make(desk, wish(external_reference=f"rma-{place}"))
    span = "from_date=2020-01-01 00:00:00&to_date=2199-01-01T00:00:00%2B01:00"

    first = checked(desk.ask("GET", f"/api/v3/returns?{span}&page_size=2"), "v3_list_returns")
    second = checked(
        desk.ask("GET", first["next"].removeprefix("http://testserver")), "v3_list_returns"
    )
    whole = desk.ask("GET", f"/api/v3/returns?{span}").json()

    assert [len(first["data"]), len(second["data"])] == [2, 1]
    assert second["next"] is None
    assert second["previous"]
    assert [row["id"] for row in first["data"] + second["data"]] == [
        row["id"] for row in whole["data"]
    ]
    past = desk.ask("GET", "/api/v3/returns?from_date=2020-01-01&to_date=2020-02-01").json()
    assert past["data"] == []


@pytest.mark.parametrize(
    ("slug", "count"), [("announcing", 1), ("ready-to-send", 0), ("delivered", 0), ("cancelled", 1)]
)
def test_the_list_is_filtered_by_status(slug, count, desk):
    make(desk)
    gone = make(desk, wish(external_reference="rma-2"))
    desk.ask("PATCH", f"/api/v3/returns/{gone['return_id']}/cancel")

    told = desk.ask(
        "GET",
        f"/api/v3/returns?from_date=2020-01-01&to_date=2199-01-01&parent_parcel_status={slug}",
    )

    assert len(checked(told, "v3_list_returns")["data"]) == count


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "from_date"),
        ("from_date=2020-01-01", "to_date"),
        ("from_date=soon&to_date=2020-01-01", "from_date"),
        ("from_date=9999-12-31T23:59:59-12:00&to_date=2020-01-01", "from_date"),
        ("from_date=2020-01-01&to_date=2020-01-01&page_size=41", "page_size"),
        ("from_date=2020-01-01&to_date=2020-01-01&page_size=0", "page_size"),
        ("from_date=2020-01-01&to_date=%00", "to_date"),
        (
            "from_date=2020-01-01&to_date=2020-01-01&parent_parcel_status=lost%00",
            "parent_parcel_status",
        ),
    ],
)
def test_a_question_that_cannot_be_read_is_refused(query, parameter, desk):
    answer = desk.ask("GET", f"/api/v3/returns?{query}")

    assert answer.status_code == 400
    problem = checked(answer, "v3_list_returns")["errors"][0]
    assert problem["source"] == {"parameter": parameter}
    assert (problem["field"], problem["message"]) == (parameter, problem["detail"])


def test_an_odd_cursor_is_not_found(desk):
    url = "/api/v3/returns?from_date=2020-01-01&to_date=2020-01-01&cursor=x"
    assert desk.ask("GET", url).status_code == 404


def test_cancelling_once_and_too_late(desk, jobs):
    told = make(desk)
    url = f"/api/v3/returns/{told['return_id']}/cancel"

    first, again = desk.ask("PATCH", url), desk.ask("PATCH", url)

    assert (first.status_code, again.status_code) == (202, 409)
    assert checked(first, "v3_cancel_return") == {"message": "Cancellation requested successfully"}
    assert checked(again, "v3_cancel_return") == {
        "errors": [{"field": "returns", "code": 409, "message": "Return is not cancellable."}]
    }
    other = make(desk, wish(external_reference="rma-2"))
    jobs.run()
    Return.objects.filter(pk=other["return_id"]).update(carrier="in_transit")
    late = desk.ask("PATCH", f"/api/v3/returns/{other['return_id']}/cancel")
    assert late.status_code == 409
    assert desk.ask("PATCH", "/api/v3/returns/999999/cancel").status_code == 404


def test_a_return_to_a_store_has_an_id_of_a_parcel_and_no_label(desk, jobs):
    told = make(desk, wish(delivery_option="in_store"))

    found = checked(desk.ask("GET", f"/api/v3/returns/{told['return_id']}"), "v3_get_return")

    assert told["parcel_id"] == parcel_id("return", told["return_id"])
    assert (found["delivery_option"], found["label"]) == ("in_store", None)
    assert not LabelPurchase.objects.exists()


@pytest.mark.parametrize(("asked", "mails"), [(True, 1), (False, 0), (..., 0)])
def test_the_shopper_is_written_to_only_when_asked_for(asked, mails, desk, jobs):
    make(desk, wish(send_tracking_emails=asked))
    jobs.run()

    assert Mail.objects.filter(kind="label_ready").count() == mails


@pytest.mark.parametrize("scope", ["read:return", "write:return"])
def test_a_key_that_may_read_may_not_write(scope, desk):
    desk.key.scopes = [scope]
    desk.key.save()

    read = desk.ask("GET", "/api/v3/returns/1").status_code
    write = desk.ask("POST", "/api/v3/returns", wish()).status_code

    assert (read, write) == ((404, 403) if scope == "read:return" else (404, 201))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("reference", ["rma-1", ...])
def test_fifty_at_once_with_one_key_make_one_return(reference, client):
    merchant = makers.make_merchant()
    with merchant_transaction(merchant.pk):
        makers.make_address(makers.make_brand())
        makers.make_carrier_account()
        integration = makers.make_integration()
    with acting_for(merchant.pk):
        machine = Machine(client, integration)
    body = json.dumps(wish(ship_with=..., external_reference=reference)).encode()

    def post(_):
        try:
            return Client().post(
                "/api/v3/returns",
                body,
                content_type="application/json",
                headers={"authorization": machine.authorization, "idempotency-key": "once"},
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(post, range(50)))

    statuses = {answer.status_code for answer in answers}
    assert statuses <= {201, 409}
    assert len({a.content for a in answers if a.status_code == 201}) == 1
    with merchant_transaction(merchant.pk):
        assert Return.objects.count() == 1
        assert LabelPurchase.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_with_one_reference_and_no_key_make_one_return(client):
    merchant = makers.make_merchant()
    with merchant_transaction(merchant.pk):
        makers.make_address(makers.make_brand())
        makers.make_carrier_account()
        integration = makers.make_integration()
    with acting_for(merchant.pk):
        machine = Machine(client, integration)
    body = json.dumps(wish(ship_with=...)).encode()

    def post(_):
        try:
            return (
                Client()
                .post(
                    "/api/v3/returns",
                    body,
                    content_type="application/json",
                    headers={"authorization": machine.authorization},
                )
                .status_code
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(post, range(50)))

    assert sorted(statuses) == [201] + [400] * 49
    with merchant_transaction(merchant.pk):
        assert Return.objects.count() == 1
