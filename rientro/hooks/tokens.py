"""The secret word in a webhook's address: ``<merchant>-<account>-<random>``.

The numbers find the row without asking every tenant; only the hash of the whole proves it.
"""

import hmac
import re

from rientro.kit.ids import token_hash
from rientro.kit.tenancy import merchant_transaction
from rientro.models import CarrierAccount

SHAPE = re.compile(r"([1-9][0-9]{0,17})-([1-9][0-9]{0,17})-[A-Za-z0-9_-]{20,80}")


def account_of(code: str, token: str) -> CarrierAccount | None:
    """The living account of this carrier whose token this is; None for every kind of miss."""
    found = SHAPE.fullmatch(token)
    if found is None or "\0" in code:
        return None
    merchant, account = (int(number) for number in found.groups())
    with merchant_transaction(merchant):
        row = CarrierAccount.objects.filter(pk=account, carrier=code, deleted_at=None).first()
    if row is None or not hmac.compare_digest(bytes(row.webhook_token_hash), token_hash(token)):
        return None
    return row
