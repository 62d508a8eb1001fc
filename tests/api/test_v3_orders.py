"""Version 3's orders and what it says about the merchant."""

import copy

import pytest

from rientro.kit.tenancy import acting_for
from rientro.models import Charge, Order, SenderAddress
from tests import makers
from tests.api.checking import checked

pytestmark = pytest.mark.django_db


def told(machine, number="1", **changes):
    address = {
        "name": "Giulia Ferrero",
        "address_line_1": "Corso Moncalieri",
        "house_number": "14",
        "postal_code": "10131",
        "city": "Torino",
        "country_code": "IT",
        "state_province_code": "IT-TO",
    }
    return {
        "order_id": f"ord-{number}",
        "order_number": f"BR-{number}",
        "order_details": {
            "integration": {"id": machine.integration.pk},
            "status": {"code": "paid", "message": "Paid"},
            "order_created_at": "2026-11-10T09:00:00+01:00",
            "order_updated_at": "2026-11-10T09:30:00+01:00",
            "order_items": [
                {
                    "item_id": "a",
                    "name": "Scarf",
                    "quantity": 2,
                    "total_price": {"value": 92.0, "currency": "EUR"},
                    "measurement": {"weight": {"value": 300, "unit": "g"}},
                    "sku": "SCF",
                    "properties": {"size": "M"},
                }
            ],
            "notes": "ring twice",
            "tags": ["vip"],
        },
        "payment_details": {
            "total_price": {"value": 92.0, "currency": "EUR"},
            "status": {"code": "paid"},
        },
        "customer_details": {"name": "Giulia Ferrero", "email": "g@example.test"},
        "shipping_address": address,
    } | changes


def post(machine, orders, query=""):
    return machine.ask("POST", f"/api/v3/orders{query}", orders)


def test_an_order_is_made_found_and_costs_nothing(machine):
    made = post(machine, [told(machine)])

    data = checked(made, "v3_upsert_orders")["data"]
    assert made.status_code == 201
    assert [type(data[0][key]) for key in ("id", "order_id", "order_number")] == [int, str, str]
    order = checked(machine.ask("GET", f"/api/v3/orders/{data[0]['id']}/"), "v3_get_order")["data"]
    assert order["id"] == str(data[0]["id"])
    assert order["order_details"]["status"] == {"code": "paid", "message": "Paid"}
    assert order["order_details"]["order_items"][0]["unit_price"]["value"] == 46.0
    assert order["order_details"]["order_items"][0]["measurement"]["weight"]["value"] == 0.3
    assert (order["order_details"]["notes"], order["order_details"]["tags"]) == (
        "ring twice",
        ["vip"],
    )
    assert order["shipping_address"]["state_province_code"] == "IT-TO"
    assert Charge.objects.count() == 0


def test_a_parcel_that_is_told_once_stays_known(machine):
    post(machine, [told(machine, shipping_details={"tracking_number": "00340434"})])
    later = told(machine)
    later["order_details"]["order_updated_at"] = "2026-11-12T09:30:00+01:00"
    post(machine, [later, told(machine, number="2")])

    kept = Order.objects.order_by("pk").values_list(
        "number", "outbound_tracking_number", "has_outbound"
    )
    assert list(kept) == [("BR-1", "00340434", True), ("BR-2", "", False)]


def test_the_same_order_again_is_the_same_order(machine):
    first = post(machine, [told(machine)]).json()["data"]

    assert post(machine, [told(machine)]).json()["data"] == first
    assert Order.objects.count() == 1


def test_an_order_is_changed_by_our_id_as_a_string(machine):
    number = post(machine, [told(machine)]).json()["data"][0]["id"]
    changed = told(machine, order_number="BR-9", id=str(number))
    del changed["order_id"]
    changed["order_details"]["order_updated_at"] = "2026-11-11T00:00:00Z"

    assert post(machine, [changed]).json()["data"][0]["order_number"] == "BR-9"
    answer = post(machine, [changed | {"id": number}])
    assert answer.json()["errors"][0]["detail"] == "Input should be a valid string"
    answer = post(machine, [changed | {"order_id": "other"}])
    assert answer.json()["errors"][0]["detail"] == "Order id ord-1 cannot be changed"


