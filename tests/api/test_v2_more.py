"""Version 2: returns, tracking, how returns can travel, what they cost, what clients write down."""

import pytest

from rientro.api.ids import parcel_id
from rientro.kit.tenancy import acting_for
from rientro.models import Charge, Integration, Label, TrackingEvent
from tests import makers
from tests.api.checking import checked
from tests.api.test_parcels import make_labelled

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(machine):
    makers.make_carrier_account()
    integration = Integration.objects.get()
    brand = integration.merchant.brands.get()
    order = makers.make_order(brand, number="BR-2", integration=integration)
    machine.ret = make_labelled(order)
    other = makers.make_order(brand, number="BR-3", integration=integration, has_outbound=True)
    machine.in_store = makers.make_return(other, carrier="none", method="in_store")
    return machine


def test_returns_are_listed_newest_first_with_every_key_that_clients_index(desk):
    page = checked(desk.ask("GET", "/api/v2/returns"), "v2_list_returns")

    in_store, posted = page["returns"]
    assert (posted["id"], posted["outgoing_parcel"]) == (desk.ret.pk, None)
    assert "outgoing_parcel_data" not in posted  # null would crash a client
    assert posted["incoming_parcel_status"] == {
        "id": 1000,
        "message": "Ready to send",
        "global_status_slug": "ready-to-send",
    }
    assert (posted["label_cost"], posted["is_cancellable"]) == (4.9, True)
    assert posted["refund"]["refund_type"]["code"] == "money"
    assert in_store["incoming_parcel"] == parcel_id("return", desk.in_store.pk)
    assert in_store["delivery_option"] == "in_store"
    assert in_store["outgoing_parcel_data"]["order_number"] == "BR-3"


def test_a_return_alone_has_no_wrapper(desk):
    told = checked(desk.ask("GET", f"/api/v2/returns/{desk.ret.pk}/"), "v2_get_return")

    assert told["id"] == desk.ret.pk


def test_the_list_asks_the_database_as_often_for_one_return_as_for_three(desk):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    desk.ask("GET", "/api/v2/returns")  # the first call marks the key as used
    with CaptureQueriesContext(connection) as few:
        desk.ask("GET", "/api/v2/returns")
    for number in ("BR-7", "BR-8", "BR-9"):
        order = makers.make_order(desk.ret.brand, number=number, integration=desk.integration)
        makers.make_return(order)
    with CaptureQueriesContext(connection) as many:
        desk.ask("GET", "/api/v2/returns")

    assert len(many) == len(few)


def test_tracking_tells_the_scans_oldest_first(desk):
    parcel = desk.ret.parcels.get()
    for key, status, hour in (("b", "in_transit", 12), ("a", "handed_in", 9)):
        TrackingEvent.objects.create(
            parcel=parcel,
            key=key,
            status=status,
            description=status,
            occurred_at=makers.NOW.replace(hour=hour),
            received_at=makers.NOW,
        )

    told = checked(desk.ask("GET", "/api/v2/tracking/TST42"), "v2_get_tracking")

    assert [scan["parent_status"] for scan in told["statuses"]] == [
        "announcing",
        "ready-to-send",
        "picked-up-by-driver",
        "shipment-on-route",
    ]
    assert desk.ask("GET", "/api/v2/tracking/NOBODY").status_code == 404


def test_what_is_another_merchants_is_not_there(desk, stranger):
    with acting_for(stranger.integration.merchant_id):
        makers.make_carrier_account()
        ret = make_labelled(makers.make_order(integration=stranger.integration))
        account = ret.parcels.get().purchases.get().account
        tracking = ret.parcels.get()
        tracking.tracking_number = "THEIRS1"
        tracking.save(update_fields=["tracking_number"])

    for path in (
        f"returns/{ret.pk}",
        "tracking/THEIRS1",
        f"shipping_methods/{account.pk}",
        f"contracts/{account.pk}",
        f"integrations/{stranger.integration.pk}/logs",
    ):
        assert desk.ask("GET", f"/api/v2/{path}").status_code == 404, path
    assert stranger.ask("GET", "/api/v2/returns").json()["returns"][0]["id"] == ret.pk


def test_methods_products_carriers_and_contracts_are_the_accounts(desk):
    methods = checked(
        desk.ask("GET", "/api/v2/shipping_methods?is_return=True"), "v2_list_shipping_methods"
    )["shipping_methods"]
    one = checked(
        desk.ask("GET", f"/api/v2/shipping_methods/{methods[0]['id']}"), "v2_get_shipping_method"
    )
    products = checked(
        desk.ask("GET", "/api/v2/shipping-products?returns=true&weight=1"),
        "v2_list_shipping_products",
    )
    contracts = checked(desk.ask("GET", "/api/v2/contracts"), "v2_list_contracts")["contracts"]

    assert one["shipping_method"] == methods[0]
    assert [country["iso_2"] for country in methods[0]["countries"]] == ["IT"]
    assert products[0]["methods"][0]["id"] == methods[0]["id"]
    assert checked(desk.ask("GET", "/api/v2/carriers"), "v2_list_carriers") == ["sandbox"]
    assert (contracts[0]["is_default"], contracts[0]["carrier"]["code"]) == (True, "sandbox")
    checked(desk.ask("GET", f"/api/v2/contracts/{contracts[0]['id']}"), "v2_get_contract")


@pytest.mark.parametrize(
    "query",
    [
        "shipping_methods?is_return=false",
        "shipping-products?returns=false",
        "shipping-products?weight=999",
    ],
)
def test_what_cannot_carry_a_return_is_not_offered(query, desk):
    answer = desk.ask("GET", f"/api/v2/{query}").json()

    assert answer in ([], {"next": None, "previous": None, "shipping_methods": []})


def test_a_month_with_labels_is_an_invoice_and_imports_are_in_none(desk):
    label = Label.objects.get()
    Charge.objects.create(
        label=label,
        ret=desk.ret,
        description="Label",
        amount_minor=490,
        currency="EUR",
        charged_at=makers.NOW,
    )

    listed = checked(desk.ask("GET", "/api/v2/user/invoices"), "v2_list_invoices")["invoices"]

    assert [(one["id"], one["price_incl"]) for one in listed] == [(202611, "4.90")]
    path = listed[0]["items"].removeprefix("http://testserver")
    one = checked(desk.ask("GET", path), "v2_get_invoice")["invoice"]
    assert [item["price"] for item in one["items"]] == ["4.90"]
    assert desk.ask("GET", "/api/v2/user/invoices/202501").status_code == 404


def test_service_points_need_a_country(desk):
    assert (
        checked(desk.ask("GET", "/api/v2/service-points?country=IT"), "v2_list_service_points")
        == []
    )
    assert desk.ask("GET", "/api/v2/service-points").status_code == 400
    assert desk.ask("GET", "/api/v2/service-points/1").status_code == 404


def test_what_a_client_writes_down_is_read_again(desk):
    path = f"{desk.path}/logs"

    made = checked(
        desk.ask("POST", path, {"message": "Export failed", "level": "error"}),
        "v2_create_integration_log",
    )

    listed = checked(desk.ask("GET", path), "v2_list_integration_logs")["results"]
    everything = checked(
        desk.ask("GET", "/api/v2/integrations/logs"), "v2_list_all_integration_logs"
    )
    assert listed == everything["results"] == [made]
    assert desk.ask("POST", path, {"message": ""}).status_code == 400
    assert desk.ask("POST", path, {"message": "x", "level": "loud"}).status_code == 400
