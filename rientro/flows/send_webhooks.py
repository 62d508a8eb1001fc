"""Send what is due to one receiver: claim a try, ask without a transaction, write down what came of it."""

import math
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from django.conf import settings
from django.db import transaction

from rientro.kit import http
from rientro.kit.crash_points import mark
from rientro.kit.errors import RientroError
from rientro.kit.queue import post
from rientro.models.deliveries import KEPT_OF_ANSWER, Delivery, DeliveryAttempt, oldest_due
from rientro.models.events import Event
from rientro.models.webhook_failures import word_for
from rientro.models.webhook_words import Message, words_for
from rientro.models.webhooks import WebhookEndpoint
from rientro.policy import webhook_retries as retries
from rientro.policy.webhook_retries import Answer

DEADLINE_S = 15.0
CONNECT_S = 5.0
# Then another receiver's turn comes; this one goes to the end of the queue.
SLICE_S = 10.0


@dataclass(frozen=True, slots=True)
class Letter:
    """What one try sends. ``answer`` is there already when nothing can be sent."""

    url: str
    body: bytes
    headers: dict[str, str]
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a try brought: the answer, the beginning of its words, and how long it took."""

    answer: Answer
    words: str
    took_ms: int


def send_webhooks(*, endpoint: WebhookEndpoint, now: datetime, slice_s: float = SLICE_S) -> int:
    """Send the deliveries of ``endpoint`` that are due, one after the other; says how many tries were made.

    Ends after ``slice_s``, when nothing is due, or when the receiver is to be left alone, and sees to it that
    a worker comes back in time. A failure of the receiver is written down, never raised. Two workers on one
    endpoint share its deliveries: none makes a try that the other has claimed.
    """
    started, made = time.monotonic(), 0

    def at() -> datetime:
        return now + timedelta(seconds=time.monotonic() - started)

    while at() < now + timedelta(seconds=slice_s):
        attempt = _claim(endpoint, at=at())
        if attempt is None:
            break
        mark("webhook.claimed")
        reply = _reply(_letter(endpoint, attempt, at=at()))
        mark("webhook.sent")
        _write(endpoint, attempt, reply, at=at())
        made += 1
    _plan(endpoint, at=at())
    return made


# The claim


@transaction.atomic
def _claim(endpoint: WebhookEndpoint, *, at: datetime) -> DeliveryAttempt | None:
    row = _fresh(endpoint)
    if row is None or not row.is_on() or (row.paused_until and row.paused_until > at):
        return None
    most = len(words_for(row.style).delays_s)
    while (attempt := Delivery.claim_next(row, at=at)) is not None:
        before = DeliveryAttempt.objects.filter(delivery=attempt.delivery_id, took_ms=None)
        before.filter(number__lt=attempt.number).update(error="interrupted")
        if attempt.delivery.tries <= most:
            return attempt
        # Every one of its workers died: it may be what kills them.
        attempt.delivery.give_up("interrupted")
    return None


def _fresh(endpoint: WebhookEndpoint) -> WebhookEndpoint | None:
    rows = WebhookEndpoint.objects.select_related("integration")
    return rows.filter(pk=endpoint.pk).first()


@transaction.atomic
def _letter(endpoint: WebhookEndpoint, attempt: DeliveryAttempt, *, at: datetime) -> Letter:
    """What this try sends. Apart from the claim: an event that cannot be put into words holds up no other."""
    row, delivery = _fresh(endpoint), attempt.delivery
    if row is None or delivery.forgotten:
        return Letter("", b"", {}, Answer(None, "forgotten"))
    words = words_for(row.style)
    if not delivery.body:
        event = Event.objects.select_related("ret__order", "order").get(pk=delivery.event_id)
        delivery.body = words.body(event, row)
        delivery.save(update_fields=["body"])
    body = delivery.body.encode()
    try:
        headers = words.headers(Message(delivery.message_id, body, at, row))
    except RientroError as error:  # no key, or one that cannot be opened: nothing goes out unsigned
        return Letter("", body, {}, Answer(None, error.code))
    return Letter(row.target(), body, headers)


# The wire


def _reply(letter: Letter) -> Reply:
    if letter.answer is not None:
        return Reply(letter.answer, "", 0)
    started = time.monotonic()
    answer, words = _ask(letter)
    return Reply(answer, words, round((time.monotonic() - started) * 1000))


def _ask(letter: Letter) -> tuple[Answer, str]:
    """The receiver's answer. Its status counts from the moment it is there, whatever becomes of the rest."""
    headers = {"Content-Type": "application/json", **letter.headers}
    try:
        with (
            http.client(
                deadline_s=DEADLINE_S,
                connect_s=CONNECT_S,
                allow_private=settings.ALLOW_PRIVATE_TARGETS,
            ) as client,
            client.stream("POST", letter.url, content=letter.body, headers=headers) as response,
        ):
            told = Answer(response.status_code, "", response.headers.get("Retry-After", ""))
            return told, _beginning(response)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Answer(None, word_for(error)), ""


