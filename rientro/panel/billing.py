"""Settings › Billing: importing is free, created labels cost, cancelled ones are credited."""

import csv
from datetime import date

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rientro.documents.statement import (
    StatementFacts,
    StatementLine,
    StatementSum,
    draw_statement,
)
from rientro.models.ledger import AGENCY, MERCHANT
from rientro.models.statement import Statement, Sum, csv_rows, months_with_charges, statement_of
from rientro.panel.billing_doors import billing_tabs, month_of, month_or_missing, sees_costs
from rientro.panel.doors import PanelRequest, door
from rientro.panel.pages import page_of

SHOWN = 200  # lines on the page; the files hold all


@door(look="decide", act="manage")
@require_safe
def billing(request: PanelRequest) -> HttpResponse:
    """One month: what was imported, bought, credited and is due."""
    today = localdate(request.now)
    month = month_of(request.GET.get("month", "")) or today.replace(day=1)
    statement = statement_of(request.merchant, month)
    months = sorted(
        {*months_with_charges(request.merchant), today.replace(day=1), month}, reverse=True
    )
    context = {
        "statement": statement,
        "lines": statement.lines[::-1][:SHOWN],
        "more": max(0, len(statement.lines) - SHOWN),
        "months": months,
        "month": month,
        "key": f"{month:%Y-%m}",
        "tabs": billing_tabs(request, "billing"),
    }
    return render(request, "panel/billing.html", context)


@door(look="decide", act="manage")
@require_safe
def ledger(request: PanelRequest) -> HttpResponse:
    """The books themselves: every transfer as it was written, none ever changed."""
    rows = request.merchant.ledger.select_related("ret", "purchase__account")
    if not sees_costs(request):  # what the agency owes the carriers is the agency's
        rows = rows.filter(Q(debit=MERCHANT) | Q(credit=MERCHANT))
    page = page_of(request, rows, by="happened_at")
    names = {f"carrier:{row.pk}": row.name for row in request.merchant.carrier_accounts.all()}
    names |= {MERCHANT: _("You"), AGENCY: _("Agency")}
    for row in page.rows:
        row.sides = [names.get(side, side) for side in (row.debit, row.credit)]
    tabs = billing_tabs(request, "ledger")
    return render(request, "panel/ledger.html", {"page": page, "tabs": tabs})


@door(look="decide", act="manage")
@require_safe
def statement_csv(request: PanelRequest, month: str) -> HttpResponse:
    statement = statement_of(request.merchant, month_or_missing(month))
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="rientro-{month}.csv"'
    answer.write("\ufeff")  # so that spreadsheets read it as UTF-8
    csv.writer(answer).writerows(csv_rows(statement))
    return answer


@door(look="decide", act="manage")
@require_safe
def statement_pdf(request: PanelRequest, month: str) -> HttpResponse:
    statement = statement_of(request.merchant, month_or_missing(month))
    pdf = draw_statement(_facts(statement, localdate(request.now)))
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="rientro-{month}.pdf"'
    return answer


def _facts(statement: Statement, today: date) -> StatementFacts:
    return StatementFacts(
        month=statement.month,
        merchant_name=statement.merchant_name,
        imports=statement.imports,
        totals=[_sum(total) for total in statement.totals],
        brands=[_sum(brand) for brand in statement.brands],
        lines=[
            StatementLine(
                on=line.at.date(),
                kind=line.kind,
                return_number=line.return_number,
                order_number=line.order_number,
                brand=line.brand,
                carrier=line.carrier,
                tracking_number=line.tracking_number,
                amount=line.amount,
            )
            for line in statement.lines
        ],
        created_on=today,
        language=get_language() or "en",
    )


def _sum(one: Sum) -> StatementSum:
    return StatementSum(
        name=one.name,
        labels=one.labels,
        labels_amount=one.labels_amount,
        credits=one.credits,
        credits_amount=one.credits_amount,
        adjustments=one.adjustments,
        adjustments_amount=one.adjustments_amount,
    )
