"""``Idempotency-Key`` on every POST: the same words twice have one effect and get one answer."""

import hashlib
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse

from rientro.api.body import raw_body
from rientro.api.errors import Problem, Refused
from rientro.kit.crash_points import mark
from rientro.models import IdempotencyKey, remembered

LONGEST_KEY = 255
USUALLY = timedelta(hours=24)
FOR_LABELS = timedelta(days=30)
HEADER = "Idempotency-Key"


# The claim of the request that is being answered.
_claimed: ContextVar[IdempotencyKey | None] = ContextVar("claimed_key", default=None)


class KeyReused(Refused):
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        words = f"This {HEADER} was used for another request. Use a new one."
        super().__init__(words, status=422, problems=[Problem(detail=words)])


class StillRunning(Refused):
    code = "idempotency_in_progress"

    def __init__(self) -> None:
        words = f"The first request with this {HEADER} is still running. Ask again in a moment."
        super().__init__(words, status=409, problems=[Problem(detail=words)])


def key_of(request: HttpRequest) -> str:
    """The key that was sent, or nothing; raises Refused for one that cannot be kept."""
    key = request.headers.get(HEADER, "").strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Refused(f"{HEADER}: at most {LONGEST_KEY} printable characters.")
    return key


def once(
    request: HttpRequest,
    run: Callable[[], HttpResponse],
    *,
    subject: str,
    costs: bool,
    now: datetime,
) -> HttpResponse:
    """Run, or answer as the first time. What failed by itself (4xx, 5xx) is not remembered but tried again."""
    key = key_of(request)
    if not key:
        return run()
    claim = remembered.claim(
        subject=subject,
        key=key,
        request_hash=_hash(request),
        now=now,
        keep_for=FOR_LABELS if costs else USUALLY,
    )
    if claim.outcome == "other_request":
        raise KeyReused
    if claim.outcome == "running":
        raise StillRunning
    if claim.outcome == "done":
        return _again(claim.row.status or 200, claim.row.content_type, bytes(claim.row.body))
    answered = False
    mark("once.claimed")
    before = _claimed.set(claim.row)
    try:
        response = run()
        mark("once.ran")
        answered = response.status_code < 400
    finally:
        _claimed.reset(before)
        if not answered:
            remembered.forget(claim.row)
    remembered.keep(
        claim.row,
        status=response.status_code,
        content_type=response.headers.get("Content-Type", ""),
        body=response.content,
    )
    mark("once.kept")
    return response


def keep_with_effect(response: HttpResponse) -> HttpResponse:
    """Remember ``response`` in the transaction that makes its effect: a process that dies after it repeats nothing.

    For what may be done twice by itself, such as a part of a refund. Without a key nothing is remembered.
    """
    row = _claimed.get()
    if row is not None:
        remembered.keep(
            row,
            status=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            body=response.content,
        )
    return response


def _hash(request: HttpRequest) -> bytes:
    digest = hashlib.sha256()
    for part in (request.method or "", request.get_full_path()):
        digest.update(part.encode() + b"\n")
    digest.update(raw_body(request))
    return digest.digest()


def _again(status: int, content_type: str, body: bytes) -> HttpResponse:
    response = HttpResponse(body, status=status, content_type=content_type or None)
    response["Idempotent-Replayed"] = "true"
    return response
