"""bpost: an order in XML that answers nothing, then its label by our reference; status changes; tracking in XML."""

import base64
from dataclasses import replace
from typing import Any, ClassVar
from xml.etree import ElementTree

from tests.carriers.conftest import MERCHANT, SHOPPER
from tests.carriers.fakes.behind_karrio import BehindKarrio
from tests.carriers.fakes.paper import pdf
from tests.carriers.fakes.server import Answer, Heard

GENT = replace(
    SHOPPER, street="Veldstraat", house_number="5", city="Gent", postal_code="9000", country="BE"
)
BRUSSELS = replace(
    MERCHANT,
    street="Wetstraat",
    house_number="16",
    city="Brussel",
    postal_code="1040",
    country="BE",
)
ORDERS = "/services/shm/107000/orders/"


class FakeBpost(BehindKarrio):
    CODE: ClassVar[str] = "bpost"
    HOSTS: ClassVar[tuple[str, ...]] = ("shm-rest.bpost.cloud", "api.parcel.bpost.cloud")
    PURCHASE: ClassVar[str] = f"POST {ORDERS}"
    WISH: ClassVar[dict[str, Any]] = {
        "service": "bpack_easy_retour",
        "sender": GENT,
        "receiver": BRUSSELS,
    }

    def __init__(self) -> None:
        super().__init__()
        self.settings = {"test_mode": "0"}  # there is no place for tests
        self.credentials = {"account_id": "107000", "passphrase": "app-secret"}
        self.orders: dict[str, str] = {}
        self.voided: list[str] = []

    def knows(self, heard: Heard) -> bool:
        key = base64.b64encode(b"107000:app-secret").decode()
        return heard.headers.get("authorization") == f"Basic {key}"

    def stranger(self) -> Answer:
        return Answer(401, body=b"Unauthorized", headers={"Content-Type": "text/plain"})

    def serve(self, heard: Heard) -> Answer:
        if heard.line == self.PURCHASE:
            return self.sell(heard)
        if heard.method == "POST" and heard.path.startswith(ORDERS):
            return self.change(heard.path.removeprefix(ORDERS))
        if heard.method == "GET" and heard.path.endswith("/labels/A6"):
            return self.label(heard.path.removeprefix(ORDERS).removesuffix("/labels/A6"))
        if heard.path.endswith("/trackingInfo"):
            return self.track(heard.path.split("/")[-2])
        return _no(404, "There is no such order.")

    def sell(self, heard: Heard) -> Answer:
        texts = {
            e.tag.rpartition("}")[2]: e.text or ""
            for e in ElementTree.fromstring(heard.body).iter()
        }
        if b"Nowhere" in heard.body:
            return _no(400, "The city Nowhere does not exist.")
        self.orders[texts["reference"]] = f"3232107423{next(self.numbers):014d}"
        self.bought.append(texts["reference"])
        return Answer(201, headers={"Content-Type": "application/xml"})

    def change(self, reference: str) -> Answer:
        if reference not in self.orders:
            return _no(404, "There is no such order.")
        self.voided.append(reference)
        return Answer(200, headers={"Content-Type": "application/xml"})

    def label(self, reference: str) -> Answer:
        if reference not in self.orders:
            return _no(404, "There is no such order.")
        paper = base64.b64encode(pdf()).decode()
        body = (
            '<labels xmlns="http://schema.post.be/shm/deepintegration/v3/"><label>'
            f"<barcode>{self.orders[reference]}</barcode><mimeType>application/pdf</mimeType>"
            f"<bytes>{paper}</bytes></label></labels>"
        )
        return Answer(body=body.encode(), headers={"Content-Type": "application/xml"})

    def track(self, number: str) -> Answer:
        if number not in self.scans:
            return _no(404, "Item not found.")
        states = "".join(
            f"<stateInfo><stateCode>{code}</stateCode><stateDescription>{words}</stateDescription>"
            f"<time>{when}</time></stateInfo>"
            for code, when, words in self.scans[number]
        )
        body = f"<itemTracking><itemCode>{number}</itemCode>{states}</itemTracking>"
        return Answer(body=body.encode(), headers={"Content-Type": "application/xml"})


def _no(status: int, words: str) -> Answer:
    body = f"<businessException><code>{status}</code><message>{words}</message></businessException>"
    return Answer(status, body=body.encode(), headers={"Content-Type": "application/xml"})
