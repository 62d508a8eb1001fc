"""A member deletes a place; rules that named it rest, in words."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.models.addresses import SenderAddress
from rientro.models.events import Event
from rientro.models.holding import hold_settings
from rientro.models.rules import ShippingRule
from rientro.policy.shipping_rules import SHIP_WITH_ADDRESS


class DefaultStays(RientroError):
    """There is always exactly one default address."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "default_address_stays"


@transaction.atomic
def delete_address(*, address: SenderAddress, actor: str, now: datetime) -> SenderAddress:
    """Delete ``address``: it is offered no more, orders and returns keep it, rules that name it rest.

    Raises DefaultStays for the default one; nothing is written then. Safe to repeat.
    """
    hold_settings()
    row = SenderAddress.objects.locked().get(pk=address.pk)
    if row.is_default:
        raise DefaultStays("This is the default address. Make another one the default first.")
    if row.deleted_at:
        return row
    row.deleted_at = now
    row.save(update_fields=["deleted_at"])
    resting = _rest_rules(row, now=now)
    Event.record(
        "address.deleted", actor=actor, at=now, address=row.pk, label=row.label, rules=resting
    )
    return row


def _rest_rules(address: SenderAddress, *, now: datetime) -> list[int]:
    words = (
        f"The address “{address.label}” was deleted on {now:%d %B %Y}. "
        "This rule is skipped until you choose another."
    )
    resting = []
    for rule in ShippingRule.objects.locked().order_by("pk"):
        if _names(rule, address.pk):
            rule.invalid_because, rule.updated_at = words[:240], now
            rule.save(update_fields=["invalid_because", "updated_at"])
            resting.append(rule.pk)
    return resting


def _names(rule: ShippingRule, address_id: int) -> bool:
    return any(
        action.get("identifier") == SHIP_WITH_ADDRESS
        and str(action.get("value")) == str(address_id)
        for action in rule.actions
    )
