"""DHL Shipment Tracking – Unified: one number at a time, by one key."""

from typing import Any, ClassVar

from tests.carriers.fakes.behind_karrio import BehindKarrio
from tests.carriers.fakes.server import Answer, Heard


class FakeDhl(BehindKarrio):
    CODE: ClassVar[str] = "dhl"
    HOSTS: ClassVar[tuple[str, ...]] = ("api-eu.dhl.com",)

    def __init__(self) -> None:
        super().__init__()
        self.settings = {"test_mode": "0"}
        self.credentials = {"consumer_key": "app-secret"}

    def knows(self, heard: Heard) -> bool:
        return heard.headers.get("dhl-api-key") == "app-secret"

    def stranger(self) -> Answer:
        return Answer(401, {"status": 401, "title": "Unauthorized", "detail": "Unauthorized"})

    def serve(self, heard: Heard) -> Answer:
        number = heard.query["trackingNumber"][0]
        if number not in self.scans:
            detail = "No shipment with given tracking number found."
            return Answer(404, {"status": 404, "title": "No result found", "detail": detail})
        return Answer(words={"shipments": [{"id": number, "events": self.scans[number]}]})


def event(code: str, when: str, words: str) -> dict[str, Any]:
    where = {"address": {"addressLocality": "Bonn", "countryCode": "DE"}}
    return {"statusCode": code, "timestamp": when, "description": words, "location": where}
