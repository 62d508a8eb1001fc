"""A member lets the shipping rules of today judge orders that came in before."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from rientro.models.events import Event
from rientro.models.orders import Order, OrderLine
from rientro.models.rules_again import Judge


@transaction.atomic
def apply_rules_again(*, orders: Sequence[Order], actor: str, now: datetime) -> int:
    """Give ``orders`` the address and brand that the rules choose today; how many changed.

    Returns that are open keep their brand and address. A redacted order is judged by what is left of it.
    """
    judge, changed = Judge(), []
    rows = Order.objects.locked().filter(pk__in=[order.pk for order in orders]).order_by("pk")
    lines: dict[int, list[OrderLine]] = {}
    for line in OrderLine.objects.filter(order__in=orders):
        lines.setdefault(line.order_id, []).append(line)
    for order in rows:
        ruling = judge.ruling(order, lines.get(order.pk, []))
        if not ruling.changes(order) and ruling.trace == order.rule_trace:
            continue
        order.sender_address_id = ruling.address_id
        order.brand_id = ruling.brand_id
        order.brand_by_default = ruling.by_default
        order.rule_trace = ruling.trace
        order.updated_at = now
        order.save(
            update_fields=[
                "sender_address",
                "brand",
                "brand_by_default",
                "rule_trace",
                "updated_at",
            ]
        )
        changed.append(order)
    _record(changed, asked=len(orders), actor=actor, now=now)
    return len(changed)


def _record(changed: list[Order], *, asked: int, actor: str, now: datetime) -> None:
    """One event for one order, and one for many: a thousand lines would tell nobody anything."""
    if asked == 1 and changed:
        Event.record("order.rules_applied", actor=actor, at=now, order=changed[0])
    elif changed:
        Event.record("order.rules_applied", actor=actor, at=now, changed=len(changed), of=asked)
