"""Folders of their own for houses and servers; pytest's own are closed to the server's account."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rientro.host.postgres import Cluster
from tests.environment import ROOT


@contextmanager
def new_folder() -> Iterator[Path]:
    """An empty folder that other accounts may walk through; gone afterwards, with what runs in it."""
    (ROOT / "var").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="host-", dir=ROOT / "var"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        for place in (folder, folder / "postgres", folder / "data" / "postgres"):
            if place.exists():
                # Its real folder may be elsewhere, where the server's account can get to.
                cluster = Cluster(place)
                if (cluster.folder / "lock").exists():
                    cluster.destroy()
        shutil.rmtree(folder, ignore_errors=True)
