"""DHL Paket: tokens by password, returns with label and QR code, tracking in XML."""

import base64
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import parse_qs
from xml.etree import ElementTree

from tests.carriers.conftest import MERCHANT
from tests.carriers.fakes.behind_karrio import BehindKarrio
from tests.carriers.fakes.paper import pdf
from tests.carriers.fakes.server import Answer, Heard

BERLIN = replace(MERCHANT, street="Torstraße 1", city="Berlin", postal_code="10119", country="DE")


class FakeDhlParcelDe(BehindKarrio):
    CODE: ClassVar[str] = "dhl_parcel_de"
    HOSTS: ClassVar[tuple[str, ...]] = ("api-sandbox.dhl.com", "api-eu.dhl.com")
    TOKEN: ClassVar[str] = "/parcel/de/account/auth/ropc/v1/token"
    PURCHASE: ClassVar[str] = "POST /parcel/de/shipping/returns/v1/orders"
    TRACKING: ClassVar[str] = "/parcel/de/tracking/v0/shipments"
    WISH: ClassVar[dict[str, Any]] = {"service": "dhl_parcel_de_retoure", "receiver": BERLIN}

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {
            "username": "user-valid",
            "password": "passwörd",
            "client_id": "key",
            "client_secret": "app-secret",
        }

    def may_have_token(self, heard: Heard) -> bool:
        told = {name: values[0] for name, values in parse_qs(heard.body.decode()).items()}
        return told == self.credentials | {"grant_type": "password"}

    def knows(self, heard: Heard) -> bool:
        if heard.path == self.TRACKING:
            key = base64.b64encode(b"key:app-secret").decode()
            return heard.headers.get("authorization") == f"Basic {key}"
        return super().knows(heard)

    def stranger(self) -> Answer:
        return Answer(
            401, {"status": 401, "title": "Unauthorized", "detail": "The credentials are wrong."}
        )

    def serve(self, heard: Heard) -> Answer:
        if heard.line == self.PURCHASE:
            return self.sell(heard)
        if heard.path == self.TRACKING:
            return self.track(heard)
        return Answer(404, {"status": 404, "title": "Not Found", "detail": "Nothing is here."})

    def sell(self, heard: Heard) -> Answer:
        words = heard.words
        if words["shipper"]["city"] == "Nowhere":
            problem = {
                "status": 400,
                "title": "Bad Request",
                "detail": "The city Nowhere does not exist.",
            }
            return Answer(400, problem)
        number = f"99999{next(self.numbers):07d}"
        self.bought.append(words["customerReference"])
        paper = {"b64": base64.b64encode(pdf()).decode(), "fileFormat": "PDF"}
        return Answer(
            201,
            {
                "sstatus": {"title": "Created", "status": 201},
                "shipmentNo": number,
                "internationalShipmentNo": f"RR{number[-9:]}DE",
                "routingCode": "40327653113+99000900210000",
                "label": paper,
                "qrLabel": paper,
                "qrLink": f"https://www.dhl.de/retoure/qr/{number}",
            },
        )

    def track(self, heard: Heard) -> Answer:
        asked = ElementTree.fromstring(heard.query["xml"][0]).get("piece-code", "").split(";")
        pieces = "".join(_piece(number, self.scans.get(number, [])) for number in asked)
        code = "0" if any(number in self.scans for number in asked) else "100"
        body = f'<?xml version="1.0"?><data name="pieces" code="{code}">{pieces}</data>'
        return Answer(body=body.encode(), headers={"Content-Type": "application/xml"})


def _piece(number: str, events: list[tuple[str, str, str, str]]) -> str:
    told = "".join(
        f'<data name="piece-event" event-timestamp="{when}" ice="{ice}" standard-event-code="{code}"'
        f' event-status="{words}" event-location="Berlin" event-country="Deutschland"/>'
        for when, ice, code, words in events
    )
    status = "0" if events else "100"
    return (
        f'<data name="piece-shipment" piece-code="{number}" error-status="{status}">'
        f'<data name="piece-event-list">{told}</data></data>'
    )
