"""From Medusa's order to ours.

Source: docs.medusajs.com/api/admin (2.x), AdminOrder; tests/shops/recordings/medusa. ``total`` of a line stands for
the units that are left, with tax and after every promotion; ``quantity`` is what was bought, unless an order edit
changed it. What came back damaged stands as dismissed and, once more, as written off.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rientro.kit.text import clean_line
from rientro.policy.orders_in import LineIn, OrderIn
from rientro.shops.base import ShopOrder, TakenBack, Told, Unreadable
from rientro.shops.medusa.amounts import captured, exact, minor_down, payments_of, units
from rientro.shops.medusa.wire import Row
from rientro.shops.reading import Odd, grams, inner, minor, moment, rows, text

STATUSES = {
    "pending": "Pending",
    "completed": "Completed",
    "archived": "Archived",
    "canceled": "Canceled",
    "requires_action": "Requires action",
}


def told(row: Row, *, url: str, home: str, till: str) -> Told:
    """``home`` is the shop's own country, for sales without any address; ``till`` its sales channel of the store."""
    order_id, number = text(row, "id"), number_of(row)
    try:
        order = _order(row, url=url, home=home, till=till)
        back = taken_back(row)
    except (Odd, ValueError, ArithmeticError) as error:
        return Unreadable(external_order_id=order_id or "?", number=number, reason=str(error))
    return ShopOrder(order=order, taken_back=back)


def number_of(row: Row) -> str:
    """As the storefront and the mails of the shop say it."""
    return text(row, "custom_display_id", 120) or text(row, "display_id", 120)


def is_bare(row: Row) -> bool:
    """Has it no country at all, as a sale at the till?"""
    return not any(
        text(inner(row, name), "country_code") for name in ("shipping_address", "billing_address")
    )


def _order(row: Row, *, url: str, home: str, till: str) -> OrderIn:
    ordered_at, order_id = moment(row, "created_at"), text(row, "id")
    if ordered_at is None or not order_id:
        raise Odd("The order does not say when it was placed.")
    currency = text(row, "currency_code", 3).upper()
    address, customer = _address(row), inner(row, "customer")
    channel = text(inner(row, "sales_channel"), "name", 120)
    cancelled = text(row, "status") == "canceled" or moment(row, "canceled_at")
    return OrderIn(
        external_order_id=order_id,
        number=number_of(row) or order_id,
        ordered_at=ordered_at,
        country=text(address, "country_code", 2).upper() or home,
        channel="store" if till and channel.casefold() == till.casefold() else "web",
        status=text(row, "status", 120),
        language=text(row, "locale", 20),
        name=_name(address) or _name(customer),
        company=text(address, "company"),
        street=text(address, "address_1"),
        address_2=text(address, "address_2"),
        postal_code=text(address, "postal_code", 40),
        city=text(address, "city", 120),
        state=text(address, "province", 80),
        email=text(row, "email") or text(customer, "email"),
        phone=text(address, "phone", 60) or text(customer, "phone", 60),
        currency=currency,
        total_minor=minor(_paid(row), currency),
        fulfilled_at=_all_of(row, "shipped"),
        delivered_at=_all_of(row, "delivered"),
        outbound_tracking_number=_tracking(row),
        cancelled_at=(moment(row, "canceled_at") or moment(row, "updated_at") or ordered_at)
        if cancelled
        else None,
        facts=_facts(row, url, channel, currency),
        lines=[_line(item, currency) for item in goods_of(row)],
    )


def _address(row: Row) -> Row:
    """Where it was sent; the billing address where the shop was told no other."""
    shipping = inner(row, "shipping_address")
    known = any(
        text(shipping, name) for name in ("address_1", "postal_code", "city", "country_code")
    )
    return shipping if known else inner(row, "billing_address")


def _name(row: Row) -> str:
    return clean_line(f"{text(row, 'first_name')} {text(row, 'last_name')}", 200)


def _paid(row: Row) -> Decimal:
    paid = sum((captured(payment) for payment in payments_of(row)), Decimal(0))
    return paid or max(exact(row, "total"), Decimal(0))


def _fulfilments(row: Row) -> list[Row]:
    return [one for one in rows(row, "fulfillments") if not moment(one, "canceled_at")]


