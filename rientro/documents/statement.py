"""A month's statement as a PDF: what was imported (free), what was bought, what was credited, what is due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from rientro.documents import compiler
from rientro.documents.fitting import breakable, clean
from rientro.documents.statement_words import words_for_statement
from rientro.kit.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One label, or one credit: ``amount`` is below zero then."""

    on: date
    kind: str  # label | credit | adjustment
    return_number: str
    order_number: str = ""
    brand: str = ""
    carrier: str = ""
    tracking_number: str = ""
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSum:
    """What some lines come to. ``name`` is a brand's, or empty for the whole; ``credits_amount`` is positive."""

    labels: int
    labels_amount: Money
    credits: int
    credits_amount: Money
    name: str = ""
    adjustments: int = 0
    adjustments_amount: Money | None = None  # above zero: what comes on top

    @property
    def due(self) -> Money:
        due = self.labels_amount - self.credits_amount
        return due + self.adjustments_amount if self.adjustments_amount else due


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFacts:
    """``totals`` holds one sum per currency. ``tax_percent`` is given where the operator charges tax."""

    month: date
    merchant_name: str
    imports: int
    totals: Sequence[StatementSum]
    created_on: date
    merchant_lines: Sequence[str] = ()
    issuer_lines: Sequence[str] = ()
    brands: Sequence[StatementSum] = ()
    lines: Sequence[StatementLine] = ()
    language: str = "en"
    tax_percent: Decimal | None = None
    accent: str = "#0b5a6e"


def draw_statement(facts: StatementFacts) -> bytes:
    """The statement on A4, as many pages as its lines need. Same facts, same bytes."""
    language, words = words_for_statement(facts.language)
    return compiler.pdf(
        "statement",
        {
            "language": language,
            "words": dict(words),
            "accent": facts.accent,
            "title": f"{words['statement']} {_month(facts.month, language)}",
            "month": _month(facts.month, language),
            "created": _day(facts.created_on, language),
            "merchant": [clean(line) for line in (facts.merchant_name, *facts.merchant_lines)],
            "issuer": [clean(line) for line in facts.issuer_lines],
            "sums": [_sum(each, facts, language, words) for each in facts.totals],
            "brands": [_brand(each, language) for each in facts.brands],
            "lines": [_line(each, language, words) for each in facts.lines],
        },
    )


def _sum(
    total: StatementSum, facts: StatementFacts, language: str, words: Mapping[str, str]
) -> dict[str, Any]:
    zero = Money(0, total.due.currency)
    tax = _tax(total.due, facts.tax_percent)
    rows = [
        [words["imports"], _count(facts.imports, language), _money(zero, language)],
        [words["labels"], _count(total.labels, language), _money(total.labels_amount, language)],
        [
            words["credits"],
            _count(total.credits, language),
            _money(-total.credits_amount, language),
        ],
    ]
    if total.adjustments_amount is not None and total.adjustments:
        rows.append(
            [
                words["adjustments"],
                _count(total.adjustments, language),
                _money(total.adjustments_amount, language),
            ]
        )
    if tax is not None and facts.tax_percent is not None:
        percent = format_decimal(facts.tax_percent, locale=language)
        rows += [
            [words["net"], "", _money(total.due, language)],
            [f"{words['tax']} {percent} %", "", _money(tax, language)],
        ]
    due = total.due + tax if tax is not None else total.due
    return {"rows": rows, "due": _money(due, language)}


def _tax(net: Money, percent: Decimal | None) -> Money | None:
    """Half up to the minor unit, on the sum: never on each line."""
    if percent is None:
        return None
    exact = Decimal(net.minor) * percent / 100
    return Money(int(exact.quantize(Decimal(1), "ROUND_HALF_UP")), net.currency)


def _brand(brand: StatementSum, language: str) -> list[str]:
    return [
        breakable(clean(brand.name)),
        _count(brand.labels, language),
        _count(brand.credits, language),
        _money(brand.due, language),
    ]


def _line(line: StatementLine, language: str, words: Mapping[str, str]) -> list[str]:
    about = " · ".join(filter(None, (clean(line.carrier), clean(line.tracking_number))))
    return [
        format_date(line.on, "d MMM", locale=language),
        words[line.kind],
        breakable(clean(line.return_number)),
        breakable(clean(line.order_number)),
        breakable(clean(line.brand)),
        breakable(about),
        _money(line.amount, language),
    ]


def _money(amount: Money, language: str) -> str:
    shown = format_currency(amount.decimal(), amount.currency, locale=language)
    return shown.replace("-", "−")


def _count(number: int, language: str) -> str:
    return format_decimal(number, locale=language)


def _month(day: date, language: str) -> str:
    return format_date(day, "LLLL y", locale=language)


def _day(day: date, language: str) -> str:
    return format_date(day, "long", locale=language)
