"""A walk of PrestaShop follows three trails, one after the other: orders, credit slips, shoppers.

A credit slip stamps the rows of an order and not the order, and a shopper's new e-mail stamps the shopper alone
(src/Adapter/Order/Refund/OrderRefundUpdater.php, classes/ObjectModel.php 8.1). Each trail goes by (date_upd, id),
because stamps are of one second; the cursor is "trail|stamp|id" of what was told last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rientro.shops.base import AuthFailed
from rientro.shops.prestashop.hours import a_second_after, moment_of, stamp_from
from rientro.shops.prestashop.wire import PrestaWire, Row
from rientro.shops.reading import key, text

ORDERS, SLIPS, SHOPPERS = "orders", "order_slip", "customers"
NEXT = {ORDERS: SLIPS, SLIPS: SHOPPERS, SHOPPERS: ""}
SHOWN = {ORDERS: "full", SLIPS: "[id,id_order,date_upd]", SHOPPERS: "[id,date_add,date_upd]"}
PAGE = 50
MOST_OF_SHOPPERS = 100  # orders that are told again for 50 changed shoppers, the newest first
# Further back every order is read anyway, and with it its shopper as they are now.
SHOPPERS_WITHIN = timedelta(days=7)
END = "9999-12-31 23:59:59"
LAST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Step:
    """``orders`` to tell, the ``cursor`` behind them ("" at the end), and the latest stamp met."""

    orders: Sequence[Row]
    cursor: str
    newest: datetime | None


class Trails:
    def __init__(self, wire: PrestaWire, zone: ZoneInfo, until: float) -> None:
        self._wire = wire
        self._zone = zone
        self._until = until

    def step(self, since: datetime, cursor: str) -> Step:
        start = stamp_from(since, self._zone)
        trail, stamp, last = cursor.split("|") if cursor else (ORDERS, start, "0")
        if trail == SHOPPERS and not last.strip("0") and not self._is_near(since):
            return Step([], "", None)
        try:
            rows, behind = self._rows(trail, stamp, int(last))
        except AuthFailed:
            if trail == ORDERS:
                raise
            rows, behind = (
                [],
                "",
            )  # the key may not read it: the sweep of old orders finds such changes
        moments = [moment_of(text(row, "date_upd"), self._zone) for row in rows]
        newest = max((moment for moment in moments if moment), default=None)
        if not behind and NEXT[trail]:
            return Step(self._orders(trail, rows), f"{NEXT[trail]}|{start}|0", newest)
        return Step(self._orders(trail, rows), behind and f"{trail}|{behind}", newest)

    def _rows(self, trail: str, stamp: str, last: int) -> tuple[list[Row], str]:
        """The next rows after (stamp, last), and the place behind them; "" when there are no more."""
        found = self._asked(trail, "[date_upd_ASC,id_ASC]", date_upd=f"[{stamp},{END}]")
        fresh = [row for row in found if _place(row) > (stamp, last)]
        if len(found) < PAGE:
            return fresh, ""
        if fresh:
            return fresh, _behind(fresh[-1])
        # More rows of one second than a page holds: on by their ids, until none is left of that second.
        crowd = self._asked(
            trail, "[id_ASC]", date_upd=f"[{stamp},{stamp}]", id=f"[{last + 1},{LAST_ID}]"
        )
        return crowd, _behind(crowd[-1]) if crowd else f"{a_second_after(stamp)}|0"

    def _asked(self, trail: str, sort: str, **filters: str) -> list[Row]:
        query = {f"filter[{name}]": value for name, value in filters.items()}
        query |= {"sort": sort, "limit": str(PAGE), "display": SHOWN[trail], "date": "1"}
        return self._wire.rows(trail, self._until, **query)

    def _orders(self, trail: str, rows: Sequence[Row]) -> Sequence[Row]:
        if trail == ORDERS or not rows:
            return rows
        if trail == SLIPS:
            ids = [key(row, "id_order") for row in rows]
            return self._wire.rows_of(ORDERS, "id", ids, self._until)
        # Who was made in the same second, at the checkout, is as their order was told.
        ids = [key(row) for row in rows if text(row, "date_upd") != text(row, "date_add")]
        if not ids:
            return []
        query = {"filter[id_customer]": f"[{'|'.join(ids)}]", "sort": "[id_DESC]"}
        return self._wire.rows(
            ORDERS, self._until, display="full", limit=str(MOST_OF_SHOPPERS), **query
        )

    def _is_near(self, since: datetime) -> bool:
        """By the shop's own stamps: an adapter has no clock."""
        query = {"sort": "[date_upd_DESC]", "limit": "1", "display": "[id,date_upd]", "date": "1"}
        rows = self._wire.rows(ORDERS, self._until, **query)
        latest = moment_of(text(rows[0], "date_upd"), self._zone) if rows else None
        return latest is not None and latest - since <= SHOPPERS_WITHIN


def _place(row: Row) -> tuple[str, int]:
    return text(row, "date_upd"), int(key(row) or 0)


def _behind(row: Row) -> str:
    return f"{text(row, 'date_upd')}|{key(row)}"
