"""What the fake Shopify's GraphQL says of its books: one dictionary per object, its dear parts only when asked for."""

import base64
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from graphql import GraphQLError

from tests.shops.fakes.shopify import books
from tests.shops.fakes.shopify.books import Address, Item, Order, Parcel

Row = dict[str, Any]
COUNTRIES = {"IT": "Italy", "DE": "Germany", "FR": "France", "GB": "United Kingdom", "JP": "Japan"}
MOST = 250
GID = re.compile(r"gid://shopify/(\w+)/(\d+)(?:\?.*)?")


def gid(kind: str, id: int) -> str:
    return f"gid://shopify/{kind}/{id}"


def when(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def decimal(minor: int, currency: str) -> str:
    """A ``Decimal`` as Shopify writes it: no idle zeros, but one place at the least: 39.9, 40.0."""
    plain = f"{Decimal(minor).scaleb(-books.digits(currency)):f}"
    whole, _, part = plain.partition(".")
    return f"{whole}.{part.rstrip('0') or '0'}"


def money(minor: int, currency: str) -> Row:
    return {"amount": decimal(minor, currency), "currencyCode": currency}


def bag(minor: int, currency: str) -> Row:
    told = money(minor, currency)
    return {"shopMoney": told, "presentmentMoney": told}


def bad(message: str, code: str = "BAD_REQUEST") -> GraphQLError:
    return GraphQLError(message, extensions={"code": code})


def sized(first: int | None, last: int | None) -> int:
    """How many are asked for. Raises GraphQLError."""
    if first is None and last is None:
        raise bad("you must provide one of first or last")
    if first is not None and last is not None:
        raise bad("providing both first and last is not supported")
    size = first if first is not None else last
    assert size is not None
    if size < 0:
        raise bad("first cannot be negative")
    if size > MOST:
        raise bad(f"Argument 'first' cannot exceed {MOST}.")
    return size


def connection(
    rows: Sequence[Row],
    *,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
    reverse: bool | None = False,
    **_: Any,
) -> Row:
    """A page of what is at hand as a whole: lines, refunded lines, locations."""
    size = sized(first, last)
    all_rows = list(reversed(rows)) if reverse else list(rows)
    low = _place(after, -1) + 1
    high = _place(before, len(all_rows))
    if first is not None:
        high = min(high, low + size)
    else:
        low = max(low, high - size)
    chosen = [(place, all_rows[place]) for place in range(low, min(high, len(all_rows)))]
    edges = [{"cursor": _cursor(place), "node": row} for place, row in chosen]
    return page(edges, high < len(all_rows), low > 0)


def page(edges: list[Row], has_next: bool, has_previous: bool) -> Row:
    return {
        "edges": edges,
        "nodes": [edge["node"] for edge in edges],
        "pageInfo": {
            "hasNextPage": has_next,
            "hasPreviousPage": has_previous,
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        },
    }


def pages(make: Callable[[], Sequence[Row]]) -> Callable[..., Row]:
    return lambda **arguments: connection(make(), **arguments)


def some(make: Callable[[], Sequence[Row]]) -> Callable[..., list[Row]]:
    """A plain list that takes ``first``."""

    def listed(first: int | None = None, **_: Any) -> list[Row]:
        rows = list(make())
        return rows if first is None else rows[:first]

    return listed


def _cursor(place: int) -> str:
    return base64.b64encode(json.dumps({"place": place}).encode()).decode()


def _place(cursor: str | None, otherwise: int) -> int:
    if cursor is None:
        return otherwise
    try:
        return int(json.loads(base64.b64decode(cursor, validate=True))["place"])
    except (ValueError, KeyError, TypeError) as error:
        raise bad(f"`{cursor}` is not a valid cursor") from error


def address(id: int, told: Address | None) -> Row | None:
    if told is None:
        return None
    country = COUNTRIES.get(told["country"], told["country"])
    lines = [told["company"], told["address1"], told["address2"], f"{told['zip']} {told['city']}"]
    return {
        "id": f"{gid('MailingAddress', id)}?model_name=Address",
        **{name: value or None for name, value in told.items() if name != "country"},
        "name": books.full_name(told),
        "provinceCode": told["province"] or None,
        "country": country,
        "countryCode": told["country"],
        "countryCodeV2": told["country"],
        "latitude": None,
        "longitude": None,
        "coordinatesValidated": False,
        "formattedArea": f"{told['city']}, {country}",
        "timeZone": "Europe/Rome",
        "formatted": lambda **_: [*filter(None, lines), country],
    }


def tax_lines(amount: int, percent: int, currency: str) -> list[Row]:
    line = {
        "title": "VAT",
        "rate": percent / 100,
        "ratePercentage": float(percent),
        "source": "Shopify",
        "channelLiable": False,
        "priceSet": bag(amount, currency),
    }
    return [line] if percent else []


def discount_line(currency: str, amount: int, index: int) -> Row:
    return {
        "__typename": "ManualDiscountApplication",
        "title": "Line discount",
        "description": "Line discount",
        "index": index,
        "allocationMethod": "ONE",
        "targetSelection": "EXPLICIT",
        "targetType": "LINE_ITEM",
        "value": {"__typename": "MoneyV2", **money(amount, currency)},
    }


def discount_code(currency: str, amount: int, index: int) -> Row:
    return {
        "__typename": "DiscountCodeApplication",
        "code": "WELCOME",
        "index": index,
        "allocationMethod": "ACROSS",
        "targetSelection": "ALL",
        "targetType": "LINE_ITEM",
        "value": {"__typename": "MoneyV2", **money(amount, currency)},
    }


def allocations(item: Item, currency: str) -> list[Row]:
    told = []
    if item.line_discount:
        application = discount_line(currency, item.line_discount, 0)
        told.append((item.line_discount, application))
    if item.order_discount:
        told.append((item.order_discount, discount_code(currency, item.order_discount, 1)))
    return [
        {"allocatedAmountSet": bag(amount, currency), "discountApplication": application}
        for amount, application in told
    ]


def line(item: Item, order: Order, goods: Callable[[Item], Row]) -> Row:
    """``goods`` gives the variant as the catalogue has it now."""
    currency = order.currency

    def unit(amount: int) -> Row:
        return bag(books.half_up(amount, 1, item.quantity), currency)

    image = {"id": gid("ImageSource", item.id), "url": item.image, "altText": None}
    return {
        "__typename": "LineItem",
        "id": gid("LineItem", item.id),
        "title": item.title,
        "name": f"{item.title} - {item.variant_title}" if item.variant_title else item.title,
        "variantTitle": item.variant_title or None,
        "sku": item.sku or None,
        "vendor": "Rientro Test",
        "quantity": item.quantity,
        "currentQuantity": item.left,
        "refundableQuantity": item.left,
        "unfulfilledQuantity": item.unfulfilled,
        "nonFulfillableQuantity": item.removed,
        "requiresShipping": not item.gift_card,
        "restockable": True,
        "taxable": True,
        "isGiftCard": item.gift_card,
        "merchantEditable": not order.parcels,
        "customAttributes": [],
        "lineItemGroup": None,
        "image": (lambda **_: image | {"width": 800, "height": 800}) if item.image else None,
        "variant": lambda **_: goods(item),
        "product": lambda **_: goods(item)["product"](),
        "weight": {"unit": "GRAMS", "value": float(item.weight_g)},
        "taxLines": some(lambda: tax_lines(item.tax, item.tax_percent, currency)),
        "discountAllocations": allocations(item, currency),
        "originalUnitPriceSet": bag(item.unit, currency),
        "originalTotalSet": bag(item.total, currency),
        "discountedUnitPriceSet": unit(item.discounted),
        "discountedTotalSet": lambda withCodeDiscounts=False, **_: bag(item.discounted, currency),
        "discountedUnitPriceAfterAllDiscountsSet": unit(item.net),
        "totalDiscountSet": bag(item.line_discount, currency),
        "unfulfilledOriginalTotalSet": bag(item.unit * item.unfulfilled, currency),
        "unfulfilledDiscountedTotalSet": bag(
            item.discounted * item.unfulfilled // item.quantity, currency
        ),
        "priceAfterAllDiscountsBeforeTaxesSet": bag(item.paid - item.tax, currency),
    }


def shipping_line(order: Order) -> Row:
    currency = order.currency
    left = order.shipping - order.shipping_refunded
    return {
        "__typename": "ShippingLine",
        "id": gid("ShippingLine", order.id * 10 + 1),
        "title": "Standard",
        "code": "Standard",
        "source": "shopify",
        "carrierIdentifier": None,
        "custom": False,
        "deliveryCategory": "shipping",
        "phone": None,
        "isRemoved": False,
        "originalPriceSet": bag(order.shipping, currency),
        "discountedPriceSet": bag(order.shipping, currency),
        "currentDiscountedPriceSet": bag(left, currency),
        "taxLines": tax_lines(order.shipping_tax, order.shipping_tax_percent, currency),
        "discountAllocations": [],
    }


def parcel(
    parcel: Parcel,
    order: Order,
    lines: dict[int, Row],
    whole: Callable[[], Row],
    place: Callable[[], Row | None],
) -> Row:
    tracking = {
        "company": "Other",
        "number": parcel.tracking_number,
        "url": f"https://example.com/track/{parcel.tracking_number}",
    }
    rows = [
        {
            "__typename": "FulfillmentLineItem",
            "id": gid("FulfillmentLineItem", id),
            "quantity": units,
            "lineItem": lines[id],
            "originalTotalSet": lines[id]["originalTotalSet"],
            "discountedTotalSet": bag(_worth(order, id, units), order.currency),
        }
        for id, units in parcel.units.items()
    ]
    return {
        "__typename": "Fulfillment",
        "id": gid("Fulfillment", parcel.id),
        "legacyResourceId": str(parcel.id),
        "name": f"{order.name}-F{parcel.number}",
        "createdAt": when(parcel.at),
        "updatedAt": when(parcel.updated),
        "deliveredAt": when(parcel.delivered_at),
        "inTransitAt": None,
        "estimatedDeliveryAt": None,
        "displayStatus": "DELIVERED" if parcel.delivered_at else "FULFILLED",
        "status": "SUCCESS",
        "totalQuantity": sum(parcel.units.values()),
        "requiresShipping": True,
        "trackingInfo": some(lambda: [tracking] if parcel.tracking_number else []),
        "fulfillmentLineItems": pages(lambda: rows),
        "location": lambda **_: place(),
        "order": lambda **_: whole(),
    }


def _worth(order: Order, item_id: int, units: int) -> int:
    item = order.item(item_id)
    return item.discounted * units // item.quantity if item else 0
