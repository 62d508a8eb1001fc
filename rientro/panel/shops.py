"""Settings › Integrations, for a shop that we ask ourselves: connect it, look after it, filter it, let it rest."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rientro.flows.connect_shop import check_shop, connect_shop
from rientro.flows.pause_shop import (
    pause_shop,
    read_back,
    read_now,
    resume_shop,
    save_shop_filters,
)
from rientro.kit.errors import RientroError
from rientro.kit.queue import post
from rientro.kit.said import said
from rientro.kit.tenancy import merchant_transaction
from rientro.models import ShopLink
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.panel.pages import page_of
from rientro.panel.shop_consent import consent_page, consented
from rientro.panel.shop_forms import ShopFilterForm, ShopForm
from rientro.panel.shop_words import SOURCES, abilities, sum_of
from rientro.shops.registry import known, shop_class

MOST_REFUSALS = 100
MOST_PERSONS = 20
PERSONS = ("data_request", "erase", "erase_shop")


@door(act="manage", wire=True)
@require_http_methods(["GET", "POST"])
def shop_new(request: PanelRequest, code: str) -> HttpResponse:
    """Connect a shop: what is typed is tried, and kept only if the shop takes it."""
    about = known(code)
    form = ShopForm(request.POST or None, about=about, kept=False)
    if request.method == "POST" and "consent" in request.POST:
        for name, field in form.fields.items():
            field.required = field.required and name == "url"
        if form.is_valid() and (page := consent_page(request, form)):
            return page
    elif request.method == "POST" and form.is_valid():
        link = _connect(request, form, None)
        if link:
            return redirect("panel:integration", link.integration_id)
    return _form_page(request, {"form": form, "about": about, "row": None})


@door(act="manage", wire=True)
@require_safe
def shop_consented(request: PanelRequest, code: str) -> HttpResponse:
    """The merchant comes back from the shop's own page, with or without what it gave."""
    about = known(code)
    told = {name: value for name, value in request.GET.items() if isinstance(value, str)}
    try:
        wish = consented(request, about, told)
        if wish is None:  # the shop tells its keys by machine
            messages.info(
                request, _("The shop gives its keys to Rientro now. Look here in a moment.")
            )
            return redirect("panel:integrations")
        link = connect_shop(wish=wish, actor=request.actor, now=request.now)
    except signing.BadSignature:
        messages.error(
            request, _("This page was not asked for just now. Connect the shop once more.")
        )
        return redirect("panel:shop_new", code)
    except RientroError as error:
        messages.error(request, said(error.message))
        return redirect("panel:shop_new", code)
    _welcome(request, link)
    return redirect("panel:integration", link.integration_id)


@door(act="manage", wire=True)
@require_http_methods(["GET", "POST"])
def shop_edit(request: PanelRequest, integration_id: int) -> HttpResponse:
    """Other keys or another address: tried like the first ones."""
    with merchant_transaction(request.merchant.pk):
        link = link_of(request, integration_id)
        row = link.integration
    about = known(row.system)
    start = {"url": link.settings.get("url", "")}
    start |= {
        f"setting_{box.name}": link.settings.get(box.name, box.default) for box in about.settings
    }
    form = ShopForm(request.POST or None, about=about, kept=True, initial=start)
    if request.method == "POST" and form.is_valid() and _connect(request, form, link):
        return redirect("panel:integration", integration_id)
    return _form_page(request, {"form": form, "about": about, "row": row})


@door(act="manage", wire=True)
@require_POST
def shop_check(request: PanelRequest, integration_id: int) -> HttpResponse:
    """Try the sealed keys at the shop, now."""
    with merchant_transaction(request.merchant.pk):
        link = link_of(request, integration_id)
    try:
        facts = check_shop(link=link, now=request.now)
    except RientroError as error:
        messages.error(request, said(error.message))
    else:
        messages.success(request, _("“%s” answers and takes our keys.") % (facts.name or "–"))
    return redirect("panel:integration", integration_id)


@door(act="manage")
@require_POST
def shop_pause(request: PanelRequest, integration_id: int) -> HttpResponse:
    link = link_of(request, integration_id)
    attempt(
        request,
        lambda: pause_shop(link=link, actor=request.actor, now=request.now),
        done=_("The shop is asked nothing until you go on."),
    )
    return redirect("panel:integration", integration_id)


@door(act="manage")
@require_POST
def shop_resume(request: PanelRequest, integration_id: int) -> HttpResponse:
    link = link_of(request, integration_id)
    attempt(
        request,
        lambda: resume_shop(link=link, actor=request.actor, now=request.now),
        done=_("Reading goes on where it stopped."),
    )
    return redirect("panel:integration", integration_id)


