"""Polling, webhooks and people at the same moment, on real connections."""

import random
import threading

import pytest
from django.db import connection, transaction

from rientro.flows.flag_silent import flag_silent
from rientro.flows.mark_delivered import mark_delivered
from rientro.flows.process_inbox import process_inbox
from rientro.flows.receive_webhook import receive_webhook
from rientro.flows.track_parcel import take_scans
from rientro.host.sandbox_carrier.telling import signed_headers
from rientro.kit.tenancy import acting_for
from rientro.models import Event, InboxMessage, Parcel, Return, TrackingEvent
from tests.makers import NOW, make_carrier_account, make_merchant, make_return
from tests.parcels import make_parcel, scan_of, sealed

pytestmark = pytest.mark.django_db(transaction=True)
STORY = [
    ("handed_in", 1),
    ("in_transit", 5),
    ("delayed", 20),
    ("in_transit", 30),
    ("delivered", 50),
]


def together(*steps):
    """Run every step in a thread of its own, all let go at once; raise what any of them raised."""
    gate, errors = threading.Barrier(len(steps)), []

    def run(step):
        try:
            gate.wait(10)
            step()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []


@pytest.fixture
def merchant(transactional_db):
    return make_merchant()


def test_many_tellers_at_once_end_in_one_state(merchant):
    chance = random.Random(11)
    with acting_for(merchant.pk), transaction.atomic():
        ret = make_return(carrier="label_ready")
        parcels = [make_parcel(ret), make_parcel(ret)]

    def teller(parcel, scans):
        def tell():
            with acting_for(merchant.pk):
                for scan in scans:
                    take_scans(parcel=parcel, scans=[scan], now=NOW)

        return tell

    tellers = []
    for parcel in parcels * 4:
        scans = [scan_of(parcel, *part) for part in STORY]
        tellers.append(teller(parcel, chance.sample(scans, len(scans))))
    together(*tellers)

    with acting_for(merchant.pk), transaction.atomic():
        assert set(Parcel.objects.values_list("status", flat=True)) == {"delivered"}
        assert TrackingEvent.objects.count() == 2 * len(STORY)
        assert Return.objects.get(pk=ret.pk).carrier == "delivered"
        names = list(Event.objects.values_list("name", flat=True))
        assert names.count("return.scanned") == 2 * len(STORY)
        assert names.count("return.delivered") == 1


def test_a_delivery_that_comes_ten_times_at_once_is_kept_once(merchant):
    with acting_for(merchant.pk), transaction.atomic():
        account = make_carrier_account(credentials=sealed(token="sandbox-x", webhook_secret="s"))
    body = b'{"scans": []}'
    headers = {
        name.lower(): value
        for name, value in signed_headers("s", "dlv_1", body, int(NOW.timestamp())).items()
    }
    answers = []

    def receive():
        with acting_for(merchant.pk):
            answers.append(receive_webhook(account=account, headers=headers, body=body, now=NOW))

    together(*[receive] * 10)

    assert sorted(answers) == [False] * 9 + [True]
    with acting_for(merchant.pk), transaction.atomic():
        assert InboxMessage.objects.count() == 1


def test_a_message_is_read_once_by_many_readers(merchant):
    with acting_for(merchant.pk), transaction.atomic():
        account = make_carrier_account(credentials=sealed(token="sandbox-x", webhook_secret="s"))
        parcel = make_parcel(account=account)
        body = (
            '{"scans": [{"id": "scn_1", "code": "HANDED_IN", "at": "2026-11-20T10:00:00Z", '
            f'"tracking_number": "{parcel.tracking_number}"}}]}}'
        ).encode()
        signed = signed_headers("s", "dlv_1", body, int(NOW.timestamp()))
        message = InboxMessage.objects.create(
            account=account,
            delivery_key="dlv_1",
            headers={name.lower(): value for name, value in signed.items()},
            body=body,
            received_at=NOW,
        )
    new = []

    def read():
        with acting_for(merchant.pk):
            new.append(process_inbox(message=message, now=NOW))

    together(*[read] * 8)

    assert sorted(new) == [0] * 7 + [1]


def test_a_person_a_carrier_and_the_clock_do_not_block_each_other(merchant):
    with acting_for(merchant.pk), transaction.atomic():
        parcels = [
            make_parcel(
                make_return(carrier="in_transit"),
                status="in_transit",
                last_scan_at=NOW.replace(day=1),
            )
            for _ in range(4)
        ]

    def act(step):
        def run():
            with acting_for(merchant.pk):
                step()

        return run

    steps = [act(lambda: flag_silent(now=NOW))] * 2
    for parcel in parcels:
        scan = scan_of(parcel, "delivered", 50)
        steps.append(act(lambda p=parcel, s=scan: take_scans(parcel=p, scans=[s], now=NOW)))
        steps.append(act(lambda p=parcel: mark_delivered(ret=p.ret, actor="member:1", now=NOW)))
    together(*steps)

    with acting_for(merchant.pk), transaction.atomic():
        assert {ret.carrier for ret in Return.objects.all()} == {"delivered"}
        assert Event.objects.filter(name="return.delivered").count() == 4
