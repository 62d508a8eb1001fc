"""The wire to one Shopware: a token for ten minutes, searches by criteria, and its errors read.

Sources: Shopware's developer documentation, Admin API (Authentication; Search Criteria); shopware/shopware,
MissingPrivilegeException and the OAuth controller. A token is got with the keys of an integration
(``client_credentials``) and lives 600 seconds.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx

from rientro.kit.errors import RientroError
from rientro.kit.sentences import Sentence
from rientro.shops.base import ANSWER_LIMIT, AuthFailed, InvalidRequest, Unavailable
from rientro.shops.reading import rows, text
from rientro.shops.wire import Reply, Wire, forget_token, kept_token

NAME = "Shopware"
API = "/api"
LIVES_S = 600.0
PRIVILEGE = "FRAMEWORK__MISSING_PRIVILEGE_ERROR"
NO_SHOP = Sentence(
    "At this address there is no Shopware 6 that answers. Type the one under which you open the Administration, "
    "without “/admin”."
)
Row = Mapping[str, Any]


class ShopwareWire(Wire):
    """For one unit of work; the requests of one call together end within ``deadline_s`` of its ``begin``."""

    def __init__(self, url: str, client_id: str, secret: str, *, deadline_s: float) -> None:
        self._of, self._client_id, self._secret = f"{url} {client_id}", client_id, secret
        self.began = ""  # the shop's clock at its first answer (RFC 9110, Date)
        headers = {
            "Accept": "application/json",
            "sw-inheritance": "true",
        }  # variants say what their product says
        super().__init__(NAME, url, headers, deadline_s=deadline_s)

    def search(self, entity: str, criteria: Mapping[str, Any]) -> tuple[list[Row], int]:
        """(rows, how many there are in all, where ``total-count-mode`` asks for it)."""
        found = self._object(self._send("POST", f"/search/{entity}", criteria))
        if not isinstance(found.get("data"), list):
            raise self._unreadable()
        total = found.get("total")
        listed = rows(found, "data")
        return listed, total if isinstance(total, int) else len(listed)

    def read(self, path: str) -> Row:
        return self._object(self._send("GET", path))

    def change(self, path: str, words: Mapping[str, Any]) -> None:
        """Silence is OutcomeUnknown."""
        self._send("PATCH", path, words, acts=True)

    def _send(
        self, method: str, path: str, words: Mapping[str, Any] | None = None, *, acts: bool = False
    ) -> Reply:
        """A token that the shop took back before its time is renewed once: nothing was done with it."""
        try:
            return self._ask(method, path, words, acts=acts)
        except AuthFailed as error:
            if error.facts.get("status") != 401 or error.facts.get("keys"):
                raise
            forget_token(of=self._of, secret=self._secret)
        return self._ask(method, path, words, acts=acts)

    def _ask(self, method: str, path: str, words: Mapping[str, Any] | None, *, acts: bool) -> Reply:
        token = kept_token(of=self._of, secret=self._secret, make=self._token)
        reply = self.ask(
            method,
            f"{API}{path}",
            headers={"Authorization": f"Bearer {token}"},
            words=words,
            acts=acts,
            limit=ANSWER_LIMIT,
        )
        self.began = self.began or reply.headers.get("Date", "")
        return reply

    def _token(self) -> tuple[str, float]:
        keys = {"client_id": self._client_id, "client_secret": self._secret}
        asked = {"grant_type": "client_credentials", **keys}
        try:
            reply = self.ask("POST", f"{API}/oauth/token", words=asked)
        except AuthFailed as error:
            raise AuthFailed(
                "Shopware refuses these keys. Under Settings › System › Integrations make new ones if the secret is "
                "lost.",
                keys=True,
                status=401,
            ) from error
        except InvalidRequest as error:
            if error.facts.get("status") in (400, 404, 405):
                raise InvalidRequest(NO_SHOP) from error
            raise
        found = self._object(reply)
        token, lives = text(found, "access_token", 8000), found.get("expires_in")
        if not token:
            raise self._unreadable()
        return token, float(lives) if isinstance(lives, int) else LIVES_S

    def _object(self, reply: Reply) -> Row:
        try:
            found = json.loads(reply.body)
        except (ValueError, RecursionError) as error:
            raise self._unreadable() from error
        if not isinstance(found, dict):
            raise self._unreadable()
        return found

    def _unreadable(self) -> Unavailable:
        return Unavailable(f"{NAME} answered something we cannot read.")

    def _refusal(
        self, status: int, headers: httpx.Headers, body: bytes, *, acts: bool
    ) -> RientroError:
        if status in (301, 302, 307, 308):
            return _moved(headers.get("Location", ""), status)
        errors = errors_in(body)
        lacking = [each for error in errors for each in _privileges(error)]
        if status == 403 and lacking:
            scope = ", ".join(dict.fromkeys(lacking))
            return AuthFailed(
                Sentence(
                    "The role of this integration lacks a permission: %(scope)s. In Shopware › Settings › System › "
                    "Users & permissions › Roles, open the role and tick it (Detailed privileges).",
                    scope=scope,
                ),
                scope=scope,
                status=status,
            )
        if errors and 400 <= status < 500 and status not in (401, 403, 408, 425, 429):
            words = text(errors[0], "detail") or text(errors[0], "title")
            told = words or f"{NAME} answered {status}."
            return InvalidRequest(told, status=status, reason=text(errors[0], "code", 80))
        return super()._refusal(status, headers, body, acts=acts)


def errors_in(body: bytes) -> list[Row]:
    """The rows of ``{"errors": [{status, code, title, detail}]}``; none for another shape."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return []
    return list(rows(found, "errors")) if isinstance(found, dict) else []


def _privileges(error: Row) -> Sequence[str]:
    """The detail of this one error is itself JSON; its list is an object when gaps were left in it."""
    if text(error, "code") != PRIVILEGE:
        return []
    try:
        told = json.loads(text(error, "detail", 5000))["missingPrivileges"]
    except (ValueError, KeyError, TypeError):
        return ["order:read"]
    named = list(told.values()) if isinstance(told, dict) else told
    return [str(each)[:80] for each in named] if isinstance(named, list) else ["order:read"]


def _moved(location: str, status: int) -> InvalidRequest:
    parts = urlsplit(location)
    if not parts.netloc:
        return InvalidRequest(NO_SHOP, status=status)
    address = f"{parts.scheme}://{parts.netloc}{parts.path.split(API)[0].rstrip('/')}"[:200]
    words = "The shop answers at another address: %(address)s. Type that one."
    return InvalidRequest(Sentence(words, address=address), status=status)
