"""POST, GET and delete of an integration's shipments."""

import io
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rientro.kit.tenancy import acting_for
from rientro.models import Charge, Order, OrderLine
from tests import makers
from tests.api.conftest import Machine, shipment

NO_INTEGRATION = "No Integration matches the given query."
NO_SHIPMENT = "No ShipmentBlob matches the given query."


def orders():
    return list(Order.objects.order_by("pk"))


# --- coming in


def test_a_shipment_is_created_and_answered_to_the_letter(machine):
    response = machine.post([shipment()])

    [order] = orders()
    assert response.status_code == 200
    assert response.json() == [
        {
            "external_order_id": "ord-1",
            "external_shipment_id": None,
            "shipment_uuid": str(order.shipment_uuid),
            "status": "created",
        }
    ]


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"tracking_number": " 00340434 "}, ("00340434", True)),
        ({"tracking_number": 340434}, ("340434", True)),
        ({"tracking_number": {"no": "number"}}, ("", False)),
        ({"shipping_method": 8, "order_status": {"id": "fulfilled", "message": ""}}, ("", False)),
    ],
)
def test_only_a_tracking_number_says_that_it_was_sent(machine, told, kept):
    response = machine.post([shipment(**told)])

    [order] = orders()
    assert response.json()[0]["status"] == "created"
    assert (order.outbound_tracking_number, order.has_outbound) == kept


def test_every_field_finds_its_place(machine):
    machine.post([shipment(external_shipment_id="s-1", company_name="Rossi", address_2="Scala B")])

    [order] = orders()
    assert order.integration == machine.integration
    assert (order.external_order_id, order.external_shipment_id) == ("ord-1", "s-1")
    assert (order.number, order.number_norm) == ("#BR-1001", "br1001")
    assert order.ordered_at == datetime(2026, 11, 10, 8, 0, tzinfo=UTC)
    assert order.shop_updated_at == datetime(2026, 11, 10, 8, 30, tzinfo=UTC)
    assert (order.name, order.company, order.address_2) == ("Giulia Ferrero", "Rossi", "Scala B")
    assert (order.street, order.house_number, order.postal_norm) == (
        "Corso Moncalieri",
        "14",
        "10131",
    )
    assert (order.total_minor, order.weight_g, order.currency) == (13800, 900, "EUR")
    assert (order.status, order.channel, order.has_outbound) == ("Processing", "web", False)
    assert order.facts["customs_invoice_nr"] == "INV-7"
    [line] = order.lines.all()
    assert (line.name, line.quantity, line.price_minor, line.weight_g) == (
        "Merino scarf",
        2,
        4600,
        300,
    )
    assert (line.sku, line.product_id, line.variant) == ("SC-1", "77", "Moss · one size")
    assert (line.hs_code, line.origin_country) == ("6117.10", "IT")
    assert order.brand is not None
    assert Charge.objects.count() == 0


def test_the_same_stamp_again_changes_nothing_and_answers_updated(machine):
    [first] = machine.post([shipment()]).json()

    [second] = machine.post([shipment(name="Somebody Else")]).json()

    assert second == first | {"status": "updated"}
    assert orders()[0].name == "Giulia Ferrero"


def test_another_stamp_updates_order_and_lines(machine):
    machine.post([shipment()])
    item = shipment()["parcel_items"][0]

    machine.post(
        [
            shipment(
                updated_at="2026-11-11T09:30:00+01:00",
                name="Giulia Rossi",
                parcel_items=[item | {"quantity": 1}, item | {"sku": "B", "product_id": ""}],
            )
        ]
    )

    assert orders()[0].name == "Giulia Rossi"
    assert list(OrderLine.objects.order_by("position").values_list("sku", "quantity")) == [
        ("SC-1", 1),
        ("B", 2),
    ]


def test_a_split_order_is_several_shipments(machine):
    results = machine.post(
        [shipment(external_shipment_id="a"), shipment(external_shipment_id="b")]
    ).json()

    assert [result["status"] for result in results] == ["created", "created"]
    assert len({result["shipment_uuid"] for result in results}) == 2


