"""Which orders of the fake WooCommerce a question finds, and in which order: by the second, then by id.

Sources: Version3/class-wc-rest-crud-controller.php (prepare_objects_query adds the id to ``date`` and ``modified``),
class-wc-rest-orders-controller.php (``status``), HPOS' search of orders; ``number`` is only a plug-in's parameter.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from tests.fake_server import Heard
from tests.shops.fakes.woocommerce.answers import local
from tests.shops.fakes.woocommerce.books import Order
from tests.shops.fakes.woocommerce.keeper import Keeper
from tests.shops.fakes.woocommerce.query import (
    ORDERBY,
    STATUSES,
    Invalid,
    chosen,
    ids,
    many,
    moment,
    true,
)

Bound = tuple[str, int, str]  # column, 1 for later than and -1 for earlier than, the words
Row = tuple[int, int]  # what it is sorted by, its id


class Listing(Keeper):
    def matching(self, heard: Heard) -> Sequence[int]:
        """Ids, filtered and sorted; the same question about unchanged books is answered from memory."""
        asked = tuple(
            (name, tuple(values))
            for name, values in sorted(heard.query.items())
            if name not in ("page", "per_page", "offset") and not name.startswith("oauth_")
        )
        if self.remembered[0] != self.revision:
            self.remembered = (self.revision, {})
        if asked not in self.remembered[1]:
            self.remembered[1].clear()
            self.remembered[1][asked] = self._search(heard)
        return self.remembered[1][asked]

    def sure(self, order_id: int) -> Order:
        found = self.look(order_id)
        assert found is not None
        return found

    def _search(self, heard: Heard) -> Sequence[int]:
        statuses = many(heard, "status") or ["any"]
        if [status for status in statuses if status not in STATUSES]:
            raise Invalid(status=f"status[0] is not one of {', '.join(STATUSES)}.")
        orderby = chosen(heard, "orderby", ORDERBY, "date")
        falling = chosen(heard, "order", ("asc", "desc"), "desc") == "desc"
        include, exclude = ids(heard, "include"), set(ids(heard, "exclude"))
        zone = "UTC" if true(heard, "dates_are_gmt") else self.zone
        bounds = [
            (column, sign, moment(heard, f"{prefix}{name}", self.zone))
            for prefix, column in (("", "created"), ("modified_", "modified"))
            for name, sign in (("after", 1), ("before", -1))
        ]
        words = heard.one("search").lower()
        plug_in = heard.one("number") if self.numbering else ""
        picked = include or words or plug_in
        if not (picked or self.orders or self.deleted) and {"any", "processing"} & set(statuses):
            run = self._between(bounds, zone)
            while run and run[0] in exclude:
                run = run[1:]
            if not any(order_id in run for order_id in exclude):
                return run[::-1] if falling else run
        rows = [] if picked else list(self._untouched(statuses, bounds, zone, orderby))
        for order_id in self._candidates(include, bool(words or plug_in)):
            order = self.look(order_id)
            if order is None or not _in_status(order, statuses):
                continue
            fits = _in_bounds(order, bounds, zone) and _says(order, words)
            if fits and plug_in in ("", order.number):
                rows.append((_sort_key(order, orderby, include), order_id))
        rows.sort(reverse=falling and orderby != "include")
        return [order_id for _, order_id in rows if order_id not in exclude]

    def _candidates(self, include: list[int], every: bool) -> Iterator[int]:
        if include:
            yield from include
        elif every:
            yield from self.order_ids()
        else:
            yield from self.orders

    def _untouched(
        self, statuses: list[str], bounds: list[Bound], zone: str, orderby: str
    ) -> Iterator[Row]:
        """Of the orders stocked up, which none has changed since: found without making them."""
        if not {"any", "processing"} & set(statuses):
            return
        start = int(self.stocked_from.timestamp()) - 60 * self.stocked.start
        by_time = orderby in ("date", "modified")
        for order_id in self._between(bounds, zone):
            if order_id not in self.orders and order_id not in self.deleted:
                yield (start + 60 * order_id if by_time else order_id), order_id

    def _between(self, bounds: list[Bound], zone: str) -> range:
        """The stocked orders within these bounds, if none had changed."""
        low, high = 0, len(self.stocked)
        for _, sign, bound in bounds:
            if bound and sign > 0:
                low = max(low, bisect_right(self.stocked, bound, key=self._local(zone)))
            elif bound:
                high = min(high, bisect_left(self.stocked, bound, key=self._local(zone)))
        return self.stocked[low:high]

    def _local(self, zone: str) -> Any:
        return lambda order_id: local(self.stocked_at(order_id), zone)


def _in_status(order: Order, statuses: list[str]) -> bool:
    """``any`` is all but the trash."""
    return order.status in statuses or ("any" in statuses and order.status != "trash")


def _in_bounds(order: Order, bounds: list[Bound], zone: str) -> bool:
    for column, sign, bound in bounds:
        at = local(getattr(order, column), zone) or ""
        if bound and not (at > bound if sign > 0 else at < bound):
            return False
    return True


def _says(order: Order, words: str) -> bool:
    """The search of orders: the id itself, or a part of the addresses, of a line's name, of a plug-in's number."""
    if not words or words == str(order.order_id):
        return True
    texts: list[str] = [*order.billing.values(), *order.shipping.values()]
    texts += [item.line.name for item in order.items]
    texts += [str(meta["value"]) for meta in order.meta if meta["key"] == "_order_number"]
    return any(words in text.lower() for text in texts)


def _sort_key(order: Order, orderby: str, include: list[int]) -> int:
    keys = {
        "date": int(order.created.timestamp()),
        "modified": int(order.modified.timestamp()),
        "include": include.index(order.order_id) if order.order_id in include else 0,
    }
    return keys.get(orderby, order.order_id)
