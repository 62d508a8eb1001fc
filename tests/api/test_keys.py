"""Every operation and every key that is not the right one, with ids that exist; generated from the document.

``tests/api/test_operations.py`` asks without a living key and with too narrow a key; here are tokens in every bad
state, another merchant's key and token, and the return portal's tokens.
"""

import base64
import json
from datetime import timedelta

import jwt
import pytest
from django.db import transaction

from rientro.api.v2.portal_door import PortalCall
from rientro.flows.grant_token import grant_token
from rientro.kit import clock
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import AccessToken, ApiKey, Event, Integration, Order, Return
from tests.api.examples import BODIES
from tests.api.world import World, descriptions, ids_in, sandbox_process, world

__all__ = ["sandbox_process", "world"]
# Who needs no key, and why.
OPEN = {
    "oauth_token": "it takes the key pair itself, in its form, and refuses a wrong one with 401",
    "v2_get_return_portal": "what a brand offers to shoppers is public",
    "v2_get_outgoing_parcel": "a look-up proves itself by number and postal code, with limits (ADR 0006)",
    "v2_poll_portal_label": "its token stands in the query: clients open it as a link (see PORTAL_TOKEN)",
    "v2_download_portal_label": "its token stands in the query: people open it as a link",
    "v2_download_portal_customs": "its token stands in the query: people open it as a link",
}
PORTAL_TOKEN = {
    "v2_poll_portal_label",
    "v2_download_portal_label",
    "v2_download_portal_customs",
}
# Parts of a path that belong to nobody, and why another merchant may name them as well.
NOBODYS = {
    "identifier": "the vocabulary of shipping rules is the same for everybody",
    "kind": "names a sort of paper",
    "method_id": "a way to ship is known to everybody by its number",
}


def keyed():
    return {n: d for n, d in descriptions().items() if d[2]["security"] and n not in portal_ops()}


def portal_ops():
    return {n for n, (_, _, told) in descriptions().items() if told["security"] == [{"portal": []}]}


def bodies(world):
    """A good body of ours for each operation; made first, for making some makes an order."""
    return {n: world.body(n) for n, (_, _, told) in descriptions().items() if "requestBody" in told}


def call(world, name, header, body=None):
    path, method, told = descriptions()[name]
    kind = next(iter(told.get("requestBody", {}).get("content", {})), "application/json")
    return world.client.generic(
        method.upper(),
        world.path(path),
        b"" if body is None else json.dumps(body).encode(),
        content_type=kind,
        headers={"authorization": header},
    )


def token_of(world, *scopes):
    with acting_for(world.merchant.pk):
        return grant_token(key_id=world.key.pk, asked=list(scopes), now=clock.now()).token


@pytest.fixture(scope="module")
def stranger(world):
    """Another merchant with a key, and nothing of what ``world`` has."""
    other = World(world.customer, "altro", full=False)
    yield other
    other.receiver.close()


def test_whoever_needs_no_key_has_a_written_reason():
    nameless = {name for name, (_, _, told) in descriptions().items() if not told["security"]}

    assert nameless == set(OPEN)


@pytest.mark.parametrize(
    "case",
    [
        "of a revoked key",
        "expired",
        "of a disconnected shop",
        "with a letter changed",
        "with another merchant's number in it",
        "as the password of HTTP Basic",
        "in the query",
        "of another scheme",
    ],
)
def test_a_token_in_a_bad_state_opens_nothing(case, world, stranger):
    world.connect()
    token, header = token_of(world), None
    with merchant_transaction(world.merchant.pk):
        if case == "of a revoked key":
            ApiKey.objects.filter(pk=world.key.pk).update(revoked_at=clock.now())
        elif case == "expired":
            AccessToken.objects.filter(key=world.key.pk).update(
                expires_at=clock.now() - timedelta(seconds=1)
            )
        elif case == "of a disconnected shop":
            Integration.objects.filter(pk=world.integration.pk).update(deleted_at=clock.now())
    if case == "with a letter changed":
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    elif case.startswith("with another"):
        token = token.replace(f"rt_{world.merchant.pk}_", f"rt_{stranger.merchant.pk}_")
    elif case.startswith("as the password"):
        header = "Basic " + base64.b64encode(f"token:{token}".encode()).decode()
    elif case == "in the query":
        header = ""
    elif case == "of another scheme":
        header = f"Token {token}"

    wrong = {}
    for name, (path, method, _) in keyed().items():
        query = f"?access_token={token}&api_key={token}" if case == "in the query" else ""
        answer = world.client.generic(
            method.upper(),
            world.path(path) + query,
            b"{}",
            content_type="application/json",
            headers={"authorization": f"Bearer {token}" if header is None else header},
        )
        if answer.status_code != 401:
            wrong[name] = answer.status_code

    world.connect()
    assert wrong == {}


def test_a_narrower_token_opens_its_scopes_and_nothing_else(world):
    scopes = {told["x-scope"] for _, _, told in keyed().values() if told.get("x-scope")}
    wrong = {}

    for scope in sorted(scopes):
        header = f"Bearer {token_of(world, scope)}"
        for name, (path, method, told) in keyed().items():
            needed = told.get("x-scope")
            if not needed or needed in (scope, scope.replace("write:", "read:", 1)):
                continue
            answer = world.client.generic(
                method.upper(),
                world.path(path),
                b"{}",
                content_type="application/json",
                headers={"authorization": header},
            )
            if answer.status_code != 403:
                wrong[f"{scope} {name}"] = answer.status_code

    assert wrong == {}


