"""Settings › Return rules: the list, its order, its switches."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rientro.flows.delete_rule import delete_rule
from rientro.flows.order_rules import order_rules
from rientro.flows.switch_rule import switch_rule
from rientro.models import ReturnRule
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.panel.rule_words import clauses_of, lists_of
from rientro.policy.return_rules import VOCABULARY


@door(act="manage")
@require_safe
def return_rules(request: PanelRequest) -> HttpResponse:
    found = request.merchant.return_rules.select_related("brand")
    rows, lists = list(found.order_by("position", "id")), lists_of(request)
    several = len(request.frame.brands) > 1
    for row in rows:
        row.clauses = clauses_of(row, lists, VOCABULARY)  # type: ignore[attr-defined]
        if several:
            row.brand_words = row.brand.name if row.brand else _("every brand")  # type: ignore[attr-defined]
    active = sum(row.active and not row.invalid_because for row in rows)
    return render(request, "panel/return_rules.html", {"rows": rows, "active": active})


@door(act="manage")
@require_POST
def return_rule_switch(request: PanelRequest, return_rule_id: int) -> HttpResponse:
    row, active = _rule(request, return_rule_id), request.POST.get("active") == "1"
    attempt(
        request,
        lambda: switch_rule(rule=row, active=active, actor=request.actor, now=request.now),
        done=_("“%s” runs again.") % row.name if active else _("“%s” rests.") % row.name,
    )
    return redirect("panel:return_rules")


@door(act="manage")
@require_POST
def return_rule_move(request: PanelRequest, return_rule_id: int) -> HttpResponse:
    """One step up or down; at the ends nothing happens."""
    row = _rule(request, return_rule_id)
    rows = request.merchant.return_rules.order_by("position", "id")
    ids = list(rows.values_list("pk", flat=True))
    at = ids.index(row.pk)
    to = at + (1 if request.POST.get("to") == "down" else -1)
    if 0 <= to < len(ids):
        ids[at], ids[to] = ids[to], ids[at]
        order_rules(family=ReturnRule, rule_ids=ids, actor=request.actor, now=request.now)
    return redirect("panel:return_rules")


@door(act="manage")
@require_POST
def return_rules_order(request: PanelRequest) -> HttpResponse:
    """The whole order at once, as it was dragged."""
    wished = [int(pk) for pk in request.POST.getlist("rule") if pk.isdecimal() and len(pk) < 19]
    order_rules(family=ReturnRule, rule_ids=wished, actor=request.actor, now=request.now)
    messages.success(
        request, _("The order is saved. It counts for returns that are opened from now on.")
    )
    return redirect("panel:return_rules")


@door(act="manage")
@require_POST
def return_rule_delete(request: PanelRequest, return_rule_id: int) -> HttpResponse:
    row = _rule(request, return_rule_id)
    attempt(
        request,
        lambda: delete_rule(rule=row, actor=request.actor, now=request.now),
        done=_("“%s” is deleted. Returns that it judged keep what was decided.") % row.name,
    )
    return redirect("panel:return_rules")


def _rule(request: PanelRequest, return_rule_id: int) -> ReturnRule:
    return request.merchant.return_rules.get_or_missing(pk=return_rule_id)
