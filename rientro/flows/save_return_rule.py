"""A member writes a return rule, or another version of one."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.db.models import Max

from rientro.kit.errors import Kind, RientroError
from rientro.kit.sentences import Sentence
from rientro.models.brands import Brand
from rientro.models.events import Event
from rientro.models.holding import hold_settings
from rientro.models.integrations import Integration
from rientro.models.rules import ReturnRule
from rientro.policy.return_rules import check
from rientro.policy.rule_draft import MOST_RULES, RuleDraft


class BadReturnRule(RientroError):
    """The sentence does not make sense; ``facts["problems"]`` says where."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRuleDraft(RuleDraft):
    """``brand_id`` None: for every brand."""

    brand_id: int | None = None


@transaction.atomic
def save_return_rule(
    *, rule: ReturnRule | None, draft: ReturnRuleDraft, actor: str, now: datetime
) -> ReturnRule:
    """Write the rule; a new one goes to the end. Another wording is another version.

    Returns that are open keep what was decided. Raises BadReturnRule; nothing is written then.
    """
    hold_settings()
    problems = problems_of(draft)
    if rule is None and ReturnRule.objects.count() >= MOST_RULES:
        problems.append(Sentence("There can be at most %(most)s rules.", most=MOST_RULES))
    if problems:
        raise BadReturnRule(" ".join(problems), problems=problems)
    row = rule or ReturnRule(created_at=now, position=_last() + 1, version=0)
    said = (row.conditions, row.actions, row.match_all, row.brand_id)
    row.name, row.active, row.match_all = draft.name.strip(), draft.active, draft.match_all
    row.conditions = [dict(condition) for condition in draft.conditions]
    row.actions = [dict(action) for action in draft.actions]
    row.brand_id = draft.brand_id
    if not row.pk or said != (row.conditions, row.actions, row.match_all, row.brand_id):
        row.version += 1
    row.invalid_because, row.updated_at = "", now
    row.save()
    Event.record(
        "rule.saved",
        actor=actor,
        at=now,
        family=row.FAMILY,
        rule=row.pk,
        name=row.name,
        version=row.version,
    )
    return row


def problems_of(draft: ReturnRuleDraft) -> list[str]:
    """What is wrong with a draft, in sentences; empty if it can run."""
    problems = check(draft.as_rule())
    if draft.brand_id is not None:
        brands = Brand.objects.filter(archived_at=None, pk=draft.brand_id)
        if not brands.exists():
            problems.append(Sentence("Choose one of your brands."))
    shops = {str(pk) for pk in Integration.objects.values_list("pk", flat=True)}
    if not draft.names_only(shops):
        problems.append(Sentence("Choose one of your integrations."))
    return list(dict.fromkeys(problems))


def _last() -> int:
    return int(ReturnRule.objects.aggregate(last=Max("position", default=0))["last"])
