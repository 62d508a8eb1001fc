"""An agency bills a merchant for a month, once; what was wrong is taken back by a credit note."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.money import Money
from rientro.kit.sentences import Sentence
from rientro.kit.text import clean_line
from rientro.models import Event, Merchant, SalesInvoice
from rientro.models.sales_book import (
    Draft,
    drafts_of,
    facts_of,
    left_of,
    living_invoice,
    next_serial,
)
from rientro.policy.taxes import tax_on


class CannotInvoice(RientroError):
    """This month cannot be billed, and why."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "cannot_invoice"


class CannotCredit(RientroError):
    """This invoice cannot be credited by so much."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "cannot_credit"


@transaction.atomic
def issue_invoice(
    *, merchant: Merchant, month: date, currency: str, actor: str, now: datetime
) -> SalesInvoice:
    """Write the invoice of ``month`` (its first day) with the next number of the agency's series.

    It is never changed. Raises CannotInvoice: the month is not over, is billed already, comes to nothing or less,
    or a name, an address or a VAT number is missing.
    """
    merchant = (
        Merchant.objects.select_for_update(of=("self",))
        .select_related("agency")
        .get(pk=merchant.pk)
    )
    _stop_unless_billable(merchant, month, now=now)
    if living_invoice(month, currency) is not None:
        raise CannotInvoice("This month has been billed already.")
    draft = _draft(merchant, month, currency)
    earlier = SalesInvoice.objects.filter(
        kind=SalesInvoice.Kind.INVOICE.value, month=month, currency=currency
    )
    invoice = _write(
        merchant,
        {
            "kind": SalesInvoice.Kind.INVOICE.value,
            "month": month,
            "attempt": earlier.count() + 1,
            "net": draft.net,
            "tax": draft.tax_amount,
            "facts": facts_of(draft, merchant),
        },
        actor=actor,
        now=now,
    )
    Event.record(
        "invoice.issued",
        actor=actor,
        at=now,
        invoice=invoice.number,
        amount_minor=invoice.total_minor,
        currency=currency,
    )
    return invoice


@transaction.atomic
def credit_invoice(
    *, invoice: SalesInvoice, net_minor: int, reason: str, actor: str, now: datetime
) -> SalesInvoice:
    """Take ``net_minor`` of ``invoice`` back by a credit note, with its tax. Raises CannotCredit.

    Crediting all that is left takes the rest of the tax, so that invoice and credit notes come to nothing.
    """
    merchant = Merchant.objects.select_for_update().get(pk=invoice.merchant_id)
    net_left, tax_left = _left_to_credit(invoice, net_minor, reason)
    percent = invoice.facts["tax"]["percent"]
    tax = tax_left if net_minor == net_left else _tax(net_minor, invoice.currency, percent)
    facts = invoice.facts | {
        "rows": [{"what": "correction", "quantity": 1, "net_minor": -net_minor}],
        "lines": [],
        "reason": clean_line(reason, 300),
        "corrects": {
            "number": invoice.number,
            "on": _day(invoice.issued_at, invoice.issuer).isoformat(),
        },
    }
    note = _write(
        merchant,
        {
            "kind": SalesInvoice.Kind.CREDIT_NOTE.value,
            "month": invoice.month,
            "attempt": invoice.attempt,
            "net": Money(-net_minor, invoice.currency),
            "tax": Money(-min(tax, tax_left), invoice.currency),
            "facts": facts,
            "corrects": invoice,
            "issuer": invoice.issuer,
        },
        actor=actor,
        now=now,
    )
    Event.record(
        "invoice.credited",
        actor=actor,
        at=now,
        invoice=note.number,
        amount_minor=note.total_minor,
        currency=note.currency,
    )
    return note


def _left_to_credit(invoice: SalesInvoice, net_minor: int, reason: str) -> tuple[int, int]:
    """(net, tax) that may still go back; raises CannotCredit when ``net_minor`` is none of it."""
    if invoice.kind != SalesInvoice.Kind.INVOICE:
        raise CannotCredit("A credit note is not credited.")
    if not reason.strip():
        raise CannotCredit("Say why: it stands on the credit note.", field="reason")
    net_left, tax_left = left_of(invoice)
    if not 0 < net_minor <= net_left:
        most = Money(net_left, invoice.currency)
        raise CannotCredit(
            Sentence("At most %(most)s can be credited.", most=str(most)), field="amount"
        )
    return net_left, tax_left


def _stop_unless_billable(merchant: Merchant, month: date, *, now: datetime) -> None:
    agency = merchant.agency
    if agency is None:
        raise CannotInvoice("Nobody bills this merchant: it pays its carriers itself.")
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    end = datetime(after.year, after.month, 1, tzinfo=ZoneInfo(merchant.time_zone))
    if now < end.astimezone(UTC):
        raise CannotInvoice("This month is not over yet.")
    for business in (agency, merchant):
        if not (business.legal_name and business.legal_address.strip()):
            raise CannotInvoice(
                Sentence(
                    "Write down the legal name and the address of %(name)s first.",
                    name=business.name,
                )
            )
    if not agency.vat_number:
        raise CannotInvoice(
            Sentence("Write down the VAT number of %(name)s first.", name=agency.name)
        )


def _draft(merchant: Merchant, month: date, currency: str) -> Draft:
    draft = next((each for each in drafts_of(merchant, month) if each.currency == currency), None)
    if draft is None or not draft.net.minor:
        raise CannotInvoice("There is nothing to bill in this month.")
    if draft.net.minor < 0:
        raise CannotInvoice(
            "This month comes to less than nothing: write a credit note for an earlier invoice."
        )
    return draft


def _write(merchant: Merchant, told: dict[str, Any], *, actor: str, now: datetime) -> SalesInvoice:
    issuer = told.get("issuer") or merchant.agency
    assert isinstance(issuer, Merchant)
    net, tax = told["net"], told["tax"]
    year, serial, number = next_serial(issuer, at=now)
    facts = told["facts"] | {
        "number": number,
        "issued_on": _day(now, issuer).isoformat(),
        "month": told["month"].isoformat(),
    }
    return SalesInvoice.objects.create(
        issuer=issuer,
        kind=told["kind"],
        number=number,
        year=year,
        serial=serial,
        month=told["month"],
        attempt=told["attempt"],
        currency=net.currency,
        net_minor=net.minor,
        tax_minor=tax.minor,
        total_minor=net.minor + tax.minor,
        facts=facts,
        corrects=told.get("corrects"),
        actor=actor,
        issued_at=now,
    )


def _tax(net_minor: int, currency: str, percent: str) -> int:
    return tax_on(Money(net_minor, currency), Decimal(percent)).minor


def _day(moment: datetime, issuer: Merchant) -> date:
    return moment.astimezone(ZoneInfo(issuer.time_zone)).date()
