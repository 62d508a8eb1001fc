"""The words of ``carriers/base.py`` for every carrier that is reached through Karrio; a profile is a subclass.

A profile says its routes, its products and its credentials, puts right what Karrio writes wrongly (``amend``), and
reads what came back. One call, one gateway, one tracer, one parcel: nothing but the access token outlives a call.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from rientro.carriers.base import (
    AuthFailed,
    BadSignature,
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
from rientro.carriers.karrio import hosts, library, parties
from rientro.carriers.karrio.outcomes import UNREADABLE, failure, is_repeat, words_of
from rientro.carriers.karrio.tokens import Tokens
from rientro.carriers.karrio.transport import Call, Exchange, Role, Route
from rientro.carriers.registry import without
from rientro.carriers.wire import Words
from rientro.kit.ids import new_token
from rientro.kit.sentences import Sentence

ONLY_TRACKS = Sentence("This carrier is connected for tracking only.")
NO_VOID = Sentence("This contract cannot void labels.")
NO_TRACK = Sentence("This contract cannot tell where parcels are.")
NO_CODE = Sentence("This carrier sells labels for printing only.")
NO_CUSTOMS = Sentence("This carrier takes no customs papers from us.")
NO_PICKUP = Sentence("This carrier does not fetch parcels for us.")
ON = frozenset({"1", "true", "yes", "on"})
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,59}\Z")  # numbers and references end up in paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A product between any of ``origins`` and any of ``destinations`` (alpha-2)."""

    code: str
    name: str
    origins: frozenset[str]
    destinations: frozenset[str]
    max_weight_g: int = 0
    abroad: bool | None = None  # True: only across a border, False: only within a country

    def fits(self, origin: str, destination: str) -> bool:
        here = origin in self.origins and destination in self.destinations
        return here and (self.abroad is None or self.abroad == (origin != destination))


@dataclass(slots=True)
class Work:
    """One call and what Karrio made for it."""

    call: Call
    karrio: library.Library
    gateway: Any
    tokens: Tokens


