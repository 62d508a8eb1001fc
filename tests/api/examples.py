"""One good body for each operation that takes one, and good words for parts of a query.

An operation without a line here is tried with what its schema allows alone.
"""

import base64
from collections.abc import Callable
from typing import Any

from rientro.kit import clock
from tests.api.conftest import shipment
from tests.kit.test_images import picture

MILAN = {
    "name": "Returns",
    "company_name": "Sartoria Brina S.r.l.",
    "address_line_1": "Via Tortona",
    "house_number": "27",
    "postal_code": "20144",
    "city": "Milano",
    "country_code": "IT",
}
TURIN = {
    "name": "Giulia Ferrero",
    "address_line_1": "Corso Moncalieri",
    "house_number": "14",
    "postal_code": "10131",
    "city": "Torino",
    "state_province_code": "IT-TO",
    "country_code": "IT",
    "email": "giulia.ferrero@example.test",
}


def shipments(world: Any) -> list[dict[str, Any]]:
    number = world.next()
    return [
        shipment(
            external_order_id=f"ord-{number}",
            order_number=f"BR-{number}",
            created_at=clock.now().isoformat(),
            updated_at=clock.now().isoformat(),
        )
    ]


def orders(world: Any) -> list[dict[str, Any]]:
    number, now = world.next(), clock.now().isoformat()
    item = {
        "item_id": "a",
        "name": "Scarf",
        "quantity": 2,
        "total_price": {"value": 92.0, "currency": "EUR"},
        "measurement": {"weight": {"value": 300, "unit": "g"}},
        "sku": "SCF",
        "properties": {"size": "M"},
    }
    details = {
        "integration": {"id": world.integration.pk},
        "status": {"code": "paid", "message": "Paid"},
        "order_created_at": now,
        "order_updated_at": now,
        "order_items": [item],
        "notes": "ring twice",
        "tags": ["vip"],
    }
    return [
        {
            "order_id": f"ord-{number}",
            "order_number": f"BR-{number}",
            "order_details": details,
            "payment_details": {
                "total_price": {"value": 92.0, "currency": "EUR"},
                "status": {"code": "paid"},
            },
            "customer_details": {"name": "Giulia Ferrero", "email": "g@example.test"},
            "shipping_address": TURIN,
        }
    ]


