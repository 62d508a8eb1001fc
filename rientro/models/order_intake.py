"""Orders that come in, whatever door they came through: checked, ruled, normalised and merged."""

from collections import Counter
from collections.abc import Iterator, Sequence
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


def take_in(
    integration: Integration, orders: Sequence[OrderIn], book: RuleBook, *, at: datetime
) -> list[OrderResult]:
    """Write ``orders`` in the caller's transaction; one result per order, in their order.

    An order with problems is refused alone. Of several orders with one key the later ones update the earlier.
    """
    results: list[OrderResult | None] = [None] * len(orders)
    for wave in _waves(orders, book, results):
        merged = merge(integration.pk, [staged for _, staged in wave], at=at)
        for place, staged in wave:
            results[place] = _result(orders[place], merged[staged.key])
    return [result for result in results if result is not None]


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


def _waves(
    orders: Sequence[OrderIn], book: RuleBook, results: list[OrderResult | None]
) -> Iterator[list[tuple[int, Staged]]]:
    """Groups in which no key comes twice: one merge may not touch a row two times."""
    wave: list[tuple[int, Staged]] = []
    keys: set[Key] = set()
    for place, order in enumerate(orders):
        problems = problems_of(order)
        if problems:
            results[place] = _refusal(order, problems)
            continue
        staged = stage(order, book.rule(order))
        if staged.key in keys:
            yield wave
            wave, keys = [], set()
        wave.append((place, staged))
        keys.add(staged.key)
    if wave:
        yield wave


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
