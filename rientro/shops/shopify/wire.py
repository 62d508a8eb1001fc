"""Shopify's Admin GraphQL API on the wire: access tokens, cost points, and errors that come with status 200.

Sources: shopify.dev, Admin API (GraphQL) › Rate limits, Authentication, About Shopify API versioning; the schema of
version 2026-10 as the npm package @shopify/dev-mcp 1.16.0 carries it.
"""

import json
from collections.abc import Mapping
from math import ceil
from typing import Any

from rientro.kit.errors import RientroError
from rientro.kit.sentences import Sentence
from rientro.shops.base import (
    ANSWER_LIMIT,
    AuthFailed,
    InvalidRequest,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from rientro.shops.reading import inner, rows, text
from rientro.shops.wire import Reply, Wire, forget_token, kept_token

NAME = "Shopify"
VERSION = "2026-10"
GRAPHQL = f"/admin/api/{VERSION}/graphql.json"
TOKEN = "/admin/oauth/access_token"  # noqa: S105  a path
USUAL_S = 3600
MAY_HAVE_RUN = frozenset({"", "INTERNAL_SERVER_ERROR", "TIMEOUT"})  # no word that it was refused

Row = Mapping[str, Any]


class ShopifyWire(Wire):
    """One store; the requests of one call together end within ``deadline_s`` of its ``begin``."""

    def __init__(self, url: str, credentials: Mapping[str, Any], *, deadline_s: float) -> None:
        super().__init__(NAME, url, {"Accept": "application/json"}, deadline_s=deadline_s)
        self._url = url
        self._fixed = str(credentials.get("access_token") or "").strip()
        self._id = str(credentials.get("client_id") or "").strip()
        self._secret = str(credentials.get("client_secret") or "").strip()
        self.rest_s = 0.0  # how long the store wants peace after what was asked last

    def query(self, words: str, *, acts: bool = False, **variables: Any) -> Row:
        """The ``data`` of one query or mutation. Raises ShopError for any of its errors."""
        reply = self._send(words, variables, acts=acts)
        try:
            found = json.loads(reply.body)
        except (ValueError, RecursionError) as error:
            raise self._unreadable(acts=acts) from error
        if not isinstance(found, dict):
            raise self._unreadable(acts=acts)
        cost = inner(inner(found, "extensions"), "cost")
        self.rest_s = rest_of(cost)
        if found.get("errors"):
            raise self._error(found, cost, acts=acts)
        data = found.get("data")
        if not isinstance(data, dict):
            raise self._unreadable(acts=acts)
        return data

    def _send(self, words: str, variables: Mapping[str, Any], *, acts: bool) -> Reply:
        return self.ask(
            "POST",
            GRAPHQL,
            acts=acts,
            headers={"X-Shopify-Access-Token": self._token()},
            words={"query": words, "variables": variables},
            limit=ANSWER_LIMIT,
        )

    def _token(self) -> str:
        if self._fixed:
            return self._fixed
        if not self._id:
            raise AuthFailed(Sentence("Give a client ID, or the access token of a custom app."))
        return kept_token(of=f"{self._url} {self._id}", secret=self._secret, make=self._new_token)

    def _new_token(self) -> tuple[str, float]:
        """The client credentials grant, for an app of the merchant's own organisation (tokens live a day)."""
        words = {
            "client_id": self._id,
            "client_secret": self._secret,
            "grant_type": "client_credentials",
        }
        return self.exchanged(words)

    def exchanged(self, words: Mapping[str, str]) -> tuple[str, float]:
        """(access token, seconds it lives) for a grant. Raises AuthFailed for one that is refused."""
        try:
            reply = self.ask("POST", TOKEN, words=dict(words))
        except InvalidRequest as error:
            if error.facts.get("status") == 404:
                raise InvalidRequest(_no_store(self._url)) from error
            raise AuthFailed(
                Sentence("Shopify refuses this client ID or secret, or the app is not installed.")
            ) from error
        try:
            found = json.loads(reply.body)
        except (ValueError, RecursionError) as error:
            raise self._unreadable(acts=False) from error
        token = text(found, "access_token", 500) if isinstance(found, dict) else ""
        if not token:
            raise self._unreadable(acts=False)
        seconds = found.get("expires_in")
        return token, float(seconds) if isinstance(seconds, int | float) else USUAL_S

    def _refusal(self, status: int, headers: Any, body: bytes, *, acts: bool) -> RientroError:
        if status in (401, 403):
            forget_token(of=f"{self._url} {self._id}", secret=self._secret)
            return AuthFailed(_refused(body), status=status)
        if status == 402:
            return AuthFailed(Sentence("The store is frozen: its bill at Shopify is not paid."))
        if status == 404 and self._fixed:
            return InvalidRequest(_no_store(self._url), status=status)
        if status in (301, 302, 307, 308):
            return InvalidRequest(_no_store(self._url), status=status)
        return super()._refusal(status, headers, body, acts=acts)

    def _error(self, found: Row, cost: Row, *, acts: bool) -> RientroError:
        """GraphQL tells its errors with status 200 (Rate limits; Status and error codes)."""
        listed = found["errors"]
        first = (
            listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
        )
        code, words = text(inner(first, "extensions"), "code", 60), text(first, "message")
        if acts and (any(inner(found, "data").values()) or code in MAY_HAVE_RUN):
            return self._unreadable(acts=True)
        if not first:  # older shapes: "errors": "[API] Invalid API key or access token"
            return AuthFailed(text(found, "errors") or f"{NAME} refuses this key.")
        if code == "THROTTLED":
            wait = ceil(max(rest_of(cost), 1.0))
            return RateLimited(f"{NAME} asks us to slow down.", retry_after_s=wait)
        if code == "ACCESS_DENIED" and "not approved" in words:
            return AuthFailed(
                Sentence(
                    "Shopify keeps shoppers’ names and addresses from this app. In the Dev Dashboard, ask for "
                    "access to protected customer data; on its smallest plans Shopify gives it to no app of one’s own."
                ),
                told=words[:200],
            )
        if code == "ACCESS_DENIED":
            scope = _scope(first, words)
            said = Sentence(
                "The app lacks a permission: %(scope)s. Add the scope in the Dev Dashboard and install the app anew.",
                scope=scope,
            )
            return AuthFailed(said, scope=scope)
        if code in ("SHOP_INACTIVE", "UNAUTHORIZED"):
            return AuthFailed(words)
        if code == "INTERNAL_SERVER_ERROR":
            return self._unreadable(acts=acts)
        return InvalidRequest(f"{NAME}: {words}", reason=code)

    def _unreadable(self, *, acts: bool) -> RientroError:
        made = OutcomeUnknown if acts else Unavailable
        return made(f"{NAME} answered something we cannot read.")


def rest_of(cost: Row) -> float:
    """Seconds until the store can afford the same question once more; 0 at once."""
    status = inner(cost, "throttleStatus")
    try:
        wanted = float(cost.get("requestedQueryCost") or 0)
        left = float(status.get("currentlyAvailable") or 0)
        rate = float(status.get("restoreRate") or 0)
    except (TypeError, ValueError):
        return 0.0
    return min(max(0.0, (wanted - left) / rate), 60.0) if rate > 0 else 0.0


def _scope(error: Row, words: str) -> str:
    """The scope that Shopify names, in its own field or in its sentence: `read_products` access scope."""
    named = text(inner(error, "extensions"), "requiredAccess", 200) or words
    for word in named.replace("`", " ").replace(",", " ").split():
        if word.startswith(("read_", "write_")):
            return word.strip(".'\"")
    return named[:120]


def _refused(body: bytes) -> str:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return Sentence("Shopify refuses this key.")
    told = text(found, "errors") if isinstance(found, dict) else ""
    return told or Sentence("Shopify refuses this key.")


def _no_store(url: str) -> Sentence:
    return Sentence(
        "There is no store at %(address)s. Its address ends in .myshopify.com.", address=url
    )


def user_errors(payload: Row) -> str:
    """What a mutation says against its input, in one sentence; "" when it was done."""
    return " ".join(text(error, "message") for error in rows(payload, "userErrors"))
