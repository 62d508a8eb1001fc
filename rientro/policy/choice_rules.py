"""Choice rules: *if from country is Germany, then buy from DHL as service retoure*. They say who carries a return.

The same engine as shipping rules, asked once per parcel, when its label is to be bought. A later match wins; when
the carrier it names turns the parcel down, the match before it is asked, and at last the default contract.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rientro.kit.money import Money
from rientro.kit.postal_codes import normal_postal
from rientro.policy.rule_words import ActionWord, Property, Vocabulary
from rientro.policy.rules import Program, Rule
from rientro.policy.rules import check as check_words
from rientro.policy.rules import prepare as prepare_rules
from rientro.policy.rules import run as run_rules

__all__ = [
    "ACTIONS",
    "BUY_FROM",
    "CHEAPEST",
    "PROPERTIES",
    "SERVICE",
    "VOCABULARY",
    "ParcelFacts",
    "Wish",
    "check",
    "prepare",
    "wishes_of",
]

BUY_FROM, SERVICE = "buy_from", "as_service"
CHEAPEST = "cheapest"  # in place of a contract: whoever of those that take the parcel asks least
LONGEST_SERVICE = 80

PROPERTIES: dict[str, Property] = {
    row.identifier: row
    for row in (
        Property(
            identifier="from_country", label="from country", kind="choice", choices="countries"
        ),
        Property(identifier="to_country", label="to country", kind="choice", choices="countries"),
        Property(
            identifier="postal_code",
            label="postal code",
            kind="postal",
            hint="A whole code, its beginning, or two codes with a dash between",
        ),
        Property(identifier="weight", label="weight", kind="weight", hint="1.5 kg or 800 g"),
        Property(identifier="value", label="value of the items", kind="amount", hint="49.90 EUR"),
        Property(identifier="parcels", label="number of parcels", kind="number"),
        Property(identifier="method", label="way back", kind="choice", choices="methods"),
        Property(identifier="brand", label="brand", kind="choice", choices="brands"),
        Property(
            identifier="integration", label="integration", kind="choice", choices="integrations"
        ),
        Property(identifier="tag", label="tag of the order", kind="text", each_line=True),
    )
}
ACTIONS: dict[str, ActionWord] = {
    row.identifier: row
    for row in (
        ActionWord(identifier=BUY_FROM, label="buy from", kind="choice", choices="accounts"),
        ActionWord(identifier=SERVICE, label="as service", kind="text"),
    )
}
VOCABULARY = Vocabulary(properties=PROPERTIES, actions=ACTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelFacts:
    """What rules may look at: one parcel on its way from the shopper to the merchant.

    Countries are alpha-2; ``postal_code`` is the sender's; ``weight_g`` 0 is not known.
    """

    from_country: str
    to_country: str
    brand_id: int
    postal_code: str = ""
    weight_g: int = 0
    value: Money | None = None
    parcels: int = 1
    method: str = ""
    integration_id: int = 0
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one rule that fits asks for. ``contract_id`` None: the cheapest. Empty ``service``: the contract's own."""

    contract_id: int | None
    service: str
    rule_id: int
    name: str
    version: int


def prepare(rules: Sequence[Rule]) -> Program:
    """Prepare rules once. What cannot be read is never true."""
    return prepare_rules(rules, VOCABULARY)


def wishes_of(program: Program, facts: ParcelFacts) -> tuple[list[Wish], list[dict[str, Any]]]:
    """The wishes of every rule that fits, the one that wins first, and the JSON-able trace of those rules."""
    ran = run_rules(program, _facts_of(facts))
    rules = {ready.rule.id: ready.rule for ready in program.ready}
    fits = [rules[row["rule_id"]] for row in ran.short_trace]
    wishes = [_wish(rule) for rule in reversed(fits)]
    return [wish for wish in wishes if wish is not None], ran.short_trace


def check(rule: Rule) -> list[str]:
    """What is wrong with a rule, in sentences; empty if it can run."""
    return check_words(rule, VOCABULARY)


def _wish(rule: Rule) -> Wish | None:
    told = {action.identifier: action.value.strip() for action in rule.actions}
    named = told.get(BUY_FROM, "")
    if named != CHEAPEST and not (named.isascii() and named.isdigit()):
        return None
    return Wish(
        contract_id=None if named == CHEAPEST else int(named),
        service="" if named == CHEAPEST else told.get(SERVICE, "")[:LONGEST_SERVICE],
        rule_id=rule.id,
        name=rule.name,
        version=rule.version,
    )


def _facts_of(facts: ParcelFacts) -> dict[str, tuple[Any, ...]]:
    postal = normal_postal(facts.postal_code, facts.from_country)
    return {
        "from_country": _told(facts.from_country),
        "to_country": _told(facts.to_country),
        "postal_code": (postal,) if postal else (),
        "weight": (facts.weight_g,) if facts.weight_g else (),
        "value": () if facts.value is None else ((facts.value.decimal(), facts.value.currency),),
        "parcels": (facts.parcels,),
        "method": _told(facts.method),
        "brand": (str(facts.brand_id),),
        "integration": (str(facts.integration_id),) if facts.integration_id else (),
        "tag": tuple(folded for tag in facts.tags for folded in _told(tag)),
    }


def _told(text: str) -> tuple[str, ...]:
    folded = " ".join(text.split()).casefold()
    return (folded,) if folded else ()