def announced(world: Any) -> dict[str, Any]:
    return {
        "from_address": TURIN,
        "to_address": MILAN,
        "ship_with": {
            "type": "shipping_option_code",
            "shipping_option_code": "sandbox:sandbox_return",
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
        "external_reference": f"rma-{world.next()}",
    }


def rule(world: Any) -> dict[str, Any]:
    condition = {
        "property": "integration",
        "operator": "is",
        "compare_to": str(world.integration.pk),
    }
    return {
        "name": "Shop A from Rome",
        "criteria": {"is_and": True, "conditions": [condition]},
        "actions": [{"identifier": "ship_with_address", "value": str(world.rome.pk)}],
    }


def incoming(world: Any) -> dict[str, Any]:
    parcel, product = world.found["parcel"], world.found["products"][0]
    return {
        "outgoing_parcel": parcel["id"],
        "products": [
            {
                "product_id": product["id"],
                "quantity": 1,
                "description": product["name"],
                "value": product["price"],
                "return_reason": None,
                "return_message": "Too small",
            }
        ],
        "incoming_parcel": {
            "collo_count": 0,
            "from_name": "Giulia Ferrero",
            "from_address_1": "Corso Moncalieri",
            "from_house_number": "14",
            "from_city": "Torino",
            "from_postal_code": "10131",
            "from_country": "IT",
            "from_country_state": "IT-TO",
            "from_email": "g@example.test",
        },
        "refund": {"refund_type": {"code": "money"}, "message": ""},
        "delivery_option": "drop_off_point",
        "message": "",
        "service_point": {},
    }


def options(world: Any) -> dict[str, Any]:
    return {
        "functionalities": {"returns": True},
        "from_country_code": "IT",
        "to_country_code": "IT",
        "from_postal_code": "10131",
        "to_postal_code": "20144",
        "weight": {"value": 1.2, "unit": "kg"},
        "dimensions": {"length": "30", "width": "20", "height": "10", "unit": "cm"},
    }


def parcels(world: Any) -> dict[str, Any]:
    number = world.next()
    there = {
        "name": "Sartoria Brina",
        "address": "Via Tortona",
        "house_number": "27",
        "city": "Milano",
        "postal_code": "20144",
        "country": "IT",
    }
    here = {
        "from_name": "Giulia Ferrero",
        "from_address_1": "Corso Moncalieri",
        "from_house_number": "14",
        "from_city": "Torino",
        "from_postal_code": "10131",
        "from_country": "IT",
    }
    known = {"order_number": f"BR-{number}", "weight": "0.600", "request_label": False}
    back = {
        "is_return": True,
        "request_label": True,
        "request_label_async": True,
        "weight": "0.600",
    }
    items = [{"description": "Scarf", "quantity": 1, "value": "46.00", "weight": "0.300"}]
    # Of one shape each time: what is drawn of it must not depend on how often it was asked for.
    return {"parcels": [there | known | {"parcel_items": items}, there | here | back]}


def received(world: Any) -> dict[str, Any]:
    reference = world.ids("/api/rientro/v1/returns/{reference}")[0]
    items = world.ask("GET", f"/api/rientro/v1/returns/{reference}").json().get("items", [])
    return {
        "items": [
            {
                "id": item["id"],
                "quantity": item["quantity"],
                "grade": "new",
                "disposition": "restock",
            }
            for item in items
        ]
    }


def connection(world: Any) -> dict[str, Any]:
    access = {"auth_type": "bearer", "auth_config": {"token": "s3cret"}}
    return {
        "type": "webhook",
        "configuration": {"url": world.receiver.url, **access},
    }


def subscription(world: Any) -> dict[str, Any]:
    found = world.ids("/api/v3/event-subscriptions/connections/{connection_id}")[0]
    number = int(found) if found.isdigit() else found
    return {"connection_id": number, "event_type": "parcels.event.created"}


Body = Callable[[Any], Any]
BODIES: dict[str, Body] = {
    "oauth_token": lambda world: {
        "grant_type": "client_credentials",
        "scope": "read:order",
        "client_id": world.public_key,
        "client_secret": world.secret_key,
    },
    "v2_upsert_shipments": shipments,
    "v2_delete_shipment": lambda world: {"shipment_uuid": world.make_order()["shipment_uuid"]},
    "v2_put_integration": lambda world: {
        "shop_name": "Shop A",
        "shop_url": "https://shop.example/",
        "service_point_enabled": False,
        "service_point_carriers": [],
        "webhook_active": True,
        "webhook_url": world.receiver.url,
    },
    "v2_patch_integration": lambda world: {
        "shop_name": "Shop B",
        "webhook_active": True,
        "webhook_url": world.receiver.url,
    },
    "v3_patch_integration": lambda _: {"shop_name": "Shop C"},
    "v2_create_integration_log": lambda _: {
        "level": "error",
        "message": "The import stopped.",
        "context": {"order": 7},
    },
    "v3_create_integration_log": lambda _: {"level": "error", "message": "The import stopped."},
    "rientro_add_return_note": lambda _: {"words": "Called the shopper."},
    "rientro_try_return": lambda world: {
        "order": world.make_order()["number"],
        "date": "2026-11-24",
    },
    "rientro_try_shipping_rules": lambda world: (
        {"order": world.make_order()["number"]}
        if world.next() % 2
        else {"facts": {"country": "de", "tags": ["gift"], "value": "49.90"}}
    ),
    "v2_make_label_addresses": lambda world: {"label": {"parcels": world.numbers()[:2]}},
    "v2_create_incoming_return": incoming,
    "v2_upload_return_image": lambda _: {"image": picture()},
    "v2_create_parcels": parcels,
    "v2_update_parcel": lambda world: {
        "parcel": {"id": world.numbers()[-1], "weight": "0.700", "order_number": "BR-1"}
    },
    "rientro_reject_return": lambda _: {"words": "Worn."},
    "rientro_receive_return": received,
    "rientro_tell_return_number": lambda _: {"tracking_number": "OWN123456789", "carrier": ""},
    "rientro_refund_return": lambda _: {"amount": "1.00", "kind": "money"},
    "rientro_settle_refund": lambda _: {"outcome": "again"},
    "v3_create_event_connection": connection,
    "v3_update_event_connection": connection,
    "v3_create_event_subscription": subscription,
    "v3_update_event_subscription": subscription,
    "v3_upsert_orders": orders,
    "v3_patch_order": lambda world: {"order_number": f"BR-{world.next()}"},
    "v3_create_return": announced,
    "v3_announce_return": announced,
    "v3_validate_return": announced,
    "v3_list_shipping_options": options,
    "v3_fetch_shipping_options": options,
    "v3_create_shipping_rule": rule,
    "v3_update_shipping_rule": lambda world: rule(world) | {"name": "Another"},
    "v3_order_shipping_rules": lambda world: {
        "rules": [int(pk) for pk in world.ids("/api/v3/shipping-rules/rules/{rule_id}")]
    },
}


def cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"p={position}".encode()).decode()


