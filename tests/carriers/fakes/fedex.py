"""FedEx: OAuth (one pair of keys to ship, another to track), Ship v1, cancel, Track v1."""

import base64
from dataclasses import replace
from typing import Any, ClassVar

from tests.carriers.conftest import MERCHANT
from tests.carriers.fakes.behind_karrio import BehindKarrio
from tests.carriers.fakes.paper import pdf
from tests.carriers.fakes.server import Answer, Heard

PARIS = replace(
    MERCHANT,
    street="Rue de Rivoli",
    house_number="1",
    city="Paris",
    postal_code="75001",
    country="FR",
)


class FakeFedEx(BehindKarrio):
    CODE: ClassVar[str] = "fedex"
    HOSTS: ClassVar[tuple[str, ...]] = ("apis-sandbox.fedex.com", "apis.fedex.com")
    TOKEN: ClassVar[str] = "/oauth/token"
    PURCHASE: ClassVar[str] = "POST /ship/v1/shipments"
    VOID: ClassVar[str] = "PUT /ship/v1/shipments/cancel"
    TRACKING: ClassVar[str] = "POST /track/v1/trackingnumbers"
    WISH: ClassVar[dict[str, Any]] = {"service": "fedex_regional_economy", "receiver": PARIS}

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {
            "api_key": "key",
            "secret_key": "app-secret",
            "account_number": "740561073",
            "track_api_key": "track-key",
            "track_secret_key": "track-secret",
        }
        self.voided: list[str] = []

    def may_have_token(self, heard: Heard) -> bool:
        pairs = (
            b"client_id=key&client_secret=app-secret",
            b"client_id=track-key&client_secret=track-secret",
        )
        return any(pair in heard.body for pair in pairs)

    def stranger(self) -> Answer:
        return _no(401, "NOT.AUTHORIZED.ERROR", "The given client credentials were not valid.")

    def serve(self, heard: Heard) -> Answer:
        if heard.line == self.PURCHASE:
            return self.sell(heard.words["requestedShipment"])
        if heard.line == self.VOID:
            return self.void(heard.words["trackingNumber"])
        if heard.line == self.TRACKING:
            return self.track(heard.words["trackingInfo"])
        return _no(404, "NOT.FOUND.ERROR", "Nothing is here.")

    def sell(self, shipment: dict[str, Any]) -> Answer:
        if shipment["shipper"]["address"]["city"] == "Nowhere":
            return _no(400, "SHIPPER.CITY.INVALID", "The city Nowhere does not exist.")
        number = f"7946{next(self.numbers):08d}"
        references = shipment["requestedPackageLineItems"][0]["customerReferences"]
        self.bought.append(references[0]["value"])
        label = {
            "contentType": "LABEL",
            "docType": "PDF",
            "encodedLabel": base64.b64encode(pdf()).decode(),
        }
        rates = [
            {"rateType": "PAYOR_LIST_PACKAGE", "totalNetCharge": 21.5, "currency": "EUR"},
            {"rateType": "PAYOR_ACCOUNT_PACKAGE", "totalNetCharge": 12.4, "currency": "EUR"},
        ]
        made = {
            "masterTrackingNumber": number,
            "serviceType": shipment["serviceType"],
            "serviceName": "FedEx Regional Economy®",
            "pieceResponses": [{"trackingNumber": number, "packageDocuments": [label]}],
            "completedShipmentDetail": {"shipmentRating": {"shipmentRateDetails": rates}},
        }
        return Answer(words={"transactionId": "t", "output": {"transactionShipments": [made]}})

    def void(self, number: str) -> Answer:
        if number in self.voided:
            return _no(400, "SHIPMENT.ALREADY.CANCELLED", "The shipment was already cancelled.")
        self.voided.append(number)
        return Answer(words={"output": {"cancelledShipment": True, "cancelledHistory": True}})

    def track(self, asked: list[dict[str, Any]]) -> Answer:
        numbers = [one["trackingNumberInfo"]["trackingNumber"] for one in asked]
        results = [
            {"trackingNumber": number, "trackResults": [self._result(number)]} for number in numbers
        ]
        return Answer(words={"output": {"completeTrackResults": results}})

    def _result(self, number: str) -> dict[str, Any]:
        if number not in self.scans:
            return {"error": {"code": "TRACKING.TRACKINGNUMBER.NOTFOUND", "message": "Not found."}}
        return {
            "latestStatusDetail": {"code": self.scans[number][0]["eventType"]},
            "scanEvents": self.scans[number],
        }


def event(kind: str, when: str, words: str) -> dict[str, Any]:
    where = {"city": "TORINO", "countryCode": "IT"}
    return {"eventType": kind, "date": when, "eventDescription": words, "scanLocation": where}


def _no(status: int, code: str, words: str) -> Answer:
    return Answer(status, {"transactionId": "t", "errors": [{"code": code, "message": words}]})
