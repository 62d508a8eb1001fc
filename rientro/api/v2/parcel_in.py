"""A parcel in version 2's words, read: an order that is told as one, or a return that is to be made.

Lenient as Sendcloud is: numbers come as strings or numbers, unknown keys are ignored, and what is wrong is gathered
by field under the caller's own names.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from rientro.api.reading import REQUIRED, Reader
from rientro.api.v2.shipment_in import KEPT, read_shipment
from rientro.kit.countries import CODES
from rientro.models import Order
from rientro.policy.order_checks import LONGEST_ID
from rientro.policy.orders_in import Problems
from rientro.policy.parcels_in import ParcelIn

LONGEST_REFERENCE = 255
LARGEST_CM = Decimal(10_000)
HEAVIEST_KG = Decimal(1000)
# Theirs -> ours, of an order; only what is told changes.
FIELDS = {
    "order_number": "number",
    "name": "name",
    "company_name": "company",
    "address": "street",
    "house_number": "house_number",
    "address_2": "address_2",
    "postal_code": "postal_code",
    "city": "city",
    "to_state": "state",
    "country": "country",
    "email": "email",
    "telephone": "phone",
    "currency": "currency",
    "total_order_value": "total_minor",
    "weight": "weight_g",
    "parcel_items": "lines",
    "tracking_number": "outbound_tracking_number",
}
# As a parcel calls it -> as a shipment does.
CALLED = {"country_state": "to_state", "total_order_value_currency": "currency"}
KEPT_OF_PARCELS = ("data", "reference", "note")
MOST_KEPT = 2000  # characters of what is not interpreted


def read_order(
    told: Mapping[str, Any], *, currency: str, known: Order | None, now: datetime
) -> tuple[ParcelIn | None, Problems]:
    """The order that a parcel tells, or what is wrong with it. Of a ``known`` one nothing is needed."""
    read = Reader(told)
    words = {CALLED.get(name, name): value for name, value in told.items()}
    reference = read.text("external_reference", longest=LONGEST_REFERENCE).strip()
    order_id = read.text("external_order_id", longest=LONGEST_ID).strip()
    shipment_id = read.text("external_shipment_id", longest=LONGEST_ID).strip()
    uuid = _uuid(read)
    if known is None and uuid is None and not words.get("order_number"):
        words["order_number"] = reference or None
    base: dict[str, Any] = {"created_at": now.isoformat(), "external_order_id": order_id or "1"}
    if known is not None or read.told.get("shipment_uuid"):
        # Stands in for what need not be told again; only what was told is read out of it.
        base |= dict.fromkeys(("order_number", "name", "address", "city", "postal_code"), "1")
        base["country"] = known.country if known is not None else "NL"
    given = {name: value for name, value in words.items() if name in FIELDS or name in KEPT}
    shop, problems = read_shipment(base | given, currency=currency)
    problems = read.problems | _their_words(problems)
    if shop is None or problems:
        return None, problems
    asked = [name for name in FIELDS if name in words and words[name] is not None]
    return ParcelIn(
        changes={FIELDS[name]: getattr(shop, FIELDS[name]) for name in asked},
        facts=dict(shop.facts) | _kept(told),
        reference=reference,
        shipment_uuid=uuid,
        external_order_id=order_id,
        external_shipment_id=shipment_id,
        currency=shop.currency,
    ), {}


def _uuid(read: Reader) -> UUID | None:
    told = read.text("shipment_uuid", longest=80).strip()
    try:
        return UUID(told) if told else None
    except ValueError:
        read.wrong("shipment_uuid", "Must be a valid UUID.")
        return None


def _their_words(problems: Problems) -> Problems:
    back = {ours: theirs for theirs, ours in CALLED.items()}
    return {back.get(name, name): sentences for name, sentences in problems.items()}


def _kept(told: Mapping[str, Any]) -> dict[str, Any]:
    """What is told back as it came."""
    customs = told.get("customs_information")
    customs = customs if isinstance(customs, Mapping) else {}
    kept = {name: told[name] for name in KEPT_OF_PARCELS if told.get(name) is not None}
    for name in ("customs_invoice_nr", "customs_shipment_type"):
        if told.get(name) is None and customs.get(name) is not None:
            kept[name] = customs[name]
    return {
        name: msgspec.to_builtins(value)  # Decimals become strings
        for name, value in kept.items()
        if len(str(value)) <= MOST_KEPT
    }


def kept_of_returns(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in _kept(told).items() if name in ("data", "reference")}


# Words that both kinds of parcel share


def asked(read: Reader, name: str) -> bool:
    """A yes or no; clients send true, 1, "1" and "true"."""
    value = read.told.get(name)
    if value is None or value is False or value is True:
        return bool(value)
    word = str(value).strip().lower() if isinstance(value, str | int) else "?"
    if word in ("true", "1", "yes"):
        return True
    if word not in ("false", "0", "no", ""):
        read.wrong(name, "Must be a valid boolean.")
    return False


def grams(read: Reader) -> int:
    """Of ``weight`` in kilograms; zero is unknown."""
    number = read.number("weight")
    if number is None:
        return 0
    if not 0 < number <= HEAVIEST_KG:
        read.wrong("weight", "Ensure this value is more than 0 and at most 1000 kilograms.")
        return 0
    return max(1, int(number * 1000))


def millimetres(read: Reader, name: str) -> int:
    number = read.number(name)
    if number is None:
        return 0
    if not 0 <= number <= LARGEST_CM:
        read.wrong(name, "Ensure this value is from 0 to 10000 centimetres.")
        return 0
    return int(number * 10)


def country(read: Reader, name: str, *, needed: bool) -> str:
    code = read.text(name, needed=needed, longest=60).strip().upper()
    if code and code not in CODES:
        read.wrong(name, f"“{code[:10]}” is not a valid choice.")
        return ""
    return code


def parcel_number(told: Mapping[str, Any]) -> tuple[int, Problems]:
    """The ``id`` of the parcel that is to be changed."""
    value = told.get("id")
    word = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if value is None:
        return 0, {"id": [REQUIRED]}
    if not (word.isascii() and word.isdigit() and len(word) <= 19):
        return 0, {"id": ["A valid integer is required."]}
    return int(word), {}
