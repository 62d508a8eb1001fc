"""An order in Sendcloud's words, read leniently: only what stops the job is refused."""

from collections.abc import Mapping
from typing import Any

from rientro.api.line_words import kept_texts
from rientro.api.reading import REQUIRED, Reader, tracking_number
from rientro.kit.countries import CODES
from rientro.kit.postal_codes import is_needed
from rientro.policy.amounts import grams_of, minor_of
from rientro.policy.order_checks import LONGEST_ID, MOST_LINES, MOST_UNITS
from rientro.policy.orders_in import LineIn, OrderIn, Problems

# Told back as they came, and not interpreted.
KEPT = (
    "to_post_number",
    "to_service_point",
    "customs_invoice_nr",
    "customs_shipment_type",
    "order_status",
    "payment_status",
    "shipping_method_checkout_name",
    "shipping_method",
    "width",
    "height",
    "length",
    "checkout_payload",
    "customs_details",
)
# Fields of OrderIn that are called otherwise here; for problems that only our own checks find.
THEIR_NAMES = {
    "number": "order_number",
    "ordered_at": "created_at",
    "total_minor": "total_order_value",
    "weight_g": "weight",
    "lines": "parcel_items",
}


def read_shipment(told: Any, *, currency: str) -> tuple[OrderIn | None, Problems]:
    """The order, or what is wrong with it. ``currency`` is the merchant's, for orders that name none."""
    if not isinstance(told, dict):
        return None, {"non_field_errors": ["Invalid data. Expected an object."]}
    reader = Reader(told)
    order = _order(reader, currency)
    return (None, reader.problems) if reader.problems else (order, {})


def _order(reader: Reader, default_currency: str) -> OrderIn | None:
    text = reader.text
    country = text("country", needed=True).strip().upper()
    if country and country not in CODES:
        reader.wrong("country", f"“{country[:10]}” is not a valid choice.")
    currency = _currency(reader, default_currency)
    ordered_at, updated_at = reader.moment("created_at"), reader.moment("updated_at")
    if ordered_at is None and updated_at is None and not reader.problems.get("created_at"):
        reader.wrong("created_at", REQUIRED)
    words: dict[str, Any] = {
        "external_order_id": text("external_order_id", needed=True, longest=LONGEST_ID),
        "external_shipment_id": text("external_shipment_id", longest=LONGEST_ID),
        "number": text("order_number", needed=True, longest=LONGEST_ID),
        "name": text("name", needed=True),
        "company": text("company_name"),
        "street": text("address", needed=True),
        "house_number": text("house_number"),
        "address_2": text("address_2"),
        "postal_code": text("postal_code", needed=country in CODES and is_needed(country)),
        "city": text("city", needed=True),
        "state": text("to_state"),
        "phone": text("telephone"),
        "email": _email(reader),
        "status": _status(reader.told.get("order_status")),
        "outbound_tracking_number": tracking_number(reader.told.get("tracking_number")),
    }
    total, weight = _total(reader, currency), _weight(reader)
    lines = _lines(reader, currency)
    bought_at = ordered_at or updated_at
    if reader.problems or bought_at is None:
        return None
    return OrderIn(
        ordered_at=bought_at,
        shop_updated_at=updated_at,
        country=country,
        currency=currency,
        total_minor=total,
        weight_g=weight,
        facts=_facts(reader.told),
        lines=lines,
        **words,
    )


def _currency(reader: Reader, default: str) -> str:
    currency = reader.text("currency").strip().upper() or default
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        reader.wrong("currency", f"“{currency[:10]}” is not a valid choice.")
    return currency


def _email(reader: Reader) -> str:
    """What is no address at all is as good as none: it must not keep an order out."""
    email = reader.text("email").strip()
    return email if "@" in email and " " not in email and len(email) <= 254 else ""


def _status(told: Any) -> str:
    if not isinstance(told, dict):
        return ""
    word = told.get("message") or told.get("id") or ""
    return word if isinstance(word, str) else ""


def _total(reader: Reader, currency: str) -> int:
    number = reader.number("total_order_value")
    minor = None if number is None else minor_of(number, currency)
    if number is not None and minor is None:
        reader.wrong("total_order_value", "This amount is too large.")
    return minor or 0


def _weight(reader: Reader) -> int:
    number = reader.number("weight")
    grams = None if number is None else grams_of(number)
    if number is not None and grams is None:
        reader.wrong("weight", "This weight is out of range.")
    return grams or 0


def _lines(reader: Reader, currency: str) -> list[LineIn] | None:
    told = reader.entries("parcel_items")
    if told is None:
        return None
    if len(told) > MOST_LINES:
        reader.wrong("parcel_items", f"At most {MOST_LINES} items.")
        return None
    lines, problems = [], []
    for item in told:
        inner = Reader(item if isinstance(item, dict) else {})
        if isinstance(item, dict):
            lines.append(_line(inner, currency))
        else:
            inner.wrong("non_field_errors", "Invalid data. Expected an object.")
        problems.append(inner.problems)
    if any(problems):
        reader.problems["parcel_items"] = problems
    return lines


def _line(reader: Reader, currency: str) -> LineIn:
    text = reader.text
    price = reader.number("value")
    minor = None if price is None else minor_of(price, currency)
    if price is not None and minor is None:
        reader.wrong("value", "This amount is too large.")
    quantity = reader.whole("quantity", least=1, most=MOST_UNITS)
    if quantity is None and "quantity" not in reader.problems:
        reader.wrong("quantity", REQUIRED)
    sku = text("sku")
    properties = _properties(reader)
    return LineIn(
        name=text("description").strip() or sku or text("description", needed=True),
        quantity=quantity or 0,
        price_minor=minor or 0,
        weight_g=_weight(reader),
        sku=sku,
        product_id=text("product_id"),
        variant=" · ".join(properties.values()),
        hs_code=text("hs_code"),
        origin_country=_origin(reader),
        properties=properties | kept_texts(reader.told),
    )


def _properties(reader: Reader) -> dict[str, str]:
    told = reader.told.get("properties")
    if told is None:
        return {}
    if not isinstance(told, dict):
        reader.wrong("properties", "Expected an object.")
        return {}
    plain = {name: value for name, value in told.items() if isinstance(value, str | int)}
    return {str(name)[:80]: str(value)[:200] for name, value in list(plain.items())[:50]}


def _origin(reader: Reader) -> str:
    code = reader.text("origin_country").strip().upper()
    return code if code in CODES else ""


def _facts(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in KEPT if told.get(name) is not None}


def their_words(problems: Problems) -> Problems:
    """Problems that our own checks found, under the names that the caller knows."""
    return {THEIR_NAMES.get(name, name): sentences for name, sentences in problems.items()}
