"""FedEx: a return label that the shopper prints (PRINT_RETURN_LABEL).

Source: FedEx Ship v1 (`POST /ship/v1/shipments`, `PUT /ship/v1/shipments/cancel`) and Track v1, as public on
2026-11-25. Tracking has a project and keys of its own at FedEx.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from rientro.carriers.base import Address, BoughtLabel, Can, LabelRequest, Scan
from rientro.carriers.karrio import answers, statuses
from rientro.carriers.karrio.adapter import KarrioCarrier, Offer
from rientro.carriers.karrio.outcomes import object_of, told_in
from rientro.carriers.karrio.parties import kilograms, lines
from rientro.carriers.karrio.transport import Exchange, Role, Route
from rientro.carriers.wire import Words
from rientro.kit.money import Money
from rientro.policy.customs import MEMBERS as EU

US = frozenset({"US"})
NO_PHONE = "0000000000"


class FedEx(KarrioCarrier):
    CODE: ClassVar[str] = "fedex"
    NAME: ClassVar[str] = "FedEx"
    PLUGIN: ClassVar[str] = "fedex"
    CAN: ClassVar[Can] = Can.CANCEL | Can.TRACK
    CREDENTIALS: ClassVar[tuple[str, ...]] = ("api_key", "secret_key", "account_number")
    OFFERS: ClassVar[tuple[Offer, ...]] = (
        Offer(
            code="fedex_regional_economy",
            name="FedEx Regional Economy",
            origins=EU,
            destinations=EU,
            max_weight_g=68_000,
            abroad=True,
        ),
        Offer(
            code="fedex_international_priority",
            name="FedEx International Priority",
            origins=EU,
            destinations=EU,
            max_weight_g=68_000,
            abroad=True,
        ),
        Offer(
            code="fedex_priority_overnight",
            name="FedEx Priority Overnight",
            origins=US,
            destinations=US,
            max_weight_g=68_000,
        ),
        Offer(
            code="fedex_ground",
            name="FedEx Ground",
            origins=US,
            destinations=US,
            max_weight_g=68_000,
        ),
    )
    TRACK_AT_ONCE: ClassVar[int] = 30

    def __init__(self, credentials: dict[str, Any], settings: dict[str, Any]) -> None:
        super().__init__(credentials, settings)
        if not (self.credential("track_api_key") and self.credential("track_secret_key")):
            self.can &= ~Can.TRACK

    def routes(self) -> tuple[Route, ...]:
        host = "apis-sandbox.fedex.com" if self.test_mode else "apis.fedex.com"
        return (
            Route(Role.TOKEN, "POST", host, "/oauth/token"),
            Route(Role.VOID, "PUT", host, "/ship/v1/shipments/cancel"),
            Route(Role.PURCHASE, "POST", host, "/ship/v1/shipments"),
            Route(Role.QUESTION, "POST", host, "/track/v1/trackingnumbers"),
        )

    def account(self) -> dict[str, Any]:
        names = (*self.CREDENTIALS, "track_api_key", "track_secret_key")
        return {name: self.credential(name) or None for name in names}

    def knock(self, work: Any) -> Any:
        return work.gateway.proxy.authenticate(work.karrio.lib.Serializable({}, ctx={}))

    def options(self, request: LabelRequest) -> dict[str, Any]:
        return {
            "payment": {"paid_by": "sender"},  # without it Karrio falls over
            "options": {"fedex_rma_association": request.reference[:20]},
        }

    def amend(self, request: LabelRequest, body: bytes) -> bytes:
        """Karrio turns streets round, lets the shopper's address pay, and asks for an invoice within one market."""
        words = json.loads(body)
        shipment = words["requestedShipment"]
        shopper, merchant = _party(request.sender), _party(request.receiver)
        shipment["shipper"], shipment["recipients"] = shopper, [merchant]
        shipment.pop("origin", None)
        account = {"accountNumber": {"value": self.credential("account_number")}}
        shipment["shippingChargesPayment"] = {
            "paymentType": "SENDER",
            "payor": {"responsibleParty": account},
        }
        shipment.pop("shippingDocumentSpecification", None)
        shipment["totalWeight"] = kilograms(request.parcel)
        for line in shipment["requestedPackageLineItems"]:
            line["weight"] = {"units": "KG", "value": kilograms(request.parcel)}
            line.pop("declaredValue", None)
        return json.dumps(words).encode()

    def read_label(self, request: LabelRequest, exchange: Exchange) -> BoughtLabel:
        shipment = object_of(exchange.body)["output"]["transactionShipments"][0]
        number = Words(shipment, self.doubt(exchange)).text("masterTrackingNumber", limit=60)
        price = _price(shipment)
        return BoughtLabel(
            carrier_reference=number,
            tracking_number=number,
            price=price or Money(0, "EUR"),
            priced=price is not None,
            document=_label(shipment),
            facts={
                "own_paper": True,
                "service_name": str(shipment.get("serviceName") or "FedEx")[:80],
            },
        )

    def is_voided(self, exchange: Exchange) -> bool:
        output = object_of(exchange.body).get("output") or {}
        return output.get("cancelledShipment") is True

    def read_scans(self, exchange: Exchange, number: str) -> Sequence[Scan]:
        return list(_scans(told_in(exchange.body), number))


def _party(address: Address) -> dict[str, Any]:
    where = {
        "streetLines": lines(address, limit=35, most=3),
        "city": address.city[:35],
        "stateOrProvinceCode": address.state[:2],
        "postalCode": address.postal_code[:10],
        "countryCode": address.country,
        "residential": not address.company,
    }
    contact = {
        "personName": (address.name or address.company)[:70],
        "companyName": address.company[:35],
        "phoneNumber": address.phone[:15] or NO_PHONE,
        "emailAddress": address.email[:80],
    }
    return {
        "address": {name: value for name, value in where.items() if value not in ("", [])},
        "contact": {name: value for name, value in contact.items() if value},
    }


def _label(shipment: dict[str, Any]) -> bytes | None:
    for piece in shipment.get("pieceResponses") or []:
        for found in piece.get("packageDocuments") or []:
            if "LABEL" in str(found.get("contentType")):
                return answers.paper(found.get("encodedLabel"))
    return None


def _price(shipment: dict[str, Any]) -> Money | None:
    """What the account pays; None where FedEx tells none."""
    rating = (shipment.get("completedShipmentDetail") or {}).get("shipmentRating") or {}
    rates = rating.get("shipmentRateDetails") or []
    usual = [rate for rate in rates if "ACCOUNT" in str(rate.get("rateType"))] or rates
    try:
        return Money.parse(str(usual[0]["totalNetCharge"]), str(usual[0]["currency"]))
    except (LookupError, ValueError):
        return None


def _scans(found: dict[str, Any], number: str) -> Iterator[Scan]:
    for result in (found.get("output") or {}).get("completeTrackResults") or []:
        if result.get("trackingNumber") != number:
            continue
        for track in result.get("trackResults") or []:
            for event in track.get("scanEvents") or []:
                code = str(event.get("eventType") or "")
                yield Scan(
                    tracking_number=number,
                    status=statuses.state_in(statuses.FEDEX, code),
                    occurred_at=answers.moment(str(event["date"]), "UTC"),
                    key="",
                    code=code[:60],
                    description=str(event.get("eventDescription") or "")[:300],
                    place=_place(event.get("scanLocation") or {}),
                )


def _place(where: dict[str, Any]) -> str:
    told = (where.get(name) for name in ("city", "stateOrProvinceCode", "countryCode"))
    return ", ".join(filter(None, told))[:120]
