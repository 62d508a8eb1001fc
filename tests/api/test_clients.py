"""Clients of Sendcloud's API against a running server, with nothing changed but their base address.

The first is the PyPI package sendcloud-python itself; the second plays the return-portal wizard of hand-written
clients, call by call, from sections 17 and 18 of the contract. Labels are bought from the real sandbox carrier.
"""

import json

import pytest
import requests
import sendcloud

from rientro.flows.connect_carrier import Contract, connect_carrier
from rientro.flows.mint_api_key import mint_api_key
from rientro.kit import clock
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Charge, LedgerEntry, Return
from tests import makers
from tests.api.conftest import shipment
from tests.sandbox import customer, sandbox_process

__all__ = ["customer", "sandbox_process"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(live_server, customer, settings, monkeypatch):
    """A merchant with a brand, an address, a carrier and a key; the client is pointed at our server."""
    settings.BASE_URL = live_server.url
    merchant = makers.make_merchant()
    with merchant_transaction(merchant.pk):
        brand = makers.make_brand(slug="brina")
        makers.make_address(brand)
        integration = makers.make_integration(shop_name="Shop A")
        minted = mint_api_key(integration=integration, actor="member:1", now=clock.now())
    with acting_for(merchant.pk):
        connect_carrier(
            contract=Contract(
                carrier="sandbox",
                name="Sandbox",
                credentials={"token": customer.token},
                settings={"url": customer.url},
                service="sandbox_return",
            ),
            account=None,
            actor="member:1",
            now=clock.now(),
        )
    monkeypatch.setattr(sendcloud, "BASE_URL", f"{live_server.url}/api/v2/")
    monkeypatch.setattr(sendcloud, "API_KEY", minted.public_key, raising=False)
    monkeypatch.setattr(sendcloud, "API_SECRET", minted.secret_key, raising=False)
    return merchant


def today(**changes):
    now = clock.now().isoformat()
    return shipment(created_at=now, updated_at=now, **changes)


class Wizard:
    """A shopper's client of the return portal: every address after the first comes out of an answer."""

    def __init__(self, base):
        self.base = f"{base}/api/v2/brand/brina/return-portal"

    def settings(self, language="it-it"):
        return requests.get(f"{self.base}/", {"language": language}, timeout=20).json()["portal"]

    def look_up(self, identifier, postal_code):
        query = {"identifier": identifier, "postal_code": postal_code}
        return requests.get(f"{self.base}/outgoing/", query, timeout=20)

    def send(self, found, portal, *, quantity=1):
        parcel, product = found["data"]["parcel"], found["data"]["products"][0]
        body = {
            "outgoing_parcel": parcel["id"],
            "products": [
                {
                    "product_id": product["id"],
                    "quantity": quantity,
                    "description": product["name"],
                    "value": product["price"],
                    "return_reason": portal["reasons"][0]["id"],
                    "return_message": None,
                }
            ],
            "incoming_parcel": {
                "collo_count": 0,
                "from_name": "Giulia Ferrero",
                "from_address_1": "Corso Moncalieri",
                "from_house_number": "14",
                "from_city": "Torino",
                "from_postal_code": parcel["postal_code"],
                "from_country": parcel["country"]["iso_2"],
                "from_email": "giulia@example.test",
            },
            "refund": {
                "refund_type": {"code": portal["refund_options"][0]["code"]},
                "message": "",
            },
            "delivery_option": portal["delivery_options"][0],
            "reason": None,
            "message": "",
            "service_point": {},
        }
        bearer = {"Authorization": f"Bearer {found['access_token']}"}
        return requests.post(f"{self.base}/incoming/", json=body, headers=bearer, timeout=20)


def test_sendcloud_python_does_the_whole_job(shop, live_server, jobs, customer):
    integrations = sendcloud.IntegrationsAndOrders()
    [mine] = integrations.get_integrations()
    number = str(mine["id"])

    [made] = integrations.insert_shipments(number, [today(order_number="BR-1001")])

    assert made["status"] == "created"
    listed = integrations.retrieving_shipments(number, {"order_number": "BR-1001"})
    assert [one["shipment_uuid"] for one in listed["results"]] == [made["shipment_uuid"]]
    brand = sendcloud.Brands().get_brands()["brands"][0]
    assert sendcloud.Brands().get_brand(brand["id"])["domain"] == "brina"
    assert sendcloud.Users().get_current_user()["user"]["company_name"] == shop.name
    assert sendcloud.SenderAddress().get_sender_addresses()["sender_addresses"]
    [parcel] = sendcloud.Parcels().get_parcels({"order_number": "BR-1001"})["parcels"]
    assert sendcloud.Parcels().return_portal_url(parcel["id"])["url"] == f"{live_server.url}/brina/"
    assert {"id": 11, "message": "Delivered"} in sendcloud.Parcels().get_parcels_statuses()
    with merchant_transaction(shop.pk):
        assert (Charge.objects.count(), LedgerEntry.objects.count()) == (0, 0)

    wizard = Wizard(live_server.url)
    found = wizard.look_up("1001", "10131")
    assert found.json()["error"]["code"] == "order_not_found"
    found = wizard.look_up("br 1001", "10131").json()
    answer = wizard.send(found, wizard.settings()).json()
    assert requests.get(answer["poller_url"], timeout=20).status_code == 202
    # Both exist at once, label or not: one client asks in the next breath.
    told = sendcloud.Returns().get_return(answer["return"])
    assert told["incoming_parcel"] == answer["incoming_parcels"][0]
    assert sendcloud.Parcels().get_parcel(answer["incoming_parcels"][0])["parcel"]["is_return"]

    jobs.run()

    ready = requests.get(answer["poller_url"], timeout=20).json()
    assert requests.get(ready["download_url"], timeout=20).content[:4] == b"%PDF"
    label = sendcloud.Labels().get_labels(answer["incoming_parcels"][0])["label"]
    printed = requests.get(
        label["label_printer"], auth=(sendcloud.API_KEY, sendcloud.API_SECRET), timeout=20
    )
    assert printed.content[:4] == b"%PDF"
    bulk = sendcloud.Labels().bulk_pdf_label_printing(
        {"label": {"parcels": answer["incoming_parcels"]}}
    )
    assert bulk["label"]["normal_printer"]
    [returned] = sendcloud.Returns().get_returns()["returns"]
    assert returned["incoming_parcel_data"]["tracking_number"] == ready["tracking_numbers"][0]
    assert len(customer.labels()) == 1
    [invoice] = sendcloud.Invoices().get_invoices()["invoices"]
    items = sendcloud.Invoices().get_invoice(invoice["id"])["invoice"]["items"]
    assert [item["price"] for item in items] == [invoice["price_incl"]]

    cancelled = sendcloud.Parcels().cancel_parcel(answer["incoming_parcels"][0])
    assert cancelled["status"] == "queued"
    jobs.run()
    [invoice] = sendcloud.Invoices().get_invoices()["invoices"]
    assert invoice["price_incl"] == "0.00"

    # The client reads JSON of a 204 and raises: so it does with the real service.
    with pytest.raises(requests.exceptions.JSONDecodeError):
        integrations.delete_orders(number, {"shipment_uuid": made["shipment_uuid"]})
    assert wizard.look_up("br 1001", "10131").status_code == 404


def test_sendcloud_python_makes_an_order_known_and_buys_a_return_label(shop, live_server):
    told = shipment(order_number="PS-1", request_label=False)
    parcel = sendcloud.Parcels().create_parcel({"parcel": told})["parcel"]

    assert parcel["status"]["id"] == 999
    assert sendcloud.Parcels().return_portal_url(parcel["id"])["url"] == f"{live_server.url}/brina/"
    assert (
        Wizard(live_server.url).look_up("PS-1", "10131").json()["data"]["parcel"]["id"]
        == (parcel["id"])
    )
    sender = {
        "from_name": "Giulia Ferrero",
        "from_address_1": "Corso Moncalieri 14",
        "from_city": "Torino",
        "from_postal_code": "10131",
        "from_country": "IT",
    }
    back = {"is_return": True, "request_label": True, "order_number": "PS-1", **sender}
    parcel = sendcloud.Parcels().create_parcel({"parcel": back})["parcel"]
    assert parcel["tracking_number"]
    assert sendcloud.Labels().get_labels(parcel["id"])["label"]["label_printer"]
    assert sendcloud.Parcels().cancel_parcel(parcel["id"])["status"] == "queued"


def test_sendcloud_python_changes_an_integration_with_its_form(shop):
    [mine] = sendcloud.IntegrationsAndOrders().get_integrations()

    changed = sendcloud.IntegrationsAndOrders().update_integrations(
        str(mine["id"]), {"shop_name": "New name", "shop_url": "https://shop.example/"}
    )

    assert (changed["shop_name"], changed["system"]) == ("New name", "api")


def test_the_wizard_sends_back_two_items_in_two_returns(shop, live_server, jobs, customer):
    sendcloud.IntegrationsAndOrders().insert_shipments(
        str(sendcloud.IntegrationsAndOrders().get_integrations()[0]["id"]),
        [
            today(
                order_number="BR-7",
                parcel_items=[
                    {"description": "Scarf", "quantity": 2, "value": "46.00", "weight": "0.300"}
                ],
            )
        ],
    )
    wizard = Wizard(live_server.url)
    portal = wizard.settings("en-GB")
    assert portal["brand"]["id"] > 0
    # OCA writes these lists down and reads them again as Python literals.
    for name in ("reasons", "refund_options", "delivery_options", "return_locations"):
        assert json.loads(json.dumps(portal[name])) == portal[name]

    first = wizard.look_up("BR-7", "10131").json()
    assert isinstance(first["data"]["carriers"], list)
    assert float(first["data"]["products"][0]["price"]) == 46.0
    assert wizard.send(first, portal).status_code == 200
    second = wizard.look_up("BR-7", "10131").json()
    assert second["data"]["products"][0]["quantity"] == 1
    assert wizard.send(second, portal).status_code == 200
    third = wizard.look_up("BR-7", "10131").json()
    assert third["data"]["products"][0]["returnable"] is False
    refused = wizard.send(third, portal)
    assert (refused.status_code, bool(refused.json()["error"]["message"])) == (409, True)

    jobs.run()

    with merchant_transaction(shop.pk):
        assert Return.objects.count() == 2
    assert len(customer.labels()) == 2
