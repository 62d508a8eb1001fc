"""Magento's search criteria and its ``fields`` filter, with what they really do.

Sources: Adobe Commerce web API guide, "Search using REST endpoints" and "Filter response fields"; Framework\\Data\\
Collection (a page beyond the last one is the last one again). MySQL promises no order among equal sort values, so
rows that tie come in another order on every second page.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

Column = Callable[[Any, str], Any]
CONDITIONS = {
    *("eq", "neq", "in", "nin", "like", "nlike", "gt", "lt", "gteq", "lteq"),
    *("moreq", "from", "to", "null", "notnull", "finset", "nfinset"),
}


class Refused(Exception):
    """``Refused(status, message, parameters)``: answered in the API's form of an error."""


@dataclass(frozen=True)
class Filter:
    name: str
    value: str
    condition: str


@dataclass
class Criteria:
    groups: list[list[Filter]] = field(default_factory=list)
    sorts: list[tuple[str, bool]] = field(default_factory=list)  # (column, descending)
    size: int | None = None
    page: int = 1

    def said(self) -> dict[str, Any]:
        """``search_criteria`` of the answer."""
        groups = [
            {
                "filters": [
                    {"field": f.name, "value": f.value, "condition_type": f.condition}
                    for f in group
                ]
            }
            for group in self.groups
        ]
        said: dict[str, Any] = {"filter_groups": groups}
        if self.sorts:
            said["sort_orders"] = [
                {"field": name, "direction": "DESC" if down else "ASC"} for name, down in self.sorts
            ]
        if self.size is not None:
            said |= {"page_size": self.size, "current_page": self.page}
        return said


def _snake(word: str) -> str:
    return re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), word)


def read(query: dict[str, list[str]]) -> Criteria:
    """Both spellings are taken: ``filter_groups`` and ``filterGroups``, ``condition_type`` and ``conditionType``."""
    if not any(name.split("[")[0] in ("searchCriteria", "search_criteria") for name in query):
        raise Refused(
            400, '"%fieldName" is required. Enter and try again.', {"fieldName": "searchCriteria"}
        )
    found = Criteria()
    filters: dict[tuple[int, int], dict[str, str]] = {}
    sorts: dict[int, dict[str, str]] = {}
    for name, values in query.items():
        keys = [_snake(key) for key in re.findall(r"\[(\w*)\]", name)]
        match keys:
            case ["filter_groups", group, "filters", number, part]:
                filters.setdefault((int(group or 0), int(number or 0)), {})[part] = values[-1]
            case ["sort_orders", number, part]:
                sorts.setdefault(int(number or 0), {})[part] = values[-1]
            case ["page_size"]:
                found.size = int(values[-1])
            case ["current_page"]:
                found.page = int(values[-1])
    for group in sorted({group for group, _ in filters}):
        found.groups.append([_filter(filters[key]) for key in sorted(filters) if key[0] == group])
    for number in sorted(sorts):
        down = sorts[number].get("direction", "DESC").upper() != "ASC"
        found.sorts.append((sorts[number]["field"], down))
    return found


def _filter(parts: dict[str, str]) -> Filter:
    condition = parts.get("condition_type", "eq")
    if condition not in CONDITIONS:
        condition = "eq"
    return Filter(parts["field"], parts.get("value", ""), condition)


def _as(kind: Any, word: str) -> Any:
    """A word compared with a number is a number to MySQL; text is compared without case."""
    if isinstance(kind, int):
        number = re.match(r"\s*-?\d+", word)
        return int(number[0]) if number else 0
    stamp = re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?", word)
    if stamp:
        return f"{stamp[1]} {stamp[2]}{stamp[3] or ''}"
    return (f"{word} 00:00:00" if re.fullmatch(r"\d{4}-\d\d-\d\d", word) else word).lower()


def matches(value: Any, f: Filter) -> bool:
    if f.condition in ("null", "notnull"):
        return (value is None) == (f.condition == "null")
    if value is None:
        return False
    low = value.lower() if isinstance(value, str) else value
    if f.condition in ("in", "nin", "finset", "nfinset"):
        inside = low in [_as(value, word) for word in f.value.split(",")]
        return inside == (f.condition in ("in", "finset"))
    if f.condition in ("like", "nlike"):
        pattern = re.escape(f.value).replace("%", ".*").replace("_", ".")
        hit = re.fullmatch(pattern, str(value), re.IGNORECASE | re.DOTALL) is not None
        return hit == (f.condition == "like")
    other = _as(value, f.value)
    return {
        "eq": low == other,
        "neq": low != other,
        "gt": low > other,
        "lt": low < other,
        "gteq": low >= other,
        "moreq": low >= other,
        "from": low >= other,
        "lteq": low <= other,
        "to": low <= other,
    }[f.condition]


def chosen(rows: Iterable[Any], criteria: Criteria, column: Column) -> list[Any]:
    """The rows that pass every group (one filter of each is enough)."""
    groups = criteria.groups
    if not groups:
        return list(rows)
    return [
        row
        for row in rows
        if all(any(matches(column(row, f.name), f) for f in group) for group in groups)
    ]


def page_of(rows: list[Any], criteria: Criteria, column: Column, key: str) -> Sequence[Any]:
    """One page, sorted. Without a page size everything; beyond the end the last page once more."""
    size = criteria.size
    pages = max(1, -(-len(rows) // size)) if size else 1
    page = min(max(criteria.page, 1), pages)
    sorts = criteria.sorts or [(key, False)]
    if key not in [name for name, _ in sorts]:
        rows = sorted(rows, key=lambda row: column(row, key), reverse=page % 2 == 0)
    for name, down in reversed(sorts):
        rows = sorted(rows, key=lambda row: _sortable(column(row, name)), reverse=down)
    return rows[(page - 1) * size : page * size] if size else rows


def _sortable(value: Any) -> tuple[int, Any]:
    return (0, 0) if value is None else (1, value.lower() if isinstance(value, str) else value)


def only(words: Any, fields: str) -> Any:
    """``fields=items[increment_id,items[sku]],total_count``: nothing else is answered."""
    if not fields:
        return words
    tree, _ = _tree(fields, 0)
    return _pruned(words, tree)


def _tree(text: str, at: int) -> tuple[dict[str, Any], int]:
    tree: dict[str, Any] = {}
    name = ""
    while at < len(text):
        sign = text[at]
        if sign == "[":
            tree[name.strip()], at = _tree(text, at + 1)
            name = ""
        elif sign in ",]":
            if name.strip():
                tree[name.strip()] = {}
            name = ""
            if sign == "]":
                return tree, at
        else:
            name += sign
        at += 1
    if name.strip():
        tree[name.strip()] = {}
    return tree, at


def _pruned(words: Any, tree: dict[str, Any]) -> Any:
    if isinstance(words, list):
        return [_pruned(word, tree) for word in words]
    if not tree or not isinstance(words, dict):
        return words
    return {name: _pruned(words[name], below) for name, below in tree.items() if name in words}
