"""Version 3's event subscriptions: where to tell, what of, and a test; on the machinery of every webhook."""

import json

import pytest
from standardwebhooks.webhooks import Webhook

from rientro.api.ids import parcel_id
from rientro.flows.save_webhook import MOST_CONNECTIONS
from rientro.flows.track_parcel import take_scans
from rientro.kit.tenancy import acting_for
from rientro.models import Delivery, Event, EventSubscription, WebhookEndpoint
from rientro.policy.event_names import EVENTS
from tests import makers
from tests.api.checking import checked
from tests.makers import NOW
from tests.parcels import make_parcel, scan_of
from tests.receivers import Receiver

pytestmark = pytest.mark.django_db
BASE = "/api/v3/event-subscriptions"
CONNECTIONS, SUBSCRIPTIONS = f"{BASE}/connections", f"{BASE}/subscriptions"
URL = "https://hooks.example/in"


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


def connect(machine, **configuration):
    body = {"type": "webhook", "configuration": {"url": URL} | configuration}
    answer = machine.ask("POST", CONNECTIONS, body)
    assert answer.status_code == 201, answer.content
    return checked(answer, "v3_create_event_connection")["data"]


def subscribe(machine, connection, event_type="parcels.event.created", **more):
    body = {"connection_id": connection["id"], "event_type": event_type} | more
    answer = machine.ask("POST", SUBSCRIPTIONS, body)
    assert answer.status_code == 201, answer.content
    return checked(answer, "v3_create_event_subscription")["data"]


def problem(answer, operation):
    assert answer.status_code == 400, answer.content
    told = checked(answer, operation)["errors"][0]
    return told["source"]["pointer"], told["code"]


def test_a_connection_tells_its_secret_once_and_never_its_password(machine):
    access = {"auth_type": "bearer", "auth_config": {"token": "s3cret"}}
    made = connect(machine, **access, extra_headers={"X-Shop": "brina"})

    one = machine.ask("GET", f"{CONNECTIONS}/{made['id']}/")
    listed = machine.ask("GET", CONNECTIONS)

    assert made.pop("signing_secret").startswith("whsec_")
    assert checked(one, "v3_get_event_connection") == {"data": made}
    assert checked(listed, "v3_list_event_connections") == {"data": [made]}
    assert made["configuration"] == {
        "url": URL,
        "auth_type": "bearer",
        "extra_headers": {"X-Shop": "brina"},
    }
    assert b"s3cret" not in one.content + listed.content
    assert "s3cret" not in WebhookEndpoint.objects.get().access


def test_what_is_not_told_of_a_connection_stays(machine):
    made = connect(machine, auth_type="basic", auth_config={"username": "u", "password": "p"})
    url = f"{CONNECTIONS}/{made['id']}"

    moved = machine.ask("PATCH", url, {"configuration": {"url": f"{URL}/2"}})
    keyed = {"auth_type": "api_key", "auth_config": {"header_name": "X-Key", "api_key": "k"}}
    changed = machine.ask("PATCH", url, {"configuration": keyed})

    assert checked(moved, "v3_update_event_connection")["data"]["configuration"] == {
        "url": f"{URL}/2",
        "auth_type": "basic",
        "extra_headers": {},
    }
    told = checked(changed, "v3_update_event_connection")["data"]
    assert told["configuration"]["auth_type"] == "api_key"
    assert told["configuration"]["url"] == f"{URL}/2"
    assert told["updated_at"] > made["updated_at"]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/data/type", "required"),
        ({"type": "webhook"}, "/data/configuration", "required"),
        ({"type": "klaviyo", "configuration": {}}, "/data/type", "invalid_choice"),
        ({"type": 7, "configuration": {}}, "/data/type", "invalid_choice"),
        ({"type": "webhook", "configuration": {}}, "/data/configuration/url", "required"),
        ([], "/data", "non_field_errors"),
    ],
)
def test_a_connection_of_nonsense_is_refused(body, pointer, code, machine):
    answer = machine.ask("POST", CONNECTIONS, body)

    assert problem(answer, "v3_create_event_connection") == (pointer, code)
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "https://localhost/x",
        "https://10.0.0.7/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://hooks.example:22/",
        "https://user:pass@hooks.example/",
        "http://hooks.example/plain",
        "ftp://hooks.example/",
        "hooks",
        "https://hooks.example/" + "x" * 2000,
    ],
)
def test_an_address_that_we_do_not_go_to_is_refused_in_words(url, machine, settings):
    settings.ALLOW_PRIVATE_TARGETS = False
    made = connect(machine)
    body = {"type": "webhook", "configuration": {"url": url}}

    new = machine.ask("POST", CONNECTIONS, body)
    old = machine.ask("PATCH", f"{CONNECTIONS}/{made['id']}", body)

    assert problem(new, "v3_create_event_connection") == ("/data/configuration/url", "invalid")
    assert problem(old, "v3_update_event_connection") == ("/data/configuration/url", "invalid")
    assert new.json()["errors"][0]["detail"].endswith(".")
    assert WebhookEndpoint.objects.get().url == URL


