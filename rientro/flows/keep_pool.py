"""A member looks after the pool: when to be warned, where given-back labels go, and single labels."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models.events import Event
from rientro.models.label_pool import LabelPool, PoolLabel
from rientro.models.parcels import CarrierAccount
from rientro.models.pool_shelf import pool_of, raise_if_filled, tell_if_low

State = PoolLabel.State


class LabelInUse(RientroError):
    """The label is a shopper's, or is not what the step needs any more."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "label_in_use"


@transaction.atomic
def save_pool(
    *, account: CarrierAccount, warn_below: int, given_back: str, actor: str, now: datetime
) -> LabelPool:
    """Keep when people are warned (0: never) and what happens with labels that are given back."""
    pool = pool_of(account)
    pool.warn_below, pool.given_back = warn_below, LabelPool.GivenBack(given_back).value
    pool.save(update_fields=["warn_below", "given_back"])
    Event.record("pool.changed", actor=actor, at=now, account=account.pk, called=account.name)
    raise_if_filled(account, at=now)
    tell_if_low(account, at=now)
    return pool


@transaction.atomic
def set_label_aside(*, label: PoolLabel, actor: str, now: datetime) -> PoolLabel:
    """A free label is given to nobody any more. Raises LabelInUse."""
    return _move(label, State.FREE, State.RETIRED, actor=actor, now=now)


@transaction.atomic
def put_label_back(*, label: PoolLabel, actor: str, now: datetime) -> PoolLabel:
    """A label that was set aside may be given out again. Raises LabelInUse."""
    return _move(label, State.RETIRED, State.FREE, actor=actor, now=now)


def _move(
    label: PoolLabel, was: PoolLabel.State, to: PoolLabel.State, *, actor: str, now: datetime
) -> PoolLabel:
    moved = PoolLabel.objects.filter(pk=label.pk, state=was.value).update(state=to.value)
    if not moved:
        raise LabelInUse("This label changed meanwhile. Look at it again.")
    label.refresh_from_db()
    Event.record(
        "pool.changed",
        actor=actor,
        at=now,
        account=label.account_id,
        tracking_number=label.tracking_number,
        status=to.value,
    )
    raise_if_filled(label.account, at=now)
    tell_if_low(label.account, at=now)
    return label
