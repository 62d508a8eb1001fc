"""Colissimo: labels in multipart, a check that creates nothing, refusals in words; La Poste's tracking."""

import json
from dataclasses import replace
from typing import Any, ClassVar

from tests.carriers.conftest import MERCHANT, SHOPPER
from tests.carriers.fakes.behind_karrio import BehindKarrio
from tests.carriers.fakes.paper import pdf
from tests.carriers.fakes.server import Answer, Heard

LYON = replace(
    SHOPPER,
    street="Rue de la République",
    house_number="9",
    city="Lyon",
    postal_code="69001",
    country="FR",
)
PARIS = replace(
    MERCHANT,
    street="Rue de Rivoli",
    house_number="1",
    city="Paris",
    postal_code="75001",
    country="FR",
)
SERVICE = "/sls-ws/SlsServiceWSRest/2.0"
BOUNDARY = "uuid:6d9f1f2e-3a55-4c0e-9c53-0f6f7f3f2a11"


class FakeColissimo(BehindKarrio):
    CODE: ClassVar[str] = "colissimo"
    HOSTS: ClassVar[tuple[str, ...]] = ("ws.colissimo.fr", "api.laposte.fr")
    PURCHASE: ClassVar[str] = f"POST {SERVICE}/generateLabel"
    CHECK: ClassVar[str] = f"POST {SERVICE}/checkGenerateLabel"
    WISH: ClassVar[dict[str, Any]] = {
        "service": "colissimo_return_france",
        "sender": LYON,
        "receiver": PARIS,
    }

    def __init__(self) -> None:
        super().__init__()
        self.settings = {"test_mode": "0"}  # there is no place for tests
        self.credentials = {
            "contract_number": "123456",
            "password": "app-secret",
            "laposte_api_key": "okapi",
        }

    def knows(self, heard: Heard) -> bool:
        if heard.method == "GET":
            return heard.headers.get("x-okapi-key") == "okapi"
        return True  # said in the answer itself

    def stranger(self) -> Answer:
        return Answer(401, {"code": "UNAUTHORIZED", "message": "Unauthorized"})

    def serve(self, heard: Heard) -> Answer:
        if heard.line in (self.PURCHASE, self.CHECK):
            problem = self.problem(heard.words)
            if problem:
                return _multipart(400, {"messages": [problem], "labelV2Response": None})
            return self.sell(heard.words) if heard.line == self.PURCHASE else _multipart(200, FINE)
        if heard.path.startswith("/suivi/v2/idships/"):
            return self.track(heard.path.rpartition("/")[2].split(","))
        return Answer(404, {"code": "NOT_FOUND", "message": "Nothing is here."})

    def problem(self, words: dict[str, Any]) -> dict[str, str] | None:
        if words["password"] != "app-secret":
            told = ("30000", "Identifiant ou mot de passe incorrect")
        elif "depositDate" not in words["letter"]["service"]:
            told = ("30005", "La date de dépôt n'a pas été transmise")
        elif words["letter"]["sender"]["address"]["city"] == "Nowhere":
            told = ("30108", "La commune Nowhere n'existe pas")
        else:
            return None
        return {"id": told[0], "type": "ERROR", "messageContent": told[1]}

    def sell(self, words: dict[str, Any]) -> Answer:
        number = f"8R{next(self.numbers):011d}"
        self.bought.append(words["letter"]["sender"]["senderParcelRef"])
        told = {
            "messages": [
                {"id": "0", "type": "INFOS", "messageContent": "La requête a été traitée"}
            ],
            "labelV2Response": {
                "parcelNumber": number,
                "parcelNumberPartner": None,
                "pdfUrl": None,
            },
        }
        return _multipart(200, told, pdf())

    def track(self, numbers: list[str]) -> Answer:
        known = [number for number in numbers if number in self.scans]
        if not known:
            return Answer(404, {"returnCode": 404, "returnMessage": "Ressource non trouvée"})
        told = [
            {"returnCode": 200, "shipment": {"idShip": number, "event": self.scans[number]}}
            for number in known
        ]
        return Answer(words=told if len(told) > 1 else told[0])


FINE = {"messages": [{"id": "0", "type": "INFOS", "messageContent": "La requête a été traitée"}]}


def event(code: str, when: str, words: str) -> dict[str, str]:
    return {"code": code, "date": when, "label": words}


def _multipart(status: int, words: dict[str, Any], label: bytes | None = None) -> Answer:
    parts = [("application/json;charset=UTF-8", "<jsonInfos>", json.dumps(words).encode())]
    if label is not None:
        parts.append(("application/octet-stream", "<label>", label))
    body = b""
    for kind, name, content in parts:
        head = f"--{BOUNDARY}\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {name}"
        body += head.encode() + b"\r\n\r\n" + content + b"\r\n"
    body += f"--{BOUNDARY}--".encode()
    kind = f'multipart/mixed; boundary="{BOUNDARY}"'
    return Answer(status, body=body, headers={"Content-Type": kind})
