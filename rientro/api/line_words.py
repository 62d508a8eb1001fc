"""Words that a shop tells of a line and we do not interpret: kept among its properties, behind an underscore.

The underscore keeps them apart from what the shopper chose (colour, size), which every list shows.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

TEXTS = ("mid_code", "material_content", "intended_use")
LONGEST = 200
MOST_BYTES = 2000  # of one object: sizes, dates, dangerous goods


def kept_texts(told: Mapping[str, Any], names: tuple[str, ...] = TEXTS) -> dict[str, str]:
    """Those of ``names`` that were told as a text."""
    return {
        f"_{name}": value[:LONGEST]
        for name in names
        if isinstance(value := told.get(name), str) and value
    }


def kept_objects(told: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Those of ``names`` that were told as an object; one that is too large is left out."""
    found = {f"_{n}": plain(value) for n in names if isinstance(value := told.get(n), Mapping)}
    return {n: value for n, value in found.items() if len(json.dumps(value)) <= MOST_BYTES}


def chosen(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What the shopper chose."""
    return {name: value for name, value in properties.items() if not name.startswith("_")}


def told_again(properties: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """What was kept under ``names``; what was not told is absent."""
    return {name: properties[f"_{name}"] for name in names if f"_{name}" in properties}


def plain(value: Any) -> Any:
    """As JSON has it: a number with a fraction came in as a Decimal, and goes out as a number again."""
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value
