"""Return rules: *if country is Switzerland, then the fee is 9.90 CHF*; *if the SKU starts with X, refuse*.

The same engine as shipping rules, asked once per picked item. They belong to the brand's own promise: what they
refuse or charge never touches the right of the law, which has a clock and a door of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rientro.kit.money import Money, decimals_of
from rientro.kit.text import clean_line
from rientro.policy.eligibility import Because, Decision, Verdict
from rientro.policy.rule_values import amount_of
from rientro.policy.rule_words import ActionWord, Property, Vocabulary
from rientro.policy.rules import Program, Rule
from rientro.policy.rules import check as check_words
from rientro.policy.rules import prepare as prepare_rules
from rientro.policy.rules import run as run_rules

__all__ = [
    "ACTIONS",
    "PROPERTIES",
    "VOCABULARY",
    "ItemFacts",
    "Rule",
    "Ruling",
    "apply",
    "check",
    "fee_of",
    "judged",
    "prepare",
]

FEE, REFUSE, REVIEW = "fee", "refuse", "review"
LONGEST_WORDS = 200

PROPERTIES: dict[str, Property] = {
    row.identifier: row
    for row in (
        Property(identifier="country", label="from country", kind="choice", choices="countries"),
        Property(identifier="reason", label="reason", kind="choice", choices="reasons"),
        Property(identifier="sku", label="SKU", kind="text"),
        Property(identifier="item_name", label="item name", kind="text"),
        Property(identifier="item_value", label="value of the items", kind="amount", hint="49.90"),
        Property(identifier="order_value", label="order value", kind="amount", hint="49.90 EUR"),
        Property(identifier="weight", label="weight", kind="weight", hint="1.5 kg or 800 g"),
        Property(identifier="quantity", label="quantity", kind="number"),
        Property(identifier="days", label="days since delivery", kind="number"),
        Property(identifier="tag", label="tag of the order", kind="text", each_line=True),
        Property(identifier="channel", label="sold", kind="choice", choices="channels"),
        Property(
            identifier="integration", label="integration", kind="choice", choices="integrations"
        ),
    )
}
ACTIONS: dict[str, ActionWord] = {
    row.identifier: row
    for row in (
        ActionWord(
            identifier=FEE,
            label="the fee is",
            kind="amount",
            hint="4.90 EUR; 0 for none. One fee per return: the highest of its items counts",
        ),
        ActionWord(
            identifier=REFUSE,
            label="refuse, and say",
            kind="text",
            hint="One plain sentence for the shopper",
        ),
        ActionWord(identifier=REVIEW, label="let a person look", kind="none"),
    )
}
VOCABULARY = Vocabulary(properties=PROPERTIES, actions=ACTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """One picked line. ``value`` is its price times its quantity; ``days`` since delivery, None if unknown."""

    country: str
    integration_id: int
    quantity: int = 1
    reason: str = ""
    sku: str = ""
    item_name: str = ""
    value: Money | None = None
    order_value: Money | None = None
    weight_g: int | None = None
    days: int | None = None
    tags: Sequence[str] = ()
    channel: str = "web"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules say of one item. ``fee`` None: no rule sets one, the portal's stands."""

    fee: Money | None = None
    refuse: bool = False
    words: str = ""
    review: bool = False
    trace: list[dict[str, Any]] = field(default_factory=list, compare=False)


def prepare(rules: Sequence[Rule]) -> Program:
    """Prepare rules once for all items of a return, or of a page."""
    return prepare_rules(rules, VOCABULARY)


def apply(rules: Sequence[Rule] | Program, facts: ItemFacts, *, currency: str) -> Ruling:
    """Ask the rules about one item of an order in ``currency``. A fee in another currency is not set."""
    program = rules if isinstance(rules, Program) else prepare(rules)
    done = run_rules(program, _facts_of(facts))
    fee = done.chosen.get(FEE)
    refusal = done.chosen.get(REFUSE)
    return Ruling(
        fee=None if fee is None else _fee_in(fee[0].value, currency),
        refuse=refusal is not None,
        words="" if refusal is None else clean_line(refusal[0].value, LONGEST_WORDS),
        review=REVIEW in done.chosen,
        trace=done.short_trace,
    )


def judged(decision: Decision, ruling: Ruling) -> Decision:
    """``decision`` with the rules on top: they may refuse or ask for a look, never allow what was refused.

    The clock of the law stays as it is.
    """
    if decision.verdict is Verdict.REFUSE:
        return decision
    if ruling.refuse:
        verdict, because = Verdict.REFUSE, Because.BY_RULE
    elif ruling.review and decision.verdict is Verdict.ACCEPT:
        verdict, because = Verdict.REVIEW, Because.BY_RULE
    else:
        return decision if not ruling.trace else _traced(decision, ruling)
    return _traced(replace(decision, verdict=verdict, because=because), ruling)


def fee_of(rulings: Sequence[Ruling], usual: Money | None) -> Money | None:
    """The one fee of a return: the highest that its items' rules set; the portal's where no rule sets one.

    An item without a rule of its own counts with the portal's fee, if that is in the same currency.
    """
    ruled = [ruling.fee for ruling in rulings if ruling.fee is not None]
    if not ruled:
        return usual
    if len(ruled) < len(rulings) and usual is not None and usual.currency == ruled[0].currency:
        ruled.append(usual)
    return max(ruled, key=lambda fee: fee.minor)


def check(rule: Rule) -> list[str]:
    """What is wrong with a rule, in sentences; empty if it can run."""
    return check_words(rule, VOCABULARY)


def _fee_in(typed: str, currency: str) -> Money | None:
    found = amount_of(typed)
    if found is None or found[0] < 0 or found[1] not in ("", currency):
        return None
    minor = found[0].scaleb(decimals_of(currency))
    return Money(int(minor), currency) if minor == int(minor) else None


def _traced(decision: Decision, ruling: Ruling) -> Decision:
    trace = decision.trace | {
        "verdict": decision.verdict.value,
        "because": decision.because.value,
        "words": ruling.words,
        "rules": ruling.trace,
    }
    return replace(decision, trace=trace)


def _facts_of(facts: ItemFacts) -> dict[str, tuple[Any, ...]]:
    return {
        "country": _told(facts.country),
        "integration": (str(facts.integration_id),),
        "reason": _told(facts.reason),
        "sku": _told(facts.sku),
        "item_name": _told(facts.item_name),
        "item_value": _amount(facts.value),
        "order_value": _amount(facts.order_value),
        "weight": () if facts.weight_g is None else (facts.weight_g,),
        "quantity": (facts.quantity,),
        "days": () if facts.days is None else (facts.days,),
        "tag": tuple(folded for tag in facts.tags for folded in _told(tag)),
        "channel": _told(facts.channel),
    }


def _told(text: str) -> tuple[str, ...]:
    folded = " ".join(text.split()).casefold()
    return (folded,) if folded else ()


def _amount(value: Money | None) -> tuple[Any, ...]:
    return () if value is None else ((value.decimal(), value.currency),)
