"""/api/rientro/v1/shipping-rules/try: which address and brand an order would get, asked for nothing."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse

from rientro.api.describe import BOOLEAN, INTEGER, STRING, many, maybe, named, record
from rientro.api.door import Call, json_response, methods
from rientro.api.operations import operation
from rientro.api.rientro_v1.common import body_of, stop_if_wrong
from rientro.api.rientro_v1.schemas import BRAND
from rientro.api.rientro_v1.trial_facts import FACTS, read_facts
from rientro.api.rientro_v1.trial_orders import brand_out, order_named
from rientro.models import Order
from rientro.models.rules_again import Judge, facts_of_order
from rientro.policy.shipping_rules import Result

CONDITION = record(
    {
        "property": STRING,
        "operator": STRING,
        "compare_to": {"type": ["string", "array"]},
        "answer": BOOLEAN,
    }
)
RULE_ROW = record(
    {
        "rule_id": INTEGER,
        "name": STRING,
        "version": INTEGER,
        "match_all": BOOLEAN,
        "matched": BOOLEAN,
        "conditions": many(CONDITION),
        "passed_over": many(STRING),
    }
)
RULED = named(
    "RulesTried",
    record(
        {
            "address": maybe(record({"id": INTEGER, "label": STRING, "city": STRING})),
            "brand": maybe(BRAND),
            "rule": maybe(record({"id": INTEGER, "name": STRING})),
            "on_default_brand": BOOLEAN,
            "changes_order": maybe(BOOLEAN),
            "trace": many(RULE_ROW),
        }
    ),
)
RULES_QUESTION = named("RulesQuestion", record(order=STRING, facts=FACTS))


@operation(
    "rientro_try_shipping_rules",
    "Trials",
    scope="read:shipping-rule",
    body=RULES_QUESTION,
    answers={200: RULED, 400: "Problem", 404: "Problem", 409: "Problem"},
)
def _rules(call: Call) -> HttpResponse:
    """Ask the shipping rules which address and brand an order would get, and change nothing.

    Send ``order`` (its id or its number) or ``facts`` of one that does not exist yet. ``trace`` has a row for every
    rule that runs, in their order; a later match wins. ``rule`` is null when none chose: the default address stands.
    ``changes_order`` tells whether an order that is here carries something else today.
    """
    reader = body_of(call)
    order_told, facts_told = reader.told.get("order"), reader.told.get("facts")
    if (order_told is None) == (facts_told is None):
        reader.wrong("order", "Send either order or facts.")
        stop_if_wrong(reader)
    with transaction.atomic():
        judge, order = Judge(), None
        if order_told is not None:
            order = order_named(call, reader)
            lines = list(order.lines.order_by("position", "pk"))
            facts = facts_of_order(order, lines)
        else:
            facts = read_facts(call, reader)
        result = judge.result(facts)
        return json_response(_ruled(call, judge, result, order))


def _ruled(call: Call, judge: Judge, result: Result, order: Order | None) -> dict[str, Any]:
    merchant, ruling = call.caller.integration.merchant, judge.ruling_of(result)
    address = merchant.addresses.filter(pk=ruling.address_id or 0).first()
    brand = merchant.brands.filter(pk=ruling.brand_id or 0).first()
    return {
        "address": {"id": address.pk, "label": address.label, "city": address.city}
        if address
        else None,
        "brand": brand_out(brand) if brand else None,
        "rule": {"id": result.rule_id, "name": result.rule_name} if result.rule_id else None,
        "on_default_brand": ruling.by_default,
        "changes_order": ruling.changes(order) if order else None,
        "trace": [_rule_row(row) for row in result.trace],
    }


def _rule_row(row: dict[str, Any]) -> dict[str, Any]:
    said = zip(row["said"], row["conditions"], strict=True)
    return {
        "rule_id": row["rule_id"],
        "name": row["name"],
        "version": row["version"],
        "match_all": row["match_all"],
        "matched": row["matched"],
        "conditions": [
            {"property": name, "operator": operator, "compare_to": value, "answer": answer}
            for (name, operator, value), answer in said
        ],
        "passed_over": row.get("passed_over", []),
    }


asking = methods(POST=_rules)
