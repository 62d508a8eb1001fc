"""What the fake Magento answers: orders, invoices, shipments, credit memos and products in the API's own words.

Source: Adobe Commerce REST schemas (admin, 2.4), and the answers shown in the web API guide's tutorial "Order
processing with REST". A field without a value is left out, as the service layer does.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.shops.fakes.magento.books import (
    BASE,
    DIGITS,
    Comment,
    Invoice,
    Item,
    Order,
    Shipment,
    without_tax,
)

SHIPPING_TAX = 22
GIVEN = {
    "amount_refunded": "net",
    "discount_refunded": "discount",
    "tax_refunded": "tax",
    "discount_tax_compensation_refunded": "compensation",
}
# Magento_InventoryInStorePickup puts the shop's own address where the parcel would go.
PICKED_UP = {
    "city": "Firenze",
    "country_id": "IT",
    "firstname": "Negozio Firenze",
    "lastname": "Store",
    "postcode": "50121",
    "street": ["Piazza Duomo 3"],
}
REGIONS = {"FI": ("Firenze", 853), "MI": ("Milano", 866), "CA": ("California", 12)}


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


def number(minor: int, digits: int) -> float | int:
    value = Decimal(minor).scaleb(-digits)
    return int(value) if value == value.to_integral_value() else float(value)


def amounts(order: Order, said: dict[str, int]) -> dict[str, Any]:
    """Each amount twice: in the order's currency, and as ``base_…`` in the shop's."""
    base = {
        f"base_{name}": number(order.based(minor), DIGITS.get(BASE, 2))
        for name, minor in said.items()
    }
    return base | {name: number(minor, order.digits) for name, minor in said.items()}


def names(name: str) -> tuple[str, str]:
    first, _, last = name.rpartition(" ")
    return first or last, last if first else ""


def address(order: Order, kind: str) -> dict[str, Any]:
    words, (first, last) = order.address, names(order.address["name"])
    made: dict[str, Any] = {
        "address_type": kind,
        "city": words["city"],
        "country_id": words["country"],
        "email": words["email"],
        "entity_id": order.entity_id * 2 - (kind == "shipping"),
        "firstname": first,
        "lastname": last,
        "parent_id": order.entity_id,
        "postcode": words["postal_code"],
        "street": [line for line in (words["street"], words["address_2"]) if line],
        "telephone": words["phone"],
    }
    if words["company"]:
        made["company"] = words["company"]
    if words["state"]:
        region, region_id = REGIONS.get(words["state"], (words["state"], None))
        made |= {"region": region, "region_code": words["state"]}
        if region_id:
            made["region_id"] = region_id
    return made


def item(order: Order, one: Item) -> dict[str, Any]:
    line = one.line
    price = line.price if one.priced else 0
    gross, net, tax = one.gross, one.net, one.tax
    if one.kind == "bundle":  # the sum of what is in it, to be shown only
        parts = [child for child in order.items if child.parent is one]
        gross, net = sum(part.gross for part in parts), sum(part.net for part in parts)
        tax, price = sum(part.tax for part in parts), gross // one.ordered
    said = {
        "discount_amount": one.discount,
        "discount_invoiced": one.discount if one.invoiced else 0,
        "discount_tax_compensation_amount": one.compensation if one.priced else 0,
        "original_price": line.price,
        "price": without_tax(price, line.tax_percent),
        "price_incl_tax": price,
        "row_invoiced": net if one.invoiced else 0,
        "row_total": net,
        "row_total_incl_tax": gross,
        "tax_amount": tax,
        "tax_invoiced": tax if one.invoiced else 0,
    }
    made: dict[str, Any] = amounts(order, said) | {
        **{
            name: number(one.given.get(part, 0), order.digits)
            for name, part in GIVEN.items()
            if one.given
        },
        "created_at": stamp(order.created_at),
        "discount_percent": 0,
        "free_shipping": 0,
        "is_qty_decimal": 0,
        "is_virtual": 0,
        "item_id": one.item_id,
        "name": line.name,
        "no_discount": 0,
        "order_id": order.entity_id,
        "product_id": 1000 + sum(map(ord, line.sku)),
        "product_type": one.kind,
        "qty_canceled": one.canceled,
        "qty_invoiced": one.invoiced,
        "qty_ordered": one.ordered,
        "qty_refunded": one.refunded,
        "qty_shipped": one.shipped,
        "quote_item_id": one.item_id + 7,
        "row_weight": number(line.weight_g * one.ordered, 3),
        "sku": line.sku,
        "store_id": 1,
        "tax_percent": line.tax_percent if one.priced else 0,
        "updated_at": stamp(order.updated_at),
        "weight": number(line.weight_g, 3),
    }
    if one.kind == "configurable":
        options = [{"option_id": "93", "option_value": 56}]
        made["product_option"] = {"extension_attributes": {"configurable_item_options": options}}
    if one.parent:
        made |= {"parent_item_id": one.parent.item_id, "parent_item": item(order, one.parent)}
        if one.parent.kind == "configurable":
            made |= {"name": f"{line.name}-{line.variant}"}
    return made


def comment(order: Order, one: Comment) -> dict[str, Any]:
    return {
        "comment": one.words,
        "created_at": stamp(one.at),
        "entity_id": one.entity_id,
        "entity_name": one.entity,
        "is_customer_notified": one.told,
        "is_visible_on_front": one.on_front,
        "parent_id": order.entity_id,
        "status": one.status,
    }


def order(one: Order) -> dict[str, Any]:
    first, last = names(one.address["name"])
    shipping = without_tax(one.shipping, SHIPPING_TAX)
    said = {
        "discount_amount": -sum(i.discount for i in one.items),
        "discount_tax_compensation_amount": sum(i.compensation for i in one.goods),
        "grand_total": one.total,
        "shipping_amount": shipping,
        "shipping_discount_amount": 0,
        "shipping_incl_tax": one.shipping,
        "shipping_tax_amount": one.shipping - shipping,
        "subtotal": sum(i.net for i in one.items),
        "subtotal_incl_tax": sum(i.gross for i in one.items),
        "tax_amount": sum(i.tax for i in one.goods) + one.shipping - shipping,
        "total_due": one.total - one.paid,
    }
    if one.invoices:
        said |= {"total_invoiced": one.total, "total_paid": one.paid}
    if one.memos:
        said["total_refunded"] = one.refunded
    items = [item(one, i) for i in one.items]
    assigned = {
        "shipping": {
            "address": address(one, "shipping") | (PICKED_UP if one.pickup else {}),
            "method": one.method,
            "total": amounts(one, {k: v for k, v in said.items() if k.startswith("shipping")}),
        },
        "items": items,
    }
    more: dict[str, Any] = {
        "shipping_assignments": [assigned],
        "payment_additional_info": [
            {"key": "method_title", "value": "Check / Money order"},
        ],
        "applied_taxes": [],
        "item_applied_taxes": [],
    }
    if one.pickup:
        more["pickup_location_code"] = one.pickup
    made = amounts(one, said) | {
        "base_currency_code": BASE,
        "base_to_global_rate": 1,
        "base_to_order_rate": float(one.rate),
        "billing_address": address(one, "billing"),
        "billing_address_id": one.entity_id * 2,
        "created_at": stamp(one.created_at),
        "customer_email": one.address["email"],
        "customer_firstname": first,
        "customer_group_id": 0,
        "customer_is_guest": 1,
        "customer_lastname": last,
        "customer_note_notify": 1,
        "email_sent": 1,
        "entity_id": one.entity_id,
        "extension_attributes": more,
        "global_currency_code": BASE,
        "increment_id": one.increment_id,
        "is_virtual": 0,
        "items": items,
        "order_currency_code": one.sale.currency,
        "payment": {
            "account_status": None,
            "additional_information": ["Check / Money order"],
            "amount_ordered": number(one.total, one.digits),
            "entity_id": one.entity_id,
            "method": "checkmo",
            "parent_id": one.entity_id,
            "shipping_amount": number(shipping, one.digits),
        },
        "protect_code": f"{one.entity_id:032x}",
        "quote_id": one.entity_id + 100,
        "remote_ip": "192.0.2.7",
        "shipping_description": "Flat Rate - Fixed",
        "state": one.state,
        "status": one.status,
        "status_histories": [comment(one, c) for c in reversed(one.comments)],
        "store_currency_code": BASE,
        "store_id": 1,
        "store_name": "Main Website\nMain Website Store\nDefault Store View",
        "store_to_base_rate": 0,
        "store_to_order_rate": 0,
        "total_item_count": len([i for i in one.items if not i.parent]),
        "total_qty_ordered": sum(i.ordered for i in one.items if not i.parent),
        "updated_at": stamp(one.updated_at),
        "weight": number(sum(i.line.weight_g * i.ordered for i in one.goods), 3),
    }
    if one.predecessor:
        made |= {"relation_parent_id": str(one.predecessor), "edit_increment": 1}
    if one.successor:
        made |= {"relation_child_id": str(one.successor)}
    return made


def invoice(one: Invoice) -> dict[str, Any]:
    order_ = one.order
    said = {
        "discount_amount": -sum(i.discount for i in order_.items),
        "grand_total": order_.total,
        "shipping_amount": without_tax(order_.shipping, SHIPPING_TAX),
        "shipping_incl_tax": order_.shipping,
        "subtotal": sum(i.net for i in order_.items),
        "subtotal_incl_tax": sum(i.gross for i in order_.items),
    }
    items = [
        {
            "entity_id": i.item_id + 50_000,
            "name": i.line.name,
            "order_item_id": i.item_id,
            "parent_id": one.entity_id,
            "price": number(without_tax(i.line.price, i.line.tax_percent), order_.digits),
            "price_incl_tax": number(i.line.price, order_.digits),
            "qty": i.ordered,
            "sku": i.line.sku,
        }
        for i in order_.items
    ]
    paid_by = {"transaction_id": one.transaction_id} if one.transaction_id else {}
    return (
        amounts(order_, said)
        | paid_by
        | {
            "base_currency_code": BASE,
            "billing_address_id": order_.entity_id * 2,
            "created_at": stamp(one.at),
            "entity_id": one.entity_id,
            "increment_id": f"{one.entity_id:09d}",
            "items": items,
            "comments": [],
            "order_currency_code": order_.sale.currency,
            "order_id": order_.entity_id,
            "state": 2,
            "store_id": 1,
            "total_qty": sum(i.ordered for i in order_.goods),
            "updated_at": stamp(one.at),
        }
    )


def shipment(one: Shipment) -> dict[str, Any]:
    tracks = [
        {
            "carrier_code": "custom",
            "created_at": stamp(one.at),
            "description": None,
            "entity_id": one.entity_id + 300,
            "order_id": one.order.entity_id,
            "parent_id": one.entity_id,
            "qty": None,
            "title": "DHL",
            "track_number": one.tracking_number,
            "updated_at": stamp(one.at),
            "weight": None,
        }
    ]
    return {
        "billing_address_id": one.order.entity_id * 2,
        "comments": [],
        "created_at": stamp(one.at),
        "entity_id": one.entity_id,
        "increment_id": f"{one.entity_id:09d}",
        "items": [
            {
                "entity_id": i.item_id + 70_000,
                "name": i.line.name,
                "order_item_id": i.item_id,
                "parent_id": one.entity_id,
                "qty": units,
                "sku": i.line.sku,
            }
            for i, units in one.units
        ],
        "order_id": one.order.entity_id,
        "packages": [],
        "store_id": 1,
        "total_qty": sum(units for _, units in one.units),
        "tracks": tracks if one.tracking_number else [],
        "updated_at": stamp(one.at),
    }
