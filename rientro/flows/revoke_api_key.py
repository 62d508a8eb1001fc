"""A key is taken back."""

from datetime import datetime

from django.db import transaction

from rientro.models import ApiKey, Event


@transaction.atomic
def revoke_api_key(*, key: ApiKey, actor: str, now: datetime) -> None:
    """``key`` opens nothing from now on; a key that was revoked before stays as it is."""
    revoked = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)
    if revoked:
        shop = key.integration_id
        Event.record("key.revoked", actor=actor, at=now, integration=shop, key=key.pk)
