"""The words every shop adapter speaks: what we ask, what it answers, how it may fail.

    ShopError
    ├── InvalidRequest   the shop said no: nothing was changed, the same words fail again
    ├── AuthFailed       the keys were refused or lack a permission (``scope``): the connection is broken
    ├── RateLimited      too many requests: nothing was changed, wait ``retry_after_s``
    ├── Unavailable      nothing was changed, and asking again later is safe
    ├── OutcomeUnknown   it may have been carried out: never ask again without looking first
    └── Unsupported      this shop cannot do that, and the adapter says so before anything is sent

An adapter turns every failure of the outside world into one of these; anything else that leaves an adapter is a
bug. It knows no table and no clock, keeps nothing between two calls but access tokens, and never repeats a refund by
itself. Every call ends within DEADLINE_S.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Flag, auto
from typing import Any, ClassVar, Literal, Protocol

from rientro.kit.errors import Kind, RientroError
from rientro.kit.money import Money
from rientro.policy.orders_in import OrderIn

DEADLINE_S = 30  # of one call, however many requests it takes
ANSWER_LIMIT = 20 * 1024 * 1024  # bytes of one answer


class ShopError(RientroError):
    """A shop failed us. ``message`` is written for the merchant and holds no secret."""

    kind: ClassVar[Kind] = "upstream"
    code: ClassVar[str] = "shop_error"


class InvalidRequest(ShopError):
    """The shop understood and refused: asking again with the same words fails again."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "shop_refused"


class AuthFailed(ShopError):
    """The keys were refused, or they lack a permission: ``facts["scope"]`` names it in the shop's own words."""

    code: ClassVar[str] = "shop_credentials"


class RateLimited(ShopError):
    """Too many requests. Nothing was changed; wait ``retry_after_s`` seconds with this shop."""

    kind: ClassVar[Kind] = "limited"
    code: ClassVar[str] = "shop_busy"

    def __init__(self, message: str, *, retry_after_s: int = 10, **facts: object) -> None:
        super().__init__(message, retry_after_s=retry_after_s, **facts)
        self.retry_after_s = retry_after_s


class Unavailable(ShopError):
    """Not reached, or it answered nothing that can be read: nothing was changed."""

    code: ClassVar[str] = "shop_unavailable"


class OutcomeUnknown(ShopError):
    """The request went out and no clear answer came back: it may have been carried out."""

    code: ClassVar[str] = "shop_outcome_unknown"


