"""The words of every place that files of orders lie in: what lies there, what is in it, and where it goes when read.

The errors are those of the shops (shops.base): a place is a shop that speaks in files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol

from rientro.shops.base import AuthFailed, InvalidRequest, ShopError

DEADLINE_S = 60.0  # of one visit's each step
MOST_LISTED = 5000  # files of one folder
NOT_YET = (".part", ".filepart", ".tmp", ".crdownload", ".partial", "~")
Outcome = Literal["done", "failed"]


class HostKeyChanged(AuthFailed):
    """The server shows another key than the one that was agreed on: nothing was sent to it."""

    code: ClassVar[str] = "host_key_changed"


class StillWritten(ShopError):
    """The file changed while it was read: later."""

    code: ClassVar[str] = "still_written"


class TooLarge(InvalidRequest):
    """More bytes than are read of one file."""

    code: ClassVar[str] = "file_too_large"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A file as its place shows it. ``changed_at`` None: the place does not tell, and shows whole files only."""

    name: str
    size: int
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A place as a merchant names it. ``root`` is the folder that the operator gave this merchant, "" for none.

    ``place``: {folder} below ``root``; or {host, port, user, path, host_key}; or {url}. ``credentials``: {password,
    key}; or {user, password, bearer}. ``mark`` is what the place said of its last answer, "" for never asked.
    """

    kind: str
    place: Mapping[str, Any]
    credentials: Mapping[str, Any]
    root: str = ""
    mark: str = ""


class Source(Protocol):
    """One visit to a place. Made by ``registry.visit``, ended by ``close``."""

    movable: ClassVar[bool]
    mark: str  # to be handed in at the next visit

    def look(self) -> Sequence[Listed]:
        """The plain files that lie there now; no links, no folders, nothing hidden or half-named."""

    def read(self, listed: Listed, *, most_bytes: int) -> bytes:
        """The whole file. Raises TooLarge, and StillWritten where it is not as ``listed`` any more."""

    def move(self, listed: Listed, outcome: Outcome, *, stamp: str) -> str:
        """Put it below ``done`` or ``failed`` unless it changed (StillWritten); the new name, with ``stamp`` in it."""

    def close(self) -> None: ...


def is_plain(name: str) -> bool:
    """May a file of this name be looked at? Whatever a server says, a name is a name and no path."""
    if not name or name.startswith(".") or len(name) > 255:
        return False
    if any(each in name for each in ("/", "\\", "\0", "\n", "\r")):
        return False
    return not name.casefold().endswith(NOT_YET)


def stamped(name: str, stamp: str) -> str:
    """orders.csv -> orders.20261125-0930.csv: two files of one name both find room."""
    head, dot, tail = name.rpartition(".")
    return f"{head}.{stamp}.{tail}" if dot and head else f"{name}.{stamp}"
