"""Posting work: a task by name, inside the current transaction, so that both happen or neither."""

from typing import Any

from procrastinate.contrib.django import app


def post(
    task: str, *, queue: str | None = None, lock: str | None = None, in_s: int = 0, **kwargs: Any
) -> int:
    """Defer ``task`` with ``kwargs`` (JSON values only) and return the job's number.

    ``lock`` keeps two jobs of one name from running at once; ``in_s`` puts the job off by seconds.
    Deferring uses Django's own connection: rolled back with it.
    """
    options: dict[str, Any] = {"allow_unknown": False}
    if queue:
        options["queue"] = queue
    if lock:
        options["lock"] = lock
    if in_s:
        options["schedule_in"] = {"seconds": in_s}
    return int(app.configure_task(task, **options).defer(**kwargs))


def post_once(
    task: str, *, key: str, lock: str | None = None, in_s: int = 0, **kwargs: Any
) -> int | None:
    """Like ``post``, but at most one job with ``key`` may wait in the queue; None when one does."""
    from django.db import connection, transaction
    from procrastinate.exceptions import AlreadyEnqueued

    options: dict[str, Any] = {"allow_unknown": False, "queueing_lock": key}
    if lock:
        options["lock"] = lock
    if in_s:
        options["schedule_in"] = {"seconds": in_s}
    configured = app.configure_task(task, **options)
    try:
        # The unique index of the queueing lock would poison the caller's transaction.
        if connection.in_atomic_block:
            with transaction.atomic():
                return int(configured.defer(**kwargs))
        return int(configured.defer(**kwargs))
    except AlreadyEnqueued:
        return None
