"""A return in version 3's words."""

from typing import Any

from django.conf import settings

from rientro.api.delivery_options import option_of
from rientro.api.describe import (
    BOOLEAN,
    INTEGER,
    MOMENT,
    NUMBER,
    STRING,
    many,
    maybe,
    named,
    one_of,
    record,
)
from rientro.api.history import history_of, living_label
from rientro.api.ids import parcel_id
from rientro.api.line_words import TEXTS, chosen, told_again
from rientro.api.statuses import status_named, status_of
from rientro.api.v2.parcel_list import latest_parcel
from rientro.api.v2.parcel_out import tracking_url
from rientro.api.v2.return_images import IMAGE, images_of
from rientro.api.v2.returns import is_cancellable
from rientro.kit.money import Money
from rientro.models import Parcel, Return, ReturnItem, SenderAddress
from rientro.policy.announcements import AnnouncedReturn
from rientro.policy.lifecycle import Approval

OUR_ADDRESS = record(
    {
        "name": STRING,
        "company_name": STRING,
        "address_line_1": STRING,
        "house_number": STRING,
        "address_line_2": STRING,
        "postal_code": STRING,
        "city": STRING,
        "po_box": maybe(STRING),
        "state_province_code": maybe(STRING),
        "country_code": STRING,
        "email": STRING,
        "phone_number": STRING,
    }
)
MEASURE = record({"value": NUMBER, "unit": STRING})
PRICE = record({"value": NUMBER, "currency": STRING})
ITEM = record(
    {
        "item_id": STRING,
        "description": STRING,
        "quantity": INTEGER,
        "weight": MEASURE,
        "price": PRICE,
        "sku": STRING,
        "product_id": STRING,
        "hs_code": STRING,
        "origin_country": maybe(STRING),
        "return_reason": maybe(record({"id": INTEGER, "description": STRING})),
        "return_reason_id": maybe(STRING),
        "return_message": STRING,
        "properties": {"type": "object"},
    }
)
HISTORY = record(
    {
        "carrier_update_timestamp": MOMENT,
        "parcel_status_history_id": STRING,
        "parent_status": STRING,
        "carrier_code": STRING,
        "carrier_message": STRING,
    }
)
LABELS = {
    "anyOf": [
        record({"normal_printer": many(STRING), "label_printer": STRING}),
        {"type": "null"},
    ]
}
BOX = record(
    {
        "parcel_id": INTEGER,
        "weight": MEASURE,
        "tracking_number": maybe(STRING),
        "parent_status": STRING,
        "label": LABELS,
    }
)
RETURN = named(
    "ReturnV3",
    record(
        {
            "id": INTEGER,
            "parcel_id": INTEGER,
            "from_address": OUR_ADDRESS,
            "to_address": OUR_ADDRESS,
            "shipping_product": record({"code": STRING}),
            "shipping_option": record({"code": maybe(STRING)}),
            "weight": MEASURE,
            "dimensions": {"type": ["object", "null"]},
            "collo_count": INTEGER,
            "parcels": many(BOX),
            "parcel_items": many(ITEM),
            "send_tracking_emails": BOOLEAN,
            "is_cancellable": BOOLEAN,
            "brand_id": INTEGER,
            "status_history": {**many(HISTORY), "minItems": 1},
            "parent_status": STRING,
            "created_at": MOMENT,
            "label_url": maybe(STRING),
            "label": LABELS,
            "label_cost": maybe(PRICE),
            "tracking_number": maybe(STRING),
            "tracking_url": maybe(STRING),
            "delivered_at": maybe(INTEGER),
            "delivered_at_iso": maybe(MOMENT),
            "refund": {
                "anyOf": [record({"refund_type": STRING, "message": STRING}), {"type": "null"}]
            },
            "return_fee": {"anyOf": [PRICE, {"type": "null"}]},
            "order_number": STRING,
            "contract": maybe(INTEGER),
            "delivery_option": STRING,
            "images": many(IMAGE),
            "status": one_of("open", "requested", "request_rejected"),
            "errors": many({"type": "object"}),
        }
    ),
)
ECHO = named(
    "ReturnEcho",
    record(
        {
            "from_address": OUR_ADDRESS,
            "to_address": {"anyOf": [OUR_ADDRESS, {"type": "null"}]},
            "weight": maybe(NUMBER),
            "dimensions": {"type": ["object", "null"]},
            "collo_count": INTEGER,
            "parcel_items": many({"type": "object"}),
            "send_tracking_emails": BOOLEAN,
            "brand_id": maybe(INTEGER),
            "order_number": STRING,
            "external_reference": STRING,
            "customs_shipment_type": INTEGER,
            "delivery_option": STRING,
            "ship_with": record({"type": STRING, "contract": maybe(INTEGER)}),
        }
    ),
)
STATUSES = {Approval.REQUESTED: "requested", Approval.REJECTED: "request_rejected"}
RETURNED_GOODS = 4  # of customs_shipment_type