def _all_of(row: Row, step: str) -> datetime | None:
    """When the last parcel was shipped (or delivered), once every unit is."""
    moments = [at for one in _fulfilments(row) if (at := moment(one, f"{step}_at"))]
    goods = goods_of(row)
    reached = all(
        units(inner(item, "detail"), f"{step}_quantity") >= units(item, "quantity")
        for item in goods
        if item.get("requires_shipping") is not False
    )
    return max(moments, default=None) if goods and reached else None


def _tracking(row: Row) -> str:
    labels = [label for one in _fulfilments(row) for label in rows(one, "labels")]
    return next((number for one in labels if (number := text(one, "tracking_number", 120))), "")


def _facts(row: Row, url: str, channel: str, currency: str) -> dict[str, Any]:
    billing = inner(row, "billing_address")
    postage = sum((exact(one, "total") for one in rows(row, "shipping_methods")), Decimal(0))
    known = {
        "payment": ", ".join(
            sorted({text(one, "provider_id", 80).removeprefix("pp_") for one in payments_of(row)})
        ),
        "sales_channel": channel,
        "shipping_minor": minor(postage, currency),
        "shop_admin_url": f"{url}/app/orders/{text(row, 'id')}",
        "billing": {
            "name": _name(billing),
            "company": text(billing, "company"),
            "street": text(billing, "address_1"),
            "postal_code": text(billing, "postal_code", 40),
            "city": text(billing, "city", 120),
            "country": text(billing, "country_code", 2).upper(),
        },
    }
    return {name: value for name, value in known.items() if value}


# Lines


def goods_of(row: Row) -> list[Row]:
    """What was bought and can come back: no gift cards."""
    return [
        item
        for item in rows(row, "items")
        if units(item, "quantity") and item.get("is_giftcard") is not True
    ]


def _line(item: Row, currency: str) -> LineIn:
    variant = inner(item, "variant")
    product = inner(variant, "product")
    named = text(item, "variant_title", 200)
    return LineIn(
        line_key=text(item, "id"),
        name=text(item, "product_title") or text(item, "title") or text(item, "id"),
        variant="" if named == "Default variant" else named,
        quantity=units(item, "quantity"),
        price_minor=minor_down(unit_price(item), currency),
        sku=text(item, "variant_sku", 120) or text(variant, "sku", 120),
        product_id=text(item, "product_id", 120),
        variant_id=text(item, "variant_id", 120),
        weight_g=_weight(variant) or _weight(product),
        hs_code=(text(variant, "hs_code", 12) or text(product, "hs_code", 12)),
        origin_country=(
            text(variant, "origin_country", 2) or text(product, "origin_country", 2)
        ).upper(),
        image_url=text(item, "thumbnail", 1000),
    )


def _weight(row: Row) -> int:
    """Medusa's admin asks for grams."""
    try:
        return grams(exact(row, "weight"), "g")
    except Odd:
        return 0


def unit_price(item: Row) -> Fraction:
    """What one unit really cost, with tax and after every promotion."""
    left = units(item, "quantity") - gone(item)
    if left > 0:
        return Fraction(exact(item, "total")) / left
    rate = sum((exact(one, "rate") for one in rows(item, "tax_lines")), Decimal(0))
    tax = 1 + Fraction(rate) / 100
    shelf = Fraction(exact(item, "unit_price")) * (1 if item.get("is_tax_inclusive") else tax)
    off = sum(
        (
            Fraction(exact(one, "amount")) * (1 if one.get("is_tax_inclusive") else tax)
            for one in rows(item, "adjustments")
        ),
        Fraction(0),
    )
    return max(Fraction(0), shelf - off / units(item, "quantity"))


def gone(item: Row) -> int:
    """Units that came back to the shop, whole or damaged."""
    detail = inner(item, "detail")
    return units(detail, "return_received_quantity") + units(detail, "return_dismissed_quantity")


def taken_back(row: Row) -> Mapping[str, list[TakenBack]]:
    """Medusa does not say with the order when they came."""
    return {
        text(item, "id"): [TakenBack(units=back)] for item in goods_of(row) if (back := gone(item))
    }
