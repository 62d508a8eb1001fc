"""A lock that lives exactly as long as the process which holds it.

A session advisory lock on a PostgreSQL connection of its own: a killed holder frees it at once, a paused one
keeps it, and no lease can expire while somebody still means to act. What remains is a network that is cut
between holder and server: TCP keepalives end such a session after ``DEAD_PEER_S``, and the holder asks
``check`` before it does what cannot be undone.
"""

import atexit
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

import psycopg
from django.db import connections

from rientro.kit.errors import Kind, RientroError

Session = psycopg.Connection[Any]

MOST_IDLE = 4
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

    def __init__(self, connection: Session, *, mine: bool) -> None:
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

    Must not go through a pooler in transaction mode: the lock belongs to the session. A session serves one holder
    at a time and is kept for the next one: to open it costs more than all that a purchase writes.
    """
    key = _key(name)
    session, mine = _asked(key)
    try:
        yield AliveLock(session, mine=mine)
    finally:
        # The server notices the end of a session a moment later; whoever comes next need not wait for that.
        with suppress(psycopg.Error):
            session.execute("SELECT pg_advisory_unlock_all()")
            _keep(session)


def close_idle() -> None:
    """Close the sessions that wait for a next holder."""
    while _idle and _idle_of == [os.getpid()]:
        _idle.pop().close()


def _asked(key: int) -> tuple[Session, bool]:
    """A session, and whether the lock is now its own."""
    while (session := _waiting()) is not None:
        try:
            return session, _taken(session, key)
        except psycopg.Error:  # the server was started anew since it was last used
            session.close()
    session = _opened()
    return session, _taken(session, key)


def _taken(session: Session, key: int) -> bool:
    row = session.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone()
    return bool(row and row[0])


def _opened() -> Session:
    return psycopg.connect(**_parameters(), autocommit=True)


def _parameters() -> dict[str, Any]:
    params = connections["default"].get_connection_params()
    for ours in ("cursor_factory", "context", "prepare_threshold"):
        params.pop(ours, None)
    return {**params, **_KEEPALIVES}


def _waiting() -> Session | None:
    """One that is free, of this process and this database."""
    if _idle_of != [os.getpid()]:  # a child must leave its parent's sessions alone
        _others.extend(_idle)
        _idle.clear()
        _idle_of[:] = [os.getpid()]
    while True:
        try:
            session = _idle.pop()
        except IndexError:
            return None
        if session.info.dbname == connections["default"].get_connection_params().get("dbname"):
            return session
        session.close()


def _keep(session: Session) -> None:
    if session.closed or len(_idle) >= MOST_IDLE or _idle_of != [os.getpid()]:
        session.close()
    else:
        _idle.append(session)


_idle: list[Session] = []
_idle_of: list[int] = []  # the process whose sessions they are
_others: list[Session] = []  # a parent's: never used, and never closed by us
atexit.register(close_idle)


def _key(name: str) -> int:
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
