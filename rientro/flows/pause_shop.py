"""A merchant lets a connection rest, wakes it, filters it or reads further back."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.queue import post
from rientro.kit.sentences import Sentence
from rientro.models.events import Event
from rientro.models.integrations import Integration
from rientro.models.shop_health import wake
from rientro.models.shop_links import ShopLink, ShopWalk
from rientro.models.shop_walking import begin_walk
from rientro.policy.shop_filters import KINDS, MEANINGS

MOST_DAYS = 730
MOST_WORDS = 50


class BadFilter(RientroError):
    """``facts["field"]`` names it."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_filter"


@transaction.atomic
def pause_shop(*, link: ShopLink, actor: str, now: datetime) -> ShopLink:
    """Ask the shop nothing until it is woken. What its webhooks say meanwhile is kept and read then."""
    row = ShopLink.objects.locked().get_or_missing(pk=link.pk)
    if row.state != ShopLink.State.PAUSED.value:
        row.state, row.paused_at = ShopLink.State.PAUSED.value, now
        row.save(update_fields=["state", "paused_at"])
        Event.record("integration.paused", actor=actor, at=now, integration=row.integration_id)
    return row


@transaction.atomic
def resume_shop(*, link: ShopLink, actor: str, now: datetime) -> ShopLink:
    """Read on from where it stopped: whatever changed during the pause comes in, too."""
    row = ShopLink.objects.locked().get_or_missing(pk=link.pk)
    if row.state == ShopLink.State.PAUSED.value:
        row.state, row.paused_at, row.failures = ShopLink.State.OK.value, None, 0
        row.save(update_fields=["state", "paused_at", "failures"])
        Event.record("integration.resumed", actor=actor, at=now, integration=row.integration_id)
    read_now(link=row, now=now)
    return row


@transaction.atomic
def read_now(*, link: ShopLink, now: datetime) -> None:
    """Ask the shop at once, by the worker, instead of when its turn comes."""
    wake(link, at=now)
    for walk in ShopWalk.objects.filter(link=link, next_at__isnull=False):
        post("walk_shop", merchant_id=link.merchant_id, walk_id=walk.pk)
    post("read_shop_news", merchant_id=link.merchant_id, link_id=link.pk)


@transaction.atomic
def read_back(*, link: ShopLink, days: int, actor: str, now: datetime) -> ShopWalk:
    """Read the orders of the last ``days`` once more, filtered as it is now. Raises BadFilter."""
    if not 1 <= days <= MOST_DAYS:
        raise BadFilter(Sentence("From 1 to %(most)s days.", most=MOST_DAYS), field="days")
    since = now - timedelta(days=days)
    walk = begin_walk(link, ShopWalk.Kind.BACKFILL, since=since, next_at=now)
    post("walk_shop", merchant_id=link.merchant_id, walk_id=walk.pk)
    Event.record(
        "integration.changed",
        actor=actor,
        at=now,
        integration=link.integration_id,
        fields=["backfill"],
    )
    return walk


@transaction.atomic
def save_shop_filters(
    *,
    link: ShopLink,
    filters: Mapping[str, Sequence[str]],
    status_map: Mapping[str, str],
    actor: str,
    now: datetime,
) -> ShopLink:
    """Which orders enter from now on, and what the shop's status words mean. Raises BadFilter.

    Orders that are here stay, whatever the filters say; ``read_back`` brings those that pass only now.
    """
    Integration.objects.filter(pk=link.integration_id).update(updated_at=now)
    row = ShopLink.objects.locked().get_or_missing(pk=link.pk)
    row.filters = {kind: _words(kind, filters.get(kind, ())) for kind in KINDS}
    row.status_map = {
        word.strip()[:120]: meaning
        for word, meaning in list(status_map.items())[:MOST_WORDS]
        if word.strip() and meaning in MEANINGS
    }
    row.save(update_fields=["filters", "status_map"])
    Event.record(
        "integration.changed",
        actor=actor,
        at=now,
        integration=row.integration_id,
        fields=["filters"],
    )
    return row


def _words(kind: str, told: Sequence[str]) -> list[str]:
    words = list(dict.fromkeys(word.strip()[:120] for word in told if word.strip()))
    if len(words) > MOST_WORDS:
        raise BadFilter(Sentence("At most %(most)s words.", most=MOST_WORDS), field=kind)
    return words
