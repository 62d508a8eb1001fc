"""The words every carrier adapter speaks: what we ask, what it answers, how it may fail.

    CarrierError
    ├── InvalidRequest   the carrier said no: nothing was created, the same words fail again
    ├── AuthFailed       the credentials were refused: nothing was created, the account is broken
    ├── RateLimited      too many requests: nothing was created, wait ``retry_after_s``
    ├── Unavailable      nothing was created, and asking again later is safe
    ├── OutcomeUnknown   the label may exist: never ask again without looking first
    └── Unsupported      this adapter cannot do that, and says so before anything is sent

An adapter turns every failure of the outside world into one of these; anything else that leaves an
adapter is a bug. It sends one request per call and never repeats a purchase by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import Flag, StrEnum, auto
from typing import Any, ClassVar, Literal, Protocol

from rientro.kit.errors import Kind, RientroError
from rientro.kit.money import Money

DEADLINE_S = 30  # of one call, from the first byte to the last, however slowly they arrive
DOCUMENT_LIMIT = 5 * 1024 * 1024  # bytes of one label document


class CarrierError(RientroError):
    """A carrier failed us. ``message`` is written for the merchant and holds no secret."""

    kind: ClassVar[Kind] = "upstream"
    code: ClassVar[str] = "carrier_error"


class InvalidRequest(CarrierError):
    """The carrier understood and refused: asking again with the same words fails again."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "carrier_refused"


class AuthFailed(CarrierError):
    """The credentials were refused. The account needs new ones; nothing was created."""

    code: ClassVar[str] = "carrier_credentials"


class RateLimited(CarrierError):
    """Too many requests. Nothing was created; wait ``retry_after_s`` seconds with this account."""

    kind: ClassVar[Kind] = "limited"
    code: ClassVar[str] = "carrier_busy"

    def __init__(self, message: str, *, retry_after_s: int = 60, **facts: object) -> None:
        super().__init__(message, retry_after_s=retry_after_s, **facts)
        self.retry_after_s = retry_after_s


class Unavailable(CarrierError):
    """Not reached, or it said before acting that it cannot now: nothing was created."""

    code: ClassVar[str] = "carrier_unavailable"


class OutcomeUnknown(CarrierError):
    """The request went out and no clear answer came back: it may have been carried out.

    With ``for_a_person=True`` asking again would tell no more, whatever this adapter can do otherwise.
    """

    code: ClassVar[str] = "carrier_outcome_unknown"


