"""Sendcloud's version 3 returns: a label between two addresses, without an outbound parcel.

Source: Sendcloud's OpenAPI files of version 3 (January and August 2026) and of version 2 where version 3 has no
such question or no published words (parcels by our reference, cancelling by a parcel's number, tracking). See
docs/carriers/sendcloud.md.

**Once only.** Our reference goes out as ``external_reference``, which Sendcloud documents as unique: a second
request with the same one is refused ("External reference has already been used in another return"). So a
repeated purchase never buys twice, which is what IDEMPOTENCY_KEY means; the refusal is answered by looking the
label up, by ``external_reference`` and by ``order_number``, which is our reference too. That a look-up which
finds nothing proves anything is documented nowhere, so FIND_BY_REFERENCE is not claimed. Once the purchase was
accepted, whatever fails afterwards is OutcomeUnknown: asking again finds it.
"""

import base64
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote as escaped

from rientro.carriers.base import (
    Address,
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
from rientro.carriers.official import base_url
from rientro.carriers.paper import checked_pdf
from rientro.carriers.registry import without
from rientro.carriers.sendcloud import answers, hook, words
from rientro.carriers.sendcloud.offered import ABILITIES, OFFICIAL
from rientro.carriers.sendcloud.statuses import CANCELLED, CANCELLING, FAILED
from rientro.carriers.wire import Wire, Words, longest_s
from rientro.kit.sentences import Sentence

ASK_AGAIN_S = 0.5  # how often a label that is being announced is looked at
HOOKS = "/hooks/carriers/sendcloud/"
TOO_LATE = Sentence("Sendcloud does not take this label back.")


class Sendcloud:
    CODE: ClassVar[str] = "sendcloud"
    NAME: ClassVar[str] = "Sendcloud"

    def __init__(self, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        public, secret = (
            str(credentials.get(name, "")).strip() for name in ("public_key", "secret_key")
        )
        if not public or not secret or ":" in public or not (public + secret).isascii():
            raise AuthFailed("The keys of Sendcloud are missing or mistyped.")
        self.can = ABILITIES & ~without(settings.get("cannot", ""))
        self._brand_id = _brand_id(settings)
        self._signing_keys = [
            key for key in (str(credentials.get("webhook_key", "")).strip(), secret) if key
        ]
        basic = base64.b64encode(f"{public}:{secret}".encode()).decode()
        self._wire = Wire(
            self.NAME,
            base_url(settings, OFFICIAL, self.NAME),
            {"Authorization": f"Basic {basic}", "Accept": "application/json"},
        )

    def check_credentials(self) -> None:
        self._integration_id()

    def services(self, origin: str, destination: str) -> Sequence[Service]:
        places = [
            Address(name="", street="", city="", country=code) for code in (origin, destination)
        ]
        found = self._options(words.options_out(*places))
        return words.services_in(found, origin, destination)

    def quote(self, request: LabelRequest) -> Sequence[Quote]:
        self._need(Can.QUOTE, "quote prices")
        asked = words.options_out(
            request.sender,
            request.receiver,
            weight_g=request.parcel.weight_g,
            service=request.service,
        )
        return words.quotes_in(self._options(asked), request.service)

    def validate(self, request: LabelRequest) -> None:
        self._need(Can.VALIDATE, "say beforehand what it would take")
        told = self._return_out(request)
        try:
            self._wire.ask("POST", "/api/v3/returns/validate", words=told)
        except InvalidRequest as refusal:
            if not answers.says_used(refusal):  # buying finds what was bought under it
                raise

    def buy_label(self, request: LabelRequest) -> BoughtLabel:
        """One POST, then the return is read until the carrier has given it a number.

        The twin that waits for the carrier (announce-synchronously) is "for debugging purposes" in Sendcloud's
        words. This one answers at once, so that there is little time in which its answer can be lost.
        """
        told = self._return_out(request)
        until = time.monotonic() + longest_s()
        try:
            made = self._wire.ask_json(
                "POST", "/api/v3/returns", acts=True, words=told, until=until
            )
        except InvalidRequest as refusal:
            if not answers.says_used(refusal) and not refusal.facts.get("wordless"):
                raise
            bought = self._bought_before(request.reference, refusal, until)
        else:
            reference = words.Reference(made.whole("return_id"), made.whole("parcel_id"))
            bought = self._bought(reference, request.reference, until)
        charged = {"charged": words.charged_on(request.service)}
        return replace(bought, facts=bought.facts | charged)

    def find_label(self, reference: str) -> BoughtLabel | None:
        self._need(Can.FIND_BY_REFERENCE, "be trusted to find a label by our reference")
        return self._looked_up(reference, time.monotonic() + longest_s())

    def fetch_document(
        self, carrier_reference: str, want: LabelFormat = LabelFormat.PDF
    ) -> bytes | None:
        if want is not LabelFormat.PDF:
            raise Unsupported("Sendcloud's own labels are fetched as PDF only.")
        parcel = words.reference_of(carrier_reference).parcel
        path = f"/api/v3/parcels/{parcel}/documents/label"
        headers = {"Accept": "application/pdf"}
        document = self._wire.ask_document(path, params={"paper_size": "a6"}, headers=headers)
        return checked_pdf(document)

    def cancel_label(self, carrier_reference: str) -> CancelResult:
        """Sendcloud passes the wish on to the carrier: most often the answer comes later."""
        self._need(Can.CANCEL, "void labels")
        reference = words.reference_of(carrier_reference)
        slug = self._slug(reference)
        if slug in CANCELLED | FAILED:
            return CancelResult(outcome="voided")
        if slug in CANCELLING:
            return CancelResult(outcome="requested")
        try:
            self._ask_to_cancel(reference)
        except InvalidRequest as refusal:
            if self._slug(reference) in CANCELLED:
                return CancelResult(outcome="voided")
            return CancelResult(outcome="refused", message=refusal.message or TOO_LATE)
        if self._slug(reference) in CANCELLED:
            return CancelResult(outcome="voided")
        return CancelResult(outcome="requested")

    def track(self, tracking_numbers: Sequence[str]) -> Mapping[str, Sequence[Scan]]:
        """One question for each number, all within one deadline; who is not reached is asked the next time."""
        self._need(Can.TRACK, "tell where parcels are")
        told: dict[str, list[Scan]] = {number: [] for number in tracking_numbers}
        until = time.monotonic() + longest_s()
        for place, number in enumerate(told):
            try:
                told[number] = self._scans_of(number, until)
            except Unavailable:
                if place == 0:
                    raise
                break
        return told

    def register_webhook(self, url: str) -> Mapping[str, str]:
        """Sendcloud has one webhook for each integration: an address that is not ours is left alone."""
        path = f"/api/v3/integrations/{self._integration_id()}"
        before = self._wire.ask_json("GET", path).inner("data").text("webhook_url", required=False)
        if before and HOOKS not in before:
            raise Unsupported("Sendcloud tells another system already; parcels are polled instead.")
        self._wire.ask("PATCH", path, acts=True, words={"webhook_active": True, "webhook_url": url})
        return {}  # signed with the secret key, which we know

    def delivery_key(self, raw: RawWebhook) -> str:
        return ""  # Sendcloud gives deliveries no number: the body stands for itself

    def parse_webhook(self, raw: RawWebhook) -> Sequence[Scan]:
        hook.verify(raw, self._signing_keys)
        return hook.scans_in(raw)

    # Buying

    def _return_out(self, request: LabelRequest) -> dict[str, Any]:
        if request.labelless:
            self._need(Can.LABELLESS, "take parcels by a code alone")
        if request.pickup_on:
            self._need(Can.PICKUP, "come to the door")
        return words.return_out(request, self._brand_id)

    def _bought(self, reference: words.Reference, ours: str, until: float) -> BoughtLabel:
        """The label of a return that exists. Every failure from here on leaves the outcome unknown."""
        while True:
            try:
                bought = self._announced(reference, ours, until)
            except (answers.NotAnnounced, OutcomeUnknown):
                raise
            except CarrierError as error:  # also an answer that cannot be read
                raise OutcomeUnknown(
                    Sentence(
                        "Sendcloud took the return and then said: %(words)s", words=error.message
                    )
                ) from error
            if bought:
                return bought
            if time.monotonic() + ASK_AGAIN_S >= until:
                raise OutcomeUnknown("Sendcloud took the return, and its label is not ready yet.")
            time.sleep(ASK_AGAIN_S)

    def _announced(self, reference: words.Reference, ours: str, until: float) -> BoughtLabel | None:
        """None while the carrier has given it no number. Raises NotAnnounced where it never will."""
        found = self._wire.ask_json("GET", f"/api/v3/returns/{reference.ret}", until=until)
        if found.text("order_number", required=False) not in ("", ours):
            raise OutcomeUnknown("Sendcloud answered with another return than the one we made.")
        number = found.text("tracking_number", limit=80, required=False)
        if number:
            return answers.label_in(found, reference, number)
        if answers.slug_in(found) in FAILED | CANCELLED:
            raise answers.NotAnnounced(answers.problem_in(found))
        return None

    def _bought_before(self, reference: str, refusal: InvalidRequest, until: float) -> BoughtLabel:
        """Sendcloud knows our reference already, or refuses without a word: what was bought under it?"""
        try:
            found = self._looked_up(reference, until)
        except answers.NotAnnounced:
            raise
        except CarrierError as error:
            raise OutcomeUnknown(error.message) from error
        if found is None and not answers.says_used(refusal):
            raise refusal
        if found is None:
            raise OutcomeUnknown(
                Sentence(
                    "Sendcloud has this return already and does not tell which one it is. Look for %(reference)s "
                    "in Sendcloud and settle the purchase by hand.",
                    reference=reference,
                ),
                for_a_person=True,
            )
        return found

    def _looked_up(self, reference: str, until: float) -> BoughtLabel | None:
        for name in ("external_reference", "order_number"):
            answer = self._wire.ask_json(
                "GET", "/api/v2/parcels", params={name: reference}, until=until
            )
            for parcel in answer.each("parcels"):
                if parcel.text(name, required=False) == reference:
                    return answers.parcel_in(parcel)
        return None

    # Cancelling

    def _slug(self, reference: words.Reference) -> str:
        if reference.ret:
            return answers.slug_in(self._wire.ask_json("GET", f"/api/v3/returns/{reference.ret}"))
        answer = self._wire.ask_json("GET", f"/api/v2/parcels/{reference.parcel}")
        return answers.parcel_slug_in(answer.inner("parcel"))

    def _ask_to_cancel(self, reference: words.Reference) -> None:
        if reference.ret:
            self._wire.ask("PATCH", f"/api/v3/returns/{reference.ret}/cancel", acts=True)
        else:
            self._wire.ask("POST", f"/api/v2/parcels/{reference.parcel}/cancel", acts=True)

    # Asking

    def _options(self, asked: Mapping[str, Any]) -> list[Words]:
        return self._wire.ask_json("POST", "/api/v3/shipping-options", words=asked).each("data")

    def _integration_id(self) -> int:
        answer = self._wire.ask_json("GET", "/api/v3/user/auth/metadata")
        return answer.inner("data").whole("integration_id")

    def _scans_of(self, number: str, until: float) -> list[Scan]:
        """Version 2's history: the events of version 3 are told in words that are published nowhere."""
        path = f"/api/v2/tracking/{escaped(number, safe='')}"
        try:
            answer = self._wire.ask_json("GET", path, until=until)
        except InvalidRequest as error:
            if error.facts.get("status") == 404:
                return []  # not known yet, or no more
            raise
        return answers.scans_in(answer, number)

    def _need(self, ability: Can, what: str) -> None:
        if ability not in self.can:
            raise Unsupported(Sentence("This contract with Sendcloud cannot %(what)s.", what=what))


def _brand_id(settings: Mapping[str, Any]) -> str:
    told = str(settings.get("brand_id") or "").strip()
    if told and not (told.isascii() and told.isdigit() and len(told) <= 18):
        raise InvalidRequest("The brand number of Sendcloud has digits only.")
    return told
