"""How many units of a line a shopper can still send back, when the shop itself took some back meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Gone:
    """Units that the shop refunded as goods or cancelled; ``at`` None: it does not say when."""

    units: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """Units in one living return of ours."""

    units: int
    opened_at: datetime


def units_bought(*, bought: int, gone: Sequence[Gone], sent: Sequence[Sent]) -> int:
    """The quantity of the line as far as returns go: ``bought`` less what the shop took back by another road.

    A refund in the shop that comes after a return of the same line stands for that return (most merchants pay in
    their shop), and so does one without a date: it takes nothing twice. One from before lowers the quantity.
    Never below what is in returns, nor below zero.
    """
    returns = sorted(sent, key=_opened)
    open_units = [each.units for each in returns]
    lost = 0
    for refund in sorted(gone, key=_when):
        left = refund.units
        for place, each in enumerate(returns):
            if refund.at is None or each.opened_at <= refund.at:
                taken = min(left, open_units[place])
                open_units[place] -= taken
                left -= taken
        lost += left
    in_returns = sum(each.units for each in sent)
    return max(bought - lost, in_returns, 0)


def _opened(sent: Sent) -> datetime:
    return sent.opened_at


def _when(gone: Gone) -> tuple[bool, datetime]:
    """Those without a date last: they may stand for any return that is left."""
    return (gone.at is None, gone.at or EARLIEST)