def test_one_bad_order_keeps_all_out_and_is_pointed_at(machine):
    bad = told(machine, "2")
    bad["order_details"]["order_items"][0]["quantity"] = 0

    answer = post(machine, [told(machine), bad])

    problems = checked(answer, "v3_upsert_orders")["errors"]
    assert answer.status_code == 400
    assert problems[0]["source"]["pointer"] == (
        "/data/attributes/[1]/order_details/order_items/0/quantity"
    )
    assert Order.objects.count() == 0


def test_with_partial_each_order_has_its_own_result(machine):
    bad = told(machine, "2")
    del bad["payment_details"]

    answer = post(machine, [told(machine), bad, "x"], "?partial=true")

    results = checked(answer, "v3_upsert_orders")["data"]
    assert [one["status"] for one in results] == ["created", "error", "error"]
    assert [one["order_id"] for one in results] == ["ord-1", "ord-2", None]
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("case", "body", "says"),
    [
        ("no list", {}, "Expected a list of orders."),
        ("nothing", [], "at least 1"),
        ("too many", [{}] * 101, "Orders list should have at most 100 items, not 101"),
        ("a word", ["x"], "Input should be an object"),
        ("no integration", [{}], "Integration does not exist"),
    ],
)
def test_what_is_no_batch_of_orders_is_refused(case, body, says, machine):
    answer = post(machine, body)

    assert answer.status_code == 400
    assert says in checked(answer, "v3_upsert_orders")["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["order_id"], None),
        (["order_details", "order_created_at"], "yesterday"),
        (["order_details", "order_items"], {}),
        (["order_details", "status"], {}),
        (["order_details", "tags"], "vip"),
        (["payment_details", "total_price", "value"], "much"),
        (["payment_details", "total_price", "currency"], "EURO"),
        (["shipping_address", "country_code"], "XX"),
        (["shipping_details"], {"measurement": {"weight": {"value": 1, "unit": "stone"}}}),
    ],
)
def test_a_field_that_cannot_be_is_pointed_at(path, value, machine):
    order = copy.deepcopy(told(machine))
    place = order
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value

    answer = post(machine, [order])

    assert answer.status_code == 400
    pointer = checked(answer, "v3_upsert_orders")["errors"][0]["source"]["pointer"]
    assert pointer.startswith(f"/data/attributes/[0]/{path[0]}")


def test_some_fields_are_changed_and_the_others_stay(machine):
    number = post(machine, [told(machine)]).json()["data"][0]["id"]

    changed = machine.ask(
        "PATCH", f"/api/v3/orders/{number}", {"shipping_address": {"city": "Milano"}}
    )

    checked(changed, "v3_patch_order")
    assert changed.status_code == 200
    order = machine.ask("GET", f"/api/v3/orders/{number}").json()["data"]
    assert (order["shipping_address"]["city"], order["shipping_address"]["postal_code"]) == (
        "Milano",
        "10131",
    )
    assert order["order_details"]["notes"] == "ring twice"
    refused = machine.ask("PATCH", f"/api/v3/orders/{number}", {"order_id": "other"})
    assert refused.json()["errors"][0]["source"]["pointer"] == "order/order_id"


def test_a_deleted_order_is_gone(machine):
    number = post(machine, [told(machine)]).json()["data"][0]["id"]

    assert machine.ask("DELETE", f"/api/v3/orders/{number}").status_code == 204
    gone = machine.ask("GET", f"/api/v3/orders/{number}")
    checked(gone, "v3_get_order")
    assert gone.status_code == 404


