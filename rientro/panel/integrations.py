"""Settings › Integrations: where orders come from, and the keys that machines use."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rientro.flows.create_integration import create_integration
from rientro.flows.delete_integration import delete_integration
from rientro.flows.disconnect_shop import disconnect_shop
from rientro.flows.mint_api_key import mint_api_key
from rientro.flows.revoke_api_key import revoke_api_key
from rientro.flows.try_webhook import try_webhook
from rientro.flows.update_integration import IntegrationEdit, update_integration
from rientro.kit.errors import RientroError
from rientro.kit.said import said
from rientro.kit.tenancy import merchant_transaction
from rientro.models import Integration
from rientro.models.shop_addresses import fixed_address
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.panel.file_source_words import source_facts
from rientro.panel.forms import PanelForm
from rientro.panel.frame import capped_count, capped_words
from rientro.panel.shop_words import (
    about_of,
    filter_words,
    health_of,
    progress_of,
    system_name,
)
from rientro.shops.base import Can
from rientro.shops.registry import codes, known

SYSTEMS = [("api", lazy("API")), ("csv", lazy("CSV or XLSX files"))]


class IntegrationForm(PanelForm):
    shop_name = forms.CharField(
        label=lazy("Name of the shop"),
        max_length=250,
        help_text=lazy("As your team calls it: shipping rules name it."),
    )
    shop_url = forms.CharField(label=lazy("Address of the shop"), max_length=500, required=False)
    system = forms.ChoiceField(label=lazy("Orders come by"), choices=SYSTEMS, required=False)


@door(act="manage")
@require_safe
def integrations(request: PanelRequest) -> HttpResponse:
    living = request.merchant.api_keys.filter(revoked_at=None)
    found = request.merchant.integrations.filter(deleted_at=None).prefetch_related(
        Prefetch("api_keys", living), "links"
    )
    rows: list[Any] = list(found.order_by("shop_name", "id"))
    for row in rows:
        row.system_name = system_name(row)
        row.health = next((health_of(link) for link in row.links.all()), None)
    return render(request, "panel/integrations.html", {"rows": rows})


class ShopWebhookForm(PanelForm):
    webhook_url = forms.CharField(
        label=lazy("Address"),
        max_length=500,
        required=False,
        help_text=lazy("It hears of this integration’s orders alone, in Sendcloud’s words."),
    )
    webhook_active = forms.BooleanField(label=lazy("Send webhooks"), required=False)


@door(act="manage")
@require_http_methods(["GET", "POST"])
def integration_new(request: PanelRequest) -> HttpResponse:
    form = IntegrationForm(
        request.POST or None, initial={"system": request.GET.get("system", "api")}
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        made = create_integration(
            shop_name=said["shop_name"],
            shop_url=said["shop_url"],
            system=said["system"] or "api",
            actor=request.actor,
            now=request.now,
        )
        messages.success(request, _("“%s” is connected. Now let its orders in.") % made.shop_name)
        return redirect("panel:integration", made.pk)
    shops = [known(code) for code in codes()]
    return render(request, "panel/integration_new.html", {"form": form, "shops": shops})


@door(act="manage")
@require_http_methods(["GET", "POST"])
def integration(request: PanelRequest, integration_id: int) -> HttpResponse:
    """One source of orders: its name, its keys, how many orders it brought."""
    row = _living(request, integration_id)
    form = _form(row, request.POST or None)
    if request.method == "POST" and form.is_valid() and _update(request, row, form):
        return redirect("panel:integration", row.pk)
    return render(request, "panel/integration.html", _facts(request, row, form))


@door(act="manage", wire=True)
@require_POST
def integration_delete(request: PanelRequest, integration_id: int) -> HttpResponse:
    """End it. A shop that we ask ourselves is told to send nothing more, if it can be reached."""
    with merchant_transaction(request.merchant.pk):
        row = _living(request, integration_id)
        link = row.links.first()
    done = _("“%s” is disconnected. Its orders stay; its keys open nothing any more.")
    if link is not None:
        disconnect_shop(link=link, actor=request.actor, now=request.now)
        messages.success(request, done % row.shop_name)
    else:
        attempt(
            request,
            lambda: delete_integration(integration=row, actor=request.actor, now=request.now),
            done=done % row.shop_name,
        )
    return redirect("panel:integrations")


@door(act="manage")
@require_POST
@never_cache
def key_new(request: PanelRequest, integration_id: int) -> HttpResponse:
    """Mint a key and show its secret, this once: it is kept as a hash only."""
    row = _living(request, integration_id)
    minted = mint_api_key(
        integration=row,
        name=request.POST.get("name", ""),
        every_shop="every_shop" in request.POST,
        actor=request.actor,
        now=request.now,
    )
    base = request.build_absolute_uri("/api/v2")
    context = {"row": row, "minted": minted, "base": base}
    return render(request, "panel/key_shown.html", context)


@door(act="manage")
@require_POST
def key_revoke(request: PanelRequest, integration_id: int, key_id: int) -> HttpResponse:
    row = _living(request, integration_id)
    key = row.api_keys.get_or_missing(pk=key_id)
    attempt(
        request,
        lambda: revoke_api_key(key=key, actor=request.actor, now=request.now),
        done=_("The key is revoked. It opens nothing from now on."),
    )
    return redirect("panel:integration", integration_id)


@door(act="manage")
@require_POST
def integration_webhook(request: PanelRequest, integration_id: int) -> HttpResponse:
    """Where this integration's client is told what happens to its returns."""
    row = _living(request, integration_id)
    form = ShopWebhookForm(request.POST)
    if form.is_valid():
        edit = IntegrationEdit(
            webhook_url=form.cleaned_data["webhook_url"],
            webhook_active=form.cleaned_data["webhook_active"],
        )
        if _written(request, row, edit, form):
            return redirect("panel:integration", row.pk)
    return render(request, "panel/integration.html", _facts(request, row, _form(row), form))