def test_a_bad_entry_is_reported_alone_in_its_place_and_nested_like_the_input(machine):
    good_item = shipment()["parcel_items"][0]
    results = machine.post(
        [
            shipment(order_number="", city=None, country="XX", total_order_value="a lot"),
            shipment(external_order_id="ord-2"),
            shipment(
                external_order_id="ord-3",
                parcel_items=[good_item, good_item | {"quantity": 0}, "odd"],
            ),
            "not an object",
        ]
    ).json()

    assert [result["status"] for result in results] == ["error", "created", "error", "error"]
    assert results[0] == {
        "external_order_id": "ord-1",
        "external_shipment_id": None,
        "status": "error",
        "error": {
            "order_number": ["This field may not be blank."],
            "city": ["This field may not be null."],
            "country": ["“XX” is not a valid choice."],
            "total_order_value": ["A valid number is required."],
        },
    }
    assert results[2]["error"] == {
        "parcel_items": [
            {},
            {"quantity": ["Must be from 1 to 1000000."]},
            {"non_field_errors": ["Invalid data. Expected an object."]},
        ]
    }
    assert results[3] == {
        "external_order_id": None,
        "external_shipment_id": None,
        "status": "error",
        "error": {"non_field_errors": ["Invalid data. Expected an object."]},
    }
    assert len(orders()) == 1


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("OCA leaves out much", dict.fromkeys(("total_order_value", "weight", "to_state"), ...)),
        ("no lines told", {"parcel_items": None}),
        ("numbers as numbers", {"total_order_value": 138.0, "weight": 0.9, "order_number": 1001}),
        ("unknown keys", {"shipment": {"id": 8}, "is_return": False, "apply_shipping_rules": True}),
        (
            "times without a zone",
            {"created_at": "2026-11-10T09:00:00", "updated_at": "2026-11-10 9"},
        ),
        ("other currency", {"currency": "chf"}),
        ("no currency", {"currency": None}),
        ("lower-case country", {"country": "it"}),
        ("no e-mail", {"email": ""}),
        ("odd e-mail", {"email": "none"}),
        ("a price before tax", {"total_order_value": "112.29508"}),
        ("a country without postal codes", {"country": "AE", "postal_code": ""}),
        ("very long words", {"name": "x" * 1500, "telephone": "1" * 300}),
        ("right-to-left and emoji", {"name": "שלום 👩‍👩‍👧", "city": "القاهرة"}),
    ],
)
def test_what_real_clients_send_is_taken(machine, case, told):
    body = {name: value for name, value in (shipment() | told).items() if value is not ...}
    if case == "times without a zone":
        body["updated_at"] = "2026-11-10 09:30:00"

    response = machine.post([body])

    assert (response.status_code, response.json()[0]["status"]) == (200, "created"), response.json()


def test_a_list_under_a_name_is_taken(machine):
    assert machine.post({"shipments": [shipment()]}).json()[0]["status"] == "created"


@pytest.mark.parametrize(
    ("case", "told", "field"),
    [
        ("a list as a name", {"name": ["x"]}, "name"),
        ("an object as a number", {"order_number": {"a": 1}}, "order_number"),
        ("a truth as a number", {"total_order_value": True}, "total_order_value"),
        ("a long id", {"external_order_id": "x" * 201}, "external_order_id"),
        ("an odd date", {"created_at": "yesterday"}, "created_at"),
        ("a number as a date", {"updated_at": 5}, "updated_at"),
        ("a date before all shops", {"created_at": "0001-01-01T00:00:00+14:00"}, "created_at"),
        ("a date far off", {"updated_at": "9999-12-31T23:59:59-14:00"}, "updated_at"),
        ("no dates at all", {"created_at": None, "updated_at": None}, "created_at"),
        ("money beyond all sums", {"total_order_value": "99999999999999999"}, "total_order_value"),
        ("much money", {"total_order_value": 10**15}, "total_order_value"),
        ("weight below nothing", {"weight": "-1"}, "weight"),
        ("weight of a planet", {"weight": "9e14"}, "weight"),
        ("items as an object", {"parcel_items": {"a": 1}}, "parcel_items"),
        ("too many items", {"parcel_items": [{}] * 1001}, "parcel_items"),
        ("half an item", {"parcel_items": [{"description": "x", "quantity": 1.5}]}, "parcel_items"),
        ("items without names", {"parcel_items": [{"quantity": 1}]}, "parcel_items"),
        (
            "properties as a list",
            {"parcel_items": [{"description": "x", "quantity": 1, "properties": [1]}]},
            "parcel_items",
        ),
        ("a currency of four letters", {"currency": "EURO"}, "currency"),
    ],
)
def test_what_stops_the_job_is_named(machine, case, told, field):
    response = machine.post([shipment(**told)])

    assert response.status_code == 200
    assert list(response.json()[0]["error"]) == [field], case
    assert orders() == []


