"""What a merchant pays for a label by a price list: lanes, weight steps, a fixed part and a part of the cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from rientro.kit.money import LARGEST_MINOR, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Empty countries are every country, ``up_to_g`` 0 every weight; ``percent`` is of the carrier's price."""

    origin: str = ""
    destination: str = ""
    up_to_g: int = 0
    fixed_minor: int = 0
    percent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """``step`` is None where no step fits: then the carrier's price is passed on as it is."""

    amount: Money
    step: Step | None


def step_for(steps: Sequence[Step], *, origin: str, destination: str, weight_g: int) -> Step | None:
    """The step of the most exact lane that takes this weight; of its weights the lightest that does.

    Both countries named is more exact than the origin alone, that more than the destination alone.
    """
    fitting = [
        step
        for step in steps
        if step.origin in ("", origin)
        and step.destination in ("", destination)
        and (not step.up_to_g or weight_g <= step.up_to_g)
    ]

    def turn(step: Step) -> tuple[bool, bool, bool, int]:
        return (not step.origin, not step.destination, not step.up_to_g, step.up_to_g)

    return min(fitting, key=turn, default=None)


def price(
    steps: Sequence[Step],
    *,
    currency: str,
    cost: Money,
    origin: str,
    destination: str,
    weight_g: int,
) -> Priced:
    """What the merchant pays for a label that costs ``cost``; half up to the minor unit, once, at the end.

    A step that takes a part of the cost cannot price a label billed in another currency than the list's: that
    one, and a label no step fits, is passed on at cost.
    """
    step = step_for(steps, origin=origin, destination=destination, weight_g=weight_g)
    if step is None or (step.percent and cost.currency != currency):
        return Priced(amount=cost, step=None)
    exact = Decimal(step.fixed_minor) + (cost.minor * step.percent / 100 if step.percent else 0)
    minor = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    return Priced(amount=Money(min(minor, LARGEST_MINOR), currency), step=step)


def problems(steps: Sequence[Step]) -> list[int]:
    """Places of steps that say the same lane and weight as one before them."""
    seen: set[tuple[str, str, int]] = set()
    again = []
    for place, step in enumerate(steps):
        key = (step.origin, step.destination, step.up_to_g)
        if key in seen:
            again.append(place)
        seen.add(key)
    return again
