"""Every operation × (no key, a wrong one, a revoked one, too few scopes): generated from the operations."""

import base64
import json
import re

import pytest

from rientro.api import openapi
from rientro.flows.mint_api_key import mint_api_key
from rientro.kit.tenancy import merchant_transaction
from rientro.models import ApiKey
from tests import makers

pytestmark = pytest.mark.django_db(transaction=True)


def guarded():
    return [one for one in openapi.operations() if one[3].auth == "key"]


def basic(public, secret):
    return "Basic " + base64.b64encode(f"{public}:{secret}".encode()).decode()


def ask(client, method, path, header):
    url = re.sub(r"\{\w+\}", "1", path)
    extra = {"HTTP_AUTHORIZATION": header} if header else {}
    if method == "GET":
        return client.get(url, **extra)
    return client.generic(method, url, "{}", content_type="application/json", **extra)


@pytest.fixture
def minted(db):
    merchant = makers.make_merchant()
    with merchant_transaction(merchant.pk):
        return mint_api_key(
            integration=makers.make_integration(), name="x", actor="x", now=makers.NOW
        )


def test_there_are_operations():
    assert len(guarded()) >= 8


@pytest.mark.parametrize("case", ["none", "wrong", "revoked", "unknown token", "of another scheme"])
def test_without_a_living_key_every_operation_answers_401(case, client, minted):
    if case == "revoked":
        with merchant_transaction(minted.key.merchant_id):
            ApiKey.objects.update(revoked_at=makers.NOW)
    header = {
        "none": "",
        "wrong": basic(minted.public_key, "rs_wrong"),
        "revoked": basic(minted.public_key, minted.secret_key),
        "unknown token": f"Bearer rt_{minted.key.merchant_id}_{'x' * 43}",
        "of another scheme": "Digest x",
    }[case]

    answers = {
        f"{method} {path}": ask(client, method, path, header).status_code
        for path, method, _, _ in guarded()
    }

    assert {name: status for name, status in answers.items() if status != 401} == {}


def test_with_a_key_of_one_scope_every_other_operation_answers_403(client, minted):
    with merchant_transaction(minted.key.merchant_id):
        ApiKey.objects.update(scopes=["read:nothing"])
    header = basic(minted.public_key, minted.secret_key)

    answers = {
        f"{method} {path}": ask(client, method, path, header).status_code
        for path, method, _, operation in guarded()
        if operation.scope
    }

    assert {name: status for name, status in answers.items() if status != 403} == {}


def test_every_operation_names_its_scope_or_is_about_the_key_itself():
    about_the_key = {"v3_auth_metadata", "v2_get_user"}

    nameless = [operation.id for _, _, _, operation in guarded() if not operation.scope]

    assert set(nameless) <= about_the_key


def test_every_operation_has_an_id_of_its_own_and_says_what_it_does():
    ids = [operation.id for _, _, _, operation in openapi.operations()]
    silent = [operation.id for _, _, _, operation in openapi.operations() if not operation.about]

    assert sorted(ids) == sorted(set(ids))
    assert silent == []


def test_an_exchanged_token_opens_what_its_scopes_say(client, minted):
    answer = client.post(
        "/api/oauth2/token",
        "grant_type=client_credentials&scope=read:integration",
        content_type="application/x-www-form-urlencoded",
        HTTP_AUTHORIZATION=basic(minted.public_key, minted.secret_key),
    )
    token = answer.json()["access_token"]

    assert answer.json()["scope"] == "read:integration"
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    assert client.get("/api/v2/integrations", **bearer).status_code == 200
    refused = client.patch(
        "/api/v2/integrations/1", "{}", content_type="application/json", **bearer
    )
    assert refused.status_code == 403


def test_a_token_asks_for_no_more_than_its_key_may(client, minted):
    with merchant_transaction(minted.key.merchant_id):
        ApiKey.objects.update(scopes=["read:order"])

    answer = client.post(
        "/api/oauth2/token",
        f"grant_type=client_credentials&scope=write:order&client_id={minted.public_key}"
        f"&client_secret={minted.secret_key}",
        content_type="application/x-www-form-urlencoded",
    )

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_the_sixteenth_call_at_once_hears_when_to_come_back(client, minted, settings):
    settings.API_LIMITS = True
    header = {"HTTP_AUTHORIZATION": basic(minted.public_key, minted.secret_key)}

    answers = [client.get("/api/v2/integrations", **header) for _ in range(40)]

    limited = [answer for answer in answers if answer.status_code == 429]
    assert [answer.status_code for answer in answers[:15]] == [200] * 15
    assert limited
    assert limited[0].content == b""
    assert int(limited[0]["Retry-After"]) >= 1


def test_the_same_idempotency_key_has_one_effect_and_one_answer(client, minted):
    url = f"/api/v2/integrations/{minted.key.integration_id}/shipments"
    header = {
        "HTTP_AUTHORIZATION": basic(minted.public_key, minted.secret_key),
        "HTTP_IDEMPOTENCY_KEY": "order-1",
    }
    body = json.dumps([{"external_order_id": "1"}])

    first = client.post(url, body, content_type="application/json", **header)
    again = client.post(url, body, content_type="application/json", **header)
    other = client.post(url, "[{}]", content_type="application/json", **header)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert other.status_code == 422


def test_the_reference_names_every_operation(client):
    page = client.get("/api/docs").content.decode()

    missing = [one.id for _, _, _, one in openapi.operations() if f'id="{one.id}"' not in page]
    assert missing == []
    assert client.get("/api/openapi.json").json()["openapi"] == "3.1.0"
