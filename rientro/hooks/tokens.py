"""The secret word in a webhook's address: ``<merchant>-<account or shop link>-<random>``.

The numbers find the row without asking every tenant; only the hash of the whole proves it.
"""

import hmac
import re

from rientro.kit.ids import token_hash
from rientro.kit.tenancy import merchant_transaction
from rientro.models import CarrierAccount, ShopLink
from rientro.models.shop_addresses import is_fixed

SHAPE = re.compile(r"([1-9][0-9]{0,17})-([1-9][0-9]{0,17})-[A-Za-z0-9_-]{20,80}")


def account_of(code: str, token: str) -> CarrierAccount | None:
    """The living account of this carrier whose token this is; None for every kind of miss."""
    numbers = _numbers(code, token)
    if numbers is None:
        return None
    merchant, account = numbers
    with merchant_transaction(merchant):
        row = CarrierAccount.objects.filter(pk=account, carrier=code, deleted_at=None).first()
    return row if row and _fits(bytes(row.webhook_token_hash), token) else None


def link_of(system: str, token: str) -> ShopLink | None:
    """The living connection to this shop system whose token this is; None for every kind of miss."""
    numbers = _numbers(system, token)
    if numbers is None:
        return None
    merchant, link = numbers
    with merchant_transaction(merchant):
        living = ShopLink.objects.filter(integration__system=system, integration__deleted_at=None)
        row = living.filter(pk=link).first()
    if row is None:
        return None
    known = _fits(bytes(row.webhook_token_hash), token)
    return row if known or is_fixed(token, merchant_id=merchant, link_id=link) else None


def _numbers(code: str, token: str) -> tuple[int, int] | None:
    """The merchant and the row that a token names."""
    found = SHAPE.fullmatch(token)
    if found is None or "\0" in code:
        return None
    return int(found[1]), int(found[2])


def _fits(kept: bytes, token: str) -> bool:
    return hmac.compare_digest(kept, token_hash(token))
