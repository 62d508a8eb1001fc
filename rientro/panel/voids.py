"""Settings › Carriers › Labels being given back: where the carrier decides later, and a person may say what it said."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rientro.flows.settle_void import settle_void
from rientro.models import Label
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.panel.pages import page_of


@door(act="manage")
@require_safe
def voids(request: PanelRequest) -> HttpResponse:
    """What waits for the carrier's decision, newest first."""
    rows = request.merchant.labels.filter(
        void=Label.Void.REQUESTED.value, void_waits_since__isnull=False
    )
    rows = rows.select_related("purchase__account", "parcel__ret__brand")
    page = page_of(request, rows, by="void_waits_since")
    return render(request, "panel/voids.html", {"page": page})


@door(act="manage")
@require_POST
def void_settle(request: PanelRequest, label_id: int) -> HttpResponse:
    """Write down what the carrier decided."""
    label = request.merchant.labels.get_or_missing(pk=label_id)
    granted = request.POST.get("do") == "granted"
    attempt(
        request,
        lambda: settle_void(
            label=label,
            granted=granted,
            words=request.POST.get("words", "")[:300],
            actor=request.actor,
            now=request.now,
        ),
        done=_("Written down: the label is void and credited.")
        if granted
        else _("Written down: the carrier keeps the label."),
    )
    return redirect("panel:voids")