@pytest.mark.parametrize(
    ("case", "body", "status"),
    [
        ("nothing", b"", 400),
        ("no JSON", b"[{", 400),
        ("not UTF-8", b'["\xff"]', 400),
        ("an object", {"external_order_id": "1"}, 400),
        ("a word", b'"x"', 400),
        ("null", b"null", 400),
        ("an empty list", [], 400),
        ("too many", [shipment()] * 101, 400),
        ("NUL in a word", [shipment(name="a\0b")], 400),
        ("NUL in a key", [shipment() | {"a\0": 1}], 400),
        ("a lone surrogate", b'[{"name": "\\ud800"}]', 400),
        ("33 levels", b"[" * 33 + b"]" * 33, 400),
        ("50,000 levels", b"[" * 50_000, 400),
        ("deep in a key nobody knows", b'[{"x":' * 20 + b"1" + b"}]" * 20, 400),
        ("a number of 5,000 digits", b"[" + b"1" * 5000 + b"]", 400),
        ("a number beyond 64 bits", b'[{"weight": 18446744073709551616}]', 400),
        ("a huge exponent", b'[{"weight": 1e400}]', 400),
        ("a long fraction", b'[{"weight": 0.' + b"1" * 100 + b"}]", 400),
        ("not a number", b'[{"weight": NaN}]', 400),
        ("6 MB", b"[" + b" " * (6 * 1024 * 1024) + b"]", 413),
    ],
)
def test_a_body_that_cannot_be_used_is_a_clear_refusal(machine, case, body, status):
    response = machine.post(body)

    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, status), case
    assert error["request"] == f"{machine.path.lstrip('/')}/shipments"
    assert len(error["message"]) > 10
    assert orders() == []


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "multipart/form-data; boundary=x"}, 415),
        ({"content_type": "application/x-www-form-urlencoded"}, 415),
        ({"headers": {"content-encoding": "gzip"}}, 415),
        ({"content_type": "application/json; charset=utf-8"}, 200),
        ({"content_type": "application/vnd.api+json"}, 200),
    ],
)
def test_only_plain_json_is_read(machine, more, status):
    assert machine.post([shipment()], **more).status_code == status


def test_a_chunked_body_is_read_up_to_the_same_limit(machine):
    for size, status in ((10, 400), (6 * 1024 * 1024, 413)):
        response = machine.ask(
            "POST",
            f"{machine.path}/shipments",
            b"",
            headers={"transfer-encoding": "chunked"},
            **{"wsgi.input": io.BytesIO(b"[" + b" " * size + b"]")},
        )

        assert response.status_code == status


def test_a_hundred_orders_cost_no_more_statements_than_one(machine):
    counts = []
    for size in (1, 100):
        with CaptureQueriesContext(connection) as asked:
            machine.post([shipment(external_order_id=f"{size}-{n}") for n in range(size)])
        counts.append(len(asked))

    assert counts[1] <= counts[0]


# --- told back


