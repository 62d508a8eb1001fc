"""EasyPost's shipments, made as returns and bought in a second step. See docs/carriers/easypost.md.

Source: docs.easypost.com (2026) and the answers recorded in EasyPost's own Python client (2022 to 2025).

**Once only.** EasyPost sells in two steps. ``POST /shipments`` is free: it makes a shipment with prices. Only
``POST /shipments/{id}/buy`` is paid, and one shipment is bought at most once: EasyPost refuses the second time
with SHIPMENT.POSTAGE.EXISTS, or SHIPMENT.PURCHASE.IN_PROGRESS while the first is still at work. So a label is
bought once exactly if every try for one purchase of ours buys the *same* shipment. This is how:

1. Our reference goes out as the shipment's ``reference``, by which a shipment can be asked for "in place of the
   id". EasyPost does not promise that references are unique, so we see to it: the shipment of a reference is asked
   for before one is made.
2. Once made, it is asked for by its reference again, **before anything is paid**, and what that answers is what is
   bought. So the label of a purchase is always the one that a look-up by our reference will find; where the look-up
   does not work, nothing is bought.
3. A lost answer of the first step costs nothing (Unavailable); a second try meets the shipment that was left. A lost
   answer of the second step is OutcomeUnknown; ``find_label`` reads the shipment and sees whether it is bought.
   If it is not, another try buys the same one, and could not buy it twice if the first were late.
4. The hole that is left: a ``POST /shipments`` whose answer was lost may become visible only after the next try
   has made another. The house waits longer than any request takes before it asks again (``QUIET_S``), and a
   shipment that appears later still is never bought by anybody, for nobody knows its id.

VALIDATE is not claimed: the free step says no before anything is paid, and asking for it twice would only make a
second shipment that nobody buys. Several answers to *buy* with status 422 are not refusals but doubts: the carrier
behind EasyPost was silent.
"""

import base64
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote as escaped
from urllib.parse import urlsplit

from rientro.carriers.base import (
    AuthFailed,
    BoughtLabel,
    Can,
    CancelResult,
    CarrierError,
    InvalidRequest,
    LabelFormat,
    LabelRequest,
    OutcomeUnknown,
    Quote,
    RawWebhook,
    Scan,
    Service,
    Unavailable,
    Unsupported,
)
from rientro.carriers.easypost import hook, services, words
from rientro.carriers.easypost.offered import ABILITIES, OFFICIAL
from rientro.carriers.official import base_url, is_loopback
from rientro.carriers.paper import checked_pdf
from rientro.carriers.registry import without
from rientro.carriers.wire import Wire, Words, longest_s
from rientro.kit.ids import new_token
from rientro.kit.sentences import Sentence

BATCH = 50  # tracking numbers per question
PRICES_LAST = timedelta(hours=1)  # prices of an older shipment are asked anew before it is bought
BOUGHT_BEFORE = "SHIPMENT.POSTAGE.EXISTS"
# With status 422, and yet the label may exist.
DOUBTS = frozenset(
    {
        BOUGHT_BEFORE,
        "SHIPMENT.PURCHASE.IN_PROGRESS",
        "SHIPMENT.POSTAGE.NO_RESPONSE",
        "SHIPMENT.POSTAGE.TIMED_OUT",
    }
)
# Where labels lie; they are fetched without our key.
PAPER_HOSTS = (
    "easypost.com",
    "easypost-files.s3.us-west-2.amazonaws.com",
    "easypost-files.s3.amazonaws.com",
)
HOOKS = "/hooks/carriers/easypost/"


