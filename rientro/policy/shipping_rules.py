"""Shipping rules: *if integration is x, then ship with address y*. The address carries the brand.

They run when an order is imported, from the first to the last; a later match wins. The words below are the
vocabulary of the panel's form and of the API's lists.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rientro.kit.money import Money
from rientro.kit.postal_codes import normal_postal
from rientro.policy.rules import (
    OPERATORS,
    Action,
    ActionWord,
    Condition,
    Program,
    Property,
    Rule,
    Run,
    Vocabulary,
    read_rule,
)
from rientro.policy.rules import check as check_words
from rientro.policy.rules import prepare as prepare_rules
from rientro.policy.rules import run as run_rules

__all__ = [
    "ACTIONS",
    "OPERATORS",
    "PROPERTIES",
    "SHIP_WITH_ADDRESS",
    "VOCABULARY",
    "Action",
    "Condition",
    "OrderFacts",
    "Result",
    "Rule",
    "apply",
    "check",
    "prepare",
    "read_rule",
]

SHIP_WITH_ADDRESS = "ship_with_address"

PROPERTIES: dict[str, Property] = {
    row.identifier: row
    for row in (
        Property(
            identifier="integration", label="integration", kind="choice", choices="integrations"
        ),
        Property(
            identifier="destination_country", label="to country", kind="choice", choices="countries"
        ),
        Property(
            identifier="postal_code",
            label="postal code",
            kind="postal",
            hint="A whole code, its beginning, or two codes with a dash between",
        ),
        Property(
            identifier="sku", label="SKU", kind="text", each_line=True, hint="Of any item ordered"
        ),
        Property(
            identifier="item_name",
            label="item name",
            kind="text",
            each_line=True,
            hint="Of any item ordered",
        ),
        Property(identifier="tag", label="tag", kind="text", each_line=True),
        Property(
            identifier="order_value",
            label="order value",
            kind="amount",
            hint="49.90 in the order's own currency, or 49.90 EUR for orders in euros only",
        ),
        Property(identifier="weight", label="weight", kind="weight", hint="1.5 kg or 800 g"),
        Property(identifier="channel", label="sold", kind="choice", choices="channels"),
        Property(identifier="company", label="company name", kind="text"),
        Property(identifier="order_number", label="order number", kind="text"),
        Property(identifier="order_status", label="status in the shop", kind="text"),
    )
}
ACTIONS: dict[str, ActionWord] = {
    SHIP_WITH_ADDRESS: ActionWord(
        identifier=SHIP_WITH_ADDRESS,
        label="ship with address",
        kind="choice",
        choices="addresses",
        hint="The address decides the brand, and the brand decides the portal",
    ),
}
VOCABULARY = Vocabulary(
    properties=PROPERTIES,
    actions=ACTIONS,
    synonyms={"country": "destination_country", "total_order_value": "order_value"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """What rules may look at. ``value`` is the order's total, ``weight_g`` that of all its lines."""

    integration_id: int
    country: str = ""
    postal_code: str = ""
    channel: str = "web"
    company: str = ""
    number: str = ""
    status: str = ""
    skus: Sequence[str] = ()
    item_names: Sequence[str] = ()
    tags: Sequence[str] = ()
    value: Money | None = None
    weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """``sender_address_id`` None: no rule chose, the default address stands.

    ``rule_id`` and ``rule_name`` name the rule that chose. ``trace`` has a row for each rule that was looked
    at; ``short_trace`` keeps what a table of a million orders should carry.
    """

    sender_address_id: int | None
    brand_id: int | None
    rule_id: int | None = None
    rule_name: str = ""
    run: Run | None = field(default=None, compare=False, repr=False)

    @property
    def trace(self) -> list[dict[str, Any]]:
        return self.run.trace if self.run else []

    @property
    def short_trace(self) -> list[dict[str, Any]]:
        """The rows that matched; the last one for an action is the one that counted."""
        return self.run.short_trace if self.run else []


def prepare(rules: Sequence[Rule]) -> Program:
    """Prepare rules once for many orders. Raises nothing: what cannot be read is never true."""
    return prepare_rules(rules, VOCABULARY)


def apply(
    rules: Sequence[Rule] | Program,
    facts: OrderFacts,
    *,
    brands: Mapping[int, int | None] | None = None,
) -> Result:
    """Run ``rules`` (a Program for more than one order) over one order.

    ``brands`` tells the brand of each living sender address: an address that is not in it is gone, and a rule
    that names it does not choose. Without ``brands`` every address is taken as named.
    """
    program = rules if isinstance(rules, Program) else prepare(rules)
    living = None if brands is None else frozenset(brands)
    done = run_rules(program, _facts_of(facts), usable=lambda a: _is_living(a, living))
    if SHIP_WITH_ADDRESS not in done.chosen:
        return Result(None, None, run=done)
    action, rule = done.chosen[SHIP_WITH_ADDRESS]
    address_id = int(action.value)
    return Result(
        sender_address_id=address_id,
        brand_id=None if brands is None else brands[address_id],
        rule_id=rule.id,
        rule_name=rule.name,
        run=done,
    )


def check(rule: Rule) -> list[str]:
    """What is wrong with a rule, in sentences; empty if it can run. See policy.rules.check."""
    problems = check_words(rule, VOCABULARY)
    for action in rule.actions:
        if action.identifier == SHIP_WITH_ADDRESS and action.value and not _is_id(action.value):
            problems.append("Choose one of your addresses.")
    return problems


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 18


def _is_living(action: Action, living: frozenset[int] | None) -> bool:
    if action.identifier != SHIP_WITH_ADDRESS:
        return True
    return _is_id(action.value) and (living is None or int(action.value) in living)


def _facts_of(facts: OrderFacts) -> dict[str, tuple[Any, ...]]:
    """The order as rules see it: property -> its values, texts folded once for all rules."""
    value = facts.value
    return {
        "integration": (str(facts.integration_id),),
        "destination_country": _told(facts.country),
        "postal_code": _codes(facts.postal_code, facts.country),
        "sku": _folded(facts.skus),
        "item_name": _folded(facts.item_names),
        "tag": _folded(facts.tags),
        "order_value": () if value is None else ((value.decimal(), value.currency),),
        "weight": () if facts.weight_g is None else (facts.weight_g,),
        "channel": _told(facts.channel),
        "company": _told(facts.company),
        "order_number": _told(facts.number),
        "order_status": _told(facts.status),
    }


def _told(text: str) -> tuple[str, ...]:
    folded = " ".join(text.split()).casefold()
    return (folded,) if folded else ()


def _folded(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(folded for text in texts for folded in _told(text)))


@lru_cache(maxsize=4096)
def _codes(postal_code: str, country: str) -> tuple[str, ...]:
    code = normal_postal(postal_code, country)
    return (code,) if code else ()
