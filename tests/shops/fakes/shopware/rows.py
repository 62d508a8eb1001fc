"""The rows of the fake Shopware as its Admin API writes them, with every association below them.

Sources: adminApiSchema of 6.7.10 (npm @shopware/api-client 1.x, api-types), entity definitions of shopware/shopware.
Amounts are JSON numbers with decimals; times have milliseconds and "+00:00"; what was never changed has
``updatedAt`` null.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.shops.fakes.shop import Line
from tests.shops.fakes.shopware.books import (
    Item,
    Order,
    Promotion,
    Row,
    Stamp,
    net_of,
    uuid,
)

LIVE = "0fa91ce3e96a4bc2be4bd9ce752c3425"
Words = dict[str, Any]
COUNTRY_ISO3 = {"IT": "ITA", "FR": "FRA", "DE": "DEU", "CH": "CHE", "US": "USA", "JP": "JPN"}
STATES = {
    "open": "Open",
    "in_progress": "In Progress",
    "completed": "Done",
    "cancelled": "Cancelled",
    "shipped": "Shipped",
    "shipped_partially": "Shipped (partially)",
    "returned": "Returned",
    "returned_partially": "Returned (partially)",
    "paid": "Paid",
    "refunded": "Refunded",
    "refunded_partially": "Refunded (partially)",
    "failed": "Failed",
    "in_progress_refund": "In progress",
}
STOREFRONT = "8a243080f92e4c719546314b577cf82b"
HEADLESS = "f183ee5650cf4bdb8a774337575067a6"


def time(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}+00:00" if at else None


def stamps(row: Stamp) -> Words:
    return {"createdAt": time(row.created_at), "updatedAt": time(row.updated_at)}


def number(minor: int | Decimal, digits: int) -> float:
    return float(Decimal(minor).scaleb(-digits))


def price(gross: int, quantity: int, percent: int, order: Order) -> Words:
    """A CalculatedPrice: with ``taxStatus`` net both prices are without tax, the tax stands in calculatedTaxes."""
    net = net_of(gross, percent)
    tax = 0 if order.tax_status == "tax-free" else gross - net
    shown = net if order.tax_status == "net" else gross
    unit = Decimal(shown) / quantity if quantity else Decimal(0)
    taxes = [
        {"tax": number(tax, order.digits), "taxRate": percent, "price": number(shown, order.digits)}
    ]
    return {
        "unitPrice": number(unit.quantize(Decimal("0.01")), order.digits),
        "totalPrice": number(shown, order.digits),
        "quantity": quantity,
        "calculatedTaxes": taxes if order.tax_status != "tax-free" else [],
        "taxRules": [{"taxRate": percent, "percentage": 100}],
        "referencePrice": None,
        "listPrice": None,
        "regulationPrice": None,
        "apiAlias": "calculated_price",
    }


def state(technical: str, machine: str) -> Words:
    return {
        "id": uuid("state", machine, technical),
        "technicalName": technical,
        "name": STATES.get(technical, technical),
        "stateMachineId": uuid("machine", machine),
        "translated": {"name": STATES.get(technical, technical), "customFields": []},
        "createdAt": "2026-01-02T08:00:00.000+00:00",
        "updatedAt": None,
        "apiAlias": "state_machine_state",
    }


def names(name: str) -> Words:
    first, _, last = name.partition(" ")
    return {"firstName": first, "lastName": last}


def country(iso: str) -> Words:
    return {
        "id": uuid("country", iso),
        "name": iso,
        "iso": iso,
        "iso3": COUNTRY_ISO3.get(iso, ""),
        "active": True,
        "apiAlias": "country",
    }


def address(order: Order, kind: str) -> Words:
    words = order.words
    return {
        "id": uuid(order.order_id, kind),
        "versionId": LIVE,
        "orderId": order.order_id,
        "countryId": uuid("country", order.sale.country),
        "countryStateId": uuid("state", order.sale.state) if order.sale.state else None,
        "salutationId": uuid("salutation"),
        **names(words["name"]),
        "street": words["street"],
        "zipcode": words["postal_code"],
        "city": words["city"],
        "company": words["company"] or None,
        "department": None,
        "title": None,
        "vatId": None,
        "phoneNumber": words["phone"] or None,
        "additionalAddressLine1": words["address_2"] or None,
        "additionalAddressLine2": None,
        "customFields": None,
        **stamps(order),
        "country": country(order.sale.country),
        "countryState": {
            "id": uuid("state", order.sale.state),
            "shortCode": order.sale.state,
            "name": order.sale.state,
            "apiAlias": "country_state",
        }
        if order.sale.state
        else None,
        "apiAlias": "order_address",
    }


def product(line: Line, stock: int) -> Words:
    """``weight`` is in kilograms. The core knows no customs code; shops keep one in customFields."""
    custom = (
        {"hs_code": line.hs_code, "origin": line.origin} if line.hs_code or line.origin else None
    )
    return {
        "id": uuid("product", line.sku),
        "versionId": LIVE,
        "productNumber": line.sku,
        "ean": None,
        "name": line.name,
        "weight": float(Decimal(line.weight_g) / 1000) if line.weight_g else None,
        "stock": stock,
        "availableStock": stock,
        "available": stock > 0,
        "active": True,
        "parentId": None,
        "customFields": custom,
        "translated": {"name": line.name, "customFields": custom or []},
        "createdAt": "2026-01-02T08:00:00.000+00:00",
        "updatedAt": None,
        "apiAlias": "product",
    }


def media(line: Line) -> Words | None:
    if not line.image:
        return None
    return {
        "id": uuid("media", line.image),
        "url": line.image,
        "fileName": line.sku.lower(),
        "fileExtension": "jpg",
        "mimeType": "image/jpeg",
        "thumbnails": [],
        "apiAlias": "media",
    }


def line_item(order: Order, item: Item, stock: Callable[[str], int]) -> Words:
    options = [{"group": "Variant", "option": item.line.variant}] if item.line.variant else []
    cost = price(item.total, item.quantity, item.line.tax_percent, order)
    return {
        "id": item.item_id,
        "versionId": LIVE,
        "orderId": order.order_id,
        "orderVersionId": LIVE,
        "productId": uuid("product", item.line.sku),
        "productVersionId": LIVE,
        "promotionId": None,
        "parentId": None,
        "coverId": uuid("media", item.line.image) if item.line.image else None,
        "identifier": uuid("product", item.line.sku),
        "referencedId": uuid("product", item.line.sku),
        "quantity": item.quantity,
        "label": item.line.name,
        "payload": {
            "productNumber": item.line.sku,
            "options": options,
            "isNew": False,
            "taxId": uuid("tax", item.line.tax_percent),
            "manufacturerId": None,
            "customFields": None,
            "stock": stock(item.line.sku),
        },
        "good": True,
        "removable": True,
        "stackable": True,
        "position": item.position,
        "price": cost,
        "priceDefinition": {
            "type": "quantity",
            "price": cost["unitPrice"],
            "quantity": item.quantity,
        },
        "unitPrice": cost["unitPrice"],
        "totalPrice": cost["totalPrice"],
        "description": None,
        "type": "product",
        "customFields": None,
        "states": ["is-physical"],
        **stamps(item),
        "cover": media(item.line),
        "product": product(item.line, stock(item.line.sku)),
        "children": [],
        "apiAlias": "order_line_item",
    }


def promotion_item(order: Order, one: Promotion, place: int) -> Words:
    """Taxes of a discount go by the goods' rates; here all of it by the first of its lines."""
    rows = [item for item in order.items if item.item_id in one.on] or order.items
    percent = rows[0].line.tax_percent if rows else 22
    cost = price(-one.amount, 1, percent, order)
    whole = sum(item.total for item in rows)
    composition = [
        {
            "id": uuid("product", item.line.sku),
            "quantity": item.quantity,
            "discount": float(Decimal(one.amount) * item.total / whole / 10**order.digits)
            if whole
            else 0,
        }
        for item in rows
    ]
    return {
        "id": one.item_id,
        "versionId": LIVE,
        "orderId": order.order_id,
        "orderVersionId": LIVE,
        "productId": None,
        "productVersionId": None,
        "promotionId": uuid("promotion", one.name),
        "parentId": None,
        "coverId": None,
        "identifier": one.item_id,
        "referencedId": one.name.upper(),
        "quantity": 1,
        "label": one.name,
        "payload": {
            "promotionId": uuid("promotion", one.name),
            "discountType": "absolute",
            "discountScope": "cart",
            "value": str(number(one.amount, order.digits)),
            "code": one.name.upper(),
            "composition": composition,
        },
        "good": False,
        "removable": True,
        "stackable": False,
        "position": place,
        "price": cost,
        "priceDefinition": {"type": "absolute", "price": cost["totalPrice"]},
        "unitPrice": cost["unitPrice"],
        "totalPrice": cost["totalPrice"],
        "description": one.name,
        "type": "promotion",
        "customFields": None,
        "states": [],
        **stamps(one),
        "cover": None,
        "product": None,
        "children": [],
        "apiAlias": "order_line_item",
    }