def test_a_page_tells_back_what_came_in(machine):
    machine.post([shipment(checkout_payload={"sender_address_id": 5, "n": 1.5})])

    body = machine.ask("GET", f"{machine.path}/shipments").json()

    [order] = orders()
    told = shipment()
    assert (body["next"], body["previous"]) == (None, None)
    [result] = body["results"]
    same = set(told) - {"created_at", "updated_at", "parcel_items"}
    assert {name: result[name] for name in same} == {name: told[name] for name in same}
    assert result["checkout_payload"] == {"sender_address_id": 5, "n": "1.5"}
    assert result["parcel_items"] == [
        told["parcel_items"][0] | {"material_content": "", "intended_use": ""}
    ]
    assert result["integration"] == machine.integration.pk
    assert result["shipment_uuid"] == str(order.shipment_uuid)
    assert result["sender_address"] == order.sender_address_id
    assert (result["allowed_shipping_methods"], result["barcode"]) == ([], "")
    assert result["shipment_created_at"] == "2026-11-10T08:00:00+00:00"
    assert result["shipment_updated_at"] == "2026-11-10T08:30:00+00:00"


def test_pages_lead_to_each_other(machine, monkeypatch):
    monkeypatch.setattr("rientro.api.v2.shipment_pages.PAGE", 2)
    machine.post([shipment(external_order_id=str(n)) for n in range(5)])

    def ids(page):
        return [row["external_order_id"] for row in page["results"]]

    def follow(url):
        assert url.startswith("http://testserver/api/v2/integrations/")
        return machine.ask("GET", url.removeprefix("http://testserver")).json()

    first = machine.ask("GET", f"{machine.path}/shipments?order_number=br1001").json()
    second = follow(first["next"])
    third = follow(second["next"])

    assert [ids(first), ids(second), ids(third)] == [["4", "3"], ["2", "1"], ["0"]]
    assert (first["previous"], third["next"]) == (None, None)
    assert ids(follow(third["previous"])) == ["2", "1"]
    back = follow(second["previous"])
    assert (ids(back), back["previous"]) == (["4", "3"], None)
    assert "order_number=br1001" in first["next"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["3", "2", "1"]),
        ("external_order_ids=1,3", ["3", "1"]),
        ("external_order_ids=1&external_order_ids=2", ["2", "1"]),
        ("external_order_ids[]=1&external_order_ids[]=2", ["2", "1"]),
        ("external_shipment_ids=s", ["3"]),
        ("order_number=%23BR-2", ["2"]),
        ("order_number=nothing", []),
        ("start_date=2999-01-01", []),
        ("end_date=2020-01-01", []),
        ("start_date=2020-01-01T00:00:00%2B01:00", ["3", "2", "1"]),
        ("start_date=2020-01-01T00:00:00+01:00&end_date=2999-01-01", ["3", "2", "1"]),
        ("sender_address=999999", []),
        ("shipping_rules=true", ["3", "2", "1"]),
        ("cursor=", ["3", "2", "1"]),
    ],
)
def test_filters(machine, query, found):
    machine.post(
        [
            shipment(external_order_id="1", order_number="BR-1"),
            shipment(external_order_id="2", order_number="BR-2"),
            shipment(external_order_id="3", order_number="BR-3", external_shipment_id="s"),
        ]
    )

    body = machine.ask("GET", f"{machine.path}/shipments?{query}").json()

    assert [row["external_order_id"] for row in body["results"]] == found


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("start_date=yesterday", 400),
        ("end_date=2026-13-01", 400),
        ("sender_address=me", 400),
        ("sender_address=" + "9" * 30, 400),
        ("shipping_rules=perhaps", 400),
        ("order_number=a%00b", 400),
        ("external_order_ids=" + ",".join("1" * 600), 400),
        ("cursor=%00", 400),
        ("cursor=!!!", 404),
        ("cursor=cD1h", 404),
        ("cursor=" + "A" * 5000, 404),
        ("cursor=cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5", 404),
    ],
)
def test_an_odd_query_is_a_clear_refusal(machine, query, status):
    response = machine.ask("GET", f"{machine.path}/shipments?{query}")

    assert (response.status_code, response.json()["error"]["code"]) == (status, status)


def test_a_page_of_three_costs_no_more_statements_than_one_of_one(machine):
    counts = []
    for number in range(3):
        machine.post([shipment(external_order_id=str(number))])
        with CaptureQueriesContext(connection) as asked:
            machine.ask("GET", f"{machine.path}/shipments")
        counts.append(len(asked))

    assert counts[0] == counts[2]


