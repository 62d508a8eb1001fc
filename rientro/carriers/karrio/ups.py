"""UPS: a return label that the shopper prints (ReturnService code 9), to be handed in at an access point.

Source: UPS Shipping v2409 (`POST /api/shipments/v2409/ship`, `DELETE …/void/cancel/{id}`) and Tracking v1, as public
on 2026-11-25. Karrio's own default is code 5, three attempts of a driver at the door, which costs more: never sent.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from rientro.carriers.base import Address, BoughtLabel, Can, LabelRequest, Scan
from rientro.carriers.karrio import answers, statuses
from rientro.carriers.karrio.adapter import KarrioCarrier, Offer
from rientro.carriers.karrio.outcomes import object_of, told_in
from rientro.carriers.karrio.parties import lines
from rientro.carriers.karrio.transport import Exchange, Role, Route
from rientro.carriers.wire import Words
from rientro.kit.money import Money
from rientro.policy.customs import MEMBERS as EU

US = frozenset({"US"})
PRINT_RETURN_LABEL = "9"
NO_PHONE = "0000000000"  # UPS wants ten digits; shoppers often leave none


class Ups(KarrioCarrier):
    CODE: ClassVar[str] = "ups"
    NAME: ClassVar[str] = "UPS"
    PLUGIN: ClassVar[str] = "ups"
    CAN: ClassVar[Can] = Can.CANCEL | Can.TRACK
    CREDENTIALS: ClassVar[tuple[str, ...]] = ("client_id", "client_secret", "account_number")
    OFFERS: ClassVar[tuple[Offer, ...]] = (
        Offer(
            code="ups_standard",
            name="UPS Standard",
            origins=EU,
            destinations=EU,
            max_weight_g=70_000,
        ),
        Offer(
            code="ups_worldwide_saver",
            name="UPS Express Saver",
            origins=EU,
            destinations=EU,
            max_weight_g=70_000,
        ),
        Offer(
            code="ups_ground",
            name="UPS Ground",
            origins=US,
            destinations=US,
            max_weight_g=68_000,
        ),
    )
    TRACK_AT_ONCE: ClassVar[int] = 10  # one question each, all within one deadline

    def routes(self) -> tuple[Route, ...]:
        host = "wwwcie.ups.com" if self.test_mode else "onlinetools.ups.com"
        return (
            Route(Role.TOKEN, "POST", host, "/security/v1/oauth/token"),
            Route(Role.PURCHASE, "POST", host, "/api/shipments/v2409/ship"),
            Route(Role.VOID, "DELETE", host, "/api/shipments/v2409/void/cancel/"),
            Route(Role.QUESTION, "GET", host, "/api/track/v1/details/"),
        )

    def account(self) -> dict[str, Any]:
        return {name: self.credential(name) for name in self.CREDENTIALS}

    def options(self, request: LabelRequest) -> dict[str, Any]:
        return {
            "payment": {"paid_by": "sender"},
            "options": {"ups_return_service": "ups_print_return_label"},
        }

    def amend(self, request: LabelRequest, body: bytes) -> bytes:
        """Who pays is the shipper, and the parcel comes from the shopper; Karrio makes the shopper both."""
        words = json.loads(body)
        shipment = words["ShipmentRequest"]["Shipment"]
        merchant, shopper = _party(request.receiver), _party(request.sender)
        shipment["Shipper"] = {**merchant, "ShipperNumber": self.credential("account_number")}
        shipment["ShipTo"], shipment["ShipFrom"] = merchant, shopper
        shipment["ReturnService"]["Code"] = PRINT_RETURN_LABEL
        shipment["NumOfPiecesInShipment"] = "1"
        shipment.pop("InvoiceLineTotal", None)  # an invented dollar, where there are no customs
        charges = shipment["PaymentInformation"]["ShipmentCharge"]
        shipment["PaymentInformation"]["ShipmentCharge"] = [c for c in charges if c["Type"] == "01"]
        for package in shipment["Package"]:
            if "None" in package.get("Dimensions", {}).values():
                del package["Dimensions"]
        return json.dumps(words).encode()

    def read_label(self, request: LabelRequest, exchange: Exchange) -> BoughtLabel:
        told = self.words(object_of(exchange.body), exchange)
        results = told.inner("ShipmentResponse").inner("ShipmentResults")
        found = object_of(exchange.body)["ShipmentResponse"]["ShipmentResults"]
        packages = found.get("PackageResults")
        package = packages[0] if isinstance(packages, list) else packages
        price = _price(found)
        return BoughtLabel(
            carrier_reference=results.text("ShipmentIdentificationNumber", limit=60),
            tracking_number=Words(package, self.doubt(exchange)).text("TrackingNumber", limit=60),
            price=price or Money(0, "EUR"),
            priced=price is not None,
            document=_label(package),
            facts={"own_paper": True, "service_name": self.offer_name(request.service)},
        )

    def is_voided(self, exchange: Exchange) -> bool:
        answer = object_of(exchange.body).get("VoidShipmentResponse") or {}
        summary = (answer.get("SummaryResult") or {}).get("Status") or {}
        return str(summary.get("Code")) == "1"

    def read_scans(self, exchange: Exchange, number: str) -> Sequence[Scan]:
        if not exchange.path.endswith(f"/{number}"):
            return []
        return list(_scans(told_in(exchange.body), number))


def _party(address: Address) -> dict[str, Any]:
    where = {
        "AddressLine": lines(address, limit=35, most=3),
        "City": address.city[:30],
        "StateProvinceCode": address.state[:5],
        "PostalCode": address.postal_code[:9],
        "CountryCode": address.country,
        "ResidentialAddressIndicator": "" if address.company else "Y",
    }
    return {
        "Name": (address.company or address.name)[:35],
        "AttentionName": (address.name or address.company)[:35],
        "Phone": {"Number": address.phone[:15] or NO_PHONE},
        "Address": {name: value for name, value in where.items() if value},
        **({"EMailAddress": address.email[:50]} if address.email else {}),
    }


def _label(package: dict[str, Any]) -> bytes | None:
    picture = (package.get("ShippingLabel") or {}).get("GraphicImage")
    return answers.picture_as_paper(picture, width_in=4, height_in=6)


def _price(found: dict[str, Any]) -> Money | None:
    """What the contract pays, else the list price; None where UPS tells none."""
    negotiated = (found.get("NegotiatedRateCharges") or {}).get("TotalCharge")
    charge = negotiated or (found.get("ShipmentCharges") or {}).get("TotalCharges") or {}
    try:
        return Money.parse(str(charge["MonetaryValue"]), str(charge["CurrencyCode"]))
    except (LookupError, ValueError):
        return None


def _scans(found: dict[str, Any], number: str) -> Iterator[Scan]:
    for shipment in (found.get("trackResponse") or {}).get("shipment") or []:
        for package in shipment.get("package") or []:
            if package.get("trackingNumber", number) != number:
                continue
            for activity in package.get("activity") or []:
                yield _scan(activity, number)


def _scan(activity: dict[str, Any], number: str) -> Scan:
    status = activity.get("status") or {}
    kind, code = str(status.get("type") or ""), str(status.get("code") or "")
    by_code = statuses.UPS_CODES.get(code.upper())
    return Scan(
        tracking_number=number,
        status=by_code or statuses.state_in(statuses.UPS_TYPES, kind),
        occurred_at=_when(activity),
        key="",
        code=f"{kind} {code}".strip()[:60],
        description=str(status.get("description") or "")[:300],
        place=_place(activity),
    )


def _when(activity: dict[str, Any]) -> datetime:
    """Greenwich where UPS tells it; else the clock of the place, which nobody tells us."""
    if activity.get("gmtDate") and activity.get("gmtTime"):
        told = f"{activity['gmtDate']} {activity['gmtTime']}"
        return answers.moment(told, "UTC", "%Y%m%d %H:%M:%S", "%Y%m%d %H%M%S").astimezone(UTC)
    return answers.moment(
        f"{activity['date']} {activity.get('time') or '000000'}", "UTC", "%Y%m%d %H%M%S"
    )


def _place(activity: dict[str, Any]) -> str:
    address = (activity.get("location") or {}).get("address") or {}
    told = (address.get(name) for name in ("city", "stateProvince", "country", "countryCode"))
    return ", ".join(dict.fromkeys(filter(None, told)))[:120]
