"""A brand's return rules as they stand, asked once per picked line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from rientro.kit.money import Money
from rientro.models.brands import Brand
from rientro.models.orders import Order, OrderLine
from rientro.models.returnable import dates_of, facts_of
from rientro.models.rules import ReturnRule
from rientro.policy.eligibility import Decision, decide
from rientro.policy.return_rules import ItemFacts, Ruling, apply, fee_of, judged, prepare
from rientro.policy.rules import Rule, read_rule
from rientro.policy.terms import Terms


class ReturnRuleBook:
    """The rules of ``brand`` and those of every brand, read when it is made; for one page or one return.

    ``rules``: others in their place, to try them.
    """

    def __init__(self, brand: Brand, *, rules: Sequence[Rule] | None = None) -> None:
        self._program = prepare(standing_return_rules(brand) if rules is None else rules)

    def ruling(
        self,
        line: OrderLine,
        order: Order,
        *,
        quantity: int,
        reason_code: str,
        zone: str,
        today: date,
    ) -> Ruling:
        """What the rules say of ``quantity`` units of ``line``."""
        if not self._program.ready:
            return Ruling()
        received_on = dates_of(order, zone).received_on()
        facts = ItemFacts(
            country=order.country,
            integration_id=order.integration_id,
            quantity=quantity,
            reason=reason_code,
            sku=line.sku,
            item_name=line.name,
            value=Money(max(0, line.price_minor), order.currency) * quantity,
            order_value=Money(order.total_minor, order.currency),
            weight_g=line.weight_g * quantity or None,
            days=None if received_on is None else (today - received_on).days,
            tags=order.tags,
            channel=order.channel,
        )
        return apply(self._program, facts, currency=order.currency)


def standing_return_rules(brand: Brand) -> list[Rule]:
    """The rules that run for ``brand`` today, in their order."""
    rows = ReturnRule.objects.filter(Q(brand=brand) | Q(brand=None), active=True)
    return [read_rule(row) for row in rows.filter(invalid_because="").order_by("position", "pk")]


@dataclass(frozen=True, slots=True)
class Asked:
    """Units of a line that are to come back, and why."""

    line: OrderLine
    quantity: int
    reason_code: str = ""


def judge_lines(
    asked: Sequence[Asked],
    order: Order,
    brand: Brand,
    terms: Terms,
    *,
    zone: str,
    today: date,
    book: ReturnRuleBook | None = None,
) -> tuple[list[Decision], list[Ruling]]:
    """The promise of ``brand`` for each line, and its return rules on top. Writes nothing."""
    book = book or ReturnRuleBook(brand)
    decisions, rulings = [], []
    for each in asked:
        ruling = book.ruling(
            each.line,
            order,
            quantity=each.quantity,
            reason_code=each.reason_code,
            zone=zone,
            today=today,
        )
        facts = facts_of(each.line, order, zone)
        decision = decide(facts, asked=each.quantity, terms=terms, today=today)
        decisions.append(judged(decision, ruling))
        rulings.append(ruling)
    return decisions, rulings


def with_fee(terms: Terms, rulings: Sequence[Ruling]) -> Terms:
    """The terms with the fee that the rules set for this return."""
    return terms.with_fee(fee_of(rulings, terms.fee))
