"""A machine gets a key of its own to one integration."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rientro.kit.crypto import seal
from rientro.kit.ids import new_token, token_hash
from rientro.kit.text import clean_line
from rientro.models import ApiKey, Event, Integration

PUBLIC_BYTES = 12  # it names the key and proves nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class MintedKey:
    """``secret_key`` is shown once, here. Its hash opens doors; sealed, it signs webhooks."""

    key: ApiKey
    public_key: str
    secret_key: str


@transaction.atomic
def mint_api_key(
    *,
    integration: Integration,
    name: str = "",
    every_shop: bool = False,
    actor: str,
    now: datetime,
) -> MintedKey:
    """A new key pair of ``integration``. Its public half leads to the merchant before anything else is known.

    With ``every_shop`` it sees, in our own API, what belongs to any of the merchant's integrations.
    """
    secret = f"rs_{new_token()}"
    key = ApiKey.objects.create(
        integration=integration,
        name=clean_line(name, 80),
        public_key=f"rk_{integration.merchant_id}_{secrets.token_hex(PUBLIC_BYTES)}",
        secret_hash=token_hash(secret),
        secret_last4=secret[-4:],
        sealed_secret=seal({"secret": secret}),
        every_shop=every_shop,
        created_at=now,
    )
    Event.record("key.minted", actor=actor, at=now, integration=integration.pk, key=key.pk)
    return MintedKey(key=key, public_key=key.public_key, secret_key=secret)
