"""The integer ids of parcels, as Sendcloud's clients know them.

To these clients an imported order is a parcel too, and so is a return that needs none. Three tables share one
series of numbers: four times the row's id, plus what it is. Nothing is stored, and none is ever zero.
"""

from typing import Literal

Kind = Literal["order", "parcel", "return"]
_KINDS: tuple[Kind, ...] = ("order", "parcel", "return")


def parcel_id(kind: Kind, pk: int) -> int:
    """The number of an order (shipped by others), a parcel on its way back, or a return without one."""
    return pk * 4 + _KINDS.index(kind)


def what_is(number: int) -> tuple[Kind, int] | None:
    """(kind, primary key) behind ``number``; None when it can be nobody's."""
    pk, kind = divmod(number, 4)
    if pk < 1 or kind >= len(_KINDS) or number >= 2**63:
        return None
    return _KINDS[kind], pk
