"""What an agency bills a merchant for one month, and the next number of its series."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Sum

from rientro.kit.money import Money
from rientro.models.merchants import InvoiceSeries, Merchant
from rientro.models.sales_invoices import SalesInvoice
from rientro.models.statement import Line, statement_of
from rientro.policy.taxes import Tax, tax_of, tax_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of an invoice: ``what`` is imports, labels, credits or correction."""

    what: str
    quantity: int
    net_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an invoice of a month would say in one currency."""

    month: date
    currency: str
    rows: tuple[Row, ...]
    lines: tuple[Line, ...]
    tax: Tax

    @property
    def net(self) -> Money:
        return Money(sum(row.net_minor for row in self.rows), self.currency)

    @property
    def tax_amount(self) -> Money:
        return tax_on(self.net, self.tax.percent)

    @property
    def total(self) -> Money:
        return self.net + self.tax_amount


def drafts_of(merchant: Merchant, month: date) -> list[Draft]:
    """One draft for each currency in which the month has labels by a price list."""
    statement = statement_of(merchant, month)
    listed = [line for line in statement.lines if line.listed]
    currencies = sorted({line.amount.currency for line in listed})
    return [
        Draft(
            month=statement.month,
            currency=currency,
            rows=_rows(listed, currency, statement.imports if not place else 0),
            lines=tuple(line for line in listed if line.amount.currency == currency),
            tax=tax_for(merchant),
        )
        for place, currency in enumerate(currencies)
    ]


def _rows(lines: Sequence[Line], currency: str, imports: int) -> tuple[Row, ...]:
    mine = [line for line in lines if line.amount.currency == currency]
    rows = [Row(what="imports", quantity=imports, net_minor=0)]
    for what, kind in (("labels", "label"), ("credits", "credit")):
        of_kind = [line.amount.minor for line in mine if line.kind == kind]
        rows.append(Row(what=what, quantity=len(of_kind), net_minor=sum(of_kind)))
    return tuple(row for row in rows if row.quantity or row.what == "imports")


def tax_for(merchant: Merchant) -> Tax:
    """The tax that ``merchant``'s agency puts on its invoices."""
    agency = merchant.agency
    assert agency is not None
    return tax_of(
        issuer_country=agency.country,
        issuer_percent=Decimal(agency.vat_percent),
        country=merchant.country,
        vat_number=merchant.vat_number,
    )


def party_of(merchant: Merchant) -> dict[str, Any]:
    """Issuer or recipient as the paper names it."""
    return {
        "name": merchant.legal_name or merchant.name,
        "lines": [line.strip() for line in merchant.legal_address.splitlines() if line.strip()],
        "country": merchant.country,
        "vat_number": merchant.vat_number,
    }


def facts_of(draft: Draft, merchant: Merchant) -> dict[str, Any]:
    """Everything that the paper of ``draft`` says, as JSON."""
    agency = merchant.agency
    assert agency is not None
    return {
        "issuer": party_of(agency),
        "recipient": party_of(merchant),
        "rows": [asdict(row) for row in draft.rows],
        "tax": {"why": draft.tax.why, "percent": str(draft.tax.percent)},
        "lines": [
            {
                "on": line.at.date().isoformat(),
                "kind": line.kind,
                "return": line.return_number,
                "tracking_number": line.tracking_number,
                "minor": line.amount.minor,
            }
            for line in draft.lines
        ],
    }


def next_serial(issuer: Merchant, *, at: datetime) -> tuple[int, int, str]:
    """(year, place, number) of the issuer's next invoice; taken when the caller's transaction commits.

    The row is locked until then: no number is given twice, and one that is not used is given again.
    """
    year = at.astimezone(ZoneInfo(issuer.time_zone)).year
    InvoiceSeries.objects.get_or_create(issuer=issuer, year=year)
    series = InvoiceSeries.objects.select_for_update().get(issuer=issuer, year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return year, series.last, f"{issuer.invoice_prefix}-{year}-{series.last:04d}"


def left_of(invoice: SalesInvoice) -> tuple[int, int]:
    """(net, tax) of ``invoice`` that no credit note has taken back."""
    told = SalesInvoice.objects.filter(corrects=invoice).aggregate(
        net=Sum("net_minor", default=0), tax=Sum("tax_minor", default=0)
    )
    return invoice.net_minor + told["net"], invoice.tax_minor + told["tax"]


def living_invoice(month: date, currency: str) -> SalesInvoice | None:
    """The month's invoice, unless it was credited whole."""
    rows = SalesInvoice.objects.filter(
        kind=SalesInvoice.Kind.INVOICE.value, month=month, currency=currency
    )
    newest = rows.order_by("-attempt").first()
    return newest if newest is not None and left_of(newest)[0] else None
