"""Sendcloud's webhooks through our door: a parcel moves, a label that was given back is void, a forger is nobody."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from rientro.carriers.base import BadSignature, InvalidRequest, RawWebhook
from rientro.carriers.sendcloud.adapter import Sendcloud
from rientro.flows.buy_label import buy_label
from rientro.flows.poll_tracking import poll_tracking
from rientro.flows.request_void import request_void
from rientro.flows.store_label import store_label
from rientro.flows.void_label import void_label
from rientro.jobs.tracking import run_process_inbox
from rientro.kit import clock
from rientro.kit.ids import new_token, token_hash
from rientro.models import InboxMessage, Label, Parcel, TrackingEvent
from rientro.models.ledger import owed_to_carrier
from rientro.models.purchasing import intend_label
from tests.carriers.fakes.sendcloud import FakeSendcloud, event, signed, webhook
from tests.carriers.fakes.server import running
from tests.makers import make_carrier_account, make_return
from tests.parcels import sealed

pytestmark = pytest.mark.django_db
IN_TRANSIT, DELIVERED, CANCELLED = (91, "Parcel en route"), (11, "Delivered"), (2000, "Cancelled")


@pytest.fixture
def there():
    with running(FakeSendcloud()) as fake:
        yield fake


@pytest.fixture
def account(merchant, there):
    account = make_carrier_account(
        carrier="sendcloud",
        service="postnl:standard/return",
        credentials=sealed(**there.credentials),
        settings=there.settings,
    )
    account.token = f"{account.merchant_id}-{account.pk}-{new_token()}"
    account.webhook_token_hash = token_hash(account.token)
    account.save()
    return account


@pytest.fixture
def label(account):
    """Bought from the fake by the house's own flow, with its paper."""
    purchase = intend_label(make_return(), at=clock.now())
    buy_label(purchase=purchase, now=clock.now())
    return store_label(label=Label.objects.get(), now=clock.now())


@pytest.fixture
def tell(client, account, jobs):
    def told(body, headers=None):
        answer = client.post(
            f"/hooks/carriers/sendcloud/{account.token}/",
            data=body,
            content_type="application/json",
            headers=signed(body) if headers is None else headers,
        )
        for number, name, args in jobs._waiting():
            jobs._forget(number)
            if name == "process_inbox":
                run_process_inbox(**args)
        return answer.status_code

    return told


def ms(moment):
    return int(moment.timestamp() * 1000)


def status(label):
    return Parcel.objects.get(pk=label.parcel_id).status


def test_the_label_is_sendclouds_own_paper(label, there):
    assert label.pdf_a6 is not None
    assert label.zpl is None
    assert "GET /api/v3/parcels/6001/documents/label" in there.lines()


def test_a_parcel_moves(label, tell):
    assert tell(webhook(IN_TRANSIT, label.tracking_number, ms(clock.now()))) == 200
    assert status(label) == "in_transit"

    later = clock.now() + timedelta(hours=5)
    assert tell(webhook(DELIVERED, label.tracking_number, ms(later))) == 200
    assert status(label) == "delivered"


def test_the_same_bytes_again_do_nothing(label, tell):
    body = webhook(IN_TRANSIT, label.tracking_number, ms(clock.now()))

    assert [tell(body), tell(body)] == [200, 200]
    assert InboxMessage.objects.count() == TrackingEvent.objects.count() == 1


def test_what_was_told_is_not_told_anew_by_polling(label, tell, there, account):
    now = clock.now()
    tell(webhook(IN_TRANSIT, label.tracking_number, ms(now)))
    there.events[label.tracking_number] = [event("shipment-on-route", now.isoformat())]
    Parcel.objects.update(next_poll_at=now)

    poll_tracking(account=account, now=now + timedelta(minutes=1))

    assert there.lines()[-1] == f"GET /api/v2/tracking/{label.tracking_number}"
    assert TrackingEvent.objects.count() == 1