def delivery(order: Order, row: Row, lines: list[Words]) -> Words:
    return {
        "id": row.row_id,
        "versionId": LIVE,
        "orderId": order.order_id,
        "orderVersionId": LIVE,
        "shippingOrderAddressId": uuid(order.order_id, "shipping"),
        "shippingMethodId": uuid("shipping-method"),
        "stateId": state(row.state, "order_delivery.state")["id"],
        "trackingCodes": list(row.tracking),
        "shippingDateEarliest": time(order.created_at),
        "shippingDateLatest": time(order.created_at),
        "shippingCosts": price(order.shipping, 1, 22, order),
        "customFields": None,
        **stamps(row),
        "stateMachineState": state(row.state, "order_delivery.state"),
        "shippingOrderAddress": address(order, "shipping"),
        "shippingMethod": {
            "id": uuid("shipping-method"),
            "name": "Standard",
            "technicalName": "shipping_standard",
            "apiAlias": "shipping_method",
        },
        "positions": [
            {
                "id": uuid(row.row_id, line["id"]),
                "orderDeliveryId": row.row_id,
                "orderLineItemId": line["id"],
                "quantity": line["quantity"],
                "unitPrice": line["unitPrice"],
                "totalPrice": line["totalPrice"],
                "price": line["price"],
                **stamps(row),
                "apiAlias": "order_delivery_position",
            }
            for line in lines
            if line["type"] == "product"
        ],
        "apiAlias": "order_delivery",
    }
