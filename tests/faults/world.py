"""A carrier as the matrix sees it: an account, a fake or sandbox behind the proxy, and its own books."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from rientro.carriers.base import Address, Can
from rientro.carriers.registry import open_carrier
from rientro.host.fault_proxy.proxy import FaultProxy
from tests.carriers.conftest import MERCHANT, SHOPPER

Kind = tuple[str, str]  # method, and a regular expression for the whole path


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A label in the carrier's books. ``minor`` is what it costs while it is not voided; None: an invoice will tell."""

    reference: str
    carrier_reference: str
    tracking_number: str
    minor: int | None
    currency: str = "EUR"
    voided: bool = False


@dataclass(slots=True, kw_only=True)
class World:
    """One account at one carrier. ``books`` reads the carrier's own list, past the proxy."""

    code: str
    proxy: FaultProxy
    credentials: dict[str, Any]
    settings_at: Callable[
        [str], dict[str, Any]
    ]  # the account's settings, with the carrier at this address
    books: Callable[[], list[Sold]]
    buying: Kind
    answering: Kind = ("", "")  # where the label is read, when the purchase itself does not tell it
    before: tuple[Kind, ...] = ()  # what is asked before the purchase
    looking: Kind = ("", "")
    voiding: Kind = ("", "")
    tracking: Kind = ("", "")
    paper: Kind = ("", "")
    scan: Callable[[str, str], None] | None = None
    service: str = ""
    sender: Address = SHOPPER
    receiver: Address = MERCHANT
    otherwise: Mapping[str, str] = field(default_factory=dict)  # rows with another outcome here
    without: frozenset[str] = frozenset()  # rows that cannot be played here
    lead: Callable[[str], None] | None = (
        None  # where no setting, but the operator says where it stands
    )
    # A label that was looked up may lack a part of its name that only the first answer tells.
    name_of: Callable[[str], str] = str
    # A second answer is a refusal here, which without its words leaves it to a person: broken once only.
    refuses_repeats: bool = False
    short_s: float = 0.25  # the deadline of a silence: time enough for what goes before it

    @property
    def settings(self) -> dict[str, Any]:
        return self.settings_at(self.proxy.url)

    @property
    def can(self) -> Can:
        return open_carrier(self.code, self.credentials, self.settings).can

    def posts(self) -> int:
        """Purchases that went over the wire."""
        return self.proxy.count(*self.buying)


OpenWorld = Callable[[], World]
Standing = Callable[..., AbstractContextManager[OpenWorld]]
