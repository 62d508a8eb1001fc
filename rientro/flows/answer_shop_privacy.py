"""A shop hands on what a shopper asked for: to see what we hold, or to be forgotten. Or it says that it is over."""

import time
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from rientro.kit.text import normal_email
from rientro.models.events import Event
from rientro.models.integrations import Integration
from rientro.models.orders import Order
from rientro.models.person_file import keep_person_file
from rientro.models.redaction import StillUnderWay, redact
from rientro.models.shop_ending import end_integration
from rientro.models.shop_health import note_trouble
from rientro.models.shop_links import ShopLink, ShopMessage
from rientro.shops.base import AuthFailed

AT_ONCE = 200  # orders of one question
SLICE_S = 60.0  # of one job; a whole shop takes several
MOST_TOLD = 2000  # orders of one file; an address with more of them is a machine's
ACTOR = "shop"


def answer_shop_privacy(*, message: ShopMessage, now: datetime) -> bool:
    """Do what ``message`` asks for; True when some of it is left to do at once.

    Orders whose returns are under way are forgotten when these are settled: the message stays open until then and
    is looked at each day. What a person asked to see is kept as a file for the merchant, who hands it over. Source:
    Shopify, "Privacy law compliance" (customers/data_request, customers/redact, shop/redact). No transaction may
    be open.
    """
    with transaction.atomic(durable=True):
        message = ShopMessage.objects.locked().get_or_missing(pk=message.pk)
        link = ShopLink.objects.get(pk=message.link_id)
        if message.answered_at:
            return False
        if message.kind == "data_request":
            _tell(message, link, now=now)
            return False
        if message.kind == "uninstalled":
            words = "The app was removed in the shop. Connect the shop once more."
            note_trouble(link, AuthFailed(words), at=now)
            return _end(message, now=now)
        if message.kind == "erase_shop":
            _disconnect(link, now=now)
    ends, kept, met, after = time.monotonic() + SLICE_S, 0, 0, 0
    while pks := _some(message, link, after):
        kept, met, after = kept + len(_forget(pks, now=now)), met + len(pks), pks[-1]
        if kept < met and time.monotonic() > ends:
            return True
    with transaction.atomic(durable=True):
        if not kept:
            return _end(message, now=now)
        words = f"{kept} orders have returns under way. They are forgotten once these are settled."
        ShopMessage.objects.filter(pk=message.pk).update(error=words)
    return False


@transaction.atomic(durable=True)
def _some(message: ShopMessage, link: ShopLink, after: int) -> list[int]:
    """The next few orders behind the one with the key ``after``: those that must wait hold up no others."""
    living = _living(message, link).filter(pk__gt=after)
    return list(living.values_list("pk", flat=True)[:AT_ONCE])


def _living(message: ShopMessage, link: ShopLink) -> QuerySet[Order]:
    """The orders that the message is about and that still name a person."""
    orders = Order.objects.filter(integration_id=link.integration_id, redacted_at=None)
    if message.kind != "erase_shop":
        named = Q(external_order_id__in=message.order_ids)
        email = normal_email(message.email)
        if email:
            named |= Q(email_norm=email)
        orders = orders.filter(named)
    return orders.order_by("pk")


def _forget(pks: Iterable[int], *, now: datetime) -> list[int]:
    """Those that could not be forgotten yet."""
    kept: list[int] = []
    for pk in pks:
        try:
            with transaction.atomic(durable=True):
                redact(Order.objects.get(pk=pk), actor=ACTOR, at=now)
        except StillUnderWay:
            kept.append(pk)
    return kept


def _tell(message: ShopMessage, link: ShopLink, *, now: datetime) -> None:
    living = _living(message, link)
    orders = list(living[:MOST_TOLD])
    message.document = keep_person_file(orders, at=now, left_out=living.count() - len(orders))
    message.save(update_fields=["document"])
    Event.record(
        "privacy.data_requested",
        actor=ACTOR,
        at=now,
        integration=link.integration_id,
        units=len(orders),
    )
    _end(message, now=now)


def _disconnect(link: ShopLink, *, now: datetime) -> None:
    integration = Integration.objects.locked().get(pk=link.integration_id)
    if integration.deleted_at is None:
        end_integration(integration, actor=ACTOR, at=now)


def _end(message: ShopMessage, *, now: datetime) -> bool:
    """Answered; whom it was about is not kept either."""
    changes = {"answered_at": now, "email": "", "order_ids": [], "error": ""}
    ShopMessage.objects.filter(pk=message.pk).update(**changes)
    return False
