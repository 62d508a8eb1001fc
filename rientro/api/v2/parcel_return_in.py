"""A return parcel in version 2's words (``is_return`` with ``from_*``) -> the wish of flows.announce_return.

``name``, ``address`` … are where it goes, the merchant; without an address it goes to ``sender_address``, or to the
default address.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rientro.api.reading import REQUIRED, Reader
from rientro.api.v2.parcel_in import (
    LONGEST_REFERENCE,
    country,
    grams,
    kept_of_returns,
    millimetres,
)
from rientro.models import CarrierAccount, SenderAddress
from rientro.policy.amounts import grams_of, minor_of
from rientro.policy.announcements import (
    AnnouncedItem,
    AnnouncedReturn,
    AnnouncementChange,
    Desk,
)
from rientro.policy.orders_in import Problems
from rientro.policy.sender import FromAddress

MOST_ITEMS = 100
MOST_UNITS = 10_000
LONGEST_NOTE = 1000
# Ours -> theirs, of where the parcel starts.
SENDER = {
    "name": "from_name",
    "company": "from_company_name",
    "street": "from_address_1",
    "house_number": "from_house_number",
    "address_2": "from_address_2",
    "postal_code": "from_postal_code",
    "city": "from_city",
    "country": "from_country",
    "email": "from_email",
    "phone": "from_telephone",
}
NEEDED = ("name", "street", "city", "country")
# What the flow calls a field -> what the caller does.
THEIR_FIELDS = SENDER | {
    "to.street": "address",
    "to.city": "city",
    "to.country": "country",
    "to.postal_code": "postal_code",
    "to_address": "address",
    "items": "parcel_items",
}


def read_return_parcel(
    told: Mapping[str, Any],
    *,
    accounts: Sequence[CarrierAccount],
    addresses: Sequence[SenderAddress],
    currency: str,
    asks_label: bool,
    once_key: str,
) -> tuple[AnnouncedReturn | None, Problems]:
    """The wish, or what is wrong with it by field."""
    read = Reader(told)
    _one_only(read)
    currency = _currency(read, currency)
    customs = told.get("customs_information")
    inner = Reader(customs if isinstance(customs, Mapping) else {})
    wish = AnnouncedReturn(
        sender=FromAddress(**_sender(read, needed=True), proof="typed"),
        to=_desk(read, addresses),
        items=_items(read, currency),
        currency=currency,
        weight_g=grams(read),
        length_mm=millimetres(read, "length"),
        width_mm=millimetres(read, "width"),
        height_mm=millimetres(read, "height"),
        order_number=read.text("order_number", longest=200).strip(),
        external_reference=read.text("external_reference", longest=LONGEST_REFERENCE).strip(),
        once_key=once_key,
        contract_id=_contract(read, accounts),
        invoice_number=inner.text("customs_invoice_nr", longest=40)
        or read.text("customs_invoice_nr", longest=40),
        asks_label=asks_label,
        facts=kept_of_returns(told),
    )
    problems = read.problems | inner.problems
    return (None, problems) if problems else (wish, {})


def read_change(
    told: Mapping[str, Any], *, accounts: Sequence[CarrierAccount], asks_label: bool
) -> tuple[AnnouncementChange | None, Problems]:
    """What a PUT wants different of a return that has no label."""
    read = Reader(told)
    _one_only(read)
    sender = {
        name: value
        for name, value in _sender(read, needed=False).items()
        if told.get(SENDER.get(name, "from_state")) is not None
    }
    if told.get("parcel_items") is not None:
        read.wrong("parcel_items", "The items of a return stay. Cancel it and make another one.")
    change = AnnouncementChange(
        sender=sender,
        weight_g=grams(read) if told.get("weight") is not None else None,
        length_mm=_told_mm(read, "length"),
        width_mm=_told_mm(read, "width"),
        height_mm=_told_mm(read, "height"),
        order_number=read.text("order_number", longest=200).strip() or None,
        external_reference=read.text("external_reference", longest=LONGEST_REFERENCE).strip()
        or None,
        contract_id=_contract(read, accounts),
        asks_label=asks_label,
    )
    return (None, read.problems) if read.problems else (change, {})


def _told_mm(read: Reader, name: str) -> int | None:
    return None if read.told.get(name) is None else millimetres(read, name)


def their_problems(words: str, field: object) -> Problems:
    """What a flow refused, under the caller's name for it."""
    name = str(field or "")
    return {THEIR_FIELDS.get(name, name or "non_field_errors"): [words]}


def _one_only(read: Reader) -> None:
    if (number := read.number("quantity")) is not None and number != 1:
        read.wrong("quantity", "One return is one parcel here. Make another parcel for the rest.")


def _sender(read: Reader, *, needed: bool) -> dict[str, str]:
    told = {
        ours: read.text(theirs, needed=needed and ours in NEEDED, longest=254)
        for ours, theirs in SENDER.items()
        if ours != "country"
    }
    told["country"] = country(read, "from_country", needed=needed)
    state = read.text("from_country_state", longest=60) or read.text("from_state", longest=60)
    if state:
        told["state"] = state.partition("-")[2] or state
    return told


