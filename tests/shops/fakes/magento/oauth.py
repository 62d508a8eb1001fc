"""OAuth 1.0a as Magento takes it of an integration, which is its own way in since 2.4.4.

Sources: Adobe Commerce web API guide, "OAuth-based authentication" (HMAC-SHA256); RFC 5849, 3.4.1.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from tests.fake_server import Heard
from tests.shops.fakes.magento.search import Refused


def _quoted(words: str) -> str:
    return quote(words, safe="-._~")


@dataclass
class Integration:
    consumer_key: str = "ck8w2m5h1kz4t7r9c3v5b8n0j2f4d6s1"
    consumer_secret: str = "cs1x8m2h1kz4t7r9c3v5b8n0j2f4d6s2"
    access_token: str = "q6wx8m2h1kz4t7r9c3v5b8n0j2f4d6s8"
    access_token_secret: str = "ts6wx8m2h1kz4t7r9c3v5b8n0j2f4d6s"
    nonces: set[str] = field(default_factory=set)

    def signed(self, heard: Heard) -> bool:
        """Is the request signed by this integration? Raises Refused in Magento's words."""
        told = heard.headers.get("authorization", "")
        if not told.startswith("OAuth "):
            return False
        said = {n: unquote(v) for n, v in re.findall(r'(\w+)="([^"]*)"', told)}
        if said.get("oauth_consumer_key") != self.consumer_key:
            raise Refused(401, "A consumer having the specified key does not exist", None)
        if said.get("oauth_token") != self.access_token:
            raise Refused(401, "Specified token does not exist", None)
        if said.get("oauth_nonce", "") in self.nonces or not said.get("oauth_nonce"):
            raise Refused(401, "The nonce is already being used by the consumer.", None)
        if not hmac.compare_digest(self.signature(heard, said), said.get("oauth_signature", "")):
            raise Refused(401, "The signature is invalid. Verify and try again.", None)
        self.nonces.add(said["oauth_nonce"])
        return True

    def signature(self, heard: Heard, said: dict[str, str]) -> str:
        pairs = [(name, value) for name, values in heard.query.items() for value in values]
        pairs += [
            (n, v) for n, v in said.items() if n.startswith("oauth_") and n != "oauth_signature"
        ]
        coded = sorted((_quoted(name), _quoted(value)) for name, value in pairs)
        where = f"http://{heard.headers['host']}{heard.path}"
        words = "&".join(f"{name}={value}" for name, value in coded)
        base = "&".join([heard.method, _quoted(where), _quoted(words)])
        secret = f"{_quoted(self.consumer_secret)}&{_quoted(self.access_token_secret)}"
        made = hmac.new(secret.encode(), base.encode(), hashlib.sha256)
        return base64.b64encode(made.digest()).decode()
