"""A merchant ends the connection to a shop: the shop is told to be quiet, and its keys are forgotten."""

from datetime import datetime

from django.conf import settings as house
from django.db import transaction

from rientro.kit.crypto import CannotUnseal, unseal
from rientro.models.integrations import Integration
from rientro.models.shop_ending import end_integration
from rientro.models.shop_links import ShopLink
from rientro.shops.base import ShopError
from rientro.shops.registry import UnknownShop, open_telling_shop

PATIENCE_S = 5.0  # somebody waits at the page


def disconnect_shop(*, link: ShopLink, actor: str, now: datetime) -> None:
    """Forget the keys and read nothing more; orders and returns stay. The shop's webhooks are taken away first.

    A shop that cannot be asked is left as it is: what it still sends finds nobody here. No transaction may be open.
    """
    with transaction.atomic(durable=True):
        integration = Integration.objects.get_or_missing(pk=link.integration_id, deleted_at=None)
    _hush(link, integration.system)
    with transaction.atomic(durable=True):
        row = Integration.objects.locked().get_or_missing(pk=integration.pk, deleted_at=None)
        end_integration(row, actor=actor, at=now)


def _hush(link: ShopLink, system: str) -> None:
    try:
        settings = {**link.settings, "deadline_s": PATIENCE_S}
        shop = open_telling_shop(system, unseal(link.credentials), settings)
        ours = f"{link.merchant_id}-{link.pk}-"
        if shop is not None:
            shop.forget_webhooks(f"{house.BASE_URL}/hooks/shops/{system}/{ours}")
    except (ShopError, UnknownShop, CannotUnseal):
        return
