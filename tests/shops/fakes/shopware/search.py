"""Criteria of the fake Shopware's Admin API: filters, sorting, paging, associations, includes.

Source: developer.shopware.com, "Search criteria"; DataAbstractionLayer\\Search\\RequestCriteriaBuilder and
Api\\Acl\\AclCriteriaValidator of shopware/shopware 6.7. A filter on a property of many rows holds when one of them
fits; ``equals`` with null holds where nothing stands. Nothing is loaded that was not asked for.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from tests.shops.fakes.shopware.whole import ASSOCIATIONS

MAX_LIMIT = 500
Words = dict[str, Any]
HEX = re.compile(r"[0-9a-f]{32}")


class Refused(Exception):
    """(status, code, detail, parameters)"""


def bad(code: str, detail: str, **parameters: Any) -> Refused:
    return Refused(400, code, detail, parameters)


def paging(criteria: Mapping[str, Any]) -> tuple[int, int]:
    """(page, limit)"""
    limit, page = criteria.get("limit", MAX_LIMIT), criteria.get("page", 1)
    if not isinstance(limit, int | str) or not str(limit).isdigit() or int(limit) < 1:
        detail = f"The limit parameter must be a positive integer greater or equals than 1. Given: {limit}"
        raise bad("FRAMEWORK__INVALID_LIMIT_QUERY", detail, limit=limit)
    if int(limit) > MAX_LIMIT:
        detail = f"The limit must be lower than or equal to MAX_LIMIT(={MAX_LIMIT}). Given: {limit}"
        raise bad("FRAMEWORK__QUERY_LIMIT_EXCEEDED", detail, maxLimit=MAX_LIMIT, limit=limit)
    if not str(page).isdigit() or int(page) < 1:
        detail = f"The page parameter must be a positive integer. Given: {page}"
        raise bad("FRAMEWORK__INVALID_PAGE_QUERY", detail, page=page)
    return int(page), int(limit)


def entities_of(entity: str, criteria: Mapping[str, Any]) -> set[str]:
    """Every entity that must be readable: what is loaded, filtered by and sorted by."""
    found = {entity}
    for name, inner in (criteria.get("associations") or {}).items():
        below = ASSOCIATIONS.get(entity, {}).get(name)
        if below is None:
            raise Refused(
                404,
                "FRAMEWORK__ASSOCIATION_NOT_FOUND",
                f"Can not find association by name {name}",
                {"association": name},
            )
        found |= entities_of(below, inner or {})
    for path in _paths(criteria):
        here = entity
        for part in path.removeprefix(f"{entity}.").split(".")[:-1]:
            here = ASSOCIATIONS.get(here, {}).get(part, here)
            found.add(here)
    return found


def _paths(criteria: Mapping[str, Any]) -> Iterable[str]:
    waiting = list(criteria.get("filter") or []) + list(criteria.get("post-filter") or [])
    while waiting:
        one = waiting.pop()
        waiting += one.get("queries") or []
        if one.get("field"):
            yield one["field"]
    for one in criteria.get("sort") or []:
        yield one["field"]


def values(row: Any, path: Sequence[str], entity: str) -> list[Any]:
    """What stands at the end of a path; [None] where it leads to nothing."""
    if isinstance(row, list):
        return [value for one in row for value in values(one, path, entity)] or [None]
    if row is None or not path:
        return [row]
    if not isinstance(row, dict) or path[0] not in row:
        if isinstance(row, dict) and "apiAlias" not in row:
            return [None]
        field = path[0]
        detail = f'Field "{field}" in entity "{entity}" was not found.'
        raise bad("FRAMEWORK__UNMAPPED_FIELD", detail, field=field, entity=entity)
    return values(row[path[0]], path[1:], ASSOCIATIONS.get(entity, {}).get(path[0], entity))


def matches(row: Words, one: Mapping[str, Any], entity: str) -> bool:
    kind = one.get("type")
    if kind in ("multi", "not", "and", "or"):
        fits = (matches(row, query, entity) for query in one.get("queries") or [])
        default = "OR" if kind in ("or",) else "AND"
        operator = str(one.get("operator") or default).upper()
        joined = any(fits) if operator == "OR" else all(fits)
        return not joined if kind == "not" else joined
    if not one.get("field"):
        raise bad(
            "FRAMEWORK__INVALID_FILTER_QUERY",
            'The filter parameter "field" is missing.',
            path="/filter/0/field",
        )
    path = str(one["field"]).removeprefix(f"{entity}.").split(".")
    quick = row.stamped(path) if hasattr(row, "stamped") else None
    found = values(row, path, entity) if quick is None else quick
    if kind == "range":
        return any(_within(value, one.get("parameters") or {}) for value in found)
    wanted = one.get("value")
    if kind == "equalsAny":
        several = wanted if isinstance(wanted, list) else str(wanted).split("|")
        for value in several:
            _uuid(path, value)
        return any(_same(value, choice) for value in found for choice in several)
    if kind == "equals":
        _uuid(path, wanted)
        return any(_same(value, wanted) for value in found)
    tests = {"contains": str.__contains__, "prefix": str.startswith, "suffix": str.endswith}
    if kind in tests:
        return any(
            tests[kind](str(value).lower(), str(wanted).lower())
            for value in found
            if value is not None
        )
    raise bad(
        "FRAMEWORK__INVALID_FILTER_QUERY", f"Unsupported filter type: {kind}", path="/filter/0/type"
    )


def _uuid(path: Sequence[str], wanted: Any) -> None:
    if (
        (path[-1] == "id" or path[-1].endswith("Id"))
        and wanted is not None
        and not HEX.fullmatch(str(wanted))
    ):
        raise bad("FRAMEWORK__INVALID_UUID", f"Value is not a valid UUID: {wanted}", input=wanted)


def _same(value: Any, wanted: Any) -> bool:
    """As MySQL compares words: without case."""
    if value is None or wanted is None:
        return value is wanted
    if isinstance(value, bool | int | float):
        return str(value).lower() == str(wanted).lower() or value == wanted
    return str(value).lower() == str(wanted).lower()


def _within(value: Any, limits: Mapping[str, Any]) -> bool:
    if value is None:
        return False
    for name, limit in limits.items():
        one, other = _comparable(value), _comparable(limit)
        fits = {"gt": one > other, "gte": one >= other, "lt": one < other, "lte": one <= other}
        if not fits.get(name, False):
            return False
    return True


@lru_cache(maxsize=10_000)
def _comparable(value: Any) -> Any:
    """Times of any spelling as one: the database keeps milliseconds, in UTC."""
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
        at = datetime.fromisoformat(value)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        return at.replace(microsecond=at.microsecond // 1000 * 1000).timestamp()
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return float(value)
    return value


def ordered(rows: list[Words], criteria: Mapping[str, Any], entity: str) -> list[Words]:
    """Sorted by what was asked for; by many rows the smallest counts upwards, the largest downwards."""
    for one in reversed(criteria.get("sort") or []):
        path = str(one["field"]).removeprefix(f"{entity}.").split(".")
        down = str(one.get("order", "ASC")).upper() == "DESC"

        def place(row: Words, path: list[str] = path, down: bool = down) -> tuple[bool, Any]:
            found = [_comparable(value) for value in values(row, path, entity) if value is not None]
            chosen = (max if down else min)(found) if found else 0
            return bool(found), chosen

        rows = sorted(rows, key=place, reverse=down)
    return rows


def pruned(row: Words, entity: str, criteria: Mapping[str, Any]) -> Words:
    """Only the associations asked for, each with its own filter, order and limit; and ``includes``."""
    asked = criteria.get("associations") or {}
    made: Words = {}
    for name, value in row.items():
        below = ASSOCIATIONS.get(entity, {}).get(name)
        if below is None:
            made[name] = value
        elif name not in asked:
            made[name] = None
        else:
            inner = {"includes": criteria.get("includes")} | (asked[name] or {})
            made[name] = _below(value, below, inner)
    made["extensions"] = []
    made["_uniqueIdentifier"] = row.get("id")
    return made


def _below(value: Any, entity: str, inner: Mapping[str, Any]) -> Any:
    if not isinstance(value, list):
        return pruned(value, entity, inner) if value else None
    rows = [
        one
        for one in value
        if all(matches(one, query, entity) for query in inner.get("filter") or [])
    ]
    rows = ordered(rows, inner, entity)
    if inner.get("limit"):
        rows = rows[: int(inner["limit"])]
    return [pruned(one, entity, inner) for one in rows]


def included(row: Any, includes: Mapping[str, Sequence[str]] | None) -> Any:
    if not includes:
        return row
    if isinstance(row, list):
        return [included(one, includes) for one in row]
    if not isinstance(row, dict):
        return row
    alias = row.get("apiAlias")
    kept = includes.get(alias) if alias else None
    return {
        name: included(value, includes)
        for name, value in row.items()
        if kept is None or name in kept or name == "apiAlias"
    }


def json_api(rows: Sequence[Words], entity: str, base: str) -> tuple[list[Words], list[Words]]:
    """(data, included) as JSON:API: attributes and relationships apart, each loaded row once."""
    loaded: dict[tuple[str, str], Words] = {}
    data = [_resource(row, entity, base, loaded) for row in rows]
    return data, list(loaded.values())


def _resource(row: Words, entity: str, base: str, loaded: dict[tuple[str, str], Words]) -> Words:
    relations: Words = {}
    link = f"{base}/api/{entity.replace('_', '-')}/{row['id']}"
    attributes = {}
    for name, value in row.items():
        below = ASSOCIATIONS.get(entity, {}).get(name)
        if below is None:
            if name not in ("id", "_uniqueIdentifier"):
                attributes[name] = value
            continue
        several = value if isinstance(value, list) else [value] if value else []
        for one in several:
            loaded[below, one["id"]] = {}
            loaded[below, one["id"]] = _resource(one, below, base, loaded)
        named = [{"type": below, "id": one["id"]} for one in several]
        told = named if isinstance(value, list) else (named[0] if named else None)
        relations[name] = {"data": told, "links": {"related": f"{link}/{name}"}}
    return {
        "id": row["id"],
        "type": entity,
        "attributes": attributes,
        "links": {"self": link},
        "relationships": relations,
        "meta": None,
    }