@pytest.fixture
def three(machine):
    orders = [told(machine, str(number)) for number in (1, 2, 3)]
    for day, order in enumerate(orders, 10):
        order["order_details"]["order_created_at"] = f"2026-11-{day}T09:00:00Z"
    del orders[0]["order_details"]["order_updated_at"]
    orders[2]["order_details"]["status"] = {"code": "open"}
    assert post(machine, orders).status_code == 201
    return machine


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", "321"),
        ("order_number=br%202", "2"),
        ("order_id=ORD-3", "3"),
        ("status=OPEN", "3"),
        ("status=paid", "21"),
        ("order_created_at=2026-11-11", "2"),
        ("order_created_at_min=2026-11-11", "32"),
        ("order_created_at_max=2026-11-11", "21"),
        ("sort=order_created_at", "123"),
        ("sort=-order_number", "321"),
        ("sort=nonsense,order_number", "123"),
        ("sort=order_updated_at,pk", "231"),
    ],
)
def test_lists_are_filtered_and_sorted_as_asked(query, numbers, three):
    listed = checked(three.ask("GET", f"/api/v3/orders?{query}"), "v3_list_orders")["data"]

    assert "".join(order["order_number"][-1] for order in listed) == numbers


@pytest.mark.parametrize("sort", ["", "order_updated_at", "-order_updated_at", "order_number,-pk"])
def test_pages_hold_every_order_once_in_any_order(sort, three):
    url, seen, back = f"/api/v3/orders?page_size=1&sort={sort}", [], ""
    for _ in range(9):
        answer = three.ask("GET", url)
        seen += [order["order_number"] for order in checked(answer, "v3_list_orders")["data"]]
        links = {
            part.split('rel="')[1].rstrip('"'): part.split(">")[0].lstrip(" <")
            for part in answer.headers.get("Link", "").split(",")
            if part
        }
        back = links.get("prev", "")
        if "next" not in links:
            break
        url = links["next"].removeprefix("http://testserver")

    whole = three.ask("GET", f"/api/v3/orders?sort={sort}").json()["data"]
    assert seen == [order["order_number"] for order in whole]
    before = three.ask("GET", back.removeprefix("http://testserver")).json()["data"]
    assert [order["order_number"] for order in before] == seen[-2:-1]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("integration=999999", 400, "invalid_choice"),
        ("page_size=0", 400, "invalid"),
        ("page_size=x", 400, "invalid"),
        ("order_created_at=soon", 400, "invalid"),
        ("order_created_at=9999-12-31", 400, "invalid"),
        ("order_updated_at_max=9999-12-31T23:59:59Z", 400, "invalid"),
        # {"r": false, "p": ["\ud800", 1]}: half a character as the place to go on from
        (
            "sort=order_number&cursor=eyJyIjogZmFsc2UsICJwIjogWyJcdWQ4MDAiLCAxXX0=",
            404,
            "not_found",
        ),
        ("cursor=nonsense", 404, "not_found"),
        ("cursor=eyJyIjogZmFsc2UsICJwIjogWyJ4Il19", 404, "not_found"),
    ],
)
def test_a_list_that_cannot_be_is_refused(query, status, code, three):
    answer = three.ask("GET", f"/api/v3/orders?{query}")

    assert (answer.status_code, checked(answer, "v3_list_orders")["errors"][0]["code"]) == (
        status,
        code,
    )


def test_another_merchants_orders_and_rows_are_not_there(machine, stranger):
    with acting_for(stranger.integration.merchant_id):
        order = makers.make_order(integration=stranger.integration)
        address = SenderAddress.objects.first()
        account = makers.make_carrier_account()

    for path in (
        f"orders/{order.pk}",
        f"integrations/{stranger.integration.pk}",
        f"addresses/sender-addresses/{address.pk}",
        f"brands/{order.brand_id}",
        f"contracts/{account.pk}",
    ):
        assert machine.ask("GET", f"/api/v3/{path}").status_code == 404, path
    for method in ("PATCH", "DELETE"):
        assert machine.ask(method, f"/api/v3/orders/{order.pk}", {}).status_code == 404