class KarrioCarrier(ABC):
    """One contract with one carrier. Subclasses fill in what is theirs."""

    CODE: ClassVar[str]
    NAME: ClassVar[str]
    PLUGIN: ClassVar[str]  # Karrio's name of it
    CAN: ClassVar[Can]
    OFFERS: ClassVar[tuple[Offer, ...]] = ()
    CREDENTIALS: ClassVar[tuple[str, ...]]  # all must be there
    OUTBOUND: ClassVar[bool] = True  # Karrio's return: addresses as on the way out
    HAS_TEST: ClassVar[bool] = True  # has a place where labels cost nothing
    TRACK_AT_ONCE: ClassVar[int] = 10

    def __init__(self, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        self._credentials = {name: str(value).strip() for name, value in credentials.items()}
        self._settings = settings
        # Who does not say that labels cost real money gets the carrier's test place.
        self.test_mode = str(settings.get("test_mode", "1")).strip().lower() in ON
        lacking = [name for name in self.CREDENTIALS if not self._credentials.get(name)]
        if lacking:
            raise AuthFailed("The credentials of this carrier are incomplete.", lacking=lacking)
        self.can = self.CAN & ~without(settings.get("cannot", ""))

    # What a profile says

    @abstractmethod
    def routes(self) -> tuple[Route, ...]:
        """Every place that may be asked."""

    @abstractmethod
    def account(self) -> dict[str, Any]:
        """The settings of Karrio's connection."""

    def amend(self, request: LabelRequest, body: bytes) -> bytes:
        """What is sent instead of the purchase that Karrio wrote."""
        return body

    def options(self, request: LabelRequest) -> dict[str, Any]:
        """Karrio's options and more fields of its shipment."""
        return {}

    def read_label(self, request: LabelRequest, exchange: Exchange) -> BoughtLabel:
        """The label in a good answer; of every profile with OFFERS. Raises OutcomeUnknown for what is no label."""
        raise Unsupported(ONLY_TRACKS)

    @abstractmethod
    def read_scans(self, exchange: Exchange, number: str) -> Sequence[Scan]:
        """The scans of ``number`` in an answer."""

    # The port

    def services(self, origin: str, destination: str) -> Sequence[Service]:
        return [
            Service(
                code=offer.code,
                name=offer.name,
                origin=origin,
                destination=destination,
                max_weight_g=offer.max_weight_g,
            )
            for offer in self.OFFERS
            if offer.fits(origin, destination)
        ]

    def check_credentials(self) -> None:
        with self._work(anew=True) as work:
            said = _said(lambda: self.knock(work))
        exchange = work.call.last(*Role)
        if exchange is None or not self.knows_us(exchange):
            raise failure(exchange, said, work.tokens, acts=False)

    def knock(self, work: Work) -> Any:
        """Ask for something harmless: where there are access tokens, for a new one."""
        return work.gateway.proxy.authenticate()

    def knows_us(self, exchange: Exchange) -> bool:
        return exchange.fine

    def quote(self, request: LabelRequest) -> Sequence[Quote]:
        raise Unsupported("This carrier tells no price before the purchase.")

    def buy_label(self, request: LabelRequest) -> BoughtLabel:
        request = parties.cleaned(request)
        self._may_buy(request)
        shipment = parties.shipment(request, outbound=self.OUTBOUND)
        for name, value in self.options(request).items():
            shipment[name] = value
        with self._work(amend=lambda body: self.amend(request, body)) as work:
            said = _said(
                lambda: work.karrio.sdk.Shipment.create(shipment).from_(work.gateway).parse()
            )
        exchange = self.answer_of(work.call)
        if exchange is not None and exchange.fine:
            return self._read(request, exchange)
        if exchange is not None and (refusal := self.refusal_in(exchange)) is not None:
            raise refusal
        blamed = exchange or work.call.last(*Role)
        raise failure(blamed, said, work.tokens, acts=True)

    def refusal_in(self, exchange: Exchange) -> CarrierError | None:
        """What the carrier says clearly, where Karrio does not read it."""
        return None

    def answer_of(self, call: Call) -> Exchange | None:
        """The exchange that says what was bought."""
        return call.last(Role.PURCHASE)

    def find_label(self, reference: str) -> BoughtLabel | None:
        raise Unsupported("This carrier cannot be asked for a label by our reference.")

    def fetch_document(
        self, carrier_reference: str, want: LabelFormat = LabelFormat.PDF
    ) -> bytes | None:
        if want is not LabelFormat.PDF:
            raise Unsupported("The label of this carrier comes as PDF only.")
        return None  # it came with the purchase, and comes once

    def cancel_label(self, carrier_reference: str) -> CancelResult:
        self._need(Can.CANCEL, NO_VOID)
        asked = {"shipment_identifier": plain(carrier_reference)}
        with self._work() as work:
            said = _said(lambda: work.karrio.sdk.Shipment.cancel(asked).from_(work.gateway).parse())
        exchange = work.call.last(Role.VOID)
        if exchange is not None and exchange.fine and self.is_voided(exchange):
            return CancelResult(outcome="voided")
        if exchange is not None and exchange.fine and said:
            return CancelResult(outcome="refused", message=said)
        error = failure(exchange or work.call.last(*Role), said, work.tokens, acts=True)
        if isinstance(error, InvalidRequest) and exchange is not None:
            voided = is_repeat(said)
            return CancelResult(outcome="voided" if voided else "refused", message=error.message)
        raise error

    def is_voided(self, exchange: Exchange) -> bool:
        """Does a good answer to a void say that it is done?"""
        return False

    def track(self, tracking_numbers: Sequence[str]) -> Mapping[str, Sequence[Scan]]:
        self._need(Can.TRACK, NO_TRACK)
        told: dict[str, Sequence[Scan]] = {number: [] for number in tracking_numbers}
        sane = [number for number in told if PLAIN.match(number)]
        for start in range(0, len(sane), self.TRACK_AT_ONCE):
            numbers = sane[start : start + self.TRACK_AT_ONCE]
            told |= self._track(numbers)
        return told

    def delivery_key(self, raw: RawWebhook) -> str:
        return ""

    def parse_webhook(self, raw: RawWebhook) -> Sequence[Scan]:
        raise BadSignature("This carrier sends us no webhooks.")

    # How it is done

    @contextmanager
    def _work(
        self, amend: Callable[[bytes], bytes] | None = None, *, anew: bool = False
    ) -> Iterator[Work]:
        """``anew``: with no access token of before."""
        karrio = library.load()
        tokens = Tokens(new_token() if anew else self._scope())
        account = {"carrier_id": self.CODE, "test_mode": self.test_mode, **self.account()}
        with Call(self.routes(), amend=amend) as call:
            gateway = karrio.gateway(self.PLUGIN, account, tokens)
            yield Work(call, karrio, gateway, tokens)

    def _scope(self) -> str:
        """Every credential counts: Karrio's own key for DHL leaves out whose user it is. Kept as a hash only."""
        stand_ins = [_stand_in(route.host) for route in self.routes()]
        return json.dumps([self.CODE, self.test_mode, stand_ins, sorted(self._credentials.items())])

    def _may_buy(self, request: LabelRequest) -> None:
        if not self.OFFERS:
            raise Unsupported(ONLY_TRACKS)
        self._need_for(request.labelless, Can.LABELLESS, NO_CODE)
        self._need_for(request.customs is not None, Can.CUSTOMS, NO_CUSTOMS)
        self._need_for(request.pickup_on is not None, Can.PICKUP, NO_PICKUP)
        if self.test_mode and not self.HAS_TEST:
            raise Unsupported(
                "This carrier has no place for tests: every label costs money. Switch test mode off."
            )
        offer = next((known for known in self.OFFERS if known.code == request.service), None)
        if offer is None:
            raise InvalidRequest("This carrier sells no service of that name.")
        if not offer.fits(request.sender.country, request.receiver.country):
            raise InvalidRequest("This service does not go between these two countries.")

    def _read(self, request: LabelRequest, exchange: Exchange) -> BoughtLabel:
        try:
            return self.read_label(request, exchange)
        except (LookupError, TypeError, ValueError, AttributeError, Unavailable) as error:
            raise self.doubt(
                exchange
            ) from error  # it was sold: nothing that we cannot read undoes that

    def _track(self, numbers: Sequence[str]) -> dict[str, Sequence[Scan]]:
        asked = {"tracking_numbers": list(numbers)}
        with self._work() as work:
            said = _said(lambda: work.karrio.sdk.Tracking.fetch(asked).from_(work.gateway).parse())
        answers = work.call.every(Role.QUESTION)
        if not answers:
            raise failure(work.call.last(*Role), said, work.tokens, acts=False)
        for answer in answers:
            # A number that the carrier does not know (yet) is no news, not a failure.
            if not answer.fine and answer.status not in (400, 404):
                raise failure(answer, said, work.tokens, acts=False)
        return {
            number: [
                scan for answer in answers if answer.fine for scan in self._scans(answer, number)
            ]
            for number in numbers
        }

    def _scans(self, answer: Exchange, number: str) -> Sequence[Scan]:
        try:
            return self.read_scans(answer, number)
        except (LookupError, TypeError, ValueError, AttributeError, CarrierError) as error:
            raise Unavailable(UNREADABLE) from error

    def words(self, found: Mapping[str, Any], exchange: Exchange) -> Words:
        """An answer to a purchase, read with care: whatever is missing is doubt."""
        return Words(found, self.doubt(exchange))

    def doubt(self, exchange: Exchange) -> OutcomeUnknown:
        return OutcomeUnknown(UNREADABLE, status=exchange.status)

    def offer_name(self, service: str) -> str:
        return next((offer.name for offer in self.OFFERS if offer.code == service), service)

    def credential(self, name: str) -> str:
        return self._credentials.get(name, "")

    def setting(self, name: str) -> str:
        return str(self._settings.get(name) or "").strip()

    def _need(self, ability: Can, words: str) -> None:
        if ability not in self.can:
            raise Unsupported(words)

    def _need_for(self, wanted: bool, ability: Can, words: str) -> None:
        if wanted and ability not in self.can:
            raise Unsupported(words)


def plain(reference: str) -> str:
    """A reference that may stand in a path. Raises InvalidRequest."""
    if not PLAIN.match(reference):
        raise InvalidRequest("This is not a reference of this carrier.")
    return reference


def _said(ask: Callable[[], Any]) -> str:
    """Do it, and give what the carrier said. What went wrong stands in the journal, whatever Karrio raises."""
    try:
        answer = ask()
    except CarrierError:
        raise
    except Exception:
        return ""
    messages = answer[1] if isinstance(answer, tuple) and len(answer) == 2 else ()
    return words_of(messages or ())


def _stand_in(host: str) -> str:
    try:
        return hosts.target(host) or ""
    except hosts.MapRefused:
        return ""
