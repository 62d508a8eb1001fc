"""Settings › Billing › Differences: where carriers' invoices and our books disagree, and what was decided."""

import csv
import io
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rientro.flows.decide_difference import accept_uninvoiced, decide_difference
from rientro.kit.errors import Missing, RientroError
from rientro.kit.money import Money
from rientro.kit.said import said
from rientro.models import CarrierInvoiceLine, Label
from rientro.models.invoice_book import never_invoiced
from rientro.panel.billing_doors import billing_tabs, need_costs
from rientro.panel.csv_answer import csv_answer, guarded
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.panel.invoice_words import MATCHES, STATES, ShownLine, shown_lines
from rientro.panel.pages import page_of, without
from rientro.policy.invoice_match import Match

State = CarrierInvoiceLine.State
KINDS = [kind for kind in MATCHES if kind not in (Match.EXACT.value, Match.PRICED.value)]
SHOWN_STATES = (State.OPEN.value, State.DISPUTED.value, State.ACCEPTED.value, State.SETTLED.value)
SHOWN = 100
HEADINGS = (
    "Carrier", "Invoice", "Date", "Tracking number", "Reference", "Return", "What", "State", "Billed",
    "Purchase", "Books", "Expected", "Difference", "Currency", "Note",
)  # fmt: skip


@door(look="manage", act="manage")
@require_safe
def differences(request: PanelRequest) -> HttpResponse:
    """What is open, unless another state is asked for; with the sums of what the filters leave."""
    need_costs(request)
    chosen = _chosen(request)
    rows = _rows(request, chosen)
    page = page_of(request, rows, by="created_at")
    missing = _missing(request, chosen)
    context = {
        "page": page,
        "lines": shown_lines(page.rows),
        "sums": _sums(rows),
        "chosen": chosen,
        "kinds": [(kind, MATCHES[kind]) for kind in KINDS],
        "states": [(state, STATES[state][0]) for state in SHOWN_STATES],
        "accounts": request.merchant.carrier_accounts.order_by("name", "id"),
        "missing": missing[:SHOWN],
        "more": max(0, len(missing) - SHOWN),
        "query": without(request),
        "tabs": billing_tabs(request, "differences"),
    }
    return render(request, "panel/differences.html", context)


@door(look="manage", act="manage")
@require_safe
def differences_csv(request: PanelRequest) -> HttpResponse:
    """What the page shows under the same filters, all of it."""
    need_costs(request)
    rows = _rows(request, _chosen(request)).order_by("invoice__number", "position", "pk")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for shown in shown_lines(rows):
        writer.writerow(_cells(shown))
    return csv_answer(out.getvalue(), "differences.csv")


def _cells(shown: ShownLine) -> list[str]:
    """Text is guarded against formulas; amounts are numbers, and may be below zero."""
    line = shown.line
    invoice = line.invoice
    day = invoice.issued_on.isoformat() if invoice.issued_on else ""
    texts = [invoice.account.name, invoice.number, day, line.tracking_number, line.reference]
    texts += [shown.return_number, str(shown.match), str(shown.state)]
    expected = Money(line.expected_minor, invoice.currency)
    amounts = (shown.amount, shown.ours, shown.books, expected, shown.difference)
    return [*guarded(texts), *map(_plain, amounts), invoice.currency, *guarded([line.note])]


@door(look="manage", act="manage")
@require_POST
def difference_decide(request: PanelRequest, line_id: int) -> HttpResponse:
    """Accept a difference, or dispute it with a note."""
    need_costs(request)
    line = request.merchant.carrier_invoice_lines.get_or_missing(pk=line_id)
    accepts = request.POST.get("do") == "accept"
    attempt(
        request,
        lambda: decide_difference(
            line=line,
            decision="accept" if accepts else "dispute",
            note=request.POST.get("note", ""),
            actor=request.actor,
            now=request.now,
        ),
        done=_("Accepted: the books follow the invoice.")
        if accepts
        else _("Marked as disputed. The books stay as they are."),
    )
    return _back(request)


