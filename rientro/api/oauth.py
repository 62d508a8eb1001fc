"""OAuth2 client credentials (RFC 6749 §4.4): a key pair is exchanged for a token that lives an hour.

The client is an integration's key: its public half is the client id, its secret half the client secret.
"""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

from rientro.api.auth import TooManyWrongKeys, admitted, by_secret, credentials
from rientro.api.body import raw_body
from rientro.api.describe import INTEGER, STRING, named, one_of, record
from rientro.api.door import OpenCall, json_response, methods
from rientro.api.errors import KeyRefused, Refused
from rientro.api.operations import operation
from rientro.flows.grant_token import LIVES, ScopeNotGranted, grant_token
from rientro.kit.tenancy import acting_for

TOKEN = named(
    "AccessToken",
    record(
        {
            "access_token": STRING,
            "token_type": one_of("Bearer"),
            "expires_in": INTEGER,
            "scope": STRING,
        }
    ),
)
ERROR = named(
    "OAuthError",
    record(
        {"error": STRING, "error_description": STRING, "error_hint": STRING, "status_code": INTEGER}
    ),
)
FORM = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": one_of("client_credentials"),
        "scope": STRING,
        "client_id": STRING,
        "client_secret": STRING,
    },
}


@operation(
    "oauth_token",
    "Authentication",
    auth="none",
    body=FORM,
    media="application/x-www-form-urlencoded",
    answers={200: TOKEN, 400: ERROR, 401: ERROR, 429: None},
)
def _token(call: OpenCall) -> HttpResponse:
    """Exchange a key pair for a token.

    Send a form with grant_type=client_credentials and, if you like, fewer scopes than the key has; the key
    pair goes into HTTP Basic or into client_id and client_secret.
    """
    try:
        form = _form(call.request)
        if form.get("grant_type") != "client_credentials":
            return _refused("unsupported_grant_type", "Send grant_type=client_credentials.", 400)
        caller = admitted(call.request, lambda: by_secret(*_pair(call.request, form)), now=call.now)
        with acting_for(caller.merchant_id):
            granted = grant_token(
                key_id=caller.key_id, asked=(form.get("scope") or "").split(), now=call.now
            )
    except TooManyWrongKeys:
        raise
    except KeyRefused:
        return _refused("invalid_client", "The key pair is unknown, wrong or revoked.", 401)
    except ScopeNotGranted as error:
        return _refused("invalid_scope", error.message, 400)
    except Refused as error:
        return _refused("invalid_request", error.message, 400)
    body: dict[str, Any] = {
        "access_token": granted.token,
        "token_type": "Bearer",
        "expires_in": int(LIVES / timedelta(seconds=1)),
        "scope": " ".join(granted.scopes),
    }
    response = json_response(body)
    response["Cache-Control"] = "no-store"
    return response


def _form(request: HttpRequest) -> QueryDict:
    body = raw_body(request)
    if b"\0" in body or len(body) > 4000:
        raise Refused("This form cannot be read.")
    try:
        return QueryDict(body, encoding="utf-8")
    except (UnicodeDecodeError, ValueError) as error:
        raise Refused("This form cannot be read.") from error


def _pair(request: HttpRequest, form: QueryDict) -> tuple[str, str]:
    header = request.META.get("HTTP_AUTHORIZATION", "")
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "basic":
        return credentials(rest)
    return form.get("client_id") or "", form.get("client_secret") or ""


def _refused(code: str, words: str, status: int) -> HttpResponse:
    body = {
        "error": code,
        "error_description": words,
        "error_hint": "See /api/docs, section Authentication.",
        "status_code": status,
    }
    response = json_response(body, status)
    if status == 401:
        response["WWW-Authenticate"] = 'Basic realm="Rientro API"'
    return response


token = methods(POST=_token)
