"""Processes that are born quickly, and die or stand still where they are told to.

A child is forked from a parent that has Django loaded and no connection open: a kill costs milliseconds instead
of a start of Django, and what dies is a whole process all the same.
"""

import os
import signal
import time
import traceback
from collections.abc import Callable
from typing import NoReturn

from django.db import connections

PATIENCE_S = 60.0


class Stuck(RuntimeError):
    """A child did neither end nor stop in time."""


class Child:
    """One forked process; ``wait`` says how it ended: a signal's name, "stopped", or its exit status."""

    def __init__(self, work: Callable[[], None]) -> None:
        connections.close_all()
        self.pid = os.fork()
        if self.pid == 0:
            _live(work)
        self.ended: str | None = None

    def wait(self, within_s: float = PATIENCE_S) -> str:
        """Until it ends or stops. Raises Stuck, having killed it."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            state = self.poll()
            if state:
                return state
            time.sleep(0.002)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        raise Stuck(f"process {self.pid} did not end within {within_s:.0f} s")

    def poll(self) -> str | None:
        """How it stands right now; None while it runs."""
        if self.ended is not None:
            return self.ended
        pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
        if pid == 0:
            return None
        if os.WIFSTOPPED(status):
            return "stopped"
        code = os.waitstatus_to_exitcode(status)
        self.ended = signal.Signals(-code).name if code < 0 else str(code)
        return self.ended

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


def _live(work: Callable[[], None]) -> NoReturn:
    status = 1
    try:
        work()
        status = 0
    except (
        BaseException
    ):  # a child ends here, whatever happened: nothing above may see two processes
        traceback.print_exc()
    finally:
        os._exit(status)
