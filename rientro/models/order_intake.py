"""Orders that come in, whatever door they came through: checked, ruled, normalised and merged."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rientro.models.events import Event
from rientro.models.integrations import Integration
from rientro.models.order_merge import Key, Merged, Staged, merge
from rientro.models.order_staging import stage
from rientro.models.rule_book import RuleBook
from rientro.policy.order_checks import problems_of
from rientro.policy.orders_in import OrderIn, OrderResult

MOST_NOTES = 50  # in one event
# The thread that talks to PostgreSQL would wait five milliseconds for each turn at the interpreter.
YIELD_EVERY = 8


@dataclass(slots=True)
class Prepared:
    """A batch that is ready for the database; made without it, so that it can be made while the last one runs.

    ``waves`` are groups in which no key comes twice, because one merge may not touch a row two times.
    """

    orders: Sequence[OrderIn]
    waves: list[list[tuple[int, Staged]]]
    refusals: dict[int, OrderResult]


def prepare(orders: Sequence[OrderIn], book: RuleBook) -> Prepared:
    """Check, rule and normalise. An order with problems is refused alone."""
    refusals: dict[int, OrderResult] = {}
    waves: list[list[tuple[int, Staged]]] = []
    keys: set[Key] = set()
    for place, order in enumerate(orders):
        if not place % YIELD_EVERY:
            time.sleep(0)
        problems = problems_of(order)
        if problems:
            refusals[place] = _refusal(order, problems)
            continue
        staged = stage(order, book.rule(order))
        if not waves or staged.key in keys:
            waves.append([])
            keys = set()
        waves[-1].append((place, staged))
        keys.add(staged.key)
    return Prepared(orders, waves, refusals)


def take_in(integration: Integration, batch: Prepared, *, at: datetime) -> list[OrderResult]:
    """Write a batch in the caller's transaction; one result per order, in their order.

    Of several orders with one key the later ones update the earlier.
    """
    results = dict(batch.refusals)
    for wave in batch.waves:
        merged = merge(integration.pk, [staged for _, staged in wave], at=at)
        for place, staged in wave:
            results[place] = _result(batch.orders[place], merged[staged.key])
    return [results[place] for place in range(len(batch.orders))]


def record_import(
    integration: Integration, results: Sequence[OrderResult], *, actor: str, now: datetime
) -> None:
    """One event per batch; a batch that changed nothing is no news."""
    counts = Counter(result.status for result in results)
    if not (counts["created"] or counts["updated"] or counts["error"]):
        return
    facts: dict[str, Any] = {"integration": integration.pk}
    facts |= {word: counts[word] for word in ("created", "updated", "unchanged", "error")}
    notes = [
        {"order": result.external_order_id, "note": note}
        for result in results
        for note in result.notes
    ]
    if notes:
        facts["notes"] = notes[:MOST_NOTES]
    Event.record("order.imported", actor=actor, at=now, **facts)


def _refusal(order: OrderIn, problems: dict[str, object]) -> OrderResult:
    return OrderResult(
        external_order_id=order.external_order_id,
        external_shipment_id=order.external_shipment_id,
        status="error",
        errors=problems,
    )


def _result(order: OrderIn, merged: Merged) -> OrderResult:
    return OrderResult(
        external_order_id=order.external_order_id,
        external_shipment_id=order.external_shipment_id,
        status=merged.status,
        shipment_uuid=merged.uuid,
        notes=tuple(merged.notes),
    )
