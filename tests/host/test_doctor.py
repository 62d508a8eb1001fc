"""What the doctor says: each sentence names what is wrong and how to mend it."""

import json
import os

import psycopg
import pytest
from psycopg import sql

from rientro.config import environment as known
from rientro.host import doctor
from rientro.host.doctor_database import database_findings
from rientro.host.findings import Level
from rientro.host.house import House
from tests.host.houses import environment


@pytest.fixture
def house(folder, monkeypatch) -> House:
    """A house that was never started, and an environment without leftovers."""
    for name in [name for name in os.environ if name.startswith(("RIENTRO_", "DATABASE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RIENTRO_DATA", str(folder))
    return House(folder, environment(folder))


def test_a_moved_clock_is_seen(monkeypatch, folder, house):
    (folder / "clock.json").write_text(json.dumps(15 * 86400))
    monkeypatch.setenv("RIENTRO_CLOCK_FILE", str(folder / "clock.json"))

    found = doctor._clock()

    assert found.level is Level.CARE
    assert "+15.0 days" in found.words
    assert "demo-clock now" in found.mend


def test_a_short_secret_key_is_bad(monkeypatch, house):
    monkeypatch.setenv("RIENTRO_SECRET_KEY", "short")

    assert doctor._secret(house).level is Level.BAD


def test_a_secret_key_that_others_can_read_is_bad(house):
    known.secret_keys(house.data)
    file = house.data / "secret-key"
    assert doctor._secret(house).level is Level.GOOD

    file.chmod(0o644)

    assert doctor._secret(house).mend == f"chmod 600 {file}"


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ("http://127.0.0.1:8000", Level.GOOD),
        ("https://returns.example.com", Level.GOOD),
        ("http://returns.example.com", Level.CARE),
        ("returns.example.com", Level.BAD),
    ],
)
def test_the_address_people_type_is_judged(monkeypatch, house, told, level):
    monkeypatch.setenv("RIENTRO_BASE_URL", told)

    assert doctor._address().level is level


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ("console:", Level.CARE),
        ("file:/tmp/mails", Level.CARE),
        ("pigeon://coop", Level.BAD),
        ("smtp://127.0.0.1:9", Level.BAD),
    ],
)
def test_mails_that_reach_nobody_are_seen(monkeypatch, house, told, level):
    monkeypatch.setenv("RIENTRO_MAIL", told)

    assert doctor._mail().level is level


def test_a_misspelt_variable_is_seen(monkeypatch, house):
    monkeypatch.setenv("RIENTRO_BASEURL", "http://127.0.0.1")

    assert [found.level for found in doctor._variables()] == [Level.CARE]


def test_a_full_disk_is_bad(monkeypatch, house):
    monkeypatch.setattr(doctor, "EMPTY_BYTES", 10**18)

    assert [found.level for found in doctor._folder(house)] == [Level.BAD]


def test_a_database_that_does_not_answer_is_said_in_words(monkeypatch, folder, house):
    url = f"postgresql://nobody@127.0.0.1:9/{folder.name}"
    monkeypatch.setenv("DATABASE_URL", url)
    away = House(folder, environment(folder, DATABASE_URL=url))

    found = list(doctor._database(away))

    assert found[-1].level is Level.BAD
    assert "does not answer" in found[-1].words


class TestInside:
    """With the database of this pytest process."""

    @pytest.fixture
    def house(self, test_database, folder) -> House:
        more = {
            "DATABASE_URL": test_database.url(),
            "DATABASE_OWNER_URL": test_database.url("rientro_owner"),
        }
        return House(folder, environment(folder, **more))

    @pytest.fixture
    def before_django(self, monkeypatch):
        """Migrations are asked by Django, which this process has set up for the application's role."""
        monkeypatch.setattr(
            "rientro.host.doctor_database._migrations",
            lambda house, connection: doctor.good("not asked here"),
        )

    def bad(self, house) -> list[str]:
        return [found.words for found in database_findings(house) if found.level is Level.BAD]

    @pytest.mark.usefixtures("before_django")
    def test_a_good_database_has_nothing_bad(self, house):
        assert self.bad(house) == []

    @pytest.mark.usefixtures("before_django")
    def test_a_table_whose_row_security_was_lifted_is_bad(self, house):
        with psycopg.connect(house.owner_url, autocommit=True) as connection:
            connection.execute("ALTER TABLE rientro_order NO FORCE ROW LEVEL SECURITY")
            try:
                assert self.bad(house) == ["Row security is not forced on rientro_order."]
            finally:
                connection.execute("ALTER TABLE rientro_order FORCE ROW LEVEL SECURITY")

    @pytest.mark.usefixtures("before_django")
    def test_a_role_that_may_see_everything_is_bad(self, house, test_database, folder):
        # A role of its own: other tests rely on the real one at this very moment.
        name = f"strong_{os.getpid()}"
        role = sql.Identifier(name)
        with test_database._superuser() as connection:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN BYPASSRLS").format(role))
            try:
                url = house.given_url.replace("rientro_app:", f"{name}:")
                strong = House(folder, house.environ | {"DATABASE_URL": url})
                assert "every merchant" in self.bad(strong)[0]
            finally:
                connection.execute(sql.SQL("DROP ROLE {}").format(role))

    @pytest.mark.usefixtures("before_django")
    def test_jobs_that_nobody_does_are_seen(self, house):
        with psycopg.connect(house.owner_url, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args, scheduled_at) "
                "VALUES ('default', 'buy_label', '{}', now() - interval '10 minutes')"
            )

        assert self.bad(house) == [
            "1 jobs have been waiting for more than 5 minutes (for example buy_label)."
        ]
