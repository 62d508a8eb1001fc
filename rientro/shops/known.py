"""What is said of a shop system before its adapter is imported: its form, and what a merchant should know."""

from dataclasses import dataclass
from typing import Literal

from rientro.shops.base import Can

Ways = Literal["keys", "consent", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One box of the form that connects a shop, in the shop's own words. A ``secret`` is never shown again."""

    name: str
    label: str
    secret: bool = False
    required: bool = True
    default: str = ""
    help: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the panel says of a shop system before anything of it is imported.

    ``address`` is the box of the shop's address. ``steps`` say, one sentence each, where in the shop the keys are
    made. ``unconfirmed`` says what we could not try against a real shop of this kind.
    """

    code: str
    name: str
    path: str  # "package.module:Class"
    words: str  # one sentence for the merchant
    address: Box
    credentials: tuple[Box, ...]
    settings: tuple[Box, ...] = ()
    steps: tuple[str, ...] = ()
    can: Can = Can.NOTHING
    ways: Ways = "keys"
    ways_by_machine: bool = (
        False  # after consent the shop posts its keys to us instead of sending them along
    )
    poll_every_s: int = 300
    unconfirmed: str = ""