# --- taken back


@pytest.mark.parametrize("by", ["uuid", "ids", "ids of a split order"])
def test_a_shipment_is_taken_back_and_can_come_again(machine, by):
    split = "s" if by == "ids of a split order" else None
    [made] = machine.post([shipment(external_shipment_id=split)]).json()
    names = ["shipment_uuid"] if by == "uuid" else ["external_order_id", "external_shipment_id"]
    body = {name: made[name] for name in names}

    response = machine.ask("POST", f"{machine.path}/shipments/delete", body)

    assert (response.status_code, response.content) == (204, b"")
    assert orders()[0].cancelled_at is not None
    assert machine.ask("GET", f"{machine.path}/shipments").json()["results"] == []
    again = machine.ask("POST", f"{machine.path}/shipments/delete", body)
    assert (again.status_code, again.json()["error"]["message"]) == (404, NO_SHIPMENT)

    machine.post([shipment(external_shipment_id=split)])

    assert orders()[0].cancelled_at is None


def test_an_id_with_odd_spaces_is_found_again_as_it_was_sent(machine):
    odd = {"external_order_id": " ord \u00a0 9 ", "external_shipment_id": "a\t1"}
    machine.post([shipment(**odd)])

    response = machine.ask("POST", f"{machine.path}/shipments/delete", odd)

    assert response.status_code == 204


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ([], 400),
        ({"shipment_uuid": "x"}, 400),
        ({"shipment_uuid": 5}, 400),
        ({"external_order_id": "ord-1"}, 400),
        ({"external_shipment_id": None}, 400),
        ({"external_order_id": {}, "external_shipment_id": None}, 400),
        ({"shipment_uuid": str(uuid4())}, 404),
        ({"external_order_id": "nothing", "external_shipment_id": None}, 404),
    ],
)
def test_what_names_no_shipment_takes_none_back(machine, body, status):
    machine.post([shipment()])

    response = machine.ask("POST", f"{machine.path}/shipments/delete", body)

    assert response.status_code == status
    assert orders()[0].cancelled_at is None


# --- strangers


def calls(machine, path, body):
    return [
        machine.ask("GET", f"{path}/shipments"),
        machine.ask("POST", f"{path}/shipments", [shipment()]),
        machine.ask("POST", f"{path}/shipments/delete", body),
    ]


def test_another_merchants_integration_is_not_there(machine, stranger):
    [made] = machine.post([shipment()]).json()

    answers = calls(stranger, machine.path, {"shipment_uuid": made["shipment_uuid"]})
    nowhere = calls(
        stranger, "/api/v2/integrations/999999", {"shipment_uuid": made["shipment_uuid"]}
    )

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    for answer, missing in zip(answers, nowhere, strict=True):
        assert answer.json()["error"]["message"] == NO_INTEGRATION
        assert answer.json()["error"]["message"] == missing.json()["error"]["message"]
    assert orders()[0].cancelled_at is None


def test_another_integration_of_the_same_merchant_is_not_there_either(machine, client):
    other = Machine(client, makers.make_integration())

    assert [answer.status_code for answer in calls(other, machine.path, {})] == [404, 404, 404]


def test_a_stranger_cannot_take_back_by_uuid_under_its_own_integration(machine, stranger):
    [made] = machine.post([shipment()]).json()

    response = stranger.ask(
        "POST", f"{stranger.path}/shipments/delete", {"shipment_uuid": made["shipment_uuid"]}
    )

    assert response.status_code == 404
    assert orders()[0].cancelled_at is None


def test_a_strangers_order_with_the_same_ids_is_its_own(machine, stranger):
    machine.post([shipment()])

    [result] = stranger.post([shipment(name="Somebody Else")]).json()

    assert result["status"] == "created"
    assert [order.name for order in orders()] == ["Giulia Ferrero"]
    with acting_for(stranger.integration.merchant_id):
        assert [order.name for order in orders()] == ["Somebody Else"]
