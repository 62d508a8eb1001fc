import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from rientro.flows.refund_return import refund_return
from rientro.host.worker import OURS, SHOPS, STRANGERS
from rientro.jobs import schedule
from rientro.kit import clock
from rientro.kit.queue import post, post_once
from rientro.kit.tenancy import merchant_transaction
from rientro.models import Event, Parcel, ShopErrand, Ticket
from tests.environment import ROOT
from tests.makers import NOW, make_carrier_account, make_merchant, make_order, make_return
from tests.small_shop import connect, returned, small_shop


def waiting(task):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args FROM procrastinate_jobs WHERE status = 'todo' AND task_name = %s "
            "ORDER BY id",
            [task],
        )
        return [json.loads(args) for (args,) in cursor.fetchall()]


def statuses(task):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status::text FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", [task]
        )
        return [status for (status,) in cursor.fetchall()]


def test_every_module_of_tasks_can_be_loaded():
    app.perform_import_paths()

    posted = {"buy_label", "store_label", "void_label", "sweep_purchases", "purge_expired"}
    assert posted <= set(app.tasks)
    assert {"poll_tracking", "flag_silent", "deliver_event", "send_mail"} <= set(app.tasks)


def test_every_task_waits_in_a_queue_that_a_worker_knows():
    app.perform_import_paths()

    queues = {task.queue for name, task in app.tasks.items() if "procrastinate" not in name}
    assert queues <= {*OURS, *STRANGERS, *SHOPS}


def test_each_merchant_is_swept_once(db):
    merchants = [make_merchant() for _ in range(2)]

    for _ in range(2):
        schedule.run_sweep_all(timestamp=0)

    assert [args["merchant_id"] for args in waiting("sweep_purchases")] == [
        merchant.pk for merchant in merchants
    ]


def test_only_merchants_with_unfinished_labels_are_swept_every_ten_seconds(db):
    busy, _ = make_merchant(), make_merchant()
    post("buy_label", merchant_id=busy.pk, purchase_id=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")

    schedule.run_sweep_busy(timestamp=0)

    assert [args["merchant_id"] for args in waiting("sweep_purchases")] == [busy.pk]


def test_only_accounts_with_parcels_due_are_polled(merchant):
    account = make_carrier_account()
    ret = make_return()
    parcel = Parcel.objects.create(
        ret=ret, carrier_code="sandbox", tracking_number="S1", created_at=NOW
    )

    schedule.run_poll_all(timestamp=0)
    assert waiting("poll_tracking") == []

    Parcel.objects.filter(pk=parcel.pk).update(next_poll_at=clock.now() - timedelta(seconds=1))
    schedule.run_poll_all(timestamp=0)
    assert waiting("poll_tracking") == [{"merchant_id": merchant.pk, "account_id": account.pk}]


def test_one_job_of_a_key_waits_and_the_transaction_lives_on(merchant):
    first = post_once("purge_expired", key="k", merchant_id=merchant.pk)

    assert first
    assert post_once("purge_expired", key="k", merchant_id=merchant.pk) is None
    assert len(waiting("purge_expired")) == 1


def test_what_ran_out_is_forgotten(merchant, jobs):
    order = make_order()
    for hours in (-48, 1):
        Ticket.objects.create(
            token_hash=bytes([hours % 256]),
            brand=order.brand,
            order=order,
            created_at=NOW,
            seen_at=NOW,
            expires_at=clock.now() + timedelta(hours=hours),
        )

    schedule.run_purge_all(timestamp=0)
    jobs.run()

    assert Ticket.objects.count() == 1


WORKER = """
import asyncio, django
django.setup()
from procrastinate.contrib.django import app
from rientro.host.worker import worker_connector
from rientro.kit.tenancy import merchant_transaction
from rientro.models import Event
from tests.makers import NOW

@app.task(name="fails_after_posting", queue="default")
def fails_after_posting(*, merchant_id):
    with merchant_transaction(merchant_id):
        Event.record("order.imported", actor="clock", at=NOW)
        raise RuntimeError("rolled back")

async def work():
    worker = app.with_connector(worker_connector())
    async with worker.open_async():
        await worker.run_worker_async(queues=["default"], wait=False, listen_notify=False)

asyncio.run(work())
"""


@pytest.fixture
def work(test_database):
    """A worker in a process of its own, until nothing waits."""

    def run():
        environ = os.environ | {"DATABASE_URL": test_database.url()}
        subprocess.run([sys.executable, "-c", WORKER], env=environ, cwd=ROOT, check=True)

    return run


def test_a_task_posts_the_next_one_inside_its_own_transaction(work):
    """With replace_connector() the worker would post on another connection: jobs of what never happened."""
    merchant = make_merchant()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) "
            "VALUES ('default', 'fails_after_posting', jsonb_build_object('merchant_id', %s::bigint))",
            [merchant.pk],
        )

    work()

    with merchant_transaction(merchant.pk):
        assert Event.objects.count() == 0
    assert statuses("fails_after_posting") == ["failed"]
    assert statuses("deliver_event") == []


def test_jobs_of_a_killed_worker_are_taken_up_again(work):
    merchant = make_merchant()
    post("purge_expired", merchant_id=merchant.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) "
            "VALUES (now() - interval '1 hour') RETURNING id"
        )
        worker_id = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", [worker_id]
        )
    post("retry_stalled_jobs", timestamp=0)

    work()

    assert statuses("purge_expired") == ["succeeded"]


def test_errands_whose_time_has_come_are_taken_up_once(db):
    with small_shop() as shop:
        merchant = make_merchant()
        with merchant_transaction(merchant.pk):
            ret = returned(connect(shop))
            refund_return(ret=ret, amount_minor=100, kind="money", actor="member:1", now=NOW)
            ShopErrand.objects.update(next_at=clock.now() + timedelta(minutes=1))
        first = waiting("run_errand")
        schedule.run_run_errands_all(timestamp=0)
        assert waiting("run_errand") == first

        with merchant_transaction(merchant.pk):
            ShopErrand.objects.update(next_at=clock.now())
        for _ in range(3):
            schedule.run_run_errands_all(timestamp=0)

    assert waiting("run_errand") == first * 2
