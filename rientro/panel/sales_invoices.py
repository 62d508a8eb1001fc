"""Settings › Billing › Invoices: what the agency billed this merchant, to issue, to read, to correct."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rientro.documents.invoice import (
    InvoiceFacts,
    InvoiceLine,
    LabelLine,
    Party,
    draw_invoice,
)
from rientro.flows.issue_invoice import credit_invoice, issue_invoice
from rientro.kit.errors import Missing, RientroError
from rientro.kit.money import Money
from rientro.kit.said import said
from rientro.models import SalesInvoice
from rientro.models.sales_book import drafts_of, left_of, living_invoice
from rientro.models.statement import months_with_charges
from rientro.panel.billing_doors import (
    billing_tabs,
    may_bill,
    month_or_missing,
    need_agency,
)
from rientro.panel.csv_answer import csv_answer, guarded
from rientro.panel.doors import PanelRequest, door
from rientro.panel.forms import PanelForm
from rientro.panel.pages import page_of

LANGUAGES = ("en", "it")


class CreditForm(PanelForm):
    """How much of an invoice is taken back, and why."""

    amount = forms.CharField(label=lazy("Net amount"), max_length=20)
    reason = forms.CharField(
        label=lazy("Why"),
        max_length=300,
        help_text=lazy("It stands on the credit note."),
    )


@door(look="manage", act="manage")
@require_safe
def sales_invoices(request: PanelRequest) -> HttpResponse:
    """Invoices and credit notes, newest first; for the agency, the months that wait to be billed."""
    _need_agency_at_all(request)
    page = page_of(request, request.merchant.sales_invoices.all(), by="issued_at")
    bills = may_bill(request)
    context = {
        "page": page,
        "bills": bills,
        "waiting": _waiting(request) if bills else [],
        "lacking": _lacking(request) if bills else [],
        "tabs": billing_tabs(request, "sales_invoices"),
    }
    return render(request, "panel/sales_invoices.html", context)


@door(look="manage", act="manage")
@require_POST
def invoice_issue(request: PanelRequest, month: str) -> HttpResponse:
    """Issue the invoice of a month in one currency; there is no way back but a credit note."""
    need_agency(request)
    try:
        with transaction.atomic():
            invoice = issue_invoice(
                merchant=request.merchant,
                month=month_or_missing(month),
                currency=request.POST.get("currency", "")[:3],
                actor=request.actor,
                now=request.now,
            )
    except RientroError as error:
        messages.error(request, said(error.message))
        return redirect("panel:sales_invoices")
    messages.success(request, _("Invoice %(number)s is issued.") % {"number": invoice.number})
    return redirect("panel:sales_invoice", invoice.pk)


@door(look="manage", act="manage")
@require_http_methods(["GET", "POST"])
def sales_invoice(request: PanelRequest, sales_invoice_id: int) -> HttpResponse:
    """One invoice as it was issued; for the agency, the form of a credit note."""
    invoice = _invoice(request, sales_invoice_id)
    net_left, _tax_left = left_of(invoice)
    left = Money(max(net_left, 0), invoice.currency)
    form = CreditForm(request.POST or None, initial={"amount": str(left.decimal())})
    if request.method == "POST":
        need_agency(request)
        if form.is_valid() and (note := _credit(request, invoice, form)):
            return redirect("panel:sales_invoice", note.pk)
    context = {
        "invoice": invoice,
        "facts": _drawn(invoice, get_language() or "en"),
        "notes": invoice.credit_notes.order_by("pk"),
        "left": left,
        "form": form,
        "may_credit": may_bill(request) and invoice.kind == "invoice" and net_left > 0,
        "languages": [(code, name) for code, name in settings.LANGUAGES if code in LANGUAGES],
    }
    return render(request, "panel/sales_invoice.html", context)


@door(look="manage", act="manage")
@require_safe
def sales_invoice_pdf(request: PanelRequest, sales_invoice_id: int) -> HttpResponse:
    """The paper; ``?language=`` en or it, else the reader's."""
    invoice = _invoice(request, sales_invoice_id)
    asked = request.GET.get("language", "")
    language = asked if asked in LANGUAGES else (get_language() or "en")
    answer = HttpResponse(draw_invoice(_drawn(invoice, language)), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{_file_name(invoice)}.pdf"'
    return answer


@door(look="manage", act="manage")
@require_safe
def sales_invoice_csv(request: PanelRequest, sales_invoice_id: int) -> HttpResponse:
    """The labels of an invoice, then its sums: net, tax, total."""
    invoice = _invoice(request, sales_invoice_id)
    facts = _drawn(invoice, "en")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["Date", "What", "Return", "Tracking number", "Net", "Currency"])
    for line in facts.lines:
        words = guarded([line.return_number, line.tracking_number])
        amount = str(line.amount.decimal())
        writer.writerow([line.on.isoformat(), line.kind, *words, amount, invoice.currency])
    day = facts.issued_on.isoformat()
    if not facts.lines:
        for row in facts.rows:
            writer.writerow([day, row.what, "", "", str(row.net.decimal()), invoice.currency])
    sums = (("net", facts.net), (f"tax {facts.percent} %", facts.tax), ("total", facts.total))
    for name, amount_of in sums:
        writer.writerow([day, name, "", "", str(amount_of.decimal()), invoice.currency])
    return csv_answer(out.getvalue(), f"{_file_name(invoice)}.csv")


