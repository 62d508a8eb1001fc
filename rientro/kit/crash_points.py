"""Marked points at which the crash harness kills or stops a process. Without RIENTRO_CRASH_AT: nothing.

``RIENTRO_CRASH_AT=name`` kills at the first passage of ``name``, ``name:stop`` pauses there until SIGCONT.
"""

import os
import signal
from collections.abc import Callable

_ghost: Callable[[str], None] | None = None
_armed: str | None = os.environ.get("RIENTRO_CRASH_AT") or None


def mark(name: str) -> None:
    """Here the process may die, or stand still for as long as a test likes."""
    if _armed is not None:
        _strike(name)


def haunt(ghost: Callable[[str], None] | None) -> None:
    """For the simulation: ``ghost`` hears of every point that is passed, and may raise. None lays it to rest."""
    global _ghost
    _ghost = ghost
    arm("any" if ghost else None)


def arm(point: str | None) -> None:
    """For a forked child of the harness, whose environment was read before it was born."""
    global _armed
    _armed = point


def _strike(name: str) -> None:
    if _ghost is not None:
        _ghost(name)
        return
    wanted, _, manner = (_armed or "").partition(":")
    if wanted == name:
        arm(None)
        os.kill(os.getpid(), signal.SIGSTOP if manner == "stop" else signal.SIGKILL)
