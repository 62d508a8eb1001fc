"""Pages of a list by key: version 2 tells the addresses in the body, version 3 in the Link header."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlencode

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from rientro.api.describe import STRING, Schema, many, maybe, record
from rientro.api.errors import Problem, Refused

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Page:
    """One page, newest first, and the addresses of its neighbours."""

    rows: list[Any]
    next: str | None
    previous: str | None

    def body(self, name: str, out: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """As version 2 tells it: ``{next, previous, <name>: [...]}``."""
        rows = [out(row) for row in self.rows]
        return {"next": self.next, "previous": self.previous, name: rows}

    def link(self, response: HttpResponse) -> HttpResponse:
        """As version 3 tells it: in the Link header; no next link is the last page."""
        links = [
            f'<{url}>; rel="{rel}"'
            for url, rel in ((self.next, "next"), (self.previous, "prev"))
            if url
        ]
        if links:
            response["Link"] = ", ".join(links)
        return response


def page_schema(name: str, item: Schema | str) -> Schema:
    return record({"next": maybe(STRING), "previous": maybe(STRING), name: many(item)})


def page_of(request: HttpRequest, rows: QuerySet[M], *, size: int) -> Page:
    """The page that ``cursor`` asks for. Raises Refused (404) for an odd cursor."""
    backwards, position = _cursor(request.GET.get("cursor", ""))
    if position is not None:
        rows = rows.filter(pk__gt=position) if backwards else rows.filter(pk__lt=position)
    found = list(rows.order_by("pk" if backwards else "-pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next = more or backwards
    has_previous = more if backwards else position is not None
    return Page(
        found,
        _link(request, f"p={found[-1].pk}") if found and has_next else None,
        _link(request, f"r=1&p={found[0].pk}") if found and has_previous else None,
    )


def size_of(request: HttpRequest, *, usual: int, most: int) -> int:
    """``page_size``; raises Refused when it is no number from 1 to ``most``."""
    told = request.GET.get("page_size", "")
    if not told:
        return usual
    if not (told.isascii() and told.isdigit() and len(told) <= 6 and 1 <= int(told) <= most):
        words = f"page_size must be from 1 to {most}."
        raise Refused(words, problems=[Problem(detail=words, parameter="page_size")])
    return int(told)


def _cursor(told: str) -> tuple[bool, int | None]:
    """(backwards, id to go on from); the form is Sendcloud's, base64 of ``r=1&p=<id>``."""
    if not told:
        return False, None
    try:
        plain = base64.b64decode(told.encode(), altchars=b"-_", validate=True).decode()
        parts = parse_qs(plain, max_num_fields=5)
        position = int(parts["p"][0])
        if not 0 <= position < 2**63:
            raise ValueError("out of range")
    except (binascii.Error, ValueError, KeyError) as error:
        words = "Invalid cursor."
        problem = Problem(detail=words, code="not_found", parameter="cursor")
        raise Refused(words, status=404, problems=[problem]) from error
    return parts.get("r") == ["1"], position


def _link(request: HttpRequest, cursor: str) -> str:
    query = request.GET.copy()
    query["cursor"] = base64.urlsafe_b64encode(cursor.encode()).decode()
    pairs = [(name, value) for name, values in query.lists() for value in values]
    return f"{settings.BASE_URL}{request.path}?{urlencode(pairs)}"
