"""Secrets at rest: small JSON objects, encrypted with keys derived from the installation's secret key.

The first key seals, every key opens: to rotate, put the new secret key first and keep the old one in
SECRET_KEY_FALLBACKS until ``reseal`` has gone over the rows.
"""

import base64
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from rientro.kit.errors import Kind, RientroError

PURPOSE = (
    b"rientro credentials v1"  # binds the key to this use: it signs no cookie and opens no session
)


class CannotUnseal(RientroError):
    """Sealed with a key that this installation does not have (any more)."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "cannot_unseal"


def seal(facts: Mapping[str, Any]) -> str:
    """``facts`` (JSON values only) as an encrypted, authenticated token for a text column."""
    plain = json.dumps(dict(facts), sort_keys=True, separators=(",", ":"))
    return _box().encrypt(plain.encode()).decode()


def unseal(token: str) -> dict[str, Any]:
    """What ``seal`` was given; an empty token is an empty object. Raises CannotUnseal."""
    if not token:
        return {}
    try:
        opened: dict[str, Any] = json.loads(_box().decrypt(token.encode()))
    except InvalidToken as error:
        raise CannotUnseal(
            "These credentials were saved under another secret key. Enter them again."
        ) from error
    return opened


def reseal(token: str) -> str:
    """The same facts under the newest key. Raises CannotUnseal."""
    return seal(unseal(token)) if token else ""


def _box() -> MultiFernet:
    return _box_of((str(settings.SECRET_KEY), *map(str, settings.SECRET_KEY_FALLBACKS)))


@lru_cache(maxsize=8)
def _box_of(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_key_of(secret)) for secret in secrets])


def _key_of(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
