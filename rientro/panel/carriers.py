"""Settings › Carriers: the merchant's contracts, how each is doing, what waits for it, and what may be connected."""

from typing import Any

from django.contrib import messages
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rientro.carriers.registry import codes, known
from rientro.flows.connect_carrier import check_carrier
from rientro.flows.disconnect_carrier import disconnect_carrier, set_default_carrier
from rientro.flows.read_services import ask_services
from rientro.kit.said import said
from rientro.kit.tenancy import merchant_transaction
from rientro.models import CarrierAccount, CarrierInquiry, Label
from rientro.models.choice_book import rules_naming
from rientro.models.inquiries import newest_inquiry, still_waiting
from rientro.panel.carrier_words import (
    Queue,
    about,
    can_in,
    facts_of,
    is_gone,
    queues_of,
    saved_secrets,
    state_of,
)
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.policy.carrier_choice import limits_of

CHECK, SERVICES = CarrierInquiry.Kind.CHECK, CarrierInquiry.Kind.SERVICES


@door(act="manage")
@require_safe
def carriers(request: PanelRequest) -> HttpResponse:
    rows = list(living(request).order_by("-is_default", "name", "id"))
    queues, checks = queues_of(request.merchant), _newest_checks(request)
    for row in rows:
        row.queue = queues.get(row.pk, Queue())
        row.about = about(row)
        row.gone = is_gone(row)
        row.health = state_of(row, checks.get(row.pk), queues.get(row.pk, Queue()), now=request.now)
    offers = [(each, facts_of(each)) for each in map(known, codes())]
    context = {
        "rows": rows,
        "asking": any(row.health.asking for row in rows),
        "offers": offers,
        "waiting": request.merchant.labels.filter(
            void="requested", void_waits_since__isnull=False
        ).count(),
        "unknown": sum(queue.unknown for queue in queues.values()),
    }
    return render(request, "panel/carriers.html", context)


@door(act="manage")
@require_safe
def carrier(request: PanelRequest, account_id: int) -> HttpResponse:
    """One contract: how it is doing, what it can, its services, what it takes and what it costs."""
    row = living(request).get_or_missing(pk=account_id)
    queue = queues_of(request.merchant).get(row.pk, Queue())
    check, asked = newest_inquiry(row, CHECK), newest_inquiry(row, SERVICES)
    state = state_of(row, check, queue, now=request.now)
    reading = still_waiting(asked, at=request.now)
    context = {
        "row": row,
        "about": about(row),
        "facts": facts_of(about(row), can_in(row)) if not is_gone(row) else None,
        "gone": is_gone(row),
        "health": state,
        "queue": queue,
        "check": check,
        "reading": reading,
        "read_failed": asked.words if asked and not reading else "",
        "waits": state.asking or reading,
        "secrets": saved_secrets(row, check),
        "limits": _limits(request, row),
        "prices": len(row.settings.get("prices") or {}),
        "rules": rules_naming(row),
        "voiding": request.merchant.labels.filter(
            purchase__account=row, void=Label.Void.REQUESTED.value
        ).count(),
    }
    return render(request, "panel/carrier.html", context)


@door(act="manage", wire=True)
@require_POST
def carrier_check(request: PanelRequest, account_id: int) -> HttpResponse:
    """Try the sealed credentials against the carrier, now; where only the worker may, let it."""
    with merchant_transaction(request.merchant.pk):
        row = living(request).get_or_missing(pk=account_id)
    row = check_carrier(account=row, actor=request.actor, now=request.now)
    if about(row).worker_only:
        messages.info(request, _("“%s” is being checked.") % row.name)
    elif row.last_error:
        messages.error(request, f"{row.name}: {said(row.last_error)}")
    else:
        messages.success(request, _("“%s” answers and takes our credentials.") % row.name)
    return redirect("panel:carrier", account_id)


@door(act="manage")
@require_POST
def carrier_services(request: PanelRequest, account_id: int) -> HttpResponse:
    """Read the services of this contract anew."""
    row = living(request).get_or_missing(pk=account_id)
    ask_services(account=row, actor=request.actor, now=request.now)
    return redirect("panel:carrier", account_id)


@door(act="manage")
@require_POST
def carrier_default(request: PanelRequest, account_id: int) -> HttpResponse:
    row = living(request).get_or_missing(pk=account_id)
    attempt(
        request,
        lambda: set_default_carrier(account=row, actor=request.actor, now=request.now),
        done=_("Labels are bought with “%s” from now on.") % row.name,
    )
    return redirect("panel:carriers")


@door(act="manage")
@require_POST
def carrier_disconnect(request: PanelRequest, account_id: int) -> HttpResponse:
    row = living(request).get_or_missing(pk=account_id)
    attempt(
        request,
        lambda: disconnect_carrier(account=row, actor=request.actor, now=request.now),
        done=_("“%s” is disconnected and its credentials are forgotten.") % row.name,
    )
    return redirect("panel:carriers")


def living(request: PanelRequest) -> Any:
    """The connected contracts of this merchant."""
    return request.merchant.carrier_accounts.filter(deleted_at=None)


def _newest_checks(request: PanelRequest) -> dict[int, CarrierInquiry]:
    """The newest question about credentials of each account."""
    rows = request.merchant.carrier_inquiries.filter(kind=CHECK.value)
    newest = rows.values("account").annotate(last=Max("pk")).values_list("last", flat=True)
    found = request.merchant.carrier_inquiries.filter(pk__in=list(newest))
    return {row.account_id: row for row in found}


def _limits(request: PanelRequest, row: CarrierAccount) -> dict[str, Any]:
    brands, countries, heaviest = limits_of(row.settings)
    names = [brand.name for brand in request.frame.brands if brand.pk in brands]
    return {"brands": names, "countries": sorted(countries), "heaviest": heaviest}
