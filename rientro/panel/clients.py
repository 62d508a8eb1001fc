"""Settings › Billing › Clients: the merchants that an agency bills, with what each of them brings in a month."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rientro.flows.set_agency import MANAGES, set_agency
from rientro.kit.errors import Missing, RientroError
from rientro.kit.said import said
from rientro.kit.tenancy import merchant_transaction
from rientro.models import Merchant
from rientro.models.margin import margins_of
from rientro.panel.billing_doors import billing_tabs, month_of
from rientro.panel.doors import MERCHANT_CHOICE, PanelRequest, door


@door(look="manage", act="manage", wire=True)
@require_safe
def clients(request: PanelRequest) -> HttpResponse:
    """Each client under its own tenant, one after the other; only those that this person manages as well."""
    today = localdate(request.now).replace(day=1)
    month = month_of(request.GET.get("month", "")) or today
    mine = _managed(request)
    rows = [_row(client, month) for client in mine if client.agency_id == request.merchant.pk]
    free = [
        client
        for client in mine
        if client.agency_id is None and client.pk != request.merchant.pk and not _bills(client)
    ]
    context: dict[str, Any] = {"rows": rows, "free": free, "month": month}
    context["months"] = [_earlier(today, n) for n in range(12)]
    with merchant_transaction(request.merchant.pk):
        context["tabs"] = billing_tabs(request, "clients")
        return render(request, "panel/clients.html", context)


@door(look="manage", act="manage", wire=True)
@require_POST
def client_join(request: PanelRequest) -> HttpResponse:
    """Begin, or end, to bill an account that this person manages as well."""
    told, on = request.POST.get("client", ""), request.POST.get("do") == "join"
    chosen = next((row for row in _managed(request) if str(row.pk) == told), None)
    if chosen is None:
        raise Missing(_("There is no such account."))
    try:
        set_agency(
            client=chosen,
            agency=request.merchant,
            on=on,
            user=request.member.user,
            now=request.now,
        )
    except RientroError as error:
        messages.error(request, said(error.message))
        return redirect("panel:clients")
    if not on:
        messages.success(request, _("You no longer bill %(name)s.") % {"name": chosen.name})
        return redirect("panel:clients")
    request.session[MERCHANT_CHOICE] = chosen.pk
    messages.success(
        request,
        _("You work for %(name)s now: write its price list, and its labels are yours to bill.")
        % {"name": chosen.name},
    )
    return redirect("panel:prices")


def _managed(request: PanelRequest) -> list[Merchant]:
    memberships = request.member.user.memberships.filter(role__in=MANAGES)
    rows = memberships.select_related("merchant").order_by("merchant__name", "pk")
    return [row.merchant for row in rows]


def _bills(client: Merchant) -> bool:
    return client.clients.exists()


def _row(client: Merchant, month: date) -> dict[str, Any]:
    with merchant_transaction(client.pk):
        return {"client": client, "margins": margins_of(client, month)}


def _earlier(month: date, back: int) -> date:
    months = month.year * 12 + month.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)
