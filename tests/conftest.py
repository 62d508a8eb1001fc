"""What every test may ask for: a database, a merchant, a browser's client, and the jobs that were posted."""

import json
import re
from collections.abc import Callable, Iterator
from contextvars import copy_context
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, connections
from django.test import Client, TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from rientro.kit import scope
from rientro.kit.tenancy import ScopedRow, acting_for
from tests import makers
from tests.browser import chromium, new_page, skip_without_browser
from tests.database import TestDatabase

__all__ = ["chromium", "new_page"]  # fixtures

_database = TestDatabase()
# Machines that test are busy: how long an example takes says nothing, and speed is measured elsewhere.
hypothesis_settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("house")
# A login costs 0.1 s by design; tests make hundreds.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip_without_browser(items)


@pytest.fixture(scope="session")
def django_db_setup() -> Iterator[TestDatabase]:
    """Our own: created as the owner, used as the role that row-level security binds."""
    _database.create()
    connections["default"].settings_dict.update(_database.settings())
    connections["default"].settings_dict["OPTIONS"] |= {
        "server_side_binding": True,
        "prepare_threshold": 1,
    }
    yield _database
    connections.close_all()
    _database.drop()


def _empty_tables(self: TransactionTestCase) -> None:
    """The application's role may not TRUNCATE, so Django's own flush would fail."""
    for each in connections.all(initialized_only=True):
        each.close()
    _database.empty()


TransactionTestCase._fixture_teardown = _empty_tables  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _every_statement_names_its_merchant(request: pytest.FixtureRequest) -> Iterator[None]:
    """Row security would hide other merchants' rows, but only a named merchant uses the keys (ADR 0003)."""
    if not {"db", "transactional_db"} & set(request.fixturenames) or (
        request.node.get_closest_marker("raw_sql")
    ):
        yield
        return
    nameless: list[str] = []

    def look(execute: Any, statement: str, params: Any, many: bool, context: Any) -> Any:
        if _lacks_merchant(statement):
            nameless.append(statement)
        return execute(statement, params, many, context)

    with connection.execute_wrapper(look):
        yield
    assert nameless == []


@cache
def _tenant_statement() -> re.Pattern[str]:
    tables = "|".join(
        model._meta.db_table for model in apps.get_models() if issubclass(model, ScopedRow)
    )
    return re.compile(rf'\b(?:FROM|JOIN|UPDATE)\s+"?(?:{tables})"?(?![\w"])')


def _lacks_merchant(statement: Any) -> bool:
    text = statement if isinstance(statement, str) else str(statement)
    return bool(_tenant_statement().search(text)) and "merchant_id" not in text


@pytest.fixture
def test_database(transactional_db: None) -> TestDatabase:
    """The database itself, for tests that start processes or threads on it."""
    return _database


@pytest.fixture
def merchant(db: None) -> Iterator[Any]:
    """A merchant; everything in the test is done for it. Doors still have to find it by themselves."""
    made = makers.make_merchant()
    with acting_for(made.pk):
        yield made


class StrangersClient(Client):
    """A client whose requests know no merchant, as in life: the test's own does not leak into the view."""

    def request(self, **request: Any) -> Any:
        context = copy_context()
        context.run(scope._current.set, None)
        return context.run(super().request, **request)


@pytest.fixture
def client() -> StrangersClient:
    return StrangersClient()


@pytest.fixture
def new_client() -> Callable[..., StrangersClient]:
    """For tests with two visitors: ``other = new_client()``."""
    return StrangersClient


class Jobs:
    """The queue as a test sees it."""

    def names(self) -> list[str]:
        """The tasks that wait, in the order in which they were posted."""
        return [name for _, name, _ in self._waiting()]

    def run(self, *, most: int = 100) -> list[str]:
        """Do the waiting tasks here and now, and what they post, until none waits."""
        from procrastinate.contrib.django import app

        done: list[str] = []
        while waiting := self._waiting():
            for number, name, args in waiting:
                self._forget(number)
                context = copy_context()
                context.run(scope._current.set, None)
                context.run(app.tasks[name].func, **args)
                done.append(name)
                assert len(done) < most, f"jobs keep coming: {done[-10:]}"
        return done

    def clear(self) -> None:
        for number, _, _ in self._waiting():
            self._forget(number)

    def _waiting(self) -> list[tuple[int, str, dict[str, Any]]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, task_name, args::text FROM procrastinate_jobs "
                "WHERE status = 'todo' ORDER BY id"
            )
            return [(number, name, json.loads(args)) for number, name, args in cursor.fetchall()]

    def _forget(self, number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [number])


@pytest.fixture
def jobs(request: pytest.FixtureRequest) -> Jobs:
    """The posted jobs: ``jobs.names()``, ``jobs.run()``."""
    if "transactional_db" not in request.fixturenames:
        request.getfixturevalue("db")
    return Jobs()