def _need_agency_at_all(request: PanelRequest) -> None:
    if request.merchant.agency_id is None and not request.merchant.sales_invoices.exists():
        raise Missing(_("Nobody bills this account."))


def _invoice(request: PanelRequest, pk: int) -> SalesInvoice:
    rows = request.merchant.sales_invoices.select_related("issuer", "corrects")
    invoice: SalesInvoice = rows.get_or_missing(pk=pk)
    return invoice


def _waiting(request: PanelRequest) -> list[Any]:
    """Drafts of the months that are over and not billed, oldest first."""
    this_month = localdate(request.now).replace(day=1)
    months = [m for m in months_with_charges(request.merchant) if m < this_month]
    return [
        draft
        for month in sorted(months)
        for draft in drafts_of(request.merchant, month)
        if draft.net.minor and living_invoice(draft.month, draft.currency) is None
    ]


def _lacking(request: PanelRequest) -> list[str]:
    """Names of the businesses whose legal facts are not written down yet."""
    agency = request.merchant.agency
    assert agency is not None
    whole = [agency.legal_name, agency.legal_address, agency.vat_number]
    found = [] if all(whole) else [agency.name]
    if not (request.merchant.legal_name and request.merchant.legal_address):
        found.append(request.merchant.name)
    return found


def _credit(request: PanelRequest, invoice: SalesInvoice, form: CreditForm) -> SalesInvoice | None:
    typed = form.cleaned_data["amount"].strip().replace(",", ".")
    try:
        amount = Money.parse(typed or "-", invoice.currency)
    except ValueError:
        form.add_error("amount", _("Enter an amount, like 4.95."))
        return None
    try:
        with transaction.atomic():
            note = credit_invoice(
                invoice=invoice,
                net_minor=amount.minor,
                reason=form.cleaned_data["reason"],
                actor=request.actor,
                now=request.now,
            )
    except RientroError as error:
        field = str(error.facts.get("field") or "") or None
        form.add_error(field, said(error.message))
        return None
    messages.success(request, _("Credit note %(number)s is issued.") % {"number": note.number})
    return note


def _drawn(invoice: SalesInvoice, language: str) -> InvoiceFacts:
    """What the paper says, from the facts that were written when it was issued."""
    facts, currency = invoice.facts, invoice.currency
    corrects = facts.get("corrects") or {}
    return InvoiceFacts(
        kind=invoice.kind,
        number=invoice.number,
        issued_on=date.fromisoformat(facts["issued_on"]),
        month=invoice.month,
        issuer=_party(facts["issuer"]),
        recipient=_party(facts["recipient"]),
        rows=[
            InvoiceLine(
                what=row["what"],
                quantity=row["quantity"],
                net=Money(row["net_minor"], currency),
            )
            for row in facts["rows"]
        ],
        percent=Decimal(facts["tax"]["percent"]),
        why=facts["tax"]["why"],
        net=Money(invoice.net_minor, currency),
        tax=Money(invoice.tax_minor, currency),
        total=Money(invoice.total_minor, currency),
        lines=[
            LabelLine(
                on=date.fromisoformat(line["on"]),
                kind=line["kind"],
                return_number=line["return"],
                tracking_number=line["tracking_number"],
                amount=Money(line["minor"], currency),
            )
            for line in facts["lines"]
        ],
        corrects_number=corrects.get("number", ""),
        corrects_on=date.fromisoformat(corrects["on"]) if corrects else None,
        reason=facts.get("reason", ""),
        language=language,
    )


def _party(told: dict[str, Any]) -> Party:
    return Party(name=told["name"], lines=told["lines"], vat_number=told["vat_number"])


def _file_name(invoice: SalesInvoice) -> str:
    """The number as a file may be called."""
    return "".join(c if c.isascii() and (c.isalnum() or c == "-") else "-" for c in invoice.number)
