"""Orders › Import a file: upload, columns with a preview, progress, and what was refused."""

import csv
import io
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rientro.flows.queue_import import queue_import, settle_columns
from rientro.flows.read_file import read_file
from rientro.kit.errors import RientroError
from rientro.kit.said import said
from rientro.kit.tables import MOST_BYTES
from rientro.models import ImportRun
from rientro.models.customs_wanted import is_anything_wanted
from rientro.models.import_files import preview_of, samples_of
from rientro.panel.csv_answer import csv_answer, guarded
from rientro.panel.doors import PanelRequest, door
from rientro.panel.import_columns import ColumnsForm
from rientro.panel.import_words import show_preview
from rientro.panel.pages import page_of
from rientro.policy.columns import REASON

SHOWN_REFUSALS = 50
ROOM = 64 * 1024  # for what a form puts around a file
TEMPLATE = [
    "Order number,Date,Name,Street,House number,Postal code,City,Country,E-mail,Phone,Item,SKU,Variant,"
    "Quantity,Price,Currency,Channel,Receipt",
    "1001,2026-11-10,Giulia Ferrero,Corso Moncalieri,14,10131,Torino,IT,giulia@example.com,,Merino scarf,SC-1,"
    "Moss,2,46.00,EUR,online,",
    "1001,2026-11-10,Giulia Ferrero,Corso Moncalieri,14,10131,Torino,IT,giulia@example.com,,Linen shirt,SH-7,"
    "White / M,1,89.90,EUR,online,",
    "1002,2026-11-11,,,,,,IT,,,Leather belt,BE-3,90 cm,1,59.00,EUR,store,RC-0017",
]


@door()
@require_safe
def imports(request: PanelRequest) -> HttpResponse:
    """The upload form and the files so far."""
    shops = request.merchant.integrations.filter(deleted_at=None).order_by("shop_name", "id")
    runs = request.merchant.import_runs.select_related("integration")
    context = {
        "shops": list(shops),
        "chosen": request.GET.get("integration", ""),
        "page": page_of(request, runs, by="created_at", size=25),
    }
    return render(request, "panel/imports/list.html", context)


@csrf_exempt  # only until the size is known: what is too large is not read at all
def import_upload(request: HttpRequest) -> HttpResponse:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MOST_BYTES + ROOM:
        messages.error(
            request, _("This file is larger than 20 MB. Split it and bring in the parts.")
        )
        return redirect("panel:imports")
    answer: HttpResponse = csrf_protect(_upload)(request)
    return answer


@door(wire=True)
@require_POST
def _upload(request: PanelRequest) -> HttpResponse:
    """Read the file outside any transaction: a workbook is opened by a child process."""
    chosen = request.POST.get("integration", "")
    with transaction.atomic():
        living = request.merchant.integrations.filter(deleted_at=None)
        shop = living.get_or_missing(pk=int(chosen) if chosen.isdecimal() else 0)
    upload = request.FILES.get("file")
    if upload is None:
        messages.error(request, _("Choose a file first."))
        return redirect(f"{request.path.removesuffix('upload/')}?integration={shop.pk}")
    try:
        run = read_file(
            integration=shop,
            content=upload.read(),
            file_name=upload.name or "",
            actor=request.actor,
            now=request.now,
        )
    except RientroError as error:
        messages.error(request, said(error.message))
        return redirect(f"{request.path.removesuffix('upload/')}?integration={shop.pk}")
    return redirect("panel:import_columns", run.public_id)


@door()
@require_http_methods(["GET", "POST"])
def import_columns(request: PanelRequest, run_id: UUID) -> HttpResponse:
    """What each column means, and the first orders as they would come in."""
    run = _run(request, run_id)
    if run.status != ImportRun.Status.PREVIEW or run.file is None:
        return redirect("panel:import_run", run_id)
    form = ColumnsForm(request.POST or None, run=run, merchant=request.merchant)
    if request.method == "POST" and form.is_valid():
        try:
            return _settle(request, run, form)
        except RientroError as error:
            form.add_error(None, said(error.message))
    content = bytes(run.file.content)
    preview = preview_of(run, request.merchant, content, now=request.now)
    context = {
        "run": run,
        "form": form,
        "columns": form.rows(samples_of(run, content)),
        "preview": show_preview(preview, run),
    }
    return render(request, "panel/imports/columns.html", context)


@door()
@require_safe
def import_run(request: PanelRequest, run_id: UUID) -> HttpResponse:
    """How far a run is; htmx asks for the moving part alone."""
    run = _run(request, run_id)
    if run.status == ImportRun.Status.PREVIEW:
        return redirect("panel:import_columns", run_id)
    refusals = run.refusals.order_by("row_number")[:SHOWN_REFUSALS] if run.rows_refused else []
    moving = run.status in (ImportRun.Status.QUEUED, ImportRun.Status.RUNNING)
    context = {
        "run": run,
        "moving": moving,
        "customs_wanted": not moving and is_anything_wanted(now=request.now),
        "percent": 100 * run.rows_done // max(run.rows_total, 1),
        "refusals": refusals,
        "taken": run.orders_created + run.orders_updated + run.orders_unchanged,
    }
    part = (
        "panel/imports/_run.html" if request.headers.get("HX-Request") else "panel/imports/run.html"
    )
    return render(request, part, context)


@door()
@require_safe
def import_refused(request: PanelRequest, run_id: UUID) -> HttpResponse:
    """The refused rows as they stood in the file, each with its reason: mend and upload again."""
    run = _run(request, run_id)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=run.options.get("delimiter", ","), lineterminator="\r\n")
    headings: list[str] = run.options.get("headings", [])
    writer.writerow(guarded([*headings, REASON]))
    for refusal in run.refusals.order_by("row_number").iterator(chunk_size=2000):
        cells = [*refusal.cells, *[""] * len(headings)][: len(headings)]
        writer.writerow(
            guarded(
                [
                    *cells,
                    _("Row %(row)s: %(reason)s")
                    % {"row": refusal.row_number, "reason": refusal.reason},
                ]
            )
        )
    return csv_answer(out.getvalue(), "refused-rows.csv")


@door()
@require_safe
def import_template(request: PanelRequest) -> HttpResponse:
    return csv_answer("\r\n".join(TEMPLATE) + "\r\n", "orders-template.csv")


def _run(request: PanelRequest, run_id: UUID) -> ImportRun:
    runs = request.merchant.import_runs.select_related("integration", "file")
    run: ImportRun = runs.get_or_missing(public_id=run_id)
    return run


def _settle(request: PanelRequest, run: ImportRun, form: ColumnsForm) -> HttpResponse:
    mapping, habits = form.mapping(), form.habits()
    if request.POST.get("do") == "start":
        queue_import(run=run, mapping=mapping, habits=habits, now=request.now)
        return redirect("panel:import_run", run.public_id)
    settle_columns(run=run, mapping=mapping, habits=habits)
    return redirect("panel:import_columns", run.public_id)


urlpatterns = [
    path("", imports, name="imports"),
    path("upload/", import_upload, name="import_upload"),
    path("template.csv", import_template, name="import_template"),
    path("<uuid:run_id>/", import_run, name="import_run"),
    path("<uuid:run_id>/columns/", import_columns, name="import_columns"),
    path("<uuid:run_id>/refused.csv", import_refused, name="import_refused"),
]
