"""The clock's times: what is done how often, and for which merchants.

Each of these posts one task per merchant that has something to do, so that no merchant waits for another.
"""

from collections.abc import Iterable

from django.conf import settings
from django.db import connection
from django.db.models import Q
from procrastinate.contrib.django import app

from rientro.kit import clock
from rientro.kit.queue import post_once
from rientro.kit.tenancy import merchant_transaction
from rientro.models import CarrierAccount, Merchant, Parcel
from rientro.models.back_to_shop import due_errands
from rientro.models.customs import waiting_for_customs
from rientro.models.picture_wishes import anything_wanted
from rientro.models.shop_walking import (
    due_in_shops,
    links_left_behind,
    unanswered_persons,
    working_links,
)
from rientro.models.source_books import due_sources

# Where a purchase is stuck, one of its jobs has not ended well: the queue knows the merchants to look at.
BUSY_WITH_LABELS = """
    SELECT DISTINCT (args->>'merchant_id')::bigint FROM procrastinate_jobs
    WHERE task_name IN ('buy_label', 'store_label', 'void_label') AND status IN ('doing', 'failed', 'aborted')
"""


@app.periodic(cron="* * * * * */10")
@app.task(name="sweep_busy", queue="default", queueing_lock="sweep_busy")
def run_sweep_busy(timestamp: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BUSY_WITH_LABELS)
        busy = [merchant for (merchant,) in cursor.fetchall()]
    _post_for(busy, "sweep_purchases")


@app.periodic(cron="*/5 * * * *")
@app.task(name="sweep_all", queue="default", queueing_lock="sweep_all")
def run_sweep_all(timestamp: int) -> None:
    _post_for(_merchants(), "sweep_purchases")


@app.periodic(cron="*/2 * * * *")
@app.task(name="resume_customs_all", queue="default", queueing_lock="resume_customs_all")
def run_resume_customs_all(timestamp: int) -> None:
    """An order that came in again may have brought what was missing."""
    for merchant in _merchants():
        with merchant_transaction(merchant):
            if waiting_for_customs().exists():
                key = f"resume_customs:{merchant}"
                post_once("resume_customs", key=key, merchant_id=merchant)


@app.periodic(cron="* * * * *")
@app.task(name="poll_all", queue="default", queueing_lock="poll_all")
def run_poll_all(timestamp: int) -> None:
    for merchant in _merchants():
        for account in _accounts_to_poll(merchant):
            post_once(
                "poll_tracking", key=f"poll:{account}", merchant_id=merchant, account_id=account
            )


@app.periodic(cron="*/5 * * * *")
@app.task(name="renew_webhooks_all", queue="default", queueing_lock="renew_webhooks_all")
def run_renew_webhooks_all(timestamp: int) -> None:
    for merchant in _merchants():
        with merchant_transaction(merchant):
            here = Q(settings__webhook_base=settings.BASE_URL)
            nowhere = Q(settings__webhook_base__isnull=True)
            moved = CarrierAccount.objects.filter(nowhere | ~here, deleted_at=None)
            if moved.exists():
                post_once("renew_webhooks", key=f"renew_webhooks:{merchant}", merchant_id=merchant)


@app.periodic(cron="* * * * *")
@app.task(name="read_shops_all", queue="default", queueing_lock="read_shops_all")
def run_read_shops_all(timestamp: int) -> None:
    """Readings whose turn has come, webhooks that nobody read, orders to be tried again."""
    for merchant in _merchants():
        with merchant_transaction(merchant):
            due = due_in_shops(now=clock.now())
            for walk in due.walks:
                post_once("walk_shop", key=f"walk:{walk}", merchant_id=merchant, walk_id=walk)
            for task, links in (("read_shop_news", due.news), ("retry_shop_orders", due.retries)):
                for link in links:
                    post_once(task, key=f"{task}:{link}", merchant_id=merchant, link_id=link)


@app.periodic(cron="* * * * *")
@app.task(name="look_at_sources_all", queue="default", queueing_lock="look_at_sources_all")
def run_look_at_sources_all(timestamp: int) -> None:
    """Places that files of orders are fetched from, when their time has come."""
    task = "look_at_source"
    for merchant in _merchants():
        with merchant_transaction(merchant):
            for source in due_sources(now=clock.now()):
                post_once(task, key=f"{task}:{source}", merchant_id=merchant, source_id=source)


