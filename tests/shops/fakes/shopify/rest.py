"""The bodies of the fake Shopify's webhooks: the older, flat words of its REST resources."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.shops.fakes.shopify import books
from tests.shops.fakes.shopify.books import Address, Item, Order, Parcel, RefundEntry, Transaction

Row = dict[str, Any]


def money(minor: int, currency: str) -> str:
    return str(Decimal(minor).scaleb(-books.digits(currency)))


def money_set(minor: int, currency: str) -> Row:
    told = {"amount": money(minor, currency), "currency_code": currency}
    return {"shop_money": told, "presentment_money": dict(told)}


def when(moment: datetime | None) -> str | None:
    """With the shop's own offset, unlike GraphQL's UTC; this shop's clock runs on UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00") if moment else None


def order(order: Order, shop: Any) -> Row:
    currency = order.currency
    return {
        "id": order.id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order.id}",
        "app_id": 129_785 if order.in_store else 580_111,
        "name": order.name,
        "number": order.number - books.NUMBER_BASE,
        "order_number": order.number,
        "created_at": when(order.created),
        "updated_at": when(order.updated),
        "processed_at": when(order.created),
        "closed_at": None,
        "cancelled_at": when(order.cancelled_at),
        "cancel_reason": order.cancel_reason.lower() or None,
        "confirmed": True,
        "test": False,
        "email": order.email,
        "contact_email": order.email,
        "phone": order.phone or None,
        "note": order.note or None,
        "note_attributes": [{"name": n, "value": v} for n, v in order.attributes],
        "tags": ", ".join(order.tags),
        "source_name": order.source_name,
        "location_id": 71_000_002 if order.in_store else None,
        "currency": currency,
        "presentment_currency": currency,
        "taxes_included": order.taxes_included,
        "financial_status": financial(order).lower(),
        "fulfillment_status": "fulfilled" if order.parcels else None,
        "payment_gateway_names": [sale.gateway for sale in order.sales],
        "total_price": money(order.total, currency),
        "total_price_set": money_set(order.total, currency),
        "total_line_items_price": money(sum(i.total for i in order.items), currency),
        "total_discounts": money(discounts(order), currency),
        "total_tax": money(sum(i.tax for i in order.items) + order.shipping_tax, currency),
        "shipping_address": address(order.shipping_address),
        "billing_address": address(order.billing_address),
        "customer": {"id": order.customer_id, "email": order.email} if order.customer_id else None,
        "line_items": [line(item, currency) for item in order.items],
        "shipping_lines": [] if order.in_store else [shipping_line(order)],
        "fulfillments": [fulfillment(order, parcel) for parcel in order.parcels],
        "refunds": [refund(order, entry) for entry in order.refunds],
    }


def discounts(order: Order) -> int:
    return sum(item.line_discount + item.order_discount for item in order.items)


def financial(order: Order) -> str:
    """Its display status; a refund of goods alone changes nothing."""
    if not order.refunded:
        return "PAID"
    return "REFUNDED" if order.left_to_refund <= 0 else "PARTIALLY_REFUNDED"


def address(told: Address | None) -> Row | None:
    if told is None:
        return None
    return {
        "first_name": told["firstName"],
        "last_name": told["lastName"],
        "name": books.full_name(told),
        "company": told["company"] or None,
        "address1": told["address1"],
        "address2": told["address2"] or None,
        "city": told["city"],
        "zip": told["zip"],
        "province": told["province"] or None,
        "country_code": told["country"],
        "phone": told["phone"] or None,
    }


def line(item: Item, currency: str) -> Row:
    return {
        "id": item.id,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{item.id}",
        "sku": item.sku,
        "title": item.title,
        "variant_title": item.variant_title or None,
        "name": f"{item.title} - {item.variant_title}" if item.variant_title else item.title,
        "quantity": item.quantity,
        "current_quantity": item.left,
        "fulfillable_quantity": item.unfulfilled,
        "fulfillment_status": "fulfilled" if item.fulfilled else None,
        "grams": item.weight_g,
        "price": money(item.unit, currency),
        "price_set": money_set(item.unit, currency),
        "total_discount": "0.00",
        "discount_allocations": [
            {"amount": money(amount, currency), "discount_application_index": index}
            for index, amount in enumerate((item.line_discount, item.order_discount))
            if amount
        ],
        "gift_card": item.gift_card,
        "requires_shipping": True,
        "taxable": True,
        "tax_lines": [
            {"title": "VAT", "rate": item.tax_percent / 100, "price": money(item.tax, currency)}
        ],
    }


def shipping_line(order: Order) -> Row:
    return {
        "id": order.id * 10 + 1,
        "title": "Standard",
        "code": "Standard",
        "price": money(order.shipping, order.currency),
        "discounted_price": money(order.shipping, order.currency),
    }


def fulfillment(order: Order, parcel: Parcel) -> Row:
    return {
        "id": parcel.id,
        "order_id": order.id,
        "name": f"{order.name}.{parcel.number}",
        "status": "success",
        "created_at": when(parcel.at),
        "shipment_status": "delivered" if parcel.delivered_at else None,
        "tracking_number": parcel.tracking_number or None,
        "line_items": [{"id": id, "quantity": units} for id, units in parcel.units.items()],
    }


def refund(order: Order, entry: RefundEntry) -> Row:
    return {
        "id": entry.id,
        "admin_graphql_api_id": f"gid://shopify/Refund/{entry.id}",
        "order_id": order.id,
        "created_at": when(entry.at),
        "processed_at": when(entry.at),
        "note": entry.note or None,
        "refund_line_items": [
            {
                "id": row.id,
                "line_item_id": row.item_id,
                "quantity": row.units,
                "restock_type": row.restock_type.lower(),
                "location_id": row.location_id,
                "subtotal": float(money(row.subtotal, order.currency)),
                "total_tax": float(money(row.tax, order.currency)),
            }
            for row in entry.rows
        ],
        "transactions": [transaction(order, paid) for paid in entry.transactions],
        "order_adjustments": [],
    }


def transaction(order: Order, paid: Transaction) -> Row:
    return {
        "id": paid.id,
        "order_id": order.id,
        "kind": paid.kind.lower(),
        "status": "success",
        "amount": money(paid.amount, order.currency),
        "currency": order.currency,
        "gateway": paid.gateway,
        "parent_id": paid.parent_id,
        "created_at": when(paid.at),
    }


def edit_of(order: Order) -> Row:
    """``orders/edited`` says what the edit did, not the order."""
    removals = [{"id": item.id, "delta": item.removed} for item in order.items if item.removed]
    edit = {
        "id": order.id * 10 + 7,
        "order_id": order.id,
        "created_at": when(order.updated),
        "committed_at": when(order.updated),
        "line_items": {"additions": [], "removals": removals},
    }
    return {"order_edit": edit}