def number_of(ret: Return) -> int:
    """The id of its parcel; a return that needs none has one all the same."""
    parcel = latest_parcel(ret)
    return parcel_id("parcel", parcel.pk) if parcel else parcel_id("return", ret.pk)


def return_out(ret: Return) -> dict[str, Any]:
    parcel: Parcel | None = latest_parcel(ret)
    label = living_label(parcel)
    purchase = max(parcel.purchases.all(), key=lambda one: one.pk, default=None) if parcel else None
    code = _code(purchase)
    delivered = ret.delivered_at
    return {
        "id": ret.pk,
        "parcel_id": number_of(ret),
        "from_address": _sender(ret),
        "to_address": _desk(ret.to_address),
        "shipping_product": {"code": code},
        "shipping_option": {"code": code or None},
        "weight": _grams(parcel.weight_g if parcel else ret.order.weight_g),
        "dimensions": _dimensions(parcel),
        "collo_count": ret.parcel_count,
        "parcels": [_box(one) for one in ret.parcels.all()] if ret.parcel_count > 1 else [],
        "parcel_items": [_item(item) for item in ret.items.all()],
        "send_tracking_emails": bool(ret.trace.get("mails", True)),
        "is_cancellable": is_cancellable(ret),
        "brand_id": ret.brand_id,
        "status_history": [one.out(one.at.isoformat()) for one in history_of(ret, parcel)],
        "parent_status": status_of(ret, parcel).slug,
        "created_at": ret.requested_at.isoformat(),
        **_label_words(ret, parcel, label),
        "tracking_number": (parcel.tracking_number if parcel else "") or None,
        "tracking_url": tracking_url(ret),
        "delivered_at": int(delivered.timestamp() * 1000) if delivered else None,
        "delivered_at_iso": delivered.isoformat() if delivered else None,
        "refund": {"refund_type": ret.refund_type, "message": ""},
        "return_fee": _price(ret.fee_minor, ret.currency),
        "order_number": ret.order.number,
        "contract": purchase.account_id if purchase else None,
        "delivery_option": option_of(ret.method),
        "images": images_of(ret),
        "status": STATUSES.get(Approval(ret.approval), "open"),
        "errors": _errors(ret),
    }


def echo_out(wish: AnnouncedReturn, option: str) -> dict[str, Any]:
    """What was understood of a request; nothing was made of it."""
    desk = wish.to
    return {
        "from_address": _address(wish.sender, wish.sender.name, wish.sender.company),
        "to_address": _address(desk, desk.contact_name or desk.company, desk.company)
        if desk
        else None,
        "weight": wish.weight_g / 1000 if wish.weight_g else None,
        "dimensions": _centimetres(wish.length_mm, wish.width_mm, wish.height_mm),
        "collo_count": wish.parcels,
        "parcel_items": [
            {
                "description": item.name,
                "quantity": item.quantity,
                "weight": _grams(item.weight_g),
                "price": _price(item.price_minor, wish.currency),
                "sku": item.sku,
                "product_id": item.product_id,
                "hs_code": item.hs_code,
                "origin_country": item.origin_country or None,
            }
            for item in wish.items
        ],
        "send_tracking_emails": wish.mails,
        "brand_id": wish.brand_id,
        "order_number": wish.order_number,
        "external_reference": wish.external_reference,
        "customs_shipment_type": RETURNED_GOODS,
        "delivery_option": option_of(wish.method),
        "ship_with": {
            "type": "shipping_option_code",
            "shipping_option_code": option or None,
            "contract": wish.contract_id,
        },
    }


def label_links(number: int) -> dict[str, Any]:
    """Where the label is: A6 alone, and A4 from each of its four corners."""
    base = f"{settings.BASE_URL}/api/v3/parcels/{number}/documents/label"
    return {
        "normal_printer": [f"{base}?paper_size=a4&start_from={corner}" for corner in range(4)],
        "label_printer": base,
    }


