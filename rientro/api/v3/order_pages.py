"""The list of version 3's orders: filters, sort and cursor."""

import base64
import binascii
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict

from rientro.api.errors import Problem, Refused
from rientro.api.pages import Page, size_of
from rientro.kit.text import normal_number
from rientro.models import Order

USUAL, MOST = 100, 200
SORTS = {
    "integration": "integration_id",
    "order_number": "number_norm",
    "order_created_at": "ordered_at",
    "order_updated_at": "shop_updated_at",
    "pk": "pk",
}
DAYS = {"order_created_at": "ordered_at", "order_updated_at": "shop_updated_at"}
FILTERS = [
    "integration",
    "order_number",
    "order_id",
    "status",
    "order_created_at",
    "order_created_at_min",
    "order_created_at_max",
    "order_updated_at",
    "order_updated_at_min",
    "order_updated_at_max",
    "sort",
    "page_size",
    "cursor",
]


def page_of_orders(request: HttpRequest, rows: QuerySet[Order], integration_id: int) -> Page:
    """One page. Raises Refused for a filter that cannot be read, 404 for an odd cursor."""
    query = request.GET
    rows = _filtered(rows, query, integration_id)
    size = size_of(request, usual=USUAL, most=MOST)
    sort = _sort(query.get("sort", ""))
    backwards, place = _cursor(query.get("cursor", ""), sort)
    order = [(name, not down if backwards else down) for name, down in sort]
    if place is not None:
        rows = rows.filter(_after(order, place))
    rows = rows.order_by(*(f"-{name}" if down else name for name, down in order))
    found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next, has_previous = more or backwards, more if backwards else place is not None
    return Page(
        found,
        _link(request, sort, found[-1], backwards=False) if found and has_next else None,
        _link(request, sort, found[0], backwards=True) if found and has_previous else None,
    )


def _filtered(rows: QuerySet[Order], query: QueryDict, integration_id: int) -> QuerySet[Order]:
    if any("\0" in value for values in query.lists() for value in values[1]):
        raise _wrong("cursor", "NUL characters are in no order.")
    for told in filter(None, query.get("integration", "").split(",")):
        if told.strip() != str(integration_id):
            words = (
                f"Select a valid choice. {told.strip()[:40]} is not one of the available choices."
            )
            raise _wrong("integration", words, "invalid_choice")
    if number := query.get("order_number", ""):
        rows = rows.filter(number_norm=normal_number(number))
    if order_id := query.get("order_id", ""):
        rows = rows.filter(external_order_id__iexact=order_id)
    if status := query.get("status", ""):
        rows = rows.filter(Q(status__iexact=status) | Q(facts__v3__status__code__iexact=status))
    for name, column in DAYS.items():
        if day := _day(query, name):
            rows = rows.filter(**{f"{column}__gte": day, f"{column}__lt": day + timedelta(days=1)})
        if day := _day(query, f"{name}_min"):
            rows = rows.filter(**{f"{column}__gte": day})
        if day := _day(query, f"{name}_max"):
            rows = rows.filter(**{f"{column}__lt": day + timedelta(days=1)})
    return rows


def _day(query: QueryDict, name: str) -> datetime | None:
    told = query.get(name, "").strip()
    if not told:
        return None
    try:
        day = datetime.combine(date.fromisoformat(told[:10]), time.min, tzinfo=UTC)
        _ = day + timedelta(days=1)  # the last day of the calendar has no end to filter by
        return day
    except (ValueError, OverflowError) as error:
        raise _wrong(name, "Enter a valid date such as 2026-11-24.") from error


def _wrong(parameter: str, words: str, code: str = "invalid") -> Refused:
    return Refused(words, problems=[Problem(detail=words, code=code, parameter=parameter)])


def _sort(told: str) -> list[tuple[str, bool]]:
    """(column, downwards) by which to order; unknown words are ignored. The id always has the last word."""
    found: list[tuple[str, bool]] = []
    for word in told.split(","):
        name = word.strip().removeprefix("-")
        if name in SORTS and SORTS[name] not in {column for column, _ in found}:
            found.append((SORTS[name], word.strip().startswith("-")))
    if not any(column == "pk" for column, _ in found):
        found.append(("pk", True))
    return found


def _after(order: list[tuple[str, bool]], place: list[Any]) -> Q:
    """Rows that come after ``place`` in ``order``; null stands at the end upwards, at the start downwards."""
    found = Q()
    same = Q()
    for (name, down), value in zip(order, place, strict=True):
        found |= same & _beyond(name, down, value)
        same &= Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})
    return found


def _beyond(name: str, down: bool, value: Any) -> Q:
    nothing = Q(pk__in=[])
    if value is None:
        return Q(**{f"{name}__isnull": False}) if down else nothing
    if down:
        return Q(**{f"{name}__lt": value})
    beyond = Q(**{f"{name}__gt": value})
    return beyond | Q(**{f"{name}__isnull": True}) if name == "shop_updated_at" else beyond


def _cursor(told: str, sort: list[tuple[str, bool]]) -> tuple[bool, list[Any] | None]:
    """(backwards, the values to go on from). Raises Refused (404) for what no answer of ours has held."""
    if not told:
        return False, None
    try:
        plain = json.loads(base64.urlsafe_b64decode(told.encode()))
        backwards, place = plain["r"] is True, plain["p"]
        if not isinstance(place, list) or len(place) != len(sort):
            raise ValueError("not a place")
        return backwards, [
            _value(name, value) for (name, _), value in zip(sort, place, strict=True)
        ]
    except (binascii.Error, ValueError, KeyError, TypeError, RecursionError) as error:
        words = "Invalid cursor."
        problem = Problem(detail=words, code="not_found", parameter="cursor")
        raise Refused(words, status=404, problems=[problem]) from error


def _value(name: str, value: Any) -> Any:
    """What ``name`` can be compared with; raises ValueError for anything else."""
    if name in ("pk", "integration_id"):
        if type(value) is int and -(2**62) < value < 2**62:
            return value
    elif name in DAYS.values():
        if value is None:
            return None
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment
    elif isinstance(value, str) and len(value) <= 200 and "\0" not in value:
        value.encode()  # half a character cannot be sent to the database: a ValueError too
        return value
    raise ValueError(f"{name} cannot be compared with that")


def _link(
    request: HttpRequest, sort: list[tuple[str, bool]], row: Order, *, backwards: bool
) -> str:
    place = [getattr(row, name) for name, _ in sort]
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in place]
    text = json.dumps({"r": backwards, "p": plain})
    query = request.GET.copy()
    query["cursor"] = base64.urlsafe_b64encode(text.encode()).decode()
    pairs = [(name, value) for name, values in query.lists() for value in values]
    return f"{settings.BASE_URL}{request.path}?{urlencode(pairs)}"
