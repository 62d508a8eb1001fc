"""The pool at work: one label for one purchase, whoever asks at once, and the same again for who asks twice.

Each step is a short transaction of its own, as a carrier's answer would be: what the shelf gave is written here
before the buyer hears of it, and found by the purchase's reference if the buyer died.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q

from rientro.kit.money import Money
from rientro.kit.tenancy import current_merchant
from rientro.models.events import Event
from rientro.models.label_pool import LabelPool, PoolLabel
from rientro.models.merchants import Merchant
from rientro.models.parcels import CarrierAccount, Parcel
from rientro.models.returnable import day_of
from rientro.models.tenants import TenantQuerySet

# A label has to outlive the shopper's way to the counter.
DAYS_LEFT = 3
State = PoolLabel.State


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfLabel:
    """What the shelf hands out; ``carriers.prepaid.OwnLabel`` has this shape."""

    tracking_number: str
    carrier_name: str
    price: Money
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A parcel's way: countries as alpha-2, weight in grams."""

    origin: str
    destination: str
    weight_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """How many labels of each kind an account has. ``expired`` ones are free in name only."""

    free: int
    taken: int
    expired: int
    retired: int
    drafts: int


class Shelf:
    """The pool of one account, at one moment."""

    def __init__(self, account: CarrierAccount, *, now: datetime) -> None:
        self._account = account
        self._now = now

    def take(
        self, *, reference: str, origin: str, destination: str, weight_g: int
    ) -> ShelfLabel | None:
        """One label for ``reference``, the one that expires first; None when none fits."""
        taken = self._take(
            reference, Lane(origin=origin, destination=destination, weight_g=weight_g)
        )
        tell_if_low(self._account, at=self._now)
        return taken

    @transaction.atomic(durable=True)
    def _take(self, reference: str, lane: Lane) -> ShelfLabel | None:
        _wait_for_twin(reference)
        already = _of(reference)
        if already is not None:
            return _handed(already)
        fitting = free_labels(self._account.pk, today=today_at(self._now), lane=lane)
        fitting = fitting.order_by(F("expires_on").asc(nulls_last=True), "pk")
        # Nobody waits for a label that another buyer is about to take; only the last ones are waited for.
        label = (
            fitting.select_for_update(skip_locked=True).first()
            or fitting.select_for_update().first()
        )
        if label is None:
            return None
        label.state, label.reference, label.taken_at = State.TAKEN.value, reference, self._now
        label.save(update_fields=["state", "reference", "taken_at"])
        return _handed(label)

    @transaction.atomic(durable=True)
    def find(self, reference: str) -> ShelfLabel | None:
        label = _of(reference)
        return _handed(label) if label is not None else None

    @transaction.atomic(durable=True)
    def paper(self, reference: str) -> bytes | None:
        """The PDF page that was uploaded for this label."""
        label = PoolLabel.objects.select_related("paper").filter(reference=reference).first()
        return bytes(label.paper.content) if label is not None else None

    def give_back(self, reference: str) -> bool:
        """Take the label back from ``reference``; False when its parcel was scanned, so that it is used.

        It lies free again or is set aside, as the merchant chose. Repeating it changes nothing.
        """
        back = self._give_back(reference)
        if back:
            raise_if_filled(self._account, at=self._now)
        return back

    @transaction.atomic(durable=True)
    def _give_back(self, reference: str) -> bool:
        parcel = Parcel.objects.locked().filter(purchases__reference=reference).first()
        if parcel is not None and parcel.first_scan_at:
            return False
        label = PoolLabel.objects.locked().filter(reference=reference).first()
        if label is None:
            return True
        reuse = pool_of(self._account).given_back == LabelPool.GivenBack.REUSE
        label.state = (State.FREE if reuse else State.RETIRED).value
        label.reference, label.taken_at = "", None
        label.save(update_fields=["state", "reference", "taken_at"])
        if parcel is not None:
            # Another box may get this number now: the old one has to let go of it.
            Parcel.objects.filter(pk=parcel.pk).update(tracking_number="", next_poll_at=None)
        return True


def _wait_for_twin(reference: str) -> None:
    """Two buyers for one purchase go one after the other until the transaction ends; others are not held up."""
    name = f"pool-label:{current_merchant()}:{reference}"
    key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def pool_of(account: CarrierAccount) -> LabelPool:
    """How this account's stock is kept; made when it is first asked for."""
    return LabelPool.objects.get_or_create(account=account)[0]


def free_labels(
    account_id: int, *, today: date, lane: Lane | None = None
) -> TenantQuerySet[PoolLabel]:
    """Labels that may be given out; with ``lane`` those that fit this parcel."""
    alive = Q(expires_on=None) | Q(expires_on__gte=today + timedelta(days=DAYS_LEFT))
    rows = PoolLabel.objects.filter(alive, account_id=account_id, state=State.FREE.value)
    if lane is None:
        return rows
    return rows.filter(
        Q(max_weight_g=0) | Q(max_weight_g__gte=lane.weight_g),
        origin_country__in=["", lane.origin],
        destination_country__in=["", lane.destination],
    )


def has_one(account: CarrierAccount, lane: Lane, *, at: datetime | None) -> bool:
    """Is there a label for this parcel? Without ``at`` nobody asks whether it has expired."""
    if at is not None:
        return free_labels(account.pk, today=today_at(at), lane=lane).exists()
    return free_labels(account.pk, today=date.min, lane=lane).exists()


def stock_of(account: CarrierAccount, *, now: datetime) -> Stock:
    """The counts of the pool's page."""
    rows = PoolLabel.objects.filter(account=account)
    named = rows.filter(state=State.FREE.value).count()
    free = free_labels(account.pk, today=today_at(now)).count()
    counts = {
        state: rows.filter(state=state.value).count()
        for state in (State.TAKEN, State.RETIRED, State.DRAFT)
    }
    return Stock(
        free=free,
        taken=counts[State.TAKEN],
        expired=named - free,
        retired=counts[State.RETIRED],
        drafts=counts[State.DRAFT],
    )


def _of(reference: str) -> PoolLabel | None:
    return PoolLabel.objects.filter(reference=reference).first()


def _handed(label: PoolLabel) -> ShelfLabel:
    return ShelfLabel(
        tracking_number=label.tracking_number,
        carrier_name=label.carrier_name,
        price=Money(label.price_minor, label.currency),
        expires_on=label.expires_on,
    )


def today_at(now: datetime) -> date:
    """The day at the merchant's."""
    zone = Merchant.objects.values_list("time_zone", flat=True).get(pk=current_merchant())
    return day_of(now, zone)


# When few are left


@transaction.atomic
def tell_if_low(account: CarrierAccount, *, at: datetime) -> bool:
    """Say once that the pool runs low. Counted after the taking is committed: the last of many sees them all."""
    pool = pool_of(account)
    if pool.low_since or not pool.warn_below:
        return False
    free = free_labels(account.pk, today=today_at(at)).count()
    if free >= pool.warn_below:
        return False
    told = LabelPool.objects.filter(pk=pool.pk, low_since=None).update(low_since=at)
    if told:
        Event.record(
            "pool.running_low",
            actor="clock",
            at=at,
            account=account.pk,
            called=account.name,
            units=free,
        )
    return bool(told)


@transaction.atomic
def raise_if_filled(account: CarrierAccount, *, at: datetime) -> None:
    """Forget the warning when there is enough again, so that the next one is told."""
    pool = pool_of(account)
    if pool.low_since is None:
        return
    if free_labels(account.pk, today=today_at(at)).count() >= pool.warn_below:
        LabelPool.objects.filter(pk=pool.pk).update(low_since=None)