@door(act="manage")
@require_POST
def integration_webhook_test(request: PanelRequest, integration_id: int) -> HttpResponse:
    row = _living(request, integration_id)
    attempt(
        request,
        lambda: try_webhook(integration=row, actor=request.actor, now=request.now),
        done=_("A test is on its way. Look at what was sent in a moment."),
    )
    return redirect("panel:integration", row.pk)


def _living(request: PanelRequest, integration_id: int) -> Integration:
    return request.merchant.integrations.filter(deleted_at=None).get_or_missing(pk=integration_id)


def _form(row: Integration, told: Any = None) -> IntegrationForm:
    return IntegrationForm(
        told,
        initial={"shop_name": row.shop_name, "shop_url": row.shop_url, "system": row.system},
    )


def _update(request: PanelRequest, row: Integration, form: IntegrationForm) -> bool:
    edit = IntegrationEdit(
        shop_name=form.cleaned_data["shop_name"], shop_url=form.cleaned_data["shop_url"]
    )
    return _written(request, row, edit, form)


def _written(
    request: PanelRequest, row: Integration, edit: IntegrationEdit, form: PanelForm
) -> bool:
    try:
        update_integration(integration=row, edit=edit, actor=request.actor, now=request.now)
    except RientroError as error:
        problems = error.facts.get("fields")
        for name, words in (problems if isinstance(problems, dict) else {}).items():
            form.add_error(name if name in form.fields else None, words)
        if not problems:
            form.add_error(None, said(error.message))
        return False
    messages.success(request, _("Saved."))
    return True


def _facts(
    request: PanelRequest,
    row: Integration,
    form: IntegrationForm,
    webhook: ShopWebhookForm | None = None,
) -> dict[str, object]:
    told = {"webhook_url": row.webhook_url, "webhook_active": row.webhook_active}
    rules = request.merchant.shipping_rules.filter(active=True, invalid_because="")
    named = [rule for rule in rules if _names(rule.conditions, row.pk)]
    return {
        "row": row,
        "form": form,
        "webhook": webhook or ShopWebhookForm(initial=told),
        "log": row.webhook_endpoints.filter(style="integration").first(),
        "keys": row.api_keys.order_by("revoked_at", "-created_at", "-id"),
        "orders": capped_words(capped_count(row.orders.filter(standalone=False))),
        "needs_rule": len(request.frame.brands) > 1 and not named,
        "base": request.build_absolute_uri("/api/v2"),
        "orders_url": f"{reverse('panel:orders')}?integration={row.pk}",
        **_shop_facts(row),
        **source_facts(row),
    }


def _shop_facts(row: Integration) -> dict[str, object]:
    """What the page says of a shop that we ask ourselves; nothing for the API and for files."""
    link, about = row.links.first(), about_of(row)
    if link is None or about is None:
        return {}
    return {
        "link": link,
        "about": about,
        "health": health_of(link),
        "progress": progress_of(link),
        "filters": list(filter_words(link)),
        "refused": link.refusals.count(),
        "webhooks": Can.WEBHOOK in about.can,
        "takes_notes": Can.NOTE in about.can,
        "privacy_address": fixed_address(link, row.system) if Can.PRIVACY in about.can else "",
    }


def _names(conditions: list[dict[str, object]], integration_id: int) -> bool:
    for condition in conditions:
        told = condition.get("compare_to", "")
        values = told if isinstance(told, list) else str(told).split(",")
        if condition.get("property") == "integration" and str(integration_id) in map(str, values):
            return True
    return False
