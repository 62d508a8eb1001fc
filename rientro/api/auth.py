"""Who is calling: an integration's key pair by HTTP Basic, or a token that such a pair was exchanged for."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest

from django.db.models import Q
from django.http import HttpRequest

from rientro.api.errors import KeyRefused, ScopeMissing
from rientro.kit.ids import token_hash
from rientro.kit.tenancy import merchant_transaction
from rientro.models import AccessToken, ApiKey, Integration

PUBLIC_KEY = re.compile(r"rk_([1-9][0-9]{0,17})_[0-9A-Za-z]{8,40}")
TOKEN = re.compile(r"rt_([1-9][0-9]{0,17})_[0-9A-Za-z_-]{20,80}")
LONGEST_HEADER = 1000
USED_EVERY = timedelta(minutes=1)
NO_SECRET = bytes(32)  # compared with when there is no key, so that a miss takes as long
EVERYTHING = "api"


@dataclass(frozen=True, slots=True)
class Caller:
    """The integration that a key opens, and the name under which it acts. No scopes means all of them."""

    merchant_id: int
    integration: Integration
    actor: str
    key_id: int = 0
    scopes: frozenset[str] = field(default_factory=frozenset)
    every_shop: bool = False  # in our own API: all that is the merchant's

    def need(self, scope: str) -> None:
        """Raise ScopeMissing unless the key may do that. To write a thing is to read it as well."""
        if not scope or not self.scopes or EVERYTHING in self.scopes or scope in self.scopes:
            return
        if scope.startswith("read:") and scope.replace("read:", "write:", 1) in self.scopes:
            return
        raise ScopeMissing(scope)


def caller_of(request: HttpRequest, *, now: datetime) -> Caller:
    """The caller; raises KeyRefused. A short transaction of its own."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    scheme, _, rest = header.partition(" ")
    if len(header) > LONGEST_HEADER or "\0" in header:
        raise KeyRefused
    if scheme.lower() == "bearer":
        return _by_token(rest.strip(), now=now)
    if scheme.lower() != "basic":
        raise KeyRefused
    public_key, secret = credentials(rest)
    return by_secret(public_key, secret, now=now)


def credentials(encoded: str) -> tuple[str, str]:
    """The two halves of HTTP Basic; raises KeyRefused."""
    try:
        plain = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise KeyRefused from error
    public_key, colon, secret = plain.partition(":")
    if not colon or "\0" in plain:
        raise KeyRefused
    return public_key, secret


def by_secret(public_key: str, secret: str, *, now: datetime) -> Caller:
    """The caller who knows both halves of a living key; raises KeyRefused."""
    named = PUBLIC_KEY.fullmatch(public_key)
    merchant_id = int(named[1]) if named else 0
    with merchant_transaction(merchant_id):
        key = (
            ApiKey.objects.select_related("integration")
            .filter(public_key=public_key, revoked_at=None, integration__deleted_at=None)
            .first()
        )
        known = bytes(key.secret_hash) if key else NO_SECRET
        if not compare_digest(token_hash(secret), known) or key is None:
            raise KeyRefused
        _mark_used(key, now=now)
    return _caller(merchant_id, key, key.scopes)


def _by_token(token: str, *, now: datetime) -> Caller:
    named = TOKEN.fullmatch(token)
    if named is None:
        raise KeyRefused
    merchant_id = int(named[1])
    with merchant_transaction(merchant_id):
        found = (
            AccessToken.objects.select_related("key__integration")
            .filter(token_hash=token_hash(token), expires_at__gt=now)
            .filter(key__revoked_at=None, key__integration__deleted_at=None)
            .first()
        )
        if found is None:
            raise KeyRefused
        _mark_used(found.key, now=now)
    return _caller(merchant_id, found.key, found.scopes)


def _caller(merchant_id: int, key: ApiKey, scopes: list[str]) -> Caller:
    return Caller(
        merchant_id, key.integration, f"key:{key.pk}", key.pk, frozenset(scopes), key.every_shop
    )


def _mark_used(key: ApiKey, *, now: datetime) -> None:
    """At most once a minute: a busy key is not worth a write per request."""
    if key.last_used_at is not None and key.last_used_at > now - USED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USED_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
