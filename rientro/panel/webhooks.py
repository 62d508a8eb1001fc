"""Settings › Webhooks: where machines are told what happens, what was sent, and sending it again."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rientro.flows.delete_webhook import delete_webhook
from rientro.flows.replay_delivery import replay_delivery
from rientro.flows.rotate_webhook_secret import rotate_webhook_secret
from rientro.flows.save_webhook import WebhookFacts, save_webhook
from rientro.flows.switch_webhook import switch_webhook
from rientro.flows.try_webhook import try_webhook
from rientro.kit.errors import RientroError
from rientro.kit.said import said
from rientro.models import WebhookEndpoint
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.panel.forms import PanelForm
from rientro.panel.pages import page_of
from rientro.panel.webhook_words import error_said, health_said
from rientro.policy.event_names import EVENTS

SHOWN = 25


class WebhookForm(PanelForm):
    url = forms.CharField(
        label=lazy("Address"),
        max_length=1000,
        help_text=lazy("We POST JSON there; any answer from 200 to 299 says that it arrived."),
    )
    detail = forms.ChoiceField(
        label=lazy("What is told of shoppers"),
        choices=[
            ("ids", lazy("Nothing: ids, numbers and states")),
            ("full", lazy("Name, address, items and notes as well")),
        ],
        widget=forms.RadioSelect,
        initial="ids",
    )
    event_names = forms.MultipleChoiceField(
        label=lazy("Events"),
        choices=[(name, name) for name in EVENTS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=lazy("Choose none to hear of everything, also of events that are yet to come."),
    )

    def facts(self) -> WebhookFacts:
        said = self.cleaned_data
        return WebhookFacts(url=said["url"], event_names=said["event_names"], detail=said["detail"])


@door(look="manage", act="manage")
@require_safe
def webhooks(request: PanelRequest) -> HttpResponse:
    rows = list(_rows(request).order_by("style", "pk"))
    for row in rows:
        row.health = health_said(row)
    return render(request, "panel/webhooks.html", {"rows": rows})


@door(look="manage", act="manage")
@require_http_methods(["GET", "POST"])
@never_cache
def webhook_new(request: PanelRequest) -> HttpResponse:
    """Make a webhook and show its secret, this once."""
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        saved = _save(request, None, form)
        if saved:
            return _shown(request, saved.endpoint, saved.secret)
    return render(request, "panel/webhook_new.html", {"form": form})


@door(look="manage", act="manage")
@require_http_methods(["GET", "POST"])
def webhook(request: PanelRequest, endpoint_id: int) -> HttpResponse:
    """One receiver: what it hears, how it fares, and what it was sent."""
    row = _row(request, endpoint_id)
    initial = {"url": row.url, "detail": row.detail, "event_names": row.event_names}
    own = row.style == WebhookEndpoint.Style.STANDARD.value
    mine = row.style != WebhookEndpoint.Style.INTEGRATION.value
    form = WebhookForm(request.POST or None, initial=initial) if own else None
    if request.method == "POST" and form is not None and form.is_valid():
        if _save(request, row, form):
            messages.success(request, _("Saved."))
            return redirect("panel:webhook", row.pk)
        row.refresh_from_db()
    page = page_of(request, row.deliveries.select_related("event"), by="created_at", size=SHOWN)
    for delivery in page.rows:
        delivery.said = error_said(delivery.error, delivery.answer_status)
    row.health = health_said(row)  # type: ignore[attr-defined]
    context = {"row": row, "form": form, "mine": mine, "page": page, "target": row.target()}
    return render(request, "panel/webhook.html", context)


@door(look="manage", act="manage")
@require_POST
@never_cache
def webhook_secret(request: PanelRequest, endpoint_id: int) -> HttpResponse:
    row = _row(request, endpoint_id)
    secret = rotate_webhook_secret(endpoint=row, actor=request.actor, now=request.now)
    return _shown(request, row, secret, rotated=True)


@door(look="manage", act="manage")
@require_POST
def webhook_switch(request: PanelRequest, endpoint_id: int) -> HttpResponse:
    row, active = _row(request, endpoint_id), request.POST.get("active") == "1"
    attempt(
        request,
        lambda: switch_webhook(endpoint=row, active=active, actor=request.actor, now=request.now),
        done=_("The webhook is on.") if active else _("The webhook is off."),
    )
    return redirect("panel:webhook", row.pk)


@door(look="manage", act="manage")
@require_POST
def webhook_delete(request: PanelRequest, endpoint_id: int) -> HttpResponse:
    row = _row(request, endpoint_id)
    attempt(
        request,
        lambda: delete_webhook(endpoint=row, actor=request.actor, now=request.now),
        done=_("The webhook is deleted."),
    )
    return redirect("panel:webhooks")


@door(look="manage", act="manage")
@require_POST
def webhook_test(request: PanelRequest, endpoint_id: int) -> HttpResponse:
    row = _row(request, endpoint_id)
    of_shop = row.style == WebhookEndpoint.Style.INTEGRATION.value
    whom: dict[str, Any] = {"integration": row.integration} if of_shop else {"endpoint": row}
    attempt(
        request,
        lambda: try_webhook(**whom, actor=request.actor, now=request.now),
        done=_("A test is on its way. Reload this page in a moment to see the answer."),
    )
    return redirect("panel:webhook", row.pk)


@door(look="manage", act="manage")
@require_safe
def delivery(request: PanelRequest, delivery_id: int) -> HttpResponse:
    """What was sent, and each answer."""
    row = request.merchant.deliveries.select_related("endpoint__integration", "event")
    found = row.get_or_missing(pk=delivery_id)
    tries = list(found.tries_made.order_by("-number"))
    for each in tries:
        each.said = error_said(each.error, each.status)  # type: ignore[attr-defined]
    context = {"row": found, "tries": tries, "on": found.endpoint.is_on()}
    return render(request, "panel/delivery.html", context)


@door(look="manage", act="manage")
@require_POST
def delivery_replay(request: PanelRequest, delivery_id: int) -> HttpResponse:
    row = request.merchant.deliveries.get_or_missing(pk=delivery_id)
    attempt(
        request,
        lambda: replay_delivery(delivery=row, actor=request.actor, now=request.now),
        done=_("It is sent again, with the same id. Reload this page in a moment."),
    )
    return redirect("panel:delivery", row.pk)


def _rows(request: PanelRequest) -> Any:
    rows = request.merchant.webhook_endpoints.select_related("integration")
    return rows.filter(integration__deleted_at=None)


def _row(request: PanelRequest, endpoint_id: int) -> WebhookEndpoint:
    found: WebhookEndpoint = _rows(request).get_or_missing(pk=endpoint_id)
    return found


def _save(request: PanelRequest, row: WebhookEndpoint | None, form: WebhookForm) -> Any:
    try:
        return save_webhook(endpoint=row, facts=form.facts(), actor=request.actor, now=request.now)
    except RientroError as error:
        problems = error.facts.get("fields")
        for name, words in (problems if isinstance(problems, dict) else {}).items():
            form.add_error(name if name in form.fields else None, _(words))
        if not problems:
            form.add_error(None, said(error.message))
        return None


def _shown(
    request: PanelRequest, row: WebhookEndpoint, secret: str, *, rotated: bool = False
) -> HttpResponse:
    context = {"row": row, "secret": secret, "rotated": rotated}
    return render(request, "panel/webhook_secret.html", context)
