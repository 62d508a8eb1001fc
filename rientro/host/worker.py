"""The job worker: procrastinate on PostgreSQL, in a process of its own."""

import argparse
import asyncio
import logging
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rientro.host.doctor_carriers import complain
from rientro.host.garbage import look_less

STOP_S = 10
# Who waits for strangers' machines waits in a line of its own: a deaf receiver takes no hands from labels.
OURS = ("default", "carriers", "imports", "mail")
STRANGERS = ("webhooks",)
SHOPS = ("shops",)  # a long reading of one shop keeps no label waiting
AT_STRANGERS = 6
AT_SHOPS = 4
log = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> None:
    """Work until SIGTERM; a job that does not end within ten seconds is left to be retried."""
    asked = _parser().parse_args(arguments)
    import django

    django.setup()
    look_less()
    complain()
    asyncio.run(_work(asked.concurrency))


async def _work(concurrency: int) -> None:
    from procrastinate.contrib.django import app

    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    # Threads are as many as jobs, because each keeps a connection to the database.
    loop.set_default_executor(ThreadPoolExecutor(concurrency + AT_STRANGERS + AT_SHOPS))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # Not replaceworker_connector(): a task posts its next job through Django's own connection, inside its own
    # transaction, and that is what the app's first connector does.
    worker = app.with_connector(worker_connector())
    async with worker.open_async():
        log.info("The job worker is at work (%d at a time).", concurrency)
        lines = [(OURS, concurrency), (STRANGERS, AT_STRANGERS), (SHOPS, AT_SHOPS)]
        await _until(stop, [_line(worker, queues, at_once) for queues, at_once in lines])


def _line(worker: Any, queues: Sequence[str], at_once: int) -> "asyncio.Task[None]":
    return asyncio.create_task(
        worker.run_worker_async(
            queues=list(queues),
            concurrency=at_once,
            fetch_job_polling_interval=5.0,
            shutdown_graceful_timeout=STOP_S,
            install_signal_handlers=False,
        )
    )


async def _until(stop: asyncio.Event, lines: "list[asyncio.Task[None]]") -> None:
    """Let the lines work until somebody asks them to stop or one ends by itself; then end all, and raise what broke."""
    asked = asyncio.create_task(stop.wait())
    await asyncio.wait([asked, *lines], return_when=asyncio.FIRST_COMPLETED)
    for task in (asked, *lines):
        task.cancel()
    ended = await asyncio.gather(*lines, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error


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
    return PsycopgConnector(kwargs=params, min_size=1, max_size=4)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="worker")
    parser.add_argument("--concurrency", type=int, default=4)
    return parser