def _beginning(response: httpx.Response) -> str:
    kept = b""
    try:
        for chunk in response.iter_bytes():
            kept += chunk
            if len(kept) >= KEPT_OF_ANSWER:
                break
    except httpx.HTTPError:
        pass  # the status is known; the rest was for people to read
    return kept[:KEPT_OF_ANSWER].decode("utf-8", "replace").replace("\0", "")


# What came of it


@transaction.atomic
def _write(
    endpoint: WebhookEndpoint, attempt: DeliveryAttempt, reply: Reply, *, at: datetime
) -> None:
    answer = reply.answer
    delivery = Delivery.objects.locked().filter(pk=attempt.delivery_id).first()
    row = WebhookEndpoint.objects.locked().filter(pk=endpoint.pk).first()
    if delivery is None or row is None:
        return  # deleted meanwhile
    attempt.status, attempt.error = answer.status, answer.error
    attempt.took_ms, attempt.answer = reply.took_ms, "" if delivery.forgotten else reply.words
    attempt.save(update_fields=["status", "error", "took_ms", "answer"])
    _settle(delivery, attempt, answer, row, at=at)
    _judge(row, answer, at=at)


def _settle(
    delivery: Delivery,
    attempt: DeliveryAttempt,
    answer: Answer,
    row: WebhookEndpoint,
    *,
    at: datetime,
) -> None:
    if delivery.state == Delivery.State.DELIVERED.value:
        return
    if answer.taken:
        delivery.state, delivery.delivered_at = Delivery.State.DELIVERED.value, at
        delivery.next_at = None
    elif delivery.attempts != attempt.number:
        return  # a later try is under way, and its word counts
    else:
        _put_off(delivery, answer, row, at=at)
    delivery.answer_status, delivery.error = answer.status, answer.error
    delivery.save(
        update_fields=["state", "delivered_at", "next_at", "answer_status", "error"],
    )


def _put_off(delivery: Delivery, answer: Answer, row: WebhookEndpoint, *, at: datetime) -> None:
    again = retries.next_try(words_for(row.style).delays_s, delivery.tries, now=at)
    too_old = delivery.since + retries.GIVE_UP_AFTER < at
    if again is None or too_old or answer.error == "forgotten":
        delivery.state, delivery.next_at = Delivery.State.FAILED.value, None
    else:
        delivery.next_at = again


def _judge(row: WebhookEndpoint, answer: Answer, *, at: datetime) -> None:
    """How the receiver is doing, and whether it is to be left alone for a while, or for good."""
    if answer.error == "forgotten":
        return
    if answer.taken:
        if row.failures or row.paused_until:
            row.failures, row.failing_since, row.paused_until = 0, None, None
            row.save(update_fields=["failures", "failing_since", "paused_until"])
        return
    row.failures += 1
    row.failing_since = row.failing_since or at
    row.paused_until = retries.pause_until(answer, row.failures, now=at)
    row.save(update_fields=["failures", "failing_since", "paused_until"])
    if row.style != WebhookEndpoint.Style.INTEGRATION.value:
        _switch_off_if_hopeless(row, answer, at=at)


def _switch_off_if_hopeless(row: WebhookEndpoint, answer: Answer, *, at: datetime) -> None:
    assert row.failing_since is not None
    gone = answer.status == retries.GONE and words_for(row.style).gone_switches_off
    silent = row.failing_since + retries.SWITCH_OFF_AFTER < at
    if not (row.active and (gone or silent)):
        return
    row.active = False
    row.disabled_because = "gone" if gone else "silent"
    row.save(update_fields=["active", "disabled_because"])
    Event.record(
        "webhook.disabled", actor="clock", at=at, endpoint=row.pk, because=row.disabled_because
    )


# Coming back


@transaction.atomic
def _plan(endpoint: WebhookEndpoint, *, at: datetime) -> None:
    """Let a worker come back when the next delivery is due; one job for that is enough."""
    row = WebhookEndpoint.objects.locked().filter(pk=endpoint.pk).first()
    due = oldest_due(row) if row is not None and row.is_on() else None
    if row is None or due is None:
        return
    when = max(due, row.paused_until or due)
    if when <= at:
        row.kick(anew=True)
    elif not (row.wake_at and at < row.wake_at <= when):
        row.wake_at = when
        row.save(update_fields=["wake_at"])
        wait = math.ceil((when - at).total_seconds())
        post("wake_webhooks", in_s=wait, merchant_id=row.merchant_id, endpoint_id=row.pk)
