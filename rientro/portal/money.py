"""What comes back in money, weighed before the shopper agrees to it."""

from collections.abc import Sequence

from rientro.models import ReturnReason, Ticket
from rientro.models.return_rule_book import ReturnRuleBook, with_fee
from rientro.models.returnable import terms_of
from rientro.policy.fees import FeeItem, Quote, quote
from rientro.policy.return_methods import is_own
from rientro.policy.return_rules import Ruling
from rientro.portal.cards import Picked
from rientro.portal.shopfront import Shopfront


def weighed(
    chosen: Sequence[Picked], front: Shopfront, ticket: Ticket, *, method: str = ""
) -> Quote:
    """Value, fee and refund of what is picked so far, by ``method``, by the same policy as the flow asks."""
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
    terms = with_fee(terms_of(front.settings), _rulings(chosen, front, ticket))
    return quote(
        items,
        terms,
        refund_type=ticket.draft.get("refund", "money"),
        own_postage=bool(method) and is_own(method),
    )


def _rulings(chosen: Sequence[Picked], front: Shopfront, ticket: Ticket) -> list[Ruling]:
    book = ReturnRuleBook(front.brand)
    return [
        book.ruling(
            pick.card.line,
            ticket.order,
            quantity=pick.quantity,
            reason_code=pick.reason_code,
            zone=front.zone,
            today=front.today,
        )
        for pick in chosen
    ]
