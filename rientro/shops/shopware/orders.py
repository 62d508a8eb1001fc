"""From Shopware's order to ours.

Sources: Shopware's Admin API reference, entity Order; shopware/shopware, OrderDefinition and its aggregates,
DiscountCompositionBuilder. A promotion is a line of its own with a price below zero; its ``composition`` says what part
of it is off which line (by the line's ``identifier``). Prices hold their tax where ``taxStatus`` is "gross".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from rientro.kit.text import clean_line
from rientro.policy.orders_in import LineIn, OrderIn
from rientro.shops.base import ShopOrder, TakenBack, Told, Unreadable
from rientro.shops.reading import Odd, amount, grams, inner, minor, minor_down, moment, rows, text

Row = Mapping[str, Any]
SENT = frozenset({"shipped", "shipped_partially", "returned", "returned_partially"})
GOODS = frozenset({"product", "custom", "container"})  # others are promotions, credits, fees
# Types of sales channels, by the ids that every Shopware has (Defaults, and the extension of the till).
TILLS = frozenset({"1ce0868f406d47d98cfe4b281e62f099"})
MARKETS = frozenset({"ed535e5722134ac1aa6524f73e26881b"})
MOST_UNITS = 1_000_000
STAMPED = ("addresses", "deliveries", "lineItems", "transactions")


def told(row: Row, *, url: str) -> Told:
    order_id, number = text(row, "id", 40), text(row, "orderNumber", 80)
    try:
        return ShopOrder(order=_order(row, url), taken_back=_taken_back(row))
    except (Odd, ValueError, ArithmeticError) as error:
        return Unreadable(external_order_id=order_id or "?", number=number, reason=str(error))


def newest(row: Row) -> datetime | None:
    """When anything of it was changed last: its parts have stamps of their own."""
    parts = [row, inner(row, "orderCustomer")]
    parts += [part for name in STAMPED for part in rows(row, name)]
    parts += _refunds(row)
    stamps = [moment(part, name) for part in parts for name in ("createdAt", "updatedAt")]
    return max((stamp for stamp in stamps if stamp), default=None)


def _order(row: Row, url: str) -> OrderIn:
    ordered_at = moment(row, "orderDateTime") or moment(row, "createdAt")
    currency = text(inner(row, "currency"), "isoCode", 3).upper()
    if ordered_at is None or not currency or not text(row, "id", 40):
        raise Odd("The order does not say when it was placed, or in which currency.")
    delivery, state = _delivery(row), _state(row)
    address = inner(delivery, "shippingOrderAddress") or inner(row, "billingAddress")
    customer, changed_at = inner(row, "orderCustomer"), newest(row) or ordered_at
    tracking = _tracking(delivery)
    sent = any(_state(each) in SENT for each in rows(row, "deliveries"))
    return OrderIn(
        external_order_id=text(row, "id", 40),
        number=text(row, "orderNumber", 80),
        ordered_at=ordered_at,
        country=text(inner(address, "country"), "iso", 2).upper(),
        channel=_channel(row),
        status=state,
        language=text(inner(inner(row, "language"), "locale"), "code", 10)[:2],
        name=_name(address) or _name(customer),
        company=text(address, "company"),
        street=text(address, "street"),
        address_2=" ".join(
            filter(None, (text(address, f"additionalAddressLine{n}") for n in (1, 2)))
        ),
        postal_code=text(address, "zipcode", 40),
        city=text(address, "city", 120),
        state=text(inner(address, "countryState"), "shortCode", 80).split("-")[-1],
        email=text(customer, "email"),
        phone=text(address, "phoneNumber", 60)
        or text(inner(row, "billingAddress"), "phoneNumber", 60),
        currency=currency,
        total_minor=minor(amount(row, "amountTotal"), currency),
        tags=[name for tag in rows(row, "tags") if (name := text(tag, "name", 80))],
        fulfilled_at=(moment(delivery, "updatedAt") or changed_at) if sent else None,
        outbound_tracking_number=tracking,
        cancelled_at=(moment(row, "updatedAt") or changed_at) if state == "cancelled" else None,
        facts=_facts(row, url),
        lines=_lines(row, currency),
    )


def _state(row: Row) -> str:
    return text(inner(row, "stateMachineState"), "technicalName", 120)


def _delivery(row: Row) -> Row:
    """The one that goods go by: free postage adds another with a price below zero."""
    found = rows(row, "deliveries")
    costs = [amount(inner(each, "shippingCosts"), "totalPrice") for each in found]
    best = max(range(len(found)), key=lambda place: costs[place], default=None)
    return {} if best is None else found[best]


def _tracking(delivery: Row) -> str:
    """The first of its codes."""
    codes = delivery.get("trackingCodes")
    words = [code for code in codes if isinstance(code, str)] if isinstance(codes, list) else []
    return next(filter(None, (text({"code": code}, "code", 120) for code in words)), "")


def _name(person: Row) -> str:
    return clean_line(f"{text(person, 'firstName')} {text(person, 'lastName')}", 200)


def _channel(row: Row) -> str:
    kind = text(inner(row, "salesChannel"), "typeId", 40)
    if kind in TILLS:
        return "store"
    if kind in MARKETS:
        return "marketplace"
    return "phone" if text(row, "createdById") else "web"  # made by hand in the Administration


def _facts(row: Row, url: str) -> dict[str, Any]:
    billing = inner(row, "billingAddress")
    paid_by = [inner(each, "paymentMethod") for each in rows(row, "transactions")]
    known = {
        "invoice_number": _invoice(row),
        "payment": text(paid_by[-1], "name", 120) if paid_by else "",
        "customer_note": text(row, "customerComment"),
        "sales_channel": text(inner(row, "salesChannel"), "name", 120),
        "shop_admin_url": f"{url}/admin#/sw/order/detail/{text(row, 'id', 40)}",
        "billing": {
            "name": _name(billing),
            "company": text(billing, "company"),
            "street": text(billing, "street"),
            "postal_code": text(billing, "zipcode", 40),
            "city": text(billing, "city", 120),
            "country": text(inner(billing, "country"), "iso", 2),
        },
    }
    return {name: value for name, value in known.items() if value}


def _invoice(row: Row) -> str:
    for document in rows(row, "documents"):
        if text(inner(document, "documentType"), "technicalName") == "invoice":
            config = inner(document, "config")
            return text(document, "documentNumber", 80) or text(config, "documentNumber", 80)
    return ""


# Lines


def _lines(row: Row, currency: str) -> list[LineIn]:
    items = _goods(row)
    off = _discounts(row, items)
    return [_line(item, off.get(_id(item), Fraction(0)), row, currency) for item in items]


def _goods(row: Row) -> list[Row]:
    """What the shopper holds in hands: the parts of a container, not the container."""
    items = [each for each in rows(row, "lineItems") if text(each, "type", 40) in GOODS]
    parents = {text(each, "parentId", 40) for each in items}
    kept = [each for each in items if _id(each) not in parents and _units(each) > 0]
    return [each for each in kept if _paid(each, row) >= 0]


def _id(item: Row) -> str:
    return text(item, "id", 40)


def _units(item: Row) -> int:
    value = item.get("quantity")
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    if value > MOST_UNITS:
        raise Odd("A line says more units than anybody buys.")
    return value


def _paid(item: Row, row: Row) -> Fraction:
    """All units, tax included."""
    price = inner(item, "price")
    total = Fraction(amount(price if "totalPrice" in price else item, "totalPrice"))
    if text(row, "taxStatus") == "net":
        total += sum(
            (Fraction(amount(tax, "tax")) for tax in rows(price, "calculatedTaxes")), Fraction(0)
        )
    return total


def _discounts(row: Row, items: Sequence[Row]) -> dict[str, Fraction]:
    """{line: what is off it}, of promotions, credits and whatever else has a price below zero."""
    off: dict[str, Fraction] = {}
    names = {text(item, "identifier", 80) or _id(item): _id(item) for item in items}
    cost = {_id(item): _paid(item, row) for item in items}
    for each in rows(row, "lineItems"):
        paid = _paid(each, row)
        if paid >= 0:
            continue
        for line, share in _shares(each, names, cost).items():
            off[line] = off.get(line, Fraction(0)) - paid * share
    return off


def _shares(
    each: Row, names: Mapping[str, str], cost: Mapping[str, Fraction]
) -> dict[str, Fraction]:
    """What part of a discount is off which line: as it says itself, else by what the lines cost."""
    told_: dict[str, Fraction] = {}
    for part in rows(inner(each, "payload"), "composition"):
        line = names.get(text(part, "id", 80))
        if line:
            told_[line] = told_.get(line, Fraction(0)) + abs(Fraction(amount(part, "discount")))
    weights = told_ if sum(told_.values()) else dict(cost)
    whole = sum(weights.values())
    return {line: weight / whole for line, weight in weights.items()} if whole else {}


def _line(item: Row, off: Fraction, row: Row, currency: str) -> LineIn:
    units = _units(item)
    each = max(_paid(item, row) - off, Fraction(0)) / units
    payload, product = inner(item, "payload"), inner(item, "product")
    return LineIn(
        line_key=_id(item),
        name=text(item, "label") or text(payload, "productNumber") or _id(item),
        variant=_variant(payload),
        quantity=units,
        price_minor=minor_down(each, currency),
        sku=text(payload, "productNumber", 120),
        product_id=text(product, "parentId", 40) or text(item, "productId", 40),
        variant_id=text(item, "productId", 40) if text(product, "parentId", 40) else "",
        weight_g=_weight(product),
        image_url=text(inner(item, "cover"), "url", 1000),
    )


def _variant(payload: Row) -> str:
    """“Red / M”, from ``[{"group": "Colour", "option": "Red"}, …]``."""
    return " / ".join(
        filter(None, (text(each, "option", 80) for each in rows(payload, "options")))
    )[:200]


def _weight(product: Row) -> int:
    """Shopware keeps kilograms."""
    try:
        return grams(amount(product, "weight"), "kg")
    except Odd:
        return 0


# What the shop took back


def _taken_back(row: Row) -> dict[str, list[TakenBack]]:
    back: dict[str, list[TakenBack]] = {}
    for refund in _refunds(row):
        if _state(refund) != "completed":
            continue
        at = moment(refund, "updatedAt") or moment(refund, "createdAt")
        for part in rows(refund, "positions"):
            line, units = text(part, "orderLineItemId", 40), _units(part)
            if line and units > 0:
                back.setdefault(line, []).append(TakenBack(units=units, at=at))
    for delivery in rows(row, "deliveries"):
        if _state(delivery) == "returned":
            _fill_up(row, back, moment(delivery, "updatedAt"))
    for transaction in rows(row, "transactions"):
        if _state(transaction) == "refunded":
            _fill_up(row, back, moment(transaction, "updatedAt"))
    return back


def _refunds(row: Row) -> list[Row]:
    captures = [each for paid in rows(row, "transactions") for each in rows(paid, "captures")]
    return [refund for capture in captures for refund in rows(capture, "refunds")]


def _fill_up(row: Row, back: dict[str, list[TakenBack]], at: datetime | None) -> None:
    """All of it came back, or all of its money went."""
    for item in _goods(row):
        left = _units(item) - sum(each.units for each in back.get(_id(item), ()))
        if left > 0:
            back.setdefault(_id(item), []).append(TakenBack(units=left, at=at))
