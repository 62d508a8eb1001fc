"""A return in version 3's words -> the wish of flows.announce_return. What is wrong is told with a pointer.

Tolerated, because real clients send it: ``shipping_option: {code}`` and ``ship_with.properties`` instead of
``ship_with``, no weight (the carrier account's usual one), and no ``to_address`` (the default address).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rientro.api.delivery_options import DROP_OFF, METHOD_OF
from rientro.api.errors import Problem, Refused
from rientro.api.v3.order_in import Reading, number_of
from rientro.kit.countries import CODES
from rientro.models import CarrierAccount, Return
from rientro.policy.announcements import AnnouncedItem, AnnouncedReturn, Desk
from rientro.policy.boxes import MOST as MOST_PARCELS
from rientro.policy.sender import FromAddress

MOST_ITEMS = 100
MOST_UNITS = 10_000
LONGEST_NOTE = 1000
UNITS_MM = {
    "mm": Decimal(1),
    "cm": Decimal(10),
    "m": Decimal(1000),
    "in": Decimal("25.4"),
    "ft": Decimal("304.8"),
    "yd": Decimal("914.4"),
}
LARGEST_MM = 100_000
METHODS = {"": METHOD_OF[DROP_OFF], **METHOD_OF}
# A field of the flow's -> where it stands in the body.
THEIR_PLACES = {
    "name": "from_address/name",
    "street": "from_address/address_line_1",
    "city": "from_address/city",
    "postal_code": "from_address/postal_code",
    "country": "from_address/country_code",
    "to.street": "to_address/address_line_1",
    "to.city": "to_address/city",
    "to.country": "to_address/country_code",
    "to.postal_code": "to_address/postal_code",
    "items": "parcel_items",
}


@dataclass(frozen=True, slots=True)
class Option:
    """A way to send: a contract and one of its services."""

    contract_id: int | None
    service: str


def read_return(body: Any, *, accounts: Sequence[CarrierAccount], once_key: str) -> AnnouncedReturn:
    """The wish. Raises Refused with every problem that was found."""
    if not isinstance(body, Mapping):
        raise Refused("Send one object.", problems=[_problem("", "Send one object.")])
    read = Reading(body, "")
    currency = _currency(read)
    option = _option(read, accounts)
    sizes = [_length(read, name) for name in ("length", "width", "height")]
    collos = _whole(read, "collo_count") or 1
    if collos > MOST_PARCELS:
        read.wrong("collo_count", f"Input should be at most {MOST_PARCELS}", "max_value")
    method = _method(read)
    wish = AnnouncedReturn(
        sender=FromAddress(**_address(read, "from_address"), proof="typed"),
        to=_desk(read),
        items=_items(read, currency),
        currency=currency,
        weight_g=_weight(read),
        length_mm=sizes[0],
        width_mm=sizes[1],
        height_mm=sizes[2],
        order_number=read.text("order_number", longest=200),
        external_reference=read.text("external_reference", longest=255),
        once_key=once_key,
        brand_id=_whole(read, "brand_id"),
        contract_id=option.contract_id,
        service=option.service,
        method=method,
        parcels=min(collos, MOST_PARCELS),
        pickup_on=_pickup_on(read) if method == Return.Method.PICKUP.value else None,
        invoice_number=read.text("customs_information/invoice_number", longest=40)
        or read.text("customs_invoice_nr", longest=40),
        mails=read.at("send_tracking_emails") is True,
    )
    if read.problems:
        raise Refused(read.problems[0].detail, problems=read.problems)
    return wish


def problem_of(words: str, field: object) -> Refused:
    """What the flow refused, in this version's words."""
    place = THEIR_PLACES.get(str(field or ""), str(field or ""))
    return Refused(words, problems=[_problem(place, words)])


def _problem(place: str, words: str) -> Problem:
    return Problem(detail=words, pointer=f"/{place}" if place else "")


