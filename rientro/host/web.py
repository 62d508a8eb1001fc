"""The web part: Granian with N workers of two blocking threads each, which share what Django loaded once."""

import argparse
import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

STOP_S = 10
log = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> None:
    """Serve until SIGTERM; a worker that dies is replaced."""
    import django
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    from rientro.carriers.registry import keep_worker_only_out
    from rientro.host.garbage import look_less
    from rientro.host.gate import pass_through

    asked = _parser().parse_args(arguments)
    keep_worker_only_out()
    if sys.platform == "linux":
        # Workers are forked after Django is loaded, so that they share its memory.
        multiprocessing.set_start_method("fork", force=True)
        django.setup()
        warm_up()
    pass_through()
    if sys.platform == "linux":
        application()  # its middleware looks at the stylesheets, which may just have been collected
        look_less()
    server = Server(
        "rientro.config.wsgi:application",
        address=asked.host,
        port=asked.port,
        interface=Interfaces.WSGI,
        workers=asked.workers,
        # A look-up that asks a shop waits for seconds (flows/ask_shops.py): with one thread every request that the
        # worker had accepted would wait behind it.
        blocking_threads=2,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_S,
    )
    server.serve(target_loader=_Loader(os.getpid()), wrap_loader=False)


class _Loader:
    """What a worker calls first. A class, because a platform without fork has to pickle it."""

    def __init__(self, parent: int) -> None:
        self.parent = parent

    def __call__(self) -> Callable[..., Any]:
        from rientro.carriers.registry import keep_worker_only_out
        from rientro.host.parent import end_with_parent

        keep_worker_only_out()  # where a worker was not forked, it has not heard yet

        # A worker whose main process was killed would serve on without anybody who could stop it.
        end_with_parent(self.parent, signal.SIGKILL)
        return application()


def application() -> Callable[..., Any]:
    """Django's WSGI application."""
    from rientro.config.wsgi import application as found

    return found


def warm_up() -> None:
    """Load what the first requests would load: once, before the workers part, so that they share it."""
    from django.conf import settings
    from django.template import TemplateSyntaxError, engines
    from django.urls import get_resolver
    from django.utils import translation

    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("Returns")
            _ = get_resolver().reverse_dict
    folders: list[Path] = settings.TEMPLATES[0]["DIRS"]  # type: ignore[assignment]
    for folder in folders:
        for file in Path(folder).rglob("*.html"):
            try:
                engines["django"].get_template(str(file.relative_to(folder)))
            except TemplateSyntaxError:
                log.exception("The template %s is broken; pages without it go on.", file)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="web")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2)
    return parser
