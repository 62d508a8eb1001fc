"""Several boxes of one return: what is expected to lie in which, and how heavy each is.

Nobody knows how a shopper packs. The label needs a weight all the same, customs a list of goods for each box, and the
desk a slip: so units are dealt out, the heaviest first, each into the box that is lightest so far, and the shopper is
told (ADR 0018).
"""

from collections.abc import Sequence
from dataclasses import dataclass

MOST = 20  # boxes of one return, whatever a brand allows


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """``quantity`` units of an item of the return; ``weight_g`` of one of them, 0 when not known."""

    item_id: int
    quantity: int
    weight_g: int = 0


@dataclass(frozen=True, slots=True)
class Box:
    """``contents`` is [[item_id, units], …] in the order of the goods; empty: not known, all of it or a part."""

    contents: list[list[int]]
    weight_g: int


def packed(goods: Sequence[Goods], *, boxes: int, weight_g: int = 0) -> list[Box]:
    """``goods`` in ``boxes`` boxes. ``weight_g`` of the whole, when told, is kept to the gram; 0: the goods' own sum.

    With fewer units than boxes (one wardrobe in three) the weight alone is divided. Box weights sum up to the whole.
    """
    units = [each for each in goods for _unit in range(each.quantity)]
    whole = weight_g or sum(each.weight_g for each in units)
    if boxes == 1 or len(units) < boxes:
        return [Box([], share) for share in _shares([1] * boxes, whole)]
    lying: list[list[Goods]] = [[] for _box in range(boxes)]
    for unit in sorted(units, key=lambda each: -each.weight_g):
        lightest = min(lying, key=lambda box: (sum(each.weight_g for each in box), len(box)))
        lightest.append(unit)
    weights = [sum(each.weight_g for each in box) for box in lying]
    shares = _shares(weights if all(weights) else [len(box) for box in lying], whole)
    return [Box(_counted(box, goods), share) for box, share in zip(lying, shares, strict=True)]


def _counted(box: Sequence[Goods], goods: Sequence[Goods]) -> list[list[int]]:
    ids = [each.item_id for each in box]
    return [[each.item_id, ids.count(each.item_id)] for each in goods if each.item_id in ids]


def _shares(parts: Sequence[int], whole: int) -> list[int]:
    """``whole`` in proportion to ``parts``, to the gram: what rounding leaves goes to the first."""
    total = sum(parts)
    shares = [whole * part // total for part in parts]
    shares[0] += whole - sum(shares)
    return shares
