"""All orders of the fake Shopware: those that were touched, and old ones made from their number when asked."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from tests.shops.fakes.shop import Line, Sale
from tests.shops.fakes.shopware import search
from tests.shops.fakes.shopware.books import Order, id_of, order_of
from tests.shops.fakes.shopware.whole import ASSOCIATIONS, order_words

FIRST_NUMBER = 10_000
Words = dict[str, Any]


class Shelf:
    """Orders are counted from 1. ``changes`` counts what was written, so that a list found once is found quickly."""

    def __init__(self, stock: Callable[[str], int]) -> None:
        self.stock = stock
        self.live: dict[int, Order] = {}
        self.count = 0
        self.changes = 0
        self.begun: list[
            tuple[int, int, datetime]
        ] = []  # (first, how many, when the first was placed)
        self._found: tuple[Any, list[int]] | None = None

    def add(self, sale: Sale, at: datetime, *, tax_status: str) -> Order:
        self.count += 1
        made = order_of(self.count, sale, at, first=FIRST_NUMBER, tax_status=tax_status)
        self.live[self.count] = made
        self.changes += 1
        return made

    def stock_up(self, count: int, now: datetime) -> None:
        self.begun.append((self.count + 1, count, now - timedelta(minutes=count)))
        self.count += count
        self.changes += 1

    def get(self, count: int, *, keep: bool = False) -> Order:
        if found := self.live.get(count):
            return found
        line = Line(f"STOCK-{count % 50}", f"Thing {count % 50}", 1, 1000, weight_g=200)
        made = order_of(
            count,
            Sale(lines=(line,)),
            self.placed_at(count),
            first=FIRST_NUMBER,
            tax_status="gross",
        )
        if keep:
            self.live[count] = made
        return made

    def placed_at(self, count: int) -> datetime:
        if count in self.live:
            return self.live[count].created_at
        first, _, at = next(one for one in self.begun if one[0] <= count < one[0] + one[1])
        return at + timedelta(minutes=count - first)

    def by_id(self, order_id: str, *, keep: bool = False) -> Order | None:
        count = self._count_of(order_id)
        return self.get(count, keep=keep) if count else None

    def _count_of(self, order_id: str) -> int:
        try:
            count = int(order_id[:8], 16)
        except ValueError:
            return 0
        return count if 0 < count <= self.count and id_of(count) == order_id else 0

    def by_row(self, row_id: str) -> Order | None:
        """The order of a delivery, a transaction or a refund."""
        for order in self.live.values():
            rows = {
                order.delivery.row_id,
                order.transaction.row_id,
                *(one.refund_id for one in order.refunds),
            }
            if row_id in rows:
                return order
        return None

    def orders(self) -> Iterator[Order]:
        for count in range(1, self.count + 1):
            yield self.get(count)

    def words(self, count: int) -> Words:
        return order_words(self.get(count), self.stock)

    def found(self, criteria: Mapping[str, Any], most: int | None = None) -> list[int]:
        """The counts of all orders that fit, in order; the last answer is kept until something is written. In the
        order of their counts a database looks no further than ``most``."""
        filters = [*(criteria.get("filter") or []), *(criteria.get("post-filter") or [])]
        sort = criteria.get("sort") or []
        by_count = [(one["field"], str(one.get("order", "ASC")).upper()) for one in sort]
        most = most if by_count in ([], [("autoIncrement", "ASC")]) else None
        key = (self.changes, repr(filters), repr(criteria.get("ids")), repr(sort), most)
        if self._found and self._found[0] == key:
            return self._found[1]
        rows = islice(self._fitting(filters, criteria.get("ids")), most)
        found = [row["autoIncrement"] for row in search.ordered(list(rows), criteria, "order")]
        self._found = (key, found)
        return found

    def _fitting(self, filters: Sequence[Mapping[str, Any]], ids: Any) -> Iterator[Words]:
        wanted = ids.split("|") if isinstance(ids, str) else ids
        for one in filters:
            if one.get("type") == "equalsAny" and one.get("field") in ("id", "order.id"):
                value = one.get("value")
                wanted = value.split("|") if isinstance(value, str) else value
        counts: Sequence[int] = self._span(filters)
        if wanted:
            counts = sorted({count for key in wanted if (count := self._count_of(str(key)))})
        for count in counts:
            row = self._row(count)
            if all(search.matches(row, one, "order") for one in filters):
                yield row

    def _row(self, count: int) -> Words:
        return self.words(count) if count in self.live else Old(self, count)

    def _span(self, filters: Sequence[Mapping[str, Any]]) -> Sequence[int]:
        """A range over autoIncrement or createdAt leaves out, without a look at it, what it cannot hold."""
        low = 1
        for one in filters:
            field = str(one.get("field") or "").removeprefix("order.")
            floor = (one.get("parameters") or {}) if one.get("type") == "range" else {}
            floor = floor.get("gte", floor.get("gt"))
            if floor is None:
                continue
            if field == "autoIncrement":
                low = max(low, int(floor))
            if field == "createdAt":
                low = max(low, self._first_since(datetime.fromisoformat(str(floor))))
        return range(low, self.count + 1)

    def _first_since(self, at: datetime) -> int:
        """Below this count every order is older: stocks are told by their minutes, the rest one by one."""
        since = (at if at.tzinfo else at.replace(tzinfo=UTC)) - timedelta(seconds=1)
        low, high = 1, self.count + 1
        while low < high:
            middle = (low + high) // 2
            if self.placed_at(middle) < since:
                low = middle + 1
            else:
                high = middle
        return low


class Old(dict[str, Any]):
    """A stocked-up order that nobody touched: its plain words by number, the rest only when looked at."""

    def __init__(self, shelf: Shelf, count: int) -> None:
        at = shelf.placed_at(count)
        told = at.strftime("%Y-%m-%dT%H:%M:%S.000+00:00")
        super().__init__(
            id=id_of(count),
            autoIncrement=count,
            orderNumber=str(FIRST_NUMBER + count),
            createdAt=told,
            updatedAt=None,
            orderDateTime=told,
            apiAlias="order",
        )
        self._whole = (shelf, count)

    def stamped(self, path: Sequence[str]) -> list[Any] | None:
        """What stands under a stamp of this order's parts, which nobody touched; None for any other path."""
        here = "order"
        for part in path[:-1]:
            here = ASSOCIATIONS.get(here, {}).get(part, "")
        if not here or len(path) < 2 or path[-1] not in ("createdAt", "updatedAt"):
            return None
        if {"captures", "documents", "tags"} & set(path):
            return [None]
        written = path[-1] == "createdAt" or here == "order_transaction"  # paid when it was placed
        return [self["createdAt"] if written else None]

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self, name) or name in self._rest()

    def __missing__(self, name: str) -> Any:
        return self._rest()[name]

    def _rest(self) -> Words:
        shelf, count = self._whole
        return shelf.words(count)
