"""A return rule tried on one order: what each of its items would come to, today and with the rule."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from rientro.flows.save_return_rule import ReturnRuleDraft
from rientro.kit.money import Money
from rientro.kit.text import normal_number
from rientro.models import Brand, Order, OrderLine
from rientro.models.return_rule_book import (
    Asked,
    ReturnRuleBook,
    judge_lines,
    standing_return_rules,
    with_fee,
)
from rientro.models.returnable import day_of, terms_of
from rientro.panel.doors import PanelRequest
from rientro.panel.trace_words import BECAUSE, VERDICT
from rientro.policy.eligibility import Because, Decision
from rientro.policy.return_rules import Rule, Ruling


@dataclass(frozen=True, slots=True)
class Tried:
    """One item of the order. ``now`` and ``then`` are sentences; ``matches`` when this very rule does."""

    line: OrderLine
    now: str
    then: str
    matches: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """``number`` and ``reason`` are what to try it with; ``said`` is why there is nothing to see."""

    number: str = ""
    reason: str = ""
    order: Order | None = None
    said: str = ""
    rows: list[Tried] = field(default_factory=list)
    fee_now: Money | None = None
    fee_then: Money | None = None


def trial_of(request: PanelRequest, mine: Rule, told: ReturnRuleDraft, *, ready: bool) -> Trial:
    """The order that was typed, or the newest, judged by the rules as they would stand. Writes nothing."""
    number = request.POST.get("try-number", "").replace("\x00", "").strip()[:200]
    reason = request.POST.get("try-reason", "")[:40]
    order = _order(request, number, told.brand_id)
    if order is None:
        said = _("There is no such order.") if number else _("There is no order yet to try it on.")
        return Trial(number, reason, said=said)
    number = number or order.number
    if not ready or order.brand is None:
        return Trial(number, reason, order)
    if told.brand_id not in (None, order.brand_id):
        said = _("This order belongs to %s, and the rule is for another brand.") % order.brand.name
        return Trial(number, reason, order, said)
    return _judged(request, order, order.brand, reason, mine)


def _order(request: PanelRequest, number: str, brand_id: int | None) -> Order | None:
    orders = request.merchant.orders.filter(standalone=False, brand__isnull=False)
    orders = orders.select_related("brand", "merchant").order_by("-ordered_at", "-id")
    if number:
        return orders.filter(number_norm=normal_number(number) or "-").first()
    if brand_id is not None:
        orders = orders.filter(brand=brand_id)
    return orders.filter(cancelled_at=None).first()


def _judged(request: PanelRequest, order: Order, brand: Brand, reason: str, mine: Rule) -> Trial:
    standing = standing_return_rules(brand)
    as_it_would = [mine if rule.id == mine.id else rule for rule in standing]
    if not any(rule is mine for rule in as_it_would):
        as_it_would.append(mine)
    lines = list(order.lines.filter(removed_at=None).order_by("position", "pk"))
    asked = [Asked(line, 1, reason) for line in lines]
    zone = request.merchant.time_zone
    today = day_of(request.now, zone)
    terms = terms_of(request.merchant.portal_settings.get(brand=brand))
    found = []
    for rules in (standing, as_it_would):
        book = ReturnRuleBook(brand, rules=rules)
        found.append(judge_lines(asked, order, brand, terms, zone=zone, today=today, book=book))
    (now, ruled_now), (then, ruled_then) = found
    return Trial(
        order.number,
        reason,
        order,
        rows=[
            Tried(line, _said(now[at]), _said(then[at]), _matches(ruled_then[at], mine))
            for at, line in enumerate(lines)
        ],
        fee_now=with_fee(terms, ruled_now).fee,
        fee_then=with_fee(terms, ruled_then).fee,
    )


def _said(decision: Decision) -> str:
    verdict = VERDICT[decision.verdict.value]
    words = str(decision.trace.get("words", "")) if decision.because is Because.BY_RULE else ""
    return f"{verdict} {f'“{words}”' if words else BECAUSE[decision.because.value]}"


def _matches(ruling: Ruling, mine: Rule) -> bool:
    steps: Sequence[dict[str, object]] = ruling.trace
    return any(step.get("rule_id") == mine.id and step.get("matched") for step in steps)
