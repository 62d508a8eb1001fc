"""GET, PUT, PATCH and DELETE of the integration that a key belongs to."""

import pytest

from rientro.models import ApiKey, Event, Integration
from tests import makers
from tests.api.conftest import Machine


def expected(integration, **changes):
    told = {
        "id": integration.pk,
        "shop_name": "Shop A",
        "shop_url": "",
        "system": "api",
        "failing_since": None,
        "last_fetch": None,
        "last_updated_at": integration.updated_at.isoformat(),
        "service_point_enabled": False,
        "service_point_carriers": [],
        "webhook_active": False,
        "webhook_url": "",
    }
    return told | changes


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_list_is_a_bare_array_with_the_keys_own_integration(machine, slash):
    makers.make_integration(shop_name="Another")

    response = machine.ask("GET", f"/api/v2/integrations{slash}")

    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert response.json() == [expected(machine.integration)]


@pytest.mark.parametrize("slash", ["", "/"])
def test_one_integration(machine, slash):
    assert machine.ask("GET", machine.path + slash).json() == expected(machine.integration)


def test_put_changes_and_answers_the_whole_integration(machine):
    body = {
        "shop_name": "Shop  B",
        "shop_url": "https://b.example",
        "service_point_enabled": True,
        "service_point_carriers": ["postnl", "dhl"],
        "webhook_active": True,
        "webhook_url": "https://b.example/hook",
        "system": "shopify",
        "id": 5,
    }

    response = machine.ask("PUT", machine.path, body)

    kept = Integration.objects.get(pk=machine.integration.pk)
    assert response.status_code == 200
    assert response.json() == expected(
        kept, **{name: value for name, value in body.items() if name not in ("system", "id")}
    ) | {"shop_name": "Shop B"}
    assert kept.system == "api"
    assert Event.objects.order_by("pk").last().name == "integration.changed"


def test_put_takes_the_form_that_one_client_calls_json(machine):
    form = (
        b"shop_name=Shop+B&shop_url=&service_point_enabled=True&service_point_carriers=postnl"
        b"&service_point_carriers=dhl&webhook_active=False&webhook_url="
    )

    response = machine.ask("PUT", machine.path, form)

    kept = Integration.objects.get(pk=machine.integration.pk)
    assert response.status_code == 200
    assert (kept.shop_name, kept.service_point_enabled) == ("Shop B", True)
    assert kept.service_point_carriers == ["postnl", "dhl"]


def test_a_form_is_taken_under_its_own_name_too(machine):
    response = machine.ask(
        "PATCH", machine.path, b"shop_name=B", content_type="application/x-www-form-urlencoded"
    )

    assert response.json()["shop_name"] == "B"


def test_patch_changes_only_what_is_told(machine):
    machine.ask("PATCH", machine.path, {"webhook_url": "https://a.example/hook"})

    response = machine.ask("PATCH", machine.path, {"webhook_active": True})

    assert response.json()["webhook_url"] == "https://a.example/hook"
    assert response.json()["shop_name"] == "Shop A"


@pytest.mark.parametrize(
    ("method", "body", "field"),
    [
        ("PUT", {}, "shop_name"),
        ("PUT", {"shop_name": "  "}, "shop_name"),
        ("PATCH", {"shop_name": 5}, "shop_name"),
        ("PATCH", {"shop_name": "x" * 900}, "shop_name"),
        ("PATCH", {"shop_url": "shop.example"}, "shop_url"),
        ("PATCH", {"webhook_url": "javascript:alert(1)"}, "webhook_url"),
        ("PATCH", {"webhook_url": "http://[::1"}, "webhook_url"),
        ("PATCH", {"webhook_active": True}, "webhook_url"),
        ("PATCH", {"webhook_active": "maybe"}, "webhook_active"),
        ("PATCH", {"webhook_active": []}, "webhook_active"),
        ("PATCH", {"service_point_enabled": True}, "service_point_carriers"),
        ("PATCH", {"service_point_carriers": {}}, "service_point_carriers"),
        ("PATCH", {"service_point_carriers": [5]}, "service_point_carriers"),
        ("PATCH", [], "object"),
        ("PATCH", b"{", "JSON"),
        ("PATCH", b"a\0=1", "NUL"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(machine, method, body, field):
    response = machine.ask(method, machine.path, body)

    assert response.status_code == 400
    assert field in response.json()["error"]["message"]
    kept = Integration.objects.get(pk=machine.integration.pk)
    assert (kept.shop_name, kept.webhook_url, kept.updated_at) == (
        "Shop A",
        "",
        machine.integration.updated_at,
    )


def test_delete_disconnects_and_takes_the_keys_along(machine):
    order = makers.make_order(integration=machine.integration)

    response = machine.ask("DELETE", machine.path)

    assert (response.status_code, response.content) == (204, b"")
    assert machine.ask("GET", machine.path).status_code == 401
    assert ApiKey.objects.get().revoked_at is not None
    order.refresh_from_db()
    assert order.cancelled_at is None


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_strangers_integration_is_not_there(machine, stranger, client, method):
    sibling = Machine(client, makers.make_integration())
    missing = sibling.ask(method, "/api/v2/integrations/999999", {"shop_name": "x"})

    for other in (stranger, sibling):
        response = other.ask(method, machine.path, {"shop_name": "x"})

        assert (response.status_code, missing.status_code) == (404, 404)
        assert response.json()["error"]["message"] == "No Integration matches the given query."
        assert missing.json()["error"]["message"] == response.json()["error"]["message"]
    assert Integration.objects.get(pk=machine.integration.pk).shop_name == "Shop A"


@pytest.mark.parametrize("path", ["/api/v2/integrations/x", "/api/v2/nothing", "/api/v2/"])
def test_an_address_that_leads_nowhere_answers_in_json(machine, path):
    response = machine.ask("GET", path)

    assert (response.status_code, response.json()["error"]["code"]) == (404, 404)
