"""How a carrier account is doing: broken until somebody mends it, paused for a moment, or working."""

from datetime import datetime, timedelta

from django.core.cache import cache

from rientro.models.events import Event
from rientro.models.parcels import CarrierAccount

TROUBLES = 10  # within a minute, until the account rests
REST_S = 60


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


def pause_account(account: CarrierAccount, *, until: datetime) -> None:
    """Ask this account nothing before ``until``; other accounts and merchants go on."""
    CarrierAccount.objects.filter(pk=account.pk).update(paused_until=until)


def note_trouble(account: CarrierAccount, *, at: datetime) -> None:
    """Count a carrier that does not answer. After ten within a minute it is left alone for a minute.

    The count may lose one or two to a race: it is there to spare a carrier in trouble, not to be exact.
    """
    key = f"carrier-trouble:{account.merchant_id}:{account.pk}:{int(at.timestamp()) // 60}"
    cache.add(key, 0, timeout=180)
    try:
        troubles = cache.incr(key)
    except ValueError:  # culled between the two
        return
    if troubles >= TROUBLES:
        pause_account(account, until=at + timedelta(seconds=REST_S))
