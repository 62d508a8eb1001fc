"""A member deletes a shipping rule."""

from datetime import datetime

from django.db import transaction

from rientro.models.events import Event
from rientro.models.rules import ShippingRule


@transaction.atomic
def delete_shipping_rule(*, rule: ShippingRule, actor: str, now: datetime) -> None:
    """Delete ``rule``; what it said stays in the traces of the orders it judged."""
    Event.record(
        "rule.deleted",
        actor=actor,
        at=now,
        rule=rule.pk,
        name=rule.name,
        version=rule.version,
        conditions=rule.conditions,
        actions=rule.actions,
    )
    rule.delete()
