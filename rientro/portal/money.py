"""What comes back in money, weighed before the shopper agrees to it."""

from collections.abc import Sequence

from rientro.models import ReturnReason, Ticket
from rientro.models.returnable import terms_of
from rientro.policy.fees import FeeItem, Quote, quote
from rientro.portal.cards import Picked
from rientro.portal.shopfront import Shopfront


def weighed(chosen: Sequence[Picked], front: Shopfront, ticket: Ticket) -> Quote:
    """Value, fee and refund of what is picked so far, by the same policy as the flow asks."""
    reasons = ReturnReason.objects.filter(brand=front.brand, active=True)
    faults = dict(reasons.values_list("code", "fault"))
    items = [
        FeeItem(
            quantity=pick.quantity,
            price=pick.card.price,
            fault=faults.get(pick.reason_code, ReturnReason.Fault.SHOPPER.value),
        )
        for pick in chosen
    ]
    return quote(items, terms_of(front.settings), refund_type=ticket.draft.get("refund", "money"))
