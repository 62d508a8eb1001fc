"""How much may go back to the shopper, at most."""

from collections.abc import Sequence
from dataclasses import dataclass

from rientro.kit.money import Money, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """One item of a return: ``price`` is paid per unit; ``received`` is None before the box is opened."""

    price: Money
    sent: int
    received: int | None = None


def ceiling(items: Sequence[Units], *, fee: Money) -> Money:
    """Value of what came back less the fee, never less than nothing.

    Before the box is opened what was announced counts, so that a merchant may pay back early. The fee is taken
    once, whatever part came back. Raises ValueError when currencies differ.
    """
    value = total((item.price * _counted(item) for item in items), fee.currency)
    return Money(max(value.minor - fee.minor, 0), fee.currency)


def _counted(item: Units) -> int:
    return item.sent if item.received is None else min(item.received, item.sent)
