"""A member writes a shipping rule, or another version of one."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.sentences import Sentence
from rientro.models.addresses import SenderAddress
from rientro.models.holding import hold_settings
from rientro.models.integrations import Integration
from rientro.models.rule_writing import too_many, write_rule
from rientro.models.rules import ShippingRule
from rientro.policy.rule_draft import RuleDraft
from rientro.policy.shipping_rules import SHIP_WITH_ADDRESS, check


class BadRule(RientroError):
    """The sentence does not make sense; ``facts["problems"]`` says where."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_rule"


@transaction.atomic
def save_shipping_rule(
    *, rule: ShippingRule | None, draft: RuleDraft, actor: str, now: datetime
) -> ShippingRule:
    """Write the rule; a new one goes to the end. Another wording is another version.

    A rule that names a living address again does not rest any more. Orders that are here keep what they have.
    Raises BadRule; nothing is written then.
    """
    hold_settings()
    problems = [*problems_of(draft), *too_many(ShippingRule, rule)]
    if problems:
        raise BadRule(" ".join(problems), problems=problems)
    return write_rule(ShippingRule, rule, draft, actor=actor, now=now)


def problems_of(draft: RuleDraft) -> list[str]:
    """What is wrong with a draft, in sentences; empty if it can run."""
    problems = check(draft.as_rule())
    for action in draft.actions:
        if action.get("identifier") == SHIP_WITH_ADDRESS and not _living(action.get("value")):
            problems.append(Sentence("Choose one of your addresses."))
    shops = {str(pk) for pk in Integration.objects.values_list("pk", flat=True)}
    if not draft.names_only(shops):
        problems.append(Sentence("Choose one of your integrations."))
    return list(dict.fromkeys(problems))


def _living(value: Any) -> bool:
    if not str(value).isascii() or not str(value).isdigit() or len(str(value)) > 18:
        return False
    return SenderAddress.objects.living().filter(pk=int(value)).exists()
