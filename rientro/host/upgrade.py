"""``rientro upgrade-database``: the embedded database moves to a newer PostgreSQL by dump and restore."""

import os
from pathlib import Path

from rientro.host.backup import back_up
from rientro.host.house import House
from rientro.host.postgres_binaries import find_programs, major_of
from rientro.host.restore import bring_back


class UpgradeError(RuntimeError):
    """The database stays as it was; the sentence says why."""


def upgrade(house: House, old_bin: Path) -> str:
    """Dump with the old programs, restore with the new; the old cluster is kept beside the new one."""
    if not house.embedded:
        raise UpgradeError("DATABASE_URL names a server of yours: upgrade it by its own means.")
    folder = house.cluster.folder
    made_by = int((folder / "data" / "PG_VERSION").read_text())
    new = find_programs()
    if made_by == new.major:
        return f"The database is of PostgreSQL {made_by} already."
    if major_of(old_bin) != made_by:
        raise UpgradeError(f"{old_bin} is not the bin folder of PostgreSQL {made_by}.")
    file = house.data / f"before-upgrade-from-{made_by}.backup"
    asked = os.environ.get("RIENTRO_PG_BIN")
    os.environ["RIENTRO_PG_BIN"] = str(old_bin)
    try:
        back_up(house, file)
    finally:
        if asked is None:
            del os.environ["RIENTRO_PG_BIN"]
        else:
            os.environ["RIENTRO_PG_BIN"] = asked
    kept = folder / f"data-of-{made_by}"
    (folder / "data").rename(kept)
    try:
        words = bring_back(house, file)
    except BaseException:
        house.cluster.stop()
        if (folder / "data").exists():
            (folder / "data").rename(folder / "data-that-failed")
        kept.rename(folder / "data")
        raise
    return f"{words}\nThe old files are kept in {kept}; remove them and {file} when all is well."
