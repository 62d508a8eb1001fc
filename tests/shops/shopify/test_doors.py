"""How Shopify is connected, told apart from what is none, and listened to."""

import json
import time
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from rientro.shops.base import (
    AuthFailed,
    BadSignature,
    InvalidRequest,
    RateLimited,
    RawWebhook,
    Unavailable,
)
from rientro.shops.shopify.adapter import Shopify
from tests.fake_server import Answer
from tests.shops.fakes.shop import Sent
from tests.shops.shopify.conftest import SALE, asked

HOUSE = "https://house.example/hooks/shops/shopify/1-2-"


def raw_of(fake, sent: Sent) -> RawWebhook:
    headers = {name.lower(): value for name, value in sent.headers.items()}
    return RawWebhook(headers=headers, body=sent.body, received_at=fake.now)


# Keys


def test_a_store_says_its_name_and_what_it_keeps_back(fake, opened):
    facts = opened().check()
    assert (facts.name, facts.currency, facts.version) == ("Rientro Test", "EUR", "2026-10")
    assert list(facts.cautions) == []

    fake.granted -= {"read_all_orders", "read_inventory"}
    cautions = opened(client_id="", access_token=fake.access_token).check().cautions
    assert [c.values["scope"] for c in cautions] == ["read_all_orders", "read_inventory"]


def test_a_token_is_got_once_and_sent_with_every_question(fake, opened):
    opened().check()
    opened().check()

    assert fake.lines().count("POST /admin/oauth/access_token") == 1
    told = json.loads(fake.last("POST /admin/oauth/access_token").body)
    assert told["grant_type"] == "client_credentials"
    assert fake.heard[-1].headers["x-shopify-access-token"].startswith("shpat_")


def test_a_token_that_ended_is_got_anew(fake, opened):
    opened().check()
    fake.tick(25 * 3600)

    with pytest.raises(AuthFailed):
        opened().check()

    assert opened().check().name == "Rientro Test"


@pytest.mark.parametrize("scope", ["read_orders", "write_orders"])
def test_a_missing_right_is_named(fake, opened, scope):
    fake.granted -= {"read_orders", "write_orders"}
    fake.granted |= {"read_orders"} if scope == "write_orders" else set()

    with pytest.raises(AuthFailed) as caught:
        opened().check()

    assert caught.value.facts["scope"] == scope


def test_an_app_that_is_not_installed_or_has_other_keys_is_refused(fake, opened):
    fake.installed = False
    with pytest.raises(AuthFailed):
        opened().check()

    fake.installed = True
    with pytest.raises(AuthFailed):
        opened(client_secret="shpss_other").check()


def test_an_older_custom_app_has_a_token_that_stays(fake, opened):
    shop = opened(client_id="", access_token=fake.access_token)

    assert shop.check().name == "Rientro Test"
    assert "POST /admin/oauth/access_token" not in fake.lines()


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("my-store", "https://my-store.myshopify.com"),
        ("https://my-store.myshopify.com/admin/orders", "https://my-store.myshopify.com"),
        ("https://admin.shopify.com/store/my-store/orders", "https://my-store.myshopify.com"),
        ("https://my-store.myshopify.com/", "https://my-store.myshopify.com"),
    ],
)
def test_whatever_is_copied_from_the_admin_becomes_the_address(typed, cleaned):
    assert Shopify.clean_url(typed) == cleaned


def test_points_that_ran_out_say_how_long_to_wait(fake, opened):
    shop = opened()
    shop.check()
    fake.throttle, fake.bucket_size, fake.restore_rate = True, 60.0, 10.0

    with pytest.raises(RateLimited) as caught:
        for _ in range(20):
            opened().changed(fake.now - timedelta(days=1))

    assert 1 <= caught.value.retry_after_s <= 60


def test_a_dear_question_lets_the_store_rest(fake, opened):
    fake.place(SALE)
    shop = opened()
    shop.check()
    shop.changed(fake.now - timedelta(days=1))
    fake.throttle, fake.restore_rate = True, 1.0
    fake.bucket_size = fake.last_cost + 15.0

    page = opened().changed(fake.now - timedelta(days=1))

    assert page.rest_s > 0


@pytest.mark.parametrize("hidden", [set(), {"email", "address1"}])
def test_an_app_that_may_not_see_persons_is_told_what_to_ask_for(fake, opened, hidden):
    fake.place(SALE)
    shop = opened()
    shop.check()
    fake.protected_data, fake.hidden_fields = bool(hidden), hidden

    with pytest.raises(AuthFailed) as caught:
        shop.changed(fake.now - timedelta(days=1))

    assert "protected customer data" in str(caught.value.message)


# Consent


