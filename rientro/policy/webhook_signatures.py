"""How a message of ours proves that it is ours: HMAC-SHA256 in the two forms that receivers check. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"


def secret_of(key: bytes) -> str:
    """A key of 24 to 64 bytes as Standard Webhooks write it."""
    return PREFIX + base64.b64encode(key).decode()


def standard(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``: one ``v1,…`` for each secret that still counts.

    Source: Standard Webhooks 1.0, "Signature scheme": the signed words are ``id.timestamp.body``.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{_base64(secret, signed)}" for secret in secrets)


def plain(secret: str, body: bytes) -> str:
    """Lower-case hex over the body alone, the secret taken as it is typed."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _base64(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
