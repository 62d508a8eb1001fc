"""Who is calling: HTTP Basic with an integration's public key as the name and its secret key as the password."""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from django.db.models import Q
from django.http import HttpRequest

from rientro.api.errors import KeyRefused
from rientro.kit.ids import token_hash
from rientro.kit.tenancy import merchant_transaction
from rientro.models import ApiKey, Integration

PUBLIC_KEY = re.compile(r"rk_([1-9][0-9]{0,17})_[0-9A-Za-z]{8,40}")
LONGEST_HEADER = 1000
USED_EVERY = timedelta(minutes=1)
NO_SECRET = bytes(32)  # compared with when there is no key, so that a miss takes as long


@dataclass(frozen=True, slots=True)
class Caller:
    """The integration that a key opens, and the name under which it acts."""

    merchant_id: int
    integration: Integration
    actor: str


def caller_of(request: HttpRequest, *, now: datetime) -> Caller:
    """The caller; raises KeyRefused. A short transaction of its own."""
    public_key, secret = _credentials(request)
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
    return Caller(merchant_id, key.integration, f"key:{key.pk}")


def _credentials(request: HttpRequest) -> tuple[str, str]:
    header = request.META.get("HTTP_AUTHORIZATION", "")
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(encoded) > LONGEST_HEADER:
        raise KeyRefused
    try:
        plain = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise KeyRefused from error
    public_key, colon, secret = plain.partition(":")
    if not colon or "\0" in plain:
        raise KeyRefused
    return public_key, secret


def _mark_used(key: ApiKey, *, now: datetime) -> None:
    """At most once a minute: a busy key is not worth a write per request."""
    if key.last_used_at is not None and key.last_used_at > now - USED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USED_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
