"""The builder of a rule of choice: a sentence with slots, ending in a contract and a service."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rientro.flows.save_choice_rule import BadChoiceRule, problems_of, save_choice_rule
from rientro.kit.said import said
from rientro.models import ChoiceRule
from rientro.panel.choice_rules import choice_lists
from rientro.panel.doors import PanelRequest, door
from rientro.panel.rule_sentences import drawn, read_conditions, read_name
from rientro.panel.rule_words import Lists, action_words, plain_name
from rientro.policy.choice_rules import BUY_FROM, CHEAPEST, LONGEST_SERVICE, SERVICE, VOCABULARY
from rientro.policy.rule_draft import RuleDraft


@dataclass(slots=True)
class Draft:
    """A rule while it is put together."""

    conditions: list[dict[str, Any]] = field(default_factory=list)
    account: str = ""
    service: str = ""
    name: str = ""
    match_all: bool = True

    @property
    def actions(self) -> list[dict[str, str]]:
        told = [{"identifier": BUY_FROM, "value": self.account}]
        if self.service and self.account != CHEAPEST:
            told.append({"identifier": SERVICE, "value": self.service})
        return told

    def as_draft(self, lists: Lists, *, active: bool = True) -> RuleDraft:
        return RuleDraft(
            name=self.name.strip() or plain_name(self, lists, VOCABULARY),
            conditions=self.conditions,
            actions=self.actions,
            match_all=self.match_all,
            active=active,
        )


@door(act="manage")
@require_http_methods(["GET", "POST"])
def choice_rule_new(request: PanelRequest) -> HttpResponse:
    return _edit(request, None)


@door(act="manage")
@require_http_methods(["GET", "POST"])
def choice_rule(request: PanelRequest, choice_rule_id: int) -> HttpResponse:
    return _edit(request, request.merchant.choice_rules.get_or_missing(pk=choice_rule_id))


@door(act="manage")
@require_POST
def choice_rule_try(request: PanelRequest) -> HttpResponse:
    """The sentence as it stands, drawn anew. Writes nothing."""
    rule_id = request.POST.get("rule", "")
    row = None
    if rule_id.isdecimal() and len(rule_id) < 19:
        row = request.merchant.choice_rules.get_or_missing(pk=int(rule_id))
    context = _context(request, row, _read(request.POST), [])
    return render(request, "panel/_choice_rule_draft.html", context)


def _edit(request: PanelRequest, row: ChoiceRule | None) -> HttpResponse:
    if request.method != "POST":
        draft = _of_row(row) if row else _blank()
        return render(request, "panel/choice_rule.html", _context(request, row, draft, []))
    draft = _read(request.POST)
    if request.POST.get("act", "") != "save":
        return render(request, "panel/choice_rule.html", _context(request, row, draft, []))
    told = draft.as_draft(choice_lists(request), active=row.active if row else True)
    try:
        save_choice_rule(rule=row, draft=told, actor=request.actor, now=request.now)
    except BadChoiceRule as error:
        problems = error.facts.get("problems")
        told_problems = problems if isinstance(problems, list) else [error.message]
        context = _context(request, row, draft, told_problems)
        return render(request, "panel/choice_rule.html", context, status=400)
    messages.success(
        request, _("The rule is saved. It counts for labels that are bought from now on.")
    )
    return redirect("panel:choice_rules")


def _blank() -> Draft:
    return Draft(conditions=[{"property": "from_country", "operator": "is", "compare_to": ""}])


def _of_row(row: ChoiceRule) -> Draft:
    told = {str(each.get("identifier")): str(each.get("value", "")) for each in row.actions}
    return Draft(
        conditions=[dict(condition) for condition in row.conditions],
        account=told.get(BUY_FROM, ""),
        service=told.get(SERVICE, ""),
        name=row.name,
        match_all=row.match_all,
    )


def _read(post: QueryDict) -> Draft:
    account = post.get("account", "")
    service = " ".join(post.get("service", "").replace("\x00", "").split())
    return Draft(
        conditions=read_conditions(post, VOCABULARY, fresh="from_country"),
        account=account
        if account == CHEAPEST or (account.isdecimal() and len(account) < 19)
        else "",
        service=service[:LONGEST_SERVICE],
        name=read_name(post),
        match_all=post.get("joint", "all") != "any",
    )


def _context(
    request: PanelRequest, row: ChoiceRule | None, draft: Draft, problems: list[str]
) -> dict[str, Any]:
    lists = choice_lists(request)
    ready = not problems_of(draft.as_draft(lists))
    return {
        "row": row,
        "draft": draft,
        "problems": [said(problem) for problem in problems],
        **drawn(draft.conditions, lists, VOCABULARY),
        "accounts": lists["accounts"],
        "buy_words": action_words(BUY_FROM, VOCABULARY),
        "service_words": action_words(SERVICE, VOCABULARY),
        "takes_service": draft.account not in ("", CHEAPEST),
        "services": _services(request, draft.account),
        "placeholder": plain_name(draft, lists, VOCABULARY) if ready else "",
    }


def _services(request: PanelRequest, account: str) -> list[tuple[str, str]]:
    """(code, name) as they were read from the carrier; empty when nobody has read them."""
    if not account.isdecimal():
        return []
    row = request.merchant.carrier_accounts.filter(deleted_at=None, pk=int(account)).first()
    told = row.services if row else []
    return [(str(each.get("code")), str(each.get("name") or each.get("code"))) for each in told]
