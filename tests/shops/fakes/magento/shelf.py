"""All orders of the fake Magento by when they changed; a stocked-up one is made from its number when asked for."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.shops.fakes.magento.answers import stamp
from tests.shops.fakes.magento.books import Invoice, Order, items_of
from tests.shops.fakes.magento.search import Criteria, chosen, page_of
from tests.shops.fakes.shop import Line, Sale

ITEM_IDS = 50  # an order's items are numbered from its own number, this many apart


def address_of(sale: Sale) -> dict[str, str]:
    names = [
        "email",
        "phone",
        "name",
        "company",
        "street",
        "address_2",
        "postal_code",
        "city",
        "state",
        "country",
    ]
    return {name: getattr(sale, name) for name in names}


def stocked(entity_id: int, at: datetime) -> Order:
    sku = f"STOCK-{entity_id % 97}"
    line = Line(sku, f"Thing {entity_id % 97}", 1 + entity_id % 3, 1000 + entity_id % 500)
    sale = Sale((line,), email=f"shopper{entity_id}@example.com", name=f"Ada Rossi{entity_id % 89}")
    made = Order(
        entity_id,
        f"{entity_id:09d}",
        sale,
        items_of(sale, entity_id * ITEM_IDS),
        at,
        at,
        address_of(sale),
    )
    made.invoices.append(Invoice(entity_id, made, at))
    for item in made.items:
        item.invoiced = item.ordered
    return made


class Shelf:
    def __init__(self) -> None:
        self.live: dict[int, Order] = {}
        self.stock: list[tuple[int, int, datetime]] = []  # (first id, count, when the first was)
        self.last_id = 0
        self._index: list[tuple[str, int]] | None = None

    def add(self, order: Order) -> None:
        self.live[order.entity_id] = order
        self.touched()

    def touched(self) -> None:
        self._index = None

    def stock_up(self, count: int, now: datetime) -> None:
        """The last of them a minute ago."""
        self.stock.append((self.last_id + 1, count, now - timedelta(minutes=count)))
        self.last_id += count
        self._index = None

    def get(self, entity_id: int, *, keep: bool = False) -> Order | None:
        if found := self.live.get(entity_id):
            return found
        for first, count, at in self.stock:
            if first <= entity_id < first + count:
                made = stocked(entity_id, at + timedelta(minutes=entity_id - first))
                if keep:
                    self.add(made)
                return made
        return None

    def ids(self) -> Iterator[int]:
        for first, count, _ in self.stock:
            yield from (n for n in range(first, first + count) if n not in self.live)
        yield from self.live

    def _changed(self, entity_id: int) -> str:
        if order := self.live.get(entity_id):
            return stamp(order.updated_at)
        first, _, at = next(s for s in self.stock if s[0] <= entity_id < s[0] + s[1])
        return stamp(at + timedelta(minutes=entity_id - first))

    def column(self, entity_id: int, name: str) -> Any:
        if name == "entity_id":
            return entity_id
        if name == "updated_at":
            return self._changed(entity_id)
        if name == "increment_id" and entity_id not in self.live:
            return f"{entity_id:09d}"
        order = self.get(entity_id)
        assert order
        match name:
            case "created_at":
                return stamp(order.created_at)
            case "customer_email":
                return order.address["email"]
            case "store_id":
                return 1
        return getattr(order, name)

    def found(self, criteria: Criteria) -> tuple[list[Order], int]:
        """The page asked for and how many there are in all."""
        if self._index is None:
            self._index = sorted((self._changed(n), n) for n in self.ids())
        low, high, rest = 0, len(self._index), []
        for group in criteria.groups:
            one = group[0]
            if len(group) > 1 or one.name != "updated_at" or len(one.value) != 19:
                rest.append(group)
                continue
            value = one.value.replace("T", " ")
            match one.condition:
                case "gteq" | "from" | "moreq":
                    low = max(low, bisect_left(self._index, (value, 0)))
                case "gt":
                    low = max(low, bisect_right(self._index, (value, 1 << 60)))
                case "lteq" | "to":
                    high = min(high, bisect_right(self._index, (value, 1 << 60)))
                case "lt":
                    high = min(high, bisect_left(self._index, (value, 0)))
                case _:
                    rest.append(group)
        ids = [n for _, n in self._index[low : max(low, high)]]
        left = Criteria(rest, criteria.sorts, criteria.size, criteria.page)
        ids = chosen(ids, left, self.column)
        page = self._page(ids, left)
        orders = [self.get(n) for n in page]
        return [order for order in orders if order], len(ids)

    def _page(self, ids: list[int], criteria: Criteria) -> Sequence[int]:
        """The index is in order already; ties are left alone where there are too many rows to look at each time."""
        whole = criteria.sorts == [("updated_at", False), ("entity_id", False)]
        many = criteria.sorts == [("updated_at", False)] and len(ids) > 5000
        if not (whole or many) or not criteria.size:
            return page_of(ids, criteria, self.column, "entity_id")
        pages = max(1, -(-len(ids) // criteria.size))
        at = (min(max(criteria.page, 1), pages) - 1) * criteria.size
        return ids[at : at + criteria.size]
