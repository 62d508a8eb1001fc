"""Lists in keyset pages: newer and older, no page numbers, no counting of everything."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

SIZE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page; ``newer`` and ``older`` are query strings, empty at the ends."""

    rows: list[Any]
    newer: str
    older: str


def page_of(request: HttpRequest, rows: "QuerySet[Any]", *, by: str, size: int = SIZE) -> Page:
    """The page that ``?after=`` or ``?before=`` asks for, newest first by (``by``, id).

    A cursor that cannot be read is the first page, never an error.
    """
    after, before = _cursor(request.GET.get("after")), _cursor(request.GET.get("before"))
    if before and not after:
        found = list(rows.filter(_beyond(by, before, "gt")).order_by(by, "id")[: size + 1])
        more_newer, more_older = len(found) > size, True
        found = found[:size][::-1]
        if not found:
            return page_of_first(request, rows, by=by, size=size)
    else:
        if after:
            rows = rows.filter(_beyond(by, after, "lt"))
        found = list(rows.order_by(f"-{by}", "-id")[: size + 1])
        more_newer, more_older = after is not None, len(found) > size
        found = found[:size]
    return Page(
        rows=found,
        newer=_query(request, "before", found[0], by) if found and more_newer else "",
        older=_query(request, "after", found[-1], by) if found and more_older else "",
    )


def page_of_first(request: HttpRequest, rows: "QuerySet[Any]", *, by: str, size: int) -> Page:
    """The newest page, whatever cursor the address carries."""
    found = list(rows.order_by(f"-{by}", "-id")[: size + 1])
    older = _query(request, "after", found[size - 1], by) if len(found) > size else ""
    return Page(rows=found[:size], newer="", older=older)


def without(request: HttpRequest, *names: str) -> str:
    """This address's query string without ``names`` and without a cursor."""
    query = request.GET.copy()
    for name in (*names, "after", "before"):
        query.pop(name, None)
    return query.urlencode()


def _beyond(by: str, cursor: tuple[datetime, int], side: str) -> Q:
    at, pk = cursor
    # The first condition is implied, but it is the one that an index can start from.
    return Q(**{f"{by}__{side}e": at}) & (Q(**{f"{by}__{side}": at}) | Q(**{f"id__{side}": pk}))


def _cursor(text: str | None) -> tuple[datetime, int] | None:
    at, _, pk = (text or "").partition("~")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, int(pk)) if moment.tzinfo and 0 < int(pk) < 2**63 else None
    except ValueError:
        return None


def _query(request: HttpRequest, name: str, row: Any, by: str) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    query.pop("before", None)
    query[name] = f"{getattr(row, by).isoformat()}~{row.pk}"
    return query.urlencode()
