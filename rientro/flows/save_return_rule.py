"""A member writes a return rule, or another version of one."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.sentences import Sentence
from rientro.models.brands import Brand
from rientro.models.holding import hold_settings
from rientro.models.integrations import Integration
from rientro.models.rule_writing import too_many, write_rule
from rientro.models.rules import ReturnRule
from rientro.policy.return_rules import check
from rientro.policy.rule_draft import RuleDraft


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
    problems = [*problems_of(draft), *too_many(ReturnRule, rule)]
    if problems:
        raise BadReturnRule(" ".join(problems), problems=problems)
    return write_rule(ReturnRule, rule, draft, actor=actor, now=now, brand_id=draft.brand_id)


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
