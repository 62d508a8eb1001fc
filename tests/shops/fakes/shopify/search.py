"""Shopify's search syntax, as far as orders are searched by it.

Source: shopify.dev/docs/api/usage/search-syntax and the argument ``query`` of ``orders``. A field that is not known is
left out and warned of in ``extensions.search``; it does not make the search fail.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.shops.fakes.shopify import rest
from tests.shops.fakes.shopify.books import Order

TERM = re.compile(
    r"""(?P<open>\()|(?P<close>\))|(?P<not>-(?=\S)|NOT\s)|(?P<or>OR\b)|(?P<and>AND\b)"""
    r"""|(?:(?P<field>[a-z_.]+):\s?)?(?P<comparator>>=|<=|>|<)?"""
    r"""(?P<value>'(?:\\.|[^'])*'|"(?:\\.|[^"])*"|[^\s()]+)""",
)
TIMES = ("created_at", "updated_at", "processed_at")
Test = Callable[[Order], bool]


@dataclass
class Search:
    """``ranges`` hold for every match: {field: (from, until)} in seconds; ``numbers`` name the only candidates."""

    test: Test = lambda order: True
    ranges: dict[str, tuple[int, int]] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)


def read(text: str, now: datetime) -> Search:
    return _Reader(text, now).read()


class _Reader:
    def __init__(self, text: str, now: datetime) -> None:
        self.tokens = list(TERM.finditer(text))
        self.now = now
        self.place = 0
        self.found = Search()
        self.plain = not any(token["or"] or token["not"] for token in self.tokens)
        terms = [token for token in self.tokens if token["value"]]
        excluding = any(token["not"] for token in self.tokens)
        exact = all("*" not in term["value"] for term in terms)
        self.named = exact and not excluding and all(term["field"] == "name" for term in terms)

    def read(self) -> Search:
        self.found.test = self._any()
        return self.found

    def _any(self) -> Test:
        tests = [self._all()]
        while self._at("or"):
            self.place += 1
            tests.append(self._all())
        return lambda order: any(test(order) for test in tests)

    def _all(self) -> Test:
        tests: list[Test] = []
        while self.place < len(self.tokens) and not self._at("or") and not self._at("close"):
            if self._at("and"):
                self.place += 1
                continue
            tests.append(self._one())
        return lambda order: all(test(order) for test in tests)

    def _one(self) -> Test:
        token = self.tokens[self.place]
        self.place += 1
        if token["not"]:
            inner = self._one()
            return lambda order: not inner(order)
        if token["open"]:
            inside = self._any()
            self.place += 1
            return inside
        return self._term(token["field"], token["comparator"] or "", _bare(token["value"] or ""))

    def _at(self, kind: str) -> bool:
        return self.place < len(self.tokens) and bool(self.tokens[self.place][kind])

    def _term(self, name: str | None, comparator: str, value: str) -> Test:
        if name is None:
            return lambda order: value.lower() in _words(order)
        if name in TIMES:
            return self._time(name, comparator, value)
        if name == "name" and (self.named or (self.plain and "*" not in value)):
            digits = re.search(r"\d{1,12}$", value)
            self.found.numbers.append(int(digits[0]) if digits else 0)
        if name == "id" and self.plain and not comparator and value.isdigit():
            self.found.ids.append(int(value))
        if test := FIELDS.get(name):
            return lambda order: test(order, value, comparator)
        warning = {"field": name, "message": "Invalid search field for this query."}
        self.found.warnings.append(warning)
        return lambda order: True

    def _time(self, name: str, comparator: str, value: str) -> Test:
        moment = self.now if value == "now" else _moment(value)
        if moment is None:
            message = f"Input `{value}` is not an accepted value."
            self.found.warnings.append({"field": name, "message": message})
            return lambda order: True
        low, high = _range(int(moment.timestamp()), comparator)
        attribute = "updated" if name == "updated_at" else "created"
        if self.plain:
            before = self.found.ranges.get(name, (0, 1 << 40))
            self.found.ranges[name] = (max(low, before[0]), min(high, before[1]))
        return lambda order: low <= int(getattr(order, attribute).timestamp()) < high


def _range(seconds: int, comparator: str) -> tuple[int, int]:
    """Whole seconds, as the shop keeps them."""
    return {
        ">=": (seconds, 1 << 40),
        ">": (seconds + 1, 1 << 40),
        "<=": (0, seconds + 1),
        "<": (0, seconds),
        "": (seconds, seconds + 1),
    }[comparator]


def _moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return datetime(int(value), 1, 1, tzinfo=UTC) if re.fullmatch(r"\d{4}", value) else None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _bare(value: str) -> str:
    if value[:1] in "'\"" and value[-1:] == value[:1] and len(value) > 1:
        value = value[1:-1]
    return re.sub(r"\\(.)", r"\1", value)


def _words(order: Order) -> str:
    address = order.shipping_address or {}
    return " ".join([order.name, order.email, *address.values(), *order.tags]).lower()


def _same(left: str, right: str) -> bool:
    left, right = left.lower(), right.lower()
    return left.startswith(right[:-1]) if right.endswith("*") else left == right


def _named(order: Order, value: str, _: str) -> bool:
    return _same(order.name, value) or _same(order.name.lstrip("#"), value.lstrip("#"))


def _id(order: Order, value: str, comparator: str) -> bool:
    asked = int(value.rsplit("/", 1)[-1] or 0)
    low, high = _range(asked, comparator) if comparator else (asked, asked + 1)
    return low <= order.id < high


def _status(order: Order, value: str, _: str) -> bool:
    cancelled = order.cancelled_at is not None
    return {"open": not cancelled, "not_closed": not cancelled, "cancelled": cancelled}.get(
        value.lower(), value.lower() != "closed"
    )


def _fulfilment(order: Order, value: str, _: str) -> bool:
    return (value.lower() in ("fulfilled", "shipped")) == bool(order.parcels)


FIELDS: dict[str, Callable[[Order, str, str], bool]] = {
    "name": _named,
    "id": _id,
    "status": _status,
    "email": lambda order, value, _: _same(order.email, value),
    "tag": lambda order, value, _: any(_same(tag, value) for tag in order.tags),
    "tag_not": lambda order, value, _: not any(_same(tag, value) for tag in order.tags),
    "sku": lambda order, value, _: any(_same(item.sku, value) for item in order.items),
    "source_name": lambda order, value, _: _same(order.source_name, value),
    "financial_status": lambda order, value, _: _same(rest.financial(order), value),
    "fulfillment_status": _fulfilment,
    "customer_id": lambda order, value, _: str(order.customer_id) == value,
    "test": lambda order, value, _: value.lower() != "true",
}
