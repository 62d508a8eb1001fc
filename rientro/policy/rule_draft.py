"""A rule as a member puts it together, before anybody checked it; of either family."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rientro.policy.rules import Rule, read_rule

MOST_RULES = 500  # of one family


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """Conditions and actions in the words of the family's own vocabulary."""

    name: str
    conditions: Sequence[Mapping[str, Any]]
    actions: Sequence[Mapping[str, Any]]
    match_all: bool = True
    active: bool = True

    def as_rule(self, rule_id: int = 0) -> Rule:
        return read_rule(
            {
                "id": rule_id,
                "name": self.name,
                "conditions": self.conditions,
                "actions": self.actions,
                "match_all": self.match_all,
                "active": self.active,
            }
        )

    def names_only(self, known: set[str], *, of: str = "integration") -> bool:
        """Is every value that a condition compares the property ``of`` with one of ``known``?"""
        return all(
            {str(value).strip() for value in _values(condition.get("compare_to", ""))} <= known
            for condition in self.conditions
            if condition.get("property") == of
        )


def _values(told: Any) -> Sequence[Any]:
    return told if isinstance(told, list | tuple) else str(told).split(",")
