"""The processes of the house: started, watched, restarted with growing patience, stopped in order."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from rientro.host import parent
from rientro.host.gate import VARIABLE as GATE
from rientro.host.gate import Gate

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
CALM_S = 60.0  # a part that lived this long has forgotten its earlier deaths
STOP_S = 15.0

CHILD = (sys.executable, "-m", "rientro.host.child")

Say = Callable[[str], None]


@dataclass
class Part:
    """One child process and what is known of its health."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    program: Sequence[str] = CHILD
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    output: int | None = None  # a file descriptor; else ours
    gate: Gate | None = None  # where it waits for us, once it has loaded
    started_at: float = 0.0
    start_again_at: float = field(default=0.0)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        environment = {**self.environment, parent.VARIABLE: str(os.getpid())}
        waits_at = self.gate.reading if self.gate else -1
        if waits_at >= 0:
            environment[GATE] = str(waits_at)
        self.process = subprocess.Popen(
            [*self.program, *self.arguments],
            env=environment,
            pass_fds=[waits_at] if waits_at >= 0 else [],
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=self.output,
            start_new_session=True,  # Ctrl-C reaches the house alone, which stops its parts in order
        )
        self.started_at = time.monotonic()

    def run(self) -> int:
        """Start it and wait for its end; gives its status."""
        self.start()
        assert self.process is not None
        return self.process.wait()

    def wait_s_after_death(self) -> float:
        """Note one death, and say how long to wait before the next start."""
        calm = time.monotonic() - self.started_at > CALM_S
        self.deaths = 1 if calm else self.deaths + 1
        return min(FIRST_WAIT_S * 2.0 ** (self.deaths - 1), LONGEST_WAIT_S)


class Parts:
    """All child processes, in the order in which they are stopped."""

    def __init__(self, parts: Sequence[Part], say: Say) -> None:
        self.parts = list(parts)
        self.say = say
        self._asked_to_stop = 0
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        os.set_blocking(self._wake_read, False)

    def listen(self) -> None:
        """From here on SIGTERM, SIGINT and SIGHUP mean: stop everything in order."""
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    @property
    def stopping(self) -> bool:
        return self._asked_to_stop > 0

    def start(self) -> None:
        for part in self.parts:
            if part.process is None and not self.stopping:
                part.start()

    def run_to_end(self, part: Part) -> int | None:
        """Run a step that ends by itself, and give its status; None when a signal made us end it."""
        part.start()
        assert part.process is not None
        while part.alive and not self.stopping:
            self.sleep(0.2)
        if self.stopping:
            _send(part, signal.SIGTERM)
        status = part.process.wait()
        return None if self.stopping else status

    def watch(self, look: Callable[[], None], every_s: float) -> None:
        """Restart what dies and ``look`` at the rest now and then, until asked to stop."""
        look_at = time.monotonic() + every_s
        while not self.stopping:
            for part in self.parts:
                self._tend(part)
            now = time.monotonic()
            if now >= look_at:
                look()
                look_at = now + every_s
            self.sleep(max(0.05, min([look_at, *self._appointments()]) - now))

    def sleep(self, seconds: float) -> None:
        """Sleep, but wake for a signal or the end of a child."""
        if select.select([self._wake_read], [], [], seconds)[0]:
            try:
                os.read(self._wake_read, 1024)
            except BlockingIOError:
                pass

    def stop(self) -> None:
        """Stop each part and wait for it before the next; a second signal makes it quick."""
        for part in self.parts:
            if part.process is None or part.process.poll() is not None:
                continue
            self.say(f"stopping {part.name}")
            _send(part, signal.SIGTERM)
            deadline = time.monotonic() + STOP_S
            while part.alive and time.monotonic() < deadline and self._asked_to_stop < 2:
                self.sleep(0.1)
            if part.alive:
                self.say(f"{part.name} does not stop by itself; ending it")
                # Continued first: a process that was paused does not even see its parent go.
                _send(part, signal.SIGCONT)
                _send(part, signal.SIGKILL)
            part.process.wait()

    def _tend(self, part: Part) -> None:
        if part.alive:
            return
        now = time.monotonic()
        if part.process is not None:
            ended = part.process.returncode
            wait = part.wait_s_after_death()
            part.process, part.start_again_at = None, now + wait
            self.say(f"{part.name} ended ({_words_for(ended)}); starting it again in {wait:g} s")
        if now >= part.start_again_at:
            part.start()

    def _appointments(self) -> list[float]:
        return [part.start_again_at for part in self.parts if part.process is None]

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._asked_to_stop += 1


def _send(part: Part, number: signal.Signals) -> None:
    if part.process is not None:
        try:
            part.process.send_signal(number)
        except ProcessLookupError:
            pass


def _words_for(ended: int | None) -> str:
    if ended is None:
        return "unknown"
    if ended < 0:
        return f"signal {signal.Signals(-ended).name}"
    return f"status {ended}"
