"""A carrier in the test's own process: it keeps labels and a bill, and fails when its script says so.

The real sandbox is a program and is met in tests/carriers and by the crash harness; here one line of a script
is one answer, so that a test can say exactly when the wire breaks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from rientro.carriers.base import (
    BoughtLabel,
    Can,
    CancelResult,
    CarrierError,
    LabelFormat,
    LabelRequest,
    Quote,
    RawWebhook,
    Scan,
    Service,
)
from rientro.carriers.registry import Known
from rientro.kit.money import Money

EVERYTHING = Can.CANCEL | Can.IDEMPOTENCY_KEY | Can.FIND_BY_REFERENCE
KNOWN = Known(
    code="scripted", name="Scripted", path="tests.flows.scripted:Scripted", can=EVERYTHING
)


@dataclass
class Depot:
    """What this carrier remembers. ``script`` is played one step per purchase request, then all goes well.

    A step is an error to raise; as ``(error, "after")`` the label is sold first.
    """

    can: Can = EVERYTHING
    script: list[Any] = field(default_factory=list)
    finding: list[CarrierError] = field(default_factory=list)
    cancelling: list[CancelResult | CarrierError] = field(default_factory=list)
    during: Callable[[], None] | None = None  # run while the carrier thinks
    price: Money = field(default_factory=lambda: Money(490, "EUR"))
    priced: bool = True  # False: its invoice will tell the price
    number: str = ""  # given to every parcel when set
    paper: bytes | None = None
    sold: dict[str, list[BoughtLabel]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fetched: int = 0
    checking: list[CarrierError] = field(default_factory=list)
    # its services, whatever the lane
    offered: list[Service] | CarrierError = field(default_factory=list)
    lanes: list[tuple[str, str]] = field(default_factory=list)  # that it was asked about
    quoting: list[Quote] | CarrierError = field(default_factory=list)
    quoted: list[LabelRequest] = field(default_factory=list)
    voided: list[str] = field(default_factory=list)
    news: dict[str, list[Scan]] = field(default_factory=dict)  # what ``track`` tells
    tracking: list[CarrierError] = field(default_factory=list)
    tracked: list[list[str]] = field(default_factory=list)  # one entry per question
    requests: list[LabelRequest] = field(default_factory=list)  # to buy, as they came
    validating: list[CarrierError] = field(default_factory=list)
    validated: int = 0
    code: bytes | None = None  # of labelless parcels
    code_link: str = ""
    own_paper: bool = False

    def bill(self) -> int:
        """What this carrier is owed, in cents."""
        labels = [label for group in self.sold.values() for label in group]
        return sum(
            label.price.minor for label in labels if label.carrier_reference not in self.voided
        )

    def count(self) -> int:
        return sum(len(group) for group in self.sold.values())


depot = Depot()


class Scripted:
    CODE: ClassVar[str] = "scripted"
    NAME: ClassVar[str] = "Scripted"

    def __init__(self, credentials: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        self.depot = depot

    @property
    def can(self) -> Can:
        return self.depot.can

    def services(self, origin: str, destination: str) -> Sequence[Service]:
        self.depot.lanes.append((origin, destination))
        if isinstance(self.depot.offered, CarrierError):
            raise self.depot.offered
        return self.depot.offered

    def check_credentials(self) -> None:
        if self.depot.during:
            self.depot.during()
        if self.depot.checking:
            raise self.depot.checking.pop(0)

    def quote(self, request: LabelRequest) -> Sequence[Quote]:
        self.depot.quoted.append(request)
        if isinstance(self.depot.quoting, CarrierError):
            raise self.depot.quoting
        return self.depot.quoting

    def buy_label(self, request: LabelRequest) -> BoughtLabel:
        self.depot.asked.append(request.reference)
        self.depot.requests.append(request)
        if self.depot.during:
            self.depot.during()
        step = self.depot.script.pop(0) if self.depot.script else None
        if isinstance(step, tuple):
            self._sell(request)
            raise step[0]
        if step is not None:
            raise step
        return self._sell(request)

    def validate(self, request: LabelRequest) -> None:
        self.depot.validated += 1
        if self.depot.during:
            self.depot.during()
        if self.depot.validating:
            raise self.depot.validating.pop(0)

    def _sell(self, request: LabelRequest) -> BoughtLabel:
        before = self.depot.sold.get(request.reference, [])
        if before and Can.IDEMPOTENCY_KEY in self.can:
            return before[0]
        serial = self.depot.count() + 1
        label = BoughtLabel(
            carrier_reference=f"ref-{serial}",
            tracking_number=self.depot.number or f"SC{serial:09d}",
            price=self.depot.price,
            priced=self.depot.priced,
            facts={"service_name": "Scripted return"}
            | ({"own_paper": True} if self.depot.own_paper else {}),
            code=self.depot.code if request.labelless else None,
            code_link=self.depot.code_link if request.labelless else "",
            expires_on=date(2027, 1, 31) if request.labelless else None,
        )
        self.depot.sold.setdefault(request.reference, []).append(label)
        return label

    def find_label(self, reference: str) -> BoughtLabel | None:
        if self.depot.finding:
            raise self.depot.finding.pop(0)
        return next(iter(self.depot.sold.get(reference, [])), None)

    def fetch_document(
        self, carrier_reference: str, want: LabelFormat = LabelFormat.PDF
    ) -> bytes | None:
        self.depot.fetched += 1
        return b"^XA^XZ" if want is LabelFormat.ZPL else self.depot.paper

    def cancel_label(self, carrier_reference: str) -> CancelResult:
        step = self.depot.cancelling.pop(0) if self.depot.cancelling else None
        if isinstance(step, CarrierError):
            raise step
        if carrier_reference in self.depot.voided:  # the protocol's promise: safe to repeat
            step = None
        result = step or CancelResult(outcome="voided")
        if result.outcome == "voided" and carrier_reference not in self.depot.voided:
            self.depot.voided.append(carrier_reference)
        return result

    def track(self, tracking_numbers: Sequence[str]) -> Mapping[str, Sequence[Scan]]:
        self.depot.tracked.append(list(tracking_numbers))
        if self.depot.tracking:
            raise self.depot.tracking.pop(0)
        return {number: self.depot.news.get(number, []) for number in tracking_numbers}

    def parse_webhook(self, raw: RawWebhook) -> Sequence[Scan]:
        return []
