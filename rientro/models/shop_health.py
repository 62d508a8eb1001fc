"""How a shop's connection is doing: a shop that is down marks it, with words, and the first clear answer mends it."""

from datetime import datetime, timedelta

from rientro.models.events import Event
from rientro.models.integrations import Integration
from rientro.models.shop_links import ShopLink, ShopWalk
from rientro.shops.base import AuthFailed, RateLimited, ShopError

FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=15)
KEYS_REST = timedelta(
    hours=1
)  # refused keys are tried again now and then: permissions get mended in the shop
PATIENT = 3  # failures in a row until it is said


def rests(link: ShopLink, *, at: datetime) -> bool:
    """Must this shop be left alone now?"""
    return link.state == ShopLink.State.PAUSED.value or bool(
        link.rest_until and link.rest_until > at
    )


def living(integration_id: int) -> Integration | None:
    """The integration, kept from ending until the caller's transaction is over; None where it has ended.

    Whoever writes for a connection takes this row first and that of the link after it. Keys of other tables that
    point here do not wait for it.
    """
    rows = Integration.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(pk=integration_id, deleted_at=None).first()


def note_answer(link: ShopLink, *, at: datetime) -> None:
    """The shop answered clearly. ``link`` as it was read before; says so once where it was marked."""
    Integration.objects.filter(pk=link.integration_id).update(last_fetch_at=at)
    if not (link.failures or link.rest_until or link.last_error):
        return
    rows = ShopLink.objects.filter(pk=link.pk).exclude(state=ShopLink.State.PAUSED.value)
    rows.update(state=ShopLink.State.OK.value, failures=0, rest_until=None, last_error="")
    mended = Integration.objects.filter(pk=link.integration_id, failing_since__isnull=False)
    if mended.update(failing_since=None):
        Event.record("integration.recovered", actor="clock", at=at, integration=link.integration_id)


def note_trouble(link: ShopLink, error: ShopError, *, at: datetime) -> None:
    """Leave the shop alone for a while. After a few failures in a row, or refused keys, its integration is marked."""
    if living(link.integration_id) is None:
        return
    row = ShopLink.objects.locked().filter(pk=link.pk).first()
    if row is None or row.state == ShopLink.State.PAUSED.value:
        return
    if isinstance(error, RateLimited):
        row.rest_until = at + timedelta(seconds=error.retry_after_s)
        row.save(update_fields=["rest_until"])
        return
    row.failures += 1
    row.last_error = error.message[:300]
    broken = isinstance(error, AuthFailed)
    wait = min(FIRST_REST * 2 ** min(row.failures - 1, 10), LONGEST_REST)
    row.rest_until = at + (KEYS_REST if broken else wait)
    marked = broken or row.failures >= PATIENT
    if marked:
        row.state = (ShopLink.State.BROKEN if broken else ShopLink.State.FAILING).value
    row.save(update_fields=["failures", "last_error", "rest_until", "state"])
    if marked:
        _say(row, at=at)


def _say(link: ShopLink, *, at: datetime) -> None:
    first = Integration.objects.filter(pk=link.integration_id, failing_since=None)
    if first.update(failing_since=at):
        Event.record(
            "integration.failing",
            actor="clock",
            at=at,
            integration=link.integration_id,
            words=link.last_error,
        )


def wake(link: ShopLink, *, at: datetime) -> None:
    """Ask this shop again now, whatever it rested for."""
    ShopLink.objects.filter(pk=link.pk).update(rest_until=None)
    going_on = ShopWalk.objects.filter(link=link, next_at__isnull=False)
    going_on.update(next_at=at)
