"""For script/test: checks that need a database of their own, and the end of the test server."""

import os
import subprocess
import sys
from pathlib import Path

from rientro.host.house import DATABASE
from rientro.host.postgres import APP, OWNER, Cluster


def main(verb: str, folder: str) -> int:
    """``check FOLDER`` migrates an empty database and asks Django; ``destroy FOLDER`` removes the server."""
    cluster = Cluster(Path(folder), fast=True)
    if verb == "destroy":
        cluster.destroy()
        return 0
    cluster.start()
    try:
        return _check(cluster, folder)
    finally:
        cluster.stop()


def _check(cluster: Cluster, folder: str) -> int:
    cluster.prepare(DATABASE)
    environ = os.environ | {
        "DATABASE_URL": cluster.url(APP, DATABASE),
        "DATABASE_OWNER_URL": cluster.url(OWNER, DATABASE),
        "RIENTRO_DATA": str(Path(folder) / "check"),
    }
    for arguments in (
        ["migrate"],
        ["manage", "makemigrations", "--check", "--dry-run"],
        ["manage", "check", "--database", "default"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "rientro.cli", *arguments],
            env=environ,
            capture_output=arguments == ["migrate"],
            check=False,
        )
        if done.returncode:
            if done.stderr:
                sys.stderr.buffer.write(done.stdout + done.stderr)
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
