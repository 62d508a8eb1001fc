"""From WooCommerce's order to ours.

Source: woocommerce.github.io/woocommerce-rest-api-docs (version 3), Order properties, Refund properties. Line totals
are without tax and after every coupon; a refund's line names its order's line in the meta `_refunded_item_id`, with a
quantity below zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from html import unescape
from typing import Any

from rientro.kit.text import clean_line
from rientro.policy.orders_in import LineIn, OrderIn
from rientro.shops.base import ShopOrder, TakenBack, Told, Unreadable
from rientro.shops.reading import (
    Odd,
    amount,
    grams,
    inner,
    key,
    minor,
    minor_down,
    moment,
    rows,
    text,
    whole,
)
from rientro.shops.woocommerce.wire import Row

DEAD = frozenset({"cancelled", "failed", "trash"})
UNBORN = frozenset({"auto-draft", "checkout-draft"})  # a checkout that nobody has finished
STORES = frozenset({"pos-rest-api", "pos", "wc-pos", "openpos"})
TRACKING = (
    "_wc_shipment_tracking_items"  # the extension Shipment Tracking, and those that write like it
)
INVOICE = ("_wcpdf_invoice_number", "_bewpi_invoice_number", "_invoice_number")
# The last of each: DHL for WooCommerce, and Germanized before it had fields of its own.
HS_CODE = (
    "_hs_code",
    "hs_code",
    "_wc_hs_code",
    "harmonized_code",
    "_harmonized_system_code",
    "_dhl_hs_code",
)
ORIGIN = (
    "_country_of_origin",
    "country_of_origin",
    "_origin_country",
    "_wc_country_of_origin",
    "_dhl_manufacture_country",
)


@dataclass(frozen=True, slots=True)
class Goods:
    """What the shop knows of products: {product or variation id: fact}; weights in grams."""

    weights: Mapping[str, int] = field(default_factory=dict)
    hs_codes: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)


def told(row: Row, refunds: Sequence[Row], goods: Goods, *, url: str, home: str) -> Told:
    """``home`` is the shop's own country, for sales without any address."""
    order_id, number = key(row), text(row, "number") or key(row)
    try:
        order = _order(row, goods, url=url, home=home)
        back = _taken_back(row, refunds)
    except (Odd, ValueError, ArithmeticError) as error:
        return Unreadable(external_order_id=order_id or "?", number=number, reason=str(error))
    return ShopOrder(order=order, taken_back=back)


def is_born(row: Row) -> bool:
    return text(row, "status") not in UNBORN


def _order(row: Row, goods: Goods, *, url: str, home: str) -> OrderIn:
    ordered_at = moment(row, "date_created_gmt")
    if ordered_at is None:
        raise Odd("The order does not say when it was placed.")
    currency, status = text(row, "currency", 3).upper(), text(row, "status", 120)
    address, billing = _address(row), inner(row, "billing")
    changed_at = moment(row, "date_modified_gmt")
    tracking = _tracking(row)
    return OrderIn(
        external_order_id=key(row),
        number=text(row, "number") or key(row),
        ordered_at=ordered_at,
        country=text(address, "country", 2).upper() or home,
        channel=_channel(row),
        status=status,
        name=_name(address),
        company=text(address, "company"),
        street=text(address, "address_1"),
        address_2=text(address, "address_2"),
        postal_code=text(address, "postcode", 40),
        city=text(address, "city", 120),
        state=text(address, "state", 80),
        email=text(billing, "email"),
        phone=text(inner(row, "shipping"), "phone", 60) or text(billing, "phone", 60),
        currency=currency,
        total_minor=minor(amount(row, "total"), currency),
        fulfilled_at=_fulfilled_at(row, changed_at) or (tracking[1] if tracking else None),
        outbound_tracking_number=tracking[0] if tracking else "",
        cancelled_at=(changed_at or ordered_at) if status in DEAD else None,
        facts=_facts(row, url),
        lines=[_line(item, currency, goods) for item in _items(row)],
    )


def _address(row: Row) -> Row:
    """Where it was sent; the billing address where the shop was told no other."""
    shipping = inner(row, "shipping")
    known = text(shipping, "address_1") or text(shipping, "postcode") or text(shipping, "city")
    return shipping if known else inner(row, "billing")


def _name(address: Row) -> str:
    return clean_line(f"{text(address, 'first_name')} {text(address, 'last_name')}", 200)


def _channel(row: Row) -> str:
    made_by = text(row, "created_via").lower()
    if made_by in STORES:
        return "store"
    return "phone" if made_by == "admin" else "web"


def _fulfilled_at(row: Row, changed_at: datetime | None) -> datetime | None:
    done = moment(row, "date_completed_gmt")
    return done or (changed_at if text(row, "status") == "completed" else None)


def _tracking(row: Row) -> tuple[str, datetime | None] | None:
    """(number, when it was sent) of the first parcel."""
    for meta in rows(row, "meta_data"):
        if text(meta, "key") != TRACKING:
            continue
        for parcel in rows(meta, "value"):
            number = text(parcel, "tracking_number", 120)
            if number:
                stamp = text(parcel, "date_shipped", 12)
                sent = datetime.fromtimestamp(int(stamp), UTC) if stamp.isdigit() else None
                return number, sent
    return None


