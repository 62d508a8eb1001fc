"""Step 0: a shop, a file or a client tells us of its orders; they only need to be there."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from itertools import pairwise

from django.db import connection, transaction

from rientro.models import Integration
from rientro.models.order_intake import Prepared, prepare, record_import, take_in
from rientro.models.order_staging import key_of
from rientro.models.rule_book import RuleBook
from rientro.policy.orders_in import OrderIn, OrderResult

FIRST = 500  # small, because PostgreSQL has nothing to do until it is ready
BATCH = 4000  # orders per transaction: short enough for everybody else, long enough to be quick
LANES = 2  # connections that share the orders of one call, once these are several batches


def import_orders(
    *, integration: Integration, orders: Sequence[OrderIn], actor: str, now: datetime
) -> list[OrderResult]:
    """Take in ``orders`` of ``integration``; one result per order, in their order.

    Each batch is a transaction of its own: shipping rules run, new orders are written, told changes are merged,
    and the event ``order.imported`` says how many. Idempotent. An order that cannot be kept is refused alone,
    with words per field. Raises nothing for bad orders, buys nothing, writes no charge; a redacted order stays
    as it is, and so do units that are on their way back. Large calls outside a transaction use LANES connections
    at once; what one lane wrote before another failed stays, as batches do.
    """
    with transaction.atomic():
        book = RuleBook(integration)

    def write(lane: Sequence[OrderIn]) -> list[OrderResult]:
        results: list[OrderResult] = []
        for batch in _prepared(lane, book):
            with transaction.atomic():
                taken = take_in(integration, batch, at=now)
                record_import(integration, taken, actor=actor, now=now)
            results += taken
        return results

    if len(orders) <= FIRST + BATCH or connection.in_atomic_block:
        return write(orders)
    return _side_by_side(orders, write)


def _side_by_side(
    orders: Sequence[OrderIn], write: Callable[[Sequence[OrderIn]], list[OrderResult]]
) -> list[OrderResult]:
    """Several lanes at once, each with a connection of its own; one order's tellings stay in one lane, in order."""
    places: list[list[int]] = [[] for _ in range(LANES)]
    for place, order in enumerate(orders):
        places[hash(key_of(order)) % LANES].append(place)

    def drive(lane: Sequence[int]) -> list[OrderResult]:
        try:
            return write([orders[place] for place in lane])
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=LANES) as pool:
        driven = [pool.submit(copy_context().run, drive, lane) for lane in places]
    results = {
        place: result
        for lane, done in zip(places, driven, strict=True)
        for place, result in zip(lane, done.result(), strict=True)
    }
    return [results[place] for place in range(len(orders))]


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
