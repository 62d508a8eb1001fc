"""The list of orders of the fake Medusa: filters, search, sorting, pages."""

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.shops.fakes.medusa.amounts import number_of
from tests.shops.fakes.medusa.answers import CHANNEL, REGION, TILL
from tests.shops.fakes.medusa.books import Books, Order, stamp

Query = Mapping[str, Sequence[str]]
SORTS = ("id", "display_id", "created_at", "updated_at", "email", "status", "currency_code")
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "$gt": lambda a, b: a > b,
    "$gte": lambda a, b: a >= b,
    "$lt": lambda a, b: a < b,
    "$lte": lambda a, b: a <= b,
    "$eq": lambda a, b: a == b,
    "$ne": lambda a, b: a != b,
}
SEARCHED = (
    *("company", "first_name", "last_name", "address_1", "address_2", "city", "province"),
    *("postal_code", "phone"),
)


class Broken(Exception):
    """What makes the real one answer 500."""


class Wrong(Exception):
    """What the request's check refuses: 400 with these words."""


def number(query: Query, name: str, default: int) -> int:
    told = query.get(name, [str(default)])[-1]
    if not re.fullmatch(r"-?\d+", told):
        raise Wrong(f"Invalid request: Expected type: 'number' for field '{name}', got: '{told}'")
    return int(told)


def several(query: Query, name: str) -> list[str]:
    """``name=a``, ``name[]=a&name[]=b`` and ``name[0]=a``."""
    found = [value for key, values in query.items() for value in values
             if re.fullmatch(rf"{name}(\[\d*\])?", key)]  # fmt: skip
    return found


def page(books: Books, query: Query) -> tuple[list[int], int, int, int]:
    """(numbers of the page, count of all, offset, limit)."""
    limit, offset = number(query, "limit", 15), number(query, "offset", 0)
    found = _sorted(books, query)
    if _by_update_alone(query):  # a hundred thousand orders are not looked at one by one
        found = _stretch(books, found, query)
    else:
        found = [each for each in found if _fits(books, each, query)]
    return list(found[offset : offset + limit]), len(found), offset, limit


def _by_update_alone(query: Query) -> bool:
    """Nothing asked but a stretch of stamps in their order."""
    free = {"limit", "offset", "fields", "order", "updated_at[$gte]", "updated_at[$lt]"}
    return query.get("order", [""])[-1] == "updated_at" and set(query) <= free


def _stretch(books: Books, found: Sequence[int], query: Query) -> Sequence[int]:
    def place(name: str, default: int) -> int:
        told = query.get(name)
        if not told:
            return default
        return bisect_left(found, _moment(told[-1]), key=lambda each: books.updated[each - 1])

    return found[place("updated_at[$gte]", 0) : place("updated_at[$lt]", len(found))]


def _sorted(books: Books, query: Query) -> Sequence[int]:
    told = query.get("order", ["id"])[-1]
    column = told.removeprefix("-")
    if column not in SORTS:
        raise Broken(column)
    if column == "updated_at":
        numbers: Sequence[int] = books.by_update()
    else:
        numbers = range(1, len(books) + 1)
    if column in ("email", "status", "currency_code"):
        numbers = sorted(numbers, key=lambda n: (_word(books, n, column), n))
    return numbers[::-1] if told.startswith("-") else numbers


def _word(books: Books, each: int, column: str) -> str:
    order = books.get(each)
    assert order
    return order.sale.currency if column == "currency_code" else str(getattr(order, column))


def _fits(books: Books, each: int, query: Query) -> bool:
    for column, stamps in (("updated_at", books.updated), ("created_at", books.created)):
        for sign, compare in COMPARE.items():
            for told in query.get(f"{column}[{sign}]", ()):
                if not compare(stamps[each - 1], _moment(told)):
                    return False
    ids = several(query, "id")
    if ids and each not in {number_of("order", told) for told in ids}:
        return False
    asked = {name: several(query, name) for name in ("status", "sales_channel_id", "region_id")}
    words = query.get("q", [""])[-1].split()
    if not (any(asked.values()) or words):
        return True
    order = books.get(each)
    assert order
    mine = {"status": order.status, "region_id": REGION}
    mine["sales_channel_id"] = TILL if order.sale.in_store else CHANNEL
    fits = all(not told or mine[name] in told for name, told in asked.items())
    return fits and all(_mentions(order, word.lower()) for word in words)


def _moment(told: str) -> float:
    try:
        at = datetime.fromisoformat(told.replace("Z", "+00:00"))
    except ValueError as wrong:
        raise Broken(told) from wrong
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return stamp(at) + at.microsecond % 1000 / 1000


def _mentions(order: Order, word: str) -> bool:
    """A part of any of these is enough: the "12" of a telephone finds order 12 and many more."""
    texts: list[Any] = [order.number, order.email, *(order.address[name] for name in SEARCHED)]
    return any(word in str(text).lower() for text in texts if text)
