"""When a webhook that was not taken is tried again, and what a receiver's answer means. Pure.

Source of the times: Standard Webhooks 1.0, "Deliverability and reliability" (ten tries in 75 hours and a half).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Seconds to wait before the first try, the second, …
STANDARD_S = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
GONE = 410
TIRED = frozenset({429, 502, 503, 504})  # these ask for fewer requests, not only for another try
LONGEST_WAIT = timedelta(days=1)  # of a Retry-After
# A silent receiver is asked by one delivery at a time; all others wait for it to answer.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5, 300
REFUSALS_BEFORE_PAUSE = 5  # a receiver that answers may refuse one message and take the next
GIVE_UP_AFTER = timedelta(hours=80)  # longer than all waits together
SWITCH_OFF_AFTER = timedelta(days=5)  # without one success


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try: a status, or a word for why there is none."""

    status: int | None
    error: str = ""
    retry_after: str = ""

    @property
    def taken(self) -> bool:
        """Only 2xx is a yes; a redirect is followed by nobody."""
        return self.status is not None and 200 <= self.status <= 299


def next_try(delays_s: Sequence[int], tries: int, *, now: datetime) -> datetime | None:
    """When to try again after ``tries`` in vain; None when that was the last one."""
    if tries >= len(delays_s):
        return None
    wait = delays_s[tries]
    return now + timedelta(seconds=wait + _jitter(wait))


def pause_until(answer: Answer, failures: int, *, now: datetime) -> datetime | None:
    """Until when a receiver is left alone after ``failures`` in a row; None if the next may come at once."""
    asked = told_wait(answer.retry_after, now=now)
    if asked is not None and answer.status in TIRED:
        return now + min(max(asked, timedelta(seconds=1)), LONGEST_WAIT)
    silent = answer.status is None or answer.status in TIRED
    if not silent and failures < REFUSALS_BEFORE_PAUSE:
        return None
    steps = failures - 1 if silent else failures - REFUSALS_BEFORE_PAUSE
    wait = min(FIRST_PAUSE_S * 2 ** min(max(steps, 0), 10), LONGEST_PAUSE_S)
    return now + timedelta(seconds=wait + _jitter(wait))


def told_wait(header: str, *, now: datetime) -> timedelta | None:
    """What a Retry-After says, as seconds or as a date; None when it says nothing that can be read."""
    told = header.strip()
    if told.isascii() and told.isdigit() and len(told) <= 9:
        return timedelta(seconds=int(told))
    try:
        moment = parsedate_to_datetime(told)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(moment - now, timedelta(0))


def _jitter(wait: int) -> int:
    """Up to a tenth more, so that what failed together does not come back together."""
    return random.randint(0, wait // 10)  # noqa: S311  jitter, not a secret