def parcel_numbers(ret: Return) -> list[int]:
    """The ids of several parcels; none for the only one, whose id stands elsewhere."""
    if ret.parcel_count == 1:
        return []
    return [parcel_id("parcel", one.pk) for one in sorted(ret.parcels.all(), key=lambda o: o.pk)]


def _box(parcel: Parcel) -> dict[str, Any]:
    """One of several parcels."""
    label = living_label(parcel)
    number = parcel_id("parcel", parcel.pk)
    return {
        "parcel_id": number,
        "weight": _grams(parcel.weight_g),
        "tracking_number": parcel.tracking_number or None,
        "parent_status": status_named(parcel.status).slug,
        "label": label_links(number) if label and label.pdf_a6_id else None,
    }


def _label_words(ret: Return, parcel: Parcel | None, label: Any) -> dict[str, Any]:
    if label is None or parcel is None:
        return {"label_url": None, "label": None, "label_cost": None}
    links = label_links(parcel_id("parcel", parcel.pk))
    return {
        "label_url": links["label_printer"],
        "label": links,
        "label_cost": _price(label.price_minor, label.currency),
    }


def _code(purchase: Any) -> str:
    if purchase is None:
        return ""
    return f"{purchase.account.carrier}:{purchase.service or 'return'}"


def _errors(ret: Return) -> list[dict[str, str]]:
    if not ret.carrier_problem or (ret.carrier != "failed" and ret.parcel_count == 1):
        return []
    return [{"code": "parcel_announcement_error", "detail": ret.carrier_problem}]


def _sender(ret: Return) -> dict[str, Any]:
    return {
        "name": ret.from_name,
        "company_name": ret.from_company,
        "address_line_1": ret.from_street,
        "house_number": ret.from_house_number,
        "address_line_2": ret.from_address_2,
        "postal_code": ret.from_postal_code,
        "city": ret.from_city,
        "po_box": None,
        "state_province_code": _state(ret.from_country, ret.from_state),
        "country_code": ret.from_country,
        "email": ret.from_email,
        "phone_number": ret.from_phone,
    }


def _desk(place: SenderAddress) -> dict[str, Any]:
    return _address(place, place.contact_name or place.company, place.company)


def _address(place: Any, name: str, company: str) -> dict[str, Any]:
    return {
        "name": name,
        "company_name": company,
        "address_line_1": place.street,
        "house_number": place.house_number,
        "address_line_2": place.address_2,
        "postal_code": place.postal_code,
        "city": place.city,
        "po_box": None,
        "state_province_code": _state(place.country, place.state),
        "country_code": place.country,
        "email": place.email,
        "phone_number": place.phone,
    }


def _state(country: str, state: str) -> str | None:
    """ISO 3166-2 where the state is a code of it."""
    return f"{country}-{state}" if state.isascii() and 0 < len(state) <= 3 else state or None


def _item(item: ReturnItem) -> dict[str, Any]:
    line, reason = item.order_line, item.reason_id
    return {
        "item_id": str(item.pk),
        "description": line.name,
        "quantity": item.quantity,
        "weight": _grams(line.weight_g),
        "price": _price(item.price_minor, item.ret.currency),
        "sku": line.sku,
        "product_id": line.product_id,
        "hs_code": line.hs_code,
        "origin_country": line.origin_country or None,
        "return_reason": {"id": reason, "description": item.reason_label} if reason else None,
        "return_reason_id": str(reason) if reason else None,
        "return_message": item.note,
        "properties": chosen(line.properties),
        **told_again(line.properties, TEXTS),
    }


def _grams(weight_g: int) -> dict[str, Any]:
    return {"value": weight_g / 1000, "unit": "kg"}


def _price(minor: int, currency: str) -> dict[str, Any]:
    return {"value": float(Money(minor, currency).decimal()), "currency": currency}


def _dimensions(parcel: Parcel | None) -> dict[str, Any] | None:
    if parcel is None or not parcel.length_mm:
        return None
    plain = _centimetres(parcel.length_mm, parcel.width_mm, parcel.height_mm)
    return {**(plain or {}), "unit": "cm"}


def _centimetres(length_mm: int, width_mm: int, height_mm: int) -> dict[str, Any] | None:
    if not (length_mm or width_mm or height_mm):
        return None
    return {"length": length_mm / 10, "width": width_mm / 10, "height": height_mm / 10}
