"""A member says what customs must know of a product, once for all its returns."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.queue import post_once
from rientro.models.customs import ProductCustoms
from rientro.models.events import Event
from rientro.policy.declaration import BadCustoms, CustomsTold, checked


class NoSku(RientroError):
    """A product without a SKU cannot be told from others."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "no_sku"


@transaction.atomic
def save_product_customs(
    *, sku: str, told: CustomsTold, actor: str, now: datetime
) -> ProductCustoms:
    """Keep what was told of ``sku``; what was left empty stays as it was. Waiting returns are looked at again.

    Raises BadCustoms and NoSku; nothing is written then.
    """
    if not sku.strip():
        raise NoSku("This product has no SKU. Fill its data in on the return itself.")
    fields = checked(told)
    if not fields:
        raise BadCustoms("Fill in at least one of the three.", field="hs_code")
    row, _ = ProductCustoms.objects.update_or_create(sku=sku, defaults=fields | {"saved_at": now})
    Event.record("product.customs_saved", actor=actor, at=now, sku=sku, fields=sorted(fields))
    merchant = row.merchant_id
    post_once("resume_customs", key=f"resume_customs:{merchant}", merchant_id=merchant)
    return row
