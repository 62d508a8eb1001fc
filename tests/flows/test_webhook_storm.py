"""Many events, receivers that are deaf, slow and rude in turns, and workers that die: none is lost."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction

from rientro.flows.fan_out_event import fan_out_event
from rientro.flows.send_webhooks import send_webhooks
from rientro.flows.switch_webhook import switch_webhook
from rientro.kit import clock, http
from rientro.kit.crypto import seal
from rientro.kit.tenancy import acting_for
from rientro.models import Delivery, DeliveryAttempt, Event, WebhookEndpoint
from rientro.policy.webhook_signatures import secret_of
from tests import makers
from tests.environment import ROOT
from tests.kit.test_http_targets import CLOSED_ADDRESSES
from tests.makers import NOW
from tests.receivers import HUNG_UP, DeadEnd, Receiver, slowly

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = secret_of(b"k" * 32)


@pytest.fixture
def merchant(transactional_db):
    return makers.make_merchant()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


def make_endpoint(url, **fields):
    values = {"url": url, "secret": seal({"secret": SECRET}), "created_at": NOW}
    with transaction.atomic():
        return WebhookEndpoint.objects.create(**values | fields)


def happen(count, *, at=NOW):
    with transaction.atomic():
        events = [
            Event.objects.create(name="return.scanned", actor="clock", happened_at=at)
            for _ in range(count)
        ]
    for event in events:
        fan_out_event(event=event, now=at)
    return [f"evt_{event.pk}" for event in events]


def read(rows):
    with transaction.atomic():
        return list(rows)


def waiting():
    with transaction.atomic():
        return Delivery.objects.filter(state="waiting").count()


# In turns of a few minutes, as a receiver's day goes.
DAY = (
    (200, {}, b"ok"),
    (500, {}, b"no"),
    (429, {"Retry-After": "30"}, b"slower"),
    (200, {}, b"ok"),
    (302, {"Location": "/elsewhere"}, b""),
    (503, {}, b"tired"),
    (204, {}, b""),
)


@pytest.mark.parametrize(
    "events", [300, pytest.param(10_000, marks=pytest.mark.deep)], ids=["300", "10000"]
)
def test_none_is_lost_whatever_the_receiver_does(merchant, receiver, events):
    with acting_for(merchant.pk):
        endpoint = make_endpoint(receiver.url)
        ids = happen(events)
        at, steps = NOW, 0
        while waiting() and at < NOW + timedelta(hours=76):
            # The day begins badly: all wait, and each is asked more than once.
            turn = DAY[(steps // 5 + 1) % len(DAY)]
            receiver.answer = lambda got, turn=turn: turn
            send_webhooks(endpoint=endpoint, now=at)
            at, steps = at + timedelta(seconds=60), steps + 1

        assert sorted(receiver.taken) == sorted(ids)
        assert set(receiver.taken.values()) == {1}
        states = read(Delivery.objects.values_list("state", flat=True))
    assert Counter(states) == {"delivered": events}
    seen = Counter(got.headers["webhook-id"] for got in receiver.got)
    bodies = {(got.headers["webhook-id"], got.body) for got in receiver.got}
    assert max(seen.values()) > 1
    assert len(bodies) == events


@pytest.mark.parametrize(
    "events", [100, pytest.param(10_000, marks=pytest.mark.deep)], ids=["100", "10000"]
)
def test_dead_slow_gone_and_tired_in_turns_lose_nothing(merchant, receiver, monkeypatch, events):
    """Too slow is worst: the receiver has it and we do not know, so it comes twice, under one id."""
    monkeypatch.setattr("rientro.flows.send_webhooks.DEADLINE_S", 0.3)
    turns = (
        HUNG_UP,
        "slow",
        (410, {}, b"gone"),
        (429, {"Retry-After": "30"}, b"slower"),
        (200, {}, b"ok"),
    )
    with acting_for(merchant.pk):
        endpoint = make_endpoint(receiver.url)
        ids = happen(events)
        at, steps = NOW, 0
        while waiting() and at < NOW + timedelta(hours=76):
            turn = turns[(steps // 5) % len(turns)]
            receiver.answer = slowly(0.5) if turn == "slow" else lambda got, turn=turn: turn
            send_webhooks(endpoint=endpoint, now=at)
            with transaction.atomic():
                endpoint.refresh_from_db()
            if not endpoint.active:  # 410 switched it off; a person switches it on again
                assert endpoint.disabled_because == "gone"
                switch_webhook(endpoint=endpoint, active=True, actor="member:1", now=at)
            at, steps = at + timedelta(seconds=60), steps + 1
        states = read(Delivery.objects.values_list("state", flat=True))

    assert Counter(states) == {"delivered": events}
    assert set(receiver.taken) == set(ids)
    assert len({(got.headers["webhook-id"], got.body) for got in receiver.got}) == events
    assert len(receiver.got) > events


def test_three_dead_days_lose_nothing(merchant, receiver):
    receiver.answer = lambda got: (503, {}, b"")
    with acting_for(merchant.pk):
        endpoint = make_endpoint(receiver.url)
        ids = happen(40)
        at = NOW
        while at < NOW + timedelta(hours=72):
            send_webhooks(endpoint=endpoint, now=at)
            at += timedelta(minutes=20)
        receiver.answer = lambda got: (200, {}, b"")
        for _ in range(10):
            send_webhooks(endpoint=endpoint, now=at)
            at += timedelta(hours=3)

    assert sorted(receiver.taken) == sorted(ids)


def test_four_workers_share_one_receiver_and_send_nothing_twice(merchant, receiver):
    with acting_for(merchant.pk):
        endpoint = make_endpoint(receiver.url)
        ids = happen(80)

    def work():
        with acting_for(merchant.pk):
            send_webhooks(endpoint=endpoint, now=NOW + timedelta(seconds=1))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert Counter(got.headers["webhook-id"] for got in receiver.got) == Counter(ids)


def test_the_same_event_told_by_ten_at_once_is_one_delivery(merchant, receiver):
    with acting_for(merchant.pk):
        endpoint = make_endpoint(receiver.url)
        with transaction.atomic():
            event = Event.objects.create(name="return.closed", actor="clock", happened_at=NOW)

    def tell():
        with acting_for(merchant.pk):
            fan_out_event(event=event, now=NOW)
        connection.close()

    threads = [threading.Thread(target=tell) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    with acting_for(merchant.pk):
        assert len(read(Delivery.objects.filter(endpoint=endpoint))) == 1


@pytest.mark.raw_sql
def test_no_transaction_is_open_while_the_receiver_thinks(merchant, receiver):
    open_ones = []

    def answer(got):
        with connection.cursor() as cursor:  # the receiver's own thread has its own connection
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND state LIKE 'idle in transaction%%' AND pid <> pg_backend_pid()"
            )
            open_ones.append(cursor.fetchone()[0])
        connection.close()
        return 200, {}, b""

    receiver.answer = answer
    with acting_for(merchant.pk):
        endpoint = make_endpoint(receiver.url)
        happen(3)
        send_webhooks(endpoint=endpoint, now=NOW)

    assert open_ones == [0, 0, 0]


WORKER = """
import django, sys
django.setup()
from rientro.flows.send_webhooks import send_webhooks
from rientro.kit import clock
from rientro.kit.tenancy import acting_for
from django.db import transaction
from rientro.models import WebhookEndpoint
with acting_for(int(sys.argv[1])):
    with transaction.atomic():
        endpoint = WebhookEndpoint.objects.get(pk=int(sys.argv[2]))
    send_webhooks(endpoint=endpoint, now=clock.now())
