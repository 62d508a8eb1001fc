"""Own labels: a carrier that never speaks to a network, because its labels are bought already.

They lie in the merchant's pool. An adapter has no database, so whoever opens it hands it the shelf of the
account (models.pool_shelf): taking one label from it, exactly once, is what buying means here.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Protocol

from rientro.carriers.base import (
    BoughtLabel,
    Can,
    CancelResult,
    InvalidRequest,
    LabelFormat,
    LabelRequest,
    Quote,
    RawWebhook,
    Scan,
    Service,
    Unsupported,
)
from rientro.carriers.registry import without
from rientro.kit.money import Money
from rientro.kit.sentences import Sentence

EMPTY = Sentence(
    "The pool of own labels has none left for this parcel. Upload more under Settings › Carriers, then ask for "
    "the label again."
)
USED = Sentence("The parcel was scanned already: the label is used.")
ABILITIES = Can.CANCEL | Can.IDEMPOTENCY_KEY | Can.FIND_BY_REFERENCE


class OwnLabel(Protocol):
    """A label from the shelf."""

    @property
    def tracking_number(self) -> str: ...
    @property
    def carrier_name(self) -> str: ...
    @property
    def price(self) -> Money: ...
    @property
    def expires_on(self) -> date | None: ...


class Shelf(Protocol):
    """The pool as this adapter needs it. Each call is committed before it answers."""

    def take(
        self, *, reference: str, origin: str, destination: str, weight_g: int
    ) -> OwnLabel | None:
        """One label for ``reference``: the same one for the same reference. None when none fits."""

    def find(self, reference: str) -> OwnLabel | None:
        """The label that ``reference`` has."""

    def paper(self, reference: str) -> bytes | None:
        """Its PDF."""

    def give_back(self, reference: str) -> bool:
        """Take it back; False when its parcel was scanned. Safe to repeat."""


class Prepaid:
    """``shelf`` None: the contract is only looked at; whatever needs a label is Unsupported then."""

    CODE: ClassVar[str] = "prepaid"
    NAME: ClassVar[str] = "Own labels"

    def __init__(
        self,
        credentials: Mapping[str, Any],
        settings: Mapping[str, Any],
        shelf: Shelf | None = None,
    ) -> None:
        self.can = ABILITIES & ~without(settings.get("cannot", ""))
        self._kept = shelf

    def services(self, origin: str, destination: str) -> Sequence[Service]:
        return []

    def check_credentials(self) -> None:
        """There are none: the labels are the merchant's own."""

    def quote(self, request: LabelRequest) -> Sequence[Quote]:
        raise Unsupported(
            "Own labels are paid already: each has the price that was uploaded with it."
        )

    def buy_label(self, request: LabelRequest) -> BoughtLabel:
        if request.labelless:
            raise Unsupported("Own labels are for printing.")
        if request.pickup_on:
            raise Unsupported("Own labels come without a pick-up.")
        found = self._shelf.take(
            reference=request.reference,
            origin=request.sender.country,
            destination=request.receiver.country,
            weight_g=request.parcel.weight_g,
        )
        if found is None:
            raise InvalidRequest(EMPTY)
        return _bought(request.reference, found)

    def find_label(self, reference: str) -> BoughtLabel | None:
        self._need(Can.FIND_BY_REFERENCE)
        found = self._shelf.find(reference)
        return _bought(reference, found) if found is not None else None

    def fetch_document(
        self, carrier_reference: str, want: LabelFormat = LabelFormat.PDF
    ) -> bytes | None:
        if want is not LabelFormat.PDF:
            raise Unsupported("Own labels are kept as PDF only.")
        return self._shelf.paper(carrier_reference)

    def cancel_label(self, carrier_reference: str) -> CancelResult:
        self._need(Can.CANCEL)
        if self._shelf.give_back(carrier_reference):
            return CancelResult(outcome="voided")
        return CancelResult(outcome="refused", message=USED)

    def track(self, tracking_numbers: Sequence[str]) -> Mapping[str, Sequence[Scan]]:
        raise Unsupported("Own labels are not tracked.")

    def delivery_key(self, raw: RawWebhook) -> str:
        raise Unsupported("Nobody sends webhooks for own labels.")

    def parse_webhook(self, raw: RawWebhook) -> Sequence[Scan]:
        raise Unsupported("Nobody sends webhooks for own labels.")

    def _need(self, ability: Can) -> None:
        if ability not in self.can:
            raise Unsupported("This is switched off for these labels.")

    @property
    def _shelf(self) -> Shelf:
        if self._kept is None:
            raise Unsupported("Own labels are taken from the pool of their account.")
        return self._kept


def _bought(reference: str, found: OwnLabel) -> BoughtLabel:
    """Our own reference is the carrier's as well: it says which label until it is given back."""
    return BoughtLabel(
        carrier_reference=reference,
        tracking_number=found.tracking_number,
        price=found.price,
        facts={"own_paper": True, "carrier_name": found.carrier_name},
        expires_on=found.expires_on,
    )
