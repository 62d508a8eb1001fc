"""EasyPost's webhooks through our door: a parcel moves, a refund is decided, a forger is nobody."""

import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from rientro.carriers.easypost.hook import signature
from rientro.flows.buy_label import buy_label
from rientro.flows.connect_carrier import Contract, connect_carrier
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
from tests.carriers.fakes.easypost import FakeEasyPost, detail
from tests.carriers.fakes.server import running
from tests.makers import make_carrier_account, make_return
from tests.parcels import sealed

pytestmark = pytest.mark.django_db
SECRET = "sécret"


@pytest.fixture
def there():
    with running(FakeEasyPost()) as fake:
        yield fake


@pytest.fixture
def account(merchant, there):
    account = make_carrier_account(
        carrier="easypost",
        service="USPS:GroundAdvantage",
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
    def told(words, *, secret=SECRET, headers=None):
        body = words if isinstance(words, bytes) else json.dumps(words).encode()
        sign = {"X-Hmac-Signature": signature(secret, body)}
        answer = client.post(
            f"/hooks/carriers/easypost/{account.token}/",
            data=body,
            content_type="application/json",
            headers=sign if headers is None else headers,
        )
        for number, name, args in jobs._waiting():
            jobs._forget(number)
            if name == "process_inbox":
                run_process_inbox(**args)
        return answer.status_code

    return told


def moved(label, status, *, event="evt_1", at=None, more="unknown"):
    at = (at or clock.now()).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "id": event,
        "object": "Event",
        "description": "tracker.updated",
        "result": {
            "object": "Tracker",
            "tracking_code": label.tracking_number,
            "tracking_details": [detail(status, at, "On its way", more=more, city="Fresno")],
        },
    }


def refunded(label, status):
    return {
        "id": f"evt_{status}",
        "object": "Event",
        "description": "refund.successful",
        "result": {
            "id": "rfnd_1",
            "object": "Refund",
            "tracking_code": label.tracking_number,
            "status": status,
        },
    }


def where(label):
    return Parcel.objects.get(pk=label.parcel_id).status


def test_the_label_is_the_carriers_own_paper_in_its_own_currency(label, there):
    assert label.pdf_a6 is not None
    assert (label.price_minor, label.currency) == (598, "USD")
    assert there.lines()[-2:] == [
        f"GET /v2/shipments/{label.carrier_reference}/label",
        "GET /paper/1.pdf",
    ]


def test_a_label_that_is_paid_on_use_is_charged_when_its_parcel_travels(account, tell):
    account.service = "UspsReturns:GroundAdvantageReturn"
    account.save()
    buy_label(purchase=intend_label(make_return(), at=clock.now()), now=clock.now())
    label = Label.objects.get()

    assert (label.charged_on, label.charged_at, label.priced) == ("first_scan", None, False)
    assert owed_to_carrier(account) == {}


def test_a_parcel_moves(label, tell):
    assert tell(moved(label, "in_transit", more="received_at_origin_facility")) == 200
    assert where(label) == "handed_in"

    later = clock.now() + timedelta(hours=5)
    assert tell(moved(label, "delivered", event="evt_2", at=later)) == 200
    assert where(label) == "delivered"


def test_an_event_that_is_delivered_again_is_known_by_its_number(label, tell):
    """EasyPost promises at least one delivery, and its bytes may differ by then."""
    first = moved(label, "in_transit")

    assert [tell(first), tell(first | {"pending_urls": []})] == [200, 200]
    assert InboxMessage.objects.count() == TrackingEvent.objects.count() == 1


def test_what_was_told_is_not_told_anew_by_polling(label, tell, there, account):
    now = clock.now()
    told = moved(label, "in_transit", at=now)
    tell(told)
    there.trackers[label.tracking_number] = told["result"]["tracking_details"]
    Parcel.objects.update(next_poll_at=now)

    poll_tracking(account=account, now=now + timedelta(minutes=1))

    assert there.lines()[-1] == "POST /v2/trackers/batch"
    assert TrackingEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("says", "void", "owed"), [("refunded", "voided", 0), ("rejected", "refused", 598)]
)
def test_a_refund_is_decided_later(label, tell, account, says, void, owed):
    request_void(label=label, actor="member:1", now=clock.now())
    void_label(label=label, now=clock.now())
    label.refresh_from_db()
    assert label.void == "requested"

    assert tell(refunded(label, says)) == 200

    label.refresh_from_db()
    assert label.void == void
    assert sum(owed_to_carrier(account).values()) == owed


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hmac-Signature": ""},
        {"X-Hmac-Signature": "hmac-sha256-hex="},
        {"X-Hmac-Signature": "hmac-sha256-hex=" + "0" * 64},
        {"X-Hmac-Signature": "é"},
    ],
)
def test_a_forger_is_nobody(label, tell, headers):
    assert tell(moved(label, "delivered"), headers=headers) == 401
    assert tell(moved(label, "delivered"), secret="secret") == 401
    assert (where(label), InboxMessage.objects.count()) == ("label_ready", 0)


def test_without_a_secret_nothing_is_believed(label, tell, account):
    account.credentials = sealed(api_key="EZTK-fake")
    account.save()

    assert tell(moved(label, "delivered"), secret="") == 401


def test_the_secret_before_counts_while_it_is_changed(label, tell, account):
    account.credentials = sealed(
        api_key="EZTK-fake", webhook_secret="new", webhook_secret_before=SECRET
    )
    account.save()

    assert tell(moved(label, "in_transit")) == 200
    assert tell(moved(label, "delivered", event="evt_2"), secret="new") == 200


def test_other_events_are_kept_and_change_nothing(label, tell):
    assert tell({"id": "evt_9", "description": "batch.created", "result": {}}) == 200
    assert tell(refunded(label, "submitted")) == 200
    assert where(label) == "label_ready"
    assert set(InboxMessage.objects.values_list("error", flat=True)) == {""}


@pytest.mark.parametrize("body", [b"", b"[]", b'{"description": "tracker.updated"}', b"\xff\xfe"])
def test_what_cannot_be_read_is_kept_for_a_person(label, tell, body):
    assert tell(body) == 200
    assert InboxMessage.objects.get().error == "This webhook of EasyPost cannot be read."


def test_connecting_gives_easypost_an_address_and_a_secret_of_its_own(merchant, there, client):
    account = connect_carrier(
        contract=Contract(
            carrier="easypost",
            credentials={"api_key": there.credentials["api_key"]},
            settings={"url": there.url},
        ),
        actor="member:1",
        now=clock.now(),
    )
    [webhook] = there.webhooks.values()
    body = b'{"id": "evt_1", "description": "batch.created"}'

    answers = [
        client.post(
            urlsplit(webhook["url"]).path,
            data=body,
            content_type="application/json",
            headers={"X-Hmac-Signature": signature(secret, body)},
        ).status_code
        for secret in (webhook["webhook_secret"], "guessed")
    ]

    assert (account.service, account.state) == ("cheapest", "ok")
    assert answers == [200, 401]