@pytest.mark.parametrize(
    ("configuration", "field"),
    [
        ({"auth_type": "digest"}, "auth_type"),
        ({"auth_type": "bearer"}, "auth_config/token"),
        ({"auth_type": "bearer", "auth_config": {"token": "a\r\nHost: b"}}, "auth_config/token"),
        (
            {"auth_type": "basic", "auth_config": {"username": "a:b", "password": "c"}},
            "auth_config/username",
        ),
        (
            {"auth_type": "api_key", "auth_config": {"header_name": "Host", "api_key": "k"}},
            "auth_config/header_name",
        ),
        ({"auth_config": [1]}, "auth_config"),
        ({"auth_config": {"token": 1}}, "auth_config"),
        ({"extra_headers": {"X Y": "1"}}, "extra_headers"),
        ({"extra_headers": {"webhook-signature": "1"}}, "extra_headers"),
        ({"extra_headers": {"Content-Length": "1"}}, "extra_headers"),
        ({"extra_headers": {f"X-{n}": "1" for n in range(21)}}, "extra_headers"),
        ({"extra_headers": {"X": "è"}}, "extra_headers"),
        ({"url": 7}, "url"),
    ],
)
def test_headers_that_could_hide_or_split_a_request_are_refused(configuration, field, machine):
    body = {"type": "webhook", "configuration": {"url": URL} | configuration}

    answer = machine.ask("POST", CONNECTIONS, body)

    pointer, _ = problem(answer, "v3_create_event_connection")
    assert pointer == f"/data/configuration/{field}"


def test_an_integration_has_so_many_connections_and_no_more(machine):
    for _ in range(MOST_CONNECTIONS):
        connect(machine)

    body = {"type": "webhook", "configuration": {"url": URL}}
    answer = machine.ask("POST", CONNECTIONS, body)

    assert problem(answer, "v3_create_event_connection")[0] == "/data/configuration/url"
    assert WebhookEndpoint.objects.count() == MOST_CONNECTIONS


def test_a_subscription_is_written_read_paused_and_deleted(machine):
    connection, other = connect(machine), connect(machine)
    made = subscribe(machine, connection)
    url = f"{SUBSCRIPTIONS}/{made['id']}"

    one = checked(machine.ask("GET", url), "v3_get_event_subscription")
    off = machine.ask("PATCH", url, {"is_active": False, "connection_id": other["id"]})
    told = checked(off, "v3_update_event_subscription")["data"]
    lists = [
        checked(machine.ask("GET", f"{SUBSCRIPTIONS}{query}"), "v3_list_event_subscriptions")
        for query in (
            "",
            "?is_active=false",
            "?is_active=true",
            "?event_type=parcels.event.created",
        )
    ]
    gone = machine.ask("DELETE", url)

    assert one == {"data": made}
    assert (told["is_active"], told["connection_id"]) == (False, other["id"])
    assert [len(found["data"]) for found in lists] == [1, 1, 0, 1]
    assert gone.status_code == 204
    assert machine.ask("DELETE", url).status_code == 404
    assert machine.ask("GET", f"{SUBSCRIPTIONS}?is_active=perhaps").status_code == 400
    assert machine.ask("GET", f"{SUBSCRIPTIONS}?event_type=x%00").json() == {"data": []}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"connection_id": None}, "connection_id", "required"),
        ({"event_type": None}, "event_type", "required"),
        ({"event_type": "weather.changed"}, "event_type", "invalid_choice"),
        ({"event_type": "return.scanned"}, "event_type", "invalid_choice"),
        ({"event_type": ["x"]}, "event_type", "invalid_choice"),
        ({"connection_id": 10**12}, "connection_id", "invalid_choice"),
        ({"connection_id": "1"}, "connection_id", "invalid"),
        ({"connection_id": True}, "connection_id", "invalid"),
        ({"is_active": "yes"}, "is_active", "invalid"),
    ],
)
def test_a_subscription_of_nonsense_is_refused(changes, field, code, machine):
    body = {"connection_id": connect(machine)["id"], "event_type": "parcels.event.created"}

    answer = machine.ask("POST", SUBSCRIPTIONS, body | changes)

    assert problem(answer, "v3_create_event_subscription") == (f"/data/{field}", code)
    assert not EventSubscription.objects.exists()


