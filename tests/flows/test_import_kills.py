"""Workers that die or stand still in the middle of a file: nothing is lost, nothing comes twice."""

import os
import random
import signal
import time

import pytest
from django.db import connection

from rientro.flows.queue_import import queue_import
from rientro.flows.read_file import read_file
from rientro.flows.run_import import run_import
from rientro.host.crash.children import Child
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Charge, Event, ImportRefusal, ImportRun, Order, OrderLine
from tests import makers

NOW = makers.NOW
ORDERS = 240
HEADINGS = "Order;Date;Postal code;Country;Item;SKU;Qty;Price"


@pytest.fixture
def run(transactional_db, monkeypatch):
    """A file of ORDERS orders of two rows each, every tenth of them bad; six orders to a batch."""
    monkeypatch.setattr("rientro.flows.run_import.BATCH", 6)
    merchant = makers.make_merchant()
    with merchant_transaction(merchant.pk):
        makers.make_address(makers.make_brand())
        shop = makers.make_integration(system="csv")
    rows = [HEADINGS]
    for number in range(ORDERS):
        day = "soon" if number % 10 == 0 else "10.11.2026"
        rows += [f"K-{number};{day};10131;IT;Scarf;SC-{n};1;46,00" for n in range(2)]
    with acting_for(merchant.pk):
        made = read_file(
            integration=shop,
            content="\n".join(rows).encode(),
            file_name="kills.csv",
            actor="clock",
            now=NOW,
        )
        return queue_import(run=made, now=NOW)


def work(run):
    with acting_for(run.merchant_id):
        run_import(run=run, now=NOW)


def wait_for_quiet_database():
    """Wait, at most 30 s, until PostgreSQL has ended what a stopped client had already sent."""
    busy = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        " AND state = 'active' AND wait_event IS DISTINCT FROM 'ClientRead'"
    )
    deadline = time.monotonic() + 30
    with connection.cursor() as cursor:
        while cursor.execute(busy).fetchone() != (0,):
            assert time.monotonic() < deadline, "a backend stayed busy"
            time.sleep(0.01)


def seen(run):
    with merchant_transaction(run.merchant_id):
        return ImportRun.objects.get(pk=run.pk)


def check(run):
    done = seen(run)
    bad = ORDERS // 10
    assert (done.status, done.rows_done, done.rows_refused) == ("done", 2 * ORDERS, 2 * bad)
    assert (done.orders_created, done.orders_updated, done.orders_unchanged) == (ORDERS - bad, 0, 0)
    with merchant_transaction(run.merchant_id):
        assert Order.objects.count() == ORDERS - bad
        assert OrderLine.objects.count() == 2 * (ORDERS - bad)
        assert ImportRefusal.objects.count() == 2 * bad
        told = [e.facts["created"] for e in Event.objects.filter(name="order.imported")]
        assert sum(told) == ORDERS - bad
        assert Charge.objects.count() == 0


def test_a_worker_that_is_killed_again_and_again_still_ends_with_every_order_once(run):
    kills = 0
    for seed in range(8):
        before = seen(run).rows_done
        child = Child(lambda: work(run))
        # A run that dies five times at one place is given up, so each one gets a little further.
        while child.poll() is None and seen(run).rows_done == before:
            time.sleep(0.005)
        time.sleep(random.Random(seed).uniform(0, 0.03))
        if child.poll() is None:
            os.kill(child.pid, signal.SIGKILL)
            kills += child.wait() == "SIGKILL"
    final = Child(lambda: work(run))

    assert final.wait() == "0"
    assert kills >= 2
    check(run)


def test_a_worker_that_stands_still_keeps_its_run_and_ends_it_later(run):
    child = Child(lambda: work(run))
    while seen(run).rows_done == 0:
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGSTOP)
    assert child.wait() == "stopped"
    wait_for_quiet_database()
    before = seen(run).rows_done

    second = Child(lambda: work(run))

    assert second.wait() == "0"
    assert seen(run).rows_done == before
    child.resume()
    assert child.wait() == "0"
    check(run)
