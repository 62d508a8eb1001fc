"""Connecting a Medusa: the key, the address, what is refused and in which words."""

import base64

import pytest

from rientro.shops.base import AuthFailed, InvalidRequest, RateLimited, Unavailable
from rientro.shops.medusa.adapter import Medusa
from tests.fake_server import Answer


def test_the_key_goes_by_basic_and_the_shop_says_its_name_and_currency(fake, opened):
    facts = opened().check()

    sent = fake.heard[0].headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == f"{fake.credentials['secret_key']}:"
    assert (facts.name != "", facts.currency) == (True, "EUR")
    assert facts.statuses["canceled"] == "Canceled"
    assert fake.lines() == ["GET /admin/stores", "GET /admin/orders"]


def test_an_unknown_key_is_refused_with_the_place_where_it_is_made(opened):
    with pytest.raises(AuthFailed, match="Settings › Secret API Keys"):
        opened(secret_key="sk_nobody").check()


def test_a_publishable_key_is_told_from_a_secret_one_before_anything_is_sent(fake, opened):
    with pytest.raises(AuthFailed, match="publishable"):
        opened(secret_key="pk_0123").check()

    assert fake.heard == []


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (Answer(404, body=b"<!DOCTYPE html><pre>Cannot GET</pre>"), InvalidRequest, "no Medusa"),
        (Answer(200, body=b"<!DOCTYPE html><p>Hello</p>"), Unavailable, "cannot read"),
        (
            Answer(301, headers={"Location": "https://api.example.com/admin/stores"}),
            InvalidRequest,
            "https://api.example.com",
        ),
        (Answer(503, body=b"<h1>Bad gateway</h1>"), Unavailable, "503"),
        (Answer(200, body=b'{"stores": ['), Unavailable, "cannot read"),
        (Answer(200, {"stores": "x"}), Unavailable, "cannot read"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(fake, opened, answer, error, words):
    fake.next_answers = [answer]

    with pytest.raises(error) as caught:
        opened().check()

    assert words in str(caught.value.message)


def test_a_host_that_is_tired_says_for_how_long(fake, opened):
    fake.next_answers = [Answer(429, {"message": "slow down"}, headers={"Retry-After": "7"})]

    with pytest.raises(RateLimited) as caught:
        opened().count(fake.now)

    assert caught.value.retry_after_s == 7


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("https://api.example.com/app", "https://api.example.com"),
        ("https://api.example.com/app/", "https://api.example.com"),
        ("https://api.example.com/admin/", "https://api.example.com"),
        ("https://api.example.com/", "https://api.example.com"),
    ],
)
def test_what_is_copied_along_from_the_admin_falls_away(typed, clean):
    assert Medusa.clean_url(typed) == clean


def test_a_look_up_ends_with_its_deadline(fake, opened):
    fake.slow_s = 1.0

    with pytest.raises(Unavailable):
        opened({"deadline_s": 0.2}).find("1")
