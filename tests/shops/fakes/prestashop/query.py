"""How the webservice filters, sorts, limits and chooses fields (PrestaShop classes/SQLUtils.php and WebserviceRequest).

A range has two ends: ``[2026-11-01 00:00:00,]`` is no range to it, but a word that nothing equals.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

Test = Callable[[Any], bool]
RANGE = re.compile(r"^([\d.:\-\s]+),([\d.:\-\s]+)$")


@dataclass(frozen=True)
class Refused(Exception):
    """An error of the webservice: its status, its own code and its words."""

    status: int
    code: int
    message: str


def comparable(value: Any) -> tuple[int, Any]:
    """MySQL compares numbers as numbers, and words without regard to case; a date without a time is midnight."""
    text = str(value)
    if len(text) == 19 and text[4] == "-":
        return 1, text
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return 1, text + " 00:00:00"
    try:
        return 0, Decimal(text)
    except InvalidOperation:
        return 1, text.lower()


def _equal(wanted: str) -> Test:
    goal = comparable(wanted)
    return lambda value: comparable(value) == goal


def _like(pattern: str) -> Test:
    words = "".join(".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern)
    found = re.compile(words, re.IGNORECASE | re.DOTALL)
    return lambda value: found.fullmatch(str(value)) is not None


def tester_of(wanted: str) -> Test:
    """What a filter's value asks of a field."""
    parts = re.match(r"^(.*)\[(.*)\](.*)$", wanted)
    if parts is None:
        return _equal(wanted)
    before, inside, after = parts.groups()
    if "%" in (before, after):
        return _like(before + inside + after)
    if before == "" and after == "":
        if inside.find("|") > 0:
            goals = {comparable(one) for one in inside.split("|")}
            return lambda value: comparable(value) in goals
        if ends := RANGE.match(inside):
            low, high = sorted(comparable(end) for end in ends.groups())
            return lambda value: low <= comparable(value) <= high
        return _equal(inside)
    goal = comparable(inside)
    if before == ">":
        return lambda value: comparable(value) > goal
    if before == "<":
        return lambda value: comparable(value) < goal
    if before == "!":
        others = {comparable(one) for one in inside.split("|")}
        return lambda value: comparable(value) not in others
    return lambda value: True  # the source leaves such a filter out


def ids_named(wanted: str) -> set[int]:
    """The numbers that a filter of ids names one by one; none where it asks in another way."""
    if not re.fullmatch(r"\[?\d+(\|\d+)*\]?", wanted):
        return set()
    return {int(one) for one in wanted.strip("[]").split("|")}


def filters_of(
    query: dict[str, list[str]], fields: Sequence[str], hidden: Sequence[str]
) -> dict[str, Test]:
    """{field: test} of ``filter[...]``; dates only where ``date=1`` stands as well."""
    dated = query.get("date", ["0"])[-1] not in ("", "0")
    available = [name for name in fields if name not in ("date_add", "date_upd") or dated]
    tests = {}
    for name, values in query.items():
        found = re.fullmatch(r"filter\[(\w+)\]", name)
        if not found:
            continue
        field, value = found[1], values[-1]
        if field not in available:
            raise Refused(
                400,
                32,
                f'This filter does not exist. Did you mean: "{available[0]}"? '
                f'The full list is: "{", ".join(available)}"',
            )
        if value == "":
            raise Refused(400, 33, f'The filter "{field}" is malformed.')
        if field in hidden:
            raise Refused(
                400,
                34,
                f'The field "{field}" is dynamic. '
                "It is not possible to filter GET query with this field.",
            )
        tests[field] = tester_of(value)
    return tests


def sorts_of(query: dict[str, list[str]], fields: Sequence[str]) -> list[tuple[str, bool]]:
    """[(field, descending)] of ``sort``; a date can be sorted by only where ``date=1`` stands."""
    told = query.get("sort", [""])[-1]
    if not told:
        return []
    dated = query.get("date", ["0"])[-1] not in ("", "0")
    inside = re.match(r"^\[(.*)\]$", told)
    sorts = []
    for one in (inside[1] if inside else told).split(","):
        field, _, direction = one.rpartition("_")
        if direction.upper() not in ("ASC", "DESC") or not field:
            raise Refused(
                400,
                37,
                'The "sort" value has to be formed as this example: "field_ASC" or '
                "'[field_1_DESC,field_2_ASC,field_3_ASC,...]' "
                '("field" has to be an available field)',
            )
        if field not in fields or (field in ("date_add", "date_upd") and not dated):
            raise Refused(
                400,
                38,
                "Unable to filter by this field. However, these are available: "
                f"{', '.join(fields)}, for i18n fields:",
            )
        sorts.append((field, direction.upper() == "DESC"))
    return sorts


def limit_of(query: dict[str, list[str]]) -> tuple[int, int | None]:
    """(from, how many) of ``limit=count`` or ``limit=from,count``."""
    told = query.get("limit", [""])[-1]
    if not told:
        return 0, None
    parts = told.split(",")
    if len(parts) > 2:
        raise Refused(400, 39, 'The "limit" value has to be formed as this example: "5,25" or "10"')
    numbers = [int(part) if part.strip().isdigit() else 0 for part in parts]
    return (0, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])


def display_of(
    query: dict[str, list[str]], fields: Sequence[str], associations: Sequence[str]
) -> str | dict[str, list[str] | None]:
    """ "minimum", "full", or {field: None, association: its fields}."""
    told = query.get("display", ["minimum"])[-1]
    if told in ("full", "minimum"):
        return told
    inside = re.match(r"^\[(.*)\]$", told)
    if inside is None:
        raise Refused(
            400,
            36,
            "The 'display' syntax is wrong. You can set 'full' or '[field_1,field_2,field_3,...]'. "
            f"These are available: {', '.join(fields)}",
        )
    chosen: dict[str, list[str] | None] = {}
    for name, parts in re.findall(r"(\w+)(?:\[([^\]]*)\])?,?", inside[1]):
        known = name in associations if parts else name in fields
        if not known:
            raise Refused(
                400,
                35,
                f'Unable to display this field "{name}". '
                f"However, these are available: {', '.join(fields)}",
            )
        chosen[name] = parts.split(",") if parts else None
    return chosen
