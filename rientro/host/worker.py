"""The job worker: procrastinate on PostgreSQL, in a process of its own."""

import argparse
import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

STOP_S = 10
log = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> None:
    """Work until SIGTERM; a job that does not end within ten seconds is left to be retried."""
    asked = _parser().parse_args(arguments)
    import django

    django.setup()
    asyncio.run(_work(asked.concurrency))


async def _work(concurrency: int) -> None:
    from procrastinate.contrib.django import app

    # Threads are as many as jobs, because each keeps a connection to the database.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(concurrency))
    # Not replaceworker_connector(): a task posts its next job through Django's own connection, inside its own
    # transaction, and that is what the app's first connector does.
    worker = app.with_connector(worker_connector())
    async with worker.open_async():
        log.info("The job worker is at work (%d at a time).", concurrency)
        await worker.run_worker_async(
            concurrency=concurrency,
            fetch_job_polling_interval=5.0,
            shutdown_graceful_timeout=STOP_S,
            install_signal_handlers=True,
        )


def worker_connector() -> Any:
    """How a worker reaches its queue: connections of its own, beside Django's."""
    from django.conf import settings
    from procrastinate.contrib.django.utils import connector_params
    from procrastinate.psycopg_connector import PsycopgConnector

    params = connector_params()
    role = settings.DATABASES["default"]["OPTIONS"].get("assume_role")
    if role:
        params["options"] = f"{params.get('options', '')} -c role={role}".strip()
    # psycopg's parameter here means another cursor class than Django's.
    params.pop("server_side_binding", None)
    return PsycopgConnector(kwargs=params, min_size=1, max_size=3)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="worker")
    parser.add_argument("--concurrency", type=int, default=4)
    return parser
