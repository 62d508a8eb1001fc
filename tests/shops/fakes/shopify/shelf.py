"""Where the fake's orders stand: those somebody touched in full, those of ``stock_up`` only as a number."""

import bisect
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from tests.shops.fakes.shop import Line, Sale
from tests.shops.fakes.shopify.books import ORDER_BASE, Order

Key = tuple[int, int]  # seconds, order id


class Shelf:
    """``make`` builds an order from its number and its moment, for the numbers that nobody touched."""

    def __init__(self, make: Callable[[int, datetime], Order]) -> None:
        self._make = make
        self._books: dict[int, Order] = {}
        self._stocked: list[
            tuple[int, int, datetime]
        ] = []  # first number, count, moment of the first
        self._sorted: dict[str, list[Key]] = {}
        self.last_number = 0

    def put(self, order: Order) -> None:
        """Take ``order`` in, or its newer state."""
        self._books[order.id] = order
        self.last_number = max(self.last_number, order.number)
        self._sorted.clear()

    def stock(self, first: int, count: int, start: datetime) -> None:
        self._stocked.append((first, count, start))
        self.last_number = first + count - 1
        self._sorted.clear()

    def drop(self, order_id: int) -> None:
        self._books.pop(order_id, None)
        self._sorted.clear()

    def get(self, order_id: int) -> Order | None:
        if found := self._books.get(order_id):
            return found
        number = order_id - ORDER_BASE
        for first, count, start in self._stocked:
            if first <= number < first + count:
                return self._make(number, start + timedelta(minutes=number - first))
        return None

    def ids(self) -> Iterator[int]:
        for first, count, _ in self._stocked:
            for number in range(first, first + count):
                if ORDER_BASE + number not in self._books:
                    yield ORDER_BASE + number
        yield from self._books

    def keys(self, sort: str) -> list[Key]:
        """(value, id) of every order, sorted; ``sort`` is UPDATED_AT, CREATED_AT or ID."""
        if sort not in self._sorted:
            self._sorted[sort] = sorted(self._keys(sort))
        return self._sorted[sort]

    def key(self, order: Order, sort: str) -> Key:
        moment = order.updated if sort == "UPDATED_AT" else order.created
        return (order.id if sort == "ID" else int(moment.timestamp()), order.id)

    def of_numbers(self, numbers: Iterable[int]) -> Iterator[int]:
        yield from (ORDER_BASE + number for number in numbers)

    def between(self, sort: str, low: int, high: int) -> tuple[int, int]:
        """The places of those with ``low <= value < high``."""
        keys = self.keys(sort)
        return bisect.bisect_left(keys, (low, 0)), bisect.bisect_left(keys, (high, 0))

    def _keys(self, sort: str) -> Iterator[Key]:
        for order in self._books.values():
            yield self.key(order, sort)
        for first, count, start in self._stocked:
            begun = int(start.timestamp())
            for place in range(count):
                id = ORDER_BASE + first + place
                if id not in self._books:
                    yield (id if sort == "ID" else begun + 60 * place, id)


def stocked_sale(number: int) -> Sale:
    """What was bought in the order of this number; the same each time it is asked."""
    goods = number % 50
    line = Line(f"STOCK-{goods:02}", f"Article {goods}", 1 + number % 3, 990 + 100 * goods)
    return Sale(lines=(line,), email=f"shopper{number}@example.com", name=f"Shopper {number}")
