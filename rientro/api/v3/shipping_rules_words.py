"""/api/v3/shipping-rules: the words that rules are made of, from the vocabulary that runs them."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse

from rientro.api.describe import BOOLEAN, STRING, many, named, record
from rientro.api.door import Call, json_response, methods
from rientro.api.operations import operation
from rientro.api.v2.account import merchant_of
from rientro.kit.countries import CODES
from rientro.kit.errors import Missing
from rientro.models import Order
from rientro.policy.rule_words import WITHOUT_VALUE, ActionWord, Operator, Property
from rientro.policy.shipping_rules import ACTIONS, OPERATORS, PROPERTIES

TYPES = {"choice": "SELECT", "amount": "NUMBER", "number": "NUMBER", "weight": "NUMBER"}
OPERATOR = named(
    "RuleOperator",
    record(
        {
            "identifier": STRING,
            "name": STRING,
            "multiple": BOOLEAN,
            "unary": BOOLEAN,
            "help_text": STRING,
        }
    ),
)
WORD_KEYS: dict[str, Any] = {
    "identifier": STRING,
    "name": STRING,
    "type": STRING,
    "help_text": STRING,
    "multiple": BOOLEAN,
    "delimiter": STRING,
    "trigger_update": BOOLEAN,
    "possibilities": many(many(STRING)),
}
WORD = named("RuleCondition", record({**WORD_KEYS, "operators": many(OPERATOR)}))
DEED = named("RuleAction", record(WORD_KEYS))
WORDS = named("RuleConditions", record({"data": many(WORD)}))
DEEDS = named("RuleActions", record({"data": many(DEED)}))
SIGNS = named("RuleOperators", record({"data": many(OPERATOR)}))


@operation(
    "v3_list_rule_conditions",
    "Shipping rules",
    scope="read:shipping-rule",
    answers={200: WORDS},
)
@transaction.atomic
def _conditions(call: Call) -> HttpResponse:
    """What a rule can look at, with the operators and the choices of each."""
    return json_response({"data": [_condition_out(call, one) for one in PROPERTIES.values()]})


@operation(
    "v3_get_rule_condition",
    "Shipping rules",
    scope="read:shipping-rule",
    answers={200: WORD, 404: "V3Errors"},
)
@transaction.atomic
def _condition(call: Call, identifier: str) -> HttpResponse:
    """One thing that a rule can look at."""
    if identifier not in PROPERTIES:
        raise Missing("No Condition matches the given query.")
    return json_response(_condition_out(call, PROPERTIES[identifier]))


@operation(
    "v3_list_rule_operators",
    "Shipping rules",
    scope="read:shipping-rule",
    answers={200: SIGNS},
)
def _operators(call: Call) -> HttpResponse:
    """How a rule can compare."""
    return json_response({"data": [_operator_out(one) for one in OPERATORS.values()]})


@operation(
    "v3_list_rule_actions", "Shipping rules", scope="read:shipping-rule", answers={200: DEEDS}
)
@transaction.atomic
def _actions(call: Call) -> HttpResponse:
    """What a rule can do."""
    return json_response({"data": [_word_out(call, one) for one in ACTIONS.values()]})


@operation(
    "v3_get_rule_action",
    "Shipping rules",
    scope="read:shipping-rule",
    answers={200: DEED, 404: "V3Errors"},
)
@transaction.atomic
def _action(call: Call, identifier: str) -> HttpResponse:
    """One thing that a rule can do."""
    if identifier not in ACTIONS:
        raise Missing("No Action matches the given query.")
    return json_response(_word_out(call, ACTIONS[identifier]))


def _operator_out(one: Operator) -> dict[str, Any]:
    return {
        "identifier": one.identifier,
        "name": one.label,
        "multiple": one.several,
        "unary": one.identifier in WITHOUT_VALUE,
        "help_text": one.hint,
    }


def _condition_out(call: Call, one: Property) -> dict[str, Any]:
    signs = [_operator_out(OPERATORS[name]) for name in one.operators]
    return _word_out(call, one) | {"operators": signs}


def _word_out(call: Call, one: Property | ActionWord) -> dict[str, Any]:
    several = isinstance(one, Property) and one.kind in ("choice", "text", "postal")
    return {
        "identifier": one.identifier,
        "name": one.label,
        "type": TYPES.get(one.kind, "TEXT"),
        "help_text": one.hint,
        "multiple": several,
        "delimiter": ",",
        "trigger_update": False,
        "possibilities": _possibilities(call, one.choices),
    }


def _possibilities(call: Call, choices: str) -> list[list[str]]:
    merchant = merchant_of(call)
    if choices == "integrations":
        shops = merchant.integrations.filter(deleted_at=None).order_by("pk")
        return [[str(shop.pk), shop.shop_name] for shop in shops]
    if choices == "addresses":
        places = merchant.addresses.filter(deleted_at=None).order_by("pk")
        return [[str(place.pk), place.label] for place in places]
    if choices == "countries":
        return [[code, code] for code in sorted(CODES)]
    if choices == "channels":
        return [[str(value), str(label)] for value, label in Order.Channel.choices]
    return []


conditions, condition = methods(GET=_conditions), methods(GET=_condition)
operators = methods(GET=_operators)
actions, action = methods(GET=_actions), methods(GET=_action)