def test_the_merchants_own_things_are_told(machine):
    makers.make_carrier_account()
    key = checked(machine.ask("GET", "/api/v3/user/auth/metadata"), "v3_auth_metadata")["data"]

    assert key["integration_id"] == machine.integration.pk
    for path, what in (
        ("integrations", "integration"),
        ("addresses/sender-addresses", "sender_address"),
        ("brands", "brand"),
        ("contracts", "contract"),
    ):
        plural = {"sender_address": "sender_addresses"}.get(what, f"{what}s")
        listed = checked(machine.ask("GET", f"/api/v3/{path}"), f"v3_list_{plural}")["data"]
        assert len(listed) == 1
        one = checked(machine.ask("GET", f"/api/v3/{path}/{listed[0]['id']}"), f"v3_get_{what}")
        assert one["data"] == listed[0]


def test_an_integration_is_changed_without_words(machine):
    path = f"/api/v3/integrations/{machine.integration.pk}"

    changed = machine.ask("PATCH", path, {"shop_name": "New"})
    refused = machine.ask("PATCH", path, {"webhook_active": True})

    assert (changed.status_code, changed.content) == (204, b"")
    assert machine.ask("GET", path).json()["data"]["shop_name"] == "New"
    assert refused.json()["errors"][0]["source"]["pointer"] == "/data/webhook_url"


def test_what_is_told_of_an_item_and_of_money_is_told_again(machine):
    order = told(machine)
    item = order["order_details"]["order_items"][0]
    more = {
        "description": "Soft",
        "ean": "4006381333931",
        "mid_code": "IT1",
        "material_content": "wool",
        "intended_use": "wear",
        "delivery_dates": {"handover_at": "2026-11-21T09:00:00Z", "deliver_at": None},
        "dangerous_goods": {"un_number": "1", "net_weight": 1.5},
    }
    sizes = {
        "dimension": {"length": 10.5, "width": 1, "height": 1, "unit": "cm"},
        "volume": {"value": 0.25, "unit": "l"},
    }
    item |= more | {"properties": {"size": "M", "_hidden": "x"}}
    item["measurement"] |= sizes
    order["payment_details"]["subtotal_price"] = {"value": 90.5, "currency": "EUR"}
    number = post(machine, [order]).json()["data"][0]["id"]

    found = machine.ask("GET", f"/api/v3/orders/{number}")

    again = checked(found, "v3_get_order")["data"]
    [kept] = again["order_details"]["order_items"]
    assert {name: kept[name] for name in more} == more
    assert {name: kept["measurement"][name] for name in sizes} == sizes
    assert kept["properties"] == {"size": "M"}
    assert again["payment_details"]["subtotal_price"]["value"] == 90.5
    [older] = machine.ask("GET", "/api/v2/parcels").json()["parcels"]
    assert older["parcel_items"][0]["properties"] == {"size": "M"}
    assert older["parcel_items"][0]["mid_code"] == "IT1"


def test_a_change_keeps_what_was_told_of_items_and_cannot_empty_them(machine):
    order = told(machine)
    order["order_details"]["order_items"][0]["description"] = "Soft"
    number = post(machine, [order]).json()["data"][0]["id"]
    url = f"/api/v3/orders/{number}"

    emptied = machine.ask("PATCH", url, {"order_details": {"order_items": []}})
    renamed = machine.ask("PATCH", url, {"order_number": "BR-1b"})

    assert emptied.status_code == 400
    pointer = checked(emptied, "v3_patch_order")["errors"][0]["source"]["pointer"]
    assert pointer == "order/order_details/order_items"
    assert renamed.status_code == 200
    [kept] = machine.ask("GET", url).json()["data"]["order_details"]["order_items"]
    assert kept["description"] == "Soft"
