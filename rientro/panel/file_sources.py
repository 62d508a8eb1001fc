"""Settings › Integrations, for files: the place that they are fetched from, a look at it, what came of each."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from rientro.flows.save_source import (
    HostKeyUnknown,
    IncompleteSource,
    look_into_source,
    pause_source,
    read_source_now,
    remove_source,
    save_source,
)
from rientro.kit.errors import RientroError
from rientro.kit.said import said
from rientro.kit.tenancy import merchant_transaction
from rientro.models import FileSource, Integration
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.panel.file_source_form import FORMS, FileSourceForm, SftpForm
from rientro.panel.file_source_words import KINDS, seen_words
from rientro.shops.sources.base import HostKeyChanged


@door(act="manage", wire=True)
@never_cache
@require_http_methods(["GET", "POST"])
def source_edit(request: PanelRequest, files_id: int, kind: str) -> HttpResponse:
    """Say where the files lie: the place is looked at, and kept only if it opens."""
    with merchant_transaction(request.merchant.pk):
        row = _files_of(request, files_id)
        before = row.file_sources.first()
    if kind not in FORMS:
        raise Http404
    form = FORMS[kind](request.POST or None, kind=kind, before=before)
    shown: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        shown = _saved(request, row, form)
        if not shown and not form.errors:
            return redirect("panel:integration", row.pk)
    name = next(words for code, words, _hint in KINDS if code == kind)
    context = {"row": row, "form": form, "kind": kind, "kind_name": name, "kinds": KINDS, **shown}
    with merchant_transaction(request.merchant.pk):
        return render(request, "panel/file_source.html", context)


@door(act="manage", wire=True)
@require_POST
def source_check(request: PanelRequest, files_id: int) -> HttpResponse:
    """Look now, and say what lies there; nothing is read."""
    with merchant_transaction(request.merchant.pk):
        source = _source_of(request, files_id)
    try:
        seen = look_into_source(source=source)
    except RientroError as error:
        messages.error(request, said(error.message))
    else:
        messages.success(request, seen_words(seen))
    return redirect("panel:integration", files_id)


@door(act="manage")
@require_POST
def source_read(request: PanelRequest, files_id: int) -> HttpResponse:
    source = _source_of(request, files_id)
    attempt(
        request,
        lambda: read_source_now(source=source, now=request.now),
        done=_("New files are being fetched. Look here again in a minute."),
    )
    return redirect("panel:integration", files_id)


@door(act="manage")
@require_POST
def source_pause(request: PanelRequest, files_id: int) -> HttpResponse:
    """Leave the place alone, or go on."""
    source = _source_of(request, files_id)
    paused = source.state != FileSource.State.PAUSED.value
    attempt(
        request,
        lambda: pause_source(source=source, paused=paused, actor=request.actor, now=request.now),
        done=_("Nothing is looked at until you go on.") if paused else _("Files come in again."),
    )
    return redirect("panel:integration", files_id)


@door(act="manage")
@require_POST
def source_remove(request: PanelRequest, files_id: int) -> HttpResponse:
    source = _source_of(request, files_id)
    attempt(
        request,
        lambda: remove_source(source=source, actor=request.actor, now=request.now),
        done=_("The place and its keys are forgotten. Orders that came stay."),
    )
    return redirect("panel:integration", files_id)


def _files_of(request: PanelRequest, files_id: int) -> Integration:
    living = request.merchant.integrations.filter(deleted_at=None, system="csv")
    row: Integration = living.get_or_missing(pk=files_id)
    return row


def _source_of(request: PanelRequest, files_id: int) -> FileSource:
    row = _files_of(request, files_id)
    source: FileSource = row.file_sources.get_or_missing()
    return source


def _saved(request: PanelRequest, row: Integration, form: FileSourceForm) -> dict[str, Any]:
    """What the page has to show once more; nothing when the place is kept."""
    wish = form.wish()
    try:
        _source, seen = save_source(
            integration=row, wish=wish, actor=request.actor, now=request.now
        )
    except HostKeyUnknown as error:
        return _asked(form, error, changed=False)
    except HostKeyChanged:
        return _asked_again(request, row, form)
    except IncompleteSource as error:
        name = str(error.facts.get("field", ""))
        form.add_error(name if name in form.fields else None, said(error.message))
        return {}
    except RientroError as error:
        form.add_error(None, said(error.message))
        return {}
    messages.success(request, _("Saved.") + " " + seen_words(seen))
    return {}


def _asked_again(request: PanelRequest, row: Integration, form: FileSourceForm) -> dict[str, Any]:
    """The server shows another key than the one that was agreed on: show it, with a warning."""
    wish = form.wish()
    place = {**wish.place, "host_key": ""}
    fresh = type(wish)(
        kind=wish.kind, place=place, credentials=wish.credentials, pattern=wish.pattern
    )
    try:
        save_source(integration=row, wish=fresh, actor=request.actor, now=request.now)
    except HostKeyUnknown as error:
        return _asked(form, error, changed=True)
    except RientroError as error:
        form.add_error(None, said(error.message))
    return {}


def _asked(form: FileSourceForm, error: HostKeyUnknown, *, changed: bool) -> dict[str, Any]:
    if isinstance(form, SftpForm):
        form.keep_typed()
    return {
        "host_key": error.facts["host_key"],
        "fingerprint": error.facts["fingerprint"],
        "changed": changed,
    }


urlpatterns = [
    path("check/", source_check, name="source_check"),
    path("read/", source_read, name="source_read"),
    path("pause/", source_pause, name="source_pause"),
    path("remove/", source_remove, name="source_remove"),
    path("<str:kind>/", source_edit, name="source_edit"),
]
