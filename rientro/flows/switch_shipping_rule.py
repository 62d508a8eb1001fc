"""A member switches a shipping rule on or off."""

from datetime import datetime

from django.db import transaction

from rientro.models.events import Event
from rientro.models.rules import ShippingRule


@transaction.atomic
def switch_shipping_rule(
    *, rule: ShippingRule, active: bool, actor: str, now: datetime
) -> ShippingRule:
    """Let ``rule`` run or rest. Safe to repeat; orders that are here keep what they have."""
    row = ShippingRule.objects.locked().get(pk=rule.pk)
    if row.active == active:
        return row
    row.active, row.updated_at = active, now
    row.save(update_fields=["active", "updated_at"])
    Event.record("rule.switched", actor=actor, at=now, rule=row.pk, name=row.name, active=active)
    return row
