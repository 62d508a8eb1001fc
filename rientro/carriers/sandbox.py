"""The sandbox carrier: REST, JSON, bearer token; `rientro sandbox-carrier` is its other end.

Source: docs/carriers/sandbox.md, which describes what the program in `rientro/host/sandbox_carrier` does.
Money is a decimal string, weight is in grams, times are ISO 8601 with a zone.
"""

import base64
import hashlib
import hmac
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from rientro.carriers.base import (
    Address,
    AuthFailed,
    BadSignature,
    BoughtLabel,
    Can,
    CancelResult,
    CarrierError,
    Customs,
    InvalidRequest,
    LabelFormat,
    LabelRequest,
    Quote,
    RawWebhook,
    Scan,
    Service,
    Unsupported,
)
from rientro.carriers.paper import checked_pdf
from rientro.carriers.registry import without
from rientro.carriers.wire import Wire, Words
from rientro.kit.money import Money
from rientro.policy.lifecycle import CarrierState
from rientro.policy.tracking import state_named

CODE_LIMIT = 500_000  # characters of base64
BATCH = 50  # tracking numbers per question
SIGNED_WITHIN = timedelta(minutes=5)
NEVER_ACTED = frozenset({"maintenance"})
STATUSES = {
    "HANDED_IN": CarrierState.HANDED_IN,
    "IN_TRANSIT": CarrierState.IN_TRANSIT,
    "CUSTOMS": CarrierState.AT_CUSTOMS,
    "DELAYED": CarrierState.DELAYED,
    "EXCEPTION": CarrierState.EXCEPTION,
    "DELIVERED": CarrierState.DELIVERED,
    "BACK_TO_SENDER": CarrierState.RETURNED_TO_SENDER,
    "LOST": CarrierState.LOST,
}
ABILITIES = (
    Can.QUOTE
    | Can.CANCEL
    | Can.TRACK
    | Can.WEBHOOK
    | Can.IDEMPOTENCY_KEY
    | Can.FIND_BY_REFERENCE
    | Can.LABELLESS
    | Can.PICKUP
    | Can.MULTI_PARCEL
    | Can.CUSTOMS
    | Can.VALIDATE
)


