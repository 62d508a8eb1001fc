"""A member writes a rule of choice, or another version of one."""

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
from rientro.models.parcels import CarrierAccount
from rientro.models.rules import ChoiceRule
from rientro.policy.choice_rules import BUY_FROM, CHEAPEST, check
from rientro.policy.rule_draft import MOST_RULES, RuleDraft


class BadChoiceRule(RientroError):
    """The sentence does not make sense; ``facts["problems"]`` says where."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_rule"


@transaction.atomic
def save_choice_rule(
    *, rule: ChoiceRule | None, draft: RuleDraft, actor: str, now: datetime
) -> ChoiceRule:
    """Write the rule; a new one goes to the end. Another wording is another version.

    Labels that are being bought keep their carrier. Raises BadChoiceRule; nothing is written then.
    """
    hold_settings()
    problems = problems_of(draft)
    if rule is None and ChoiceRule.objects.count() >= MOST_RULES:
        problems.append(Sentence("There can be at most %(most)s rules.", most=MOST_RULES))
    if problems:
        raise BadChoiceRule(" ".join(problems), problems=problems)
    row = rule or ChoiceRule(created_at=now, position=_last() + 1, version=0)
    said = (row.conditions, row.actions, row.match_all)
    row.name, row.active, row.match_all = draft.name.strip(), draft.active, draft.match_all
    row.conditions = [dict(condition) for condition in draft.conditions]
    row.actions = [dict(action) for action in draft.actions]
    if not row.pk or said != (row.conditions, row.actions, row.match_all):
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


def problems_of(draft: RuleDraft) -> list[str]:
    """What is wrong with a draft, in sentences; empty if it can run."""
    problems = check(draft.as_rule())
    living = CarrierAccount.objects.filter(deleted_at=None).values_list("pk", flat=True)
    accounts = {CHEAPEST, *map(str, living)}
    named = [str(each.get("value")) for each in draft.actions if each.get("identifier") == BUY_FROM]
    if not named or not set(named) <= accounts:
        problems.append(Sentence("Choose one of your carrier accounts."))
    if not draft.names_only({str(pk) for pk in Integration.objects.values_list("pk", flat=True)}):
        problems.append(Sentence("Choose one of your integrations."))
    brands = {str(pk) for pk in Brand.objects.values_list("pk", flat=True)}
    if not draft.names_only(brands, of="brand"):
        problems.append(Sentence("Choose one of your brands."))
    return list(dict.fromkeys(problems))


def _last() -> int:
    return int(ChoiceRule.objects.aggregate(last=Max("position", default=0))["last"])
