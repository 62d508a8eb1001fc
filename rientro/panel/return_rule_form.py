"""The builder of a return rule: a sentence with slots, tried on an order that is here."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rientro.flows.save_return_rule import (
    BadReturnRule,
    ReturnRuleDraft,
    problems_of,
    save_return_rule,
)
from rientro.kit.said import said
from rientro.models import ReturnRule
from rientro.panel.doors import PanelRequest, door
from rientro.panel.return_rule_trial import trial_of
from rientro.panel.rule_sentences import drawn, read_conditions, read_name
from rientro.panel.rule_words import Lists, action_words, lists_of, plain_name
from rientro.policy.return_rules import ACTIONS, FEE, LONGEST_WORDS, VOCABULARY


@dataclass(slots=True)
class Draft:
    """A rule while it is put together: it does one thing."""

    conditions: list[dict[str, Any]] = field(default_factory=list)
    action: str = FEE
    value: str = ""
    brand: str = ""
    name: str = ""
    match_all: bool = True

    @property
    def actions(self) -> list[dict[str, str]]:
        value = "" if ACTIONS[self.action].kind == "none" else self.value
        return [{"identifier": self.action, "value": value}]

    def as_draft(self, lists: Lists, *, active: bool = True) -> ReturnRuleDraft:
        return ReturnRuleDraft(
            name=self.name.strip() or plain_name(self, lists, VOCABULARY),
            conditions=self.conditions,
            actions=self.actions,
            match_all=self.match_all,
            active=active,
            brand_id=int(self.brand) if self.brand else None,
        )


@door(act="manage")
@require_http_methods(["GET", "POST"])
def return_rule_new(request: PanelRequest) -> HttpResponse:
    return _edit(request, None)


@door(act="manage")
@require_http_methods(["GET", "POST"])
def return_rule(request: PanelRequest, return_rule_id: int) -> HttpResponse:
    return _edit(request, request.merchant.return_rules.get_or_missing(pk=return_rule_id))


@door(act="manage")
@require_POST
def return_rule_try(request: PanelRequest) -> HttpResponse:
    """The sentence as it stands, drawn anew, with what it does to an order. Writes nothing."""
    rule_id = request.POST.get("rule", "")
    row = None
    if rule_id.isdecimal() and len(rule_id) < 19:
        row = request.merchant.return_rules.get_or_missing(pk=int(rule_id))
    context = _context(request, row, _read(request.POST), [])
    return render(request, "panel/_return_rule_draft.html", context)


def _edit(request: PanelRequest, row: ReturnRule | None) -> HttpResponse:
    if request.method != "POST":
        draft = _of_row(row) if row else _blank()
        return render(request, "panel/return_rule.html", _context(request, row, draft, []))
    draft = _read(request.POST)
    if request.POST.get("act", "") != "save":
        return render(request, "panel/return_rule.html", _context(request, row, draft, []))
    told = draft.as_draft(lists_of(request), active=row.active if row else True)
    try:
        save_return_rule(rule=row, draft=told, actor=request.actor, now=request.now)
    except BadReturnRule as error:
        problems = error.facts.get("problems")
        told_problems = problems if isinstance(problems, list) else [said(error.message)]
        context = _context(request, row, draft, told_problems)
        return render(request, "panel/return_rule.html", context, status=400)
    messages.success(
        request, _("The rule is saved. It counts for returns that are opened from now on.")
    )
    return redirect("panel:return_rules")


def _blank() -> Draft:
    return Draft(conditions=[{"property": "country", "operator": "is", "compare_to": ""}])


def _of_row(row: ReturnRule) -> Draft:
    known = [action for action in row.actions if action.get("identifier") in ACTIONS]
    first: dict[str, Any] = known[0] if known else {}
    return Draft(
        conditions=[dict(condition) for condition in row.conditions],
        action=str(first.get("identifier", FEE)),
        value=str(first.get("value", "")),
        brand=str(row.brand_id or ""),
        name=row.name,
        match_all=row.match_all,
    )


def _read(post: QueryDict) -> Draft:
    action, brand = post.get("action", FEE), post.get("brand", "")
    return Draft(
        conditions=read_conditions(post, VOCABULARY, fresh="country"),
        action=action if action in ACTIONS else FEE,
        value=" ".join(post.get("value", "").replace("\x00", "").split())[:LONGEST_WORDS],
        brand=brand if brand.isdecimal() and len(brand) < 19 else "",
        name=read_name(post),
        match_all=post.get("joint", "all") != "any",
    )


def _context(
    request: PanelRequest, row: ReturnRule | None, draft: Draft, problems: list[str]
) -> dict[str, Any]:
    lists = lists_of(request)
    told = draft.as_draft(lists)
    ready = not problems_of(told)
    known = ACTIONS[draft.action]
    return {
        "row": row,
        "draft": draft,
        "problems": [said(problem) for problem in problems],
        **drawn(draft.conditions, lists, VOCABULARY),
        "actions": [(name, action_words(name, VOCABULARY)) for name in ACTIONS],
        "takes_value": known.kind != "none",
        "takes_words": known.kind == "text",
        "value_hint": _(known.hint) if known.hint else "",
        "brands": [(str(brand.pk), brand.name) for brand in request.frame.brands],
        "placeholder": plain_name(draft, lists, VOCABULARY) if ready else "",
        "reasons": lists["reasons"],
        "trial": trial_of(request, told.as_rule(row.pk if row else 0), told, ready=ready),
    }