"""


@pytest.mark.parametrize(("point", "seen_before"), [("webhook.claimed", 0), ("webhook.sent", 1)])
def test_a_worker_killed_in_mid_send_is_followed_by_another(
    test_database, merchant, receiver, point, seen_before
):
    with acting_for(merchant.pk):
        endpoint = make_endpoint(receiver.url)
        [message] = happen(1, at=clock.now())
    environ = os.environ | {"DATABASE_URL": test_database.url(), "RIENTRO_CRASH_AT": point}
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(merchant.pk), str(endpoint.pk)],
        env=environ,
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=60,
    )

    before = len(receiver.got)
    with acting_for(merchant.pk):
        send_webhooks(endpoint=endpoint, now=clock.now())
        meanwhile = len(receiver.got)
        send_webhooks(endpoint=endpoint, now=clock.now() + timedelta(seconds=65))
        tries = read(DeliveryAttempt.objects.order_by("number").values_list("error", "status"))

    assert done.returncode == -signal.SIGKILL
    assert (before, meanwhile) == (seen_before, seen_before)  # the lease holds
    assert tries == [("interrupted", None), ("", 200)]
    assert {got.headers["webhook-id"] for got in receiver.got} == {message}
    assert receiver.taken[message] == seen_before + 1


def test_no_closed_address_is_ever_sent_to(merchant, settings):
    settings.ALLOW_PRIVATE_TARGETS = False
    hosts = [f"[{ip}]" if ":" in ip else ip for ip in CLOSED_ADDRESSES if ip and " " not in ip]
    with acting_for(merchant.pk):
        endpoints = {host: make_endpoint(f"http://{host}/hook") for host in hosts}
        happen(1)
        for endpoint in endpoints.values():
            send_webhooks(endpoint=endpoint, now=NOW)
        seen = read(
            DeliveryAttempt.objects.values_list("delivery__endpoint__url", "error", "status")
        )

    refused = {"refused_address", "bad_address", "dns_lookup_failed"}
    assert len(seen) == len(hosts)
    assert [row for row in seen if row[1] not in refused or row[2] is not None] == []


def test_a_name_that_points_inside_is_refused_when_it_is_called(merchant, settings, monkeypatch):
    """The address looked well when it was typed; where it leads is asked each time."""
    settings.ALLOW_PRIVATE_TARGETS = False
    monkeypatch.setattr(http, "_resolved", lambda host, port: ["169.254.169.254"])
    with acting_for(merchant.pk):
        endpoint = make_endpoint("https://hooks.example/in")
        happen(1)
        send_webhooks(endpoint=endpoint, now=NOW)

        assert read(DeliveryAttempt.objects.values_list("error", flat=True)) == ["refused_address"]


def test_link_local_stays_closed_even_where_private_addresses_are_open(merchant, settings):
    settings.ALLOW_PRIVATE_TARGETS = True
    with acting_for(merchant.pk):
        endpoint = make_endpoint("http://169.254.169.254/latest/meta-data/")
        happen(1)
        send_webhooks(endpoint=endpoint, now=NOW)

        assert read(DeliveryAttempt.objects.values_list("error", flat=True)) == ["refused_address"]


def test_a_hanging_receiver_costs_one_deadline_and_then_waits(merchant, monkeypatch):
    monkeypatch.setattr("rientro.flows.send_webhooks.DEADLINE_S", 0.5)
    dead = DeadEnd()
    try:
        with acting_for(merchant.pk):
            endpoint = make_endpoint(dead.url)
            happen(20)
            started = time.monotonic()
            send_webhooks(endpoint=endpoint, now=NOW)
            took = time.monotonic() - started
            tries = read(DeliveryAttempt.objects.values_list("error", flat=True))
    finally:
        dead.close()

    assert tries == ["timeout"]
    assert took < 3
