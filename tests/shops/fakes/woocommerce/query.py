"""Lists of the fake WooCommerce: which parameters it takes, what it sorts and filters by, the headers of its pages.

Sources: Version3/class-wc-rest-crud-controller.php (prepare_objects_query, get_items, get_collection_params), and
WP_Date_Query::build_mysql_datetime: ``after`` is later than, in whole seconds; words without a zone are the site's
time, words with one are turned into the site's time even when they are then compared with GMT.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from tests.fake_server import Answer, Heard

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d(:\d\d)?)?")
ORDERBY = ("date", "id", "include", "title", "slug", "modified")
STATUSES = (
    "any",
    "trash",
    "auto-draft",
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "checkout-draft",
)


class Invalid(Exception):
    """{parameter: why}; answered with 400."""

    def __init__(self, **params: str) -> None:
        super().__init__(", ".join(params))
        self.params = params

    @property
    def answer(self) -> Answer:
        return Answer(
            400,
            {
                "code": "rest_invalid_param",
                "message": f"Invalid parameter(s): {', '.join(self.params)}",
                "data": {
                    "status": 400,
                    "params": self.params,
                    "details": {
                        name: {"code": "rest_invalid_type", "message": why, "data": None}
                        for name, why in self.params.items()
                    },
                },
            },
        )


def error(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"code": code, "message": message, "data": {"status": status}})


def many(heard: Heard, name: str) -> list[str]:
    """``a=1,2``, ``a[]=1&a[]=2`` and ``a[0]=1`` are one list."""
    found = [part for value in heard.query.get(name, []) for part in value.split(",")]
    for key, values in heard.query.items():
        if re.fullmatch(rf"{name}\[\d*\]", key):
            found += values
    return [part.strip() for part in found if part.strip()]


def number(heard: Heard, name: str, default: int, low: int, high: int | None = None) -> int:
    told = heard.one(name)
    if not told:
        return default
    if not re.fullmatch(r"-?\d+", told):
        raise Invalid(**{name: f"{name} is not of type integer."})
    if int(told) < low or (high is not None and int(told) > high):
        between = f"must be between {low} (inclusive) and {high} (inclusive)"
        raise Invalid(
            **{name: f"{name} {between if high else f'must be greater than or equal to {low}'}"}
        )
    return int(told)


def chosen(heard: Heard, name: str, allowed: Sequence[str], default: str) -> str:
    told = heard.one(name, default)
    if told not in allowed:
        raise Invalid(**{name: f"{name} is not one of {', '.join(allowed)}."})
    return told


def ids(heard: Heard, name: str) -> list[int]:
    found = many(heard, name)
    if not all(part.isdigit() for part in found):
        raise Invalid(**{name: f"{name}[0] is not of type integer."})
    return [int(part) for part in found]


def moment(heard: Heard, name: str, zone: str) -> str:
    """The words to compare a column with, such as ``2026-11-02T10:00:00``; "" where none were given."""
    told = heard.one(name)
    if not told:
        return ""
    if not DATE.fullmatch(told):
        raise Invalid(**{name: "Invalid date."})
    at, site = datetime.fromisoformat(told), ZoneInfo(zone)
    at = at.replace(tzinfo=site) if at.tzinfo is None else at.astimezone(site)
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def true(heard: Heard, name: str) -> bool:
    return heard.one(name).lower() in ("1", "true")


def page_of(heard: Heard, url: str, found: Sequence[Any], write: Any) -> Answer:
    """``page`` and ``per_page`` of it, or ``offset``, with the totals and the ways on and back."""
    page, size = number(heard, "page", 1, 1), number(heard, "per_page", 10, 1, 100)
    offset = number(heard, "offset", (page - 1) * size, 0)
    pages = -(-len(found) // size)
    headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}
    ways = []
    if page > 1:
        ways.append(_way(heard, url, min(page - 1, pages), "prev"))
    if pages > page:
        ways.append(_way(heard, url, page + 1, "next"))
    if ways:
        headers["Link"] = ", ".join(ways)
    return Answer(200, [write(one) for one in found[offset : offset + size]], headers=headers)


def fields(answer: Answer, heard: Heard) -> Answer:
    """``_fields=id,status`` leaves the rest out; ``a.b`` reaches into a."""
    wanted = {name.partition(".")[0] for name in many(heard, "_fields")}
    if not wanted or answer.status >= 300:
        return answer
    words = answer.words
    cut: Any = [_only(row, wanted) for row in words] if isinstance(words, list) else words
    if isinstance(words, dict):
        cut = _only(words, wanted)
    return Answer(answer.status, cut, headers=answer.headers)


def _only(row: dict[str, Any], wanted: Iterable[str]) -> dict[str, Any]:
    return {name: row[name] for name in row if name in set(wanted)}


def _way(heard: Heard, url: str, page: int, rel: str) -> str:
    told = {name: values[-1] for name, values in heard.query.items()} | {"page": str(page)}
    return f'<{url}{heard.path}?{urlencode(told)}>; rel="{rel}"'
