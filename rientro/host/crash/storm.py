"""The storm itself: for each point so many kills and so many pauses, then one reckoning."""

import os
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rientro.flows.sweep_purchases import AFTER_S
from rientro.host.crash import actors
from rientro.host.crash.children import Child
from rientro.host.crash.points import ALL, WEB
from rientro.host.crash.proof import Findings, examine
from rientro.host.crash.stage import SandboxProgram, Stage, move_clock, set_stage

SWEEP_EVERY_S = 10  # jobs.schedule
Keys = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What to do: so many of each at each point."""

    kills: int
    stops: int
    seed: int
    pause_s: float
    cannot: str
    points: tuple[str, ...] = ()


@dataclass(slots=True)
class Row:
    """What happened at one point. A blow that never fell is a point that was not passed: a fault of the test."""

    kills: int = 0
    stops: int = 0
    missed: int = 0
    slowest_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class Report:
    wish: Wish
    rows: dict[str, Row]
    findings: Findings
    seconds: float = 0.0

    @property
    def held(self) -> bool:
        return self.findings.held and not any(row.missed for row in self.rows.values())

    def facts(self) -> dict[str, Any]:
        found = self.findings
        return {
            "held": self.held,
            "seed": self.wish.seed,
            "cannot": self.wish.cannot,
            "points": len(self.rows),
            "kills": sum(row.kills for row in self.rows.values()),
            "stops": sum(row.stops for row in self.rows.values()),
            "missed": [name for name, row in self.rows.items() if row.missed],
            "lost": sorted(found.lost),
            "bought_twice": sorted(found.bought_twice),
            "off_the_books": sorted(found.off_the_books),
            "over_reserved": found.over_reserved,
            "stuck": sorted(found.stuck),
            "unbalanced": found.unbalanced,
            "statuses": found.statuses,
            "ours_minor": found.ours_minor,
            "theirs_minor": found.theirs_minor,
            "slowest_s": round(max(row.slowest_s for row in self.rows.values()), 1),
            "seconds": round(self.seconds, 1),
        }

    def table(self) -> str:
        lines = [f"{'point':18}{'kills':>7}{'stops':>7}{'missed':>8}{'slowest':>10}"]
        for name, row in self.rows.items():
            lines.append(f"{name:18}{row.kills:7}{row.stops:7}{row.missed:8}{row.slowest_s:8.1f} s")
        facts = self.facts()
        lines += [f"{name:18} {facts[name]}" for name in facts]
        return "\n".join(lines) + "\n"


@dataclass(slots=True)
class Storm:
    """Runs a Wish on a database that is migrated and a Django that is ready."""

    wish: Wish
    folder: Path
    clock: Path
    acknowledged: set[str] = field(default_factory=set)
    stage: Stage = field(init=False)

    def run(self) -> Report:
        points = self.wish.points or ALL
        blows = [(p, how) for p in points for how in ["kill"] * self.wish.kills]
        blows += [(p, how) for p in points for how in ["stop"] * self.wish.stops]
        random.Random(self.wish.seed).shuffle(blows)
        rows = {point: Row() for point in points}
        began = time.monotonic()
        with SandboxProgram(self.folder) as sandbox:
            self.stage = set_stage(sandbox, returns=len(blows), cannot=self.wish.cannot)
            for (point, how), keys in zip(blows, self.stage.tickets, strict=True):
                self._strike(rows[point], point, how, keys)
            self._settle()
            findings = examine(self.stage, sandbox, self.acknowledged)
        seconds = time.monotonic() - began
        return Report(wish=self.wish, rows=rows, findings=findings, seconds=seconds)

    def _strike(self, row: Row, point: str, how: str, keys: Keys) -> None:
        """One return: a blow at ``point``, the client's retry, the sweeper; how long until all is settled."""
        began, moved = time.monotonic(), 0
        strike = point if how == "kill" else f"{point}:stop"
        if point in WEB:
            victim, read = self._form(keys, strike)
        else:
            self._form_until_answered(keys)
            victim, read = Child(actors.work, strike=strike), -1
        state = victim.wait()
        if state == "stopped":
            row.stops += 1
            moved += self._go_on_without(victim)
        elif state == "SIGKILL":
            row.kills += 1
        else:
            row.missed += 1
        self._read_answer(read)
        self._form_until_answered(keys)
        moved += self._settle()
        row.slowest_s = max(row.slowest_s, moved + time.monotonic() - began)

    def _form(self, keys: Keys, strike: str | None = None) -> tuple[Child, int]:
        read, write = os.pipe()
        child = Child(lambda: actors.send_form(self.stage, keys, write), strike=strike)
        os.close(write)
        return child, read

    def _form_until_answered(self, keys: Keys) -> None:
        """The shopper's browser: sends the same form again until there is an answer."""
        while True:
            child, read = self._form(keys)
            child.wait()
            if self._read_answer(read):
                return

    def _read_answer(self, read: int) -> bool:
        if read < 0:
            return False
        with os.fdopen(read, "rb") as pipe:
            number = pipe.read().decode()
        if number:
            self.acknowledged.add(number)
        return bool(number)

    def _go_on_without(self, victim: Child) -> int:
        """While one process stands still the sweeper and another worker go on; then it wakes up."""
        moved = self._pass_time()
        other = Child(lambda: actors.recover(self.stage))
        until = time.monotonic() + self.wish.pause_s
        while time.monotonic() < until and other.poll() is None:
            time.sleep(0.005)
        victim.resume()
        victim.wait()
        other.wait()
        return moved

    def _settle(self) -> int:
        """The time of the sweeper comes. What a look-up alone can tell must have reached the carrier's books."""
        moved = self._pass_time()
        Child(lambda: actors.recover(self.stage)).wait()
        return moved

    def _pass_time(self) -> int:
        moved = AFTER_S + SWEEP_EVERY_S
        move_clock(self.clock, moved)
        return moved