@app.periodic(cron="*/10 * * * *")
@app.task(name="fetch_pictures_all", queue="default", queueing_lock="fetch_pictures_all")
def run_fetch_pictures_all(timestamp: int) -> None:
    """Pictures of products that came with orders: no import waits for them."""
    for merchant in _merchants():
        with merchant_transaction(merchant):
            if anything_wanted(now=clock.now()):
                post_once("fetch_pictures", key=f"fetch_pictures:{merchant}", merchant_id=merchant)


@app.periodic(cron="* * * * *")
@app.task(name="run_errands_all", queue="default", queueing_lock="run_errands_all")
def run_run_errands_all(timestamp: int) -> None:
    """Refunds and notes whose shop was to be left alone for a while, and those whose task died."""
    for merchant in _merchants():
        with merchant_transaction(merchant):
            for errand in due_errands(now=clock.now()):
                post_once(
                    "run_errand", key=f"errand:{errand}", merchant_id=merchant, errand_id=errand
                )


@app.periodic(cron="37 * * * *")
@app.task(name="sweep_shops_all", queue="default", queueing_lock="sweep_shops_all")
def run_sweep_shops_all(timestamp: int) -> None:
    for merchant in _merchants():
        with merchant_transaction(merchant):
            for link in working_links():
                post_once("sweep_shop", key=f"sweep:{link}", merchant_id=merchant, link_id=link)
            _tell_address(merchant, links_left_behind(settings.BASE_URL, refused=True))


@app.periodic(cron="29 4 * * *")
@app.task(name="answer_shop_privacy_all", queue="default", queueing_lock="answer_shop_privacy_all")
def run_answer_shop_privacy_all(timestamp: int) -> None:
    for merchant in _merchants():
        with merchant_transaction(merchant):
            for pk in unanswered_persons():
                key = f"privacy:{pk}"
                post_once("answer_shop_privacy", key=key, merchant_id=merchant, message_id=pk)


@app.periodic(cron="*/5 * * * *")
@app.task(name="renew_shop_webhooks_all", queue="default", queueing_lock="renew_shop_webhooks_all")
def run_renew_shop_webhooks_all(timestamp: int) -> None:
    """Shops that know us by another address, or by none; those that refused this one are asked each hour."""
    for merchant in _merchants():
        with merchant_transaction(merchant):
            _tell_address(merchant, links_left_behind(settings.BASE_URL))


def _tell_address(merchant: int, links: Iterable[int]) -> None:
    task = "register_shop_webhooks"
    for link in links:
        post_once(task, key=f"{task}:{link}", merchant_id=merchant, link_id=link)


@app.periodic(cron="*/5 * * * *")
@app.task(name="sweep_webhooks_all", queue="default", queueing_lock="sweep_webhooks_all")
def run_sweep_webhooks_all(timestamp: int) -> None:
    _post_for(_merchants(), "sweep_webhooks")


@app.periodic(cron="7 * * * *")
@app.task(name="flag_silent_all", queue="default", queueing_lock="flag_silent_all")
def run_flag_silent_all(timestamp: int) -> None:
    _post_for(_merchants(), "flag_silent")


@app.periodic(cron="23 * * * *")
@app.task(name="void_unused_all", queue="default", queueing_lock="void_unused_all")
def run_void_unused_all(timestamp: int) -> None:
    _post_for(_merchants(), "void_unused")


@app.periodic(cron="23 5 * * *")
@app.task(name="watch_pools_all", queue="default", queueing_lock="watch_pools_all")
def run_watch_pools_all(timestamp: int) -> None:
    _post_for(_merchants(), "watch_pools")


@app.periodic(cron="41 2 * * *")
@app.task(name="purge_all", queue="default", queueing_lock="purge_all")
def run_purge_all(timestamp: int) -> None:
    _post_for(_merchants(), "purge_expired")


def _merchants() -> Iterable[int]:
    return list(Merchant.objects.order_by("pk").values_list("pk", flat=True))


def _post_for(merchants: Iterable[int], task: str) -> None:
    for merchant in merchants:
        post_once(task, key=f"{task}:{merchant}", merchant_id=merchant)


def _accounts_to_poll(merchant: int) -> list[int]:
    with merchant_transaction(merchant):
        due = Parcel.objects.filter(next_poll_at__lte=clock.now())
        carriers = list(due.values_list("carrier_code", flat=True).distinct())
        if not carriers:
            return []
        working = CarrierAccount.objects.filter(carrier__in=carriers, deleted_at=None).exclude(
            state=CarrierAccount.State.BROKEN.value
        )
        return list(working.values_list("pk", flat=True))
