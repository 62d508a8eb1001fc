"""Filters of the API's reference: schemas as people read them."""

import json
from typing import Any

from django import template

register = template.Library()


@register.filter
def pretty_json(value: Any) -> str:
    """Indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)


@register.filter
def schema_name(value: Any) -> str:
    """The name of a schema, ``list of Name``, or the kind of file that comes."""
    if isinstance(value, str):
        return value
    if "$ref" in value:
        return str(value["$ref"]).rsplit("/", 1)[-1]
    if value.get("type") == "array":
        return f"list of {schema_name(value.get('items', {}))}"
    return str(value.get("type", "any"))
