"""From Shopify's order to ours. Money is what the shopper saw (`presentmentMoney`).

Source: shopify.dev, Admin API (GraphQL) 2026-10, objects Order, LineItem, Refund. `currentQuantity` is what is left of
a line after refunds and edits; the refunds themselves are asked for only where something is gone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rientro.policy.orders_in import LineIn, OrderIn
from rientro.shops.base import ShopOrder, TakenBack, Told, Unreadable
from rientro.shops.reading import (
    Odd,
    amount,
    grams,
    inner,
    minor,
    minor_down,
    moment,
    rows,
    text,
    whole,
)

Row = Mapping[str, Any]
STORES = frozenset({"pos"})
BY_HAND = frozenset({"shopify_draft_order"})
UNITS = {"KILOGRAMS": "kg", "GRAMS": "g", "POUNDS": "lb", "OUNCES": "oz"}
SENT = frozenset({"SUCCESS", "OPEN", "PENDING"})


def told(row: Row, refunds: Sequence[Row], *, url: str, home: str) -> Told:
    """``home`` is the store's own country, for sales without any address."""
    order_id, number = text(row, "legacyResourceId", 40), text(row, "name", 200)
    try:
        order = _order(row, url=url, home=home)
        back = taken_back(row, refunds)
    except (Odd, ValueError, ArithmeticError) as error:
        return Unreadable(external_order_id=order_id or "?", number=number, reason=str(error))
    return ShopOrder(order=order, taken_back=back)


def has_lost(row: Row) -> bool:
    """Is any unit gone that was bought?"""
    return any(
        whole(item, "currentQuantity") < whole(item, "quantity")
        for item in rows(inner(row, "lineItems"), "nodes")
    )


def _order(row: Row, *, url: str, home: str) -> OrderIn:
    ordered_at = moment(row, "createdAt")
    if ordered_at is None:
        raise Odd("The order does not say when it was placed.")
    currency = text(row, "presentmentCurrencyCode", 3).upper()
    address = inner(row, "shippingAddress") or inner(row, "billingAddress")
    sent = _sent(row)
    channel = _channel(row)
    return OrderIn(
        external_order_id=text(row, "legacyResourceId", 40),
        number=text(row, "name", 200),
        ordered_at=ordered_at,
        country=text(address, "countryCodeV2", 2).upper() or home,
        channel=channel,
        status=text(row, "displayFulfillmentStatus", 120).lower(),
        language=text(row, "customerLocale", 8)[:2].lower(),
        name=text(address, "name", 200),
        company=text(address, "company", 200),
        street=text(address, "address1", 200),
        address_2=text(address, "address2", 200),
        postal_code=text(address, "zip", 40),
        city=text(address, "city", 120),
        state=text(address, "provinceCode", 80),
        email=text(row, "email", 254),
        phone=text(address, "phone", 60) or text(row, "phone", 60),
        receipt=text(row, "confirmationNumber", 80) if channel == "store" else "",
        currency=currency,
        total_minor=minor(money(row, "totalPriceSet"), currency),
        tags=[str(tag)[:80] for tag in row.get("tags") or () if isinstance(tag, str)][:50],
        fulfilled_at=_first(sent, "createdAt"),
        delivered_at=_last(sent, "deliveredAt"),
        outbound_tracking_number=_tracking(sent),
        cancelled_at=moment(row, "cancelledAt"),
        facts=_facts(row, currency, url),
        lines=[_line(item, row, currency) for item in _items(row)],
    )


def money(row: Row, name: str) -> Decimal:
    return amount(inner(inner(row, name), "presentmentMoney"), "amount")


def _channel(row: Row) -> str:
    source = text(row, "sourceName", 60).lower()
    if source in STORES:
        return "store"
    return "phone" if source in BY_HAND else "web"


def _sent(row: Row) -> list[Row]:
    """The parcels that left and were not taken back."""
    return [each for each in rows(row, "fulfillments") if text(each, "status", 20) in SENT]


def _first(parcels: Sequence[Row], name: str) -> datetime | None:
    return min((at for each in parcels if (at := moment(each, name))), default=None)


def _last(parcels: Sequence[Row], name: str) -> datetime | None:
    return max((at for each in parcels if (at := moment(each, name))), default=None)


