"""Who is calling: an integration's key pair by HTTP Basic, or a token that such a pair was exchanged for."""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import ClassVar

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest

from rientro.api.errors import KeyRefused, Refused, ScopeMissing
from rientro.kit.ids import token_hash
from rientro.kit.network import client_address, network_of
from rientro.kit.tenancy import merchant_transaction
from rientro.models import AccessToken, ApiKey, Integration
from rientro.models.rate_limits import count_wrong_key, wait_of

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
    network: str = ""  # where its key was let in last
    last_used_at: datetime | None = None

    def need(self, scope: str) -> None:
        """Raise ScopeMissing unless the key may do that. To write a thing is to read it as well."""
        if not scope or not self.scopes or EVERYTHING in self.scopes or scope in self.scopes:
            return
        if scope.startswith("read:") and scope.replace("read:", "write:", 1) in self.scopes:
            return
        raise ScopeMissing(scope)


class TooManyWrongKeys(Refused):
    """This network has sent too many keys that are none."""

    code: ClassVar[str] = "too_many_wrong_keys"

    def __init__(self, wait_s: float) -> None:
        super().__init__("Too many wrong keys came from your network.", status=429)
        self.wait_s = wait_s


def network(request: HttpRequest) -> str:
    """The network that asks, believing exactly the proxies that the operator has."""
    return network_of(
        client_address(
            request.META.get("REMOTE_ADDR", ""),
            request.META.get("HTTP_X_FORWARDED_FOR", ""),
            trusted_proxies=settings.TRUSTED_PROXIES,
        )
    )


def admitted(
    request: HttpRequest, look: Callable[[], Caller], *, guessed: bool = True, now: datetime
) -> Caller:
    """The caller whom ``look`` finds. Raises KeyRefused, or TooManyWrongKeys instead.

    Guessing has to be slow and a stranger must lock nobody out. So a network that has sent too many wrong keys
    hears 429 of every key, right or wrong, that was not let in from there before: whoever guesses learns nothing,
    and a key at work goes on. Such a key costs no question more than without this. Who sends no key guesses none.
    """
    here = network(request)
    try:
        caller = look()
    except KeyRefused as error:
        if settings.API_LIMITS and guessed and (wait := count_wrong_key(here)):
            raise TooManyWrongKeys(wait) from error
        raise
    if settings.API_LIMITS and caller.network != here and (wait := wait_of(here)):
        raise TooManyWrongKeys(wait)
    _mark_used(caller, here, now=now)
    return caller


def caller_of(request: HttpRequest, *, now: datetime) -> Caller:
    """The caller; raises KeyRefused or TooManyWrongKeys. Short transactions of its own."""
    guessed = bool(request.META.get("HTTP_AUTHORIZATION"))
    return admitted(request, lambda: _found(request, now=now), guessed=guessed, now=now)


def _found(request: HttpRequest, *, now: datetime) -> Caller:
    header = request.META.get("HTTP_AUTHORIZATION", "")
    scheme, _, rest = header.partition(" ")
    if len(header) > LONGEST_HEADER or "\0" in header:
        raise KeyRefused
    if scheme.lower() == "bearer":
        return _by_token(rest.strip(), now=now)
    if scheme.lower() != "basic":
        raise KeyRefused
    public_key, secret = credentials(rest)
    return by_secret(public_key, secret)


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


def by_secret(public_key: str, secret: str) -> Caller:
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
    return _caller(merchant_id, found.key, found.scopes)


def _caller(merchant_id: int, key: ApiKey, scopes: list[str]) -> Caller:
    return Caller(
        merchant_id,
        key.integration,
        f"key:{key.pk}",
        key.pk,
        frozenset(scopes),
        key.every_shop,
        key.network,
        key.last_used_at,
    )


def _mark_used(caller: Caller, here: str, *, now: datetime) -> None:
    """At most once a minute: a busy key is not worth a write per request."""
    if caller.last_used_at is not None and caller.last_used_at > now - USED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USED_EVERY)
    with merchant_transaction(caller.merchant_id):
        found = ApiKey.objects.filter(stale, pk=caller.key_id)
        found.update(last_used_at=now, network=here)
