"""The builder of a shipping rule: a sentence with slots, tried on the orders that are here."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rientro.flows.apply_rules_again import apply_rules_again
from rientro.flows.save_shipping_rule import BadRule, problems_of, save_shipping_rule
from rientro.kit.said import said
from rientro.models import ShippingRule
from rientro.models.rules_again import Trial, standing_rules, try_rules
from rientro.panel.doors import PanelRequest, door
from rientro.panel.rule_sentences import drawn, read_conditions, read_name
from rientro.panel.rule_words import Lists, action_words, lists_of, plain_name
from rientro.policy.rule_draft import RuleDraft
from rientro.policy.shipping_rules import SHIP_WITH_ADDRESS, VOCABULARY

SHOWN = 5


@dataclass(slots=True)
class Draft:
    """A rule while it is put together."""

    conditions: list[dict[str, Any]] = field(default_factory=list)
    address: str = ""
    name: str = ""
    match_all: bool = True

    @property
    def actions(self) -> list[dict[str, str]]:
        return [{"identifier": SHIP_WITH_ADDRESS, "value": self.address}]

    def as_draft(self, lists: Lists) -> RuleDraft:
        name = self.name.strip() or plain_name(self, lists)
        return RuleDraft(
            name=name, conditions=self.conditions, actions=self.actions, match_all=self.match_all
        )


@door(act="manage")
@require_http_methods(["GET", "POST"])
def rule_new(request: PanelRequest) -> HttpResponse:
    return _edit(request, None)


@door(act="manage")
@require_http_methods(["GET", "POST"])
def rule(request: PanelRequest, rule_id: int) -> HttpResponse:
    return _edit(request, request.merchant.shipping_rules.get_or_missing(pk=rule_id))


@door(act="manage")
@require_POST
def rule_try(request: PanelRequest) -> HttpResponse:
    """The sentence as it stands, drawn anew, with what it would change. Writes nothing."""
    draft = _read(request.POST)
    rule_id = request.POST.get("rule", "")
    row = None
    if rule_id.isdecimal() and len(rule_id) < 19:
        row = request.merchant.shipping_rules.get_or_missing(pk=int(rule_id))
    return render(request, "panel/_rule_draft.html", _context(request, row, draft, []))


def _edit(request: PanelRequest, row: ShippingRule | None) -> HttpResponse:
    if request.method != "POST":
        draft = _of_row(row) if row else _blank(request)
        return render(request, "panel/rule.html", _context(request, row, draft, []))
    draft, act = _read(request.POST), request.POST.get("act", "")
    if act not in ("save", "save_apply"):
        return render(request, "panel/rule.html", _context(request, row, draft, []))
    told = draft.as_draft(lists_of(request))
    try:
        save_shipping_rule(
            rule=row,
            draft=RuleDraft(
                name=told.name,
                conditions=told.conditions,
                actions=told.actions,
                match_all=told.match_all,
                active=row.active if row else True,
            ),
            actor=request.actor,
            now=request.now,
        )
    except BadRule as error:
        problems = error.facts.get("problems")
        told_problems = problems if isinstance(problems, list) else [said(error.message)]
        return render(
            request, "panel/rule.html", _context(request, row, draft, told_problems), status=400
        )
    messages.success(request, _saved_words(request, act))
    return redirect("panel:rules")


def _saved_words(request: PanelRequest, act: str) -> str:
    if act != "save_apply":
        return _("The rule is saved. It counts for orders that come in from now on.")
    orders = [order for order, _ruling in try_rules(standing_rules()).changed]
    changed = apply_rules_again(orders=orders, actor=request.actor, now=request.now)
    return _("The rule is saved, and %d orders that were here changed.") % changed


# Reading


def _blank(request: PanelRequest) -> Draft:
    shop = request.GET.get("integration", "")
    return Draft(conditions=[{"property": "integration", "operator": "is", "compare_to": shop}])


def _of_row(row: ShippingRule) -> Draft:
    chosen = [a.get("value", "") for a in row.actions if a.get("identifier") == SHIP_WITH_ADDRESS]
    return Draft(
        conditions=[dict(condition) for condition in row.conditions],
        address=str(chosen[0]) if chosen else "",
        name=row.name,
        match_all=row.match_all,
    )


def _read(post: QueryDict) -> Draft:
    return Draft(
        conditions=read_conditions(post, VOCABULARY, fresh="destination_country"),
        address=post.get("address", "")[:20],
        name=read_name(post),
        match_all=post.get("joint", "all") != "any",
    )


# Drawing


def _context(
    request: PanelRequest, row: ShippingRule | None, draft: Draft, problems: list[str]
) -> dict[str, Any]:
    lists = lists_of(request)
    told = draft.as_draft(lists)
    ready = not problems_of(told)
    trial = _trial(row, told) if ready else None
    return {
        "row": row,
        "draft": draft,
        "problems": [said(problem) for problem in problems],
        **drawn(draft.conditions, lists, VOCABULARY),
        "addresses": lists["addresses"],
        "address_words": action_words(SHIP_WITH_ADDRESS),
        "placeholder": plain_name(draft, lists) if ready else "",
        "trial": trial,
        "shown": trial.changed[:SHOWN] if trial else [],
    }


def _trial(row: ShippingRule | None, told: RuleDraft) -> Trial:
    """The rules as they would stand: this one in its place, or at the end."""
    mine = told.as_rule(row.pk if row else 0)
    rules = [mine if row and rule.id == row.pk else rule for rule in standing_rules()]
    if not any(rule is mine for rule in rules):
        rules.append(mine)
    return try_rules(rules)
