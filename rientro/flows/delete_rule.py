"""A member deletes a rule of any family."""

from datetime import datetime

from django.db import transaction

from rientro.models.events import Event
from rientro.models.rules import AnyRule


@transaction.atomic
def delete_rule(*, rule: AnyRule, actor: str, now: datetime) -> None:
    """Delete ``rule``; what it said stays in the traces of what it judged."""
    Event.record(
        "rule.deleted",
        actor=actor,
        at=now,
        family=rule.FAMILY,
        rule=rule.pk,
        name=rule.name,
        version=rule.version,
        conditions=rule.conditions,
        actions=rule.actions,
    )
    rule.delete()
