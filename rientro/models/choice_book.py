"""Rules of choice beside the contracts they name: a contract that goes leaves its rules resting, in words."""

from datetime import datetime

from rientro.kit.sentences import Sentence
from rientro.models.parcels import CarrierAccount
from rientro.models.rules import ChoiceRule
from rientro.policy.choice_rules import BUY_FROM

DISCONNECTED = Sentence(
    "The carrier account that this rule names was disconnected. The rule is skipped until you choose another."
)


def rules_naming(account: CarrierAccount) -> list[ChoiceRule]:
    """The rules that buy from ``account``, in their order."""
    rows = ChoiceRule.objects.order_by("position", "pk")
    return [row for row in rows if _names(row, account.pk)]


def rest_rules_of(account: CarrierAccount, *, at: datetime) -> list[int]:
    """Let every rule that names ``account`` rest until somebody chooses another; gives their ids."""
    rows = rules_naming(account)
    for row in rows:
        row.invalid_because, row.updated_at = DISCONNECTED, at
        row.save(update_fields=["invalid_because", "updated_at"])
    return [row.pk for row in rows]


def _names(rule: ChoiceRule, account_id: int) -> bool:
    return any(
        action.get("identifier") == BUY_FROM and str(action.get("value")) == str(account_id)
        for action in rule.actions
    )
