"""Events as one line that a reader can follow from a place: none is left out, none comes twice.

An event's id is handed out before its transaction commits, so ids become visible out of order: who has read up to
11 and asks for more never sees 10 that committed late. Nothing on the row can mend that; the order must be made
after the commit. So whoever reads first gives the committed events that have none their places, in the order of
their ids, behind a lock of the merchant's. The place of an event never changes, nothing is put in before a place
that was read, and what came of another event stands after it: it had the later id, and was not committed before.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from rientro.kit.tenancy import current_merchant
from rientro.models.events import Event, FeedEntry
from rientro.models.integrations import Counter
from rientro.models.orders import Order
from rientro.models.returns import Return

COUNTER = "feed"
AT_ONCE = 1000  # places given, and entries looked at, in one go
HOLD = """
    INSERT INTO rientro_counter (merchant_id, name, value) VALUES (%(merchant)s, %(name)s, 0)
    ON CONFLICT (merchant_id, name) DO UPDATE SET value = rientro_counter.value RETURNING value
"""
PLACE = """
    WITH waiting AS (
        SELECT id, row_number() OVER (ORDER BY event_id) AS nth
        FROM rientro_feedentry WHERE merchant_id = %(merchant)s AND position IS NULL
        ORDER BY event_id LIMIT %(most)s)
    UPDATE rientro_feedentry AS entry SET position = %(last)s + waiting.nth
    FROM waiting WHERE entry.merchant_id = %(merchant)s AND entry.id = waiting.id
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """An event where it stands."""

    position: int
    event: Event


@dataclass(frozen=True, slots=True)
class FeedPage:
    """``entries`` in their order. ``next`` is the place to go on from, ``more`` says that something stands there."""

    entries: list[Placed]
    next: int
    more: bool


def place_waiting() -> int:
    """Give every committed event without one its place, up to AT_ONCE of them; the last place of all.

    Safe to call from anywhere and by many at once; the current merchant's only. Call it outside a transaction that
    lasts: the lock is held until the transaction ends.
    """
    with transaction.atomic():
        if not _waits():
            return last_place()
    return _place()


def place_all_waiting() -> int:
    """Give every committed event its place, however many wait; the last place of all.

    Who asks for the end of the feed means the newest event, not the newest that somebody had read before.
    """
    last = place_waiting()
    while True:
        with transaction.atomic():
            if not _waits():
                return last
        last = _place()


def _waits() -> bool:
    return FeedEntry.objects.filter(position=None).exists()


@transaction.atomic
def _place() -> int:
    told: dict[str, int | str] = {
        "merchant": current_merchant(),
        "name": COUNTER,
        "most": AT_ONCE,
    }
    with connection.cursor() as cursor:
        cursor.execute(HOLD, told)
        last = int(cursor.fetchone()[0])
        # A statement of its own: it sees all that was committed before the lock was ours.
        cursor.execute(PLACE, told | {"last": last})
        given = int(cursor.rowcount)
        if given:
            Counter.objects.filter(name=COUNTER).update(value=last + given)
    return last + given


def last_place() -> int:
    """The newest place that was given; 0 before the first."""
    found = Counter.objects.filter(name=COUNTER).values_list("value", flat=True).first()
    return found or 0


def page_after(
    place: int, *, limit: int, names: Sequence[str] = (), integration_id: int | None = None
) -> FeedPage:
    """What stands after ``place``: at most ``limit`` events, of these names, of this integration.

    An integration hears of its orders and returns, of itself, and of what is the whole merchant's. Looks at AT_ONCE
    entries at most: a page may be empty and yet say that there is more. Asks table by table and by key: one question
    over five tables is planned badly while the database has not counted them yet.
    """
    last = last_place()
    narrowed = bool(names) or integration_id is not None
    end = min(last, place + (AT_ONCE if narrowed else limit))
    entries = FeedEntry.objects.filter(position__gt=place, position__lte=end).order_by("position")
    rows = entries.values_list("position", "event_id")
    positions = [(position or 0, event_id) for position, event_id in rows]
    events = _whole_events([event_id for _, event_id in positions], names)
    found = [
        Placed(position, events[event_id])
        for position, event_id in positions
        if event_id in events and _concerns(events[event_id], integration_id)
    ]
    goes_on = found[limit - 1].position if len(found) >= limit else max(end, place)
    more = goes_on < last or FeedEntry.objects.filter(position=None).exists()
    return FeedPage(found[:limit], goes_on, more)


def _whole_events(ids: Sequence[int], names: Sequence[str]) -> dict[int, Event]:
    """These events with their return and order, by id."""
    rows = Event.objects.filter(pk__in=ids)
    events = (rows.filter(name__in=names) if names else rows).in_bulk()
    returns = Return.objects.only("public_id", "number", "order").in_bulk(
        {event.ret_id for event in events.values() if event.ret_id}
    )
    wanted = {event.order_id for event in events.values() if event.order_id}
    wanted |= {ret.order_id for ret in returns.values()}
    orders = Order.objects.only("shipment_uuid", "number", "integration").in_bulk(wanted)
    for ret in returns.values():
        ret.order = orders[ret.order_id]
    for event in events.values():
        event.ret = returns[event.ret_id] if event.ret_id else None
        event.order = orders[event.order_id] if event.order_id else None
    return events


def _concerns(event: Event, integration_id: int | None) -> bool:
    if integration_id is None:
        return True
    order = event.ret.order if event.ret else event.order
    if order is not None:
        return order.integration_id == integration_id
    return bool(event.facts.get("integration", integration_id) == integration_id)


def cursor_of(place: int, event: Event | None) -> str:
    """A place as a reader keeps it: with six letters that tell its event from another in the same place."""
    if event is None:
        return str(place)
    told = f"{event.pk} {event.happened_at.timestamp()} {event.name}"
    return f"{place}-{hashlib.sha256(told.encode()).hexdigest()[:6]}"


def event_at(place: int) -> Event | None:
    """The event that stands there; None when none does."""
    entry = FeedEntry.objects.filter(position=place).first()
    return entry.event if entry else None
