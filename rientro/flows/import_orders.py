"""Step 0: a shop, a file or a client tells us of its orders; they only need to be there."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction

from rientro.models import Integration
from rientro.models.order_intake import record_import, take_in
from rientro.models.rule_book import RuleBook
from rientro.policy.orders_in import OrderIn, OrderResult

BATCH = 2000  # orders per transaction: short enough for everybody else, long enough to be quick


def import_orders(
    *, integration: Integration, orders: Sequence[OrderIn], actor: str, now: datetime
) -> list[OrderResult]:
    """Take in ``orders`` of ``integration``; one result per order, in their order.

    Each batch is a transaction of its own: shipping rules run, new orders are written, told changes are merged,
    and the event ``order.imported`` says how many. Idempotent. An order that cannot be kept is refused alone,
    with words per field. Raises nothing for bad orders, buys nothing, writes no charge; a redacted order stays
    as it is, and so do units that are on their way back.
    """
    results: list[OrderResult] = []
    for batch in _batches(orders):
        with transaction.atomic():
            book = RuleBook(integration)
            taken = take_in(integration, batch, book, at=now)
            record_import(integration, taken, actor=actor, now=now)
        results += taken
    return results


def _batches(orders: Sequence[OrderIn]) -> Iterator[Sequence[OrderIn]]:
    for start in range(0, len(orders), BATCH):
        yield orders[start : start + BATCH]
