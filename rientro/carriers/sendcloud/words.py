"""Our words -> Sendcloud's, and back. Source: its version 3 OpenAPI files (January and August 2026)."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from rientro.carriers.base import (
    Address,
    CarrierError,
    InvalidRequest,
    LabelRequest,
    Quote,
    Scan,
    Service,
)
from rientro.carriers.sendcloud.statuses import Row
from rientro.carriers.wire import Words
from rientro.kit.money import Money

AT = "@"  # between an option and the contract that sells it, where several do
ON_SCAN = "#scan"  # ends the code of an option that is billed when its parcel is first scanned
KILOGRAMS = {"kg": Decimal(1000), "g": Decimal(1), "lbs": Decimal("453.59237")}
KILOGRAMS["oz"] = KILOGRAMS["lbs"] / 16
HOURS_A_DAY = 24
LATEST_SECONDS = 10**11  # a larger number of an epoch is in milliseconds
NO_PRICE = Money(0, "EUR")


@dataclass(frozen=True, slots=True)
class Reference:
    """Theirs of one label: the return's number (0 where only its parcel was found) and the parcel's."""

    ret: int
    parcel: int

    def __str__(self) -> str:
        return f"{self.ret or ''}/{self.parcel}"


def reference_of(carrier_reference: str) -> Reference:
    """Raises InvalidRequest for what is none of ours."""
    ret, slash, parcel = carrier_reference.partition("/")
    if not slash or not _is_number(parcel) or not (ret == "" or _is_number(ret)):
        raise InvalidRequest("This is no label of Sendcloud's.")
    return Reference(int(ret or 0), int(parcel))


def _is_number(told: str) -> bool:
    return told.isascii() and told.isdigit() and len(told) <= 18


# Ours -> theirs


def return_out(request: LabelRequest, brand_id: str) -> dict[str, Any]:
    """The body of POST /returns and of its twins. Raises InvalidRequest without a service or a weight."""
    if not request.service:
        raise InvalidRequest("Choose a shipping option of Sendcloud for this carrier account.")
    if request.parcel.weight_g <= 0:
        raise InvalidRequest("Sendcloud needs the weight of the parcel.")
    told: dict[str, Any] = {
        "from_address": address_out(request.sender),
        "to_address": address_out(request.receiver),
        "ship_with": ship_with(request.service),
        "weight": {"value": request.parcel.weight_g / 1000, "unit": "kg"},
        "collo_count": 1,
        "parcel_items": items_out(request),
        "send_tracking_emails": False,  # the house writes to shoppers itself
        # Sendcloud's own look-up of parcels knows both.
        "order_number": request.reference,
        "external_reference": request.reference,
    }
    if brand_id:
        told["brand_id"] = int(brand_id)
    sizes = (request.parcel.length_mm, request.parcel.width_mm, request.parcel.height_mm)
    if all(sizes):
        length, width, height = (size / 10 for size in sizes)
        told["dimensions"] = {"length": length, "width": width, "height": height, "unit": "cm"}
    return told | customs_out(request)


def charged_on(service: str) -> str:
    """When a label of this option is billed, as Sendcloud told when it listed the option."""
    return "first_scan" if service.endswith(ON_SCAN) else "creation"


def ship_with(service: str) -> dict[str, Any]:
    code, at, contract = service.removesuffix(ON_SCAN).partition(AT)
    told: dict[str, Any] = {"type": "shipping_option_code", "shipping_option_code": code}
    return told | ({"contract": int(contract)} if at and _is_number(contract) else {})


def address_out(address: Address) -> dict[str, Any]:
    told = {
        "name": address.name or address.company,
        "company_name": address.company,
        "address_line_1": address.street,
        "house_number": address.house_number,
        "address_line_2": address.address_2,
        "postal_code": address.postal_code,
        "city": address.city,
        "country_code": address.country,
        "email": address.email,
        "phone_number": address.phone,
    }
    if code := state_code(address):
        told["state_province_code"] = code
    return {name: value for name, value in told.items() if value}


def state_code(address: Address) -> str:
    """ISO 3166-2, such as IT-TO; empty for a state that is written out, which Sendcloud would refuse."""
    state = address.state.strip().upper().removeprefix(f"{address.country}-")
    return f"{address.country}-{state}" if state.isalnum() and len(state) <= 3 else ""


def items_out(request: LabelRequest) -> list[dict[str, Any]]:
    """The goods, where customs wants them; else one line which says whose parcel it is."""
    if request.customs is None:
        whole = {"value": request.parcel.weight_g / 1000, "unit": "kg"}
        return [
            {
                "description": request.description or request.reference,
                "quantity": 1,
                "weight": whole,
            }
        ]
    currency = request.customs.currency
    return [
        {
            "description": item.description,
            "quantity": item.quantity,
            "weight": {"value": item.weight_g / 1000, "unit": "kg"},
            "price": {
                "value": float(Money(item.value_minor, currency).decimal()),
                "currency": currency,
            },
            **({"hs_code": item.hs_code} if item.hs_code else {}),
            **({"origin_country": item.origin_country} if item.origin_country else {}),
            **({"sku": item.sku} if item.sku else {}),
        }
        for item in request.customs.items
    ]


def customs_out(request: LabelRequest) -> dict[str, Any]:
    if request.customs is None:
        return {}
    invoice = request.customs.invoice_number or request.reference
    reason = (
        "returned_goods" if request.customs.contents == "returned_goods" else "commercial_goods"
    )
    country = request.receiver.country
    numbers = [
        {"name": name, "country_code": country, "value": value}
        for name, value in (
            ("VAT", request.customs.receiver_vat),
            ("EORI", request.customs.receiver_eori),
        )
        if value
    ]
    told: dict[str, Any] = {"invoice_number": invoice[:40], "export_reason": reason}
    if numbers:
        told["tax_numbers"] = {"receiver": numbers}
    return {"customs_invoice_nr": invoice[:40], "customs_information": told}


def options_out(
    origin: Address, destination: Address, *, weight_g: int = 0, service: str = ""
) -> dict[str, Any]:
    """The body of POST /shipping-options: return options between two places, with prices for a weight."""
    told: dict[str, Any] = {
        "from_country_code": origin.country,
        "to_country_code": destination.country,
        "functionalities": {"returns": True},
        "calculate_quotes": bool(weight_g),
    }
    for name, code in (
        ("from_postal_code", origin.postal_code),
        ("to_postal_code", destination.postal_code),
    ):
        if code:
            told[name] = code
    if weight_g:
        kilograms = str(Decimal(weight_g) / 1000)
        told["parcels"] = [{"weight": {"value": kilograms, "unit": "kg"}}]
    code, _, contract = service.removesuffix(ON_SCAN).partition(AT)
    if code:
        told["shipping_option_code"] = code
    if contract:
        told["contract_id"] = int(contract)
    return told


# Theirs -> ours


def services_in(options: Sequence[Words], origin: str, destination: str) -> list[Service]:
    codes = [option.text("code", limit=120) for option in options]
    return [
        Service(
            code=_service_code(option, several=codes.count(code) > 1),
            name=option.text("name"),
            origin=origin,
            destination=destination,
            max_weight_g=_heaviest(option),
        )
        for option, code in zip(options, codes, strict=True)
    ]


def _service_code(option: Words, *, several: bool) -> str:
    code = option.text("code", limit=120)
    if several and option.is_told("contract"):
        code = f"{code}{AT}{option.inner('contract').whole('id')}"
    on_scan = option.text("charging_type", required=False) == "first_scan"
    return code + ON_SCAN if on_scan else code


def _heaviest(option: Words) -> int:
    if not option.is_told("weight") or not option.inner("weight").is_told("max"):
        return 0
    most = option.inner("weight").inner("max")
    factor = KILOGRAMS.get(most.text("unit", required=False))
    try:
        return int(Decimal(most.amount("value")) * factor) if factor else 0
    except ArithmeticError as error:
        raise option.doubt from error


def quotes_in(options: Sequence[Words], service: str) -> list[Quote]:
    """One price for each option that tells one, cheapest first."""
    found = []
    codes = [option.text("code", limit=120) for option in options]
    for option, code in zip(options, codes, strict=True):
        if not option.is_told("quotes"):
            continue
        for told in option.each("quotes"):
            price = money_in(told.inner("price").inner("total"))
            hours = told.whole("lead_time") if told.is_told("lead_time") else 0
            name = service or _service_code(option, several=codes.count(code) > 1)
            found.append(Quote(service=name, price=price, days=math.ceil(hours / HOURS_A_DAY)))
    return sorted(found, key=lambda quote: quote.price.minor)


def money_in(found: Words) -> Money:
    try:
        price = Money.parse(found.amount("value"), found.text("currency").upper())
    except ValueError as error:
        raise found.doubt from error
    if price.minor < 0:
        raise found.doubt
    return price


def price_in(found: Words) -> Money | None:
    """What a label costs, as far as its return tells in a form that we know; None when only the invoice will."""
    try:
        return money_in(found.inner("label_cost"))
    except CarrierError:
        return None


def scan_in(number: str, row: Row, at: datetime, *, description: str = "") -> Scan:
    """The same scan has one key, whether it was polled or came by webhook: neither has a number of its own."""
    assert row.state is not None
    stamp = f"{number}|{row.slug}|{int(at.timestamp())}"
    return Scan(
        tracking_number=number,
        status=row.state,
        occurred_at=at,
        key=hashlib.sha256(stamp.encode()).hexdigest()[:40],
        code=row.slug,
        description=description or row.message,
    )


def moment_of(epoch: object) -> datetime | None:
    """A moment from seconds or milliseconds since 1970; None for what is neither."""
    if isinstance(epoch, bool) or not isinstance(epoch, int | float) or epoch <= 0:
        return None
    seconds = epoch / 1000 if epoch >= LATEST_SECONDS else epoch
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
