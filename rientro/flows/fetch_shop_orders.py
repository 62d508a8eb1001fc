"""Ask a shop for single orders: those its webhooks spoke of, those that were refused, and old ones in a circle."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from rientro.kit.crash_points import mark
from rientro.kit.crypto import CannotUnseal, unseal
from rientro.kit.locks import alive_lock
from rientro.kit.queue import post
from rientro.models.integrations import Integration
from rientro.models.orders import Order
from rientro.models.shop_health import living, note_answer, note_trouble, rests
from rientro.models.shop_intake import take_gone, take_told
from rientro.models.shop_links import ShopLink, ShopMessage, ShopPull, ShopRefusal
from rientro.shops.base import AuthFailed, Shop, ShopError
from rientro.shops.registry import UnknownShop, open_shop

AT_ONCE = 50  # orders of one question (shops.base.Shop.fetch)
MOST_MESSAGES = 500
SWEPT_DAYS = 120  # orders older than this are hardly returned any more
MANY = 20  # a shop that has none of so many is another one, or hides them from our keys
SWEPT_AT_ONCE = 200  # an hour: a shop of some thousand orders is gone through within a day

Source = ShopPull.Source


def read_shop_news(*, link: ShopLink, now: datetime) -> bool:
    """Read the webhooks that wait, oldest first; True when some are left. A burst about one order asks for it once.

    A webhook is a hint, never the truth: late, doubled or shuffled, it leads to the same orders. Messages about
    persons and the end of a connection are handed to their own task. No transaction may be open.
    """
    with _asking(link, now=now) as asker:
        if asker is None:
            return _is_busy(link, now=now)
        messages = _waiting(link)
        about = _hand_on(messages, now=now)
        ids = list(dict.fromkeys(one for message in about for one in message.order_ids))
        asker.take(ids, Source.WEBHOOK)
        _done(about, now=now)
        return len(messages) == MOST_MESSAGES


def retry_shop_orders(*, link: ShopLink, now: datetime, only: str = "") -> int:
    """Ask once more for refused orders that are due, or for ``only`` this one; says how many were asked for."""
    due = ShopRefusal.objects.filter(link=link)
    due = due.filter(external_order_id=only) if only else due.filter(next_at__lte=now)
    with transaction.atomic(durable=True):
        ids = list(due.order_by("next_at").values_list("external_order_id", flat=True)[:AT_ONCE])
    with _asking(link, now=now) as asker:
        return asker.take(ids, Source.RETRY) if asker and ids else 0


def sweep_shop(*, link: ShopLink, now: datetime) -> int:
    """Ask again for the next few old orders: what was deleted in the shop, or changed there without a stamp.

    Says how many were asked for. After the last one it begins anew. Of many that are all gone none is taken for
    deleted.
    """
    asked = 0
    with _asking(link, now=now) as asker:
        if asker is None:
            return 0
        rows = _old_orders(asker.link, now=now)
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            asked += asker.take([key for _, key in some], Source.SWEEP)
            _swept(link, some[-1][0])
        if len(rows) < SWEPT_AT_ONCE:
            _swept(link, 0)
    return asked


# Asking


@dataclass(frozen=True, slots=True)
class _Asker:
    """The only one that asks this shop at the moment."""

    link: ShopLink
    shop: Shop
    now: datetime

    def take(self, ids: Sequence[str], source: Source) -> int:
        """Ask for these orders and take them in as they stand; says for how many it asked."""
        for start in range(0, len(ids), AT_ONCE):
            wanted = ids[start : start + AT_ONCE]
            found = self.shop.fetch(wanted)
            mark("shop.fetched")
            with transaction.atomic(durable=True):
                if living(self.link.integration_id) is None:
                    return start  # disconnected meanwhile
                told = [each for each in found.values() if each is not None]
                take_told(self.link, told, source=source, at=self.now)
                gone = [key for key in wanted if key in found and found[key] is None]
                if source != Source.SWEEP or not MANY <= len(gone) == len(wanted):
                    take_gone(self.link, gone, at=self.now)
                _put_off(self.link, [key for key in wanted if key not in found], now=self.now)
                note_answer(self.link, at=self.now)
            mark("shop.taken")
        return len(ids)


def _put_off(link: ShopLink, silent: Sequence[str], *, now: datetime) -> None:
    """Refused orders of which the shop says nothing now are asked for again, but not each minute."""
    refused = ShopRefusal.objects.filter(link=link, external_order_id__in=silent)
    refused.filter(next_at__lte=now).update(next_at=now + timedelta(days=1))


@contextmanager
def _asking(link: ShopLink, *, now: datetime) -> Iterator[_Asker | None]:
    """The right to ask; None while the shop rests, is asked by somebody else, or has lost its keys.

    What the shop fails with inside ends the block and is written down at the link.
    """
    with alive_lock(f"shop:{link.pk}") as lock:
        asker = _asker(link, now=now) if lock.mine else None
        try:
            yield asker
        except ShopError as error:
            with transaction.atomic(durable=True):
                note_trouble(link, error, at=now)


@transaction.atomic(durable=True)
def _asker(link: ShopLink, *, now: datetime) -> _Asker | None:
    row = ShopLink.objects.get_or_missing(pk=link.pk)
    integration = Integration.objects.get(pk=row.integration_id)
    if rests(row, at=now) or not row.credentials:
        return None
    try:
        shop = open_shop(integration.system, unseal(row.credentials), row.settings)
    except (CannotUnseal, UnknownShop) as error:
        note_trouble(row, AuthFailed(error.message), at=now)
        return None
    return _Asker(row, shop, now)


@transaction.atomic(durable=True)
def _is_busy(link: ShopLink, *, now: datetime) -> bool:
    """Is somebody else asking this shop just now, so that the news must be read afterwards?"""
    row = ShopLink.objects.get_or_missing(pk=link.pk)
    return not rests(row, at=now) and bool(row.credentials)


# Webhooks


@transaction.atomic(durable=True)
def _waiting(link: ShopLink) -> list[ShopMessage]:
    waiting = ShopMessage.objects.filter(link=link, processed_at=None).order_by("id")
    return list(waiting[:MOST_MESSAGES])


@transaction.atomic(durable=True)
def _hand_on(messages: Sequence[ShopMessage], *, now: datetime) -> list[ShopMessage]:
    """The messages about orders; the others get a task of their own each."""
    others = [message for message in messages if message.kind != "orders"]
    for message in others:
        post("answer_shop_privacy", merchant_id=message.merchant_id, message_id=message.pk)
    ShopMessage.objects.filter(pk__in=[each.pk for each in others]).update(processed_at=now)
    return [message for message in messages if message.kind == "orders"]


@transaction.atomic(durable=True)
def _done(messages: Sequence[ShopMessage], *, now: datetime) -> None:
    ShopMessage.objects.filter(pk__in=[each.pk for each in messages]).update(processed_at=now)


# Old orders


@transaction.atomic(durable=True)
def _old_orders(link: ShopLink, *, now: datetime) -> list[tuple[int, str]]:
    rows = Order.objects.filter(
        integration_id=link.integration_id,
        standalone=False,
        cancelled_at=None,
        redacted_at=None,
        pk__gt=link.swept_pk,
        ordered_at__gt=now - timedelta(days=SWEPT_DAYS),
    )
    return list(rows.order_by("pk").values_list("pk", "external_order_id")[:SWEPT_AT_ONCE])


@transaction.atomic(durable=True)
def _swept(link: ShopLink, pk: int) -> None:
    ShopLink.objects.filter(pk=link.pk).update(swept_pk=pk)
