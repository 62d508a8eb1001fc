"""One row of a carrier's invoice, read: who, how much, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal

from rientro.kit.money import decimals_of
from rientro.kit.sentences import Sentence
from rientro.kit.text import clean_line
from rientro.policy.amounts import grams_of, minor_of
from rientro.policy.cells import plain_cell, read_amount, read_moment, was_shortened


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceReading:
    """How a file is read. ``columns`` is {field: place of its column}."""

    columns: Mapping[str, int]
    currency: str
    zone: tzinfo
    date_order: str = "dmy"
    decimal: str = "."
    in_grams: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRow:
    """``line_key`` is the carrier's own number of the line, empty where it gives none."""

    invoice_number: str
    line_key: str
    tracking_number: str
    reference: str
    amount_minor: int
    currency: str
    description: str = ""
    weight_g: int | None = None
    issued_on: date | None = None


class Unreadable(Exception):
    """A row that cannot be taken in; ``words`` are for the merchant."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def read_row(cells: Sequence[str], reading: InvoiceReading) -> InvoiceRow:
    """Raises Unreadable; guesses no amount and no number."""

    def cell(code: str) -> str:
        place = reading.columns.get(code)
        return plain_cell(cells[place]) if place is not None and place < len(cells) else ""

    number = clean_line(cell("invoice_number"), 60)
    if not number:
        raise Unreadable(Sentence("There is no invoice number."))
    tracking = _number(cell("tracking_number"))
    reference = clean_line(cell("reference"), 80)
    currency = (cell("currency") or reading.currency).upper()
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        raise Unreadable(Sentence("“%(told)s” is no currency.", told=currency[:20]))
    return InvoiceRow(
        invoice_number=number,
        line_key=clean_line(cell("line_number"), 80),
        tracking_number=tracking,
        reference=reference,
        amount_minor=_amount(cell("amount"), currency, reading),
        currency=currency,
        description=clean_line(cell("description"), 200),
        weight_g=_weight(cell("weight"), reading),
        issued_on=_day(cell("issued_on"), reading),
    )


def _number(told: str) -> str:
    """A tracking number without the blanks that are printed into it."""
    if was_shortened(told):
        raise Unreadable(
            Sentence(
                "A spreadsheet shortened the tracking number to %(told)s. Export the column as text.",
                told=told[:40],
            )
        )
    number = "".join(told.split()).upper()
    if len(number) > 80:
        raise Unreadable(Sentence("The tracking number is too long."))
    return number


def _amount(told: str, currency: str, reading: InvoiceReading) -> int:
    exact = read_amount(told, decimal=reading.decimal)
    if exact is None:
        raise Unreadable(Sentence("“%(told)s” is no amount.", told=told[:40]))
    if exact.scaleb(decimals_of(currency)) % 1:
        raise Unreadable(
            Sentence("%(told)s is finer than the currency allows.", told=f"{exact} {currency}")
        )
    minor = minor_of(exact, currency)
    if minor is None:
        raise Unreadable(Sentence("“%(told)s” is no amount.", told=told[:40]))
    return minor


def _weight(told: str, reading: InvoiceReading) -> int | None:
    """Grams; a weight that cannot be read is left out, for no money hangs on it alone."""
    number = read_amount(told, decimal=reading.decimal) if told else None
    if number is None:
        return None
    return grams_of(number / Decimal(1000) if reading.in_grams else number)


def _day(told: str, reading: InvoiceReading) -> date | None:
    if not told:
        return None
    moment = read_moment(told, date_order=reading.date_order, zone=reading.zone)
    if moment is None:
        raise Unreadable(Sentence("“%(told)s” is no date.", told=told[:40]))
    return moment.astimezone(reading.zone).date()