def _desk(read: Reader, addresses: Sequence[SenderAddress]) -> Desk | None:
    if not any(read.text(name) for name in ("address", "city", "postal_code")):
        return _of_ours(read, addresses)
    name, company = read.text("name", longest=200), read.text("company_name", longest=200)
    return Desk(
        company=company or name,
        contact_name=name if company else "",
        street=read.text("address", needed=True, longest=200),
        house_number=read.text("house_number", longest=20),
        address_2=read.text("address_2", longest=120),
        postal_code=read.text("postal_code", longest=20),
        city=read.text("city", needed=True, longest=80),
        state=read.text("country_state", longest=60) or read.text("to_state", longest=60),
        country=country(read, "country", needed=True),
        email=read.text("email", longest=254),
        phone=read.text("telephone", longest=40),
    )


def _of_ours(read: Reader, addresses: Sequence[SenderAddress]) -> Desk | None:
    number = read.whole("sender_address", least=1, most=2**63 - 1)
    if number is None:
        return None
    row = next((one for one in addresses if one.pk == number), None)
    if row is None:
        read.wrong("sender_address", "There is no sender address with this id.")
        return None
    return Desk(
        company=row.company,
        contact_name=row.contact_name,
        street=row.street,
        house_number=row.house_number,
        address_2=row.address_2,
        postal_code=row.postal_code,
        city=row.city,
        state=row.state,
        country=row.country,
        email=row.email,
        phone=row.phone,
    )


def _contract(read: Reader, accounts: Sequence[CarrierAccount]) -> int | None:
    """Of ``contract``, else of ``shipment.id``: a shipping method is a contract here."""
    number = read.whole("contract", least=1, most=2**63 - 1)
    name = "contract"
    if number is None:
        method = read.told.get("shipment")
        inner = Reader(method if isinstance(method, Mapping) else {})
        number, name = inner.whole("id", least=0, most=2**63 - 1), "shipment"
        if inner.problems:
            read.wrong(name, "A valid integer is required as its id.")
    if not number:
        return None
    if all(row.pk != number for row in accounts):
        read.wrong(name, "There is no shipping method with this id: see GET /shipping_methods.")
        return None
    return number


def _currency(read: Reader, usual: str) -> str:
    code = read.text("total_order_value_currency", longest=40).strip().upper() or usual
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        read.wrong("total_order_value_currency", f"“{code[:10]}” is not a valid choice.")
        return usual
    return code


def _items(read: Reader, currency: str) -> list[AnnouncedItem]:
    told = read.entries("parcel_items")
    if not told:
        return []
    if len(told) > MOST_ITEMS:
        read.wrong("parcel_items", f"At most {MOST_ITEMS} items.")
        return []
    items, problems = [], []
    for one in told:
        inner = Reader(one if isinstance(one, Mapping) else {})
        if not isinstance(one, Mapping):
            inner.wrong("non_field_errors", "Invalid data. Expected an object.")
        items.append(_item(inner, currency))
        problems.append(inner.problems)
    if any(problems):
        read.problems["parcel_items"] = problems
    return items


def _item(read: Reader, currency: str) -> AnnouncedItem:
    quantity = read.whole("quantity", least=1, most=MOST_UNITS)
    if quantity is None and read.told.get("quantity") in (None, ""):
        quantity = 1
    name = read.text("description", longest=500)
    if not name.strip():
        read.wrong("description", REQUIRED)
    return AnnouncedItem(
        name=name,
        quantity=quantity or 1,
        price_minor=_price(read, currency),
        weight_g=_item_weight(read),
        sku=read.text("sku", longest=120),
        product_id=read.text("product_id", longest=120),
        hs_code=read.text("hs_code", longest=12),
        origin_country=country(read, "origin_country", needed=False),
        reason_id=_reason(read),
        note=read.text("return_message", longest=LONGEST_NOTE),
        properties=_properties(read),
    )


def _price(read: Reader, currency: str) -> int:
    number = read.number("value")
    minor = 0 if number is None else minor_of(number, currency)
    if minor is None or minor < 0:
        read.wrong("value", "This amount is out of range.")
    return max(0, minor or 0)


def _item_weight(read: Reader) -> int:
    number = read.number("weight")
    weight_g = 0 if number is None else grams_of(number)
    if weight_g is None:
        read.wrong("weight", "This weight is out of range.")
    return weight_g or 0


def _reason(read: Reader) -> int | None:
    """One of the brand's; clients of other services send numbers of theirs, which say nothing here."""
    told = str(read.told.get("return_reason") or "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 18 else None


def _properties(read: Reader) -> dict[str, str]:
    told = read.told.get("properties")
    told = told if isinstance(told, Mapping) else {}
    plain = {name: value for name, value in told.items() if isinstance(value, str | int)}
    return {str(name)[:80]: str(value)[:200] for name, value in list(plain.items())[:50]}