def _address(read: Reading, place: str) -> dict[str, str]:
    if not isinstance(read.at(place), Mapping):
        read.wrong(place, "This field is required.", "required")
        return dict.fromkeys(("name", "street", "city", "country"), "")
    country = read.text(f"{place}/country_code", needed=True, longest=2).upper()
    if country and country not in CODES:
        read.wrong(f"{place}/country_code", "Not a country code", "invalid_choice")
    state = read.text(f"{place}/state_province_code", longest=60)
    return {
        "name": read.text(f"{place}/name", needed=True, longest=200),
        "company": read.text(f"{place}/company_name", longest=200),
        "street": read.text(f"{place}/address_line_1", needed=True, longest=200),
        "house_number": read.text(f"{place}/house_number", longest=20),
        "address_2": read.text(f"{place}/address_line_2", longest=120),
        "postal_code": read.text(f"{place}/postal_code", longest=20),
        "city": read.text(f"{place}/city", needed=True, longest=80),
        "state": state.partition("-")[2] or state,
        "country": country,
        "email": read.text(f"{place}/email", longest=254),
        "phone": read.text(f"{place}/phone_number", longest=40),
    }


def _desk(read: Reading) -> Desk | None:
    if read.at("to_address") is None:
        return None
    told = _address(read, "to_address")
    name = told.pop("name")
    company = told.get("company", "")
    return Desk(**told | {"company": company or name, "contact_name": name if company else ""})


def _weight(read: Reading) -> int:
    """Grams; zero is unknown, and the carrier account's usual weight is taken."""
    if read.at("weight") is None:
        return 0
    if not isinstance(read.at("weight"), Mapping):
        # The answer of validate says kilograms as a plain number: it may be sent back.
        told = Reading({"weight": {"value": read.at("weight"), "unit": "kg"}}, read.base)
        grams = told.weight("weight")
        read.problems += told.problems
    else:
        grams = read.weight("weight")
        if read.at("weight/value") is None:
            read.wrong("weight/value", "This field is required.", "required")
            return 0
    if not read.problems and not 1 <= grams <= 1_000_000:
        read.wrong("weight", "Weight must be more than nothing and at most 1000 kg", "min_value")
    return grams


def _length(read: Reading, name: str) -> int:
    told, place = read.at("dimensions"), f"dimensions/{name}"
    if told is None or read.at(place) is None:
        return 0
    unit = read.at("dimensions/unit") or "cm"
    number = number_of(read.at(place))
    factor = UNITS_MM.get(unit) if isinstance(unit, str) else None
    if number is None or factor is None or not 0 <= number * factor <= LARGEST_MM:
        read.wrong(place, "Input should be a length with a unit of cm, mm, m, yd, ft or in")
        return 0
    return int(number * factor)


def _whole(read: Reading, name: str) -> int | None:
    value = read.at(name)
    if value is None:
        return None
    number = number_of(value)
    if number is None or number != int(number) or not 1 <= number < 2**63:
        read.wrong(name, "Input should be a whole number from 1", "min_value")
        return None
    return int(number)


def _method(read: Reading) -> str:
    told = read.text("delivery_option", longest=40)
    if told not in METHODS:
        read.wrong("delivery_option", "This way of sending is not offered", "invalid_choice")
    return METHODS.get(told, Return.Method.PRINT_AT_HOME.value)


def _pickup_on(read: Reading) -> date | None:
    told = read.text("pickup_date", longest=40)
    try:
        return date.fromisoformat(told[:10])
    except ValueError:
        read.wrong("pickup_date", "Input should be a day such as 2026-12-31", "invalid")
        return None


# How it is sent


