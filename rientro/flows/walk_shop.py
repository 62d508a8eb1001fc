"""Read a shop's changed orders, page by page, from where the last reading stopped."""

import time
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction

from rientro.kit.crash_points import mark
from rientro.kit.crypto import CannotUnseal, unseal
from rientro.kit.errors import Kind as ErrorKind
from rientro.kit.errors import RientroError
from rientro.kit.locks import alive_lock
from rientro.models.integrations import Integration
from rientro.models.shop_health import note_answer, note_trouble, rests
from rientro.models.shop_intake import take_told
from rientro.models.shop_links import ShopLink, ShopPull, ShopWalk
from rientro.models.shop_walking import RECONCILE_EVERY
from rientro.shops.base import AuthFailed, InvalidRequest, Page, Shop, ShopError
from rientro.shops.registry import UnknownShop, known, open_shop

SLICE_S = 20.0  # one job reads so long, then lets others have the worker
LONGEST_REST_S = 20.0  # a shop that wants more peace than this is left alone by everybody
LOST_AFTER = 10  # refusals in a row, some hours, until a place in the shop's list counts as lost
# Shops stamp a change when its transaction begins and show it when it ends: what is stamped a little before the
# newest stamp we met may appear after it.
OVERLAP = timedelta(minutes=5)
RECONCILE_MARGIN = timedelta(hours=1)

Kind = ShopWalk.Kind


class _Overtaken(RientroError):
    """Somebody began this walk anew, or ended it, while the shop answered: what it answered is not kept."""

    kind: ClassVar[ErrorKind] = "conflict"
    code: ClassVar[str] = "walk_overtaken"


def walk_shop(*, walk: ShopWalk, now: datetime) -> bool:
    """Read on for SLICE_S seconds at most; True when there is more to read at once.

    Each page and the place where to go on are one transaction, so that a crash repeats a page at most, and
    repeating changes nothing. A walk that a merchant begins anew meanwhile begins anew. A shop that fails is left
    alone for a while and marked. No transaction may be open.
    """
    with alive_lock(f"shop:{walk.link_id}") as lock:
        if not lock.mine:
            return True
        link, walk, integration = _read(walk)
        if rests(link, at=now) or walk.next_at is None or walk.next_at > now:
            return False
        try:
            shop = open_shop(integration.system, unseal(link.credentials), link.settings)
            return _pages(shop, link, walk, integration, now=now)
        except _Overtaken:
            return True
        except ShopError as error:
            with transaction.atomic(durable=True):
                note_trouble(link, error, at=now)
                if isinstance(error, InvalidRequest) and link.failures >= LOST_AFTER:
                    ShopWalk.objects.filter(pk=walk.pk).update(cursor="")
            return False
        except (CannotUnseal, UnknownShop) as error:
            with transaction.atomic(durable=True):
                note_trouble(link, AuthFailed(error.message), at=now)
            return False


@transaction.atomic(durable=True)
def _read(walk: ShopWalk) -> tuple[ShopLink, ShopWalk, Integration]:
    row = ShopWalk.objects.get_or_missing(pk=walk.pk)
    link = ShopLink.objects.get(pk=row.link_id)
    return link, row, Integration.objects.get(pk=link.integration_id)


def _pages(
    shop: Shop, link: ShopLink, walk: ShopWalk, integration: Integration, *, now: datetime
) -> bool:
    began = time.monotonic()
    ends = began + SLICE_S
    if walk.started_at is None or not walk.cursor:
        _begin(shop, walk, now=now)
    every = timedelta(seconds=known(integration.system).poll_every_s)
    while True:
        page = shop.changed(walk.since, walk.cursor)
        mark("shop.page")
        _write(link, walk, page, every=every, now=now)
        mark("shop.written")
        if not page.cursor:
            return False
        if page.rest_s > LONGEST_REST_S:
            _leave_alone(link, now + timedelta(seconds=page.rest_s + time.monotonic() - began))
            return False
        time.sleep(page.rest_s)
        if time.monotonic() > ends:
            return True


@transaction.atomic(durable=True)
def _leave_alone(link: ShopLink, until: datetime) -> None:
    ShopLink.objects.filter(pk=link.pk).update(rest_until=until)


def _begin(shop: Shop, walk: ShopWalk, *, now: datetime) -> None:
    total = shop.count(walk.since) if walk.kind == Kind.BACKFILL.value else None
    with transaction.atomic(durable=True):
        _change(walk, started_at=now, seen=0, newest=None, total=total)


@transaction.atomic(durable=True)
def _write(link: ShopLink, walk: ShopWalk, page: Page, *, every: timedelta, now: datetime) -> None:
    take_told(link, page.orders, source=ShopPull.Source(walk.kind), at=now)
    newest = max(filter(None, (walk.newest, page.newest)), default=None)
    seen = walk.seen + len(page.orders)
    note_answer(link, at=now)
    if page.cursor:
        _change(walk, cursor=page.cursor, newest=newest, seen=seen)
    else:
        _change(walk, cursor="", newest=newest, seen=seen, **_next(walk, newest, every, now=now))


def _next(
    walk: ShopWalk, newest: datetime | None, every: timedelta, *, now: datetime
) -> dict[str, Any]:
    """Where and when the next walk of this kind begins, now that this one is over."""
    if walk.kind == Kind.BACKFILL.value:
        return {"ended_at": now, "next_at": None}
    if walk.kind == Kind.POLL.value:
        # By the shop's own stamps: its clock may be wrong, and it is the one that counts. A stamp that lies ahead
        # of ours may be one order's alone: what comes after it would be passed over.
        since = max(walk.since, min(newest, now) - OVERLAP) if newest else walk.since
        return {"ended_at": now, "since": since, "next_at": now + every}
    began = walk.started_at or now
    since = max(walk.since, began - RECONCILE_MARGIN)
    return {"ended_at": now, "since": since, "next_at": now + RECONCILE_EVERY}


def _change(walk: ShopWalk, **changes: Any) -> None:
    mine = ShopWalk.objects.filter(pk=walk.pk, since=walk.since, cursor=walk.cursor)
    if not mine.update(**changes):
        raise _Overtaken("Begun anew meanwhile.")
    for name, value in changes.items():
        setattr(walk, name, value)
