"""What is small and near the journey: prices, functionalities, logs of version 3, places, a portal's address."""

import pytest

from rientro.api.ids import parcel_id
from rientro.flows.connect_carrier import Contract, connect_carrier
from rientro.kit.tenancy import acting_for
from rientro.models import Integration
from tests import makers
from tests.api.checking import checked
from tests.makers import NOW
from tests.sandbox import customer, sandbox_process

__all__ = ["customer", "sandbox_process"]
pytestmark = pytest.mark.django_db
PRICE = "/api/v2/shipping-price"


@pytest.fixture
def account(machine, customer):
    return connect_carrier(
        contract=Contract(
            carrier="sandbox",
            name="Sandbox",
            credentials={"token": customer.token},
            settings={"url": customer.url},
            service="sandbox_return",
        ),
        account=None,
        actor="member:1",
        now=NOW,
    )


def test_a_price_is_the_carriers_for_each_country_that_returns_go_to(machine, account):
    asked = f"?shipping_method_id={account.pk}&from_country=IT&weight=900&weight_unit=gram"

    everywhere = checked(machine.ask("GET", PRICE + asked), "v2_get_shipping_price")
    one = checked(machine.ask("GET", f"{PRICE}/{asked}&to_country=de"), "v2_get_shipping_price")

    assert [told["to_country"] for told in everywhere] == ["IT"]
    assert [told["to_country"] for told in one] == ["DE"]
    assert float(one[0]["price"]) > 0
    assert one[0]["currency"] == "EUR"
    assert one[0]["breakdown"][0]["value"] == float(one[0]["price"])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("?shipping_method_id=1&from_country=IT&weight=1", 400),
        ("?shipping_method_id=x&from_country=IT&weight=1&weight_unit=gram", 400),
        ("?shipping_method_id=1&from_country=XX&weight=1&weight_unit=gram", 400),
        ("?shipping_method_id=1&from_country=IT&weight=nan&weight_unit=gram", 400),
        ("?shipping_method_id=1&from_country=IT&weight=1&weight_unit=stone", 400),
        ("?shipping_method_id=999999&from_country=IT&weight=1&weight_unit=gram", 404),
    ],
)
def test_a_price_of_nonsense_is_refused(query, status, machine):
    answer = machine.ask("GET", PRICE + query)

    assert answer.status_code == status
    checked(answer, "v2_get_shipping_price")


def test_a_price_asks_for_ones_own_contract_alone(machine, account, stranger):
    asked = f"?shipping_method_id={account.pk}&from_country=IT&weight=1&weight_unit=kilogram"

    with acting_for(stranger.integration.merchant_id):
        assert stranger.ask("GET", PRICE + asked).status_code == 404
    assert machine.ask("GET", f"{PRICE}{asked}&contract=999999").status_code == 400


def test_functionalities_are_those_that_ways_of_sending_have(machine):
    told = checked(
        machine.ask("GET", "/api/v2/shipping-functionalities/"), "v2_list_shipping_functionalities"
    )

    assert told["returns"] == {"name": "Returns", "default_value": False, "type": "boolean"}


def test_version_3_writes_into_the_same_log_and_reads_it_in_pages(machine):
    url = f"/api/v3/integrations/{machine.integration.pk}/logs"
    for number in range(3):
        body = {"message": f"Line {number}", "level": "warning"}
        checked(machine.ask("POST", url, body), "v3_create_integration_log")

    first = machine.ask("GET", f"{url}?page_size=2")
    whole = machine.ask("GET", "/api/v3/integrations/logs/")
    older = machine.ask("GET", f"/api/v2/integrations/{machine.integration.pk}/logs")

    assert [one["message"] for one in checked(first, "v3_list_integration_logs")["data"]] == [
        "Line 2",
        "Line 1",
    ]
    assert 'rel="next"' in first["Link"]
    assert len(checked(whole, "v3_list_all_integration_logs")["data"]) == 3
    assert older.json()["results"] == whole.json()["data"]
    assert machine.ask("POST", url, {}).status_code == 400
    assert machine.ask("GET", f"{url}?page_size=0").status_code == 400
    assert machine.ask("GET", "/api/v3/integrations/999999/logs").status_code == 404


def test_service_points_are_asked_for_properly_and_there_are_none(machine):
    v3 = "/api/v3/service-points"

    good = machine.ask("GET", f"{v3}?country_code=IT&carrier_code=sandbox")
    bad = [machine.ask("GET", f"{v3}?{q}") for q in ("", "country_code=IT", "country_code=1")]
    both = machine.ask("GET", f"{v3}?country_code=IT&carrier_code=x&use_integration_carriers=true")

    assert checked(good, "v3_list_service_points") == {"data": {"results": []}}
    assert [checked(one, "v3_list_service_points")["errors"][0]["code"] for one in bad] == [
        "invalid"
    ] * 3
    assert both.status_code == 400
    assert machine.ask("GET", "/api/v2/service-points/1/check-availability").status_code == 404


def test_a_buyer_returns_a_parcel_at_its_brands_portal(machine, stranger):
    order = makers.make_order(integration=machine.integration)
    url = f"/api/v3/shipments/{parcel_id('order', order.pk)}/return-portal-url"

    told = checked(machine.ask("GET", url), "v3_get_return_portal_url")
    missing = checked(
        machine.ask("GET", "/api/v3/shipments/999999999996/return-portal-url"),
        "v3_get_return_portal_url",
    )

    assert told["data"]["url"].endswith(f"/{order.brand.slug}/")
    assert missing["errors"][0]["detail"] == "No return portal is configured for this shipment."
    with acting_for(stranger.integration.merchant_id):
        assert stranger.ask("GET", url).status_code == 404


def test_a_brand_says_whether_its_portal_is_open(machine):
    brand = makers.make_brand(portal={"active": False})

    closed = checked(machine.ask("GET", f"/api/v2/brands/{brand.pk}"), "v2_get_brand")
    brands = checked(machine.ask("GET", "/api/v2/brands"), "v2_list_brands")["brands"]

    assert closed["features"]["returns_portal"] is False
    assert {one["features"]["returns_portal"] for one in brands} == {True, False}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"shop_name": ""}, "/data/shop_name"),
        ({"shop_name": "x" * 251}, "/data/shop_name"),
        ({"shop_url": "nowhere"}, "/data/shop_url"),
        ({"webhook_active": "perhaps"}, "/data/webhook_active"),
        ({"service_point_enabled": True}, "/data/service_point_carriers"),
    ],
)
def test_version_3_points_at_the_field_of_an_integration(body, pointer, machine):
    answer = machine.ask("PATCH", f"/api/v3/integrations/{machine.integration.pk}", body)

    told = checked(answer, "v3_patch_integration")["errors"][0]
    assert told["source"]["pointer"] == pointer
    assert not told["detail"].startswith(pointer.rsplit("/", 1)[-1])


@pytest.mark.parametrize(
    ("told", "kept"), [("[]", []), ("['dhl','ups']", ["dhl", "ups"]), ("dhl", ["dhl"]), ("", [])]
)
def test_carriers_of_a_form_are_a_list(told, kept, machine):
    body = f"shop_name=Shop&service_point_carriers={told}".encode()

    answer = machine.ask("PUT", machine.path, body)

    assert answer.json()["service_point_carriers"] == kept
    assert Integration.objects.get(pk=machine.integration.pk).service_point_carriers == kept
