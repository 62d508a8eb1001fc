"""Guessing keys is slow for the network that guesses, and locks nobody out."""

import base64

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rientro.kit import clock
from rientro.kit.tenancy import merchant_transaction
from rientro.models import ApiKey, RefusedNetwork
from rientro.models.rate_limits import WRONG_KEYS, forget_networks
from tests import makers
from tests.api.conftest import Machine

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v2/user"
HERE, THERE = "203.0.113.7", "198.51.100.7"


@pytest.fixture
def machine(client, settings):
    settings.API_LIMITS = True
    merchant = makers.make_merchant()
    with merchant_transaction(merchant.pk):
        integration = makers.make_integration()
    return Machine(client, integration)


def ask(machine, header=None, *, at=HERE, **more):
    headers = {"authorization": machine.authorization if header is None else header}
    return machine.client.get(URL, headers=headers, REMOTE_ADDR=at, **more)


def guess(machine, number=0, **more):
    pair = f"{machine.public_key}:rs_{number:043}"
    return ask(machine, "Basic " + base64.b64encode(pair.encode()).decode(), **more)


def spend(machine, **more):
    for number in range(WRONG_KEYS):
        assert guess(machine, number, **more).status_code == 401


def test_after_twenty_wrong_keys_a_network_has_to_wait(machine):
    spend(machine)

    answer = guess(machine)

    assert (answer.status_code, answer.content) == (429, b"")
    assert 1 <= int(answer["Retry-After"]) <= 3


def test_whoever_guesses_does_not_hear_that_a_guess_was_right(machine):
    """Right and wrong are answered alike until the network has waited."""
    spend(machine)

    assert ask(machine).status_code == 429


def test_a_key_that_was_let_in_from_there_goes_on(machine):
    assert ask(machine).status_code == 200
    spend(machine)

    assert guess(machine).status_code == 429
    assert ask(machine).status_code == 200


def test_other_networks_do_not_notice(machine):
    spend(machine)

    assert ask(machine, at=THERE).status_code == 200
    assert guess(machine, at=THERE).status_code == 401


def test_neighbours_are_one_network(machine):
    spend(machine)

    assert guess(machine, at="203.0.113.250").status_code == 429


def test_a_token_is_a_key_too_and_the_exchange_counts(machine):
    wrong = f"grant_type=client_credentials&client_id={machine.public_key}&client_secret=x"
    form = {"content_type": "application/x-www-form-urlencoded", "REMOTE_ADDR": HERE}

    answers = [
        machine.client.post("/api/oauth2/token", wrong, **form)
        if number % 2
        else ask(machine, f"Bearer rt_{machine.key.merchant_id}_{'x' * 43}")
        for number in range(WRONG_KEYS + 2)
    ]

    assert [answer.status_code for answer in answers[-2:]] == [429, 429]
    assert {answer.status_code for answer in answers[:-2]} == {401}


def test_without_a_key_nothing_is_guessed(machine):
    answers = {ask(machine, "").status_code for _ in range(WRONG_KEYS + 5)}

    assert answers == {401}
    assert not RefusedNetwork.objects.exists()


def test_a_header_that_names_another_network_changes_nothing(machine):
    spend(machine)

    answer = guess(machine, HTTP_X_FORWARDED_FOR=THERE)

    assert answer.status_code == 429


def test_a_key_at_work_costs_no_question_more(machine):
    ask(machine)

    with CaptureQueriesContext(connection) as asked:
        ask(machine)

    assert [one for one in asked.captured_queries if "refusednetwork" in one["sql"]] == []


def test_networks_are_forgotten(machine):
    guess(machine)

    forget_networks(before=clock.now())

    assert not RefusedNetwork.objects.exists()
    with merchant_transaction(machine.key.merchant_id):
        assert ApiKey.objects.get().network == ""