@pytest.mark.parametrize("kind", ["key", "token"])
def test_what_is_not_there_and_what_is_anothers_are_the_same(kind, world, stranger):
    """Ids of ours in the path, the stranger's own good body in the request: 404, and nothing of ours moves."""
    header = stranger.authorization if kind == "key" else f"Bearer {token_of(stranger)}"
    good = bodies(world)
    before, wrong = state_of(world), {}

    for name, (path, _, _) in keyed().items():
        parts = path.count("{") - sum(f"{{{part}}}" in path for part in NOBODYS)
        if not parts:
            continue
        answer = call(world, name, header, good.get(name))
        if answer.status_code != 404:
            wrong[name] = (answer.status_code, answer.content[:120])

    assert wrong == {}
    assert state_of(world) == before


def test_a_strangers_lists_and_bodies_reach_nothing_of_ours(world, stranger):
    """Lists show none of our ids; a good body of ours, ids and all, in a stranger's hands changes nothing of ours."""
    stranger.make_order()
    good = bodies(world)
    before, wrong = state_of(world), {}
    ours = {path: set(ids) for path, ids in world.known.items()}

    for name, (path, method, _) in keyed().items():
        if path.count("{"):
            continue
        answer = call(world, name, stranger.authorization, good.get(name))
        if answer.status_code >= 500:
            wrong[name] = answer.status_code
        if method == "get" and answer.status_code == 200 and "json" in answer["Content-Type"]:
            for upto, ids in ours.items():
                part = upto.rpartition("{")[2].rstrip("}")
                if upto.rpartition("/")[0] == path and part not in NOBODYS:
                    shown = ids & set(ids_in(answer.json(), part))
                    wrong |= {name: shown} if shown else {}

    assert wrong == {}
    assert state_of(world) == before


def state_of(world):
    """What a stranger's call must leave as it is."""
    with merchant_transaction(world.merchant.pk):
        return (
            Event.objects.count(),
            list(Order.objects.order_by("pk").values_list("pk", "updated_at", "redacted_at")),
            list(Return.objects.order_by("pk").values_list("pk", "approval", "carrier")),
        )


def portal_tokens(world, stranger):
    """Tokens that are not the right one: {case: token}."""
    lookup = world.look_up().removeprefix("Bearer ")
    label = world.label_token()
    claims = jwt.decode(lookup, options={"verify_signature": False})
    with transaction.atomic(), acting_for(world.merchant.pk):
        call_of = portal_call_of(world)
        expired = portal_call_of(world, ago=timedelta(minutes=16))
        old = {use: expired.issue(use, int(claims["sub"])) for use in ("lookup", "label")}
        of_a_missing_row = {use: call_of.issue(use, 10**15) for use in ("lookup", "label")}
    theirs = portal_call_of(stranger)
    head, body, mark = lookup.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    upper = base64.urlsafe_b64encode(b'{"alg":"NoNe"}').rstrip(b"=").decode()
    later = claims | {"exp": claims["exp"] + 10**6}
    return {
        "none at all": "",
        "garbage": "x.y.z",
        "huge": "a" * 100_000,
        "alg none": f"{none}.{body}.",
        "alg none, signed": f"{none}.{body}.{mark}",
        "alg NoNe": f"{upper}.{body}.",
        "signed with an empty key": signed(claims, ""),
        "signed with the audience": signed(claims, claims["aud"]),
        "signed with a guess": signed(later, "secret"),
        "HS512 of a guess": signed(claims, "secret" * 20, "HS512"),
        "changed": f"{head}.{encoded(later)}.{mark}",
        "expired": (old["lookup"], old["label"]),
        "for another use": (label, lookup),
        "of another merchant": (theirs.issue("lookup", 1), theirs.issue("label", 1)),
        "of a row that is not there": (of_a_missing_row["lookup"], of_a_missing_row["label"]),
        "a key of the API": world.secret_key,
        "a token of the API": token_of(world),
    }


def encoded(claims):
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


def signed(claims, key, algorithm="HS256"):
    """By hand: the library refuses to sign with a weak key."""
    import hashlib
    import hmac

    head = encoded({"alg": algorithm, "typ": "JWT"})
    text = f"{head}.{encoded(claims)}"
    kind = hashlib.sha256 if algorithm == "HS256" else hashlib.sha512
    mark = hmac.digest(key.encode(), text.encode(), kind)
    return f"{text}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def portal_call_of(world, ago=timedelta()):
    return PortalCall(None, world.merchant, world.brand, None, clock.now() - ago)


def test_only_the_portals_own_token_opens_what_stands_behind_a_look_up(world, stranger):
    wrong = {}

    for case, told in portal_tokens(world, stranger).items():
        lookup, label = told if isinstance(told, tuple) else (told, told)
        answers = {name: call(world, name, f"Bearer {lookup}", {}) for name in portal_ops()}
        for name in PORTAL_TOKEN:
            path = world.path(descriptions()[name][0])
            answers[name] = world.client.get(path, {"token": label})
        allowed = (401, 404) if case.startswith("of a row") else (401,)
        for name, answer in answers.items():
            if answer.status_code not in allowed:
                wrong[f"{case}: {name}"] = answer.status_code

    assert wrong == {}


def test_a_look_up_that_was_used_opens_no_second_return(world):
    header = world.look_up()
    body = BODIES["v2_create_incoming_return"](world)
    path = world.path(descriptions()["v2_create_incoming_return"][0])

    first = world.ask("POST", path, body, headers={"authorization": header})
    again = world.ask("POST", path, body, headers={"authorization": header})

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["return"] == first.json()["return"]