def _tracking(parcels: Sequence[Row]) -> str:
    numbers = (text(one, "number", 120) for each in parcels for one in rows(each, "trackingInfo"))
    return next((number for number in numbers if number), "")


def _facts(row: Row, currency: str, url: str) -> dict[str, Any]:
    billing = inner(row, "billingAddress")
    gateways = row.get("paymentGatewayNames")
    known = {
        "payment": ", ".join(map(str, gateways))[:120] if isinstance(gateways, list) else "",
        "financial_status": text(row, "displayFinancialStatus", 40).lower(),
        "confirmation_number": text(row, "confirmationNumber", 80),
        "shipping_minor": minor(money(row, "totalShippingPriceSet"), currency),
        "shop_admin_url": f"{url}/admin/orders/{text(row, 'legacyResourceId', 40)}",
        "billing": {
            "name": text(billing, "name"),
            "company": text(billing, "company"),
            "street": text(billing, "address1"),
            "postal_code": text(billing, "zip", 40),
            "city": text(billing, "city", 120),
            "country": text(billing, "countryCodeV2", 2),
        },
    }
    return {name: value for name, value in known.items() if value}


# Lines


def _items(row: Row) -> list[Row]:
    """Goods: a gift card is money, not a thing that comes back."""
    items = rows(inner(row, "lineItems"), "nodes")
    return [
        item for item in items if whole(item, "quantity") and item.get("isGiftCard") is not True
    ]


def key(gid: str) -> str:
    """`gid://shopify/LineItem/466157049` -> `466157049`."""
    return gid.rsplit("/", 1)[-1].partition("?")[0]


def _line(item: Row, row: Row, currency: str) -> LineIn:
    variant = inner(item, "variant")
    stock = inner(variant, "inventoryItem")
    return LineIn(
        line_key=key(text(item, "id", 120)),
        name=text(item, "title", 500) or text(item, "sku", 120) or "–",
        variant=text(item, "variantTitle", 200),
        quantity=whole(item, "quantity"),
        price_minor=_unit_price(item, row, currency),
        sku=text(item, "sku", 120),
        product_id=key(text(inner(item, "product"), "id", 120)),
        variant_id=key(text(variant, "id", 120)),
        weight_g=_weight(stock),
        hs_code=text(stock, "harmonizedSystemCode", 12),
        origin_country=text(stock, "countryCodeOfOrigin", 2).upper(),
        image_url=text(inner(item, "image"), "url", 1000),
    )


def _unit_price(item: Row, row: Row, currency: str) -> int:
    """After all discounts; where prices are without tax, the line's taxes are added. Shopify's own price after
    discounts is rounded a unit, so it is worked out from what is exact: the line and what was taken off it."""
    quantity = whole(item, "quantity")
    paid = money(item, "originalUnitPriceSet") * quantity
    for taken in rows(item, "discountAllocations"):
        paid -= money(taken, "allocatedAmountSet")
    if row.get("taxesIncluded") is not True:
        paid += sum((money(tax, "priceSet") for tax in rows(item, "taxLines")), Decimal(0))
    return max(0, minor_down(Fraction(paid) / quantity, currency))


def _weight(stock: Row) -> int:
    weight = inner(inner(stock, "measurement"), "weight")
    try:
        return grams(amount(weight, "value"), UNITS.get(text(weight, "unit", 20), "kg"))
    except Odd:
        return 0


# What the store took back


def taken_back(row: Row, refunds: Sequence[Row]) -> dict[str, list[TakenBack]]:
    """By refunds with their day; what is gone beyond them was edited away before it was sent: from the first day on."""
    back: dict[str, list[TakenBack]] = {}
    for refund in refunds:
        at = moment(refund, "createdAt")
        for item in rows(inner(refund, "refundLineItems"), "nodes"):
            line, units = key(text(inner(item, "lineItem"), "id", 120)), whole(item, "quantity")
            if line and units:
                back.setdefault(line, []).append(TakenBack(units=units, at=at))
    for item in _items(row):
        line = key(text(item, "id", 120))
        lost = whole(item, "quantity") - whole(item, "currentQuantity")
        more = lost - sum(each.units for each in back.get(line, ()))
        if more > 0:
            at = moment(row, "createdAt")
            back.setdefault(line, []).append(TakenBack(units=more, at=at))
    return back
