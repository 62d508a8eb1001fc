"""Who may speak to the fake WooCommerce: Basic and query keys where the site is under TLS, OAuth 1.0a everywhere.

Source: includes/class-wc-rest-authentication.php: on plain http Basic is not even looked at; a key that nobody has
is no error by Basic, only a stranger. The fake's address is plain http, so it wants signatures; ``over_tls`` makes
it a site whose TLS ends in front of it.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote

from tests.fake_server import Heard

FIELDS = (
    "oauth_consumer_key",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
)
WINDOW_S = 15 * 60


@dataclass
class Key:
    consumer_key: str
    consumer_secret: str
    permissions: str = "read_write"
    manager: bool = True  # the user behind it may see and manage the shop
    nonces: set[str] = field(default_factory=set)


class Refusal(Exception):
    """``code``, ``message``: what the answer says, with status 401."""

    def __init__(self, message: str, code: str = "woocommerce_rest_authentication_error") -> None:
        super().__init__(message)
        self.code = code


def key_of(
    heard: Heard, keys: Mapping[str, Key], *, over_tls: bool, checks_time: bool
) -> Key | None:
    """The key that speaks, None for a stranger. Raises Refusal."""
    if over_tls and (found := _by_basic(heard, keys)):
        return found
    return _by_signature(heard, keys, over_tls=over_tls, checks_time=checks_time)


def _by_basic(heard: Heard, keys: Mapping[str, Key]) -> Key | None:
    name, secret = heard.one("consumer_key"), heard.one("consumer_secret")
    told = heard.headers.get("authorization", "")
    if not (name and secret) and told.lower().startswith("basic "):
        try:
            name, _, secret = base64.b64decode(told[6:]).decode().partition(":")
        except ValueError:
            return None
    key = keys.get(name)
    if key is None or not secret:
        return None
    if not hmac.compare_digest(key.consumer_secret.encode(), secret.encode()):
        raise Refusal("Consumer secret is invalid.")
    return key


def _by_signature(
    heard: Heard, keys: Mapping[str, Key], *, over_tls: bool, checks_time: bool
) -> Key | None:
    told = dict(_plain(heard)) | _header(heard)
    missing = [name for name in FIELDS if not told.get(name)]
    if len(missing) == len(FIELDS):
        return None
    if missing:
        words = "parameter" if len(missing) == 1 else "parameters"
        raise Refusal(
            f"Missing OAuth {words} {', '.join(missing)}",
            "woocommerce_rest_authentication_missing_parameter",
        )
    key = keys.get(told["oauth_consumer_key"])
    if key is None:
        raise Refusal("Consumer key is invalid.")
    _check_signature(heard, key, told, "https" if over_tls else "http")
    if checks_time and abs(int(told["oauth_timestamp"]) - time.time()) > WINDOW_S:
        raise Refusal("Invalid timestamp.")
    if told["oauth_nonce"] in key.nonces:
        raise Refusal("Invalid nonce - nonce has already been used.")
    key.nonces.add(told["oauth_nonce"])
    return key


def _check_signature(heard: Heard, key: Key, told: dict[str, str], scheme: str) -> None:
    method = told["oauth_signature_method"]
    if method not in ("HMAC-SHA1", "HMAC-SHA256"):
        raise Refusal("Invalid signature - signature method is invalid.")
    given = unquote(told["oauth_signature"].replace(" ", "+"))
    address = f"{scheme}://{heard.headers.get('host', '')}{heard.path}"
    pairs = [f"{_enc(k)}={_enc(told[k])}" for k in sorted(told) if k != "oauth_signature"]
    base = "&".join((heard.method, _enc(address), _enc("&".join(pairs))))
    kind = hashlib.sha1 if method == "HMAC-SHA1" else hashlib.sha256
    made = hmac.new(f"{key.consumer_secret}&".encode(), base.encode(), kind).digest()
    if not hmac.compare_digest(base64.b64encode(made).decode(), given):
        raise Refusal("Invalid signature - provided signature does not match.")


def _plain(heard: Heard) -> list[tuple[str, str]]:
    """Query and form as PHP sees them: ``a[]`` is counted, of ``a`` given twice the last counts."""
    found: list[tuple[str, str]] = []
    pairs = [(name, value) for name, values in heard.query.items() for value in values]
    if "form-urlencoded" in heard.headers.get("content-type", ""):
        pairs += parse_qsl(heard.body.decode("utf-8", "replace"), keep_blank_values=True)
    counts: dict[str, int] = {}
    for name, value in pairs:
        if name.endswith("[]"):
            place = counts.get(name, 0)
            counts[name] = place + 1
            name = f"{name[:-2]}[{place}]"
        found.append((name, value))
    return found


def _header(heard: Heard) -> dict[str, str]:
    told = heard.headers.get("authorization", "").strip()
    if not told.startswith("OAuth "):
        return {}
    pairs = (part.strip().partition("=") for part in told[6:].split(","))
    return {n: unquote(value.strip('"')) for n, _, value in pairs if n.startswith("oauth_")}


def _enc(value: str) -> str:
    return quote(value, safe="-._~")
