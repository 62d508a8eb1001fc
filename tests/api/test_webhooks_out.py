"""What an integration's client is sent: Sendcloud's words, in bytes that it can compute again."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from rientro.flows.create_integration import create_integration
from rientro.flows.delete_integration import delete_integration
from rientro.flows.fan_out_event import fan_out_event
from rientro.flows.mint_api_key import mint_api_key
from rientro.flows.revoke_api_key import revoke_api_key
from rientro.flows.save_webhook import WebhookFacts, save_webhook
from rientro.flows.send_webhooks import send_webhooks
from rientro.flows.track_parcel import take_scans
from rientro.flows.update_integration import IntegrationEdit, update_integration
from rientro.kit import clock
from rientro.models import Delivery, Event, WebhookEndpoint
from tests import makers
from tests.makers import NOW
from tests.parcels import make_parcel, scan_of
from tests.receivers import Receiver

# Keys that a client indexes without asking (contract, section 17).
_NEEDED = (
    "id name company_name address address_2 address_divided city postal_code telephone email "
    "date_created tracking_number tracking_url weight label customs_declaration status data country "
    "to_state carrier shipment order_number shipment_uuid external_order_id external_shipment_id "
    "parcel_items documents "
)
NEEDED = _NEEDED.split()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def shop(merchant, receiver, jobs):
    """An integration with a key and a webhook that works; nothing waits."""
    made = create_integration(shop_name="Brina", actor="x", now=NOW)
    secret = mint_api_key(integration=made, actor="x", now=NOW).secret_key
    edit = IntegrationEdit(webhook_active=True, webhook_url=receiver.url)
    made = update_integration(integration=made, edit=edit, actor="x", now=NOW)
    jobs.clear()
    return made, secret


def is_signed(got, secret):
    """By both ways in which clients check: the raw bytes, and what Python writes of the parsed body."""
    right = got.headers["sendcloud-signature"]
    again = json.dumps(json.loads(got.body)).encode()
    ways = [
        hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for body in (got.body, again)
    ]
    return ways == [right, right]


def test_a_scan_is_told_with_every_key_that_clients_index(shop, receiver, jobs):
    integration, secret = shop
    order = makers.make_order(integration=integration)
    parcel = make_parcel(makers.make_return(order, carrier="label_ready"))

    take_scans(parcel=parcel, scans=[scan_of(parcel, "handed_in", 1)], now=NOW)
    jobs.run()

    [got] = receiver.got
    told = json.loads(got.body)
    assert is_signed(got, secret)
    assert told["action"] == "parcel_status_changed"
    assert isinstance(told["timestamp"], int)
    assert isinstance(told["carrier_status_change_timestamp"], int)
    assert [key for key in NEEDED if key not in told["parcel"]] == []
    assert told["parcel"]["status"] == {"id": 22, "message": "Shipment picked up by driver"}
    assert len(told["parcel"]["label"]["normal_printer"]) == 4
    for name in ("external_order_id", "external_shipment_id"):
        assert isinstance(told["parcel"][name], str)


def test_a_return_of_a_shopper_is_told_and_one_of_the_desk_is_not(shop, receiver, jobs):
    integration, secret = shop
    ret = makers.make_return(makers.make_order(integration=integration))
    Event.record("return.requested", actor="shopper", at=NOW, ret=ret)
    Event.record("return.requested", actor="member:1", at=NOW, ret=ret)
    jobs.run()

    [got] = receiver.got
    told = json.loads(got.body)
    assert is_signed(got, secret)
    assert told["action"] == "return_created"
    assert told["data"]["id"] == ret.pk
    assert told["data"]["order_number"] == ret.order.number
    assert set(told["data"]["items"][0]) >= {"item_id", "description", "quantity", "sku", "hs_code"}


def test_another_integrations_orders_are_nobodys_news(shop, receiver, jobs):
    ret = makers.make_return(makers.make_order())
    Event.record("return.requested", actor="shopper", at=NOW, ret=ret)
    jobs.run()

    assert receiver.got == []


def test_a_shop_hears_that_it_was_changed_and_at_last_that_it_is_gone(shop, receiver, jobs):
    integration, secret = shop
    update_integration(
        integration=integration, edit=IntegrationEdit(shop_name="Brina 2"), actor="x", now=NOW
    )
    jobs.run()
    delete_integration(integration=integration, actor="x", now=NOW + timedelta(minutes=1))
    jobs.run()

    actions = [json.loads(got.body)["action"] for got in receiver.got]
    assert actions == ["integration_updated", "integration_deleted"]
    assert all(is_signed(got, secret) for got in receiver.got)


def test_the_oldest_living_key_signs_and_the_next_one_follows_it(shop, receiver, jobs):
    integration, first = shop
    second = mint_api_key(
        integration=integration, actor="x", now=NOW + timedelta(days=1)
    ).secret_key
    edit = IntegrationEdit(shop_name="A")
    update_integration(integration=integration, edit=edit, actor="x", now=NOW)
    jobs.run()
    revoke_api_key(key=integration.api_keys.order_by("pk").first(), actor="x", now=NOW)
    update_integration(
        integration=integration, edit=IntegrationEdit(shop_name="B"), actor="x", now=NOW
    )
    jobs.run()

    assert [is_signed(receiver.got[0], first), is_signed(receiver.got[1], second)] == [True, True]


def test_without_a_key_nothing_is_sent_and_the_log_says_why(merchant, receiver, jobs):
    made = create_integration(shop_name="Brina", actor="x", now=NOW)
    edit = IntegrationEdit(webhook_active=True, webhook_url=receiver.url)
    update_integration(integration=made, edit=edit, actor="x", now=clock.now())
    jobs.run()

    assert receiver.got == []
    assert Delivery.objects.get().error == "no_signing_key"


def test_after_410_a_shops_webhook_stays_on(shop, receiver, jobs):
    integration, _ = shop
    receiver.answer = lambda got: (410, {}, b"")
    ret = makers.make_return(makers.make_order(integration=integration))
    event = Event.record("return.requested", actor="shopper", at=NOW, ret=ret)
    fan_out_event(event=event, now=NOW)
    endpoint = WebhookEndpoint.objects.get(integration=integration)
    send_webhooks(endpoint=endpoint, now=NOW)

    integration.refresh_from_db()
    delivery = Delivery.objects.get()
    assert integration.webhook_active is True
    assert timedelta(minutes=5) <= delivery.next_at - NOW <= timedelta(minutes=5.6)


def test_a_receiver_with_the_library_believes_us_and_nobody_else(merchant, receiver, jobs):
    saved = save_webhook(
        endpoint=None, facts=WebhookFacts(url=receiver.url), actor="x", now=clock.now()
    )
    jobs.clear()
    Event.record("return.approved", actor="clock", at=clock.now(), ret=makers.make_return())
    jobs.run()

    [got] = receiver.got
    told = Webhook(saved.secret).verify(got.body.decode(), got.headers)
    assert told["type"] == "return.approved"
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 43 + "=").verify(got.body.decode(), got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(saved.secret).verify(got.body.decode().replace("approved", "refunded"), got.headers)
