"""Step 4, from our side: ask a carrier about the parcels whose turn has come."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from rientro.carriers.base import (
    AuthFailed,
    Can,
    Carrier,
    CarrierError,
    RateLimited,
    Scan,
)
from rientro.carriers.registry import UnknownCarrier, open_carrier
from rientro.kit.crypto import CannotUnseal, unseal
from rientro.models.account_health import break_account
from rientro.models.parcels import CarrierAccount, LabelPurchase, Parcel
from rientro.models.scanning import write_scans
from rientro.policy.lifecycle import PurchaseStatus
from rientro.policy.polling import next_poll

BATCH = 50
BATCHES = 20  # per call; the rest waits for the next minute
CLAIM = timedelta(
    minutes=5
)  # longer than a batch takes: a poller that died leaves its parcels to another
TRY_AGAIN = timedelta(minutes=15)  # after a carrier did not answer
WITHOUT_KEYS = timedelta(
    hours=6
)  # after it refused the keys of tracking, and knew those of the contract


def poll_tracking(*, account: CarrierAccount, now: datetime) -> int:
    """Ask about every parcel of ``account`` that is due, in batches; says how many scans were new.

    No transaction is open while the carrier answers. A carrier that asks us to slow down is left alone
    until then, one that does not answer for a quarter of an hour, one that refuses our credentials until
    they are mended; the parcels stay due. One that refuses those of tracking alone goes on selling labels, and
    is asked for news some hours later. Raises nothing of the carrier's.
    """
    if _resting(account, now=now):
        return 0
    try:
        carrier = open_carrier(account.carrier, unseal(account.credentials), account.settings)
    except (CarrierError, UnknownCarrier, CannotUnseal) as error:
        _rest(account, [], AuthFailed(error.message), now=now)
        return 0
    new = 0
    for _ in range(BATCHES):
        parcels = _claim(account, now=now)
        if not parcels:
            break
        told = _ask(carrier, account, parcels, now=now)
        if told is None:
            break
        new += sum(_write(account, parcel, told, now=now) for parcel in parcels)
    _note(account, now=now)
    return new


def _resting(account: CarrierAccount, *, now: datetime) -> bool:
    broken = account.state == CarrierAccount.State.BROKEN
    return broken or bool(account.paused_until and account.paused_until > now)


@transaction.atomic(durable=True)
def _claim(account: CarrierAccount, *, now: datetime) -> list[Parcel]:
    """Due parcels that no other poller holds; put off, so that none picks them up meanwhile."""
    picked = (
        _due(account, now=now)
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("next_poll_at", "pk")
    )
    parcels = list(picked[:BATCH])
    Parcel.objects.filter(pk__in=[p.pk for p in parcels]).update(next_poll_at=now + CLAIM)
    return parcels


def _due(account: CarrierAccount, *, now: datetime) -> QuerySet[Parcel]:
    bought = LabelPurchase.objects.filter(
        parcel=OuterRef("pk"), account=account, status=PurchaseStatus.BOUGHT.value
    )
    due = Parcel.objects.filter(Exists(bought) | Q(watched_by=account), next_poll_at__lte=now)
    return due.exclude(tracking_number="")


def _ask(
    carrier: Carrier, account: CarrierAccount, parcels: Sequence[Parcel], *, now: datetime
) -> Mapping[str, Sequence[Scan]] | None:
    """What the carrier told; None when this was the last question for now."""
    if Can.TRACK not in carrier.can:
        _put_off(parcels, until=None)  # this carrier tells by webhook, or not at all
        return None
    try:
        return carrier.track([parcel.tracking_number for parcel in parcels])
    except CarrierError as error:
        if isinstance(error, AuthFailed) and _is_known_to(carrier):
            _rest_without_keys(account, parcels, error, now=now)
        else:
            _rest(account, parcels, error, now=now)
        return None


@transaction.atomic(durable=True)
def _write(
    account: CarrierAccount,
    parcel: Parcel,
    told: Mapping[str, Sequence[Scan]],
    *,
    now: datetime,
) -> int:
    scans = told.get(parcel.tracking_number, [])
    new = 0
    if scans:
        new = write_scans(parcel, scans, at=now, actor=f"carrier:{account.carrier}")
    fresh = Parcel.objects.get(pk=parcel.pk)
    _put_off(
        [parcel],
        until=next_poll(
            status=fresh.status,
            last_news_at=fresh.last_scan_at or fresh.created_at,
            now=now,
            parcel=parcel.pk,
            every_s=_every_s(account),
        ),
    )
    return new


@transaction.atomic
def _put_off(parcels: Sequence[Parcel], *, until: datetime | None) -> None:
    Parcel.objects.filter(pk__in=[parcel.pk for parcel in parcels]).update(next_poll_at=until)


def _every_s(account: CarrierAccount) -> int:
    value = str(account.settings.get("poll_every_s", "")).strip()
    return int(value) if value.isascii() and value.isdigit() else 0


# When the carrier does not answer


def _is_known_to(carrier: Carrier) -> bool:
    """Does it know the contract itself? Some have keys of their own for tracking."""
    try:
        carrier.check_credentials()
    except AuthFailed:
        return False
    except CarrierError:
        return True  # it says nothing against the contract
    return True


@transaction.atomic(durable=True)
def _rest_without_keys(
    account: CarrierAccount, parcels: Sequence[Parcel], error: CarrierError, *, now: datetime
) -> None:
    """Nobody is asked about for some hours; labels go on being bought, and the account's page says why."""
    _put_off(parcels, until=now + WITHOUT_KEYS)
    _due(account, now=now).update(next_poll_at=now + WITHOUT_KEYS)
    CarrierAccount.objects.filter(pk=account.pk).update(last_error=error.message[:300])


@transaction.atomic(durable=True)
def _rest(
    account: CarrierAccount, parcels: Sequence[Parcel], error: CarrierError, *, now: datetime
) -> None:
    if isinstance(error, AuthFailed):
        _put_off(parcels, until=now)
        break_account(account, error.message, at=now)
    elif isinstance(error, RateLimited):
        until = now + timedelta(seconds=error.retry_after_s)
        _put_off(parcels, until=until)
        CarrierAccount.objects.filter(pk=account.pk).update(paused_until=until)
    else:
        _put_off(parcels, until=now + TRY_AGAIN)


@transaction.atomic(durable=True)
def _note(account: CarrierAccount, *, now: datetime) -> None:
    CarrierAccount.objects.filter(pk=account.pk).update(polled_at=now)