@door(act="manage")
@require_POST
def shop_read(request: PanelRequest, integration_id: int) -> HttpResponse:
    """Ask now: for what is new, or once more for the last days."""
    link = link_of(request, integration_id)
    days = request.POST.get("days", "")
    if days:
        attempt(
            request,
            lambda: read_back(
                link=link,
                days=int(days) if days.isascii() and days.isdigit() else 0,
                actor=request.actor,
                now=request.now,
            ),
            done=_("These orders are being read. You may leave this page."),
        )
    else:
        read_now(link=link, now=request.now)
        messages.success(request, _("The shop is being asked now."))
    return redirect("panel:integration", integration_id)


@door(act="manage")
@require_http_methods(["GET", "POST"])
def shop_filters(request: PanelRequest, integration_id: int) -> HttpResponse:
    """Which orders come in, and what the shop's status words mean."""
    link = link_of(request, integration_id)
    form = ShopFilterForm(request.POST or None, link=link)
    if request.method == "POST" and form.is_valid():
        saved = attempt(
            request,
            lambda: save_shop_filters(
                link=link,
                filters=form.filters(),
                status_map=form.status_map(),
                actor=request.actor,
                now=request.now,
            ),
            done=_("Saved. It counts for orders that come in from now on."),
        )
        if saved:
            return redirect("panel:integration", integration_id)
    context = {"row": link.integration, "link": link, "form": form}
    return render(request, "panel/shop_filters.html", context)


@door(act="manage")
@require_safe
def shop_log(request: PanelRequest, integration_id: int) -> HttpResponse:
    """What came from this shop and what was refused, and why."""
    link = link_of(request, integration_id)
    page = page_of(request, link.pulls.all(), by="at")
    for pull in page.rows:
        pull.words = SOURCES.get(pull.source, pull.source)
        pull.sum = sum_of(pull)
    refused = link.refusals.order_by("-last_at", "-id")
    context = {
        "row": link.integration,
        "link": link,
        "page": page,
        "refused": list(refused[:MOST_REFUSALS]),
        "more_refused": refused.count() > MOST_REFUSALS,
        "persons": list(link.messages.filter(kind__in=PERSONS).order_by("-id")[:MOST_PERSONS]),
    }
    return render(request, "panel/shop_log.html", context)


@door(look="manage", act="manage")
@require_safe
def shop_person(request: PanelRequest, integration_id: int, message_id: int) -> HttpResponse:
    """What we hold of a shopper who asked for it by the shop: a file to hand over."""
    asked = link_of(request, integration_id).messages.get_or_missing(
        pk=message_id, document__isnull=False
    )
    file: Any = asked.document
    answer = HttpResponse(bytes(file.content), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{file.name}"'
    answer["Cache-Control"] = "no-store"
    return answer


@door(act="manage")
@require_POST
def shop_retry(request: PanelRequest, integration_id: int, refusal_id: int) -> HttpResponse:
    link = link_of(request, integration_id)
    refused = link.refusals.get_or_missing(pk=refusal_id)
    post(
        "retry_shop_orders",
        merchant_id=link.merchant_id,
        link_id=link.pk,
        only=refused.external_order_id,
    )
    messages.success(request, _("The shop is asked for this order again. Look here in a moment."))
    return redirect("panel:shop_log", integration_id)


def link_of(request: PanelRequest, integration_id: int) -> ShopLink:
    """The connection of one of this merchant's living integrations."""
    living: Any = request.merchant.shop_links.filter(integration__deleted_at=None)
    found: ShopLink = living.select_related("integration").get_or_missing(
        integration_id=integration_id
    )
    return found


def _connect(request: PanelRequest, form: ShopForm, link: ShopLink | None) -> ShopLink | None:
    try:
        made = connect_shop(wish=form.wish(), link=link, actor=request.actor, now=request.now)
    except RientroError as error:
        form.add_error(form.field_of(str(error.facts.get("field", ""))), said(error.message))
        return None
    _welcome(request, made)
    return made


def _welcome(request: PanelRequest, link: ShopLink) -> None:
    name = link.facts.get("name") or link.settings.get("url", "")
    messages.success(
        request, _("“%s” answers and takes our keys. Its orders are on their way.") % name
    )


def _form_page(request: PanelRequest, context: dict[str, Any]) -> HttpResponse:
    about = context["about"]
    more = {
        "abilities": abilities(about),
        "consent": about.ways != "keys" and hasattr(shop_class(about.code), "consent_url"),
        "keys": about.ways != "consent",
    }
    with merchant_transaction(request.merchant.pk):
        return render(request, "panel/shop_form.html", context | more)
