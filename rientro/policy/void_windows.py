"""Until when a carrier takes a label back, and which unused labels a brand gives back by itself.

Source: reliability.md section 2 (USPS takes back for 30 days, UPS and FedEx for 90); each carrier's own number
stands in its registry entry.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidWindow:
    """``until`` is None where no end is known. ``why`` it is shut: the carrier never does, or the time is over."""

    until: datetime | None = None
    why: Literal["", "never", "over"] = ""

    @property
    def is_open(self) -> bool:
        return not self.why


def window(*, bought_at: datetime, void_days: int, can_cancel: bool, now: datetime) -> VoidWindow:
    """The window of a label bought at ``bought_at``; its last moment still counts. Days 0: no end is known."""
    if not can_cancel:
        return VoidWindow(why="never")
    if not void_days:
        return VoidWindow()
    until = bought_at + timedelta(days=void_days)
    return VoidWindow(until=until, why="over" if now > until else "")


def unused_since(*, now: datetime, days: int) -> datetime | None:
    """Labels bought before this moment and never scanned go back by themselves; None: the brand keeps them.

    Never earlier than the merchant said, even where the carrier's window ends sooner: the shopper was promised
    those days, and money is not worth a label that dies in the shopper's hand.
    """
    return now - timedelta(days=days) if days > 0 else None
