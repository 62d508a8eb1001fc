"""UPS: OAuth, shipping v2409 with a picture of the label, void, tracking one number at a time."""

import base64
import io
from functools import cache
from typing import Any, ClassVar

import segno
from PIL import Image

from tests.carriers.fakes.behind_karrio import BehindKarrio
from tests.carriers.fakes.server import Answer, Heard


class FakeUps(BehindKarrio):
    CODE: ClassVar[str] = "ups"
    HOSTS: ClassVar[tuple[str, ...]] = ("wwwcie.ups.com", "onlinetools.ups.com")
    TOKEN: ClassVar[str] = "/security/v1/oauth/token"
    PURCHASE: ClassVar[str] = "POST /api/shipments/v2409/ship"
    VOID: ClassVar[str] = "/api/shipments/v2409/void/cancel/"
    TRACKING: ClassVar[str] = "/api/track/v1/details/"
    WISH: ClassVar[dict[str, Any]] = {"service": "ups_standard"}

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {
            "client_id": "client",
            "client_secret": "app-secret",
            "account_number": "A1B2C3",
        }
        self.voided: list[str] = []

    def may_have_token(self, heard: Heard) -> bool:
        key = base64.b64encode(b"client:app-secret").decode()
        return heard.headers.get("authorization") == f"Basic {key}"

    def stranger(self) -> Answer:
        return _no(401, "250002", "Invalid Authentication Information.")

    def serve(self, heard: Heard) -> Answer:
        if heard.line == self.PURCHASE:
            return self.sell(heard.words["ShipmentRequest"])
        if heard.method == "DELETE" and heard.path.startswith(self.VOID):
            return self.void(heard.path.removeprefix(self.VOID))
        if heard.method == "GET" and heard.path.startswith(self.TRACKING):
            return self.track(heard.path.removeprefix(self.TRACKING))
        return _no(404, "404", "Nothing is here.")

    def sell(self, words: dict[str, Any]) -> Answer:
        shipment = words["Shipment"]
        if shipment["ShipFrom"]["Address"]["City"] == "Nowhere":
            return _no(400, "120206", "The city Nowhere does not exist.")
        if shipment["Shipper"]["ShipperNumber"] != "A1B2C3":
            return _no(400, "120100", "Missing or invalid shipper number.")
        number = f"1ZA1B2C3{next(self.numbers):010d}"
        self.bought.append(words["Request"]["TransactionReference"]["CustomerContext"])
        charges = {"CurrencyCode": "EUR", "MonetaryValue": "9.90"}
        label = {"ImageFormat": {"Code": "PNG"}, "GraphicImage": picture()}
        results = {
            "ShipmentCharges": {"TotalCharges": charges},
            "NegotiatedRateCharges": {"TotalCharge": charges | {"MonetaryValue": "6.35"}},
            "ShipmentIdentificationNumber": number,
            "PackageResults": [{"TrackingNumber": number, "ShippingLabel": label}],
        }
        status = {"ResponseStatus": {"Code": "1", "Description": "Success"}}
        return Answer(words={"ShipmentResponse": {"Response": status, "ShipmentResults": results}})

    def void(self, number: str) -> Answer:
        if number in self.voided:
            return _no(400, "190117", "The shipment has already been voided.")
        self.voided.append(number)
        status = {"Code": "1", "Description": "Voided"}
        answer = {
            "Response": {"ResponseStatus": {"Code": "1"}},
            "SummaryResult": {"Status": status},
        }
        return Answer(words={"VoidShipmentResponse": answer})

    def track(self, number: str) -> Answer:
        if number not in self.scans:
            return _no(404, "TW0001", "Tracking Information Not Found")
        package = {"trackingNumber": number, "activity": self.scans[number]}
        return Answer(words={"trackResponse": {"shipment": [{"package": [package]}]}})


def activity(kind: str, code: str, day: str, time: str, words: str) -> dict[str, Any]:
    return {
        "date": day,
        "time": time,
        "gmtDate": day,
        "gmtTime": f"{time[:2]}:{time[2:4]}:{time[4:]}",
        "status": {"type": kind, "code": code, "description": words},
        "location": {"address": {"city": "Milano", "country": "IT"}},
    }


def _no(status: int, code: str, words: str) -> Answer:
    return Answer(status, {"response": {"errors": [{"code": code, "message": words}]}})


@cache
def picture() -> str:
    """A label lying on its side, as UPS draws it: 1400 × 800 dots, of which the last 200 are blank."""
    label = Image.new("1", (1400, 800), 1)
    code = io.BytesIO()
    segno.make_qr("UPS LABEL").save(code, kind="png", scale=10, border=4)
    label.paste(Image.open(code).convert("1").rotate(90), (300, 100))
    out = io.BytesIO()
    label.save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()
