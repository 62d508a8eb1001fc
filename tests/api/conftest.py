"""For the API: a machine with a key, as a client of ours sees it."""

import base64
import json
from typing import Any

import pytest
from django.db import transaction

from rientro.flows.mint_api_key import mint_api_key
from rientro.kit.tenancy import acting_for
from tests import makers


class Machine:
    """A client of the API that holds one integration's keys."""

    def __init__(self, client: Any, integration: Any) -> None:
        with acting_for(integration.merchant_id), transaction.atomic():
            minted = mint_api_key(integration=integration, actor="member:1", now=makers.NOW)
        self.client = client
        self.integration = integration
        self.key = minted.key
        self.public_key, self.secret_key = minted.public_key, minted.secret_key

    @property
    def path(self) -> str:
        return f"/api/v2/integrations/{self.integration.pk}"

    @property
    def authorization(self) -> str:
        return basic(self.public_key, self.secret_key)

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """``body`` bytes go out as they are, everything else as JSON."""
        content = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        headers = {"authorization": self.authorization} | more.pop("headers", {})
        more = {"content_type": "application/json"} | more
        return self.client.generic(method, path, content, headers=headers, **more)

    def post(self, body: Any, **more: Any) -> Any:
        return self.ask("POST", f"{self.path}/shipments", body, **more)


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


@pytest.fixture
def machine(merchant: Any, client: Any) -> Machine:
    makers.make_address(makers.make_brand())
    return Machine(client, makers.make_integration(shop_name="Shop A"))


@pytest.fixture
def stranger(client: Any) -> Machine:
    """Another merchant's machine, with orders of its own."""
    other = makers.make_merchant()
    with acting_for(other.pk):
        makers.make_address(makers.make_brand())
        theirs = Machine(client, makers.make_integration(shop_name="Theirs"))
    return theirs


def shipment(**changes: Any) -> dict[str, Any]:
    """A shipment with every field that the documentation calls required."""
    told = {
        "external_order_id": "ord-1",
        "external_shipment_id": None,
        "order_number": "#BR-1001",
        "created_at": "2026-11-10T09:00:00+01:00",
        "updated_at": "2026-11-10T09:30:00+01:00",
        "name": "Giulia Ferrero",
        "company_name": "",
        "address": "Corso Moncalieri",
        "house_number": "14",
        "address_2": "",
        "city": "Torino",
        "postal_code": "10131",
        "country": "IT",
        "to_state": None,
        "to_post_number": "",
        "to_service_point": None,
        "email": "giulia.ferrero@example.test",
        "telephone": "+39 011 5550101",
        "currency": "EUR",
        "customs_invoice_nr": "INV-7",
        "customs_shipment_type": 2,
        "order_status": {"id": "processing", "message": "Processing"},
        "payment_status": {"id": "paid", "message": "Paid"},
        "shipping_method_checkout_name": "DHL Express",
        "shipping_method": None,
        "total_order_value": "138.00",
        "weight": "0.900",
        "parcel_items": [
            {
                "description": "Merino scarf",
                "quantity": 2,
                "value": "46.00",
                "weight": "0.300",
                "hs_code": "6117.10",
                "origin_country": "IT",
                "sku": "SC-1",
                "product_id": "77",
                "properties": {"Colour": "Moss", "Size": "one size"},
                "mid_code": "IT123",
            }
        ],
    }
    return told | changes
