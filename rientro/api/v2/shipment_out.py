"""An order of ours in Sendcloud's words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rientro.api.line_words import TEXTS, chosen
from rientro.api.v2.shipment_in import KEPT
from rientro.kit.money import Money
from rientro.models import Order, OrderLine
from rientro.policy.amounts import kilograms


def shipment_out(order: Order, lines: Iterable[OrderLine]) -> dict[str, Any]:
    """``order`` as GET tells it: the fields of the input, and what became of it."""
    return {
        **{name: order.facts.get(name) for name in KEPT},
        "to_post_number": order.facts.get("to_post_number") or "",
        "customs_invoice_nr": order.facts.get("customs_invoice_nr") or "",
        "shipping_method_checkout_name": order.facts.get("shipping_method_checkout_name") or "",
        "external_order_id": order.external_order_id,
        "external_shipment_id": order.external_shipment_id or None,
        "shipment_uuid": str(order.shipment_uuid),
        "integration": order.integration_id,
        "order_number": order.number,
        "name": order.name,
        "company_name": order.company,
        "address": order.street,
        "house_number": order.house_number,
        "address_2": order.address_2,
        "postal_code": order.postal_code,
        "city": order.city,
        "to_state": order.state or None,
        "country": order.country,
        "email": order.email,
        "telephone": order.phone,
        "currency": order.currency,
        "total_order_value": str(Money(order.total_minor, order.currency).decimal()),
        "weight": kilograms(order.weight_g) if order.weight_g else None,
        "parcel_items": [_item_out(line, order.currency) for line in lines],
        "sender_address": order.sender_address_id,
        "allowed_shipping_methods": [],
        "barcode": "",
        "created_at": order.created_at.isoformat(),
        "updated_at": order.updated_at.isoformat(),
        "shipment_created_at": order.ordered_at.isoformat(),
        "shipment_updated_at": _moment(order.shop_updated_at),
    }


def _item_out(line: OrderLine, currency: str) -> dict[str, Any]:
    properties = line.properties
    return {
        "description": line.name,
        "quantity": line.quantity,
        "value": str(Money(line.price_minor, currency).decimal()),
        "weight": kilograms(line.weight_g) if line.weight_g else None,
        "hs_code": line.hs_code,
        "origin_country": line.origin_country,
        "sku": line.sku,
        "product_id": line.product_id,
        "properties": chosen(properties),
        **{name: properties.get(f"_{name}", "") for name in TEXTS},
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