def test_the_merchant_consents_and_the_keys_work(fake, opened):
    keys = {"client_id": fake.client_id, "client_secret": fake.client_secret}
    address = Shopify.consent_url(
        keys, fake.settings, state="s-1", return_url="https://house.example/back", callback_url=""
    )
    answer = httpx.get(address)
    told = {n: v[0] for n, v in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    assert told["state"] == "s-1"

    made = Shopify.consented(keys, fake.settings, told)

    assert opened(**made).check().name == "Rientro Test"
    with pytest.raises(AuthFailed):
        Shopify.consented(keys, fake.settings, told | {"code": "another"})
    with pytest.raises(AuthFailed):
        Shopify.consented(keys, fake.settings, told)  # a code counts once


# Webhooks


def test_webhooks_are_asked_for_once_and_moved_with_the_house(fake, opened):
    opened().register_webhooks(f"{HOUSE}old/")
    opened().register_webhooks(f"{HOUSE}new/")
    opened().register_webhooks(f"{HOUSE}new/")

    assert {one.uri for one in fake.subscriptions.values()} == {f"{HOUSE}new/"}
    topics = sorted(one.topic for one in fake.subscriptions.values())
    assert topics == sorted(set(topics))
    assert "ORDERS_UPDATED" in topics

    opened().forget_webhooks(f"{HOUSE}new/")
    opened().forget_webhooks(f"{HOUSE}new/")
    assert fake.subscriptions == {}


def test_what_is_told_of_orders_is_believed_when_it_is_signed(fake, opened):
    shop = opened()
    shop.register_webhooks(f"{HOUSE}x/")
    order_id = fake.place(SALE)
    fake.edit(order_id, city="Prato")
    fake.refund(order_id, {"SOCKS": 1})
    fake.cancel(order_id)
    fake.delete(order_id)

    news = [shop.parse_webhook(raw_of(fake, sent)) for sent in fake.outbox]
    assert {(one.kind, *one.order_ids) for one in news} == {("orders", order_id)}
    assert {one.topic for one in news} >= {"orders/create", "refunds/create", "orders/delete"}

    sent = fake.outbox[0]
    for body, signature in ((sent.body + b" ", None), (sent.body, ""), (sent.body, "ä=")):
        raw = raw_of(fake, sent)
        headers = dict(raw.headers)
        if signature is not None:
            headers["x-shopify-hmac-sha256"] = signature
        with pytest.raises(BadSignature):
            shop.parse_webhook(replace(raw, body=body, headers=headers))


def test_a_delivery_that_comes_twice_has_one_key(fake, opened):
    opened().register_webhooks(f"{HOUSE}x/")
    fake.place(SALE)
    fake.place(SALE)
    keys = [opened().delivery_key(raw_of(fake, sent)) for sent in fake.outbox * 2]

    assert len(set(keys)) == len(fake.outbox)


def test_persons_and_leaving_are_understood(fake, opened):
    shop = opened()
    shop.register_webhooks(f"{HOUSE}x/")
    order_id = fake.place(SALE)
    fake.outbox.clear()
    fake.compliance_address = f"{HOUSE}x/"
    fake.ask_for_data(SALE.email)
    fake.redact_customer(SALE.email)
    fake.uninstall()
    fake.redact_shop()

    news = [shop.parse_webhook(raw_of(fake, sent)) for sent in fake.outbox]

    assert [one.kind for one in news] == ["data_request", "erase", "uninstalled", "erase_shop"]
    assert [one.email for one in news[:2]] == [SALE.email] * 2
    assert [list(one.order_ids) for one in news[:2]] == [[order_id]] * 2


@pytest.mark.parametrize("body", [b"[]", b"7", b'{"id": {"a": 1}}', b"\xff", b"[" * 5000])
def test_signed_nonsense_is_nothing(fake, opened, body):
    sent = fake._sent(f"{HOUSE}x/", "orders/updated", {}, "e")
    raw = raw_of(fake, Sent(sent.address, signed(fake, sent, body), body))

    try:
        assert opened().parse_webhook(raw).kind == "nothing"
    except InvalidRequest:
        pass


def signed(fake, sent: Sent, body: bytes) -> dict[str, str]:
    import base64
    import hashlib
    import hmac

    digest = hmac.new(fake.client_secret.encode(), body, hashlib.sha256).digest()
    return dict(sent.headers) | {"X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode()}


def test_a_look_up_keeps_to_its_deadline(fake, opened):
    fake.slow_s = 3.0
    begun = time.monotonic()

    with pytest.raises(Unavailable):
        opened(settings={"deadline_s": 0.5}).find("#1001")

    assert time.monotonic() - begun < 2.5
    fake.slow_s = 0.0


def test_a_moved_store_is_none(fake, opened):
    fake.next_answers = [Answer(301, headers={"Location": "https://elsewhere.example"})] * 4

    with pytest.raises(InvalidRequest):
        opened(client_id="", access_token=fake.access_token).check()

    assert asked(fake, "myshopifyDomain")