def test_the_same_event_goes_to_a_connection_once(machine):
    connection = connect(machine)
    subscribe(machine, connection)

    body = {"connection_id": connection["id"], "event_type": "parcels.event.created"}
    answer = machine.ask("POST", SUBSCRIPTIONS, body)

    assert problem(answer, "v3_create_event_subscription")[0] == "/data/event_type"


def test_every_event_type_can_be_subscribed_to(machine):
    types = checked(machine.ask("GET", f"{BASE}/event-types"), "v3_list_event_types")["data"]
    connection = connect(machine)

    for told in types:
        subscribe(machine, connection, told["event_type"])

    names = set(EventSubscription.objects.values_list("event_name", flat=True))
    assert names == {name for name in EVENTS if name.startswith("return.")} | {
        *("order.imported", "order.cancelled", "order.redacted"),
        *("integration.changed", "integration.deleted", "integration.logged"),
        *("integration.failing", "integration.recovered"),
        *("integration.paused", "integration.resumed"),
    }


def test_a_scan_is_told_as_their_parcel_event_with_password_and_signature(machine, receiver, jobs):
    made = connect(
        machine,
        url=receiver.url,
        auth_type="api_key",
        auth_config={"header_name": "X-Key", "api_key": "k1"},
        extra_headers={"X-Shop": "brina"},
    )
    subscribe(machine, made)
    order = makers.make_order(integration=machine.integration)
    parcel = make_parcel(makers.make_return(order, carrier="label_ready"))
    jobs.clear()

    take_scans(parcel=parcel, scans=[scan_of(parcel, "in_transit", 1)], now=NOW)
    Event.record("return.approved", actor="x", at=NOW, ret=parcel.ret)
    jobs.run()

    [got] = receiver.got
    told = Webhook(made["signing_secret"]).verify(got.body.decode(), got.headers)
    assert (got.headers["x-key"], got.headers["x-shop"]) == ("k1", "brina")
    assert told["event_type"] == "parcels.event.created"
    assert set(told) == {"event_type", "data"}
    assert told["data"]["parcel"]["parcel_id"] == parcel_id("parcel", parcel.pk)
    assert told["data"]["parcel"]["tracking_number"] == parcel.tracking_number
    news = told["data"]["event"]
    assert (news["phase"], news["exception"], news["is_returned"]) == ("in_transit", "none", True)
    assert order.name not in got.body.decode()


def test_the_signature_fits_what_its_library_checks(machine, receiver, jobs):
    made = connect(machine, url=receiver.url)
    subscribe(machine, made, "return.approved")
    ret = makers.make_return(makers.make_order(integration=machine.integration))
    jobs.clear()

    Event.record("return.approved", actor="x", at=NOW, ret=ret)
    jobs.run()

    [got] = receiver.got
    told = Webhook(made["signing_secret"]).verify(got.body.decode(), got.headers)
    assert told["event_type"] == "return.approved"
    assert told["data"]["return"]["id"] == ret.pk


