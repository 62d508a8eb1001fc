"""A rule as a member left it, written as another version; of every family. What a draft may say, its flow asks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Max

from rientro.kit.sentences import Sentence
from rientro.models.events import Event
from rientro.models.rules import ChoiceRule, ReturnRule, ShippingRule
from rientro.policy.rule_draft import MOST_RULES, RuleDraft

R = TypeVar("R", ShippingRule, ReturnRule, ChoiceRule)


def too_many(model: type[R], rule: R | None) -> Sequence[str]:
    """A sentence when a new rule would be one more than a family may have; else nothing."""
    if rule is not None or model.objects.count() < MOST_RULES:
        return []
    return [Sentence("There can be at most %(most)s rules.", most=MOST_RULES)]


def write_rule(
    model: type[R], rule: R | None, draft: RuleDraft, *, actor: str, now: datetime, **more: Any
) -> R:
    """Write ``rule``, or a new one at the end. Another wording is another version; a new name is not.

    ``more`` are further columns that belong to the wording. Joins the caller's transaction, which holds the
    settings (models.holding).
    """
    row = rule or model(created_at=now, position=_last(model) + 1, version=0)
    wording = ("conditions", "actions", "match_all", *more)
    said = [getattr(row, name) for name in wording]
    row.name, row.active, row.match_all = draft.name.strip(), draft.active, draft.match_all
    row.conditions = [dict(condition) for condition in draft.conditions]
    row.actions = [dict(action) for action in draft.actions]
    for name, value in more.items():
        setattr(row, name, value)
    if not row.pk or said != [getattr(row, name) for name in wording]:
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


def _last(model: type[R]) -> int:
    return int(model.objects.aggregate(last=Max("position", default=0))["last"])
