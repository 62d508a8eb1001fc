"""A parcel on its way back, as Sendcloud's clients read it from a webhook: every key that one of them indexes.

Source: shared contract, section 17 ("key-presence rules") and section 10 (statuses).
"""

from typing import Any

from django.conf import settings

from rientro.api.ids import parcel_id
from rientro.kit.countries import CODES
from rientro.kit.money import Money
from rientro.models import Order, Parcel, Return
from rientro.policy.amounts import kilograms

STATUS: dict[str, tuple[int, str]] = {
    "none": (999, "No label"),
    "label_pending": (1001, "Being announced"),
    "label_ready": (1000, "Ready to send"),
    "failed": (1002, "Announcement failed"),
    "handed_in": (22, "Shipment picked up by driver"),
    "in_transit": (91, "Parcel en route"),
    "at_customs": (62989, "At Customs"),
    "delayed": (4, "Delivery delayed"),
    "exception": (62996, "Exception"),
    "delivered": (11, "Delivered"),
    "returned_to_sender": (62992, "Returned to sender"),
    "lost": (80, "Unable to deliver"),
}
CANCELLED = (2000, "Cancelled")
UNKNOWN = (1337, "Unknown status - check carrier track & trace page for more insights")


def parcel_words(ret: Return, parcel: Parcel | None) -> dict[str, Any]:
    """``parcel`` of ``ret``; of a return that needs none, the return itself under its own parcel id."""
    order = ret.order
    number = parcel_id("parcel", parcel.pk) if parcel else parcel_id("return", ret.pk)
    tracking_number = parcel.tracking_number if parcel else ""
    street = " ".join(part for part in (ret.from_street, ret.from_house_number) if part)
    return {
        "id": number,
        "name": ret.from_name,
        "company_name": ret.from_company,
        "address": street,
        "address_2": ret.from_address_2,
        "address_divided": {
            "street": ret.from_street,
            "house_number": ret.from_house_number,
        },
        "city": ret.from_city,
        "postal_code": ret.from_postal_code,
        "to_state": ret.from_state or None,
        "country": _country(ret.from_country or order.country),
        "telephone": ret.from_phone,
        "email": ret.from_email,
        "date_created": (parcel.created_at if parcel else ret.requested_at).strftime(
            "%d-%m-%Y %H:%M:%S"
        ),
        "tracking_number": tracking_number,
        "tracking_url": f"{settings.BASE_URL}/{ret.brand.slug}/r/{ret.link_token}/",
        "weight": kilograms(parcel.weight_g if parcel else order.weight_g),
        "label": _label(number),
        "customs_declaration": {},
        "documents": [],
        "status": _status(ret, parcel),
        "data": {},
        "carrier": {"code": (parcel.carrier_code if parcel else "") or "unknown"},
        "shipment": _method(parcel),
        "order_number": order.number,
        "external_reference": ret.external_reference or None,
        **_names_of_order(order),
        "is_return": True,
        "parcel_items": _items(ret),
    }


def _names_of_order(order: Order) -> dict[str, Any]:
    # Strings and never null: one client asks the last two whether they are digits.
    return {
        "shipment_uuid": str(order.shipment_uuid),
        "external_order_id": order.external_order_id,
        "external_shipment_id": order.external_shipment_id,
    }


def _status(ret: Return, parcel: Parcel | None) -> dict[str, Any]:
    state = parcel.status if parcel else "none"
    dead = ret.approval in ("cancelled", "rejected") and state in ("label_pending", "label_ready")
    number, message = CANCELLED if dead else STATUS.get(state, UNKNOWN)
    return {"id": number, "message": message}


def _method(parcel: Parcel | None) -> dict[str, Any]:
    if parcel is None:
        return {"id": 0, "name": "No label"}
    return {"id": parcel.pk, "name": parcel.carrier_code or "unknown"}


def _label(number: int) -> dict[str, Any]:
    base = f"{settings.BASE_URL}/api/v2/labels"
    return {
        "label_printer": f"{base}/label_printer/{number}",
        "normal_printer": [f"{base}/normal_printer/{number}?start_from={at}" for at in range(4)],
    }


def _country(code: str) -> dict[str, Any]:
    return {"iso_2": code, "iso_3": None, "name": code if code in CODES else ""}


def _items(ret: Return) -> list[dict[str, Any]]:
    return [
        {
            "description": item.order_line.name,
            "quantity": item.quantity,
            "weight": kilograms(item.order_line.weight_g),
            "value": str(Money(item.price_minor, ret.currency).decimal()),
            "sku": item.order_line.sku,
            "hs_code": item.order_line.hs_code,
            "origin_country": item.order_line.origin_country or None,
            "product_id": item.order_line.product_id,
            "properties": {},
        }
        for item in ret.items.select_related("order_line").order_by("pk")
    ]
