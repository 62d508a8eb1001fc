"""Who acts: a shopper whose browser retries, a worker, and the sweeper with its worker."""

import asyncio
import os

from django.db import connection, transaction
from procrastinate.contrib.django import app

from rientro.flows.cancel_return import cancel_return
from rientro.flows.open_return import FromAddress, Pick, open_return
from rientro.flows.sweep_purchases import sweep_purchases
from rientro.host.crash.stage import Stage
from rientro.host.worker import worker_connector
from rientro.kit import clock
from rientro.kit.crash_points import mark
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Brand, Order, Return, Ticket
from rientro.policy.lifecycle import Approval

MONEY = ["carriers"]
SENDER = FromAddress(
    name="Giulia Ferrero",
    street="Corso Moncalieri",
    house_number="14",
    postal_code="10131",
    city="Torino",
    country="IT",
)


def send_form(stage: Stage, keys: tuple[int, int, int], answer_to: int) -> None:
    """One request of the portal: open the return, commit, answer with its number."""
    ticket_id, order_id, line_id = keys
    mark("web.start")
    with merchant_transaction(stage.merchant_id):
        ret = open_return(
            order=Order.objects.get(pk=order_id),
            brand=Brand.objects.get(pk=stage.brand_id),
            picks=[Pick(line_id, 1)],
            method="print_at_home",
            refund_type="money",
            sender=SENDER,
            language="en",
            note="",
            actor="shopper",
            now=clock.now(),
            ticket=Ticket.objects.get(pk=ticket_id),
            nonce="the-one-form",
        )
    mark("web.committed")
    os.write(answer_to, f"{ret.number}\n".encode())
    mark("web.answered")


def take_back(stage: Stage, keys: tuple[int, int, int]) -> None:
    """The shopper cancels; a browser that asks again is told that it is done."""
    mark("cancel.start")
    with merchant_transaction(stage.merchant_id):
        ret = Return.objects.get(order_id=keys[1])
        if ret.approval != Approval.CANCELLED:
            cancel_return(ret=ret, actor="shopper", now=clock.now())
    mark("cancel.committed")


def work() -> None:
    """A worker of procrastinate on the queue of the carriers, until nothing waits."""
    asyncio.run(_work())


async def _work() -> None:
    worker = app.with_connector(worker_connector())
    async with worker.open_async():
        await worker.run_worker_async(
            queues=MONEY, wait=False, listen_notify=False, install_signal_handlers=False
        )


def recover(stage: Stage) -> None:
    """The sweeper, then a worker. What was put off to later is due: the house's clock has moved on."""
    with acting_for(stage.merchant_id):
        sweep_purchases(now=clock.now())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = NULL "
            "WHERE status = 'todo' AND scheduled_at IS NOT NULL AND queue_name = ANY(%s)",
            [MONEY],
        )
    work()
