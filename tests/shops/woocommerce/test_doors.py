"""Connecting to WooCommerce: what is wrong is said in words; webhooks, consent, and what a request bears."""

import ssl

import httpx
import pytest

from rientro.kit import http
from rientro.shops.base import (
    AuthFailed,
    BadSignature,
    InvalidRequest,
    RawWebhook,
    Unavailable,
)
from rientro.shops.woocommerce.adapter import WooCommerce
from tests.fake_server import Answer, running
from tests.kit.listener import make_certificate
from tests.shops.fakes.woocommerce import FakeWooCommerce
from tests.shops.woocommerce.conftest import SALE

HOOK = "https://returns.example/hooks/shops/woocommerce/1-2-abc/"
NEIGHBOUR = "https://returns.example/hooks/shops/woocommerce/3-4-abc/"


def raw_of(sent, now, **headers):
    told = {name.lower(): value for name, value in (sent.headers | headers).items()}
    return RawWebhook(headers=told, body=sent.body, received_at=now)


def test_a_shop_says_what_it_is(opened):
    facts = opened().check()

    assert (facts.name, facts.version, facts.currency) == ("Bottega Rossi & Figli", "10.3.5", "EUR")
    assert facts.statuses["on-hold"] == "On hold"
    assert facts.cautions == []


def test_on_plain_http_requests_are_signed_and_the_secret_never_travels(fake, opened):
    opened().check()

    secret = fake.credentials["consumer_secret"]
    for heard in fake.heard[1:]:  # the first asks who is there, without keys
        assert heard.one("oauth_signature")
        assert "authorization" not in heard.headers
        assert secret not in str(heard.query)


def test_wrong_keys_are_said_to_be_wrong(opened):
    with pytest.raises(AuthFailed, match="Consumer key is invalid"):
        opened(consumer_key="ck_nobody").check()
    with pytest.raises(AuthFailed, match="signature does not match"):
        opened(consumer_secret="cs_wrong").check()


def test_a_key_that_may_only_read_is_told_where_to_be_changed(fake, opened):
    fake.add_key("ck_read", "cs_read", "read")

    with pytest.raises(AuthFailed, match="REST API give it “Read/Write”") as caught:
        opened(consumer_key="ck_read", consumer_secret="cs_read").check()

    assert caught.value.facts["scope"] == "write"


def test_a_key_that_may_only_write_and_a_clerks_key_are_refused(fake, opened):
    fake.add_key("ck_write", "cs", "write")
    fake.add_key("ck_clerk", "cs", manager=False)

    with pytest.raises(AuthFailed, match="does not have read permissions"):
        opened(consumer_key="ck_write", consumer_secret="cs").check()
    with pytest.raises(AuthFailed, match="must be allowed to manage the shop"):
        opened(consumer_key="ck_clerk", consumer_secret="cs").check()


@pytest.fixture
def over_tls(tmp_path, monkeypatch):
    """A shop behind TLS, whose certificate is taken here."""
    certificate, key = make_certificate(tmp_path, "localhost")
    trusted = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(http, "_tls", lambda: trusted)
    fake = FakeWooCommerce(over_tls=True)
    fake.certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    fake.certificate.load_cert_chain(certificate, key)
    with running(fake):
        yield fake


def test_over_tls_the_keys_go_in_the_header_and_nowhere_else(over_tls):
    order_id = over_tls.place(SALE)
    shop = WooCommerce(over_tls.credentials, over_tls.settings)

    assert shop.check().name == "Bottega Rossi & Figli"
    assert shop.fetch([order_id])[order_id].order.number == order_id
    for heard in over_tls.heard:
        assert heard.headers["authorization"].startswith("Basic ")
        assert not any(name.startswith(("oauth_", "consumer_")) for name in heard.query)


def test_over_tls_wrong_keys_are_said_to_be_wrong(over_tls):
    keys = over_tls.credentials

    with pytest.raises(AuthFailed, match="Consumer key is invalid"):
        WooCommerce(keys | {"consumer_key": "ck_nobody"}, over_tls.settings).check()
    with pytest.raises(AuthFailed, match="Consumer secret is invalid"):
        WooCommerce(keys | {"consumer_secret": "cs_wrong"}, over_tls.settings).check()


def test_a_web_server_that_drops_the_header_is_no_hindrance(over_tls):
    over_tls.drops_authorization = True
    order_id = over_tls.place(SALE)
    shop = WooCommerce(over_tls.credentials, over_tls.settings)

    shop.check()
    shop.add_note(order_id, "Return R-1")

    assert over_tls.notes(order_id) == ["Return R-1"]
    assert over_tls.credentials["consumer_secret"] not in str(over_tls.heard)


def test_a_shop_that_takes_us_for_strangers_whatever_we_bring_is_told_so(fake, opened):
    words = {"code": "woocommerce_rest_cannot_view", "message": "Sorry.", "data": {"status": 401}}
    fake.next_answers = [fake.index(None), Answer(401, words)]

    with pytest.raises(AuthFailed, match="takes us for a stranger"):
        opened().check()


