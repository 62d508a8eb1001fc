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
from django.db.models import Q, QuerySet

from rientro.kit.tenancy import current_merchant
from rientro.models.events import Event, FeedEntry
from rientro.models.integrations import Counter

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
class FeedPage:
    """``entries`` in their order. ``next`` is the place to go on from, ``more`` says that something stands there."""

    entries: list[FeedEntry]
    next: int
    more: bool


def place_waiting() -> int:
    """Give every committed event without one its place, up to AT_ONCE of them; the last place of all.

    Safe to call from anywhere and by many at once; the current merchant's only. Call it outside a transaction that
    lasts: the lock is held until the transaction ends.
    """
    with transaction.atomic():
        if not FeedEntry.objects.filter(position=None).exists():
            return last_place()
    return _place()


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
    place: int, *, limit: int, names: Sequence[str] = (), visible: Q | None = None
) -> FeedPage:
    """What stands after ``place``, at most ``limit``, and of the events that ``visible`` and ``names`` let through.

    Looks at AT_ONCE entries: a page may be empty and yet say that there is more.
    """
    last = last_place()
    end = min(last, place + AT_ONCE)
    rows: QuerySet[FeedEntry] = FeedEntry.objects.filter(position__gt=place, position__lte=end)
    if names:
        rows = rows.filter(event__name__in=names)
    if visible is not None:
        rows = rows.filter(visible)
    rows = rows.select_related("event__ret__order", "event__order").order_by("position")
    entries = list(rows[:limit])
    next_place = end if len(entries) < limit else entries[-1].position or end
    next_place = max(next_place, place)
    more = next_place < last or FeedEntry.objects.filter(position=None).exists()
    return FeedPage(entries, next_place, more=more)


def of_integration(integration_id: int) -> Q:
    """The events that concern one integration: its orders and returns, itself, and what is the whole merchant's."""
    nobodys = Q(event__ret=None, event__order=None)
    own = Q(event__facts__integration=integration_id)
    return (
        Q(event__ret__order__integration=integration_id)
        | Q(event__order__integration=integration_id)
        | nobodys & (own | ~Q(event__facts__has_key="integration"))
    )


def cursor_of(place: int, event: Event | None) -> str:
    """A place as a reader keeps it: with six letters that tell its event from another in the same place."""
    if event is None:
        return str(place)
    told = f"{event.pk} {event.happened_at.timestamp()} {event.name}"
    return f"{place}-{hashlib.sha256(told.encode()).hexdigest()[:6]}"


def event_at(place: int) -> Event | None:
    """The event that stands there; None when none does."""
    entry = FeedEntry.objects.filter(position=place).select_related("event").first()
    return entry.event if entry else None