@door(look="manage", act="manage")
@require_POST
def uninvoiced_accept(request: PanelRequest, purchase_id: int) -> HttpResponse:
    """The carrier will not bill this label: take it out of what is owed."""
    need_costs(request)
    rows = request.merchant.label_purchases.select_related("account", "parcel__ret")
    purchase = rows.get_or_missing(pk=purchase_id)
    try:
        with transaction.atomic():
            accept_uninvoiced(purchase=purchase, actor=request.actor, now=request.now)
        messages.success(request, _("Accepted: nothing is owed for this label any more."))
    except RientroError as error:
        messages.error(request, said(error.message))
    return _back(request)


def _chosen(request: PanelRequest) -> dict[str, str]:
    given = {name: request.GET.get(name, "") for name in ("state", "kind", "account")}
    offers = {"state": SHOWN_STATES, "kind": [*KINDS, "missing"]}
    chosen = {name: value for name, value in given.items() if value in offers.get(name, [value])}
    if not (chosen.get("account", "").isdecimal() and len(chosen["account"]) < 18):
        chosen.pop("account", None)
    if "state" not in request.GET:
        chosen["state"] = State.OPEN.value
    return {name: value for name, value in chosen.items() if value}


def _rows(request: PanelRequest, chosen: dict[str, str]) -> QuerySet[CarrierInvoiceLine]:
    rows: QuerySet[CarrierInvoiceLine] = request.merchant.carrier_invoice_lines.exclude(
        state=State.MATCHED.value
    )
    if state := chosen.get("state"):
        rows = rows.filter(state=state)
    if kind := chosen.get("kind"):
        rows = rows.filter(match=kind)
    if account := chosen.get("account"):
        rows = rows.filter(invoice__account=int(account))
    return rows.select_related("invoice__account", "purchase__parcel__ret")


def _sums(rows: QuerySet[CarrierInvoiceLine]) -> list[dict[str, Any]]:
    """Per currency: how many, and what they come to."""
    found: dict[str, list[int]] = {}
    told = rows.order_by().values_list("invoice__currency", "difference_minor", "amount_minor")
    for currency, difference, amount in told:
        sums = found.setdefault(currency, [0, 0, 0])
        sums[0], sums[1], sums[2] = sums[0] + 1, sums[1] + difference, sums[2] + amount
    return [
        {"count": count, "difference": Money(off, currency), "amount": Money(amount, currency)}
        for currency, (count, off, amount) in sorted(found.items())
    ]


def _missing(request: PanelRequest, chosen: dict[str, str]) -> list[Label]:
    """Labels that were charged and stand on no invoice; shown among what is open."""
    if chosen.get("state") != State.OPEN.value or chosen.get("kind", "missing") != "missing":
        return []
    accounts = request.merchant.carrier_accounts.order_by("pk")
    if account := chosen.get("account"):
        accounts = accounts.filter(pk=int(account))
    found: list[Label] = []
    for each in accounts:
        labels = request.merchant.labels.filter(purchase__in=never_invoiced(each))
        found += labels.select_related("purchase__account", "parcel__ret").order_by("-charged_at")
    return found


def _plain(amount: Money | None) -> str:
    return "" if amount is None else str(amount.decimal())


def _back(request: PanelRequest) -> HttpResponse:
    """To the list under the filters it was left with; to the invoice when the button stood there."""
    invoice = request.POST.get("invoice", "")
    if invoice.isdecimal() and len(invoice) < 18:
        if request.merchant.carrier_invoices.filter(pk=invoice).exists():
            return redirect("panel:carrier_invoice", int(invoice))
        raise Missing(_("There is no such invoice."))
    answer = redirect("panel:differences")
    query = request.POST.get("query", "")
    if query and len(query) < 500 and "\n" not in query and "\r" not in query:
        answer["Location"] += f"?{query}"
    return answer
