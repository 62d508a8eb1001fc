"""Keys: who is let in, and what everybody else hears."""

from datetime import timedelta

import pytest

from rientro.flows.revoke_api_key import revoke_api_key
from rientro.kit import clock
from rientro.models import ApiKey
from tests import makers
from tests.api.conftest import basic


def ask(machine, authorization):
    headers = {} if authorization is None else {"authorization": authorization}
    return machine.client.get("/api/v2/integrations", headers=headers)


def refusals(machine):
    secret, public = machine.secret_key, machine.public_key
    merchant = machine.integration.merchant_id
    return {
        "nothing": None,
        "empty": "",
        "another scheme": f"Bearer {secret}",
        "no base64": "Basic ???",
        "no colon": "Basic " + basic(public, "")[6:].rstrip("=")[:10],
        "not text": "Basic /////w==",
        "wrong secret": basic(public, secret + "x"),
        "no secret": basic(public, ""),
        "halves swapped": basic(secret, public),
        "unknown key": basic(f"rk_{merchant}_{'0' * 24}", secret),
        "unknown merchant": basic(f"rk_{merchant + 999}_{public.split('_')[2]}", secret),
        "merchant beyond all numbers": basic("rk_" + "9" * 30 + "_abcdefgh", secret),
        "NUL": basic(public + "\0", secret),
        "very long": basic("x" * 5000, secret),
    }


def test_every_kind_of_miss_gets_the_same_answer(machine):
    answers = {case: ask(machine, header) for case, header in refusals(machine).items()}

    assert {case for case, answer in answers.items() if answer.status_code != 401} == set()
    assert len({answer.content for answer in answers.values()}) == 1
    assert answers["nothing"].json() == {
        "error": {
            "code": 401,
            "request": "api/v2/integrations",
            "message": "Invalid username/password.",
        }
    }
    for answer in answers.values():
        assert answer["WWW-Authenticate"].startswith('Basic realm="Rientro API"')


def test_the_right_key_is_let_in(machine):
    assert ask(machine, machine.authorization).status_code == 200


def test_a_revoked_key_opens_nothing(machine):
    revoke_api_key(key=machine.key, actor="member:1", now=makers.NOW)

    assert ask(machine, machine.authorization).status_code == 401


def test_the_keys_of_a_deleted_integration_open_nothing(machine):
    machine.integration.deleted_at = makers.NOW
    machine.integration.save()

    assert ask(machine, machine.authorization).status_code == 401


def test_the_secret_is_kept_as_a_hash_only(machine):
    row = ApiKey.objects.values().get()

    assert machine.secret_key not in repr(row)
    assert row["secret_last4"] == machine.secret_key[-4:]


def test_the_last_use_is_written_at_most_once_a_minute(machine, monkeypatch):
    start = clock.now()
    seen = []
    for seconds in (0, 59, 61):
        monkeypatch.setattr(clock, "now", lambda s=seconds: start + timedelta(seconds=s))
        ask(machine, machine.authorization)
        seen.append((ApiKey.objects.get().last_used_at - start).seconds)

    assert seen == [0, 0, 61]


@pytest.mark.parametrize(
    "path", ["", "/{id}", "/{id}/shipments", "/{id}/shipments/delete", "/{id}/nothing"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_nothing_is_done_without_a_key(machine, method, path):
    address = "/api/v2/integrations" + path.format(id=machine.integration.pk)

    for slash in ("", "/"):
        response = machine.client.generic(method, address + slash, b"{}")

        assert response.status_code == (404 if "nothing" in path else 401)


def test_a_wrong_method_names_the_right_ones(machine):
    response = machine.ask("PUT", f"{machine.path}/shipments", {})

    assert (response.status_code, response["Allow"]) == (405, "GET, POST")
    assert response.json()["error"]["code"] == 405
