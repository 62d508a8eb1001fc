"""Settings › Carriers › own labels › upload: the files, then each label with its number, then into the pool."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from rientro.documents.own_labels import MOST_BYTES
from rientro.flows.fill_pool import correct_labels, drop_upload, fill_pool
from rientro.flows.read_labels import Told, read_labels
from rientro.kit.errors import RientroError
from rientro.kit.said import said
from rientro.kit.sentences import Sentence
from rientro.kit.tenancy import merchant_transaction
from rientro.models import CarrierAccount, LabelUpload
from rientro.models.label_pool import OWN_LABELS
from rientro.models.pool_drafts import drafts_of, problems_of
from rientro.panel.doors import PanelRequest, door
from rientro.panel.pool_forms import MOST_FILES, UploadForm
from rientro.policy.own_label_notes import note_sentence

ROOM = 256 * 1024  # for what a form puts around its files
NUMBER, LEFT_OUT = "number_", "out_"


@csrf_exempt  # only until the size is known: what is too large is not read at all
def pool_upload(request: HttpRequest, pool_account_id: int) -> HttpResponse:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MOST_BYTES + ROOM:
        messages.error(
            request, _("These files are larger than 20 MB together. Upload them in several parts.")
        )
        return redirect("panel:pool", pool_account_id)
    answer: HttpResponse = csrf_protect(_upload)(request, pool_account_id)
    return answer


@door(look="manage", act="manage", wire=True)
@require_POST
def _upload(request: PanelRequest, pool_account_id: int) -> HttpResponse:
    """Read the files outside any transaction: a child process opens them."""
    with merchant_transaction(request.merchant.pk):
        account = own_account(request, pool_account_id)
    form = UploadForm(request.POST, merchant=request.merchant)
    files = request.FILES.getlist("files")[:MOST_FILES]
    if not files:
        messages.error(request, _("Choose a file first."))
        return redirect("panel:pool", pool_account_id)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        messages.error(request, f"{form.fields[name].label}: {errors[0]}")
        return redirect("panel:pool", pool_account_id)
    try:
        upload = read_labels(
            account=account,
            files=[(file.name or "", file.read()) for file in files],
            told=Told(facts=form.facts(), numbers=form.cleaned_data["numbers"]),
            actor=request.actor,
            now=request.now,
        )
    except RientroError as error:
        messages.error(request, said(error.message))
        return redirect("panel:pool", pool_account_id)
    return redirect("panel:pool_look", pool_account_id, upload.pk)


@door(look="manage", act="manage")
@require_http_methods(["GET", "POST"])
def pool_look(request: PanelRequest, pool_account_id: int, upload_id: int) -> HttpResponse:
    """Every label of an upload with its picture and its number; those without a problem go into the pool."""
    account = own_account(request, pool_account_id)
    upload: LabelUpload = request.merchant.label_uploads.select_related("account").get_or_missing(
        pk=upload_id, account=account
    )
    if request.method == "POST":
        return _act(request, upload)
    drafts = drafts_of(upload)
    wrong = problems_of(drafts, today=localdate(request.now))
    for draft in drafts:
        draft.problem = wrong.get(draft.pk)  # type: ignore[attr-defined]
        draft.odd = [Sentence(pattern, **values) for pattern, values in draft.notes]  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "account": account,
        "upload": upload,
        "drafts": drafts,
        "right": len(drafts) - len(wrong),
        "wrong": len(wrong),
        "in_pool": upload.labels.exclude(state="draft").count(),
        "notes": [note_sentence(*note) for note in upload.notes],
    }
    return render(request, "panel/pool_look.html", context)


def _act(request: PanelRequest, upload: LabelUpload) -> HttpResponse:
    done = request.POST.get("do", "")
    if done == "drop":
        drop_upload(upload=upload)
        messages.success(request, _("What was not in the pool yet is deleted."))
        return redirect("panel:pool", upload.account_id)
    correct_labels(
        upload=upload,
        numbers=dict(_posted(request, NUMBER)),
        left_out=[pk for pk, _typed in _posted(request, LEFT_OUT)],
    )
    if done != "fill":
        return redirect("panel:pool_look", upload.account_id, upload.pk)
    try:
        filled = fill_pool(upload=upload, actor=request.actor, now=request.now)
    except RientroError as error:
        messages.error(request, said(error.message))
        return redirect("panel:pool_look", upload.account_id, upload.pk)
    if filled.added:
        words = ngettext(
            "%(n)s label is in the pool now.", "%(n)s labels are in the pool now.", filled.added
        )
        messages.success(request, words % {"n": filled.added})
    if filled.waiting:
        return redirect("panel:pool_look", upload.account_id, upload.pk)
    return redirect("panel:pool", upload.account_id)


def _posted(request: PanelRequest, prefix: str) -> list[tuple[int, str]]:
    """(id, value) of the fields that begin with ``prefix``."""
    found = [
        (name.removeprefix(prefix), value)
        for name, value in request.POST.items()
        if name.startswith(prefix)
    ]
    return [(int(pk), str(value)) for pk, value in found if pk.isascii() and pk.isdigit()]


def own_account(request: PanelRequest, pool_account_id: int) -> CarrierAccount:
    """A connected account of own labels; any other is as good as none."""
    living = request.merchant.carrier_accounts.filter(carrier=OWN_LABELS, deleted_at=None)
    account: CarrierAccount = living.get_or_missing(pk=pool_account_id)
    return account


urlpatterns = [
    path("upload/", pool_upload, name="pool_upload"),
    path("uploads/<int:upload_id>/", pool_look, name="pool_look"),
]
