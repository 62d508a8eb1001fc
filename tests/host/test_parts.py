"""Processes of the house: restarted when they die, stopped in order, never orphans."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from rientro.host.gate import Gate
from rientro.host.parts import FIRST_WAIT_S, LONGEST_WAIT_S, Part, Parts
from rientro.host.processes import command_of

SLEEP = "import time; time.sleep(60)"
SULKY = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


def python(name: str, words: str) -> Part:
    return Part(name, ["-c", words], dict(os.environ), program=[sys.executable])


@pytest.fixture
def said() -> list[str]:
    return []


def watched(parts: Parts, seconds: float) -> None:
    """Watch for a while, then ask to stop as a signal would."""
    timer = threading.Timer(seconds, lambda: parts._on_signal(signal.SIGTERM, None))
    timer.start()
    parts.watch(lambda: None, 0.1)
    timer.join()


def test_a_part_that_died_is_started_again(said):
    parts = Parts([python("web", SLEEP)], said.append)
    parts.start()
    first = parts.parts[0].process
    first.kill()

    watched(parts, 2)

    assert parts.parts[0].alive
    assert parts.parts[0].process.pid != first.pid
    assert said == [f"web ended (signal SIGKILL); starting it again in {FIRST_WAIT_S:g} s"]
    parts.stop()


def test_a_part_that_keeps_dying_is_started_less_and_less_often():
    part = python("web", "raise SystemExit(3)")
    part.started_at = time.monotonic()

    waits = [part.wait_s_after_death() for _ in range(9)]

    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (FIRST_WAIT_S, LONGEST_WAIT_S)


def test_a_long_life_forgives_earlier_deaths():
    part = python("web", SLEEP)
    part.deaths = 6
    part.started_at = time.monotonic() - 3600

    assert part.wait_s_after_death() == FIRST_WAIT_S


def test_parts_are_stopped_one_after_the_other(said):
    parts = Parts([python("web", SLEEP), python("worker", SLEEP)], said.append)
    parts.start()

    parts.stop()

    assert said == ["stopping web", "stopping worker"]
    assert not any(part.alive for part in parts.parts)


def test_a_second_signal_ends_what_does_not_listen(said):
    part = python("web", SULKY)
    parts = Parts([part], said.append)
    parts.start()
    time.sleep(0.5)
    threading.Timer(0.5, lambda: setattr(parts, "_asked_to_stop", 2)).start()
    before = time.monotonic()

    parts.stop()

    assert time.monotonic() - before < 5
    assert said[-1] == "web does not stop by itself; ending it"


def test_a_part_ends_when_its_house_is_killed(folder: Path):
    child = "from rientro.host.parent import end_with_parent as e; import time; e(); time.sleep(60)"
    house = (
        "import os, subprocess, sys, time\n"
        "env = dict(os.environ, RIENTRO_PARENT=str(os.getpid()))\n"
        f"c = subprocess.Popen([sys.executable, '-c', {child!r}], env=env, start_new_session=True)\n"
        "print(c.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", house], stdout=subprocess.PIPE)
    pid = int(parent.stdout.readline())
    time.sleep(0.5)
    assert command_of(pid)

    parent.kill()
    parent.wait()
    parent.stdout.close()

    deadline = time.monotonic() + 10
    while command_of(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert command_of(pid) == ""


AT_A_GATE = "from rientro.host.gate import pass_through; pass_through(); raise SystemExit(7)"


def test_a_part_waits_at_its_gate_and_comes_back_without_one(said):
    part = python("web", AT_A_GATE)
    part.gate = Gate()
    part.start()

    with pytest.raises(subprocess.TimeoutExpired):
        part.process.wait(1)
    part.gate.open()

    assert part.process.wait(10) == 7
    assert part.run() == 7


def test_a_part_ends_when_its_gate_will_never_open():
    part = python("web", AT_A_GATE)
    part.gate = Gate()
    part.start()

    part.gate.close()

    assert part.process.wait(10) == 1