def test_neither_a_paused_subscription_nor_another_integrations_order_is_told(
    machine, receiver, jobs
):
    made = connect(machine, url=receiver.url)
    subscribe(machine, made, "return.approved", is_active=False)
    subscribe(machine, made, "return.rejected")
    mine = makers.make_return(makers.make_order(integration=machine.integration))
    other = makers.make_return(makers.make_order(number="X-2"))
    jobs.clear()

    Event.record("return.approved", actor="x", at=NOW, ret=mine)
    Event.record("return.rejected", actor="x", at=NOW, ret=other)
    jobs.run()

    assert receiver.got == []
    assert not Delivery.objects.exists()


def test_a_test_tells_what_the_receiver_answered(machine, receiver):
    made = connect(machine, url=receiver.url)
    url = f"{BASE}/broadcast/test/{subscribe(machine, made)['id']}"

    good = checked(machine.ask("POST", url), "v3_test_event_subscription")["data"]
    receiver.answer = lambda got: (500, {}, b"broken")
    bad = checked(machine.ask("POST", f"{url}/"), "v3_test_event_subscription")["data"]

    assert good == {"success": True, "status_code": 200, "response_body": "ok"}
    assert bad == {"success": False, "status_code": 500, "response_body": "broken"}
    told = json.loads(receiver.got[0].body)
    assert (told["event_type"], told["test"]) == ("parcels.event.created", True)
    assert set(told["data"]) == {"parcel", "event"}
    assert told["data"]["event"]["phase"] == "in_transit"


def test_a_test_of_a_name_that_turns_inward_reaches_nobody(machine, receiver, settings):
    made = connect(machine, url=receiver.url)
    settings.ALLOW_PRIVATE_TARGETS = False
    url = f"{BASE}/broadcast/test/{subscribe(machine, made, 'return.approved')['id']}"

    told = checked(machine.ask("POST", url), "v3_test_event_subscription")["data"]

    assert told == {"success": False, "status_code": 0, "response_body": "refused_address"}
    assert receiver.got == []


def test_a_receiver_that_is_gone_is_switched_off_until_its_connection_is_changed(
    machine, receiver, jobs
):
    made = connect(machine, url=receiver.url)
    subscribed = subscribe(machine, made)
    receiver.answer = lambda got: (410, {}, b"")
    machine.ask("POST", f"{BASE}/broadcast/test/{subscribed['id']}")

    off = machine.ask("GET", f"{CONNECTIONS}/{made['id']}").json()["data"]
    refused = machine.ask("POST", f"{BASE}/broadcast/test/{subscribed['id']}")
    patched = machine.ask("PATCH", f"{CONNECTIONS}/{made['id']}", {})

    assert (off["is_active"], off["disabled_because"]) == (False, "gone")
    assert refused.status_code == 409
    assert checked(refused, "v3_test_event_subscription")["errors"][0]["detail"]
    assert checked(patched, "v3_update_event_connection")["data"]["is_active"] is True


def test_a_deleted_connection_takes_its_subscriptions_along(machine):
    made = connect(machine)
    subscribe(machine, made)

    assert machine.ask("DELETE", f"{CONNECTIONS}/{made['id']}").status_code == 204
    assert machine.ask("GET", f"{CONNECTIONS}/{made['id']}").status_code == 404
    assert not EventSubscription.objects.exists()


def test_a_stranger_and_a_sister_integration_have_no_part_in_it(machine, stranger):
    made = connect(machine)
    subscribed = subscribe(machine, made)
    sister = type(machine)(machine.client, makers.make_integration(shop_name="Sister"))

    for other in (stranger, sister):
        with acting_for(other.integration.merchant_id):
            for path in (
                f"{CONNECTIONS}/{made['id']}",
                f"{SUBSCRIPTIONS}/{subscribed['id']}",
            ):
                assert other.ask("GET", path).status_code == 404
                assert other.ask("PATCH", path, {}).status_code == 404
                assert other.ask("DELETE", path).status_code == 404
            test = other.ask("POST", f"{BASE}/broadcast/test/{subscribed['id']}")
            assert test.status_code == 404
            body = {"connection_id": made["id"], "event_type": "return.approved"}
            assert other.ask("POST", SUBSCRIPTIONS, body).status_code == 400
            assert other.ask("GET", CONNECTIONS).json() == {"data": []}
            assert other.ask("GET", SUBSCRIPTIONS).json() == {"data": []}
