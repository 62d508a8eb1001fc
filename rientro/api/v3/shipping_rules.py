"""/api/v3/shipping-rules: *if integration is x, then ship with address y*."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.http import HttpResponse

from rientro.api.body import read_json
from rientro.api.describe import BOOLEAN, INTEGER, STRING, many, maybe, named, record
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Problem, Refused
from rientro.api.operations import Param, operation
from rientro.api.pages import page_of, size_of
from rientro.api.v2.account import merchant_of
from rientro.flows.delete_rule import delete_rule
from rientro.flows.order_rules import order_rules
from rientro.flows.save_shipping_rule import BadRule, save_shipping_rule
from rientro.kit.errors import Missing
from rientro.models import ShippingRule
from rientro.policy.rule_draft import RuleDraft

MOST = 100
MOST_RULES = 500
CONDITION = record({"property": STRING, "operator": STRING, "compare_to": STRING})
RULE_IN = named(
    "ShippingRuleIn",
    record(
        name=STRING,
        is_active=BOOLEAN,
        criteria=record(is_and=BOOLEAN, conditions=many({"type": "object"})),
        actions=many(record({"identifier": STRING, "value": {}})),
    ),
)
RULE = named(
    "ShippingRule",
    record(
        {
            "id": INTEGER,
            "name": STRING,
            "is_active": BOOLEAN,
            "is_invalid": BOOLEAN,
            "order": maybe(INTEGER),
            "updated_at": STRING,
            "criteria": record({"is_and": BOOLEAN, "conditions": many(CONDITION)}),
            "actions": many(record({"identifier": STRING, "value": STRING})),
        },
        invalid_because=STRING,
    ),
)
RULES = named("ShippingRules", record({"data": many(RULE)}))
ORDERING = named("RuleOrder", record({"rule_list": many(INTEGER)}))


@operation(
    "v3_list_shipping_rules",
    "Shipping rules",
    scope="read:shipping-rule",
    query=(Param(name="cursor"), Param(name="page_size", about="1 to 100")),
    answers={200: RULES, 400: "V3Errors", 404: "V3Errors"},
)
@transaction.atomic
def _list(call: Call) -> HttpResponse:
    """The rules of the merchant; ``order`` says when each runs, the last that fits wins. Link leads on."""
    size = size_of(call.request, usual=MOST, most=MOST)
    page = page_of(call.request, merchant_of(call).shipping_rules.all(), size=size)
    rows = sorted(page.rows, key=lambda rule: (rule.position, rule.pk))
    return page.link(json_response({"data": [_rule_out(rule) for rule in rows]}))


@operation(
    "v3_create_shipping_rule",
    "Shipping rules",
    scope="write:shipping-rule",
    body=RULE_IN,
    answers={201: RULE, 400: "V3Errors"},
)
def _create(call: Call) -> HttpResponse:
    """Write a rule; it goes to the end. It counts for orders that come in from now on."""
    return json_response(_rule_out(_saved(call, None)), 201)


@operation(
    "v3_get_shipping_rule",
    "Shipping rules",
    scope="read:shipping-rule",
    answers={200: RULE, 404: "V3Errors"},
)
@transaction.atomic
def _one(call: Call, rule_id: str) -> HttpResponse:
    """One rule."""
    return json_response(_rule_out(_named(call, rule_id)))


@operation(
    "v3_update_shipping_rule",
    "Shipping rules",
    scope="write:shipping-rule",
    body=RULE_IN,
    answers={200: RULE, 400: "V3Errors", 404: "V3Errors"},
)
def _update(call: Call, rule_id: str) -> HttpResponse:
    """Change a rule; what is not told stays."""
    with transaction.atomic():
        rule = _named(call, rule_id)
    return json_response(_rule_out(_saved(call, rule)))


@operation(
    "v3_delete_shipping_rule",
    "Shipping rules",
    scope="write:shipping-rule",
    answers={204: None, 404: "V3Errors"},
)
@transaction.atomic
def _delete(call: Call, rule_id: str) -> HttpResponse:
    """Delete a rule; orders keep what it gave them."""
    delete_rule(rule=_named(call, rule_id), actor=call.actor, now=call.now)
    return HttpResponse(status=204)


@operation(
    "v3_order_shipping_rules",
    "Shipping rules",
    scope="write:shipping-rule",
    body=ORDERING,
    answers={200: RULES, 400: "V3Errors"},
)
def _reorder(call: Call) -> HttpResponse:
    """Put the rules in this order; those that are not named keep theirs, behind."""
    body = read_json(call.request)
    told = body.get("rule_list") if isinstance(body, Mapping) else None
    if (
        not isinstance(told, list)
        or len(told) > MOST_RULES
        or not all(type(one) is int and one > 0 for one in told)
    ):
        raise _refused("Send {'rule_list': [ids]}.", "rule_list", "not_a_list")
    with transaction.atomic():
        known = set(merchant_of(call).shipping_rules.values_list("pk", flat=True))
    if strange := [one for one in told if one not in known]:
        raise _refused(f"There is no rule {strange[0]}.", "rule_list", "invalid_choice")
    order_rules(family=ShippingRule, rule_ids=told, actor=call.actor, now=call.now)
    with transaction.atomic():
        rules = list(merchant_of(call).shipping_rules.order_by("position", "pk"))
    return json_response({"data": [_rule_out(rule) for rule in rules]})


def _named(call: Call, rule_id: str) -> ShippingRule:
    rule: ShippingRule | None = merchant_of(call).shipping_rules.filter(pk=int(rule_id)).first()
    if rule is None:
        raise Missing("No ShippingRule matches the given query.")
    return rule


def _refused(words: str, field: str, code: str = "invalid") -> Refused:
    return Refused(words, problems=[Problem(detail=words, code=code, pointer=f"/{field}")])


def _saved(call: Call, rule: ShippingRule | None) -> ShippingRule:
    body = read_json(call.request)
    if not isinstance(body, Mapping):
        raise _refused("Send one object.", "")
    draft = _draft(body, rule)
    try:
        return save_shipping_rule(rule=rule, draft=draft, actor=call.actor, now=call.now)
    except BadRule as error:
        told: Any = error.facts.get("problems") or [error.message]
        problems = [Problem(detail=str(words), pointer="/criteria") for words in told]
        raise Refused(error.message, problems=problems) from error


def _draft(body: Mapping[str, Any], rule: ShippingRule | None) -> RuleDraft:
    name = body.get("name", rule.name if rule else None)
    if not isinstance(name, str) or not name.strip():
        raise _refused("Give the rule a name.", "name", "required")
    active = body.get("is_active", rule.active if rule else True)
    if not isinstance(active, bool):
        raise _refused("Input should be true or false", "is_active")
    criteria = body.get("criteria")
    if criteria is None and rule is None:
        raise _refused("This field is required.", "criteria", "required")
    if criteria is not None and not isinstance(criteria, Mapping):
        raise _refused("Input should be an object", "criteria")
    return RuleDraft(
        name=name,
        active=active,
        match_all=_match_all(criteria, rule),
        conditions=_told(criteria, "conditions", rule.conditions if rule else None, _condition_in),
        actions=_told(body, "actions", rule.actions if rule else None, _action_in),
    )


def _match_all(criteria: Mapping[str, Any] | None, rule: ShippingRule | None) -> bool:
    told = (criteria or {}).get("is_and", rule.match_all if rule else True)
    if not isinstance(told, bool):
        raise _refused("Input should be true or false", "criteria/is_and")
    return told


def _told(
    body: Mapping[str, Any] | None, name: str, standing: Sequence[Any] | None, read: Any
) -> Sequence[Mapping[str, Any]]:
    told = (body or {}).get(name, standing if standing is not None else ...)
    if told is ...:
        raise _refused("This field is required.", name, "required")
    if not isinstance(told, list) or not all(isinstance(one, Mapping) for one in told):
        raise _refused("Input should be a list of objects", name, "not_a_list")
    return [read(one) for one in told]


def _condition_in(told: Mapping[str, Any]) -> dict[str, Any]:
    compared = told.get("compare_to", "")
    values = compared if isinstance(compared, list) else [compared]
    if not all(isinstance(one, str | int) or one is None for one in values) or any(
        len(str(one)) > 2000 for one in values
    ):
        raise _refused("Input should be a text", "criteria/conditions/compare_to")
    plain = [_word(one) for one in values if one is not None]
    return {
        "property": _word(told.get("property")),
        "operator": _word(told.get("operator")),
        "compare_to": plain if isinstance(compared, list) else "".join(plain),
    }


def _action_in(told: Mapping[str, Any]) -> dict[str, str]:
    return {"identifier": _word(told.get("identifier")), "value": _word(told.get("value"))}


def _word(told: Any) -> str:
    return str(told)[:2000] if isinstance(told, str | int) else ""


def _rule_out(rule: ShippingRule) -> dict[str, Any]:
    out = {
        "id": rule.pk,
        "name": rule.name,
        "is_active": rule.active,
        "is_invalid": bool(rule.invalid_because),
        "order": rule.position,
        "updated_at": rule.updated_at.isoformat(),
        "criteria": {
            "is_and": rule.match_all,
            "conditions": [
                {
                    "property": str(one.get("property", "")),
                    "operator": str(one.get("operator", "")),
                    "compare_to": _joined(one.get("compare_to", "")),
                }
                for one in rule.conditions
            ],
        },
        "actions": [
            {"identifier": str(one.get("identifier", "")), "value": str(one.get("value", ""))}
            for one in rule.actions
        ],
    }
    return out | ({"invalid_because": rule.invalid_because} if rule.invalid_because else {})


def _joined(told: Any) -> str:
    return ",".join(str(one) for one in told) if isinstance(told, list) else str(told)


rules = methods(GET=_list, POST=_create)
rule = methods(GET=_one, PATCH=_update, DELETE=_delete)
ordering = methods(POST=_reorder)
