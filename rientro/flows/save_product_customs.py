"""A member says what customs must know of products, once for all their returns."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from rientro.kit.queue import post_once
from rientro.kit.tenancy import current_merchant
from rientro.models.customs import ProductCustoms
from rientro.models.events import Event
from rientro.policy.declaration import CustomsTold, checked


@transaction.atomic
def save_product_customs(
    *, told: Mapping[str, CustomsTold], actor: str, now: datetime
) -> list[ProductCustoms]:
    """Keep what was told of each SKU; what was left empty stays as it was. Waiting returns are looked at again.

    Gives the products that changed. Raises BadCustoms, whose facts name SKU and field; nothing is written then.
    """
    fields = {sku: checked(words, item=sku) for sku, words in told.items() if sku.strip()}
    changed = []
    for sku, values in fields.items():
        if not values or ProductCustoms.objects.filter(sku=sku, **values).exists():
            continue
        row, _ = ProductCustoms.objects.update_or_create(
            sku=sku, defaults=values | {"saved_at": now}
        )
        changed.append(row)
        Event.record("product.customs_saved", actor=actor, at=now, sku=sku, fields=sorted(values))
    if changed:
        merchant = current_merchant()
        post_once("resume_customs", key=f"resume_customs:{merchant}", merchant_id=merchant)
    return changed