def test_a_label_given_back_is_void_when_sendcloud_says_so(label, tell, account):
    request_void(label=label, actor="member:1", now=clock.now())
    void_label(label=label, now=clock.now())
    label.refresh_from_db()
    assert label.void == "requested"
    assert sum(owed_to_carrier(account).values()) == 490

    tell(webhook(CANCELLED, label.tracking_number, ms(clock.now())))

    label.refresh_from_db()
    assert label.void == "voided"
    assert sum(owed_to_carrier(account).values()) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sendcloud-Signature": ""},
        {"Sendcloud-Signature": "0" * 64},
        {"Sendcloud-Signature": "é"},
        {"X-Sendcloud-Signature": "right name, wrong header"},
    ],
)
def test_a_forger_is_nobody(label, tell, headers):
    assert tell(webhook(DELIVERED, label.tracking_number, ms(clock.now())), headers) == 401
    assert status(label) == "label_ready"
    assert InboxMessage.objects.count() == 0


def test_one_byte_more_breaks_the_signature(label, tell):
    body = webhook(DELIVERED, label.tracking_number, ms(clock.now()))

    assert tell(body + b" ", signed(body)) == 401


def test_other_actions_are_kept_and_change_nothing(label, tell):
    made = json.dumps({"action": "return_created", "timestamp": 1, "data": {"id": 1}}).encode()
    shop = json.dumps({"action": "integration_updated", "integration": {}}).encode()

    assert [tell(made), tell(shop)] == [200, 200]
    assert status(label) == "label_ready"
    assert set(InboxMessage.objects.values_list("error", flat=True)) == {""}


@pytest.mark.parametrize("body", [b"", b"[]", b'{"action": "parcel_status_changed"}', b"\xff\xfe"])
def test_what_cannot_be_read_is_kept_for_a_person(label, tell, body):
    assert tell(body) == 200
    assert InboxMessage.objects.get().error == "This webhook of Sendcloud cannot be read."


@pytest.mark.parametrize(
    ("key", "body", "signature"),
    [
        (
            "secretkey",
            b'{"key": "value"}',
            "1eed4b3d41f4653ac64fd56f1bf1cbfd349e4482cbc11dff7134bd93e5da4b0a",
        ),
        (
            "test",
            json.dumps(
                {
                    "action": "integration_credentials",
                    "timestamp": 1719299439635,
                    "public_key": "test",
                    "secret_key": "test",
                    "integration_id": 241526,
                }
            ).encode(),
            "c841416e8b9aa99706bb08cbca1aec3b7c42edcad0318c7a311ea721054d3709",
        ),
    ],
)
def test_signatures_that_were_seen_elsewhere_fit(key, body, signature):
    """From Sendcloud's manual and from the tests of the Odoo module delivery_sendcloud_oca."""
    carrier = Sendcloud({"public_key": "p", "secret_key": key}, {})
    raw = RawWebhook(headers={"sendcloud-signature": signature}, body=body, received_at=clock.now())

    assert carrier.parse_webhook(raw) == []
    with pytest.raises(BadSignature):
        Sendcloud({"public_key": "p", "secret_key": "other"}, {}).parse_webhook(raw)


def test_a_signature_key_of_its_own_counts_beside_the_secret_key():
    carrier = Sendcloud({"public_key": "p", "secret_key": "s", "webhook_key": "w"}, {})
    body = b'{"action": "return_created"}'

    for key in ("s", "w"):
        sign = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        raw = RawWebhook(headers={"sendcloud-signature": sign}, body=body, received_at=clock.now())
        assert carrier.parse_webhook(raw) == []


def test_a_time_without_the_carriers_is_sendclouds_own():
    carrier = Sendcloud({"public_key": "p", "secret_key": "secret-key"}, {})
    told = json.loads(webhook(IN_TRANSIT, "A", 1_790_000_000_000))
    told["carrier_status_change_timestamp"] = None
    body = json.dumps(told).encode()

    [scan] = carrier.parse_webhook(
        RawWebhook(headers=signed(body), body=body, received_at=clock.now())
    )

    assert int(scan.occurred_at.timestamp()) == 1_790_000_001
    with pytest.raises(InvalidRequest):
        broken = b'{"action": "parcel_status_changed", "parcel": {"status": 1}}'
        carrier.parse_webhook(
            RawWebhook(headers=signed(broken), body=broken, received_at=clock.now())
        )
