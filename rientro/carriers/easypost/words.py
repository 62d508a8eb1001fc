"""Our words -> EasyPost's, and back. Source: docs.easypost.com (2026) and its own recorded answers (2022 to 2025)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rientro.carriers.base import (
    Address,
    BoughtLabel,
    CancelResult,
    InvalidRequest,
    LabelRequest,
    Quote,
    Scan,
)
from rientro.carriers.easypost.statuses import state_of
from rientro.carriers.wire import Words
from rientro.kit.addresses import AddressFields, street_line
from rientro.kit.money import Money, decimals_of
from rientro.kit.sentences import Sentence
from rientro.policy.tracking import LABEL_VOID_REFUSED, LABEL_VOIDED

GRAMS_AN_OUNCE = Decimal("28.349523125")
MM_AN_INCH = Decimal("25.4")
TENTH = Decimal("0.1")
CHEAPEST = "cheapest"  # a service of ours: whichever rate of the account costs least
PAID_ON_USE = frozenset({"uspsreturns"})  # carriers that bill a label when its parcel travels
OWN_CONTRACT = "carrier"  # billing_type of a rate that the merchant's own carrier account pays
REFUNDS = {
    "submitted": CancelResult(
        outcome="requested",
        message=Sentence("EasyPost asks the carrier; that takes up to 30 days."),
    ),
    "refunded": CancelResult(outcome="voided"),
    "rejected": CancelResult(
        outcome="refused", message=Sentence("The carrier refuses to take this label back.")
    ),
    "not_applicable": CancelResult(
        outcome="refused",
        message=Sentence("There is nothing to give back: this label is paid only when it is used."),
    ),
}
REFUND_NEWS = {"refunded": LABEL_VOIDED, "rejected": LABEL_VOID_REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A price for one service of one carrier account; ``id`` buys it."""

    id: str
    carrier: str
    service: str
    price: Money
    days: int
    own_contract: bool

    @property
    def code(self) -> str:
        return f"{self.carrier}:{self.service}"

    @property
    def paid_on_use(self) -> bool:
        return self.carrier.casefold() in PAID_ON_USE

    def is_meant_by(self, wanted: str) -> bool:
        """``USPS:Priority``, ``USPS`` alone, or empty for any; capitals do not matter."""
        carrier, _, service = wanted.casefold().partition(":")
        return (not carrier or self.carrier.casefold() == carrier) and (
            not service or self.service.casefold() == service
        )


# Ours -> theirs


def shipment_out(
    request: LabelRequest, *, accounts: Sequence[str], signer: str, reference: str = ""
) -> dict[str, Any]:
    """The body of POST /shipments.

    ``is_return`` makes EasyPost swap the two addresses: they go out as in the shipment that once brought the
    goods, from the merchant to the shopper. Raises InvalidRequest.
    """
    if request.parcel.weight_g <= 0:
        raise InvalidRequest("EasyPost needs the weight of the parcel.")
    told: dict[str, Any] = {
        "from_address": address_out(request.receiver),
        "to_address": address_out(request.sender),
        "is_return": True,
        "parcel": parcel_out(request),
        "options": {"label_format": "PDF", "label_size": "4x6"},
    }
    if request.description:
        told["options"]["print_custom_1"] = request.description[:35]
    if reference:
        told["reference"] = reference
    if accounts:
        told["carrier_accounts"] = list(accounts)
    if request.customs is not None:
        told["customs_info"] = customs_out(request, signer)
        if request.customs.invoice_number:
            told["options"]["invoice_number"] = request.customs.invoice_number[:35]
    return {"shipment": told}


def address_out(address: Address) -> dict[str, str]:
    line = street_line(
        AddressFields(
            country=address.country, street=address.street, house_number=address.house_number
        )
    )
    told = {
        "name": address.name,
        "company": address.company,
        "street1": line,
        "street2": address.address_2,
        "city": address.city,
        "state": address.state,
        "zip": address.postal_code,
        "country": address.country,
        "phone": address.phone,
        "email": address.email,
    }
    return {name: value for name, value in told.items() if value}


def parcel_out(request: LabelRequest) -> dict[str, float]:
    """Ounces and inches, to a tenth; sizes only where all three are known."""
    told = {"weight": _tenths(Decimal(request.parcel.weight_g) / GRAMS_AN_OUNCE)}
    sizes = {
        "length": request.parcel.length_mm,
        "width": request.parcel.width_mm,
        "height": request.parcel.height_mm,
    }
    if all(sizes.values()):
        told |= {name: _tenths(Decimal(size) / MM_AN_INCH) for name, size in sizes.items()}
    return told


def _tenths(number: Decimal) -> float:
    return float(max(number.quantize(TENTH, ROUND_HALF_UP), TENTH))


def customs_out(request: LabelRequest, signer: str) -> dict[str, Any]:
    """Values and weights are of a whole line there, not of a piece."""
    assert request.customs is not None
    if not signer:
        raise InvalidRequest(
            "Enter under Settings › Carriers › EasyPost who signs customs forms: this parcel crosses a border."
        )
    currency = request.customs.currency
    return {
        "customs_certify": True,
        "customs_signer": signer,
        "contents_type": request.customs.contents,
        "restriction_type": "none",
        "non_delivery_option": "return",
        "eel_pfc": "NOEEI 30.37(a)",
        "customs_items": [
            {
                "description": item.description,
                "quantity": item.quantity,
                "value": str(Money(item.value_minor * item.quantity, currency).decimal()),
                "currency": currency,
                "weight": _tenths(Decimal(item.weight_g * item.quantity) / GRAMS_AN_OUNCE),
                "hs_tariff_number": item.hs_code,
                "origin_country": item.origin_country,
                **({"code": item.sku[:20]} if item.sku else {}),
            }
            for item in request.customs.items
        ],
    }


