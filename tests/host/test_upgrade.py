"""The embedded database moves to a newer PostgreSQL with one command, and keeps its rows."""

from pathlib import Path

import pytest

from rientro.host.postgres import Cluster
from rientro.host.postgres_binaries import find_programs, major_of
from tests.host.houses import rientro

LISTED = (
    "from rientro.models import Merchant; print(*Merchant.objects.values_list('name', flat=True))"
)


def older_bin() -> Path | None:
    newest = find_programs().major
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin")):
        if 15 <= major_of(folder) < newest:
            return folder
    return None


def test_an_older_database_is_refused_then_upgraded_with_its_rows(folder):
    old = older_bin()
    if old is None:
        pytest.skip("this machine has no older PostgreSQL")
    data = folder / "data"
    with_old = {"RIENTRO_PG_BIN": str(old)}
    assert rientro("migrate", data=data, **with_old).returncode == 0
    owner = ("create-merchant", "Sartoria Brina", "anna@example.test")
    assert rientro(*owner, data=data, words="a-long-enough-word\n", **with_old).returncode == 0

    refused = rientro("migrate", data=data)
    upgraded = rientro("upgrade-database", "--old-bin", str(old), data=data)

    assert refused.returncode == 1
    assert "rientro upgrade-database" in refused.stderr
    assert upgraded.returncode == 0, upgraded.stderr
    assert f"data-of-{major_of(old)}" in upgraded.stdout
    told = rientro("manage", "shell", "-v", "0", "-c", LISTED, data=data)
    assert told.stdout.strip() == "Sartoria Brina"
    again = rientro("upgrade-database", "--old-bin", str(old), data=data)
    assert "already" in again.stdout
    assert not Cluster(data / "postgres").is_alive()
