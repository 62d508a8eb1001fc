"""What strict clients index without a guard (contract, section 17) is promised by the document, key by key.

The document is what every answer is compared with (tests/api/checking.py), so a key that is promised here and
missing in an answer fails there. A path such as ``parcels.*.status.id`` goes through lists by ``*``.
"""

import re

import pytest

from rientro.api import openapi

PARCEL = (
    "id status.id status.message date_created tracking_number weight name company_name address address_2 city "
    "postal_code country.iso_2 email telephone to_state address_divided.street address_divided.house_number "
    "label.label_printer label.normal_printer tracking_url external_reference carrier.code documents.*.type "
    "documents.*.size parcel_items.*.description parcel_items.*.quantity parcel_items.*.weight "
    "parcel_items.*.value external_order_id external_shipment_id shipment_uuid is_return"
)
ADDRESS = "id company_name contact_name email telephone street house_number postal_box postal_code city country"
METHOD = (
    "id name min_weight max_weight carrier service_point_input countries.*.iso_2 price countries.*.price "
    "countries.*.id countries.*.name countries.*.price_breakdown"
)
RETURN = (
    "id incoming_parcel outgoing_parcel incoming_parcel_data incoming_parcel_status.id "
    "incoming_parcel_status.message incoming_parcel_status.global_status_slug created_at reason message "
    "is_cancellable return_fee label_cost images"
)
RETURN_V3 = (
    "from_address to_address shipping_product.code shipping_option.code weight send_tracking_emails "
    "is_cancellable status_history created_at"
)
# operation -> keys that its first good answer always has
ALWAYS = {
    "v2_list_integrations": "*.id *.shop_name *.service_point_carriers *.system *.webhook_url",
    "v2_get_integration": "id shop_name shop_url system failing_since last_fetch last_updated_at "
    "service_point_enabled service_point_carriers webhook_active webhook_url",
    "v2_list_parcels": "next previous " + " ".join(f"parcels.*.{key}" for key in PARCEL.split()),
    "v2_get_parcel": " ".join(f"parcel.{key}" for key in PARCEL.split()),
    "v2_get_label_addresses": "label.label_printer label.normal_printer customs_declaration",
    "v2_list_sender_addresses": " ".join(f"sender_addresses.*.{k}" for k in ADDRESS.split()),
    "v2_get_sender_address": " ".join(f"sender_address.{k}" for k in ADDRESS.split()),
    "v2_list_shipping_methods": " ".join(f"shipping_methods.*.{k}" for k in METHOD.split()),
    "v2_get_shipping_method": " ".join(f"shipping_method.{k}" for k in METHOD.split()),
    "v2_list_returns": "next previous " + " ".join(f"returns.*.{key}" for key in RETURN.split()),
    "v2_get_return": RETURN,
    "v2_list_brands": "next previous brands.*.id brands.*.domain",
    "v2_get_brand": "id name domain",
    "v2_get_return_portal": "portal.reasons portal.brand.id portal.refund_options portal.delivery_options "
    "portal.domain portal.return_fee return_locations",
    "v2_get_outgoing_parcel": "access_token service_points_token data.parcel.id data.carriers "
    "data.products.*.id data.products.*.name data.products.*.price data.products.*.quantity",
    "v2_create_incoming_return": "return incoming_parcels poller_url",
    "v2_poll_portal_label": "download_url return parcels tracking_numbers",
    "v2_list_parcel_statuses": "*.id *.message",
    "v2_get_tracking": "parcel_id carrier_code created_at is_return statuses",
    "v2_list_invoices": "invoices.*.id invoices.*.ref invoices.*.price_incl invoices.*.items",
    "v3_patch_order": "data.id data.order_id data.order_number",
    "v3_get_order": "data.id data.order_id data.order_number data.created_at data.modified_at data.order_details",
    "v3_create_return": "return_id parcel_id multi_collo_ids",
    "v3_announce_return": "return_id parcel_id multi_collo_ids",
    "v3_list_returns": "next previous " + " ".join(f"data.*.{key}" for key in RETURN_V3.split()),
    "v3_get_return": RETURN_V3,
    "v3_get_parcel_tracking": "events tracking_numbers from_address to_address details.is_return",
    "v3_auth_metadata": "data.user_id data.integration_id",
    "v3_list_shipping_options": "data.*.code data.*.carrier.code data.*.functionalities data.*.quotes",
    "v3_get_shipping_rule": "id name is_active is_invalid order updated_at criteria actions",
    "v3_create_event_connection": "data.id data.type data.configuration",
    "v3_test_event_subscription": "data.success data.status_code data.response_body",
}


def resolved(schema):
    while "$ref" in schema:
        schema = openapi.document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema


def promised(schema, path):
    """Does every answer that fits ``schema`` have what ``path`` names? Of choices, each that is not null must."""
    if not path:
        return True
    schema = resolved(schema)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return all(promised(one, path) for one in choices if resolved(one).get("type") != "null")
    first, *rest = path
    if first == "*":
        return promised(schema.get("items", {}), rest) if schema.get("type") == "array" else False
    return first in schema.get("required", ()) and promised(schema["properties"][first], rest)


def answer_of(operation_id):
    for path, method, _, operation in openapi.operations():
        if operation.id == operation_id:
            told = openapi.document()["paths"][path][method.lower()]["responses"]
            good = min(status for status in told if status.startswith("2"))
            return told[good]["content"]["application/json"]["schema"]
    raise AssertionError(f"no operation {operation_id}")


@pytest.mark.parametrize("operation_id", sorted(ALWAYS))
def test_the_keys_that_clients_index_are_always_there(operation_id):
    schema = answer_of(operation_id)

    missing = [key for key in ALWAYS[operation_id].split() if not promised(schema, key.split("."))]

    assert missing == []


def test_a_refusal_of_version_3_always_has_what_clients_read():
    schema = openapi.document()["components"]["schemas"]["V3Errors"]

    assert all(promised(schema, ["errors", "*", key]) for key in ("detail", "code", "source"))


def test_every_address_answers_with_and_without_a_slash():
    odd = [
        str(pattern.pattern)
        for pattern in openapi._patterns()
        if isinstance(pattern.callback, openapi.View) and not str(pattern.pattern).endswith("/?$")
    ]

    assert odd == []


def test_addresses_in_the_document_have_no_expressions_left():
    assert [path for path in openapi.document()["paths"] if re.search(r"[\\?()^$]", path)] == []
