"""When a task that failed is tried again: what asks for patience waits, what is refused ends."""

import logging
import random

import procrastinate
from procrastinate.jobs import Job

from rientro.kit.errors import RientroError

log = logging.getLogger(__name__)
PASSING = {"limited", "upstream"}  # other kinds fail again with the same words


class Patience(procrastinate.BaseRetryStrategy):
    """Wait ``first_s``, twice as long each time, at most ``most_s``, with jitter; give up after ``tries``.

    An error that says ``retry_after_s`` is obeyed. A RientroError of a kind that will not pass ends the job at
    once; anything else (the database was away, a bug) is tried again.
    """

    def __init__(self, *, first_s: int = 5, most_s: int = 900, tries: int = 12) -> None:
        self.first_s, self.most_s, self.tries = first_s, most_s, tries

    def get_retry_decision(
        self, *, exception: BaseException, job: Job
    ) -> procrastinate.RetryDecision | None:
        if isinstance(exception, RientroError) and exception.kind not in PASSING:
            return None
        if job.attempts + 1 >= self.tries:
            return None
        wait_s = self._wait_s(exception, job.attempts)
        # The queue itself tells only of the last try, and an operator should not have to wait for that.
        known = isinstance(exception, RientroError)
        log.warning(
            "%s failed and is tried again in %d s: %s",
            job.task_name,
            wait_s,
            exception,
            exc_info=None if known else exception,
        )
        return procrastinate.RetryDecision(retry_in={"seconds": wait_s})

    def _wait_s(self, exception: BaseException, attempts: int) -> int:
        asked = (
            exception.facts.get("retry_after_s") if isinstance(exception, RientroError) else None
        )
        wait = int(asked) if isinstance(asked, int) else self.first_s * 2 ** min(attempts, 16)
        wait = min(max(wait, 1), self.most_s)
        return wait + random.randint(0, max(1, wait // 4))  # noqa: S311  jitter, not a secret
