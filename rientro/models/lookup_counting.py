"""Counting of failed look-ups in PostgreSQL, so that all processes of the house share one memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection
from django.db.models import Q
from django.utils.crypto import salted_hmac

from rientro.kit.tenancy import current_merchant
from rientro.models.lookup import LookupCounter
from rientro.policy.lookup_limits import Limit

COUNT = """
INSERT INTO rientro_lookupcounter AS c (merchant_id, scope, key, window_s, window_start, count)
SELECT %s, scope, key, window_s, window_start, 1
FROM unnest(%s::text[], %s::text[], %s::int[], %s::timestamptz[])
    AS told (scope, key, window_s, window_start)
ON CONFLICT (merchant_id, scope, key, window_s, window_start) DO UPDATE SET count = c.count + 1
RETURNING scope, key, window_s, count
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """One limit applied to one subject: an order's number, a network, the merchant as a whole."""

    limit: Limit
    key: str


def hidden(subject: str) -> str:
    """``subject`` as a counter's key: the table must not tell which numbers were asked for."""
    return salted_hmac("rientro.lookup.key", subject, algorithm="sha256").hexdigest()[:40]


def alone(subject: str) -> None:
    """Make everybody else who asks about ``subject`` wait until this transaction ends.

    Without it a hundred guesses at once would all read the counter before any of them raised it.
    """
    said = f"lookup:{current_merchant()}:{subject}"
    key = int.from_bytes(salted_hmac("rientro.lookup.lock", said).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def longest_wait_s(counted: Sequence[Counted], *, now: datetime) -> int:
    """Seconds until all of ``counted`` have room again; 0 when they have it now.

    The window before counts for the share of it that still lies inside the limit's length, so that a
    midnight does not double the number of guesses.
    """
    wanted = Q()
    for each in counted:
        starts = [_start(each.limit, now), _start(each.limit, now) - each.limit.window_s]
        wanted |= Q(
            scope=each.limit.scope,
            key=each.key,
            window_s=each.limit.window_s,
            window_start__in=[datetime.fromtimestamp(start, UTC) for start in starts],
        )
    rows = LookupCounter.objects.filter(wanted).values_list(
        "scope", "key", "window_s", "window_start", "count"
    )
    seen = {(scope, key, s, int(start.timestamp())): n for scope, key, s, start, n in rows}
    return max((_wait_s(each, seen, now) for each in counted), default=0)


def count(counted: Sequence[Counted], *, now: datetime) -> list[tuple[Counted, int]]:
    """Raise all of ``counted`` by one and say how often each has been counted in its window."""
    # One order for everybody, so that two of these never wait for each other in a circle.
    rows = sorted(counted, key=lambda each: (each.limit.scope, each.key, each.limit.window_s))
    with connection.cursor() as cursor:
        cursor.execute(
            COUNT,
            [
                current_merchant(),
                [each.limit.scope for each in rows],
                [each.key for each in rows],
                [each.limit.window_s for each in rows],
                [datetime.fromtimestamp(_start(each.limit, now), UTC) for each in rows],
            ],
        )
        found = {(scope, key, s): n for scope, key, s, n in cursor.fetchall()}
    return [(each, found[each.limit.scope, each.key, each.limit.window_s]) for each in rows]


def is_too_many(counts: Sequence[tuple[Counted, int]]) -> bool:
    """Was that one too many for any of them?"""
    return any(number > each.limit.most for each, number in counts)


def _start(limit: Limit, now: datetime) -> int:
    return int(now.timestamp()) // limit.window_s * limit.window_s


def _wait_s(counted: Counted, seen: dict[tuple[str, str, int, int], int], now: datetime) -> int:
    limit, start = counted.limit, _start(counted.limit, now)
    current = seen.get((limit.scope, counted.key, limit.window_s, start), 0)
    before = seen.get((limit.scope, counted.key, limit.window_s, start - limit.window_s), 0)
    gone = (now.timestamp() - start) / limit.window_s
    if current + before * (1 - gone) <= limit.most - 1:
        return 0
    return max(1, start + limit.window_s - int(now.timestamp()))
