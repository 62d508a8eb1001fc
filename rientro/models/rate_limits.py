"""How often a machine may call, counted in PostgreSQL so that all processes count together."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from rientro.kit.tenancy import current_merchant
from rientro.models.machines import RefusedNetwork


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a minute, and so many within a second. Source: Sendcloud's documented limits."""

    per_minute: int
    burst: int


READS = Rate(per_minute=1000, burst=15)
WRITES = Rate(per_minute=100, burst=15)
WRONG_KEYS = 20  # of one network, in a row; then so many a minute

# One statement: refill by the time that went by, take one of each, or change nothing and tell the wait.
_GONE_BY = "EXTRACT(epoch FROM clock_timestamp() - b.seen_at)"
_MINUTE_LEFT = f"LEAST(%(minute)s, b.minute_left + {_GONE_BY} * %(minute)s / 60)"
_BURST_LEFT = f"LEAST(%(burst)s, b.burst_left + {_GONE_BY} * %(burst)s)"
# Nothing but the words above is put together here.
_TAKE = f"""
INSERT INTO rientro_ratebucket AS b (merchant_id, subject, minute_left, burst_left, seen_at)
VALUES (%(merchant)s, %(subject)s, %(minute)s - 1, %(burst)s - 1, clock_timestamp())
ON CONFLICT (merchant_id, subject) DO UPDATE
SET minute_left = {_MINUTE_LEFT} - 1, burst_left = {_BURST_LEFT} - 1, seen_at = clock_timestamp()
WHERE {_MINUTE_LEFT} >= 1 AND {_BURST_LEFT} >= 1
RETURNING 1
"""  # noqa: S608
_WAIT = f"""
SELECT GREATEST(
  (1 - b.minute_left - {_GONE_BY} * %(minute)s / 60) * 60 / %(minute)s,
  (1 - b.burst_left - {_GONE_BY} * %(burst)s) / %(burst)s, 0)
FROM rientro_ratebucket b WHERE b.merchant_id = %(merchant)s AND b.subject = %(subject)s
"""  # noqa: S608


def take(subject: str, rate: Rate) -> float:
    """Take one call of ``subject`` from its buckets; 0.0 when there was one, else the seconds to wait.

    Runs in the caller's transaction, which should be short: the bucket's row is locked until its end.
    """
    values: dict[str, str | int | float] = {
        "merchant": current_merchant(),
        "subject": subject,
        "minute": float(rate.per_minute),
        "burst": float(rate.burst),
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        if cursor.fetchone():
            return 0.0
        cursor.execute(_WAIT, values)
        row = cursor.fetchone()
    return max(float(row[0]), 0.001) if row else 0.001


# Keys that are none, counted for the network that sends them

_TRIES_LEFT = "LEAST(%(most)s, n.tries_left + EXTRACT(epoch FROM clock_timestamp() - n.seen_at) * %(most)s / 60)"
_REFUSE = f"""
INSERT INTO rientro_refusednetwork AS n (network, tries_left, seen_at)
VALUES (%(network)s, %(most)s - 1, clock_timestamp())
ON CONFLICT (network) DO UPDATE SET tries_left = {_TRIES_LEFT} - 1, seen_at = clock_timestamp()
WHERE {_TRIES_LEFT} >= 1
RETURNING 1
"""  # noqa: S608
_LEFT = f"SELECT {_TRIES_LEFT} FROM rientro_refusednetwork n WHERE n.network = %(network)s"  # noqa: S608


def count_wrong_key(network: str) -> float:
    """One more wrong key from ``network``; 0.0, or the seconds until it may send the next when it sends too many."""
    values: dict[str, str | float] = {"network": network, "most": float(WRONG_KEYS)}
    with connection.cursor() as cursor:
        cursor.execute(_REFUSE, values)
        return 0.0 if cursor.fetchone() else wait_of(network)


def wait_of(network: str) -> float:
    """Seconds until ``network`` may send another wrong key; 0.0 when it may now."""
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, {"network": network, "most": float(WRONG_KEYS)})
        row = cursor.fetchone()
    return max(0.0, (1 - float(row[0])) * 60 / WRONG_KEYS) if row else 0.0


def forget_networks(*, before: datetime) -> None:
    RefusedNetwork.objects.filter(seen_at__lt=before).delete()
