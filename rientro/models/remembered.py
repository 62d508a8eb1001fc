"""Answers that may be asked for again: the bookkeeping of idempotency keys."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db import connection, transaction

from rientro.kit.tenancy import current_merchant
from rientro.models.machines import IdempotencyKey

# A holder that is silent for so long has died: no request of ours takes half of it.
ABANDONED_AFTER = timedelta(seconds=90)
Outcome = Literal["mine", "running", "other_request", "done"]


@dataclass(frozen=True, slots=True)
class Claim:
    """``mine``: do the work, then ``keep`` or ``forget``. ``done``: the answer is in ``row``."""

    outcome: Outcome
    row: IdempotencyKey


def claim(
    *, subject: str, key: str, request_hash: bytes, now: datetime, keep_for: timedelta
) -> Claim:
    """Say that this request is being worked on; commits at once, so that the next one sees it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO rientro_idempotencykey (merchant_id, subject, key, request_hash, state, "
                "content_type, body, created_at, locked_at, expires_at) "
                "VALUES (%s, %s, %s, %s, 'running', '', '', %s, %s, %s) "
                "ON CONFLICT (merchant_id, subject, key) DO NOTHING RETURNING id",
                [current_merchant(), subject, key, request_hash, now, now, now + keep_for],
            )
            new = cursor.fetchone() is not None
        row = IdempotencyKey.objects.locked().get(subject=subject, key=key)
        if new:
            return Claim("mine", row)
        if row.expires_at <= now:
            row.delete()
            return claim(
                subject=subject, key=key, request_hash=request_hash, now=now, keep_for=keep_for
            )
        if bytes(row.request_hash) != request_hash:
            return Claim("other_request", row)
        if row.state == IdempotencyKey.State.DONE:
            return Claim("done", row)
        # Far ahead of us: the clock was moved back meanwhile, and would keep a dead holder alive for as long.
        if abs(now - row.locked_at) < ABANDONED_AFTER:
            return Claim("running", row)
        row.locked_at = now  # its holder died; go on from where it stopped
        row.save(update_fields=["locked_at"])
        return Claim("mine", row)


def keep(row: IdempotencyKey, *, status: int, content_type: str, body: bytes) -> None:
    """Remember the answer."""
    with transaction.atomic():
        IdempotencyKey.objects.filter(pk=row.pk).update(
            state=IdempotencyKey.State.DONE,
            status=status,
            content_type=content_type[:100],
            body=body,
        )


def forget(row: IdempotencyKey) -> None:
    """Nothing came of it that a repeat should see: the same key may be tried again."""
    with transaction.atomic():
        IdempotencyKey.objects.filter(pk=row.pk).delete()