class Unsupported(CarrierError):
    """This adapter cannot do that. Raised before anything is sent."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "carrier_cannot"


class BadSignature(CarrierError):
    """A webhook that the carrier did not sign, or signed too long ago. Nothing in it counts."""

    kind: ClassVar[Kind] = "forbidden"
    code: ClassVar[str] = "bad_signature"


class Can(Flag):
    """What an adapter can do. The panel offers only this; flows branch on it."""

    NOTHING = 0
    QUOTE = auto()
    LABELLESS = auto()
    CANCEL = auto()
    TRACK = auto()
    WEBHOOK = auto()
    MULTI_PARCEL = auto()
    CUSTOMS = auto()
    PICKUP = auto()
    PAY_ON_SCAN = auto()
    IDEMPOTENCY_KEY = auto()
    FIND_BY_REFERENCE = auto()
    VALIDATE = auto()


class LabelFormat(StrEnum):
    PDF = "pdf"
    ZPL = "zpl"
    PNG = "png"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """``country`` is ISO 3166 alpha-2; the house number may come joined in ``street``."""

    name: str
    street: str
    city: str
    country: str
    company: str = ""
    house_number: str = ""
    address_2: str = ""
    postal_code: str = ""
    state: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelSize:
    """Grams and millimetres; 0 means unknown."""

    weight_g: int
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomsItem:
    """``value_minor`` and ``weight_g`` are per unit."""

    description: str
    quantity: int
    value_minor: int
    weight_g: int
    hs_code: str = ""
    origin_country: str = ""
    sku: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customs:
    """What the customs declaration of a returned parcel says.

    ``invoice_number`` is that under which the goods went out; the tax numbers are the receiver's.
    """

    currency: str
    items: tuple[CustomsItem, ...]
    contents: Literal["returned_goods", "merchandise"] = "returned_goods"
    invoice_number: str = ""
    receiver_vat: str = ""
    receiver_eori: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRequest:
    """One return parcel, in its physical direction: from the shopper to the merchant.

    ``reference`` is ours and unique: it is the idempotency key where the carrier knows such keys, and
    what the carrier is asked by where it can look up. ``description`` is shown at the carrier's. With
    ``pickup_on`` the carrier fetches the parcel at the sender's door on that day.
    """

    reference: str
    sender: Address
    receiver: Address
    parcel: ParcelSize
    service: str
    want: LabelFormat = LabelFormat.PDF
    labelless: bool = False
    outbound_tracking_number: str = ""
    description: str = ""
    customs: Customs | None = None
    pickup_on: date | None = None

    def to_json(self) -> dict[str, Any]:
        """As JSON values, for a column; ``from_json`` gives an equal request back."""
        words = asdict(self)
        words["pickup_on"] = self.pickup_on.isoformat() if self.pickup_on else None
        return words

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "LabelRequest":
        """The request that ``to_json`` wrote. Raises TypeError for a shape unknown to us."""
        words = dict(stored)
        words["sender"] = Address(**words["sender"])
        words["receiver"] = Address(**words["receiver"])
        words["parcel"] = ParcelSize(**words["parcel"])
        words["want"] = LabelFormat(words.get("want", LabelFormat.PDF))
        if words.get("pickup_on"):
            words["pickup_on"] = date.fromisoformat(words["pickup_on"])
        if words.get("customs"):
            customs = dict(words["customs"])
            customs["items"] = tuple(CustomsItem(**item) for item in customs["items"])
            words["customs"] = Customs(**customs)
        return cls(**words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A product between two countries. ``price_from`` is its lowest price, when known."""

    code: str
    name: str
    origin: str
    destination: str
    max_weight_g: int = 0
    price_from: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a label would cost, before it is bought."""

    service: str
    price: Money
    days: int = 0  # usual days on the road; 0 when unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class BoughtLabel:
    """A label that exists at the carrier and is paid or owed.

    ``document`` is the carrier's own paper when it came in the same answer; None when it must be
    fetched or when the carrier has none. ``facts`` are JSON values worth keeping (routing, names), and ``charged``
    (`creation` or `first_scan`) where one carrier charges some labels so and others so.
    ``price`` of a label that is not ``priced`` is only what was quoted (or zero): the carrier's invoice
    will tell. ``code`` is the picture or PDF by which a shop prints a labelless parcel, ``code_link`` the
    carrier's own page of it.
    """

    carrier_reference: str
    tracking_number: str
    price: Money
    document: bytes | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    voided: bool = False  # found by reference, but voided at the carrier meanwhile
    priced: bool = True
    code: bytes | None = None
    code_link: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelResult:
    """``requested``: the carrier will decide later; ``refused``: the label stays, and why."""

    outcome: Literal["voided", "requested", "refused"]
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """News of one parcel as an adapter hands it over.

    ``status`` is one of ours (policy.tracking), or ``label_voided`` / ``label_void_refused`` when the carrier has
    decided about a label that was to be given back (``description`` says why). ``code`` is theirs, ``key`` their
    id of this scan or a hash of what it says: the same scan told twice, by poll and by webhook, has one key.
    """

    tracking_number: str
    status: str
    occurred_at: datetime
    key: str
    code: str = ""
    description: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawWebhook:
    """A webhook as it came. ``headers`` are lower-cased; ``received_at`` is our clock."""

    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


class Carrier(Protocol):
    """A carrier under one contract. Made by ``registry.open_carrier`` for one unit of work."""

    CODE: ClassVar[str]
    NAME: ClassVar[str]

    @property
    def can(self) -> Can:
        """What this contract can do; a setting may take flags away."""

    def services(self, origin: str, destination: str) -> Sequence[Service]:
        """Products from ``origin`` to ``destination`` (alpha-2); empty when there is none."""

    def check_credentials(self) -> None:
        """Ask the carrier something harmless. Raises AuthFailed when it does not know us."""

    def quote(self, request: LabelRequest) -> Sequence[Quote]:
        """Prices for ``request``, cheapest first."""

    def buy_label(self, request: LabelRequest) -> BoughtLabel:
        """Buy one label with exactly one purchase request on the wire."""

    def find_label(self, reference: str) -> BoughtLabel | None:
        """The label bought under our ``reference``; None when the carrier is sure there is none."""

    def fetch_document(
        self, carrier_reference: str, want: LabelFormat = LabelFormat.PDF
    ) -> bytes | None:
        """The carrier's paper of a label, checked; None when this carrier draws none."""

    def cancel_label(self, carrier_reference: str) -> CancelResult:
        """Void a label. Safe to repeat: a label voided before answers ``voided``."""

    def track(self, tracking_numbers: Sequence[str]) -> Mapping[str, Sequence[Scan]]:
        """Every scan known of each number; a number without news maps to nothing."""

    def delivery_key(self, raw: RawWebhook) -> str:
        """The sender's own id of this delivery, if it is signed; else a hash of the body."""

    def parse_webhook(self, raw: RawWebhook) -> Sequence[Scan]:
        """Verify the signature over the raw bytes, then read. Raises BadSignature."""


class RegistersWebhooks(Protocol):
    """A carrier which can be told by machine where to send its scans."""

    def register_webhook(self, url: str) -> Mapping[str, str]:
        """Tell the carrier ``url``; returns credentials to keep (such as the signing secret)."""


class Validates(Protocol):
    """A carrier (Can.VALIDATE) which says before the purchase whether it would take these words."""

    def validate(self, request: LabelRequest) -> None:
        """Buys nothing. Raises InvalidRequest with the carrier's own reason."""
