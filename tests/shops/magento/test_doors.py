"""Connecting a Magento: keys, permissions, addresses; notes; and what it cannot do."""

import re
from urllib.parse import parse_qsl

import pytest

from rientro.shops.base import (
    AuthFailed,
    InvalidRequest,
    RateLimited,
    Unavailable,
)
from rientro.shops.magento.wire import Keys, base_string, criteria, query_of
from tests.fake_server import Answer
from tests.shops.magento.conftest import SALE


def test_four_keys_sign_every_request(fake, opened):
    fake.bearer_allowed = False
    fake.place(SALE)

    facts = opened().check()

    told = fake.heard[0].headers["authorization"]
    assert told.startswith("OAuth ")
    assert 'oauth_signature_method="HMAC-SHA256"' in told
    assert fake.credentials["access_token_secret"] not in told
    assert (facts.name, facts.currency, list(facts.cautions)) == ("127.0.0.1", "EUR", [])


def test_what_is_signed_is_written_without_a_plus():
    """Magento reads the query of a signed request by rawurldecode, to which a plus is a plus."""
    params = criteria([("updated_at", "gteq", "2026-11-02 08:00:00")], ["entity_id"], 50)

    query = query_of(params)

    assert "2026-11-02%2008%3A00%3A00" in query
    assert "+" not in query
    assert dict(parse_qsl(query[1:])) == params


def test_a_key_of_another_length_is_a_wrong_key(fake, opened):
    words = "The token length is invalid. Check the length and try again."
    fake.next_answers = [Answer(400, {"message": words})]

    with pytest.raises(AuthFailed, match="token length"):
        opened().check()


def test_what_is_signed_is_put_together_as_the_rfc_says():
    """The example of RFC 5849, 3.4.1.1, without the name that stands there twice."""
    keys = Keys("9djdj82h48djs9d2", "j49sk3j29djd", "kkk9d7dh3k39sjv7", "dh893hdasih9")
    told = {
        "b5": "=%3D",
        "a3": "2 q",
        "c@": "",
        "a2": "r b",
        "c2": "",
        "oauth_consumer_key": keys.consumer_key,
        "oauth_token": keys.token,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "137131201",
        "oauth_nonce": "7d8f3e4a",
    }

    base = base_string("POST", "HTTP://EXAMPLE.COM:80/request", told)

    assert base == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26b5%3D%253D%25253D"
        "%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a"
        "%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201"
        "%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )


def test_a_token_alone_is_a_bearers(fake, opened):
    alone = {"access_token": fake.credentials["access_token"]}

    opened(alone).check()

    assert fake.heard[0].headers["authorization"] == f"Bearer {alone['access_token']}"


def test_where_a_token_alone_does_not_count_the_other_keys_are_asked_for(fake, opened):
    fake.bearer_allowed = False

    with pytest.raises(AuthFailed, match="all four values"):
        opened({"access_token": fake.credentials["access_token"]}).check()


@pytest.mark.parametrize(
    "name", ["consumer_key", "consumer_secret", "access_token", "access_token_secret"]
)
def test_one_wrong_key_is_refused_in_magentos_words(fake, opened, name):
    with pytest.raises(AuthFailed) as caught:
        opened(fake.credentials | {name: "x" * 32}).check()

    assert "Integrations" in caught.value.message
    assert "x" * 32 not in caught.value.message


def test_the_permission_to_read_orders_is_named_with_its_place(fake, opened):
    fake.granted -= {"Magento_Sales::actions_view"}

    with pytest.raises(AuthFailed) as caught:
        opened().check()

    assert caught.value.facts["scope"] == "Magento_Sales::actions_view"
    assert "Sales › Operations › Orders › Actions › View" in caught.value.message


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        ("Magento_Sales::shipment", "tracking numbers"),
        ("Magento_Sales::sales_creditmemo", "dates of refunds"),
        ("Magento_Sales::sales_invoice", "no refunds"),
        ("Magento_Sales::creditmemo", "no refunds"),
        ("Magento_Sales::comment", "no notes"),
        ("Magento_Catalog::products", "pictures"),
        ("Magento_Backend::store", "kilograms"),
    ],
)
def test_each_other_permission_is_a_caution_with_what_it_costs(fake, opened, resource, words):
    fake.granted -= {resource}

    (caution,) = opened().check().cautions

    assert resource in caution
    assert words in caution


def test_trying_permissions_changes_nothing(fake, opened):
    order_id = fake.place(SALE)

    opened().check()

    assert (fake.refunds(order_id), fake.notes(order_id)) == ([], [])


@pytest.mark.parametrize("path", ["/shop", "/index.php"])
def test_another_address_is_said_to_have_no_api(fake, opened, path):
    with pytest.raises(InvalidRequest, match="no API of Magento"):
        opened(url=fake.url + path).check()


def test_a_shop_that_moved_says_where(fake, opened):
    to = "https://www.example.com/shop/rest/V1/orders"
    fake.next_answers = [Answer(301, headers={"Location": to})]

    with pytest.raises(InvalidRequest, match=re.escape("https://www.example.com/shop.")):
        opened().check()


def test_maintenance_and_faults_are_asked_for_again_later(fake, opened):
    fake.down = True
    with pytest.raises(Unavailable):
        opened().changed(fake.now)

    fake.down, fake.broken = False, True
    with pytest.raises(Unavailable):
        opened().changed(fake.now)


def test_a_busy_front_says_how_long_to_wait(fake, opened):
    fake.next_answers = [Answer(429, body=b"slow", headers={"Retry-After": "40"})]

    with pytest.raises(RateLimited) as caught:
        opened().changed(fake.now)

    assert caught.value.retry_after_s == 40


def test_a_note_is_put_once_and_the_order_keeps_its_status(fake, opened):
    order_id = fake.place(SALE)

    for _ in range(2):
        opened().add_note(order_id, "Back: 1 × Scarf")

    assert fake.notes(order_id) == ["Back: 1 × Scarf"]
    heard = fake.last(f"POST /rest/V1/orders/{order_id}/comments")
    assert heard.words["statusHistory"]["is_visible_on_front"] == 0
    assert heard.words["statusHistory"]["is_customer_notified"] == 0
    assert heard.words["statusHistory"]["status"] == "processing"


def test_a_note_on_an_order_that_is_gone_is_refused(fake, opened):
    with pytest.raises(InvalidRequest):
        opened().add_note("404", "x")
