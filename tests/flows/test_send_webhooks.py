"""One receiver: what it is sent, what its answer means, when it is tried again."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from rientro.flows.fan_out_event import fan_out_event
from rientro.flows.send_webhooks import send_webhooks
from rientro.kit.crypto import seal
from rientro.models import Delivery, DeliveryAttempt, Event, WebhookEndpoint
from rientro.policy.webhook_signatures import secret_of
from tests import makers
from tests.makers import NOW
from tests.receivers import Receiver

SECRET = secret_of(b"k" * 32)


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


def make_endpoint(url, **fields):
    values = {"url": url, "secret": seal({"secret": SECRET}), "created_at": NOW}
    return WebhookEndpoint.objects.create(**values | fields)


def happen(name="return.approved", *, at=NOW, **more):
    event = Event.record(name, actor="clock", at=at, **more)
    fan_out_event(event=event, now=at)
    return event


def test_an_event_reaches_its_receiver_signed(merchant, receiver):
    endpoint = make_endpoint(receiver.url)
    event = happen(ret=makers.make_return())

    made = send_webhooks(endpoint=endpoint, now=NOW)

    [got] = receiver.got
    signed = f"evt_{event.pk}.{got.headers['webhook-timestamp']}.".encode() + got.body
    right = base64.b64encode(hmac.new(b"k" * 32, signed, hashlib.sha256).digest()).decode()
    assert made == 1
    assert got.headers["webhook-id"] == f"evt_{event.pk}"
    assert got.headers["webhook-signature"] == f"v1,{right}"
    assert got.headers["content-type"] == "application/json"
    assert json.loads(got.body)["type"] == "return.approved"
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.answer_status, delivery.delivered_at is not None) == (
        "delivered",
        200,
        True,
    )
    assert delivery.body.encode() == got.body
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.number, attempt.status, attempt.error, attempt.answer) == (1, 200, "", "ok")


def test_telling_twice_makes_one_delivery(merchant, receiver):
    endpoint = make_endpoint(receiver.url)
    event = happen()
    fan_out_event(event=event, now=NOW)

    send_webhooks(endpoint=endpoint, now=NOW)
    send_webhooks(endpoint=endpoint, now=NOW + timedelta(hours=1))

    assert len(receiver.got) == 1


def test_a_receiver_hears_only_what_it_chose(merchant, receiver):
    endpoint = make_endpoint(receiver.url, event_names=["return.refunded"])
    happen("return.approved")
    wanted = happen("return.refunded")

    send_webhooks(endpoint=endpoint, now=NOW)

    assert [got.headers["webhook-id"] for got in receiver.got] == [f"evt_{wanted.pk}"]


@pytest.mark.parametrize("status", [199 + 101, 301, 302, 307, 308, 400, 401, 404, 500])
def test_anything_but_2xx_is_a_failure_and_follows_nobody(merchant, receiver, status):
    receiver.answer = lambda got: (status, {"Location": receiver.url}, b"no")
    endpoint = make_endpoint(receiver.url)
    happen()

    send_webhooks(endpoint=endpoint, now=NOW)

    delivery = Delivery.objects.get()
    assert len(receiver.got) == 1
    assert (delivery.state, delivery.answer_status) == ("waiting", status)
    assert timedelta(seconds=5) <= delivery.next_at - NOW <= timedelta(seconds=8)


def test_the_tries_follow_the_table_and_then_end(merchant, receiver):
    receiver.answer = lambda got: (500, {}, b"")
    endpoint = make_endpoint(receiver.url)
    happen()
    at, waits = NOW, []
    for _ in range(10):
        WebhookEndpoint.objects.update(paused_until=None)
        send_webhooks(endpoint=endpoint, now=at)
        delivery = Delivery.objects.get()
        if delivery.next_at:
            waits.append(delivery.next_at - at)
            at = delivery.next_at

    table = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert all(
        timedelta(seconds=wait) <= seen <= timedelta(seconds=wait * 1.1 + 2)
        for wait, seen in zip(table, waits, strict=True)
    )
    assert (delivery.state, delivery.tries, len(receiver.got)) == ("failed", 10, 10)
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert len({got.body for got in receiver.got}) == 1


def test_410_switches_the_webhook_off_and_the_rest_waits(merchant, receiver):
    receiver.answer = lambda got: (410, {}, b"gone")
    endpoint = make_endpoint(receiver.url)
    happen()
    happen("return.rejected")

    send_webhooks(endpoint=endpoint, now=NOW)

    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.disabled_because) == (False, "gone")
    assert len(receiver.got) == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {"waiting"}
    assert Event.objects.filter(name="webhook.disabled").count() == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_tired_receiver_is_left_alone_as_long_as_it_asks(merchant, receiver, status):
    receiver.answer = lambda got: (status, {"Retry-After": "120"}, b"")
    endpoint = make_endpoint(receiver.url)
    happen()
    happen("return.rejected")

    send_webhooks(endpoint=endpoint, now=NOW)
    send_webhooks(endpoint=endpoint, now=NOW + timedelta(seconds=100))
    receiver.answer = lambda got: (204, {}, b"")
    send_webhooks(endpoint=endpoint, now=NOW + timedelta(seconds=130))

    assert len(receiver.got) == 3
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}


def test_a_silent_receiver_is_asked_by_one_delivery_at_a_time(merchant, receiver):
    url = receiver.url
    receiver.close()
    endpoint = make_endpoint(url)
    for _ in range(5):
        happen()

    send_webhooks(endpoint=endpoint, now=NOW)

    assert DeliveryAttempt.objects.count() == 1
    assert DeliveryAttempt.objects.get().error == "connection_refused"


def test_five_silent_days_switch_it_off(merchant, receiver):
    receiver.answer = lambda got: (500, {}, b"")
    since = NOW - timedelta(days=5, hours=1)
    endpoint = make_endpoint(receiver.url, failing_since=since, failures=50)
    happen()

    send_webhooks(endpoint=endpoint, now=NOW)

    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.disabled_because) == (False, "silent")


def test_during_a_rotation_both_secrets_sign(merchant, receiver):
    old = secret_of(b"o" * 32)
    endpoint = make_endpoint(
        receiver.url,
        old_secret=seal({"secret": old}),
        old_secret_until=NOW + timedelta(hours=24),
    )
    happen()
    send_webhooks(endpoint=endpoint, now=NOW)
    later = NOW + timedelta(hours=25)
    happen("return.rejected", at=later)
    send_webhooks(endpoint=endpoint, now=later)

    assert [len(got.headers["webhook-signature"].split()) for got in receiver.got] == [2, 1]


def test_a_try_whose_worker_died_is_made_again_after_the_lease(merchant, receiver):
    endpoint = make_endpoint(receiver.url)
    happen()
    Delivery.claim_next(endpoint, at=NOW)  # and nothing more is heard of it

    send_webhooks(endpoint=endpoint, now=NOW + timedelta(seconds=30))
    early = len(receiver.got)
    send_webhooks(endpoint=endpoint, now=NOW + timedelta(seconds=61))

    assert (early, len(receiver.got)) == (0, 1)
    assert list(DeliveryAttempt.objects.order_by("number").values_list("error", "status")) == [
        ("interrupted", None),
        ("", 200),
    ]


def test_without_the_merchants_wish_no_shopper_is_named(merchant, receiver):
    lean = make_endpoint(receiver.url)
    full = make_endpoint(receiver.url, detail="full")
    ret = makers.make_return()
    happen("return.rejected", ret=ret, words="Dear Giulia Ferrero, no.", place="Torino")

    send_webhooks(endpoint=lean, now=NOW)
    send_webhooks(endpoint=full, now=NOW)

    bodies = [got.body.decode() for got in receiver.got]
    for person in ("Giulia", "Ferrero", "Moncalieri", "10131", "Torino", "giulia.", "5550101"):
        assert person not in bodies[0]
    assert "Corso Moncalieri" in bodies[1]
    assert max(map(len, bodies)) < 20_000


def test_a_body_of_a_monstrous_return_stays_under_20_kb(merchant, receiver):
    endpoint = make_endpoint(receiver.url, detail="full")
    happen("order.imported", notes=[{"order": "x" * 500, "note": "y" * 500}] * 50)

    send_webhooks(endpoint=endpoint, now=NOW)

    [got] = receiver.got
    assert len(got.body) < 20_000
    assert json.loads(got.body)["data"]["shortened"] is True
