"""Where the readings of a shop begin, and which of them are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from rientro.models.shop_links import ShopLink, ShopMessage, ShopRefusal, ShopWalk

RECONCILE_EVERY = timedelta(hours=1)
BACK = timedelta(minutes=10)  # a first poll begins a little in the past: clocks differ


def begin_walks(link: ShopLink, *, days: int, at: datetime) -> None:
    """All readings of a shop that was just connected: new orders from now, earlier ones ``days`` back."""
    begin_walk(link, ShopWalk.Kind.POLL, since=at - BACK, next_at=at)
    begin_walk(link, ShopWalk.Kind.RECONCILE, since=at - BACK, next_at=at + RECONCILE_EVERY)
    if days:
        begin_walk(link, ShopWalk.Kind.BACKFILL, since=at - timedelta(days=days), next_at=at)


def begin_walk(
    link: ShopLink, kind: ShopWalk.Kind, *, since: datetime, next_at: datetime
) -> ShopWalk:
    """Let a reading of this kind start anew from ``since``."""
    fresh = {
        "since": since,
        "cursor": "",
        "newest": None,
        "seen": 0,
        "total": None,
        "started_at": None,
        "ended_at": None,
        "next_at": next_at,
    }
    walk, _ = ShopWalk.objects.update_or_create(link=link, kind=kind.value, defaults=fresh)
    return walk


@dataclass(frozen=True, slots=True)
class Due:
    """What waits in the shops of one merchant: ids of walks, and of links with news or refusals to try again."""

    walks: Sequence[int]
    news: Sequence[int]
    retries: Sequence[int]


def due_in_shops(*, now: datetime) -> Due:
    """What the clock should have done now."""
    working = _working(now)
    walks = ShopWalk.objects.filter(link__in=working, next_at__lte=now)
    news = ShopMessage.objects.filter(link__in=working, processed_at=None)
    refused = ShopRefusal.objects.filter(link__in=working, next_at__lte=now)
    return Due(
        walks=list(walks.values_list("pk", flat=True)),
        news=list(news.values_list("link_id", flat=True).distinct()),
        retries=list(refused.values_list("link_id", flat=True).distinct()),
    )


def working_links() -> Sequence[int]:
    """Connections that are neither paused nor ended."""
    living = ShopLink.objects.filter(integration__deleted_at=None).exclude(credentials="")
    living = living.exclude(state=ShopLink.State.PAUSED.value)
    return list(living.values_list("pk", flat=True))


def links_left_behind(base_url: str, *, refused: bool = False) -> Sequence[int]:
    """Working connections whose shop knows us by another address than ``base_url``: those that have not refused this
    one, or those that have."""
    moved = ShopLink.objects.filter(pk__in=working_links()).exclude(webhook_base=base_url)
    moved = moved.exclude(webhook_error="") if refused else moved.filter(webhook_error="")
    return list(moved.values_list("pk", flat=True))


def _working(now: datetime) -> Sequence[int]:
    rested = Q(rest_until=None) | Q(rest_until__lte=now)
    links = ShopLink.objects.filter(rested, pk__in=working_links())
    return list(links.values_list("pk", flat=True))


def unanswered_persons() -> Sequence[int]:
    """Messages about persons that are not wholly answered, such as for a return that was under way."""
    open_ones = ShopMessage.objects.filter(processed_at__isnull=False, answered_at=None)
    return list(open_ones.exclude(kind="orders").values_list("pk", flat=True))