def _option(read: Reading, accounts: Sequence[CarrierAccount]) -> Option:
    code, place = _code(read)
    contract = _whole(read, "ship_with/contract") or _whole(
        read, "ship_with/properties/contract_id"
    )
    able = [row for row in accounts if contract is None or row.pk == contract]
    if contract is not None and not able:
        read.wrong("ship_with/contract", "There is no contract with this number", "invalid_choice")
        return Option(None, "")
    if not code:
        return Option(contract, "")
    carrier, _, service = code.partition(":")
    for row in able:
        if row.carrier == carrier:
            usual = service in ("", "return", row.service)
            return Option(row.pk, "" if usual else service[:80])
    read.wrong(place, f"No contract sells “{code[:60]}”", "invalid_choice")
    return Option(None, "")


def _code(read: Reading) -> tuple[str, str]:
    """(the code that was told, where)."""
    places = (
        "ship_with/shipping_option_code",
        "ship_with/shipping_product_code",
        "ship_with/properties/shipping_option_code",
        "ship_with/properties/shipping_product_code",
        "shipping_option/code",
    )
    for place in places:
        if code := read.text(place, longest=120):
            return code, place
    return "", ""


# What is in it


def _currency(read: Reading) -> str:
    told = {
        str(code).upper()
        for code in (
            read.at("total_order_value/currency"),
            *(_inner(item).at("price/currency") for item in _list(read)),
        )
        if code is not None
    }
    if len(told) > 1:
        read.wrong("parcel_items", "All prices need one currency")
    currency = min(told, default="EUR")
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        read.wrong("parcel_items", "Not a currency", "invalid_choice")
        return "EUR"
    return currency


def _list(read: Reading) -> list[Any]:
    told = read.at("parcel_items")
    return told if isinstance(told, list) else []


def _inner(item: Any, base: str = "") -> Reading:
    return Reading(item if isinstance(item, Mapping) else {}, base)


def _items(read: Reading, currency: str) -> list[AnnouncedItem]:
    told = read.at("parcel_items")
    if told is None:
        return []
    if not isinstance(told, list) or len(told) > MOST_ITEMS:
        read.wrong("parcel_items", f"Input should be a list of at most {MOST_ITEMS}", "not_a_list")
        return []
    return [_item(read, place, item, currency) for place, item in enumerate(told)]


def _item(read: Reading, place: int, item: Any, currency: str) -> AnnouncedItem:
    inner = _inner(item, f"/parcel_items/{place}")
    if not isinstance(item, Mapping):
        read.wrong(f"parcel_items/{place}", "Input should be an object")
    quantity = 1 if inner.at("quantity") is None else _whole(inner, "quantity") or 1
    if quantity > MOST_UNITS:
        inner.wrong("quantity", f"At most {MOST_UNITS}")
    price = inner.price("price", currency)
    if inner.at("price") is None and inner.at("value") is not None:
        plain = Reading({"value": {"value": inner.at("value")}}, inner.base)
        price = plain.price("value", currency)
        inner.problems += plain.problems
    if price < 0:
        inner.wrong("price", "Input should not be negative", "min_value")
    weight = inner.weight("weight")
    origin = inner.text("origin_country", longest=2).upper()
    if origin and origin not in CODES:
        inner.wrong("origin_country", "Not a country code", "invalid_choice")
    told = AnnouncedItem(
        name=inner.text("description", longest=500),
        quantity=min(quantity, MOST_UNITS),
        price_minor=max(0, price),
        weight_g=min(weight, 10**9),
        sku=inner.text("sku", longest=120),
        product_id=inner.text("product_id", longest=120),
        hs_code=inner.text("hs_code", longest=12),
        origin_country=origin,
        reason_id=_reason(inner),
        note=inner.text("return_message", longest=LONGEST_NOTE),
        properties=_properties(inner),
    )
    read.problems += inner.problems
    return told


def _reason(inner: Reading) -> int | None:
    """One of the brand's; clients of other services send numbers of theirs, which say nothing here."""
    told = str(inner.at("return_reason_id") or "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 18 else None


def _properties(inner: Reading) -> dict[str, str]:
    told = inner.at("properties")
    told = told if isinstance(told, Mapping) else {}
    return {str(name)[:80]: str(value)[:200] for name, value in list(told.items())[:50]}
