"""Colissimo: the return within France (product CORE), to be handed in at a post office or a letter box.

Source: Colissimo SLS web service 2.0 (`generateLabel`, answered in multipart; `checkGenerateLabel`, which creates
nothing) and La Poste Suivi v2, as public on 2026-11-25. There is no void and no place for tests;
an unused label is not billed.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from rientro.carriers.base import (
    Address,
    AuthFailed,
    BoughtLabel,
    Can,
    CarrierError,
    InvalidRequest,
    LabelRequest,
    ParcelSize,
    Scan,
)
from rientro.carriers.karrio import answers, parties, statuses
from rientro.carriers.karrio.adapter import KarrioCarrier, Offer, Work
from rientro.carriers.karrio.outcomes import CREDENTIALS, failure, object_of
from rientro.carriers.karrio.transport import Exchange, Role, Route
from rientro.kit import clock
from rientro.kit.money import Money
from rientro.kit.sentences import Sentence

HOST, TRACKING_HOST = "ws.colissimo.fr", "api.laposte.fr"
SERVICE = "/sls-ws/SlsServiceWSRest/2.0"
FR = frozenset({"FR", "MC"})
BAD_CREDENTIALS = "30000"
PARIS = "Europe/Paris"
NO_CHECK = Sentence("This contract cannot say beforehand what it takes.")
REFUSED = Sentence("The carrier refuses this parcel.")


class Colissimo(KarrioCarrier):
    CODE: ClassVar[str] = "colissimo"
    NAME: ClassVar[str] = "Colissimo"
    PLUGIN: ClassVar[str] = "colissimo"
    CAN: ClassVar[Can] = Can.TRACK | Can.VALIDATE
    CREDENTIALS: ClassVar[tuple[str, ...]] = ("contract_number", "password")
    OUTBOUND: ClassVar[bool] = False  # Karrio knows no return here, only the product
    HAS_TEST: ClassVar[bool] = False
    OFFERS: ClassVar[tuple[Offer, ...]] = (
        Offer(
            code="colissimo_return_france",
            name="Colissimo Retour France",
            origins=FR,
            destinations=FR,
            max_weight_g=30_000,
        ),
    )

    def __init__(self, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        super().__init__(credentials, settings)
        if not self.credential("laposte_api_key"):
            self.can &= ~Can.TRACK

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(Role.PURCHASE, "POST", HOST, f"{SERVICE}/generateLabel", whole=True),
            Route(Role.QUESTION, "POST", HOST, f"{SERVICE}/checkGenerateLabel", whole=True),
            Route(Role.QUESTION, "GET", TRACKING_HOST, "/suivi/v2/idships/"),
        )

    def account(self) -> dict[str, Any]:
        return {
            "contract_number": self.credential("contract_number"),
            "password": self.credential("password"),
            "laposte_api_key": self.credential("laposte_api_key") or None,
        }

    def options(self, request: LabelRequest) -> dict[str, Any]:
        return {"label_type": "PDF_10x15_300dpi"}  # without one Karrio falls over

    def amend(self, request: LabelRequest, body: bytes) -> bytes:
        """Karrio gives our reference as the parcel's number, no day, and the house number a line of its own."""
        words = json.loads(body)
        letter = words["letter"]
        letter["parcel"].pop("parcelNumber", None)
        letter["parcel"].pop("cod", None)
        today = clock.now().astimezone(ZoneInfo(PARIS)).date()
        letter["service"] |= {
            "depositDate": today.isoformat(),
            "orderNumber": request.reference[:30],
            "commercialName": (request.receiver.company or request.receiver.name)[:35],
        }
        letter["sender"]["address"] = _party(request.sender)
        letter["addressee"]["address"] = _party(request.receiver)
        return json.dumps(words).encode()

    def validate(self, request: LabelRequest) -> None:
        """Buys nothing. Raises InvalidRequest with Colissimo's own reason."""
        self._need(Can.VALIDATE, NO_CHECK)
        request = parties.cleaned(request)
        self._may_buy(request)
        self._ask(request)

    def check_credentials(self) -> None:
        """The check of a sample parcel creates nothing; what it thinks of the parcel does not matter here."""
        try:
            self._ask(_sample())
        except InvalidRequest:
            return

    def read_label(self, request: LabelRequest, exchange: Exchange) -> BoughtLabel:
        told = _parts(exchange)
        _stop_at_refusal(told.get("jsonInfos", b""))
        found = self.words(object_of(told["jsonInfos"]), exchange).inner("labelV2Response")
        number = found.text("parcelNumber", limit=60)
        encoded = base64.b64encode(told.get("label", b"")).decode()
        return BoughtLabel(
            carrier_reference=number,
            tracking_number=number,
            price=Money(0, "EUR"),
            priced=False,
            document=answers.paper(encoded),
            facts={"own_paper": True, "service_name": "Colissimo Retour France"},
        )

    def refusal_in(self, exchange: Exchange) -> CarrierError | None:
        if not 400 <= exchange.status < 500:
            return None
        return _refusal(_parts(exchange).get("jsonInfos", b""))

    def read_scans(self, exchange: Exchange, number: str) -> Sequence[Scan]:
        return list(_scans(json.loads(exchange.body), number))

    def _ask(self, request: LabelRequest) -> None:
        shipment = parties.shipment(request, outbound=False) | self.options(request)
        with self._work() as work:
            self._send_check(work, request, shipment)
        exchange = work.call.last(Role.QUESTION)
        if exchange is None or (exchange.status != 400 and not exchange.fine):
            raise failure(exchange, "", work.tokens, acts=False)
        _stop_at_refusal(_parts(exchange).get("jsonInfos", exchange.body))

    def _send_check(self, work: Work, request: LabelRequest, shipment: dict[str, Any]) -> None:
        models, lib = work.karrio.models, work.karrio.lib
        made = lib.to_object(models.ShipmentRequest, lib.to_dict(shipment))
        written = work.gateway.mapper.create_shipment_request(made).serialize()
        try:
            lib.request(
                url=f"https://{HOST}{SERVICE}/checkGenerateLabel",
                method="POST",
                data=self.amend(request, lib.to_json(written).encode()),
                headers={"Content-Type": "application/json;charset=UTF-8"},
            )
        except Exception:
            return  # the journal says what came of it