def _facts(row: Row, url: str) -> dict[str, Any]:
    billing = inner(row, "billing")
    known = {
        "invoice_number": _meta(row, INVOICE),
        "payment": text(row, "payment_method_title", 120),
        "customer_note": text(row, "customer_note"),
        "shipping_minor": _shipping(row),
        "shop_admin_url": f"{url}/wp-admin/post.php?post={key(row)}&action=edit",
        "billing": {
            "name": _name(billing),
            "company": text(billing, "company"),
            "street": text(billing, "address_1"),
            "postal_code": text(billing, "postcode", 40),
            "city": text(billing, "city", 120),
            "country": text(billing, "country", 2),
        },
    }
    return {name: value for name, value in known.items() if value}


def _shipping(row: Row) -> int:
    paid = amount(row, "shipping_total") + amount(row, "shipping_tax")
    return minor(paid, text(row, "currency", 3).upper())


def _meta(row: Row, names: Sequence[str]) -> str:
    told_ = {text(meta, "key", 80): text(meta, "value", 120) for meta in rows(row, "meta_data")}
    return next((told_[name] for name in names if told_.get(name)), "")


# Lines


def _items(row: Row) -> list[Row]:
    return [item for item in rows(row, "line_items") if whole(item, "quantity") > 0]


def _line(item: Row, currency: str, goods: Goods) -> LineIn:
    """WordPress keeps titles as HTML: “Salt &amp; pepper”."""
    quantity = whole(item, "quantity")
    paid = amount(item, "total") + amount(item, "total_tax")
    product, variation = key(item, "product_id"), key(item, "variation_id")
    name, parent = unescape(text(item, "name")), unescape(text(item, "parent_name"))
    return LineIn(
        line_key=key(item),
        name=(parent if variation and parent else name) or f"#{product or key(item)}",
        variant=", ".join(_options(item))[:200],
        quantity=quantity,
        price_minor=minor_down(Fraction(max(paid, Decimal(0))) / quantity, currency),
        sku=text(item, "sku", 120),
        product_id=product,
        variant_id=variation,
        weight_g=goods.weights.get(variation) or goods.weights.get(product, 0),
        hs_code=goods.hs_codes.get(variation) or goods.hs_codes.get(product, ""),
        origin_country=goods.origins.get(variation) or goods.origins.get(product, ""),
        image_url=text(inner(item, "image"), "src", 1000),
    )


def _options(item: Row) -> list[str]:
    """Size and colour; words that begin with an underscore are the shop's own."""
    found = []
    for meta in rows(item, "meta_data"):
        if not text(meta, "key").startswith("_"):
            value = text(meta, "display_value", 80) or text(meta, "value", 80)
            if value:
                found.append(unescape(value))
    return found


def goods_of(products: Sequence[Row], unit: str) -> Goods:
    """What the shop's rows of products (or variations) say."""
    known: dict[str, dict[str, Any]] = {"weights": {}, "hs_codes": {}, "origins": {}}
    for row in products:
        try:
            weight = grams(amount(row, "weight"), unit)
        except Odd:
            weight = 0
        told_ = {
            "weights": weight,
            "hs_codes": _meta(row, HS_CODE)[:12],
            "origins": _meta(row, ORIGIN).upper()[:2],
        }
        for name, value in told_.items():
            if value:
                known[name][key(row)] = value
    return Goods(**known)


# What the shop took back


def _taken_back(row: Row, refunds: Sequence[Row]) -> dict[str, list[TakenBack]]:
    back: dict[str, list[TakenBack]] = {}
    for refund in refunds:
        at = moment(refund, "date_created_gmt")
        for item in rows(refund, "line_items"):
            units, line = _units(item), _refunded_line(item)
            if line and units:
                back.setdefault(line, []).append(TakenBack(units=units, at=at))
    if text(row, "status") == "refunded":
        _fill_up(row, refunds, back)
    return back


def _fill_up(row: Row, refunds: Sequence[Row], back: dict[str, list[TakenBack]]) -> None:
    """An order that is refunded whole keeps nothing, even where its refund names an amount alone."""
    moments = [at for refund in refunds if (at := moment(refund, "date_created_gmt"))]
    at = max(moments, default=None)
    for item in _items(row):
        line = key(item)
        left = whole(item, "quantity") - sum(each.units for each in back.get(line, ()))
        if left > 0:
            back.setdefault(line, []).append(TakenBack(units=left, at=at))


def _units(item: Row) -> int:
    told_ = text(item, "quantity", 12).lstrip("-")
    return int(told_) if told_.isascii() and told_.isdigit() else 0


def _refunded_line(item: Row) -> str:
    for meta in rows(item, "meta_data"):
        if text(meta, "key") == "_refunded_item_id":
            return key(meta, "value")
    return ""


def left_of(row: Row, refunds: Sequence[Row]) -> dict[str, int]:
    """{line: units that nobody has refunded}."""
    back = _taken_back(row, refunds)
    return {
        key(item): whole(item, "quantity") - sum(each.units for each in back.get(key(item), ()))
        for item in _items(row)
    }
