"""How a carrier account is doing: broken until somebody mends it, resting, tried again, or working."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.core.cache import cache

from rientro.models.events import Event
from rientro.models.parcels import CarrierAccount

TROUBLES = 10  # within a minute, until the account rests
REST_S = 60
TRIAL_S = 10  # how long the first one after a rest is waited for


def break_account(account: CarrierAccount, words: str, *, at: datetime) -> bool:
    """Mark the account broken and say so once, however many purchases find out."""
    working = CarrierAccount.objects.filter(pk=account.pk).exclude(
        state=CarrierAccount.State.BROKEN.value
    )
    changed = working.update(
        state=CarrierAccount.State.BROKEN.value, last_error=words[:300], checked_at=at
    )
    if changed:
        Event.record(
            "carrier.account_broken", actor="clock", at=at, account=account.pk, words=words
        )
    return bool(changed)


def pause_account(
    account: CarrierAccount,
    *,
    until: datetime,
    because: CarrierAccount.Resting = CarrierAccount.Resting.BUSY,
    words: str = "",
) -> None:
    """Ask this account nothing before ``until``; other accounts and merchants go on.

    After that it is tried with one request at a time, until a clear answer comes (``wait_s``, ``note_success``).
    """
    CarrierAccount.objects.filter(pk=account.pk).update(
        paused_until=until, resting=because.value, last_error=words[:300]
    )


def wait_s(account: CarrierAccount, *, at: datetime) -> int:
    """Seconds until this account, as it was read, may be asked; 0: now.

    Of those who find it rested, one goes ahead alone; the others wait for what becomes of it.
    """
    if account.paused_until and account.paused_until > at:
        return int((account.paused_until - at).total_seconds()) + 1
    if not account.resting:
        return 0
    mine = CarrierAccount.objects.filter(pk=account.pk, paused_until=account.paused_until).update(
        paused_until=at + timedelta(seconds=TRIAL_S)
    )
    return 0 if mine else TRIAL_S


def note_success(account: CarrierAccount) -> None:
    """It answered clearly, be it yes or no: whatever was wrong is over. ``account`` as it was read before."""
    if account.resting:
        CarrierAccount.objects.filter(pk=account.pk).update(
            paused_until=None, resting="", last_error=""
        )


def note_trouble(account: CarrierAccount, words: str = "", *, at: datetime) -> None:
    """Count a carrier that does not answer. After ten within a minute it is left alone for a minute.

    One that has just rested is left alone again at once. The count may lose one or two to a race: it is there to
    spare a carrier in trouble, not to be exact.
    """
    key = f"carrier-trouble:{account.merchant_id}:{account.pk}:{int(at.timestamp()) // 60}"
    cache.add(key, 0, timeout=180)
    try:
        troubles = cache.incr(key)
    except ValueError:  # culled between the two
        return
    trouble = CarrierAccount.Resting.TROUBLE
    if troubles >= TROUBLES or account.resting == trouble.value:
        until = at + timedelta(seconds=REST_S)
        pause_account(account, until=until, because=trouble, words=words)


class Health(StrEnum):
    """How an account is doing, for people. HALF_OPEN: it has rested, and the next request shows."""

    WORKING = "working"
    PAUSED = "paused"
    HALF_OPEN = "half_open"
    BROKEN = "broken"
    UNCHECKED = "unchecked"


def health_of(account: CarrierAccount, *, at: datetime) -> Health:
    """The state of ``account`` in one word. Broken credentials outweigh a rest."""
    if account.state == CarrierAccount.State.BROKEN.value:
        return Health.BROKEN
    if account.state == CarrierAccount.State.UNCHECKED.value:
        return Health.UNCHECKED
    if account.paused_until and account.paused_until > at:
        return Health.PAUSED
    return Health.HALF_OPEN if account.resting else Health.WORKING
