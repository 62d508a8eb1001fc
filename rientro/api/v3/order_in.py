"""An order in version 3's words -> ours. What is wrong is told with a pointer into the body."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from rientro.api.errors import Problem
from rientro.api.line_words import TEXTS, kept_objects, kept_texts, plain
from rientro.api.reading import tracking_number
from rientro.kit.countries import CODES
from rientro.policy.amounts import decimal_of, grams_of, minor_of
from rientro.policy.order_checks import LONGEST_ID, MOST_LINES, MOST_UNITS
from rientro.policy.orders_in import LineIn, OrderIn

UNITS_G = {"kg": 1000, "g": 1, "lbs": 453.59237, "oz": 28.349523125}
# Told back as they came, and not interpreted.
KEPT = (
    "payment_details",
    "customs_details",
    "customer_details",
    "billing_address",
    "shipping_details",
    "service_point_details",
)
# The same of an item.
KEPT_TEXTS = ("description", "ean", *TEXTS)
KEPT_OBJECTS = ("delivery_dates", "dangerous_goods")
KEPT_SIZES = ("dimension", "volume")
# A field of OrderIn -> where it stands here; for problems that only our own checks find.
THEIR_PLACES = {
    "external_order_id": "order_id",
    "number": "order_number",
    "ordered_at": "order_details/order_created_at",
    "lines": "order_details/order_items",
    "country": "shipping_address/country_code",
    "postal_code": "shipping_address/postal_code",
    "name": "shipping_address/name",
    "street": "shipping_address/address_line_1",
    "city": "shipping_address/city",
    "currency": "payment_details/total_price/currency",
    "total_minor": "payment_details/total_price/value",
}
YEARS = range(1970, 2201)


class Reading:
    """One told object, read by path; ``problems`` grows. ``base`` is the pointer of the object itself."""

    def __init__(self, told: Mapping[str, Any], base: str) -> None:
        self.told = told
        self.base = base
        self.problems: list[Problem] = []

    def at(self, path: str) -> Any:
        found: Any = self.told
        for part in path.split("/"):
            if not isinstance(found, Mapping):
                return None
            found = found.get(part)
        return found

    def wrong(self, path: str, words: str, code: str = "invalid") -> None:
        self.problems.append(
            Problem(detail=words, code=code, pointer=f"{self.base}/{path}", title="Invalid input")
        )

    def text(self, path: str, *, needed: bool = False, longest: int = 2000) -> str:
        value = self.at(path)
        if value is None or value == "":
            if needed:
                self.wrong(path, "This field is required.", "required")
            return ""
        if type(value) is int:
            value = str(value)
        if not isinstance(value, str):
            self.wrong(path, "Input should be a valid string")
            return ""
        if len(value) > longest:
            self.wrong(path, f"String should have at most {longest} characters")
            return ""
        return value

    def moment(self, path: str, *, needed: bool = False) -> datetime | None:
        value = self.text(path, needed=needed, longest=64)
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(value.strip())
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            moment = moment.astimezone(UTC)
        except (ValueError, OverflowError):
            moment = None
        if moment is None or moment.year not in YEARS:
            self.wrong(path, "Input should be a valid datetime")
            return None
        return moment

    def price(self, path: str, currency: str, *, needed: bool = False) -> int:
        """Minor units of ``{value, currency}``."""
        value = self.at(f"{path}/value")
        if value is None:
            if needed:
                self.wrong(f"{path}/value", "This field is required.", "required")
            return 0
        number = number_of(value)
        minor = None if number is None else minor_of(number, currency)
        if minor is None:
            self.wrong(f"{path}/value", "Input should be a valid number")
        return minor or 0

    def weight(self, path: str) -> int:
        """Grams of ``{value, unit}``."""
        value, unit = self.at(f"{path}/value"), self.at(f"{path}/unit") or "kg"
        if value is None:
            return 0
        number = number_of(value)
        factor = UNITS_G.get(unit) if isinstance(unit, str) else None
        grams = None
        if number is not None and factor is not None and abs(number) < 10**9:
            grams = grams_of(Decimal(str(round(float(number) * factor / 1000, 6))))
        if grams is None:
            self.wrong(path, "Weight needs a positive value and a unit of kg, g, lbs or oz")
        return grams or 0


def number_of(value: Any) -> Decimal | None:
    """A number of a request, or one that was told by ourselves; None for anything else."""
    return decimal_of(str(value) if isinstance(value, float) else value)


def read_order(
    told: Mapping[str, Any], *, base: str, currency: str
) -> tuple[OrderIn | None, list[Problem]]:
    """The order, or what is wrong with it."""
    read = Reading(told, base)
    currency = _currency(read, currency)
    lines = _lines(read, currency)
    ordered_at = read.moment("order_details/order_created_at", needed=True)
    words: dict[str, Any] = {
        "external_order_id": read.text("order_id", needed=True, longest=LONGEST_ID),
        "number": read.text("order_number", needed=True, longest=LONGEST_ID),
        "status": _status(read),
        "total_minor": read.price("payment_details/total_price", currency, needed=True),
        "weight_g": read.weight("shipping_details/measurement/weight"),
        "shop_updated_at": read.moment("order_details/order_updated_at"),
        "tags": _tags(read),
        "outbound_tracking_number": tracking_number(read.at("shipping_details/tracking_number")),
        **_address(read),
    }
    if read.at("payment_details/status/code") is None:
        read.wrong("payment_details/status/code", "This field is required.", "required")
    if read.problems or ordered_at is None:
        return None, read.problems
    order = OrderIn(
        ordered_at=ordered_at, currency=currency, lines=lines, facts=_facts(told), **words
    )
    return order, []


def _currency(read: Reading, default: str) -> str:
    told = read.text("payment_details/total_price/currency", longest=3).upper() or default
    if len(told) != 3 or not (told.isascii() and told.isalpha()):
        read.wrong("payment_details/total_price/currency", "Not a currency", "invalid_choice")
        return default
    return told


def _status(read: Reading) -> str:
    code = read.text("order_details/status/code", needed=True, longest=120)
    return read.text("order_details/status/message", longest=120) or code


def _tags(read: Reading) -> list[str]:
    told = read.at("order_details/tags") or []
    if not isinstance(told, list) or not all(isinstance(tag, str) for tag in told):
        read.wrong("order_details/tags", "Input should be a list of strings", "not_a_list")
        return []
    return [tag[:80] for tag in told[:100]]


def _address(read: Reading) -> dict[str, Any]:
    """The address that the parcel went to; an order of a store has none, and its country is the payer's."""
    place = "shipping_address" if read.at("shipping_address") else "billing_address"
    country = read.text(f"{place}/country_code", longest=2).upper()
    if read.at(place) is None:
        read.wrong("shipping_address", "This field is required.", "required")
    elif country not in CODES:
        read.wrong(f"{place}/country_code", "Not a country code", "invalid_choice")
    email = read.text("customer_details/email", longest=254)
    email = email or read.text(f"{place}/email", longest=254)
    state = read.text(f"{place}/state_province_code", longest=80)
    return {
        "country": country,
        "name": read.text(f"{place}/name") or read.text("customer_details/name"),
        "company": read.text(f"{place}/company_name"),
        "street": read.text(f"{place}/address_line_1"),
        "house_number": read.text(f"{place}/house_number"),
        "address_2": read.text(f"{place}/address_line_2"),
        "postal_code": read.text(f"{place}/postal_code"),
        "city": read.text(f"{place}/city"),
        "state": state.partition("-")[2] or state,
        "phone": read.text("customer_details/phone_number") or read.text(f"{place}/phone_number"),
        "email": email if "@" in email and " " not in email else "",
    }