class EasyPost:
    CODE: ClassVar[str] = "easypost"
    NAME: ClassVar[str] = "EasyPost"

    def __init__(self, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        key = str(credentials.get("api_key", "")).strip()
        if not key or not key.isascii() or not key.isprintable() or ":" in key:
            raise AuthFailed("The API key of EasyPost is missing or mistyped.")
        self.can = ABILITIES & ~without(settings.get("cannot", ""))
        self._secrets = [
            str(credentials[name])
            for name in ("webhook_secret", "webhook_secret_before")
            if credentials.get(name)
        ]
        listed = str(settings.get("carrier_accounts") or "").split(",")
        self._accounts = [account.strip() for account in listed if account.strip()]
        self._signer = str(settings.get("customs_signer") or "").strip()
        self._base_url = base_url(settings, OFFICIAL, self.NAME)
        basic = base64.b64encode(f"{key}:".encode()).decode()
        self._wire = Wire(self.NAME, self._base_url, {"Authorization": f"Basic {basic}"})

    def check_credentials(self) -> None:
        self._wire.ask_json("GET", "/v2/shipments", params={"page_size": "1"}).each("shipments")

    def services(self, origin: str, destination: str) -> Sequence[Service]:
        return services.offered(self._wire, origin, destination)

    def quote(self, request: LabelRequest) -> Sequence[Quote]:
        """Prices of a shipment made for the question; nobody buys it, and it costs nothing."""
        self._need(Can.QUOTE, "quote prices")
        shipment = self._make(request, _soon())
        if request.service == words.CHEAPEST:
            rate = words.chosen_rate(shipment, request.service)
            return [Quote(service=words.CHEAPEST, price=rate.price, days=rate.days)]
        rates = [rate for rate in words.rates_in(shipment) if rate.is_meant_by(request.service)]
        return [words.quote_in(rate) for rate in rates]

    def buy_label(self, request: LabelRequest) -> BoughtLabel:
        """Make a shipment, see that our reference finds it, and buy it: one paid request."""
        self._check(request)
        until = _soon()
        shipment = self._the_one(request, until)
        if words.is_bought(shipment):
            return words.label_in(shipment)
        rate = words.chosen_rate(shipment, request.service)
        name = shipment.text("id", limit=120)
        try:
            bought = self._wire.ask_json(
                "POST",
                f"/v2/shipments/{escaped(name, safe='')}/buy",
                acts=True,
                words={"rate": {"id": rate.id}},
                until=until,
            )
        except InvalidRequest as refusal:
            if refusal.facts.get("reason") not in DOUBTS and not refusal.facts.get("cut"):
                raise
            return self._bought_before(name, refusal, until)
        if (bought.text("id", limit=120), bought.text("reference")) != (name, request.reference):
            raise OutcomeUnknown("EasyPost answered with another shipment than the one we bought.")
        return words.label_in(bought)

    def find_label(self, reference: str) -> BoughtLabel | None:
        self._need(Can.FIND_BY_REFERENCE, "look up a label by our reference")
        shipment = self._named(reference, _soon())
        return words.label_in(shipment) if shipment and words.is_bought(shipment) else None

    def fetch_document(
        self, carrier_reference: str, want: LabelFormat = LabelFormat.PDF
    ) -> bytes | None:
        if want is not LabelFormat.PDF:
            raise Unsupported("EasyPost's labels are fetched as PDF only.")
        path = f"/v2/shipments/{escaped(carrier_reference, safe='')}/label"
        shipment = self._wire.ask_json("GET", path, params={"file_format": "PDF"})
        paper = shipment.inner("postage_label")
        address = paper.text("label_pdf_url", limit=1000, required=False)
        if not address:
            raise Unavailable("EasyPost has not made the label's PDF yet; it is fetched again.")
        return checked_pdf(self._paper(address))

    def cancel_label(self, carrier_reference: str) -> CancelResult:
        self._need(Can.CANCEL, "void labels")
        path = f"/v2/shipments/{escaped(carrier_reference, safe='')}"
        before = words.refund_in(self._wire.ask_json("GET", path))
        if before is not None:
            return before
        try:
            after = self._wire.ask_json("POST", f"{path}/refund", acts=True, words={})
        except InvalidRequest as refusal:
            return CancelResult(outcome="refused", message=refusal.message)
        result = words.refund_in(after)
        if result is None:
            raise after.doubt
        return result

    def track(self, tracking_numbers: Sequence[str]) -> Mapping[str, Sequence[Scan]]:
        self._need(Can.TRACK, "tell where parcels are")
        told: dict[str, list[Scan]] = {number: [] for number in tracking_numbers}
        for start in range(0, len(tracking_numbers), BATCH):
            numbers = list(tracking_numbers[start : start + BATCH])
            answer = self._wire.ask_json(
                "POST", "/v2/trackers/batch", words={"tracking_codes": numbers}
            )
            for tracker in answer.each("trackers"):
                number = tracker.text("tracking_code", limit=80)
                if number in told:
                    told[number] += words.scans_in(tracker)
        return told

    def register_webhook(self, url: str) -> Mapping[str, str]:
        """A new address with a new secret; the addresses that this account gave before are taken away."""
        secret = new_token()
        made = self._wire.ask_json(
            "POST",
            "/v2/webhooks",
            acts=True,
            words={"webhook": {"url": url, "webhook_secret": secret}},
        )
        self._forget_others(url, but=made.text("id"))
        before = {"webhook_secret_before": self._secrets[0]} if self._secrets else {}
        return {"webhook_secret": secret} | before

    def delivery_key(self, raw: RawWebhook) -> str:
        return hook.event_id(raw)

    def parse_webhook(self, raw: RawWebhook) -> Sequence[Scan]:
        hook.verify(raw, self._secrets)
        return hook.scans_in(raw)

    # Buying

    def _check(self, request: LabelRequest) -> None:
        if request.labelless:
            self._need(Can.LABELLESS, "take parcels by a code alone")
        if request.pickup_on:
            self._need(Can.PICKUP, "come to the door")

    def _the_one(self, request: LabelRequest, until: float) -> Words:
        """The one shipment that our reference names, with prices that can be bought. Nothing is paid here."""
        found = self._named(request.reference, until)
        if found is None:
            self._make(request, until, reference=request.reference)
            found = self._named(request.reference, until)
            if found is None:
                raise Unavailable(
                    "EasyPost does not find the shipment by our reference, so nothing was bought."
                )
        if words.is_bought(found):
            return found
        if found.moment("created_at") < datetime.now(UTC) - PRICES_LAST:
            found = self._priced_anew(found, until)
        return found

    def _named(self, reference: str, until: float) -> Words | None:
        path = f"/v2/shipments/{escaped(reference, safe='')}"
        try:
            found = self._wire.ask_json("GET", path, until=until)
        except InvalidRequest as error:
            if error.facts.get("status") == 404:
                return None
            raise Unavailable(error.message) from error
        if found.text("reference", required=False) != reference:
            raise Unavailable("EasyPost answered with another shipment than was asked for.")
        return found

    def _make(self, request: LabelRequest, until: float, *, reference: str = "") -> Words:
        told = words.shipment_out(
            request, accounts=self._accounts, signer=self._signer, reference=reference
        )
        made = self._wire.ask_json("POST", "/v2/shipments", words=told, until=until)
        if not made.is_true("is_return"):
            raise Unavailable("EasyPost made no return of it, so nothing was bought.")
        return made

    def _priced_anew(self, shipment: Words, until: float) -> Words:
        name = shipment.text("id", limit=120)
        path = f"/v2/shipments/{escaped(name, safe='')}/rerate"
        priced = self._wire.ask_json("POST", path, words={}, until=until)
        if priced.text("id", limit=120) != name:  # it would be bought instead of ours
            raise Unavailable("EasyPost answered with another shipment than was asked for.")
        return priced

    def _bought_before(self, name: str, refusal: InvalidRequest, until: float) -> BoughtLabel:
        """Not bought by this request, but perhaps by one before it: what does the shipment say?"""
        try:
            found = self._wire.ask_json(
                "GET", f"/v2/shipments/{escaped(name, safe='')}", until=until
            )
            if words.is_bought(found):
                return words.label_in(found)
        except CarrierError as error:
            raise OutcomeUnknown(error.message) from error
        raise OutcomeUnknown(refusal.message, **refusal.facts)

    # Papers and webhooks

    def _paper(self, address: str) -> bytes:
        """The document at an address that EasyPost gave, if it is one of EasyPost's."""
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        ours = is_loopback(self._base_url) and address.startswith(f"{self._base_url}/")
        known = parts.scheme == "https" and any(
            host == one or host.endswith(f".{one}") for one in PAPER_HOSTS
        )
        if not (ours or known):
            raise Unavailable("EasyPost's label lies at an address that is not EasyPost's.")
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return Wire(self.NAME, f"{parts.scheme}://{parts.netloc}", {}).ask_document(path)

    def _forget_others(self, url: str, *, but: str) -> None:
        """``…/<code>/<merchant>-<account>-<random>/``: of one account only the newest address stays."""
        mine = url.rstrip("/").rpartition("-")[0] + "-"
        try:
            for one in self._wire.ask_json("GET", "/v2/webhooks").each("webhooks"):
                if one.text("id") != but and one.text("url", limit=1000).startswith(mine):
                    self._wire.ask("DELETE", f"/v2/webhooks/{escaped(one.text('id'), safe='')}")
        except CarrierError:
            return  # an address too many hurts nobody: its word is no longer known here

    def _need(self, ability: Can, what: str) -> None:
        if ability not in self.can:
            raise Unsupported(Sentence("This contract with EasyPost cannot %(what)s.", what=what))


def _soon() -> float:
    return time.monotonic() + longest_s()
