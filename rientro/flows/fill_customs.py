"""A member says what customs must know of the items of one return, and its label is bought if nothing is missing."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.queue import post_once
from rientro.models.customs import ProductCustoms
from rientro.models.events import Event
from rientro.models.purchasing import intend_label
from rientro.models.returns import Return, ReturnItem
from rientro.policy.declaration import CustomsTold, checked
from rientro.policy.lifecycle import DEAD, CarrierState

BEFORE_A_LABEL = frozenset({CarrierState.NONE, CarrierState.LABEL_PENDING, CarrierState.FAILED})


class TooLateForCustoms(RientroError):
    """The declaration went to the carrier, or the return is over."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "too_late_for_customs"


@transaction.atomic
def fill_customs(
    *, ret: Return, told: Mapping[int, CustomsTold], remember: bool, actor: str, now: datetime
) -> Return:
    """Keep what was told of each item (by its id); what was left empty stays as it was.

    ``remember`` keeps it for the SKU as well. A return that waited for this gets its label asked for; while
    something is still missing it goes on waiting. Raises BadCustoms, whose facts name the item and the field, and
    TooLateForCustoms; nothing is written then.
    """
    ret = Return.objects.locked().get(pk=ret.pk)
    if ret.approval in DEAD or ret.carrier not in BEFORE_A_LABEL:
        raise TooLateForCustoms("This return has its label, or needs none any more.")
    items = ReturnItem.objects.filter(ret=ret).select_related("order_line").order_by("pk")
    filled: dict[str, list[str]] = {}
    for item in items:
        fields = checked(told[item.pk], item=item.pk) if item.pk in told else {}
        if not fields:
            continue
        item.customs = item.customs | fields
        item.save(update_fields=["customs"])
        filled[item.order_line.sku] = sorted(fields)
        if remember and item.order_line.sku:
            ProductCustoms.objects.update_or_create(
                sku=item.order_line.sku, defaults=fields | {"saved_at": now}
            )
    if filled:
        Event.record("return.customs_filled", actor=actor, at=now, ret=ret, products=filled)
    if ret.customs_wanted_at and ret.carrier == CarrierState.LABEL_PENDING:
        intend_label(ret, at=now, actor=actor)
    if filled and remember:
        merchant = ret.merchant_id
        post_once("resume_customs", key=f"resume_customs:{merchant}", merchant_id=merchant)
    return ret
