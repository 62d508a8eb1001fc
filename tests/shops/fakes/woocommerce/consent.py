"""The page of the fake WooCommerce on which a merchant hands out keys: ``/wc-auth/v1/``.

Source: includes/class-wc-auth.php: authorize shows what is asked for, access_granted makes the keys, posts them to
``callback_url`` (https only) and, only if that was answered with 200, sends the browser to ``return_url``.
"""

import json
from html import escape
from typing import ClassVar
from urllib.parse import urlencode, urlsplit

from tests.fake_server import Answer, Heard
from tests.shops.fakes.shop import Post
from tests.shops.fakes.woocommerce.auth import Key
from tests.shops.fakes.woocommerce.keeper import Keeper

ASKED = ("app_name", "user_id", "return_url", "callback_url", "scope")
SCOPES = {"read": "Read", "write": "Write", "read_write": "Read/Write"}
NONCE = "5d3f1c02aa"
HTML = {"Content-Type": "text/html; charset=UTF-8"}


class Consent(Keeper):
    """``logged_in`` False: the browser is nobody's, and is shown the form to log in first."""

    ROUTES: ClassVar[dict[str, str]] = {
        "GET /wc-auth/v1/authorize": "authorize",
        "GET /wc-auth/v1/login": "login",
        "GET /wc-auth/v1/access_granted": "access_granted",
    }
    keys: dict[str, Key]
    post_keys: Post
    logged_in = True
    callback_over_tls_only = True

    def authorize(self, heard: Heard) -> Answer:
        if wrong := self._wrong(heard):
            return _denied(wrong)
        if not self.logged_in:
            return Answer(302, headers={"Location": f"{self.url}/wc-auth/v1/login?{_asked(heard)}"})
        granted = f"{self.url}/wc-auth/v1/access_granted?{_asked(heard)}&wc_auth_nonce={NONCE}"
        back = _with(heard.one("return_url"), success="0", user_id=heard.one("user_id"))
        page = (
            f"<h1>{escape(heard.one('app_name'))} would like to connect to your store</h1>"
            f"<p>This will give {SCOPES[heard.one('scope')]} access.</p>"
            f'<a class="wc-auth-approve" href="{escape(granted)}">Approve</a>'
            f'<a class="wc-auth-deny" href="{escape(back)}">Deny</a>'
        )
        return Answer(200, body=page.encode(), headers=HTML)

    def login(self, heard: Heard) -> Answer:
        if wrong := self._wrong(heard):
            return _denied(wrong)
        return Answer(200, body=b'<form class="wc-auth-login"></form>', headers=HTML)

    def access_granted(self, heard: Heard) -> Answer:
        if wrong := self._wrong(heard):
            return _denied(wrong)
        if heard.one("wc_auth_nonce") != NONCE:
            return _denied("Invalid nonce verification")
        number = len(self.keys) + 1
        key = Key(f"ck_{number:040x}", f"cs_{number:040x}", heard.one("scope"))
        self.keys[key.consumer_key] = key
        words = {
            "key_id": number,
            "user_id": heard.one("user_id"),
            "consumer_key": key.consumer_key,
            "consumer_secret": key.consumer_secret,
            "key_permissions": key.permissions,
        }
        if self._hand_over(heard.one("callback_url"), json.dumps(words).encode()) != 200:
            del self.keys[key.consumer_key]
            return _denied(
                "An error occurred in the request and at the time were unable to send the consumer data"
            )
        back = _with(heard.one("return_url"), success="1", user_id=heard.one("user_id"))
        return Answer(302, headers={"Location": back})

    def _hand_over(self, address: str, body: bytes) -> int:
        self.lock.release()  # whoever gets the keys may try them at once
        try:
            return self.post_keys(address, {"Content-Type": "application/json;charset=UTF-8"}, body)
        finally:
            self.lock.acquire()

    def _wrong(self, heard: Heard) -> str:
        for name in ASKED:
            if not heard.one(name):
                return f"Missing parameter {name}"
        if heard.one("scope") not in SCOPES:
            return f"Invalid scope {heard.one('scope')}"
        for name in ("return_url", "callback_url"):
            if not urlsplit(heard.one(name)).hostname:
                return f"The {heard.one(name)} is not a valid URL"
        if self.callback_over_tls_only and not heard.one("callback_url").startswith("https://"):
            return "The callback_url needs to be over SSL"
        return ""


def _asked(heard: Heard) -> str:
    return urlencode({name: heard.one(name) for name in ASKED})


def _with(address: str, **told: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(told)}"


def _denied(message: str) -> Answer:
    return Answer(401, body=f"<p>Error: {escape(message)}.</p>".encode(), headers=HTML)
