"""What a brand would say to a return, asked before anybody asks for it. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rientro.kit.money import Money
from rientro.models.brands import Brand, PortalSettings, ReturnReason
from rientro.models.orders import Order
from rientro.models.return_rule_book import Asked, judge_lines, with_fee
from rientro.models.returnable import terms_of
from rientro.policy.eligibility import Decision, decide_return
from rientro.policy.fees import FeeItem, Quote, quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One decision per line that was asked about, one for the whole, and the money.

    ``whole`` and ``money`` are None when nothing was asked about. ``portal_open`` tells whether a shopper could ask.
    """

    decisions: list[Decision]
    whole: Decision | None
    money: Quote | None
    portal_open: bool


def try_return(
    *,
    order: Order,
    brand: Brand,
    asked: Sequence[Asked],
    refund_type: str,
    zone: str,
    today: date,
) -> Answer:
    """The same judgement as a return gets when it is opened, on any day."""
    settings = PortalSettings.objects.get(brand=brand)
    terms = terms_of(settings)
    decisions, rulings = judge_lines(asked, order, brand, terms, zone=zone, today=today)
    if not asked:
        return Answer(decisions=[], whole=None, money=None, portal_open=settings.active)
    reasons = ReturnReason.objects.filter(brand=brand, active=True)
    faults = dict(reasons.values_list("code", "fault"))
    prices = [Money(max(0, each.line.price_minor), order.currency) for each in asked]
    items = [
        FeeItem(
            quantity=each.quantity,
            price=price,
            fault=faults.get(each.reason_code, ReturnReason.Fault.SHOPPER.value),
        )
        for each, price in zip(asked, prices, strict=True)
    ]
    amounts = [item.price * item.quantity for item in items]
    return Answer(
        decisions=decisions,
        whole=decide_return(decisions, amounts=amounts, terms=terms),
        money=quote(items, with_fee(terms, rulings), refund_type=refund_type),
        portal_open=settings.active,
    )
