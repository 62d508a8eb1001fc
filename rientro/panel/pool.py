"""Settings › Carriers › own labels: how many are left, which were used, and what becomes of single ones."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rientro.flows.keep_pool import put_label_back, save_pool, set_label_aside
from rientro.kit.template_words import when_in
from rientro.models import CarrierAccount, PoolLabel
from rientro.models.pool_shelf import DAYS_LEFT, pool_of, stock_of
from rientro.panel.csv_answer import csv_rows_answer
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.panel.pages import page_of
from rientro.panel.pool_forms import PoolForm, UploadForm
from rientro.panel.pool_upload import own_account
from rientro.panel.pool_upload import urlpatterns as uploading

SHOWN = ("free", "taken", "expired", "retired")
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Given:
    """Whose label it is now."""

    return_number: str
    order_number: str


@door(act="manage")
@require_http_methods(["GET", "POST"])
def pool(request: PanelRequest, pool_account_id: int) -> HttpResponse:
    """The pool of one account; on POST, how it is kept."""
    account = own_account(request, pool_account_id)
    kept = pool_of(account)
    start = {"warn_below": kept.warn_below, "given_back": kept.given_back}
    form = PoolForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        save_pool(account=account, actor=request.actor, now=request.now, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("panel:pool", account.pk)
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWN else "free"
    page = page_of(request, _rows(request, account, shown), by="created_at")
    given = _given(request, page.rows)
    for row in page.rows:
        row.given = given.get(row.reference)
    stock = stock_of(account, now=request.now)
    context = {
        "account": account,
        "stock": stock,
        "low": bool(kept.warn_below) and stock.free < kept.warn_below,
        "kept": kept,
        "form": form,
        "upload": UploadForm(merchant=request.merchant),
        "shown": shown,
        "page": page,
        "waiting": waiting_uploads(request, account),
    }
    return render(request, "panel/pool.html", context)


def waiting_uploads(request: PanelRequest, account: CarrierAccount) -> list[Any]:
    """Uploads with labels that are still to be looked at, newest first."""
    drafts = request.merchant.pool_labels.filter(account=account, state="draft")
    uploads = request.merchant.label_uploads.filter(pk__in=drafts.values("upload_id"))
    found = list(uploads.order_by("-created_at", "-pk")[:20])
    for upload in found:
        upload.count = drafts.filter(upload=upload).count()  # type: ignore[attr-defined]
    return found


def _rows(request: PanelRequest, account: CarrierAccount, shown: str) -> "QuerySet[PoolLabel]":
    rows = request.merchant.pool_labels.filter(account=account)
    ends = localdate(request.now) + timedelta(days=DAYS_LEFT)
    expired = Q(state="free", expires_on__lt=ends)
    if shown == "expired":
        return rows.filter(expired)
    if shown == "free":
        return rows.filter(state="free").exclude(expired)
    return rows.filter(state=shown)


def _given(request: PanelRequest, rows: list[PoolLabel]) -> dict[str, Given]:
    references = [row.reference for row in rows if row.reference]
    purchases = request.merchant.label_purchases.filter(reference__in=references)
    return {
        purchase.reference: Given(purchase.parcel.ret.number, purchase.parcel.ret.order.number)
        for purchase in purchases.select_related("parcel__ret__order")
    }


@door(look="manage", act="manage")
@require_POST
def pool_label(request: PanelRequest, pool_account_id: int, pool_label_id: int) -> HttpResponse:
    """Set a free label aside, or put one back."""
    label = _label(request, pool_account_id, pool_label_id)
    back = request.POST.get("do") == "back"
    step = put_label_back if back else set_label_aside
    done = _("%s may be given out again.") if back else _("%s is set aside.")
    attempt(
        request,
        lambda: step(label=label, actor=request.actor, now=request.now),
        done=done % label.tracking_number,
    )
    return redirect(f"{request.path.rpartition('/labels/')[0]}/labels/")


@door(look="manage", act="manage")
@require_safe
def pool_paper(request: PanelRequest, pool_account_id: int, pool_label_id: int) -> HttpResponse:
    """The page as it was uploaded: a label that anybody could use, so it is shown to managers only."""
    label = _label(request, pool_account_id, pool_label_id)
    answer = HttpResponse(bytes(label.paper.content), content_type="application/pdf")
    name = f"{label.tracking_number or label.pk}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _label(request: PanelRequest, pool_account_id: int, pool_label_id: int) -> PoolLabel:
    rows = request.merchant.pool_labels.filter(account=own_account(request, pool_account_id))
    label: PoolLabel = rows.select_related("paper", "account").get_or_missing(pk=pool_label_id)
    return label


@door(look="decide", act="manage")
@require_safe
def pool_used(request: PanelRequest, pool_account_id: int) -> HttpResponse:
    """Every used label as CSV, oldest first."""
    account = own_account(request, pool_account_id)
    rows = request.merchant.pool_labels.filter(account=account, state="taken")
    labels = list(rows.order_by("taken_at", "pk")[:MOST_ROWS])
    given = _given(request, labels)
    headings = [
        _("Tracking number"),
        _("Carrier"),
        _("Price"),
        _("Currency"),
        _("Used on"),
        _("Return"),
        _("Order"),
    ]
    table = [headings]
    for label in labels:
        whose = given.get(label.reference) or Given("", "")
        table.append(
            [
                label.tracking_number,
                label.carrier_name,
                str(label.price.decimal()),
                label.currency,
                when_in(label.taken_at) if label.taken_at else "",
                whose.return_number,
                whose.order_number,
            ]
        )
    return csv_rows_answer(table, "used-labels.csv")


urlpatterns = [
    path("", pool, name="pool"),
    path("used.csv", pool_used, name="pool_used"),
    path("<int:pool_label_id>/", pool_label, name="pool_label"),
    path("<int:pool_label_id>/paper", pool_paper, name="pool_paper"),
    *uploading,
]
