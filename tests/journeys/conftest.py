"""One worker for all journeys, and a stage of its own for each."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.desk import Desk
from tests.journeys.shopper import Shopper
from tests.journeys.stage import Stage, Worker
from tests.journeys.witness import Witness
from tests.sandbox import Customer, customer, sandbox_process

__all__ = ["customer", "sandbox_process"]  # fixtures


@pytest.fixture(scope="package")
def worker(
    django_db_setup: Any, live_server: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worker]:
    """For this room alone: other rooms look at the jobs that wait."""
    made = Worker(tmp_path_factory.mktemp("worker"), django_db_setup.url(), live_server.url)
    yield made
    made.stop()


@pytest.fixture
def witnesses() -> Iterator[list[Witness]]:
    """Everybody who looked at pages; what any of them found wrong fails the test."""
    made: list[Witness] = []
    yield made
    assert [wrong for witness in made for wrong in witness.wrong] == []


@pytest.fixture
def stage(
    transactional_db: None,
    live_server: Any,
    settings: Any,
    worker: Worker,
    customer: Customer,
    witnesses: list[Witness],
) -> Iterator[Stage]:
    settings.BASE_URL = live_server.url
    if not worker.is_at_work:  # a failure of the journey before, which has told of it
        worker.start()
    made = Stage(live_server.url, worker, customer)
    yield made
    assert worker.is_at_work, worker.log.read_text()
    assert made.troubles() == [], worker.log.read_text()


@pytest.fixture
def new_desk(stage: Stage, new_page: Any, witnesses: list[Witness], request: Any) -> Any:
    """``new_desk(DESK)``: somebody sits down at the panel."""

    def sit_down(size: dict[str, int], **options: Any) -> Desk:
        page = new_page(size, **options)
        witnesses.append(Witness(page, stage.url, request.node.name.removeprefix("test_")))
        return Desk(page, stage, witnesses[-1])

    return sit_down


@pytest.fixture
def new_shopper(stage: Stage, new_page: Any, witnesses: list[Witness], request: Any) -> Any:
    """``new_shopper(PHONE, "it")``: somebody opens a brand's portal."""

    def arrive(size: dict[str, int], locale: str = "en", **options: Any) -> Shopper:
        page = new_page(size, locale, **options)
        journey, scripted = (
            request.node.name.removeprefix("test_"),
            bool(options.get("java_script_enabled", True)),
        )
        witnesses.append(Witness(page, stage.url, journey, scripted=scripted))
        return Shopper(page, stage.url, witnesses[-1])

    return arrive
