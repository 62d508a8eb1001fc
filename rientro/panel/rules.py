"""Settings › Shipping rules: the list, its order, its switches."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from rientro.flows.apply_rules_again import apply_rules_again
from rientro.flows.delete_rule import delete_rule
from rientro.flows.order_rules import order_rules
from rientro.flows.switch_rule import switch_rule
from rientro.models import Integration, ShippingRule
from rientro.models.rules_again import MOST
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.panel.orders import fallen_on_default
from rientro.panel.rule_words import clauses_of, lists_of


@door(act="manage")
@require_safe
def rules(request: PanelRequest) -> HttpResponse:
    rows = list(request.merchant.shipping_rules.order_by("position", "id"))
    lists = lists_of(request)
    for row in rows:
        row.clauses = clauses_of(row, lists)  # type: ignore[attr-defined]
    context = {
        "rows": rows,
        "active": sum(row.active and not row.invalid_because for row in rows),
        "fallen": fallen_on_default(request),
        "without": _without_rule(request, rows),
    }
    return render(request, "panel/rules.html", context)


@door(act="manage")
@require_POST
def rule_switch(request: PanelRequest, rule_id: int) -> HttpResponse:
    row, active = _rule(request, rule_id), request.POST.get("active") == "1"
    attempt(
        request,
        lambda: switch_rule(rule=row, active=active, actor=request.actor, now=request.now),
        done=_("“%s” runs again.") % row.name if active else _("“%s” rests.") % row.name,
    )
    return redirect("panel:rules")


@door(act="manage")
@require_POST
def rule_move(request: PanelRequest, rule_id: int) -> HttpResponse:
    """One step up or down; at the ends nothing happens."""
    row = _rule(request, rule_id)
    ids = list(
        request.merchant.shipping_rules.order_by("position", "id").values_list("pk", flat=True)
    )
    at = ids.index(row.pk)
    to = at + (1 if request.POST.get("to") == "down" else -1)
    if 0 <= to < len(ids):
        ids[at], ids[to] = ids[to], ids[at]
        order_rules(family=ShippingRule, rule_ids=ids, actor=request.actor, now=request.now)
    return redirect("panel:rules")


@door(act="manage")
@require_POST
def rules_order(request: PanelRequest) -> HttpResponse:
    """The whole order at once, as it was dragged."""
    wished = [int(pk) for pk in request.POST.getlist("rule") if pk.isdecimal() and len(pk) < 19]
    order_rules(family=ShippingRule, rule_ids=wished, actor=request.actor, now=request.now)
    messages.success(
        request, _("The order is saved. It counts for orders that come in from now on.")
    )
    return redirect("panel:rules")


@door(act="manage")
@require_POST
def rule_delete(request: PanelRequest, rule_id: int) -> HttpResponse:
    row = _rule(request, rule_id)
    attempt(
        request,
        lambda: delete_rule(rule=row, actor=request.actor, now=request.now),
        done=_("“%s” is deleted. Orders that it judged keep what they have.") % row.name,
    )
    return redirect("panel:rules")


@door(act="manage")
@require_POST
def rules_apply(request: PanelRequest) -> HttpResponse:
    """Judge the orders on the default brand again, the newest first, so many at a time."""
    fallen = request.merchant.orders.filter(brand_by_default=True).order_by("-id")[:MOST]
    changed = apply_rules_again(orders=list(fallen), actor=request.actor, now=request.now)
    if changed:
        words = ngettext(
            "%d order has a rule’s brand now.", "%d orders have a rule’s brand now.", changed
        )
        messages.success(request, words % changed)
    else:
        messages.warning(
            request, _("No rule matches these orders. Write one that names their integration.")
        )
    return redirect("panel:rules")


def _rule(request: PanelRequest, rule_id: int) -> ShippingRule:
    return request.merchant.shipping_rules.get_or_missing(pk=rule_id)


def _without_rule(request: PanelRequest, rows: list[ShippingRule]) -> list[Integration]:
    """Integrations that no running rule names, where there is more than one brand to tell apart."""
    if len(request.frame.brands) < 2:
        return []
    running = [row for row in rows if row.active and not row.invalid_because]
    if any(not row.conditions for row in running):
        return []
    named: set[str] = set()
    for row in running:
        for condition in row.conditions:
            if condition.get("property") == "integration":
                told = condition.get("compare_to", "")
                values = told if isinstance(told, list) else str(told).split(",")
                named.update(str(value).strip() for value in values)
    shops = request.merchant.integrations.filter(deleted_at=None).order_by("shop_name", "id")
    return [shop for shop in shops if str(shop.pk) not in named]
