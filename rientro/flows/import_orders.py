"""Step 0: a shop, a file or a client tells us of its orders; they only need to be there."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import pairwise

from django.db import transaction

from rientro.models import Integration
from rientro.models.order_intake import Prepared, prepare, record_import, take_in
from rientro.models.rule_book import RuleBook
from rientro.policy.orders_in import OrderIn, OrderResult

FIRST = 500  # small, because PostgreSQL has nothing to do until it is ready
BATCH = 4000  # orders per transaction: short enough for everybody else, long enough to be quick


def import_orders(
    *, integration: Integration, orders: Sequence[OrderIn], actor: str, now: datetime
) -> list[OrderResult]:
    """Take in ``orders`` of ``integration``; one result per order, in their order.

    Each batch is a transaction of its own: shipping rules run, new orders are written, told changes are merged,
    and the event ``order.imported`` says how many. Idempotent. An order that cannot be kept is refused alone,
    with words per field. Raises nothing for bad orders, buys nothing, writes no charge; a redacted order stays
    as it is, and so do units that are on their way back.
    """
    with transaction.atomic():
        book = RuleBook(integration)
    results: list[OrderResult] = []
    for batch in _prepared(orders, book):
        with transaction.atomic():
            taken = take_in(integration, batch, at=now)
            record_import(integration, taken, actor=actor, now=now)
        results += taken
    return results


def _prepared(orders: Sequence[OrderIn], book: RuleBook) -> Iterator[Prepared]:
    """The batches. While PostgreSQL writes one, a thread gets the next one ready; it needs no database."""
    if len(orders) <= FIRST:
        yield prepare(orders, book)
        return
    starts = [0, *range(FIRST, len(orders), BATCH), len(orders)]
    parts = [orders[start:end] for start, end in pairwise(starts)]
    with ThreadPoolExecutor(max_workers=1) as ahead:
        coming = ahead.submit(prepare, parts[0], book)
        for part in parts[1:]:
            ready, coming = coming.result(), ahead.submit(prepare, part, book)
            yield ready
        yield coming.result()
