"""Settings › Webhooks, and the webhook of an integration, as a person uses them."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rientro.kit.tenancy import merchant_transaction
from rientro.models import Delivery, Event, Integration, WebhookEndpoint
from tests import makers
from tests.receivers import Receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(merchant):
    return makers.make_member(merchant)


@pytest.fixture
def panel(client, member):
    client.force_login(member.user)
    return client


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


def make(panel, url="https://hooks.example/in", **fields):
    return panel.post("/panel/settings/webhooks/new/", {"url": url, "detail": "ids"} | fields)


def test_a_new_webhook_shows_its_secret_once(panel):
    response = make(panel)

    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", response.content.decode())
    assert secret is not None
    endpoint = WebhookEndpoint.objects.get()
    assert secret[0] not in endpoint.secret
    page = panel.get(f"/panel/settings/webhooks/{endpoint.pk}/").content.decode()
    assert secret[0] not in page
    assert "https://hooks.example/in" in page


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example",
        "ftp://hooks.example/",
        "https://u:p@hooks.example/",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_is_refused_in_words(panel, url):
    response = make(panel, url)

    assert response.status_code == 200
    assert not WebhookEndpoint.objects.exists()
    assert 'class="error"' in response.content.decode()


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://metadata.google.internal/",
        "https://hooks.example:8443/",
    ],
)
def test_without_the_operators_leave_no_private_or_open_address_is_taken(panel, settings, url):
    settings.ALLOW_PRIVATE_TARGETS = False

    make(panel, url)

    assert not WebhookEndpoint.objects.exists()


def test_a_connection_of_a_client_is_switched_and_deleted_here_but_not_rewritten(
    panel, jobs, receiver
):
    integration = makers.make_integration(shop_name="Shop A")
    row = WebhookEndpoint.objects.create(
        style="connection", integration=integration, url=receiver.url, created_at=makers.NOW
    )
    url = f"/panel/settings/webhooks/{row.pk}/"

    listed = panel.get("/panel/settings/webhooks/").content.decode()
    page = panel.get(url).content.decode()
    panel.post(url, {"url": "https://other.example/", "detail": "full"})
    panel.post(f"{url}secret/")
    panel.post(f"{url}test/")
    jobs.run()
    panel.post(f"{url}switch/", {"active": "0"})

    assert "What its client subscribed to" in listed
    assert receiver.url in page
    assert f"{url}delete/" in page
    row.refresh_from_db()
    assert (row.url, row.active, row.detail) == (receiver.url, False, "ids")
    assert [got.headers["webhook-signature"][:3] for got in receiver.got] == ["v1,"]
    panel.post(f"{url}delete/")
    assert not WebhookEndpoint.objects.exists()


def test_a_test_is_sent_logged_and_sent_again(panel, jobs, receiver):
    make(panel, receiver.url, event_names=["return.refunded"])
    endpoint = WebhookEndpoint.objects.get()
    jobs.clear()

    panel.post(f"/panel/settings/webhooks/{endpoint.pk}/test/")
    jobs.run()
    log = panel.get(f"/panel/settings/webhooks/{endpoint.pk}/").content.decode()
    delivery = Delivery.objects.get(event__name="webhook.test")
    page = panel.get(f"/panel/settings/webhooks/deliveries/{delivery.pk}/").content.decode()
    panel.post(f"/panel/settings/webhooks/deliveries/{delivery.pk}/replay/")
    jobs.run()

    assert "webhook.test" in log
    assert "200" in log
    assert "webhook.test" in page
    ids = [got.headers["webhook-id"] for got in receiver.got]
    assert ids == [f"evt_{delivery.event_id}"] * 2
    assert receiver.got[0].body == receiver.got[1].body


def test_a_webhook_is_switched_turned_and_deleted(panel):
    make(panel)
    endpoint = WebhookEndpoint.objects.get()
    base = f"/panel/settings/webhooks/{endpoint.pk}"

    panel.post(f"{base}/switch/", {"active": "0"})
    endpoint.refresh_from_db()
    off = endpoint.active
    panel.post(f"{base}/switch/", {"active": "1"})
    turned = panel.post(f"{base}/secret/").content.decode()
    endpoint.refresh_from_db()
    panel.post(base + "/", {"url": "https://other.example/", "detail": "full"})
    endpoint.refresh_from_db()
    changed = (endpoint.url, endpoint.detail, endpoint.active)
    panel.post(f"{base}/delete/")

    assert off is False
    assert "whsec_" in turned
    assert changed == ("https://other.example/", "full", True)
    assert not WebhookEndpoint.objects.exists()
    names = list(Event.objects.order_by("pk").values_list("name", flat=True))
    assert names == [
        "webhook.created",
        "webhook.changed",
        "webhook.changed",
        "webhook.secret_rotated",
        "webhook.changed",
        "webhook.deleted",
    ]


def test_an_integrations_webhook_is_set_and_tried(panel, jobs, receiver):
    integration = makers.make_integration()
    base = f"/panel/settings/integrations/{integration.pk}"
    panel.post(f"{base}/keys/", {"name": "shop"})
    jobs.clear()

    panel.post(f"{base}/webhook/", {"webhook_url": receiver.url, "webhook_active": "on"})
    jobs.run()
    told = len(receiver.got)
    panel.post(f"{base}/webhook/test/")
    jobs.run()

    assert Integration.objects.get().webhook_active is True
    assert (told, len(receiver.got)) == (1, 2)
    assert all("sendcloud-signature" in got.headers for got in receiver.got)
    assert "webhooks/" in panel.get(base + "/").content.decode()


@pytest.mark.parametrize("role", ["desk", "warehouse", "read_only"])
def test_who_does_not_manage_sees_no_webhook(client, merchant, role):
    client.force_login(makers.make_member(merchant, role=role).user)

    assert client.get("/panel/settings/webhooks/").status_code == 403
    assert "settings/webhooks" not in client.get("/panel/settings/integrations/").content.decode()


def test_the_lists_ask_as_many_questions_for_three_rows_as_for_one(panel, merchant):
    def questions(url):
        panel.get(url)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            panel.get(url)
        return len(seen)

    def add():
        with merchant_transaction(merchant.pk):
            endpoint = WebhookEndpoint.objects.create(
                url="https://x.example", created_at=makers.NOW
            )
            event = Event.objects.create(name="x", actor="x", happened_at=makers.NOW)
            for receiver in {endpoint, WebhookEndpoint.objects.order_by("pk").first()}:
                Delivery.objects.create(
                    endpoint=receiver,
                    event=event,
                    **dict.fromkeys(("created_at", "since", "next_at"), makers.NOW),
                )
            return WebhookEndpoint.objects.order_by("pk").first().pk

    first = add()
    urls = ["/panel/settings/webhooks/", f"/panel/settings/webhooks/{first}/"]
    one = [questions(url) for url in urls]
    add(), add()

    assert [questions(url) for url in urls] == one
