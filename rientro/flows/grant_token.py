"""A machine exchanges its key for a token that lives an hour and may do no more than the key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.ids import new_token, token_hash
from rientro.models import AccessToken, ApiKey

LIVES = timedelta(hours=1)
EVERYTHING = "api"


class ScopeNotGranted(RientroError):
    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "invalid_scope"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedToken:
    """``token`` is shown once; only its hash is kept."""

    token: str
    scopes: list[str]


@transaction.atomic
def grant_token(*, key_id: int, asked: Sequence[str], now: datetime) -> GrantedToken:
    """A token of the key with the scopes that were asked for, else all that the key has.

    Raises ScopeNotGranted for a scope that the key lacks.
    """
    key = ApiKey.objects.get(pk=key_id)
    may = key.scopes or [EVERYTHING]
    missing = [] if EVERYTHING in may else [scope for scope in asked if scope not in may]
    if missing:
        raise ScopeNotGranted(f"This key lacks the scope {missing[0][:80]}.")
    scopes = sorted(set(asked)) or list(may)
    token = f"rt_{key.merchant_id}_{new_token()}"
    AccessToken.objects.create(
        key=key,
        token_hash=token_hash(token),
        scopes=scopes,
        created_at=now,
        expires_at=now + LIVES,
    )
    return GrantedToken(token=token, scopes=scopes)
