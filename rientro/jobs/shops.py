"""The clock's door to shops: load by id, make one call. No logic here."""

from django.db import transaction
from procrastinate.contrib.django import app

from rientro.flows.answer_shop_privacy import answer_shop_privacy
from rientro.flows.fetch_shop_orders import read_shop_news, retry_shop_orders, sweep_shop
from rientro.flows.register_shop_webhooks import register_shop_webhooks
from rientro.flows.walk_shop import walk_shop
from rientro.jobs.patience import Patience
from rientro.kit import clock
from rientro.kit.queue import post_once
from rientro.kit.tenancy import acting_for
from rientro.models import ShopLink, ShopMessage, ShopWalk

BUSY_S = 2  # somebody else asks this shop: come again


@app.task(name="walk_shop", queue="shops")
def run_walk_shop(*, merchant_id: int, walk_id: int) -> None:
    with acting_for(merchant_id):
        for walk in _walk(walk_id):
            if walk_shop(walk=walk, now=clock.now()):
                key = f"walk:{walk_id}"
                with transaction.atomic():
                    # Not at once: somebody else may hold the shop, and two jobs would chase each other.
                    post_once(
                        "walk_shop", key=key, in_s=1, merchant_id=merchant_id, walk_id=walk_id
                    )


@app.task(name="read_shop_news", queue="shops", retry=Patience())
def run_read_shop_news(*, merchant_id: int, link_id: int) -> None:
    with acting_for(merchant_id):
        for link in _link(link_id):
            if read_shop_news(link=link, now=clock.now()):
                key = f"read_shop_news:{link_id}"
                with transaction.atomic():
                    post_once(
                        "read_shop_news",
                        key=key,
                        in_s=BUSY_S,
                        merchant_id=merchant_id,
                        link_id=link_id,
                    )


@app.task(name="retry_shop_orders", queue="shops")
def run_retry_shop_orders(*, merchant_id: int, link_id: int, only: str = "") -> None:
    with acting_for(merchant_id):
        for link in _link(link_id):
            retry_shop_orders(link=link, now=clock.now(), only=only)


@app.task(name="sweep_shop", queue="shops")
def run_sweep_shop(*, merchant_id: int, link_id: int) -> None:
    with acting_for(merchant_id):
        for link in _link(link_id):
            sweep_shop(link=link, now=clock.now())


@app.task(name="register_shop_webhooks", queue="shops")
def run_register_shop_webhooks(*, merchant_id: int, link_id: int) -> None:
    with acting_for(merchant_id):
        for link in _link(link_id):
            register_shop_webhooks(link=link, now=clock.now())


@app.task(name="answer_shop_privacy", queue="shops", retry=Patience())
def run_answer_shop_privacy(*, merchant_id: int, message_id: int) -> None:
    with acting_for(merchant_id):
        for message in _message(message_id):
            if answer_shop_privacy(message=message, now=clock.now()):
                key = f"privacy:{message_id}"
                with transaction.atomic():
                    post_once(
                        "answer_shop_privacy",
                        key=key,
                        merchant_id=merchant_id,
                        message_id=message_id,
                    )


@transaction.atomic
def _message(message_id: int) -> list[ShopMessage]:
    return list(ShopMessage.objects.filter(pk=message_id))


@transaction.atomic
def _link(link_id: int) -> list[ShopLink]:
    """None where the shop was disconnected meanwhile."""
    return list(ShopLink.objects.filter(pk=link_id, integration__deleted_at=None))


@transaction.atomic
def _walk(walk_id: int) -> list[ShopWalk]:
    return list(ShopWalk.objects.filter(pk=walk_id, link__integration__deleted_at=None))
