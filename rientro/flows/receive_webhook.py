"""Step 4, from the carrier's side: a webhook came; believe its signature, keep its bytes, answer."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from rientro.carriers.base import InvalidRequest, RawWebhook
from rientro.carriers.registry import open_carrier
from rientro.kit.crypto import unseal
from rientro.kit.queue import post
from rientro.models.parcels import CarrierAccount
from rientro.models.tracking import InboxMessage

KEPT_HEADERS = 40
HEADER_LENGTH = 1000
SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})


@transaction.atomic
def receive_webhook(
    *, account: CarrierAccount, headers: Mapping[str, str], body: bytes, now: datetime
) -> bool:
    """Keep the delivery and post its reading; False when the same delivery came before.

    Nothing is understood here, so the carrier has its answer at once. Raises BadSignature, and keeps
    nothing then: a forged delivery must not stand in the way of the true one. A signed body that cannot be
    read is kept all the same, for a person to look at.
    """
    carrier = open_carrier(account.carrier, unseal(account.credentials), account.settings)
    raw = RawWebhook(headers=headers, body=body, received_at=now)
    try:
        carrier.parse_webhook(raw)
    except InvalidRequest:
        pass  # `process_inbox` meets it again and writes down why
    key = carrier.delivery_key(raw) or hashlib.sha256(body).hexdigest()
    message, new = InboxMessage.objects.get_or_create(
        account=account,
        delivery_key=key,
        defaults={"headers": _kept(headers), "body": body, "received_at": now},
    )
    if new:
        post("process_inbox", merchant_id=message.merchant_id, message_id=message.pk)
    return new


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    chosen = {
        name: value.replace("\x00", "")
        for name, value in headers.items()
        if name not in SECRET_HEADERS and len(value) <= HEADER_LENGTH
    }
    return dict(list(chosen.items())[:KEPT_HEADERS])
