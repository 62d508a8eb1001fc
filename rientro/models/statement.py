"""A month's statement: imports at nothing, labels as billed, voided ones credited; as lines, totals and CSV rows.

What a carrier's invoice changed, and a person accepted, is an `adjustment`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from rientro.kit.money import Money
from rientro.models.ledger import ADJUSTING, MERCHANT
from rientro.models.merchants import Merchant
from rientro.models.money import Charge, LedgerEntry
from rientro.models.orders import Order
from rientro.models.parcels import CarrierAccount, Label

HEADINGS = (
    "Date", "Kind", "Return", "Order", "Brand", "Carrier", "Tracking number", "Amount", "Currency"
)  # fmt: skip
# A spreadsheet reads a cell that begins with one of these as a formula (OWASP, "CSV injection").
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BEHIND_A_SEPARATOR = re.compile(r"([;,|\t\r\n][\s\u00a0\"]*)([=+\-@＝＋－＠])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One label bought, or one credited (``amount`` is below zero then), in the merchant's time.

    ``listed``: charged by a price list, so that the agency bills it. An adjustment may be of no return.
    """

    at: datetime
    kind: str  # label | credit | adjustment
    return_id: int | None
    return_number: str
    order_number: str
    brand: str
    carrier: str
    tracking_number: str
    amount: Money
    listed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What some lines come to, in one currency. ``name`` is a brand's, or empty for the whole."""

    currency: str
    name: str = ""
    labels: int = 0
    labels_minor: int = 0
    credits: int = 0
    credits_minor: int = 0  # above zero: what is taken off
    adjustments: int = 0
    adjustments_minor: int = 0  # above zero: what comes on top

    @property
    def labels_amount(self) -> Money:
        return Money(self.labels_minor, self.currency)

    @property
    def credits_amount(self) -> Money:
        return Money(self.credits_minor, self.currency)

    @property
    def due(self) -> Money:
        due = self.labels_minor - self.credits_minor + self.adjustments_minor
        return Money(due, self.currency)

    @property
    def adjustments_amount(self) -> Money:
        return Money(self.adjustments_minor, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """``month`` is its first day; ``imports`` were counted and cost nothing."""

    month: date
    merchant_name: str
    currency: str
    imports: int
    lines: tuple[Line, ...]
    totals: tuple[Sum, ...]  # one per currency, the merchant's own first; never empty
    brands: tuple[Sum, ...]  # one per brand and currency


def statement_of(merchant: Merchant, month: date) -> Statement:
    """The statement of the month that holds the day ``month``, by the merchant's own midnight."""
    zone = ZoneInfo(merchant.time_zone)
    start, end = bounds_of(month, zone)
    lines = tuple(_lines(start, end, zone))
    own = Sum(currency=merchant.currency)
    totals = {merchant.currency: own} | {total.currency: total for total in _sums(lines)}
    return Statement(
        month=month.replace(day=1),
        merchant_name=merchant.name,
        currency=merchant.currency,
        imports=Order.objects.filter(
            standalone=False, created_at__gte=start, created_at__lt=end
        ).count(),
        lines=lines,
        totals=tuple(totals.values()),
        brands=tuple(_sums(lines, by_brand=True)),
    )


def months_with_charges(merchant: Merchant) -> list[date]:
    """First days of the months that have a charge or a credit, newest first."""
    zone = ZoneInfo(merchant.time_zone)
    found: set[date] = set()
    for field in ("charged_at", "credited_at"):
        rows = Charge.objects.filter(**{f"{field}__isnull": False})
        found.update(moment.date() for moment in rows.datetimes(field, "month", tzinfo=zone))
    return sorted(found, reverse=True)


def csv_rows(statement: Statement) -> Iterator[list[str]]:
    """Heading, the imports at nothing, one row per line, one per total. Text cells are harmless to spreadsheets."""
    yield list(HEADINGS)
    nothing = str(Money(0, statement.currency).decimal())
    month = statement.month.isoformat()
    yield [month, f"imports: {statement.imports}", *[""] * 5, nothing, statement.currency]
    for line in statement.lines:
        words = (line.return_number, line.order_number, line.brand, line.carrier)
        yield [
            line.at.isoformat(timespec="seconds"),
            line.kind,
            *(harmless(word) for word in (*words, line.tracking_number)),
            str(line.amount.decimal()),
            line.amount.currency,
        ]
    for total in statement.totals:
        yield [month, "total", *[""] * 5, str(total.due.decimal()), total.currency]


def harmless(cell: str) -> str:
    """``cell`` as text even to a spreadsheet that looks for formulas, also behind leading blanks.

    A spreadsheet of another country begins a new cell at its own separator, whatever the quotes say.
    """
    cell = cell[:1] + BEHIND_A_SEPARATOR.sub(r"\1'\2", cell[1:])
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(FORMULA) else cell


def bounds_of(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment of the month that holds ``month``, and the first after it, by the clocks of ``zone``."""
    first = month.replace(day=1)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    start, end = (datetime(day.year, day.month, 1, tzinfo=zone) for day in (first, after))
    return start.astimezone(UTC), end.astimezone(UTC)


def _lines(start: datetime, end: datetime, zone: ZoneInfo) -> list[Line]:
    made = [_line(row, "label", zone) for row in _charges("charged_at", start, end)]
    made += [_line(row, "credit", zone) for row in _charges("credited_at", start, end)]
    made += _adjustments(start, end, zone)
    return sorted(made, key=lambda line: (line.at, line.return_number, line.kind != "label"))


def _charges(field: str, start: datetime, end: datetime) -> Iterable[Any]:
    inside = {f"{field}__gte": start, f"{field}__lt": end}
    return Charge.objects.filter(**inside).values(
        "ret_id",
        "amount_minor",
        "currency",
        "price_list_id",
        at=F(field),
        return_number=F("ret__number"),
        order_number=F("ret__order__number"),
        brand=F("ret__brand__name"),
        carrier=F("label__purchase__account__name"),
        tracking_number=F("label__tracking_number"),
    )


def _adjustments(start: datetime, end: datetime, zone: ZoneInfo) -> list[Line]:
    """What the merchant owes its carriers more, or less, because of their invoices."""
    rows = LedgerEntry.objects.filter(
        Q(debit=MERCHANT) | Q(credit=MERCHANT),
        key__startswith=ADJUSTING,
        happened_at__gte=start,
        happened_at__lt=end,
    ).select_related("ret__order", "ret__brand", "purchase__account")
    accounts = {f"carrier:{row.pk}": row.name for row in CarrierAccount.objects.all()}
    labels = {
        label.purchase_id: label.tracking_number
        for label in Label.objects.filter(purchase__ledger__in=rows)
    }
    return [_adjustment(row, accounts, labels, zone) for row in rows]


def _adjustment(
    row: LedgerEntry, accounts: dict[str, str], labels: dict[int, str], zone: ZoneInfo
) -> Line:
    more = row.debit == MERCHANT
    ret = row.ret
    return Line(
        at=row.happened_at.astimezone(zone),
        kind="adjustment",
        return_id=row.ret_id,
        return_number=ret.number if ret else "",
        order_number=ret.order.number if ret else "",
        brand=ret.brand.name if ret else "",
        carrier=accounts.get(row.credit if more else row.debit, ""),
        tracking_number=labels.get(row.purchase_id or 0, ""),
        amount=Money(row.amount_minor if more else -row.amount_minor, row.currency),
    )


def _line(row: dict[str, Any], kind: str, zone: ZoneInfo) -> Line:
    minor = row["amount_minor"]
    return Line(
        at=row["at"].astimezone(zone),
        kind=kind,
        return_id=row["ret_id"],
        return_number=row["return_number"],
        order_number=row["order_number"],
        brand=row["brand"],
        carrier=row["carrier"],
        tracking_number=row["tracking_number"],
        amount=Money(minor if kind == "label" else -minor, row["currency"]),
        listed=row["price_list_id"] is not None,
    )


def _sums(lines: Iterable[Line], *, by_brand: bool = False) -> list[Sum]:
    """Totals of ``lines`` by currency, or by brand and currency, in the order of their names."""
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        name = line.brand if by_brand else ""
        groups.setdefault((name, line.amount.currency), []).append(line)
    return [_sum(name, currency, groups[name, currency]) for name, currency in sorted(groups)]


def _sum(name: str, currency: str, lines: list[Line]) -> Sum:
    bought = [line.amount.minor for line in lines if line.kind == "label"]
    credited = [-line.amount.minor for line in lines if line.kind == "credit"]
    changed = [line.amount.minor for line in lines if line.kind == "adjustment"]
    return Sum(
        name=name,
        currency=currency,
        labels=len(bought),
        labels_minor=sum(bought),
        credits=len(credited),
        credits_minor=sum(credited),
        adjustments=len(changed),
        adjustments_minor=sum(changed),
    )
