"""How an app comes to a token at the fake Shopify: by its own keys, by a merchant's consent, or by an old custom app.

Sources: shopify.dev, "Client credentials grant" (tokens of 24 hours), "Authorization code grant" and "Offline access
tokens" (``expiring=1``: an hour and a refresh token). Where a refusal's words are documented they are theirs.
"""

import hashlib
import hmac
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.fake_server import Answer, Heard
from tests.shops.fakes.shopify.keeper import Keeper

DAY = timedelta(hours=24)
HOUR = timedelta(hours=1)
APPS = itertools.count(0xF9B24680)  # each shop of a test has an app of its own


@dataclass(frozen=True)
class Token:
    scopes: frozenset[str]
    until: Any = None  # aware datetime; None for tokens that do not end


class Doors(Keeper):
    """``granted`` are the scopes that the merchant gave; ``installed`` is whether the app is in the shop at all."""

    def __init__(self) -> None:
        super().__init__()
        self.client_id = f"7c1f0e5a9b3d4826a1e0c5d7{next(APPS):08x}"
        self.access_token = "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"
        self.credentials = {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "access_token": self.access_token,
        }
        self.granted: set[str] = set()
        self.installed = True
        self.redirect_uris: list[str] = []  # empty: any
        self.tokens: dict[str, Token] = {}
        self._codes: dict[str, frozenset[str]] = {}
        self._refreshes: dict[str, frozenset[str]] = {}

    def scopes_of(self, token: str) -> frozenset[str] | None:
        """None for a token that opens nothing."""
        if not self.installed or not token:
            return None
        if token == self.access_token:
            return frozenset(self.granted)
        known = self.tokens.get(token)
        if known is None or (known.until and known.until <= self.now):
            return None
        return known.scopes

    def uninstall(self) -> None:
        """The merchant takes the app out: its tokens end, and it is told once."""
        self.send("app/uninstalled", {"id": 954_889, "domain": self.domain, "name": "Rientro Test"})
        self.installed = False
        self.tokens.clear()
        self.subscriptions.clear()

    def authorize(self, heard: Heard) -> Answer:
        """The consent page, said yes to."""
        back = heard.one("redirect_uri")
        if heard.one("client_id") != self.client_id:
            return _refused("invalid_request", "Could not find Shopify API application")
        if not back or (self.redirect_uris and back not in self.redirect_uris):
            return _refused("invalid_request", "The redirect_uri is not whitelisted")
        scopes = frozenset(filter(None, heard.one("scope").split(",")))
        code = self._secret("code")
        self._codes[code] = scopes
        told = {
            "code": code,
            "host": "YWRtaW4uc2hvcGlmeS5jb20",
            "shop": self.domain,
            "state": heard.one("state"),
            "timestamp": str(int(self.now.timestamp())),
        }
        told["hmac"] = self.signed(told)
        return Answer(302, headers={"Location": f"{back}?{urlencode(told)}"})

    def signed(self, told: Mapping[str, str]) -> str:
        """The ``hmac`` of what comes back from the consent page."""
        text = "&".join(f"{name}={value}" for name, value in sorted(told.items()))
        return hmac.new(self.client_secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    def token(self, heard: Heard) -> Answer:
        told = _words(heard)
        if told.get("client_id") != self.client_id:
            return _refused("application_cannot_be_found", "Application could not be found")
        if told.get("client_secret") != self.client_secret:
            return _refused("invalid_client", "Client authentication failed")
        if told.get("grant_type") == "client_credentials":
            return self._own()
        if told.get("grant_type") == "refresh_token":
            return self._refreshed(told)
        return self._consented(told)

    def _own(self) -> Answer:
        if not self.installed:
            return _refused("app_not_installed", "The app is not installed on this shop")
        scopes = frozenset(self.granted)
        return Answer(200, self._made(scopes, DAY) | {"expires_in": 86_399})

    def _consented(self, told: Mapping[str, Any]) -> Answer:
        scopes = self._codes.pop(str(told.get("code")), None)
        if scopes is None:
            why = "The authorization code was not found or was already used"
            return _refused("invalid_request", why)
        self.installed = True
        if str(told.get("expiring", "")) != "1":
            return Answer(200, self._made(scopes, None))
        return Answer(200, self._made(scopes, HOUR) | self._lasting(scopes))

    def _refreshed(self, told: Mapping[str, Any]) -> Answer:
        scopes = self._refreshes.pop(str(told.get("refresh_token")), None)
        if scopes is None:
            return _refused("invalid_request", "The refresh token is not valid")
        return Answer(200, self._made(scopes, HOUR) | self._lasting(scopes))

    def _made(self, scopes: frozenset[str], lasts: timedelta | None) -> dict[str, Any]:
        token = f"shpat_{self._secret('token')}"
        self.tokens[token] = Token(scopes, self.now + lasts if lasts else None)
        return {"access_token": token, "scope": ",".join(sorted(scopes))}

    def _lasting(self, scopes: frozenset[str]) -> dict[str, Any]:
        refresh = f"shprt_{self._secret('refresh')}"
        self._refreshes[refresh] = scopes
        return {
            "expires_in": 3600,
            "refresh_token": refresh,
            "refresh_token_expires_in": 7_776_000,
        }

    def _secret(self, kind: str) -> str:
        return hashlib.sha256(f"{kind}{self.serial()}".encode()).hexdigest()[:32]


def _words(heard: Heard) -> dict[str, Any]:
    if "json" in heard.headers.get("content-type", ""):
        try:
            told = json.loads(heard.body)
        except ValueError:
            return {}
        return told if isinstance(told, dict) else {}
    return dict(parse_qsl(heard.body.decode(errors="replace"))) | {
        name: values[-1] for name, values in heard.query.items()
    }


def _refused(error: str, why: str) -> Answer:
    return Answer(400, {"error": error, "error_description": why})
