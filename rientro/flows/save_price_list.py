"""An agency writes what a merchant pays for labels: a new version, from a moment on; the past stays as it was."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.db.models import Max, Q

from rientro.kit.errors import Kind, RientroError
from rientro.kit.text import clean_line
from rientro.models import Event, Merchant, PriceList, PriceStep
from rientro.policy.prices import Step, problems

MOST_STEPS = 500


class BadPrices(RientroError):
    """A list that cannot be; ``facts["field"]`` says where."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_prices"


@transaction.atomic
def save_price_list(
    *,
    merchant: Merchant,
    name: str,
    currency: str,
    steps: Sequence[Step],
    valid_from: datetime,
    valid_to: datetime | None = None,
    actor: str,
    now: datetime,
) -> PriceList:
    """Write a version that holds from ``valid_from`` (now or later); the version before ends there.

    Versions that have not begun yet give way to it. Raises BadPrices; nothing is written then.
    """
    Merchant.objects.select_for_update().get(pk=merchant.pk)  # versions come one by one
    valid_from = max(valid_from, now)
    _check(name, steps, valid_from, valid_to)
    _end_others(valid_from)
    last = PriceList.objects.aggregate(last=Max("version", default=0))["last"]
    made = PriceList.objects.create(
        version=last + 1,
        name=clean_line(name, 80),
        currency=currency,
        valid_from=valid_from,
        valid_to=valid_to,
        actor=actor,
        created_at=now,
    )
    PriceStep.objects.bulk_create([_row(made, step) for step in steps])
    Event.record("prices.saved", actor=actor, at=now, version=made.version)
    return made


@transaction.atomic
def end_price_list(*, merchant: Merchant, actor: str, now: datetime) -> None:
    """From now on the merchant pays its carriers itself; what was charged stays."""
    Merchant.objects.select_for_update().get(pk=merchant.pk)
    _end_others(now)
    Event.record("prices.ended", actor=actor, at=now)


def _check(
    name: str, steps: Sequence[Step], valid_from: datetime, valid_to: datetime | None
) -> None:
    if not name.strip():
        raise BadPrices("The list needs a name.", field="name")
    if not steps:
        raise BadPrices("Write at least one price.", field="steps")
    if len(steps) > MOST_STEPS:
        raise BadPrices("This list is too long.", field="steps")
    if again := problems(steps):
        raise BadPrices("Two prices are for the same lane and weight.", field="steps", rows=again)
    if valid_to is not None and valid_to <= valid_from:
        raise BadPrices("It would end before it begins.", field="valid_to")


def _end_others(moment: datetime) -> None:
    """Whatever holds at ``moment`` ends there; what would begin later never does."""
    open_ones = PriceList.objects.filter(Q(valid_to=None) | Q(valid_to__gt=moment))
    for before in open_ones.order_by("version"):
        before.valid_to = max(before.valid_from, moment)
        before.save(update_fields=["valid_to"])


def _row(made: PriceList, step: Step) -> PriceStep:
    return PriceStep(
        price_list=made,
        origin=step.origin,
        destination=step.destination,
        up_to_g=step.up_to_g,
        fixed_minor=step.fixed_minor,
        percent=step.percent,
    )
