"""Which orders of a shop come in, and what the shop's own status words mean to us."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from rientro.policy.orders_in import OrderIn

Meaning = Literal["leave_out", "sent", "delivered", "cancelled"]
MEANINGS: tuple[Meaning, ...] = ("leave_out", "sent", "delivered", "cancelled")
KINDS = ("statuses", "tags", "channels", "countries")


@dataclass(frozen=True, slots=True)
class Filters:
    """An order enters when it passes each of these that is not empty; words compare without regard to case."""

    statuses: Sequence[str] = ()
    tags: Sequence[str] = ()
    channels: Sequence[str] = ()
    countries: Sequence[str] = ()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Filters":
        """As a link keeps them; what is not a list of words is nothing."""
        return cls(**{kind: _words(stored.get(kind)) for kind in KINDS})


def passes(order: OrderIn, filters: Filters) -> bool:
    """Does ``order`` come in? An order that is here already stays whatever the filters say: its flow asks first."""
    return (
        _one_of(filters.statuses, [order.status])
        and _one_of(filters.tags, order.tags)
        and _one_of(filters.channels, [order.channel])
        and _one_of(filters.countries, [order.country])
    )


def meaning_of(order: OrderIn, status_map: Mapping[str, Any]) -> Meaning | None:
    """What the merchant said that the order's status means; None: as the shop tells it."""
    told = {str(word).casefold(): meaning for word, meaning in status_map.items()}
    found = told.get(order.status.casefold())
    return found if found in MEANINGS else None


def read_by(order: OrderIn, status_map: Mapping[str, Any], *, at: datetime) -> OrderIn:
    """``order`` with the dates that its status stands for, where the shop itself tells none.

    ``at`` is when the status was first seen; it is kept by whoever knows an earlier one.
    """
    meaning = meaning_of(order, status_map)
    if meaning == "cancelled":
        return replace(order, cancelled_at=order.cancelled_at or at)
    if meaning == "sent":
        return replace(order, fulfilled_at=order.fulfilled_at or at)
    if meaning == "delivered":
        fulfilled_at = order.fulfilled_at or at
        return replace(order, fulfilled_at=fulfilled_at, delivered_at=order.delivered_at or at)
    return order


def _one_of(wanted: Sequence[str], has: Sequence[str]) -> bool:
    if not wanted:
        return True
    folded = {word.casefold() for word in has}
    return any(word.casefold() in folded for word in wanted)


def _words(told: Any) -> tuple[str, ...]:
    if not isinstance(told, list | tuple):
        return ()
    return tuple(word.strip() for word in told if isinstance(word, str) and word.strip())
