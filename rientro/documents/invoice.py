"""An invoice, or a credit note, as a PDF: who, to whom, for what, at which tax, and every label of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from rientro.documents import compiler
from rientro.documents.fitting import breakable, clean
from rientro.documents.invoice_words import words_for_invoice
from rientro.kit.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Issuer or recipient."""

    name: str
    lines: Sequence[str]
    vat_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One row of the summary: ``what`` is imports, labels, credits or correction."""

    what: str
    quantity: int
    net: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLine:
    """One label, or one credit, of the list behind the summary."""

    on: date
    kind: str  # label | credit
    return_number: str
    tracking_number: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFacts:
    """Everything the paper says. ``why`` is taxed, reverse_charge or outside; amounts of a credit note are negative."""

    kind: str  # invoice | credit_note
    number: str
    issued_on: date
    month: date
    issuer: Party
    recipient: Party
    rows: Sequence[InvoiceLine]
    percent: Decimal
    why: str
    net: Money
    tax: Money
    total: Money
    lines: Sequence[LabelLine] = ()
    corrects_number: str = ""
    corrects_on: date | None = None
    reason: str = ""
    language: str = "en"
    accent: str = "#0b5a6e"


def draw_invoice(facts: InvoiceFacts) -> bytes:
    """The paper on A4, as many pages as its labels need. Same facts, same bytes."""
    spoken, words = words_for_invoice(facts.language)
    language = "en_GB" if spoken == "en" else spoken  # days before months, as in Europe
    percent = f"{format_decimal(facts.percent, locale=language)} %"
    return compiler.pdf(
        "invoice",
        {
            "language": spoken,
            "words": dict(words),
            "accent": facts.accent,
            "title": f"{words[facts.kind]} {clean(facts.number)}",
            "heading": words[facts.kind],
            "number": clean(facts.number),
            "issued": _day(facts.issued_on, language),
            "month": format_date(facts.month, "LLLL y", locale=language),
            "issuer": _party(facts.issuer, words),
            "recipient": _party(facts.recipient, words),
            "rows": [_row(row, percent, facts, language, words) for row in facts.rows],
            "taxes": [[percent, _money(facts.net, language), _money(facts.tax, language)]],
            "total": _money(facts.total, language),
            "total_words": words["credited" if facts.kind == "credit_note" else "total"],
            "law": words.get(facts.why, ""),
            "corrects": _corrects(facts, language, words),
            "lines": [_line(line, language, words) for line in facts.lines],
        },
    )


def _party(party: Party, words: Mapping[str, str]) -> list[str]:
    lines = [clean(party.name), *(clean(line) for line in party.lines)]
    if party.vat_number:
        lines.append(f"{words['vat_number']} {clean(party.vat_number)}")
    return lines


def _row(
    row: InvoiceLine,
    percent: str,
    facts: InvoiceFacts,
    language: str,
    words: Mapping[str, str],
) -> list[str]:
    about = words[row.what]
    if row.what == "correction":
        about = f"{about} {clean(facts.corrects_number)}"
    return [
        about,
        format_decimal(row.quantity, locale=language),
        percent,
        _money(row.net, language),
    ]


def _corrects(facts: InvoiceFacts, language: str, words: Mapping[str, str]) -> list[str]:
    if facts.corrects_on is None:
        return []
    day = _day(facts.corrects_on, language)
    number = clean(facts.corrects_number)
    return [
        f"{words['corrects']} {number} {words['of']} {day}.",
        f"{words['reason']}: {clean(facts.reason)}",
    ]


def _line(line: LabelLine, language: str, words: Mapping[str, str]) -> list[str]:
    return [
        format_date(line.on, "d MMM", locale=language),
        words[line.kind],
        breakable(clean(line.return_number)),
        breakable(clean(line.tracking_number)),
        _money(line.amount, language),
    ]


def _money(amount: Money, language: str) -> str:
    shown = format_currency(amount.decimal(), amount.currency, locale=language)
    return shown.replace("-", "−")


def _day(day: date, language: str) -> str:
    return format_date(day, "long", locale=language)
