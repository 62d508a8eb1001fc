"""An order's own page: lines, address, which rule gave it its brand, its returns, and how to forget the person."""

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rientro.flows.apply_rules_again import apply_rules_again
from rientro.flows.redact_order import redact_order
from rientro.kit.addresses import AddressFields, format_lines
from rientro.models import Order
from rientro.panel.choice_words import choices_in_words
from rientro.panel.countries import country_name
from rientro.panel.customs import wanted_on
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.panel.event_words import timeline
from rientro.panel.pictures import show_pictures
from rientro.panel.return_words import main_badge
from rientro.panel.trace_words import brand_reason, rule_reasons


@door()
@require_safe
def order_page(request: PanelRequest, order_id: int) -> HttpResponse:
    lines = request.merchant.order_lines.order_by("position", "id")
    rows = request.merchant.orders.select_related("integration", "brand", "sender_address")
    rows = rows.prefetch_related(Prefetch("lines", lines))
    order = rows.get_or_missing(pk=order_id)
    lines_here = list(order.lines.all())
    for line in lines_here:
        line.order = order
    show_pictures(request.merchant, lines_here)
    returns = list(order.returns.select_related("brand").order_by("-requested_at", "-id"))
    for ret in returns:
        ret.badge = main_badge(ret, request.now)  # type: ignore[attr-defined]
    context = {
        "order": order,
        "lines": lines_here,
        "returns": returns,
        "address": _lines(order),
        "brand_reason": brand_reason(order),
        "rule_reasons": rule_reasons(order),
        "timeline": timeline(request.merchant, order.events.order_by("-id")[:100]),
        "customs_wanted": wanted_on(request, order),
        "origin": country_name(order.country),
        "channel": dict(choices_in_words(Order.Channel.choices)).get(order.channel, order.channel),
    }
    return render(request, "panel/order.html", context)


@door(act="manage")
@require_POST
def redact(request: PanelRequest, order_id: int) -> HttpResponse:
    """Forget the person behind the order; numbers, items and amounts stay for the books."""
    order = request.merchant.orders.get_or_missing(pk=order_id)
    attempt(
        request,
        lambda: redact_order(order=order, actor=request.actor, now=request.now),
        done=_("Name, address and contact are gone, here and on its returns."),
    )
    return redirect("panel:order", order_id)


@door(act="decide")
@require_POST
def rules_again(request: PanelRequest, order_id: int) -> HttpResponse:
    """Let the shipping rules of today judge this order again."""
    order = request.merchant.orders.get_or_missing(pk=order_id)
    attempt(
        request,
        lambda: apply_rules_again(orders=[order], actor=request.actor, now=request.now),
        done=_("The shipping rules of today have been applied to this order."),
    )
    return redirect("panel:order", order_id)


def _lines(order: Order) -> list[str]:
    if order.redacted_at:
        return []
    fields = AddressFields(
        name=order.name,
        company=order.company,
        street=order.street,
        house_number=order.house_number,
        address_2=order.address_2,
        postal_code=order.postal_code,
        city=order.city,
        state=order.state,
        country=order.country,
    )
    return format_lines(fields, country_name=country_name(order.country))