def _stop_at_refusal(told: bytes) -> None:
    """Raise AuthFailed or InvalidRequest for a clear no."""
    if (refusal := _refusal(told)) is not None:
        raise refusal


def _refusal(told: bytes) -> CarrierError | None:
    """A clear no: an error in words, and no label."""
    found = object_of(told)
    errors = [
        error
        for error in found.get("messages") or []
        if isinstance(error, dict) and error.get("type") == "ERROR"
    ]
    if found.get("labelV2Response") or not errors:
        return None
    words = " ".join(str(error.get("messageContent") or "") for error in errors).strip()[:300]
    if any(str(error.get("id")) == BAD_CREDENTIALS for error in errors):
        return AuthFailed(words or CREDENTIALS)
    return InvalidRequest(words or REFUSED)


def _party(address: Address) -> dict[str, Any]:
    street, *more = parties.lines(address, limit=35) or [""]
    told = {
        "companyName": address.company[:35],
        "lastName": (address.name or address.company)[:35],
        "line0": "",
        "line2": street,
        "line3": "".join(more),
        "countryCode": address.country,
        "city": address.city[:35],
        "zipCode": address.postal_code[:9],
        "phoneNumber": address.phone[:15],
        "email": address.email[:80],
        "language": "FR",
    }
    return {name: value for name, value in told.items() if value}


def _sample() -> LabelRequest:
    here = Address(
        name="Test",
        street="Rue de Rivoli",
        house_number="1",
        city="Paris",
        country="FR",
        postal_code="75001",
    )
    return LabelRequest(
        reference="check",
        sender=here,
        receiver=here,
        parcel=ParcelSize(weight_g=1000),
        service="colissimo_return_france",
    )


# The answer: multipart, whose JSON part is called jsonInfos


def _parts(exchange: Exchange) -> dict[str, bytes]:
    """Its parts by their Content-ID; an answer in plain JSON is one part. Lines may end either way."""
    body = exchange.body
    found = re.search(r'boundary="?([^";]+)', exchange.headers.get("Content-Type", ""))
    if found:
        boundary = b"--" + found.group(1).strip().encode()
    elif body.lstrip().startswith(b"--"):
        boundary = body.lstrip().split(b"\n", 1)[0].strip()
    else:
        return {"jsonInfos": body}
    parts = {}
    for piece in body.split(boundary)[1:]:
        head, content = _halves(piece)
        name = re.search(rb"(?i)content-id:\s*<?([^>\s]+)", head)
        if name:
            parts[name.group(1).decode("ascii", "replace")] = content
    return parts


def _halves(piece: bytes) -> tuple[bytes, bytes]:
    for gap, end in ((b"\r\n\r\n", b"\r\n"), (b"\n\n", b"\n")):
        head, found, content = piece.partition(gap)
        if found:
            return head, content.removesuffix(end)
    return piece, b""


def _scans(found: Any, number: str) -> Iterator[Scan]:
    for answer in found if isinstance(found, list) else [found]:
        shipment = answer.get("shipment") or {}
        if shipment.get("idShip") != number:
            continue
        for event in shipment.get("event") or []:
            code = str(event.get("code") or "").upper()
            yield Scan(
                tracking_number=number,
                status=statuses.state_in(statuses.COLISSIMO, code),
                occurred_at=answers.moment(str(event["date"]), PARIS),
                key="",
                code=code[:60],
                description=str(event.get("label") or "")[:300],
            )
