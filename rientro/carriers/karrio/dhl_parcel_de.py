"""DHL Paket Deutschland: its Returns API, with the label to print and the QR code to show in a shop.

Source: DHL Parcel DE Returns v1 (`POST /parcel/de/shipping/returns/v1/orders?labelType=BOTH`) and Tracking v0 (XML in
the query), as public on 2026-11-25. There is no void: a return that nobody hands in is not billed.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from rientro.carriers.base import BoughtLabel, Can, LabelRequest, Scan
from rientro.carriers.karrio import answers, statuses
from rientro.carriers.karrio.adapter import KarrioCarrier, Offer
from rientro.carriers.karrio.outcomes import object_of
from rientro.carriers.karrio.parties import street_line
from rientro.carriers.karrio.transport import Exchange, Role, Route
from rientro.kit.money import Money

# The sender's countries of DHL Retoure Online and International, as the interface's page lists them; the contract
# decides which of them are open.
ORIGINS = frozenset(
    {
        *("AT", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR"),
        *("HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)
BERLIN = "Europe/Berlin"


class DhlParcelDe(KarrioCarrier):
    CODE: ClassVar[str] = "dhl_parcel_de"
    NAME: ClassVar[str] = "DHL Paket"
    PLUGIN: ClassVar[str] = "dhl_parcel_de"
    CAN: ClassVar[Can] = Can.LABELLESS | Can.TRACK | Can.CUSTOMS
    CREDENTIALS: ClassVar[tuple[str, ...]] = ("username", "password", "client_id", "client_secret")
    OFFERS: ClassVar[tuple[Offer, ...]] = (
        Offer(
            code="dhl_parcel_de_retoure",
            name="DHL Retoure",
            origins=ORIGINS,
            destinations=frozenset({"DE"}),
            max_weight_g=31_500,
        ),
    )
    TRACK_AT_ONCE: ClassVar[int] = 20

    def routes(self) -> tuple[Route, ...]:
        host = "api-sandbox.dhl.com" if self.test_mode else "api-eu.dhl.com"
        return (
            Route(Role.TOKEN, "POST", host, "/parcel/de/account/auth/ropc/v1/token"),
            Route(Role.PURCHASE, "POST", host, "/parcel/de/shipping/returns/v1/orders"),
            Route(Role.QUESTION, "GET", host, "/parcel/de/tracking/v0/shipments"),
        )

    def account(self) -> dict[str, Any]:
        # Karrio refuses every origin but this country; a return begins wherever the shopper is.
        return {name: self.credential(name) for name in self.CREDENTIALS} | {
            "account_country_code": ""
        }

    def options(self, request: LabelRequest) -> dict[str, Any]:
        receiver = self.setting("receiver_id")
        told = {"dhl_parcel_de_return_receiver_id": receiver} if receiver else {}
        # Only without a label type does Karrio ask for the QR code as well.
        return {"label_type": None, "options": told}

    def amend(self, request: LabelRequest, body: bytes) -> bytes:
        """Without a house number Karrio writes the second line into its place."""
        words = json.loads(body)
        sender, number = request.sender, request.sender.house_number
        apart = bool(number) and len(number) <= 10
        names = [sender.company, sender.name, sender.address_2]
        shipper = {
            **words["shipper"],
            "addressStreet": sender.street if apart else street_line(sender),
            "addressHouse": number if apart else None,
            **dict.fromkeys(("name1", "name2", "name3")),
            **dict(zip(("name1", "name2", "name3"), filter(None, names), strict=False)),
        }
        words["shipper"] = {name: value for name, value in shipper.items() if value}
        return json.dumps(words).encode()

    def read_label(self, request: LabelRequest, exchange: Exchange) -> BoughtLabel:
        found = object_of(exchange.body)
        number = self.words(found, exchange).text("shipmentNo", limit=60)
        code = answers.paper(_inner(found, "qrLabel").get("b64"))
        return BoughtLabel(
            carrier_reference=number,
            tracking_number=number,
            price=Money(0, "EUR"),
            priced=False,
            document=answers.paper(_inner(found, "label").get("b64")),
            code=code,
            code_link=_link(found.get("qrLink")),
            facts={
                "own_paper": True,
                "service_name": "DHL Retoure",
                "routing": str(found.get("routingCode") or "")[:60],
                "international_number": str(found.get("internationalShipmentNo") or "")[:60],
            },
        )

    def read_scans(self, exchange: Exchange, number: str) -> Sequence[Scan]:
        return list(_scans(exchange.body, number))


def _scans(body: bytes, number: str) -> Iterator[Scan]:
    for piece in answers.xml_of(body).iter("data"):
        if piece.get("name") != "piece-shipment" or number not in _numbers(piece.attrib):
            continue
        for event in piece.iter("data"):
            if event.get("name") == "piece-event" and event.get("event-timestamp"):
                standard, ice = event.get("standard-event-code", ""), event.get("ice", "")
                yield Scan(
                    tracking_number=number,
                    status=statuses.state_in(statuses.DHL_PARCEL_DE, ice, standard),
                    occurred_at=answers.moment(
                        event.attrib["event-timestamp"], BERLIN, "%d.%m.%Y %H:%M"
                    ),
                    key="",
                    code=(standard or ice)[:60],
                    description=(event.get("event-status") or event.get("event-text") or "")[:300],
                    place=_place(event.attrib),
                )


def _numbers(piece: dict[str, str]) -> set[str | None]:
    names = ("piece-code", "piece-identifier", "searched-piece-code")
    return {piece.get(name) for name in names}


def _place(event: dict[str, str]) -> str:
    told = (event.get("event-location"), event.get("event-country"))
    return ", ".join(filter(None, told))[:120]


def _inner(found: dict[str, Any], name: str) -> dict[str, Any]:
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def _link(told: Any) -> str:
    return told[:500] if isinstance(told, str) and told.startswith("https://") else ""
