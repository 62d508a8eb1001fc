"""Give a shop our address, so that it tells of its orders at once instead of when it is asked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings as house
from django.db import transaction
from django.urls import reverse

from rientro.kit.crypto import CannotUnseal, seal, unseal
from rientro.kit.ids import new_token, token_hash
from rientro.models.integrations import Integration
from rientro.models.shop_health import note_trouble
from rientro.models.shop_links import ShopLink
from rientro.shops.base import AuthFailed, Can, RateLimited, ShopError, Unavailable
from rientro.shops.registry import known, open_telling_shop


def register_shop_webhooks(*, link: ShopLink, now: datetime) -> bool:
    """Register with the shop under a new secret address; True where it tells us now.

    What a shop refuses stands at the link in words, and polling goes on alone; the clock tries again each hour. A
    shop that is to be left alone just now is told later. No transaction may be open.
    """
    link, integration = _read(link)
    if Can.WEBHOOK not in known(integration.system).can:
        _keep(link, {"webhook_base": house.BASE_URL})  # nobody to tell: as good as told
        return False
    if link.rest_until and link.rest_until > now:
        _keep(link, {"webhook_base": ""})
        return False
    token = f"{link.merchant_id}-{link.pk}-{new_token()}"
    # Known to us before the shop knows it: its first webhook may be quicker than its answer.
    _keep(link, {"webhook_token_hash": token_hash(token)})
    try:
        keys = unseal(link.credentials)
        shop = open_telling_shop(integration.system, keys, link.settings)
        assert shop is not None
        secrets = shop.register_webhooks(shop_webhook_url(integration.system, token))
    except (ShopError, CannotUnseal) as error:
        _keep(link, {"webhook_error": error.message[:300], "webhook_base": ""})
        if isinstance(error, AuthFailed | RateLimited | Unavailable):
            with transaction.atomic(durable=True):
                note_trouble(link, error, at=now)
        return False
    _keep(link, {"webhook_base": house.BASE_URL, "webhook_error": ""}, secrets=secrets)
    return True


def shop_webhook_url(system: str, token: str) -> str:
    """Where a shop posts its news of one connection."""
    return f"{house.BASE_URL}{reverse('hooks:shop', args=[system, token])}"


@transaction.atomic(durable=True)
def _read(link: ShopLink) -> tuple[ShopLink, Integration]:
    row = ShopLink.objects.get_or_missing(pk=link.pk)
    return row, Integration.objects.get(pk=row.integration_id)


@transaction.atomic(durable=True)
def _keep(
    link: ShopLink, changes: Mapping[str, Any], *, secrets: Mapping[str, str] | None = None
) -> None:
    """What was disconnected meanwhile has forgotten its keys, and stays so; keys that were changed stay changed."""
    row = ShopLink.objects.locked().filter(pk=link.pk).exclude(credentials="").first()
    if row is None:
        return
    if secrets:
        changes = {**changes, "credentials": seal({**unseal(row.credentials), **secrets})}
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
