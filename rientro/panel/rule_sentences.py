"""The conditions of a rule while it is put together: read from the form, drawn as a sentence with slots."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from rientro.panel.rule_words import Lists, operator_words, property_words
from rientro.policy.rule_values import values_of
from rientro.policy.rule_words import OPERATORS, WITHOUT_VALUE, Vocabulary
from rientro.policy.rules import MOST_CONDITIONS

Condition = dict[str, Any]


def read_conditions(post: QueryDict, words: Vocabulary, *, fresh: str) -> list[Condition]:
    """What was put together so far, and one more on ``fresh`` when that was asked for.

    An operator that does not fit its property gives way to one that does.
    """
    conditions = []
    dropped = post.get("act", "").removeprefix("drop-")
    for place in range(MOST_CONDITIONS):
        name = post.get(f"c{place}-property")
        if name is None:
            break
        if name in words.properties and str(place) != dropped:
            conditions.append(_read_condition(post, place, name, words))
    if post.get("act") == "add" and len(conditions) < MOST_CONDITIONS:
        operator = words.properties[fresh].operators[0]
        conditions.append({"property": fresh, "operator": operator, "compare_to": ""})
    return conditions


def _read_condition(post: QueryDict, place: int, name: str, words: Vocabulary) -> Condition:
    found = words.properties[name]
    operator = post.get(f"c{place}-operator", "")
    if operator not in found.operators:
        operator = found.operators[0]
    values = [value.replace("\x00", "").strip()[:2000] for value in post.getlist(f"c{place}-value")]
    if operator in WITHOUT_VALUE:
        told: Any = ""
    elif found.choices and OPERATORS[operator].several:
        told = [value for value in values if value]
    else:
        told = values[0] if values else ""
    return {"property": name, "operator": operator, "compare_to": told}


def read_name(post: QueryDict) -> str:
    return post.get("name", "").replace("\x00", "")[:100]


def drawn(
    conditions: Sequence[Mapping[str, Any]], lists: Lists, words: Vocabulary
) -> dict[str, Any]:
    """What panel/_rule_conditions.html needs."""
    return {
        "rows": [_drawn(place, each, lists, words) for place, each in enumerate(conditions)],
        "more": len(conditions) < MOST_CONDITIONS,
    }


def _drawn(
    place: int, condition: Mapping[str, Any], lists: Lists, words: Vocabulary
) -> dict[str, Any]:
    name, operator = str(condition["property"]), str(condition["operator"])
    found = words.properties.get(name, next(iter(words.properties.values())))
    told = condition.get("compare_to", "")
    return {
        "place": place,
        "property": found.identifier,
        "properties": [(known, property_words(known, words)) for known in words.properties],
        "operator": operator,
        "operators": [(known, operator_words(known)) for known in found.operators],
        "silent": operator in WITHOUT_VALUE,
        "several": bool(OPERATORS[operator].several) if operator in OPERATORS else False,
        "choices": lists.get(found.choices, []) if found.choices else None,
        "values": values_of(told if isinstance(told, str) else tuple(map(str, told))),
        "value": told if isinstance(told, str) else ", ".join(map(str, told)),
        "hint": _(found.hint) if found.hint else "",
    }
