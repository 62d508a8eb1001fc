"""Where a cluster lies: in the folder that was asked for, or in /var/lib when its account cannot get there."""

import hashlib
import os
import time
from pathlib import Path

from rientro.host.postgres_account import Account

VAR_LIB = Path("/var/lib/rientro")
NOTE = "WHERE.txt"


def short(path: Path) -> str:
    """A short name that belongs to this path alone."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def present_place(asked: Path) -> Path:
    """Where the cluster of ``asked`` lies now, before anything is known of its account."""
    moved = VAR_LIB / short(asked)
    return moved if moved.exists() else asked


def place_for(asked: Path, account: Account) -> Path:
    """``asked`` itself; for root, a folder in /var/lib when the server's account cannot get there."""
    if account.is_me:
        return asked
    existing = asked
    while not existing.exists():
        existing = existing.parent
    return asked if account.can_enter(existing) else VAR_LIB / short(asked)


def belongs_to_a_removed_folder(asked: Path, place: Path) -> bool:
    """The cluster stayed in /var/lib when its data folder was removed: a new folder begins anew."""
    return place != asked and place.exists() and not (asked / NOTE).exists()


def set_aside(place: Path) -> None:
    """Keep it, but under another name: nobody's database is ever removed here."""
    place.rename(place.with_name(f"{place.name}-left-{int(time.time())}"))


def leave_a_note(asked: Path, place: Path, account: Account) -> None:
    """Say in the asked folder where the database is."""
    VAR_LIB.mkdir(mode=0o755, parents=True, exist_ok=True)
    asked.mkdir(parents=True, exist_ok=True)
    (asked / NOTE).write_text(
        f"The account {account.name}, which runs PostgreSQL, cannot enter this folder.\n"
        f"The database is kept in {place}\n"
    )