def test_plain_permalinks_are_named(fake, opened):
    fake.plain_permalinks = True

    with pytest.raises(InvalidRequest, match="must not be “Plain”"):
        opened().check()


def test_a_wordpress_without_the_shop_and_an_address_that_moved_are_named(fake, opened):
    fake.next_answers = [Answer(200, {"name": "Blog", "namespaces": ["wp/v2"]})]
    with pytest.raises(InvalidRequest, match="without WooCommerce"):
        opened().check()

    fake.next_answers = [
        Answer(301, {}, headers={"Location": "https://www.example.com/it/wp-json/"})
    ]
    with pytest.raises(InvalidRequest, match=r"https://www\.example\.com/it\. Type that one"):
        opened().check()


def test_a_shop_in_maintenance_is_asked_again_later(fake, opened):
    fake.down = True

    with pytest.raises(Unavailable):
        opened().check()


# Webhooks


def test_webhooks_are_registered_with_a_secret_and_replace_those_of_before(fake, opened):
    opened().register_webhooks("https://returns.example/hooks/shops/woocommerce/1-2-old-word/")
    fake.hooks[9] = fake.hooks[1].__class__(
        9, "theirs", "order.updated", NEIGHBOUR, "s", fake.now, fake.now
    )

    kept = opened().register_webhooks(HOOK)

    assert {hook.topic for hook in fake.hooks.values() if hook.delivery_url == HOOK} == {
        "order.created",
        "order.updated",
        "order.deleted",
        "order.restored",
    }
    assert {hook.secret for hook in fake.hooks.values()} == {"s", kept["webhook_secret"]}
    opened().forget_webhooks(HOOK)
    opened().forget_webhooks(HOOK)
    assert list(fake.hooks) == [9]


def test_what_is_signed_is_read_and_what_is_not_is_refused(fake, opened):
    secret = opened().register_webhooks(HOOK)["webhook_secret"]
    pings, fake.outbox = fake.outbox, []
    order_id = fake.place(SALE)
    fake.edit(order_id, city="Prato")
    fake.trash(order_id)
    fake.untrash(order_id)
    shop = opened(webhook_secret=secret)

    news = [shop.parse_webhook(raw_of(sent, fake.now)) for sent in fake.outbox]
    assert {one.topic for one in news} == {
        "order.created",
        "order.updated",
        "order.deleted",
        "order.restored",
    }
    assert {(one.kind, tuple(one.order_ids)) for one in news} == {("orders", (order_id,))}
    assert {shop.parse_webhook(raw_of(ping, fake.now)).kind for ping in pings} == {"nothing"}

    sent = fake.outbox[0]
    for signature in ("", "bm90IGl0", "é"):
        with pytest.raises(BadSignature):
            shop.parse_webhook(raw_of(sent, fake.now, **{"X-WC-Webhook-Signature": signature}))
    with pytest.raises(BadSignature):
        opened(webhook_secret="another").parse_webhook(raw_of(sent, fake.now))
    with pytest.raises(BadSignature):
        opened().parse_webhook(raw_of(sent, fake.now))


def test_two_deliveries_have_two_keys_and_a_repeated_one_has_the_same(fake, opened):
    opened().register_webhooks(HOOK)
    fake.outbox.clear()
    order_id = fake.place(SALE)
    fake.tick()
    fake.edit(order_id, city="Prato")
    keys = [opened().delivery_key(raw_of(sent, fake.now)) for sent in fake.outbox]

    assert len(set(keys)) == len(keys) == 3
    assert opened().delivery_key(raw_of(fake.outbox[0], fake.now)) == keys[0]


# Consent


def test_keys_come_by_the_shops_own_page():
    got = []

    def take(address, headers, body):
        got.append((address, httpx.Response(200, content=body).json()))
        return 200

    with running(FakeWooCommerce()) as fake:
        fake.post_keys = take
        page = WooCommerce.consent_url(
            {},
            fake.settings,
            state="st-1",
            return_url="https://returns.example/back",
            callback_url="https://returns.example/keys",
        )
        link = httpx.get(page).text.partition('approve" href="')[2].partition('"')[0]
        back = httpx.get(link.replace("&amp;", "&"))
        ((address, words),) = got
        keys = WooCommerce.consented({}, fake.settings, {k: str(v) for k, v in words.items()})
        facts = WooCommerce(keys, fake.settings).check()

    assert address == "https://returns.example/keys"
    assert words["user_id"] == "st-1"
    assert back.headers["location"] == "https://returns.example/back?success=1&user_id=st-1"
    assert facts.name == "Bottega Rossi & Figli"
    with pytest.raises(InvalidRequest):
        WooCommerce.consented({}, {}, {"success": "1"})
