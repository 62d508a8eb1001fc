"""A carrier's invoice held against our purchases and our books: what each line is, and what it should have been.

For every line ``amount = expected + difference``. ``expected`` is what the books still owe the carrier for the
purchase, less what earlier lines have used up: so an invoice adds up to the cent, a second line for one label
is a difference, and a credit note after a void agrees.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Match(StrEnum):
    EXACT = "exact"
    PRICED = "priced"  # the invoice tells the price of a label bought without one
    PRICE = "price"  # another amount than ours
    SURCHARGE = "surcharge"  # heavier or larger than said
    UNKNOWN = "unknown"  # no label of ours
    TWICE = "twice"
    VOIDED = "voided"  # given back, and billed all the same
    UNSCANNED = "unscanned"  # charged on the first scan, and no scan was seen
    CREDIT = "credit"  # money back
    CURRENCY = "currency"  # billed in another currency than bought


# Words by which carriers call what comes on top of the price of a label, in the languages of their invoices.
SURCHARGES = (
    "surcharge", "weight adj", "weight correction", "overweight", "oversize", "dimensional", "reweigh", "fuel",
    "zuschlag", "nachbelastung", "übergewicht", "uebergewicht", "sperrgut", "supplemento", "sovrapprezzo",
    "maggiorazione", "peso eccedente", "supplément", "surpoids", "surcoût", "recargo", "sobrepeso", "toeslag",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """One purchase as we know it, in minor units. ``ledger_minor`` is what our books owe the carrier for it now.

    ``used_minor`` is what lines before have used up of it: expected, or accepted on top.
    """

    currency: str
    price_minor: int
    ledger_minor: int
    weight_g: int
    priced: bool = True
    voided: bool = False
    charged: bool = True
    used_minor: int = 0
    lines: int = 0  # of labels, without surcharges and credits


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """One line of an invoice: ``amount_minor`` is below zero when money comes back."""

    amount_minor: int
    currency: str
    description: str = ""
    weight_g: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    match: Match
    expected_minor: int
    difference_minor: int

    @property
    def agrees(self) -> bool:
        return not self.difference_minor


def compare(line: Billed, bought: Bought | None) -> Verdict:
    """What ``line`` is beside ``bought``; None when no purchase of ours has its number."""
    if bought is None:
        return _verdict(Match.CREDIT if line.amount_minor < 0 else Match.UNKNOWN, line, 0)
    # The currency of a label without a price is a guess as well: its first line tells both.
    if bought.priced and line.currency != bought.currency:
        return _verdict(Match.CURRENCY, line, 0)
    if is_surcharge(line.description) and line.amount_minor >= 0:
        return _verdict(Match.SURCHARGE, line, 0)
    left = bought.ledger_minor - bought.used_minor
    if line.amount_minor < 0:
        return _verdict(Match.CREDIT, line, min(left, 0))
    if bought.lines:
        return _verdict(Match.TWICE, line, 0)
    if bought.voided:
        return _verdict(Match.VOIDED, line, 0)
    if not bought.priced:
        return _verdict(Match.PRICED, line, line.amount_minor)
    if not bought.charged:
        return _verdict(Match.UNSCANNED, line, 0)
    if line.amount_minor == left:
        return _verdict(Match.EXACT, line, left)
    heavier = line.weight_g is not None and bought.weight_g and line.weight_g > bought.weight_g
    dearer = line.amount_minor > left
    return _verdict(Match.SURCHARGE if heavier and dearer else Match.PRICE, line, left)


def _verdict(match: Match, line: Billed, expected: int) -> Verdict:
    return Verdict(
        match=match, expected_minor=expected, difference_minor=line.amount_minor - expected
    )


def is_surcharge(description: str) -> bool:
    words = description.casefold()
    return any(mark in words for mark in SURCHARGES)


def in_order(lines: Iterable[Billed]) -> list[int]:
    """Places of ``lines`` in the order in which they are compared: labels, what comes on top, money back.

    Carriers list a surcharge before its label as often as after it.
    """
    rows = list(lines)

    def turn(place: int) -> tuple[int, int]:
        line = rows[place]
        return (2 if line.amount_minor < 0 else int(is_surcharge(line.description)), place)

    return sorted(range(len(rows)), key=turn)
