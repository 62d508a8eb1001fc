"""A member puts the rules of one family in another order."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from rientro.models.events import Event
from rientro.models.holding import hold_settings
from rientro.models.rules import AnyRule


@transaction.atomic
def order_rules(
    *, family: type[AnyRule], rule_ids: Sequence[int], actor: str, now: datetime
) -> list[int]:
    """Write the order of ``rule_ids``; rules that are not named keep their order behind them.

    Ids that are not there are passed over. Gives the order as it stands now.
    """
    hold_settings()
    rows: dict[int, AnyRule] = {
        row.pk: row for row in family.objects.locked().order_by("position", "pk")
    }
    wished = [rows[pk] for pk in dict.fromkeys(rule_ids) if pk in rows]
    ordered = [*wished, *(row for row in rows.values() if row not in wished)]
    moved = False
    for position, row in enumerate(ordered, start=1):
        if row.position != position:
            row.position, moved = position, True
            row.save(update_fields=["position"])
    found = [row.pk for row in ordered]
    if moved:
        Event.record("rule.moved", actor=actor, at=now, family=family.FAMILY, order_of_rules=found)
    return found
