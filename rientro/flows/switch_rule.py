"""A member switches a rule of any family on or off."""

from datetime import datetime

from django.db import transaction

from rientro.models.events import Event
from rientro.models.rules import AnyRule


@transaction.atomic
def switch_rule(*, rule: AnyRule, active: bool, actor: str, now: datetime) -> AnyRule:
    """Let ``rule`` run or rest. Safe to repeat; what it judged before stays as it is."""
    row: AnyRule = type(rule).objects.locked().get(pk=rule.pk)
    if row.active == active:
        return row
    row.active, row.updated_at = active, now
    row.save(update_fields=["active", "updated_at"])
    Event.record(
        "rule.switched",
        actor=actor,
        at=now,
        family=row.FAMILY,
        rule=row.pk,
        name=row.name,
        active=active,
    )
    return row
