"""Two clocks: how long the brand takes things back, and how long the law lets a consumer withdraw.

They are kept apart: no voluntary rule may shorten the second.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from rientro.policy.terms import Terms

__all__ = ["OrderDates", "Terms", "Window", "Withdrawal", "window_of", "withdrawal_of"]

# Directive 2011/83/EU, art. 9(1): 14 days after the day on which the consumer holds the goods.
WITHDRAWAL_DAYS = 14
DISTANCE_CHANNELS = frozenset({"web", "phone", "marketplace"})

Basis = Literal["delivery", "purchase", "fulfilment", "order"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDates:
    """Days in the merchant's time zone; the caller has converted them. ``in_store``: sold at a till."""

    ordered_on: date
    fulfilled_on: date | None = None
    delivered_on: date | None = None
    in_store: bool = False

    def carried_home(self) -> bool:
        """Did the shopper take it along? What a store sends later on is dispatched or delivered after that day."""
        later = [day for day in (self.fulfilled_on, self.delivered_on) if day is not None]
        return self.in_store and all(day <= self.ordered_on for day in later)

    def received_on(self) -> date | None:
        """The day on which the shopper held it, as far as we know."""
        return self.ordered_on if self.carried_home() else self.delivered_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Both days are included; ``basis`` says which date it was counted from."""

    starts_on: date
    ends_on: date
    basis: Basis

    def holds(self, day: date) -> bool:
        """Is ``day`` not past the end? Before the start is fine: the parcel was quicker than our guess."""
        return day <= self.ends_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """The statutory clock of one order. ``ends_on`` None: it has not begun to run, as far as we know."""

    applies: bool
    starts_on: date | None = None
    ends_on: date | None = None

    def is_open(self, day: date) -> bool:
        """May the consumer withdraw on ``day``? A clock that was never started has not run out."""
        return self.applies and (self.ends_on is None or day <= self.ends_on)


def window_of(dates: OrderDates, terms: Terms) -> Window:
    """The voluntary window: from delivery, else fulfilment plus a buffer, else order date plus a buffer.

    What was carried home from a store counts from the day of purchase, without a buffer.
    With a window of n days the last day is the n-th after the start.
    """
    start, basis = _start_of(dates, terms)
    return Window(starts_on=start, ends_on=_later(start, terms.window_days), basis=basis)


def withdrawal_of(
    dates: OrderDates, *, channel: str, holidays: frozenset[date] = frozenset()
) -> Withdrawal:
    """The statutory clock: 14 days after the day of delivery, for distance sales only.

    A period that would end on a Saturday, a Sunday or one of ``holidays`` ends with the next working day
    (Regulation 1182/71, art. 3(4)). Goods bought in a store have no such right.
    """
    if channel not in DISTANCE_CHANNELS:
        return Withdrawal(applies=False)
    if dates.delivered_on is None:
        return Withdrawal(applies=True)
    last = _later(dates.delivered_on, WITHDRAWAL_DAYS)
    while last < date.max and (last.weekday() >= 5 or last in holidays):
        last += timedelta(days=1)
    return Withdrawal(applies=True, starts_on=_later(dates.delivered_on, 1), ends_on=last)


def _start_of(dates: OrderDates, terms: Terms) -> tuple[date, Basis]:
    if dates.carried_home():
        return dates.ordered_on, "purchase"
    if dates.delivered_on is not None:
        return dates.delivered_on, "delivery"
    if dates.fulfilled_on is not None:
        return _later(dates.fulfilled_on, terms.fulfilment_buffer_days), "fulfilment"
    return _later(dates.ordered_on, terms.order_buffer_days), "order"


def _later(day: date, days: int) -> date:
    """``day`` plus ``days``, stopping at the end of the calendar instead of failing there."""
    return date.max if days > (date.max - day).days else day + timedelta(days=days)
