"""A member looked at uploaded labels: what is right goes into the pool, what is not waits for another look."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import IntegrityError, transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models.events import Event
from rientro.models.label_pool import LabelUpload, PoolLabel
from rientro.models.pool_drafts import drafts_of, drop_drafts, problems_of
from rientro.models.pool_shelf import raise_if_filled, today_at
from rientro.policy.tracking_numbers import normal_tracking


class ComeAgain(RientroError):
    """Somebody else filled the pool at the same moment."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "pool_changed"


@dataclass(frozen=True, slots=True)
class Filled:
    """How many labels went into the pool, and how many still wait."""

    added: int
    waiting: int


@transaction.atomic
def correct_labels(
    *, upload: LabelUpload, numbers: Mapping[int, str], left_out: Collection[int]
) -> None:
    """Write the numbers of drafts (by id) anew, and delete those that were ``left_out``."""
    drafts = {label.pk: label for label in drafts_of(upload)}
    for pk, typed in numbers.items():
        label = drafts.get(pk)
        number = normal_tracking(typed)[:80]
        if label is not None and label.tracking_number != number:
            label.tracking_number = number
            label.save(update_fields=["tracking_number"])
    drop_drafts([drafts[pk] for pk in left_out if pk in drafts])


@transaction.atomic
def fill_pool(*, upload: LabelUpload, actor: str, now: datetime) -> Filled:
    """Put every draft of ``upload`` without a problem into the pool. Raises ComeAgain; nothing is written then.

    The others stay drafts, with their numbers as they were typed.
    """
    # Two clicks on the same button go one after the other.
    LabelUpload.objects.locked().get(pk=upload.pk)
    drafts = drafts_of(upload)
    wrong = problems_of(drafts, today=today_at(now))
    right = [label.pk for label in drafts if label.pk not in wrong]
    still = PoolLabel.objects.filter(pk__in=right, state=PoolLabel.State.DRAFT.value)
    try:
        with transaction.atomic():
            added = still.update(state=PoolLabel.State.FREE.value)
    except IntegrityError as error:
        raise ComeAgain(
            "Somebody brought labels with the same numbers in a moment ago. Look at them again."
        ) from error
    if added:
        Event.record(
            "pool.filled",
            actor=actor,
            at=now,
            account=upload.account_id,
            called=upload.account.name,
            units=added,
        )
        raise_if_filled(upload.account, at=now)
    return Filled(added, len(drafts) - added)


@transaction.atomic
def drop_upload(*, upload: LabelUpload) -> int:
    """Delete what of ``upload`` is not in the pool yet; says how many."""
    return drop_drafts(drafts_of(upload))
