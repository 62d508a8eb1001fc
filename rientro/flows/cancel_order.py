"""An order is taken back: the shop, a client or a member says that it is off."""

from datetime import datetime

from django.db import transaction

from rientro.models import Event, Order


@transaction.atomic
def cancel_order(*, order: Order, forget: bool = False, actor: str, now: datetime) -> Order:
    """``order`` can no longer be found in the portal; its returns go on. Cancelled before: nothing happens.

    ``forget``: what the shop last said of it no longer counts, so the same words bring it back. Without, only
    news of the shop do.
    """
    order = Order.objects.locked().get_or_missing(pk=order.pk)
    if order.cancelled_at is not None:
        return order
    order.cancelled_at = order.updated_at = now
    changed = ["cancelled_at", "updated_at"]
    if forget:
        order.shop_updated_at, order.said_digest = None, ""
        changed += ["shop_updated_at", "said_digest"]
    order.save(update_fields=changed)
    Event.record("order.cancelled", actor=actor, at=now, order=order)
    return order