# Theirs -> ours


def rates_in(shipment: Words) -> list[Rate]:
    """Cheapest first."""
    found = [rate_in(rate) for rate in shipment.each("rates")]
    return sorted(found, key=lambda rate: (rate.price.minor, rate.code))


def rate_in(found: Words) -> Rate:
    days = found.whole("delivery_days") if found.is_told("delivery_days") else 0
    return Rate(
        id=found.text("id"),
        carrier=found.text("carrier", limit=60),
        service=found.text("service", limit=80),
        price=money_in(found, "rate", found.text("currency")),
        days=days,
        own_contract=found.text("billing_type", required=False) == OWN_CONTRACT,
    )


def chosen_rate(shipment: Words, service: str) -> Rate:
    """The cheapest rate of ``service``. Raises InvalidRequest with what the carriers said."""
    wanted = "" if service == CHEAPEST else service
    for rate in rates_in(shipment):
        if rate.is_meant_by(wanted):
            return rate
    said = _messages(shipment)
    name = service or CHEAPEST
    raise InvalidRequest(
        said or Sentence("EasyPost has no price of %(name)s for this parcel.", name=name)
    )


def _messages(shipment: Words) -> str:
    """Why carriers gave no price."""
    told = shipment.each("messages") if shipment.is_told("messages") else []
    said = [
        f"{one.text('carrier', required=False)}: {one.text('message', required=False)}"
        for one in told[:3]
    ]
    return " ".join(dict.fromkeys(said))


def quote_in(rate: Rate) -> Quote:
    return Quote(service=rate.code, price=rate.price, days=rate.days)


def is_bought(shipment: Words) -> bool:
    return shipment.is_told("selected_rate") and shipment.is_told("postage_label")


def label_in(shipment: Words) -> BoughtLabel:
    """The label of a bought shipment.

    What EasyPost bills itself is the rate and its own fees; where the merchant's contract with the carrier pays,
    or nobody pays before the parcel travels, the price is only what was quoted.
    """
    rate = rate_in(shipment.inner("selected_rate"))
    return BoughtLabel(
        carrier_reference=shipment.text("id", limit=120),
        tracking_number=shipment.text("tracking_code", limit=80),
        price=rate.price + _fees(shipment, rate.price.currency),
        priced=not (rate.own_contract or rate.paid_on_use),
        voided=_refund_status(shipment) == "refunded",
        facts={
            "own_paper": True,
            "service_name": f"{rate.carrier} {rate.service}",
            "reference": shipment.text("reference", required=False),
            "mode": shipment.text("mode", required=False),
            "charged": "first_scan" if rate.paid_on_use else "creation",
        },
    )


def _fees(shipment: Words, currency: str) -> Money:
    """EasyPost's own fees; the postage is in the rate already."""
    total = Money(0, currency)
    for fee in shipment.each("fees") if shipment.is_told("fees") else []:
        if fee.text("type") != "PostageFee":
            total += money_in(fee, "amount", currency)
    return total


def money_in(found: Words, name: str, currency: str) -> Money:
    """Amounts come with five decimals (``5.93000``); what is finer than a cent is rounded, as a bill does."""
    try:
        exact = Decimal(found.amount(name))
        step = Decimal(1).scaleb(-decimals_of(currency))
        price = Money.parse(str(exact.quantize(step, ROUND_HALF_UP)), currency)
    except (ValueError, ArithmeticError) as error:
        raise found.doubt from error
    if price.minor < 0:
        raise found.doubt
    return price


def _refund_status(shipment: Words) -> str:
    return shipment.text("refund_status", required=False)


def refund_in(shipment: Words) -> CancelResult | None:
    """What became of giving a label back; None when nobody asked."""
    return REFUNDS.get(_refund_status(shipment))


def refund_news_in(refund: Words, *, at: datetime) -> list[Scan]:
    """What a carrier decided about a label that was given back; nothing while it has not."""
    decided = REFUND_NEWS.get(refund.text("status"))
    if decided is None:
        return []
    number = refund.text("tracking_code", limit=80)
    return [
        Scan(
            tracking_number=number,
            status=decided,
            occurred_at=refund.moment("updated_at") if refund.is_told("updated_at") else at,
            key=f"refund-{refund.text('id', limit=60)}-{decided}",
            code=refund.text("status", limit=60),
            description=REFUNDS[refund.text("status")].message,
        )
    ]


def scans_in(tracker: Words) -> list[Scan]:
    """The movements of one tracker; the same scan has one key, polled or by webhook."""
    number = tracker.text("tracking_code", limit=80)
    found = [_scan_in(number, detail) for detail in tracker.each("tracking_details")]
    return [scan for scan in found if scan is not None]


def _scan_in(number: str, detail: Words) -> Scan | None:
    status = detail.text("status", limit=60, required=False)
    more = detail.text("status_detail", limit=60, required=False)
    state = state_of(status, more)
    if state is None:
        return None
    at = detail.moment("datetime")
    said = detail.text("message", required=False)
    stamp = f"{number}|{int(at.timestamp())}|{status}|{said}"
    return Scan(
        tracking_number=number,
        status=state.value,
        occurred_at=at,
        key=hashlib.sha256(stamp.encode()).hexdigest()[:40],
        code=more or status,
        description=said,
        place=_place(detail),
    )


def _place(detail: Words) -> str:
    if not detail.is_told("tracking_location"):
        return ""
    location = detail.inner("tracking_location")
    parts = (location.text(name, limit=60, required=False) for name in ("city", "state", "country"))
    return ", ".join(part for part in parts if part)
