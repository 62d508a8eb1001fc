"""GLS: OAuth and Track and Trace, up to ten numbers in one question."""

import base64
from typing import Any, ClassVar

from tests.carriers.fakes.behind_karrio import BehindKarrio
from tests.carriers.fakes.server import Answer, Heard

TRACKING = "/track-and-trace-v1/tracking/simple/trackids/"


class FakeGls(BehindKarrio):
    CODE: ClassVar[str] = "gls"
    HOSTS: ClassVar[tuple[str, ...]] = ("api-sandbox.gls-group.net", "api.gls-group.net")
    TOKEN: ClassVar[str] = "/oauth2/v2/token"

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {"client_id": "client", "client_secret": "app-secret"}

    def may_have_token(self, heard: Heard) -> bool:
        key = base64.b64encode(b"client:app-secret").decode()
        return heard.headers.get("authorization") == f"Basic {key}"

    def stranger(self) -> Answer:
        return Answer(401, {"errors": [{"code": "401", "message": "Unauthorized"}]})

    def serve(self, heard: Heard) -> Answer:
        numbers = heard.path.removeprefix(TRACKING).split(",")
        return Answer(words={"parcels": [self._parcel(number) for number in numbers]})

    def _parcel(self, number: str) -> dict[str, Any]:
        if number not in self.scans:
            return {"requested": number, "errorCode": "404", "errorMessage": "Not found"}
        status, events = self.scans[number]
        return {"requested": number, "unitno": number, "status": status, "events": events}


def event(code: str, when: str, words: str) -> dict[str, str]:
    return {
        "code": code,
        "eventDateTime": when,
        "description": words,
        "city": "Neuenstein",
        "country": "DE",
    }
