"""Settings › Billing › Carriers' invoices: upload, columns, what came in, and what was refused."""

import csv
import io
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rientro.flows.queue_invoice import InvoiceHabits, queue_invoice
from rientro.flows.read_invoice import read_invoice
from rientro.kit.errors import RientroError
from rientro.kit.said import said
from rientro.kit.tables import MOST_BYTES, rows_of
from rientro.models import InvoiceFile
from rientro.models.invoice_book import sum_of, sums_by_invoice
from rientro.panel.billing_doors import billing_tabs, need_costs
from rientro.panel.csv_answer import csv_answer, guarded
from rientro.panel.doors import PanelRequest, door
from rientro.panel.file_columns import FileColumnsForm, choices_of
from rientro.panel.invoice_words import field_label, shown_lines
from rientro.panel.pages import page_of
from rientro.policy.columns import REASON
from rientro.policy.invoice_columns import INVOICE_FIELDS, INVOICE_GROUPS

GROUP_LABELS = {
    "invoice": lazy("The invoice"),
    "parcel": lazy("The parcel"),
    "money": lazy("The money"),
}
SAMPLES = 3
ROOM = 64 * 1024  # for what a form puts around a file


class InvoiceColumnsForm(FileColumnsForm):
    """What a carrier's file says of itself."""

    def __init__(self, *args: Any, file: InvoiceFile, **kwargs: Any) -> None:
        usual = {name: file.options.get(name, "") for name in ("date_order", "decimal")}
        super().__init__(
            *args,
            headings=file.options.get("headings", []),
            mapping=file.mapping,
            fields=choices_of(
                INVOICE_FIELDS, INVOICE_GROUPS, labels=GROUP_LABELS, label_of=field_label
            ),
            usual=usual
            | {
                "in_grams": "1" if file.options.get("in_grams") else "",
                "currency": file.options.get("currency") or "EUR",
            },
            **kwargs,
        )

    def habits(self) -> InvoiceHabits:
        told = self.cleaned_data
        return InvoiceHabits(
            currency=told["currency"],
            date_order=told["date_order"],
            decimal=told["decimal"],
            in_grams=bool(told["in_grams"]),
        )


@door(look="manage", act="manage")
@require_safe
def carrier_invoices(request: PanelRequest) -> HttpResponse:
    """The upload form, the invoices that are in, and the files they came by."""
    need_costs(request)
    invoices = request.merchant.carrier_invoices.select_related("account")
    page = page_of(request, invoices, by="imported_at", size=25)
    lines = request.merchant.carrier_invoice_lines
    sums = sums_by_invoice(lines.filter(invoice__in=[invoice.pk for invoice in page.rows]))
    for invoice in page.rows:
        invoice.sum = sums[invoice.pk]
    accounts = request.merchant.carrier_accounts.order_by("name", "id")
    files = request.merchant.invoice_files.select_related("account").order_by("-id")[:10]
    context = {"page": page, "accounts": accounts, "files": files}
    context |= {"tabs": billing_tabs(request, "carrier_invoices")}
    return render(request, "panel/carrier_invoices.html", context)


@csrf_exempt  # only until the size is known: what is too large is not read at all
def invoice_upload(request: HttpRequest) -> HttpResponse:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MOST_BYTES + ROOM:
        messages.error(
            request, _("This file is larger than 20 MB. Split it and bring in the parts.")
        )
        return redirect("panel:carrier_invoices")
    answer: HttpResponse = csrf_protect(_upload)(request)
    return answer


@door(look="manage", act="manage", wire=True)
@require_POST
def _upload(request: PanelRequest) -> HttpResponse:
    """Read the file outside any transaction: a workbook is opened by a child process."""
    need_costs(request)
    chosen, upload = request.POST.get("account", ""), request.FILES.get("file")
    with transaction.atomic():
        account = request.merchant.carrier_accounts.get_or_missing(
            pk=int(chosen) if chosen.isdecimal() else 0
        )
    if upload is None:
        messages.error(request, _("Choose a file first."))
        return redirect("panel:carrier_invoices")
    try:
        file = read_invoice(
            account=account,
            content=upload.read(),
            file_name=upload.name or "",
            actor=request.actor,
            now=request.now,
        )
    except RientroError as error:
        messages.error(request, said(error.message))
        return redirect("panel:carrier_invoices")
    return redirect("panel:invoice_file", file.public_id)


@door(look="manage", act="manage")
@require_http_methods(["GET", "POST"])
def invoice_file(request: PanelRequest, file_id: UUID) -> HttpResponse:
    """What each column means; once that is said, how far the file is and what was refused."""
    need_costs(request)
    file = _file(request, file_id)
    if file.status != InvoiceFile.Status.PREVIEW or file.file is None:
        return render(request, "panel/invoice_file.html", {"file": file})
    form = InvoiceColumnsForm(request.POST or None, file=file)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                queue_invoice(
                    file=file, mapping=form.mapping(), habits=form.habits(), now=request.now
                )
            return redirect("panel:invoice_file", file.public_id)
        except RientroError as error:
            form.add_error(None, said(error.message))
    context = {"file": file, "form": form, "columns": form.rows(_samples(file))}
    return render(request, "panel/invoice_columns.html", context)


@door(look="manage", act="manage")
@require_safe
def invoice_refused(request: PanelRequest, file_id: UUID) -> HttpResponse:
    """The refused rows as they stood in the file, each with its reason: mend and upload again."""
    need_costs(request)
    file = _file(request, file_id)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=file.options.get("delimiter", ","), lineterminator="\r\n")
    headings: list[str] = file.options.get("headings", [])
    writer.writerow(guarded([*headings, REASON]))
    for number, cells, reason in file.refused:
        kept = [*cells, *[""] * len(headings)][: len(headings)]
        words = _("Row %(row)s: %(reason)s") % {"row": number, "reason": reason}
        writer.writerow(guarded([*kept, words]))
    return csv_answer(out.getvalue(), "refused-lines.csv")


@door(look="manage", act="manage")
@require_safe
def carrier_invoice(request: PanelRequest, carrier_invoice_id: int) -> HttpResponse:
    """One invoice: its sum, how it comes about, and every line of it."""
    need_costs(request)
    invoice = request.merchant.carrier_invoices.select_related("account").get_or_missing(
        pk=carrier_invoice_id
    )
    lines = invoice.lines.select_related("purchase__parcel__ret", "invoice__account")
    page = page_of(request, lines, by="created_at", size=100)
    context = {"invoice": invoice, "sum": sum_of(invoice.lines.all())}
    context |= {"page": page, "lines": shown_lines(page.rows)}
    return render(request, "panel/carrier_invoice.html", context)


def _file(request: PanelRequest, file_id: UUID) -> InvoiceFile:
    rows = request.merchant.invoice_files.select_related("account", "file")
    file: InvoiceFile = rows.get_or_missing(public_id=file_id)
    return file


def _samples(file: InvoiceFile) -> dict[str, list[str]]:
    """{heading: the first different words in its column}"""
    assert file.file is not None
    headings: list[str] = file.options.get("headings", [])
    found: dict[str, list[str]] = {heading: [] for heading in headings}
    rows = rows_of(
        bytes(file.file.content),
        encoding=file.options.get("encoding", "utf-8"),
        delimiter=file.options.get("delimiter", ","),
    )
    for _number, cells in islice(rows, 1, 200):
        for heading, cell in zip(headings, cells, strict=False):
            seen = found[heading]
            if cell.strip() and len(seen) < SAMPLES and cell.strip()[:60] not in seen:
                seen.append(cell.strip()[:60])
    return found
