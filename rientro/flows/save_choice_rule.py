"""A member writes a rule of choice, or another version of one."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.sentences import Sentence
from rientro.models.brands import Brand
from rientro.models.holding import hold_settings
from rientro.models.integrations import Integration
from rientro.models.parcels import CarrierAccount
from rientro.models.rule_writing import too_many, write_rule
from rientro.models.rules import ChoiceRule
from rientro.policy.choice_rules import BUY_FROM, CHEAPEST, check
from rientro.policy.rule_draft import RuleDraft


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
    problems = [*problems_of(draft), *too_many(ChoiceRule, rule)]
    if problems:
        raise BadChoiceRule(" ".join(problems), problems=problems)
    return write_rule(ChoiceRule, rule, draft, actor=actor, now=now)


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
