"""A lock that lives exactly as long as the process which holds it.

A session advisory lock on a PostgreSQL connection of its own: a killed holder frees it at once, a paused one
keeps it, and no lease can expire while somebody still means to act. What remains is a network that is cut
between holder and server: TCP keepalives end such a session after ``DEAD_PEER_S``, and the holder asks
``check`` before it does what cannot be undone.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

import psycopg
from django.db import connections

from rientro.kit.errors import Kind, RientroError

DEAD_PEER_S = 20  # keepalives_idle + interval x count
_KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 8,
    "keepalives_interval": 4,
    "keepalives_count": 3,
    "tcp_user_timeout": DEAD_PEER_S * 1000,
    "connect_timeout": 5,
    "application_name": "rientro-alive-lock",
}


class LockLost(RientroError):
    """The connection that held the lock is gone: somebody else may hold it by now."""

    kind: ClassVar[Kind] = "limited"
    code: ClassVar[str] = "lock_lost"


class AliveLock:
    """What ``alive_lock`` gives: is it mine, and is it still?"""

    def __init__(self, connection: "psycopg.Connection[Any]", *, mine: bool) -> None:
        self._connection = connection
        self.mine = mine

    def check(self) -> None:
        """Raise LockLost unless the session that holds the lock still answers."""
        try:
            self._connection.execute("SELECT 1")
        except psycopg.Error as error:
            raise LockLost("The database was away for a moment. Trying again.") from error


@contextmanager
def alive_lock(name: str) -> Iterator[AliveLock]:
    """Try to take the lock ``name`` without waiting; give it back at the end, or by dying.

    Must not go through a pooler in transaction mode: the lock belongs to the session.
    """
    params = connections["default"].get_connection_params()
    for ours in ("cursor_factory", "context", "prepare_threshold"):
        params.pop(ours, None)
    with psycopg.connect(**{**params, **_KEEPALIVES}, autocommit=True) as connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [_key(name)]).fetchone()
        mine = bool(row and row[0])
        try:
            yield AliveLock(connection, mine=mine)
        finally:
            # The server notices the end of a session a moment later; whoever comes next need not wait for that.
            with suppress(psycopg.Error):
                connection.execute("SELECT pg_advisory_unlock_all()")


def _key(name: str) -> int:
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
