"""Further good bodies of an operation, where one cannot show all that it takes: drawn as often as the first.

Of one shape each time: what is drawn of a body must not depend on how often it was asked for.
"""

import base64
import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from rientro.kit.tenancy import merchant_transaction
from rientro.models import Order
from tests.api.examples import Body, incoming, parcels
from tests.kit.test_images import picture


def full_parcels(world: Any) -> dict[str, Any]:
    """A return with every field, and one to an address of ours."""
    back = parcels(world)["parcels"][1]
    item = {
        "description": "Merino scarf",
        "quantity": 2,
        "value": "46.00",
        "weight": "0.300",
        "sku": "SC-1",
        "product_id": "77",
        "hs_code": "611710",
        "origin_country": "IT",
        "return_reason": "1",
        "return_message": "Too small",
        "properties": {"size": "M"},
    }
    told = {
        "parcel_items": [item],
        "contract": world.contract(),
        "from_country_state": "IT-TO",
        "total_order_value": "92.00",
        "total_order_value_currency": "EUR",
        "external_reference": f"rma-{world.next()}",
        "customs_invoice_nr": "INV-1",
        "length": "30",
        "width": "20.5",
        "height": "10",
        "quantity": 1,
        "request_label": False,
        "request_label_async": False,
    }
    gone = dict.fromkeys(("name", "address", "house_number", "city", "postal_code"), "")
    ours = {"sender_address": world.rome.pk, "shipment": {"id": world.contract()}}
    return {"parcels": [back | told, back | gone | ours]}


def full_order(world: Any) -> dict[str, Any]:
    there = parcels(world)["parcels"][0]
    return {
        "parcel": there
        | {
            "external_reference": f"po-{world.next()}",
            "email": "g@example.test",
            "telephone": "+39 011 5550101",
            "total_order_value": "92.00",
            "total_order_value_currency": "EUR",
            "shipment": {"id": world.contract()},
        }
    }


def change_of_a_return(world: Any) -> dict[str, Any]:
    """Of a return that has no label yet."""
    told = full_parcels(world)
    made = world.ask("POST", "/api/v2/parcels", {"parcel": told["parcels"][0]}).json()
    return {
        "parcel": {
            "id": made.get("parcel", {}).get("id", 1),
            "weight": "0.700",
            "length": "31",
            "from_city": "Torino",
            "order_number": "BR-2",
            "external_reference": f"rma-{world.next()}",
            "contract": world.contract(),
            "request_label": False,
        }
    }


def incoming_with_a_picture(world: Any) -> dict[str, Any]:
    """For what was just found, with a picture that this look-up has uploaded."""
    sent = world.client.post(
        f"{world.portal}/images",
        {"image": SimpleUploadedFile("scarf.png", picture(), "image/png")},
        headers={"authorization": world.bearer},
    )
    body = incoming(world)
    line = body["products"][0]["product_id"]
    image = {"product_id": line, "uploaded_image": sent.json().get("uploaded_image", "")}
    return body | {"images": [image]}


def question_with_items(world: Any) -> dict[str, Any]:
    number = world.make_order()["number"]
    with merchant_transaction(world.merchant.pk):
        line = Order.objects.get(number=number).lines.order_by("pk").first()
    assert line is not None
    return {
        "order": number,
        "date": "2026-11-24",
        "refund_type": "credit",
        "items": [{"order_line_id": line.pk, "quantity": 1, "reason": "too_small"}],
    }


def question_about_facts(_: Any) -> dict[str, Any]:
    return {
        "facts": {
            "country": "de",
            "postal_code": "20095",
            "tags": ["gift"],
            "value": "49.90",
            "weight_g": 1200,
            "skus": ["SC-1"],
        }
    }


MORE: dict[str, list[Body]] = {
    "v2_create_parcels": [full_parcels, full_order],
    "v2_update_parcel": [change_of_a_return],
    "v2_create_incoming_return": [incoming_with_a_picture],
    "rientro_try_return": [question_with_items],
    "rientro_try_shipping_rules": [question_about_facts],
}


def place(*values: Any, backwards: bool = False) -> str:
    """A cursor of version 3's orders that goes on from ``values``."""
    return base64.urlsafe_b64encode(json.dumps({"r": backwards, "p": values}).encode()).decode()


# (cursor, sort) that fit each other: drawn together, for one without the other is refused.
PLACES = [
    (place(1), ""),
    (place(10**9, backwards=True), ""),
    (place("2026-11-10T09:00:00+00:00", 1), "order_created_at"),
    (place("2026-11-10T09:00:00+00:00", 1, backwards=True), "-order_created_at"),
    (place(None, 1), "order_updated_at"),
    (place(None, 1), "-order_updated_at"),
    (place("2026-11-10T09:00:00+00:00", 1), "order_updated_at"),
]
