"""A webhook gets a new secret, and its receiver a day to learn it."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from rientro.kit.crypto import seal
from rientro.models import Event, WebhookEndpoint
from rientro.policy.webhook_signatures import secret_of

SECRET_BYTES = 32
BOTH_SIGN = timedelta(hours=24)


@transaction.atomic
def rotate_webhook_secret(*, endpoint: WebhookEndpoint, actor: str, now: datetime) -> str:
    """Give ``endpoint`` a new secret, which is returned and shown once; the old one signs along for a day."""
    own = WebhookEndpoint.objects.made_by_hand()
    row = own.locked().get_or_missing(pk=endpoint.pk)
    secret = secret_of(secrets.token_bytes(SECRET_BYTES))
    row.old_secret, row.old_secret_until = row.secret, now + BOTH_SIGN
    row.secret = seal({"secret": secret})
    row.save(update_fields=["secret", "old_secret", "old_secret_until"])
    Event.record("webhook.secret_rotated", actor=actor, at=now, **row.named())
    return secret
