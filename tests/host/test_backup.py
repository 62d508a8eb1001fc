"""Backup and restore on a server that is not ours (DATABASE_URL): what goes in comes out, counted."""

import json
import tarfile

import psycopg
import pytest
from psycopg import sql

from rientro.host.backup import BackupError, back_up, count_rows
from rientro.host.house import House
from rientro.host.restore import RestoreError, bring_back, read_about
from rientro.kit.tenancy import merchant_transaction
from tests import makers
from tests.host.houses import environment

SECRET = "only-for-tests-only-for-tests-only-for-tests"


def house_on(database, folder, name: str = "") -> House:
    name = name or database.name
    urls = {
        "DATABASE_URL": database.cluster.url("rientro_app", name),
        "DATABASE_OWNER_URL": database.cluster.url("rientro_owner", name),
        "RIENTRO_SECRET_KEY": SECRET,
    }
    folder.mkdir(exist_ok=True)
    return House(folder, environment(folder, **urls))


@pytest.fixture
def elsewhere(test_database):
    """An empty database beside the one of the tests."""
    name = f"{test_database.name}_back"
    test_database.cluster.prepare(name)
    yield name
    with test_database._superuser() as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def forced(url: str) -> int:
    with psycopg.connect(url) as connection:
        asked = "SELECT count(*) FROM pg_class WHERE relforcerowsecurity AND relrowsecurity"
        return connection.execute(asked).fetchone()[0]


def test_what_was_backed_up_comes_back_whole(test_database, elsewhere, folder):
    for _ in range(2):
        merchant = makers.make_merchant()
        with merchant_transaction(merchant.pk):
            makers.make_brand(name="Brina “è” 雪")
            makers.make_order()
    house = house_on(test_database, folder)
    file = folder / "all.backup"
    before = forced(house.owner_url)

    back_up(house, file)
    copy = house_on(test_database, folder / "copy", elsewhere)
    words = bring_back(copy, file)

    assert forced(house.owner_url) == forced(copy.owner_url) == before > 10
    with (
        psycopg.connect(test_database.url("superuser")) as one,
        psycopg.connect(test_database.cluster.url("superuser", elsewhere)) as two,
    ):
        rows = count_rows(one)
        assert rows["rientro_order"] == 2
        assert count_rows(two) == rows
        text = "SELECT string_agg(t::text, E'\\n' ORDER BY id) FROM rientro_brand t"
        assert two.execute(text).fetchone() == one.execute(text).fetchone()
    assert "under another secret key" not in words
    with psycopg.connect(copy.app_url) as connection:
        assert connection.execute("SELECT count(*) FROM rientro_order").fetchone()[0] == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE rientro_event SET name = 'other'")


def test_a_backup_holds_no_key_and_no_password(test_database, folder):
    house = house_on(test_database, folder)
    file = folder / "all.backup"

    back_up(house, file)

    whole = file.read_bytes()
    for secret in (SECRET, test_database.cluster._passwords.of("rientro_owner")):
        assert secret.encode() not in whole
    with tarfile.open(file) as tar:
        assert tar.getnames() == ["about.json", "database.dump"]


def test_a_backup_never_replaces_another(test_database, folder):
    file = folder / "all.backup"
    file.write_text("precious")

    with pytest.raises(BackupError, match="exists already"):
        back_up(house_on(test_database, folder), file)

    assert file.read_text() == "precious"


def test_a_database_with_tables_is_not_restored_into(test_database, folder):
    house = house_on(test_database, folder)
    back_up(house, folder / "all.backup")

    with pytest.raises(RestoreError, match="already has Rientro's tables"):
        bring_back(house, folder / "all.backup")


def test_a_backup_of_a_newer_rientro_is_refused(folder):
    file = folder / "newer.backup"
    about = folder / "about.json"
    about.write_text(json.dumps({"format": 1, "rientro": "9.0", "migrations": ["rientro.0999_x"]}))
    with tarfile.open(file, "w") as tar:
        tar.add(about, "about.json")

    with pytest.raises(RestoreError, match="newer Rientro"):
        read_about(file)


def test_any_other_file_is_refused_in_words(folder):
    file = folder / "holiday.jpg"
    file.write_bytes(b"\xff\xd8\xff")

    with pytest.raises(RestoreError, match="is no backup of Rientro"):
        read_about(file)