# What a part of a query may say so that something is found.
QUERIES: dict[str, Callable[[Any], list[Any]]] = {
    "cursor": lambda _: [cursor(10**9), base64.urlsafe_b64encode(b"r=1&p=1").decode(), "x"],
    "page_size": lambda _: ["1", "2", "100"],
    "ids": lambda world: [",".join(map(str, world.numbers()[:3]))],
    "parcels": lambda world: [str(number) for number in world.numbers()[:3]],
    "integration": lambda world: [str(world.integration.pk), "1"],
    "order_number": lambda world: [f"BR-{world.serial}", "BR-1"],
    "external_order_ids": lambda world: [f"ord-{world.serial}"],
    "tracking_number": lambda world: world.ids("/api/v2/tracking/{tracking_number}"),
    "token": lambda world: [world.label_token()],
    "identifier": lambda world: [world.make_order()["number"], "BR-0"],
    "postal_code": lambda _: ["10131", "10132", "x"],
    "omit_service_points": lambda _: ["true", "false"],
    "language": lambda _: ["it", "en-gb", "de-de", "xx"],
    "format": lambda _: ["a4", "a6", "zpl"],
    "paper_size": lambda _: ["a4", "a5", "a6"],
    "dpi": lambda _: ["72", "203"],
    "start_from": lambda _: ["0", "1", "3"],
    "partial": lambda _: ["true", "false"],
    "from_date": lambda _: ["2026-01-01 00:00:00", "2026-01-01"],
    "to_date": lambda _: ["2027-01-01 00:00:00", "2026-12-31T10:00:00Z"],
    "sort": lambda _: ["-order_created_at", "order_updated_at", "id"],
    "returns": lambda _: ["true"],
    "is_return": lambda _: ["true"],
    "country": lambda _: ["IT"],
    "carrier": lambda _: ["sandbox"],
    "from_country": lambda _: ["IT"],
    "to_country": lambda _: ["IT"],
    "sender_address": lambda world: [str(world.rome.pk), "all"],
    "parcel_status": lambda _: ["1000", "11"],
    "status": lambda _: ["paid", "processing"],
    "level": lambda _: ["error"],
    "limit": lambda _: ["1", "100"],
    "after": lambda _: ["0", "1"],
    "from": lambda _: ["2026-11-01", "2026-11-01T00:00:00Z"],
    "to": lambda _: ["2027-01-01"],
    "return": lambda world: world.ids("/api/rientro/v1/returns/{reference}")[:2],
    "country_code": lambda _: ["IT"],
    "updated_since": lambda _: ["2026-11-01T00:00:00Z"],
    "requested_since": lambda _: ["2026-11-01T00:00:00Z"],
    "requested_before": lambda _: ["2027-11-01T00:00:00Z"],
    "weight": lambda _: ["1.2"],
    "weight_unit": lambda _: ["kilogram"],
}
for _name in ("created_at_min", "created_at_max", "created_at", "updated_at_min", "updated_at_max"):
    QUERIES[f"order_{_name}"] = lambda _: ["2026-11-10T09:00:00Z", "2026-11-10"]
for _name in ("start_date", "end_date", "updated_after", "announced_after"):
    QUERIES[_name] = lambda _: ["2026-11-10T09:00:00Z", "2026-11-10"]
