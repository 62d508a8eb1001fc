"""Which operating-system account PostgreSQL runs as, and what that account can reach.

PostgreSQL refuses to run as root. Started by root, it runs as an existing ordinary account; started by
anybody else, it runs as that person. No mode of a folder that is not ours is ever loosened.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PREFERRED = ("postgres", "nobody", "daemon")


class NoAccount(RuntimeError):
    """Started by root, and no ordinary account can be found to run PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who owns the database files and runs the server."""

    name: str
    uid: int
    gid: int

    @property
    def is_me(self) -> bool:
        """No change of account is needed."""
        return self.uid == os.geteuid()

    def process_options(self) -> dict[str, Any]:
        """What subprocess needs to start a program as this account."""
        if self.is_me:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def take(self, path: Path) -> None:
        """Make this account the owner of one path of ours."""
        if not self.is_me:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can_enter(self, folder: Path) -> bool:
        """May this account use what lies in this folder (that is, walk through every parent)?"""
        return self._asks('cd "$1"', folder)

    def can_run(self, program: Path) -> bool:
        """May this account start this program?"""
        return self._asks('test -r "$1" && test -x "$1"', program)

    def _asks(self, question: str, path: Path) -> bool:
        done = subprocess.run(
            ["/bin/sh", "-c", question, "sh", str(path)],
            cwd="/",
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            **self.process_options(),
        )
        return done.returncode == 0


def account_for(existing_data: Path) -> Account:
    """The account for a cluster: its present owner, or me, or (for root) a suitable ordinary one."""
    me = os.geteuid()
    if me != 0:
        entry = _entry(me)
        return Account(entry.pw_name if entry else str(me), me, os.getegid())
    if existing_data.exists() and (owner := existing_data.stat()).st_uid != 0:
        entry = _entry(owner.st_uid)
        return Account(entry.pw_name if entry else str(owner.st_uid), owner.st_uid, owner.st_gid)
    wanted = os.environ.get("RIENTRO_PG_USER")
    for name in (wanted,) if wanted else PREFERRED:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        if found.pw_uid != 0:
            return Account(found.pw_name, found.pw_uid, found.pw_gid)
    raise NoAccount(
        "PostgreSQL does not run as root, and no ordinary account was found for it. "
        "Name one in RIENTRO_PG_USER, or start Rientro as an ordinary user."
    )


def _entry(uid: int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return None
