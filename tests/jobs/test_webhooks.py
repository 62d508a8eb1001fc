"""The real worker process, real receivers: news arrives, and a merchant's deaf receivers cost others nothing."""

import os
import signal
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from django.db import transaction

from rientro.kit import clock
from rientro.kit.crypto import seal
from rientro.kit.tenancy import acting_for
from rientro.models import Delivery, Event, WebhookEndpoint
from rientro.policy.webhook_signatures import secret_of
from tests import makers
from tests.environment import ROOT
from tests.receivers import DeadEnd, Receiver

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = secret_of(b"k" * 32)


@contextmanager
def worker(database):
    environ = os.environ | {"DATABASE_URL": database.url()}
    process = subprocess.Popen(
        [sys.executable, "-c", "from rientro.host.worker import main; main([])"],
        env=environ,
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(20)


def make_endpoint(merchant, url):
    with acting_for(merchant.pk), transaction.atomic():
        WebhookEndpoint.objects.create(
            url=url, secret=seal({"secret": SECRET}), created_at=clock.now()
        )


def happen(merchant, count):
    with acting_for(merchant.pk):
        for _ in range(count):
            with transaction.atomic():
                Event.record("return.closed", actor="clock", at=clock.now())


def until(condition, seconds=180):
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not come"
        time.sleep(0.02)


def test_a_worker_delivers_and_stops_when_asked(test_database):
    merchant, receiver = makers.make_merchant(), Receiver()
    try:
        make_endpoint(merchant, receiver.url)
        with worker(test_database) as process:
            happen(merchant, 5)
            until(lambda: len(receiver.taken) == 5)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        with acting_for(merchant.pk), transaction.atomic():
            states = list(Delivery.objects.values_list("state", flat=True))
    finally:
        receiver.close()

    assert states == ["delivered"] * 5


@pytest.mark.deep
def test_the_deaf_receivers_of_one_merchant_slow_no_other(test_database):
    """Rounds alternate, so that the machine's mood weighs on both alike."""
    quiet, loud = makers.make_merchant(), makers.make_merchant()
    receiver, deaf = Receiver(), [DeadEnd() for _ in range(6)]
    alone, beside = [], []
    try:
        make_endpoint(quiet, receiver.url)
        with worker(test_database):
            happen(quiet, 20)
            until(lambda: len(receiver.taken) == 20)
            for number in range(5):
                alone.append(round_of(quiet, receiver, 200))
                if number == 0:
                    for each in deaf:
                        make_endpoint(loud, each.url)
                happen(loud, 20)
                wake(loud)
                time.sleep(1.0)  # now the deaf ones hold their lanes
                beside.append(round_of(quiet, receiver, 200))
                rest(loud)
                time.sleep(16)
    finally:
        receiver.close()
        for each in deaf:
            each.close()

    slower = statistics.median(beside) / statistics.median(alone) - 1
    assert slower < 0.05, f"alone {alone}, beside {beside}"


def round_of(merchant, receiver, count):
    before = len(receiver.taken)
    started = time.monotonic()
    happen(merchant, count)
    until(lambda: len(receiver.taken) == before + count)
    return round(time.monotonic() - started, 2)


def wake(merchant):
    with acting_for(merchant.pk), transaction.atomic():
        WebhookEndpoint.objects.update(active=True, paused_until=None)
        for endpoint in WebhookEndpoint.objects.all():
            endpoint.kick()


def rest(merchant):
    with acting_for(merchant.pk), transaction.atomic():
        WebhookEndpoint.objects.update(active=False)
