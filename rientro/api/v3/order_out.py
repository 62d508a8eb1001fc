"""An order of ours in version 3's words."""

from typing import Any

from rientro.api.describe import INTEGER, MOMENT, NUMBER, STRING, many, maybe, named, record
from rientro.api.line_words import chosen, told_again
from rientro.api.v3.order_in import KEPT_OBJECTS, KEPT_SIZES, KEPT_TEXTS
from rientro.kit.money import Money
from rientro.models import Order, OrderLine

PRICE = record({"value": NUMBER, "currency": STRING})
ADDRESS = record(
    {
        "name": STRING,
        "company_name": STRING,
        "address_line_1": STRING,
        "house_number": STRING,
        "address_line_2": STRING,
        "postal_code": STRING,
        "city": STRING,
        "state_province_code": maybe(STRING),
        "country_code": STRING,
        "email": STRING,
        "phone_number": STRING,
    }
)
ITEM = record(
    {
        "item_id": STRING,
        "name": STRING,
        "quantity": INTEGER,
        "total_price": PRICE,
        "unit_price": PRICE,
        "sku": STRING,
        "product_id": STRING,
        "variant_id": STRING,
    },
    hs_code=STRING,
    country_of_origin=maybe(STRING),
    image_url=maybe(STRING),
    properties={"type": "object"},
    measurement={"type": "object"},
)
ORDER = named(
    "OrderV3",
    record(
        {
            "id": STRING,
            "order_id": STRING,
            "order_number": STRING,
            "created_at": MOMENT,
            "modified_at": MOMENT,
            "order_details": record(
                {
                    "integration": record({"id": INTEGER}),
                    "status": record({"code": STRING, "message": STRING}),
                    "order_created_at": MOMENT,
                    "order_updated_at": maybe(MOMENT),
                    "order_items": many(ITEM),
                    "notes": STRING,
                    "tags": many(STRING),
                }
            ),
            "payment_details": record({"total_price": PRICE, "status": {"type": "object"}}),
            "customer_details": record({"name": STRING, "phone_number": STRING, "email": STRING}),
            "shipping_address": ADDRESS,
        },
        billing_address={"type": "object"},
        customs_details={"type": "object"},
        shipping_details={"type": "object"},
        service_point_details={"type": "object"},
    ),
)


def order_out(order: Order) -> dict[str, Any]:
    """``order`` with what its client told and we do not interpret. The id is a string here, as in the examples."""
    kept = dict(order.facts.get("v3") or {})
    notes, status = kept.pop("notes", ""), kept.pop("status", None)
    total = _price(order.total_minor, order.currency)
    payment = kept.pop("payment_details", {"status": {"code": "unknown", "message": ""}})
    kept.pop("customer_details", None)
    return {
        **{name: value for name, value in kept.items() if value},
        "id": str(order.pk),
        "order_id": order.external_order_id,
        "order_number": order.number,
        "created_at": order.created_at.isoformat(),
        "modified_at": order.updated_at.isoformat(),
        "order_details": {
            "integration": {"id": order.integration_id},
            "status": _status(order, status),
            "order_created_at": order.ordered_at.isoformat(),
            "order_updated_at": (
                order.shop_updated_at.isoformat() if order.shop_updated_at else None
            ),
            "order_items": [
                _item(line, order) for line in order.lines.all() if line.removed_at is None
            ],
            "notes": notes or "",
            "tags": list(order.tags),
        },
        "payment_details": {**payment, "total_price": total},
        "customer_details": {
            "name": order.name,
            "phone_number": order.phone,
            "email": order.email,
        },
        "shipping_address": _address(order),
    }


def _status(order: Order, told: Any) -> dict[str, str]:
    if isinstance(told, dict) and isinstance(told.get("code"), str):
        return {"code": told["code"], "message": str(told.get("message") or "")}
    return {"code": order.status, "message": order.status}


def _address(order: Order) -> dict[str, Any]:
    return {
        "name": order.name,
        "company_name": order.company,
        "address_line_1": order.street,
        "house_number": order.house_number,
        "address_line_2": order.address_2,
        "postal_code": order.postal_code,
        "city": order.city,
        "state_province_code": f"{order.country}-{order.state}" if order.state else None,
        "country_code": order.country,
        "email": order.email,
        "phone_number": order.phone,
    }


def _item(line: OrderLine, order: Order) -> dict[str, Any]:
    return {
        "item_id": line.line_key,
        "name": line.name,
        "quantity": line.quantity,
        "total_price": _price(line.price_minor * line.quantity, order.currency),
        "unit_price": _price(line.price_minor, order.currency),
        "sku": line.sku,
        "product_id": line.product_id,
        "variant_id": line.variant_id,
        "hs_code": line.hs_code,
        "country_of_origin": line.origin_country or None,
        "image_url": line.image_url or None,
        "properties": chosen(line.properties),
        "measurement": {
            "weight": {"value": line.weight_g / 1000, "unit": "kg"},
            **told_again(line.properties, KEPT_SIZES),
        },
        **told_again(line.properties, KEPT_TEXTS + KEPT_OBJECTS),
    }


def _price(minor: int, currency: str) -> dict[str, Any]:
    return {"value": float(Money(minor, currency).decimal()), "currency": currency}