def _lines(read: Reading, currency: str) -> list[LineIn]:
    told = read.at("order_details/order_items")
    if not isinstance(told, list):
        read.wrong("order_details/order_items", "Input should be a valid list", "not_a_list")
        return []
    if len(told) > MOST_LINES:
        read.wrong("order_details/order_items", f"At most {MOST_LINES} items")
        return []
    return [_line(read, place, item, currency) for place, item in enumerate(told)]


def _line(read: Reading, place: int, item: Any, currency: str) -> LineIn:
    base = f"{read.base}/order_details/order_items/{place}"
    inner = Reading(item if isinstance(item, Mapping) else {}, base)
    quantity = item.get("quantity") if isinstance(item, Mapping) else None
    if type(quantity) is not int or not 1 <= quantity <= MOST_UNITS:
        inner.wrong("quantity", f"Input should be a whole number from 1 to {MOST_UNITS}")
        quantity = 1
    has_unit = inner.at("unit_price/value") is not None
    whole = inner.price("total_price", currency, needed=not has_unit)
    each = inner.price("unit_price", currency) if has_unit else whole // quantity
    properties = inner.at("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    chosen = {
        str(name)[:80]: str(value)[:200]
        for name, value in list(properties.items())[:50]
        if not str(name).startswith("_")
    }
    origin = inner.text("country_of_origin", longest=2).upper()
    line = LineIn(
        name=inner.text("name", needed=True, longest=500),
        quantity=quantity,
        price_minor=each,
        line_key=inner.text("item_id", longest=200),
        sku=inner.text("sku", longest=120),
        product_id=inner.text("product_id", longest=120),
        variant_id=inner.text("variant_id", longest=120),
        variant=" · ".join(chosen.values())[:200],
        weight_g=inner.weight("measurement/weight"),
        hs_code=inner.text("hs_code", longest=12),
        origin_country=origin if origin in CODES else "",
        image_url=inner.text("image_url", longest=1000),
        properties=chosen | _kept_of(inner),
    )
    read.problems += inner.problems
    return line


def _kept_of(item: Reading) -> dict[str, Any]:
    sizes = item.at("measurement")
    return {
        **kept_texts(item.told, KEPT_TEXTS),
        **kept_objects(item.told, KEPT_OBJECTS),
        **kept_objects(sizes if isinstance(sizes, Mapping) else {}, KEPT_SIZES),
    }


def _facts(told: Mapping[str, Any]) -> dict[str, Any]:
    details = told.get("order_details")
    notes = details.get("notes") if isinstance(details, Mapping) else None
    status = details.get("status") if isinstance(details, Mapping) else None
    kept = {name: plain(told[name]) for name in KEPT if isinstance(told.get(name), Mapping)}
    return {"v3": kept | {"notes": notes if isinstance(notes, str) else "", "status": status}}