class Sandbox:
    CODE: ClassVar[str] = "sandbox"
    NAME: ClassVar[str] = "Sandbox carrier"

    def __init__(self, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        token = str(credentials.get("token", "")).strip()
        if not token or not token.isascii() or not token.isprintable():
            raise AuthFailed("The access token of the sandbox carrier is missing or mistyped.")
        self.can = ABILITIES & ~without(settings.get("cannot", ""))
        self._own_paper = settings.get("paper") == "carrier"
        self._secrets = [
            str(credentials[name])
            for name in ("webhook_secret", "webhook_secret_before")
            if credentials.get(name)
        ]
        self._wire = Wire(
            self.NAME,
            _base_url(settings),
            {"Authorization": f"Bearer {token}"},
            harmless=NEVER_ACTED,
        )

    def services(self, origin: str, destination: str) -> Sequence[Service]:
        answer = self._wire.ask_json(
            "GET", "/v1/services", params={"from": origin, "to": destination}
        )
        return [
            Service(
                code=found.text("code"),
                name=found.text("name"),
                origin=origin,
                destination=destination,
                price_from=_money(found.inner("price_from")),
            )
            for found in answer.each("services")
        ]

    def check_credentials(self) -> None:
        self._wire.ask_json("GET", "/v1/account").text("account")

    def quote(self, request: LabelRequest) -> Sequence[Quote]:
        self._need(Can.QUOTE, "quote prices")
        words = {
            "from": request.sender.country,
            "to": request.receiver.country,
            "weight_g": request.parcel.weight_g,
            "service": request.service,
        }
        answer = self._wire.ask_json("POST", "/v1/quotes", words=words)
        quotes = [
            Quote(service=found.text("service"), price=_money(found.inner("price")))
            for found in answer.each("quotes")
        ]
        return sorted(quotes, key=lambda found: found.price.minor)

    def buy_label(self, request: LabelRequest) -> BoughtLabel:
        self._check(request)
        headers = {}
        if Can.IDEMPOTENCY_KEY in self.can:
            headers["Idempotency-Key"] = request.reference
        answer = self._wire.ask_json(
            "POST", "/v1/labels", acts=True, headers=headers, words=_label_out(request)
        )
        label = _label_in(answer)
        if label.facts["reference"] != request.reference:
            raise answer.doubt
        return self._own(label)

    def validate(self, request: LabelRequest) -> None:
        self._need(Can.VALIDATE, "say beforehand what it would take")
        self._check(request)
        self._wire.ask_json("POST", "/v1/labels/validate", words=_label_out(request))

    def _own(self, bought: BoughtLabel) -> BoughtLabel:
        """Some carriers insist on their own paper; this one does where its contract says so."""
        if not self._own_paper:
            return bought
        return replace(bought, facts=bought.facts | {"own_paper": True})

    def _check(self, request: LabelRequest) -> None:
        if request.labelless:
            self._need(Can.LABELLESS, "take parcels by a code alone")
        if request.pickup_on:
            self._need(Can.PICKUP, "come to the door")

    def find_label(self, reference: str) -> BoughtLabel | None:
        self._need(Can.FIND_BY_REFERENCE, "look up a label by our reference")
        answer = self._wire.ask_json("GET", "/v1/labels", params={"reference": reference})
        told = [self._own(_label_in(label)) for label in answer.each("labels")]
        found = [label for label in told if label.facts["reference"] == reference]
        # A living label wins over voided ones; the oldest is the one that was meant.
        return min(found, key=lambda label: label.voided, default=None)

    def fetch_document(
        self, carrier_reference: str, want: LabelFormat = LabelFormat.PDF
    ) -> bytes | None:
        if want is not LabelFormat.PDF:
            raise Unsupported("The sandbox carrier's own paper comes as PDF only.")
        path = f"/v1/labels/{quote(carrier_reference, safe='')}/document"
        return checked_pdf(self._wire.ask_document(path, params={"format": "pdf"}))

    def cancel_label(self, carrier_reference: str) -> CancelResult:
        self._need(Can.CANCEL, "void labels")
        path = f"/v1/labels/{quote(carrier_reference, safe='')}"
        try:
            self._wire.ask_json("DELETE", path, acts=True).text("voided_at")
        except InvalidRequest as refusal:
            if refusal.facts.get("status") != 409:
                raise
            return CancelResult(outcome="refused", message=refusal.message)
        return CancelResult(outcome="voided")

    def track(self, tracking_numbers: Sequence[str]) -> Mapping[str, Sequence[Scan]]:
        self._need(Can.TRACK, "tell where parcels are")
        told: dict[str, list[Scan]] = {number: [] for number in tracking_numbers}
        for start in range(0, len(tracking_numbers), BATCH):
            numbers = ",".join(tracking_numbers[start : start + BATCH])
            answer = self._wire.ask_json("GET", "/v1/tracking", params={"numbers": numbers})
            for parcel in answer.each("parcels"):
                number = parcel.text("number")
                if number in told:
                    told[number] += [_scan_in(number, scan) for scan in parcel.each("scans")]
        return told

    def register_webhook(self, url: str) -> Mapping[str, str]:
        """The sandbox makes a new signing secret each time; the one before stays good for a while."""
        answer = self._wire.ask_json("PUT", "/v1/webhook", acts=True, words={"url": url})
        before = {"webhook_secret_before": self._secrets[0]} if self._secrets else {}
        return {"webhook_secret": answer.text("secret")} | before

    def delivery_key(self, raw: RawWebhook) -> str:
        return raw.headers.get("x-sandbox-delivery", "")[:80]

    def parse_webhook(self, raw: RawWebhook) -> Sequence[Scan]:
        self._verify(raw)
        doubt = InvalidRequest("This webhook of the sandbox carrier cannot be read.")
        try:
            found = json.loads(raw.body)
        except (ValueError, RecursionError) as error:
            raise doubt from error
        if not isinstance(found, dict):
            raise doubt
        scans = Words(found, doubt).each("scans")
        return [_scan_in(scan.text("tracking_number"), scan) for scan in scans]

    def _verify(self, raw: RawWebhook) -> None:
        """Hex HMAC-SHA256 over ``<timestamp>.<delivery id>.`` and the raw body."""
        stamp = raw.headers.get("x-sandbox-timestamp", "")
        delivery = raw.headers.get("x-sandbox-delivery", "")
        given = raw.headers.get("x-sandbox-signature", "")
        signed = f"{stamp}.{delivery}.".encode("utf-8", "replace") + raw.body
        good = [
            hmac.compare_digest(
                hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode(),
                given.encode("utf-8", "replace"),
            )
            for secret in self._secrets
        ]
        if not any(good) or not delivery:
            raise BadSignature("This webhook is not signed by the sandbox carrier.")
        age = raw.received_at.timestamp() - int(stamp) if stamp.isdigit() else math.inf
        if abs(age) > SIGNED_WITHIN.total_seconds():
            raise BadSignature("This webhook was signed too long ago.")

    def _need(self, ability: Can, words: str) -> None:
        if ability not in self.can:
            raise Unsupported(f"This contract with the sandbox carrier cannot {words}.")


# Our words -> theirs


def _base_url(settings: Mapping[str, Any]) -> str:
    url = str(settings.get("url") or "http://127.0.0.1:8100").strip()
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidRequest("The address of the sandbox must begin with http:// or https://.")
    return url


def _label_out(request: LabelRequest) -> dict[str, Any]:
    words: dict[str, Any] = {"labelless": True} if request.labelless else {}
    if request.pickup_on:
        words["pickup_on"] = request.pickup_on.isoformat()
    if request.customs:
        words["customs"] = _customs_out(request.customs)
    return words | {
        "reference": request.reference,
        "from": _address_out(request.sender),
        "to": _address_out(request.receiver),
        "weight_g": request.parcel.weight_g,
        "service": request.service,
        "description": request.description,
    }


def _customs_out(customs: Customs) -> dict[str, Any]:
    return {
        "contents": customs.contents,
        "invoice_number": customs.invoice_number,
        "receiver_vat": customs.receiver_vat,
        "receiver_eori": customs.receiver_eori,
        "items": [
            {
                "description": item.description,
                "quantity": item.quantity,
                "value": str(Money(item.value_minor, customs.currency).decimal()),
                "currency": customs.currency,
                "weight_g": item.weight_g,
                "hs_code": item.hs_code,
                "origin_country": item.origin_country,
            }
            for item in customs.items
        ],
    }


def _address_out(address: Address) -> dict[str, str]:
    return {
        "name": address.name,
        "company": address.company,
        "street": f"{address.street} {address.house_number}".strip(),
        "address_2": address.address_2,
        "postal_code": address.postal_code,
        "city": address.city,
        "state": address.state,
        "country": address.country,
    }


# Their words -> ours


def _label_in(found: Words) -> BoughtLabel:
    return BoughtLabel(
        carrier_reference=found.text("id", limit=120),
        tracking_number=found.text("tracking_number", limit=80),
        price=_money(found.inner("price")),
        facts={
            "service_name": found.text("service_name", required=False),
            "routing": found.text("routing", required=False),
            "reference": found.text("reference"),
        },
        voided=bool(found.text("voided_at", required=False)),
        **_code_in(found),
    )


def _code_in(found: Words) -> dict[str, Any]:
    """A label without a usable code is a label all the same: whoever needs the code says that it is missing."""
    try:
        told = found.inner("code")
        code = base64.b64decode(told.text("content", limit=CODE_LIMIT), validate=True)
        last_day = told.text("expires_on", required=False)
        return {
            "code": code,
            "code_link": told.text("link", limit=500, required=False),
            "expires_on": date.fromisoformat(last_day) if last_day else None,
        }
    except (CarrierError, ValueError):
        return {}


def _money(found: Words) -> Money:
    try:
        price = Money.parse(found.text("amount"), found.text("currency"))
    except ValueError as error:
        raise found.doubt from error
    if price.minor < 0:
        raise found.doubt
    return price


def _scan_in(number: str, found: Words) -> Scan:
    code = found.text("code", limit=60)
    return Scan(
        tracking_number=number,
        # A code that is new to us still says that somebody saw the parcel.
        status=STATUSES.get(code) or state_named(code) or CarrierState.IN_TRANSIT,
        occurred_at=found.moment("at"),
        key=found.text("id", limit=80),
        code=code,
        description=found.text("text", required=False),
        place=found.text("place", limit=120, required=False),
    )
