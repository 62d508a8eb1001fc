"""Fetch the pictures of products that shops told us of, so that the portal shows what is kept here."""

import time
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

import httpx
from django.db import transaction

from rientro.kit import http
from rientro.kit.images import MAX_BYTES, Picture, PictureRefused, redraw
from rientro.kit.locks import alive_lock
from rientro.kit.tenancy import current_merchant
from rientro.models.picture_wishes import (
    PictureWish,
    due_wishes,
    keep_picture,
    note_miss,
    note_wishes,
    put_off,
)
from rientro.policy.picture_tries import DEADLINE_S, EDGE, LOOK_S, PEACE, PER_LOOK

MOST_HOPS = 3
MOST_BATCHES = 10  # of lines that are looked through in one go
HOPS = (301, 302, 303, 307, 308)
GONE = (400, 401, 403, 404, 405, 410, 414, 451)


class _Miss(Exception):
    """This picture cannot be had; ``for_good`` where asking again is of no use."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.why, self.for_good = why, for_good


class _Peace(Exception):
    """The machine that has it is down or wants to be left alone."""


@dataclass(frozen=True, slots=True)
class Fetched:
    kept: int
    missed: int


def fetch_pictures(*, now: datetime) -> Fetched:
    """Fetch at most PER_LOOK pictures of this merchant, for about LOOK_S seconds at most.

    Each is asked for once, then after an hour, a day and a week, and no more; what is no picture is never asked for
    again. Public addresses only, drawn anew by a child process. No transaction may be open.
    """
    with alive_lock(f"pictures:{current_merchant()}") as lock:
        if not lock.mine:
            return Fetched(0, 0)
        for _ in range(MOST_BATCHES):
            with transaction.atomic(durable=True):
                more = note_wishes(at=now)
            if not more:
                break
        with transaction.atomic(durable=True):
            waiting = list(due_wishes(now=now, most=PER_LOOK))
        return _fetched(waiting, now=now)


def _fetched(waiting: list[PictureWish], *, now: datetime) -> Fetched:
    ends, kept, missed = time.monotonic() + LOOK_S, 0, 0
    while waiting and time.monotonic() < ends:
        wish = waiting.pop(0)
        try:
            picture = _picture(wish.url)
        except _Peace:
            here = _host(wish.url)
            resting = [wish, *(each for each in waiting if _host(each.url) == here)]
            waiting = [each for each in waiting if each not in resting]
            with transaction.atomic(durable=True):
                put_off(resting[1:], PEACE, at=now)
            missed += _missed(wish, _Miss("It did not answer."), now=now)
        except _Miss as miss:
            missed += _missed(wish, miss, now=now)
        else:
            with transaction.atomic(durable=True):
                keep_picture(wish, picture.content, picture.content_type)
            kept += 1
    return Fetched(kept, missed)


def _missed(wish: PictureWish, miss: _Miss, *, now: datetime) -> int:
    with transaction.atomic(durable=True):
        note_miss(wish, miss.why, for_good=miss.for_good, at=now)
    return 1


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # no address at all
        return ""


def _picture(url: str) -> Picture:
    try:
        return redraw(_bytes(url), max_edge=EDGE)
    except PictureRefused as error:
        raise _Miss(str(error.message), for_good=True) from error


def _bytes(url: str) -> bytes:
    private = http.are_private_targets_open()
    try:
        with http.client(
            deadline_s=DEADLINE_S, limit_bytes=MAX_BYTES, allow_private=private
        ) as client:
            for _ in range(MOST_HOPS + 1):
                response = client.get(url, headers={"Accept": "image/*"})
                if response.status_code not in HOPS:
                    return _judged(response)
                url = urljoin(url, response.headers.get("Location", ""))
    except http.TargetRefused as error:
        raise _Miss("Its address is none that we go to.", for_good=True) from error
    except http.AnswerRefused as error:
        raise _Miss("It is larger than 5 MB.", for_good=True) from error
    except (httpx.InvalidURL, ValueError) as error:
        raise _Miss("Its address cannot be read.", for_good=True) from error
    except httpx.HTTPError as error:
        raise _Peace from error
    raise _Miss("Its address sends us on and on.", for_good=True)


def _judged(response: httpx.Response) -> bytes:
    if response.status_code == 200:
        return response.content
    if response.status_code in GONE:
        # A picture may be put there later: it is asked for a few times all the same.
        raise _Miss(f"Its address answers {response.status_code}.")
    raise _Peace
