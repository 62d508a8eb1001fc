"""A shop's webhook came: believe its signature, keep what it speaks of, answer."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from rientro.kit.crypto import unseal
from rientro.kit.queue import post, post_once
from rientro.models.integrations import Integration
from rientro.models.shop_links import ShopLink, ShopMessage
from rientro.shops.base import BadSignature, InvalidRequest, News, RawWebhook
from rientro.shops.registry import open_telling_shop

MOST_IDS = 100  # polls find the others; of a person's orders none may be missed


@transaction.atomic
def receive_shop_webhook(
    *, link: ShopLink, headers: Mapping[str, str], body: bytes, now: datetime
) -> bool:
    """Keep the delivery and post its reading; False when the same delivery came before, or says nothing.

    Nothing is asked here, so the shop has its answer at once; and nothing of the body but ids is kept. Raises
    BadSignature, and keeps nothing then. A paused connection keeps what it hears of orders and reads it later; what
    a person asks for waits for nothing.
    """
    integration = Integration.objects.get(pk=link.integration_id)
    shop = open_telling_shop(integration.system, unseal(link.credentials), link.settings)
    if shop is None:
        raise BadSignature("This kind of shop sends no webhooks.")
    raw = RawWebhook(headers=headers, body=body, received_at=now)
    try:
        news = shop.parse_webhook(raw)
    except InvalidRequest as error:
        news = News(topic="unread", kind="nothing")
        _keep(link, shop.delivery_key(raw), news, error=error.message, now=now)
        return False
    if news.kind == "nothing":
        return False
    message = _keep(link, shop.delivery_key(raw), news, error="", now=now)
    if message is None:
        return False
    ShopLink.objects.filter(pk=link.pk).update(heard_at=now)
    if news.kind == "orders":
        key = f"read_shop_news:{link.pk}"
        post_once("read_shop_news", key=key, merchant_id=link.merchant_id, link_id=link.pk)
    else:
        post("answer_shop_privacy", merchant_id=link.merchant_id, message_id=message.pk)
    return True


def _keep(link: ShopLink, key: str, news: News, *, error: str, now: datetime) -> ShopMessage | None:
    """None where the same delivery came before."""
    ids = news.order_ids[:MOST_IDS] if news.kind == "orders" else news.order_ids
    message, new = ShopMessage.objects.get_or_create(
        link=link,
        delivery_key=key[:120],
        defaults={
            "topic": news.topic[:80],
            "kind": news.kind,
            "order_ids": [str(order_id)[:200] for order_id in ids],
            "email": news.email[:254],
            "received_at": now,
            "processed_at": now if error or news.kind != "orders" else None,
            "error": error[:300],
        },
    )
    return message if new else None
