"""The fake Medusa's orders and returns as its API says them: key for key as the recordings have them."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.shops.fakes.medusa.amounts import Amount, dated, key, plain, sums, tax, when
from tests.shops.fakes.medusa.books import Comeback, Order
from tests.shops.fakes.medusa.lines import item
from tests.shops.fakes.medusa.payments import collection, customer

CHANNEL = "sc_01M89EHW4N4E4BXTYE91GR4RPT"
TILL = "sc_01M89EHW4N4E4BXTYE91GR4TLL"
REGION = "reg_01M89EJ0FC0S05ZCPEZBC1068K"
LOCATION = "sloc_01M89EJ0KDRM76V3CF895DKCAK"


def order(made: Order) -> dict[str, Any]:
    """Everything there is of an order; ``fields`` cuts it down."""
    said = {
        "id": key("order", made.number),
        "display_id": made.number,
        "custom_display_id": None,
        "status": made.status,
        "version": made.version,
        "summary": _summary(made),
        "metadata": made.metadata,
        "locale": None,
        "created_at": when(made.created_at),
        "updated_at": when(made.updated_at),
        "region_id": REGION,
        "email": made.email,
        "currency_code": made.sale.currency.lower(),
        "canceled_at": when(made.canceled_at),
        "sales_channel_id": TILL if made.sale.in_store else CHANNEL,
        "customer_id": key("cus", 1),
        "is_draft_order": False,
        "no_notification": False,
    }
    said |= {name: plain(amount) for name, amount in _totals(made).items()}
    return said | {
        "items": [item(made, each) for each in made.items],
        "credit_lines": [_credit(made, place) for place in range(len(made.credits))],
        "shipping_address": address(made, 1),
        "billing_address": address(made, 2),
        "shipping_methods": [_postage(made)],
        "transactions": _transactions(made),
        "sales_channel": channel(made.sale.in_store),
        "customer": customer(made),
        "payment_collections": [collection(made)],
        "fulfillments": [_parcel(made, place) for place in range(len(made.parcels))],
        "payment_status": _payment_status(made),
        "fulfillment_status": _fulfilment_status(made),
    }


def _summary(made: Order) -> dict[str, Any]:
    refunded = made.refunded if not _stuck(made) else _told_refunds(made)
    here = Fraction(made.paid) - Fraction(refunded)
    amounts: dict[str, Amount] = {
        "paid_total": made.paid,
        "refunded_total": refunded,
        "accounting_total": made.total,
        "credit_line_total": made.credits[-1][0] if made.credits else 0,
        "transaction_total": here,
        "pending_difference": made.total - here,
        "current_order_total": made.total,
        "original_order_total": made.total if made.before is None else made.before,
    }
    return sums(amounts)


def _stuck(made: Order) -> bool:
    return any(paid.by == "stuck" for paid in made.payments)


def _told_refunds(made: Order) -> Decimal:
    """Without those that the payment has and the order was never told of."""
    return sum((paid.amount for paid in made.payments if paid.by != "stuck"), Decimal(0))


def _totals(made: Order) -> dict[str, Fraction]:
    goods, shelf = made.goods, Fraction(0)
    goods_tax = shelf_tax = Fraction(0)
    for each in made.items:
        full = Fraction(each.unit_price) * each.left
        shelf += full
        shelf_tax += tax(full, each.line.tax_percent)
        goods_tax += tax(each.paid_each * each.left, each.line.tax_percent)
    post = Fraction(made.shipping)
    post_tax = tax(post, 22)
    off = shelf - goods
    credit = made.gross - made.total
    return {
        "total": made.total,
        "subtotal": shelf - shelf_tax + post - post_tax,
        "tax_total": goods_tax + post_tax,
        "discount_total": off,
        "discount_tax_total": shelf_tax - goods_tax,
        "original_total": shelf + post,
        "original_subtotal": shelf - shelf_tax + post - post_tax,
        "original_tax_total": shelf_tax + post_tax,
        "item_total": goods,
        "item_subtotal": shelf - shelf_tax,
        "item_tax_total": goods_tax,
        "original_item_total": shelf,
        "original_item_subtotal": shelf - shelf_tax,
        "original_item_tax_total": shelf_tax,
        "shipping_total": post,
        "shipping_subtotal": post - post_tax,
        "shipping_tax_total": post_tax,
        "original_shipping_tax_total": post_tax,
        "original_shipping_subtotal": post - post_tax,
        "original_shipping_total": post,
        "credit_line_total": credit,
        "credit_line_subtotal": credit,
        "credit_line_tax_total": Fraction(0),
    }


def _payment_status(made: Order) -> str:
    if not made.payments:
        return "captured"
    return "refunded" if made.refunded >= made.paid else "partially_refunded"


def _fulfilment_status(made: Order) -> str:
    if not made.parcels:
        return "not_fulfilled"
    return "delivered" if all(each.delivered_at for each in made.parcels) else "shipped"


def address(made: Order, which: int) -> dict[str, Any]:
    said = {"id": key("ordaddr", made.number * 10 + which), "customer_id": None, **made.address}
    return said | {"metadata": None, **dated(made.created_at)}


def _postage(made: Order) -> dict[str, Any]:
    gross = Fraction(made.shipping)
    net, part = gross - tax(gross, 22), tax(gross, 22)
    totals = {"subtotal": net, "total": gross, "original_subtotal": net, "original_total": gross}
    nothing = dict.fromkeys(("discount_total", "discount_subtotal", "discount_tax_total"), 0)
    line = {"id": key("ordsmtxl", made.number), "description": "VAT", "code": "vat"}
    return {
        "id": key("ordsm", made.number),
        "name": "Post",
        "description": None,
        "is_tax_inclusive": True,
        "is_custom_amount": False,
        "shipping_option_id": key("so", 1),
        "data": {},
        "metadata": None,
        **dated(made.created_at),
        "tax_lines": [line | sums({"rate": 22, "total": part, "subtotal": part})],
        "adjustments": [],
        "order_id": key("order", made.number),
        **sums({"amount": gross}),
        **sums(totals | nothing | {"tax_total": part, "original_tax_total": part}),
    }


def _credit(made: Order, place: int) -> dict[str, Any]:
    amount, at, version = made.credits[place]
    return {
        "id": key("ordcl", made.number * 100 + place),
        "version": made.version,
        "reference": "payment_collection",
        "reference_id": key("pay_col", made.number),
        "metadata": {"created_in_version": version},
        "order_id": key("order", made.number),
        **dated(at),
        **sums({"amount": amount, "subtotal": amount, "total": amount}),
    }


def _transactions(made: Order) -> list[dict[str, Any]]:
    told = [("capture", key("capt", made.number), made.paid, made.created_at)]
    told += [
        ("refund", key("ref", paid.number), -paid.amount, paid.at)
        for paid in made.payments
        if paid.by != "stuck"
    ]
    return [
        {
            "id": key("ordtrx", made.number * 100 + place),
            "version": 1,
            "currency_code": made.sale.currency.lower(),
            "reference": reference,
            "reference_id": reference_id,
            "order_id": key("order", made.number),
            **dict.fromkeys(("return_id", "return", "exchange_id", "exchange", "claim_id")),
            "claim": None,
            **dated(at),
            **sums({"amount": amount}),
        }
        for place, (reference, reference_id, amount, at) in enumerate(told)
    ]


def channel(in_store: bool) -> dict[str, Any]:
    return {
        "id": TILL if in_store else CHANNEL,
        "name": "Point of sale" if in_store else "Default Sales Channel",
        "description": "Created by Medusa",
        "is_disabled": False,
        "metadata": None,
        "created_at": "2026-01-01T09:00:00.000Z",
        "updated_at": "2026-01-01T09:00:00.000Z",
        "deleted_at": None,
    }


def _parcel(made: Order, place: int) -> dict[str, Any]:
    parcel = made.parcels[place]
    address_of_parcel = f"https://carrier.example/{parcel.tracking_number}"
    label = {
        "id": key("fulla", parcel.number),
        "tracking_number": parcel.tracking_number,
        "tracking_url": address_of_parcel,
        "label_url": address_of_parcel,
        "fulfillment_id": key("ful", parcel.number),
        **dated(parcel.shipped_at),
    }
    return {
        "id": key("ful", parcel.number),
        "location_id": LOCATION,
        "packed_at": when(parcel.packed_at),
        "shipped_at": when(parcel.shipped_at),
        "marked_shipped_by": key("user", 1),
        "created_by": key("user", 1),
        "delivered_at": when(parcel.delivered_at),
        "canceled_at": None,
        "data": {},
        "requires_shipping": True,
        "provider": {"id": "manual_manual"},
        "shipping_option_id": key("so", 1),
        "shipping_option": {"id": key("so", 1)},
        "delivery_address": {"id": key("fuladdr", parcel.number)},
        "metadata": None,
        **dated(parcel.packed_at, parcel.shipped_at),
        "labels": [label] if parcel.tracking_number else [],
        "provider_id": "manual_manual",
        "delivery_address_id": key("fuladdr", parcel.number),
    }


def comeback(made: Order, back: Comeback) -> dict[str, Any]:
    """A return."""
    items = [
        {
            "id": key("retitem", back.number * 100 + place),
            "note": None,
            "metadata": {},
            "reason_id": None,
            "return_id": key("return", back.number),
            "item_id": key("ordli", number),
            **dated(back.at),
            "reason": None,
            "item": {"id": key("ordli", number)},
            "quantity": counts[0],
            "received_quantity": counts[1],
            "damaged_quantity": counts[2],
        }
        for place, (number, counts) in enumerate(back.items.items())
    ]
    return {
        "id": key("return", back.number),
        "order_id": key("order", made.number),
        "display_id": back.number,
        "location_id": back.location,
        "order_version": made.version,
        "status": back.status,
        "metadata": back.metadata,
        "no_notification": None,
        "refund_amount": None,
        "created_by": key("user", 1),
        "created_at": when(back.at),
        "updated_at": when(back.received_at or back.at),
        "canceled_at": None,
        "requested_at": None if back.status == "open" else when(back.at),
        "received_at": when(back.received_at),
        "items": items,
    }
