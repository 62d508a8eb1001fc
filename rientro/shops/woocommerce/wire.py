"""WooCommerce's REST API on the wire: its two ways to sign, its lists with totals in headers, its errors.

Sources: woocommerce.github.io/woocommerce-rest-api-docs (version 3), Authentication, Errors, Pagination;
woocommerce/woocommerce, class-wc-rest-authentication.php: over TLS the keys go by HTTP Basic, without it every request
is signed by OAuth 1.0a, which is taken over TLS as well.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from rientro.kit.errors import RientroError
from rientro.kit.sentences import Sentence
from rientro.shops.base import ANSWER_LIMIT, AuthFailed, InvalidRequest, OutcomeUnknown, Unavailable
from rientro.shops.reading import text
from rientro.shops.wire import Reply, Wire

NAME = "WooCommerce"
ROOT = "/wp-json"
API = f"{ROOT}/wc/v3"
NOT_PAID_BACK = "woocommerce_rest_cannot_create_order_refund"

Row = Mapping[str, Any]
Params = Mapping[str, str]


class WooWire(Wire):
    """One shop's API. Each call of the adapter has ``deadline_s``, however many requests it takes (``begin``)."""

    def __init__(self, url: str, key: str, secret: str, *, deadline_s: float) -> None:
        self._url, self._key, self._secret = url, key, secret
        headers = {"Accept": "application/json"}
        self._signs = urlsplit(url).scheme != "https"
        if not self._signs:
            basic = base64.b64encode(f"{key}:{secret}".encode()).decode()
            headers["Authorization"] = f"Basic {basic}"
        super().__init__(NAME, url, headers, deadline_s=deadline_s)

    def rows(self, path: str, **params: str) -> list[Row]:
        """A list of objects."""
        return self.listed(path, **params)[0]

    def listed(self, path: str, **params: str) -> tuple[list[Row], int]:
        """(a list of objects, how many there are on all its pages)."""
        reply = self.send("GET", path, params=params)
        found = self._json(reply)
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise self._unreadable()
        total = reply.headers.get("X-WP-Total", "")
        return found, int(total) if total.isascii() and total.isdigit() else len(found)

    def row(self, path: str, **params: str) -> Row:
        return self._object(self.send("GET", path, params=params))

    def act(self, method: str, path: str, words: Any = None, **params: str) -> Row:
        """Change something; silence is OutcomeUnknown. One request."""
        reply = self.send(method, path, params=params, words=words, acts=True)
        try:
            return self._object(reply)
        except Unavailable as error:
            raise OutcomeUnknown(error.message) from error

    def index(self) -> Row:
        """What the WordPress of this address says of itself; unsigned, so that a wrong key is no wrong address."""
        reply = self.ask("GET", f"{ROOT}/", limit=ANSWER_LIMIT)
        return self._object(reply)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        words: Any = None,
        acts: bool = False,
    ) -> Reply:
        """Raises AuthFailed too where the shop took us for a stranger although we came with a key."""
        try:
            return self._send(method, path, params or {}, words, acts=acts)
        except AuthFailed as error:
            if self._signs or method != "GET" or not error.facts.get("stranger"):
                raise
            self._signs = True  # some web servers drop the header; a signature in the query passes
            return self._send(method, path, params or {}, words, acts=acts)

    def _send(self, method: str, path: str, params: Params, words: Any, *, acts: bool) -> Reply:
        asked = dict(params)
        if self._signs:
            asked |= self._signed(method, f"{self._url}{API}{path}", asked)
        return self.ask(
            method,
            f"{API}{path}",
            params=asked,
            words=words,
            acts=acts,
            limit=ANSWER_LIMIT,
        )

    def _signed(self, method: str, url: str, params: Params) -> dict[str, str]:
        """OAuth 1.0a with one leg (RFC 5849, section 3.4), its words in the query as WooCommerce reads them."""
        oauth = {
            "oauth_consumer_key": self._key,
            "oauth_nonce": secrets.token_hex(16),
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(time.time())),
        }
        pairs = sorted((_quoted(k), _quoted(v)) for k, v in {**params, **oauth}.items())
        query = "&".join(f"{name}={value}" for name, value in pairs)
        base = "&".join((method.upper(), _quoted(url), _quoted(query)))
        mac = hmac.new(f"{self._secret}&".encode(), base.encode(), hashlib.sha256).digest()
        return oauth | {"oauth_signature": base64.b64encode(mac).decode()}

    def _json(self, reply: Reply) -> Any:
        try:
            return json.loads(reply.body)
        except (ValueError, RecursionError) as error:
            raise self._unreadable() from error

    def _object(self, reply: Reply) -> Row:
        found = self._json(reply)
        if not isinstance(found, dict):
            raise self._unreadable()
        return found

    def _unreadable(self) -> Unavailable:
        return Unavailable(f"{NAME} answered something we cannot read.")

    def _refusal(
        self, status: int, headers: httpx.Headers, body: bytes, *, acts: bool
    ) -> RientroError:
        code, words = error_in(body)
        if status in (301, 302, 307, 308):
            return InvalidRequest(_moved(headers.get("Location", "")), status=status)
        if status in (401, 403) and code:
            told, stranger = _refused(code, words, status), _is_stranger(code, status)
            return AuthFailed(told, status=status, scope=_scope(words), stranger=stranger)
        if status == 500 and code == NOT_PAID_BACK:
            # Its one clear answer with this status: the refund was taken away again (class WC_REST_Order_Refunds).
            return InvalidRequest(words or f"{NAME} refuses this refund.", reason=code)
        if 400 <= status < 500 and status not in (401, 403, 408, 425, 429) and code:
            return InvalidRequest(words or f"{NAME} answered {status}.", status=status, reason=code)
        return super()._refusal(status, headers, body, acts=acts)


def error_in(body: bytes) -> tuple[str, str]:
    """(code, words) of ``{"code", "message", "data"}``; empty for another shape, such as a page of HTML."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(found, dict):
        return "", ""
    return text(found, "code", 80), text(found, "message")


def _refused(code: str, words: str, status: int) -> str:
    if code == "woocommerce_rest_authentication_error" and "write" in words.lower():
        return Sentence(
            "This key may only read. In WooCommerce › Settings › Advanced › REST API give it “Read/Write”."
        )
    if _is_stranger(code, status):
        return Sentence(
            "WooCommerce takes us for a stranger although we bring a key. Copy both words again; if they are right, "
            "something in front of the shop, such as a security plug-in, takes the key away."
        )
    if code.startswith("woocommerce_rest_cannot"):
        return Sentence(
            "WooCommerce does not let this key do that: “%(words)s” Its user must be allowed to manage the shop.",
            words=words,
        )
    return words or Sentence("WooCommerce refuses these keys.")


def _is_stranger(code: str, status: int) -> bool:
    """Over TLS neither an unknown key nor a dropped header is an error of its own: both count as nobody's."""
    return status == 401 and code.startswith("woocommerce_rest_cannot")


def _scope(words: str) -> str:
    return "write" if "write" in words.lower() else "manage_woocommerce"


def _moved(location: str) -> str:
    parts = urlsplit(location)
    if not parts.netloc:
        return Sentence("The shop sends us elsewhere without saying where.")
    folder = parts.path.split(ROOT)[0].rstrip("/")
    return Sentence(
        "The shop answers at another address: %(address)s. Type that one.",
        address=f"{parts.scheme}://{parts.netloc}{folder}"[:200],
    )


def _quoted(value: str) -> str:
    return quote(value, safe="~")
