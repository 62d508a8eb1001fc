"""What a line of a carrier's invoice turned out to be, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from rientro.kit.money import Money
from rientro.models import CarrierInvoiceLine
from rientro.policy.invoice_columns import INVOICE_FIELDS
from rientro.policy.invoice_match import Match

LABELS: dict[str, Promise] = {
    "invoice_number": lazy("Invoice number"),
    "line_number": lazy("Number of the line"),
    "issued_on": lazy("Date of the invoice"),
    "tracking_number": lazy("Tracking number"),
    "reference": lazy("Our reference"),
    "amount": lazy("Amount without tax"),
    "currency": lazy("Currency"),
    "description": lazy("What is charged"),
    "weight": lazy("Weight as billed"),
}
MATCHES: dict[str, Promise] = {
    Match.EXACT.value: lazy("Agrees"),
    Match.PRICED.value: lazy("Tells the price"),
    Match.PRICE.value: lazy("Another price"),
    Match.SURCHARGE.value: lazy("Surcharge"),
    Match.UNKNOWN.value: lazy("No label of ours"),
    Match.TWICE.value: lazy("Billed twice"),
    Match.VOIDED.value: lazy("Voided, and billed"),
    Match.UNSCANNED.value: lazy("Billed without a scan"),
    Match.CREDIT.value: lazy("Money back"),
    Match.CURRENCY.value: lazy("Another currency"),
}
State = CarrierInvoiceLine.State
STATES: dict[str, tuple[Promise, str]] = {
    State.MATCHED.value: (lazy("Agrees"), "ok"),
    State.OPEN.value: (lazy("Open"), "warn"),
    State.ACCEPTED.value: (lazy("Accepted"), "ok"),
    State.DISPUTED.value: (lazy("Disputed"), "bad"),
    State.SETTLED.value: (lazy("Settled"), ""),
}


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line with its words; ``may_accept`` and ``may_dispute`` say which buttons it has."""

    line: CarrierInvoiceLine
    match: Promise
    state: Promise
    tone: str
    amount: Money
    ours: Money | None
    books: Money | None
    difference: Money
    return_number: str
    may_accept: bool
    may_dispute: bool


def field_label(code: str) -> Any:
    """The name of a column in the reader's language, marked where it is needed."""
    label = LABELS[code]
    return f"{label} *" if INVOICE_FIELDS[code].needed else label


def shown_lines(lines: Iterable[CarrierInvoiceLine]) -> list[ShownLine]:
    return [_shown(line) for line in lines]


def _shown(line: CarrierInvoiceLine) -> ShownLine:
    currency = line.invoice.currency
    state, tone = STATES[line.state]
    purchase = line.purchase

    def money(minor: int | None) -> Money | None:
        # Our own amounts are in our currency; beside a bill in another one they would mislead.
        shown = minor is not None and line.match != Match.CURRENCY.value
        return Money(minor or 0, currency) if shown else None

    return ShownLine(
        line=line,
        match=MATCHES[line.match],
        state=state,
        tone=tone,
        amount=Money(line.amount_minor, currency),
        ours=money(line.purchase_minor),
        books=money(line.ledger_minor),
        difference=Money(line.difference_minor, currency),
        return_number=purchase.parcel.ret.number if purchase else "",
        may_accept=line.state in (State.OPEN.value, State.DISPUTED.value),
        may_dispute=line.state == State.OPEN.value,
    )