class Unsupported(ShopError):
    """This shop cannot do that. Raised before anything is sent."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "shop_cannot"


class BadSignature(ShopError):
    """A webhook that the shop did not sign. Nothing in it counts."""

    kind: ClassVar[Kind] = "forbidden"
    code: ClassVar[str] = "bad_signature"


class Can(Flag):
    """What an adapter can do. The panel offers only this; flows branch on it."""

    NOTHING = 0
    WEBHOOK = auto()  # we register its webhooks ourselves
    FIND = auto()  # it can be asked for one order by the number that a shopper knows
    REFUND = auto()  # money goes back by the shop, to the method it came from
    RESTOCK = auto()
    STORE_CREDIT = auto()  # credit on the shopper's account in the shop
    COUPON = auto()  # a code worth money at the next purchase
    NOTE = auto()  # words on the order that only the merchant's people see
    CONSENT = (
        auto()
    )  # keys come by a page of the shop on which the merchant agrees (``AsksConsent``)
    PRIVACY = auto()  # it tells us of erasures and of requests for data


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """Units of a line that the shop refunded as goods, or cancelled; ``at`` None where the shop does not say when."""

    units: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopOrder:
    """One order as the shop holds it now.

    Each line of ``order`` has its ``line_key`` (the shop's own id of the line), the quantity that was *bought*, and
    as price what one unit really cost: tax included, after every discount of the line and of the order, rounded down.
    ``taken_back`` says by ``line_key`` what is gone from it since. ``order.shop_updated_at`` stays None: shops stamp
    by the second, and two changes of one second would be one to us.
    """

    order: OrderIn
    taken_back: Mapping[str, Sequence[TakenBack]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """An order that this adapter cannot carry over, and why, in a sentence for the merchant."""

    external_order_id: str
    number: str = ""
    reason: str


Told = ShopOrder | Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of the orders of a walk. ``cursor`` continues it in another process, an hour later too; "" ends it.

    ``newest`` is the shop's latest stamp of change among them. With ``rest_s`` the shop wants so many seconds of
    peace before the next page.
    """

    orders: Sequence[Told]
    cursor: str = ""
    newest: datetime | None = None
    rest_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a shop says of itself when it is connected. ``cautions`` are sentences for the merchant, such as that old
    orders are not told for want of a permission. ``statuses`` are {the shop's word: how it reads in its admin}."""

    name: str
    version: str = ""
    currency: str = ""
    cautions: Sequence[str] = ()
    statuses: Mapping[str, str] = field(default_factory=dict)


Method = Literal["original", "store_credit", "coupon"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """Money and goods of one refund. ``reference`` is ours and unique: what a refund is found by afterwards.

    ``amount`` is all of it; ``shipping`` is the part of it that stands for postage. ``units`` are {line_key: units}
    that came back, and with ``restock`` they go back on the shelf. ``email`` is the shopper's, for a coupon.
    """

    external_order_id: str
    reference: str
    amount: Money
    shipping: Money
    units: Mapping[str, int] = field(default_factory=dict)
    restock: bool = False
    method: Method = "original"
    note: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopRefund:
    """A refund that stands in the shop. ``code`` is what a coupon is redeemed by."""

    shop_reference: str
    amount: Money
    code: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawWebhook:
    """A webhook as it came. ``headers`` are lower-cased; ``received_at`` is our clock."""

    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a webhook speaks of. Only ids are believed: the orders themselves are asked for.

    ``data_request`` and ``erase``: the shopper with this ``email`` (and ``order_ids``, where named) wants to see or
    lose what we hold; ``erase_shop``: everything of this shop goes; ``uninstalled``: the keys are dead.
    """

    topic: str
    kind: Literal["orders", "data_request", "erase", "erase_shop", "uninstalled", "nothing"]
    order_ids: Sequence[str] = ()
    email: str = ""


class Shop(Protocol):
    """A shop under one contract. Made by ``registry.open_shop`` for one unit of work.

    ``settings["url"]`` is the shop's address as the merchant gave it, cleaned by ``registry``.
    """

    CODE: ClassVar[str]
    NAME: ClassVar[str]

    @property
    def can(self) -> Can: ...

    def check(self) -> Facts:
        """Try the keys and every permission that the adapter needs. Raises ShopError with words that say what is
        wrong and where in the shop it is put right: address, keys, or the one permission that is missing."""

    def changed(self, since: datetime, cursor: str = "") -> Page:
        """Orders changed in the shop at or after ``since`` (created counts as changed), oldest change first.

        A walk from "" to the end visits every order that was changed before the walk began, whatever changes
        meanwhile; visiting one twice is allowed, missing one is not.
        """

    def count(self, since: datetime) -> int | None:
        """About how many orders a walk from ``since`` visits; None when the shop cannot say."""

    def fetch(self, order_ids: Sequence[str]) -> Mapping[str, Told | None]:
        """These orders (at most 50) as they stand now; None for one that the shop is sure not to have (any more).
        One of which the shop says nothing, such as for want of a permission, is left out."""

    def find(self, number: str) -> Sequence[Told]:
        """The orders (at most 8) that a shopper would know by ``number``, as typed. Raises Unsupported."""

    def find_refund(self, external_order_id: str, reference: str) -> ShopRefund | None:
        """The refund made under our ``reference``; None when the shop is sure that there is none."""

    def refund(self, request: RefundRequest) -> ShopRefund:
        """Re-read the order, refuse (InvalidRequest) what is more than is left of it, and refund with exactly one
        such request on the wire that carries ``reference``. Raises Unsupported for a method it does not know."""

    def add_note(self, external_order_id: str, words: str) -> None:
        """Put ``words`` on the order, unless exactly these stand there already."""


class TellsByItself(Shop, Protocol):
    """A shop (Can.WEBHOOK) that posts its news to an address of ours."""

    def register_webhooks(self, url: str) -> Mapping[str, str]:
        """Have the shop tell ``url`` of orders; what it told at other addresses of this connection
        (``wire.of_one_connection``) it tells there no more. Returns credentials to keep, such as the signing secret."""

    def forget_webhooks(self, url: str) -> None:
        """The shop tells this connection nothing any more, at ``url`` or another address. Safe to repeat."""

    def delivery_key(self, raw: RawWebhook) -> str:
        """The shop's own id of this delivery, if it is signed; else a hash of headers and body that tell it apart."""

    def parse_webhook(self, raw: RawWebhook) -> News:
        """Verify the signature over the raw bytes, then read. Raises BadSignature."""


class AsksConsent(Protocol):
    """A shop (Can.CONSENT) that gives out its keys on a page of its own."""

    @classmethod
    def consent_url(
        cls,
        credentials: Mapping[str, Any],
        settings: Mapping[str, Any],
        *,
        state: str,
        return_url: str,
        callback_url: str,
    ) -> str:
        """Where the merchant agrees. ``state`` comes back with them; ``callback_url`` is told by machine."""

    @classmethod
    def consented(
        cls, credentials: Mapping[str, Any], settings: Mapping[str, Any], told: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Credentials out of what came back (query of ``return_url``, or body of ``callback_url``)."""
