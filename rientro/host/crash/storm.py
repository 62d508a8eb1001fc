"""The storm itself: for each point so many kills and so many pauses, then one reckoning."""

import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from procrastinate.contrib.django import app

from rientro.flows.sweep_purchases import AFTER_S
from rientro.host.crash import actors
from rientro.host.crash.children import Child
from rientro.host.crash.points import ALL, CUT_OFF, GIVING_BACK, WEB
from rientro.host.crash.proof import Findings, examine, is_settled, settle_by_hand
from rientro.host.crash.stage import SandboxProgram, Stage, cut_locks, move_clock, set_stage
from rientro.kit import crash_points

SWEEP_EVERY_S = 10  # jobs.schedule
BATCH = 8  # kills between two visits of the sweeper
ROUNDS = 4  # of the sweeper, until what is not settled counts as stuck
Keys = tuple[int, int, int]
Blow = tuple[str, str]  # point, and kill or stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What to do: so many of each at each point. A cut is a pause in which the buyer's lock is lost."""

    kills: int
    stops: int
    cuts: int = 0
    seed: int
    pause_s: float
    cannot: str
    points: tuple[str, ...] = ()


@dataclass(slots=True)
class Row:
    """What happened at one point. A blow that never fell is a point that was not passed: a fault of the test."""

    kills: int = 0
    stops: int = 0
    cuts: int = 0
    missed: int = 0
    slowest_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class Report:
    wish: Wish
    rows: dict[str, Row]
    findings: Findings
    by_hand: int  # purchases that a person had to settle
    seconds: float

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
            "cuts": sum(row.cuts for row in self.rows.values()),
            "missed": [name for name, row in self.rows.items() if row.missed],
            "lost": sorted(found.lost),
            "bought_twice": sorted(found.bought_twice),
            "off_the_books": sorted(found.off_the_books),
            "over_reserved": found.over_reserved,
            "stuck": sorted(found.stuck),
            "unbalanced": found.unbalanced,
            "unalarmed": sorted(found.unalarmed),
            "statuses": found.statuses,
            "settled_by_hand": self.by_hand,
            "ours_minor": found.ours_minor,
            "theirs_minor": found.theirs_minor,
            "slowest_s": round(max(row.slowest_s for row in self.rows.values()), 1),
            "seconds": round(self.seconds, 1),
        }

    def points_table(self) -> str:
        lines = [f"{'point':18}{'kills':>7}{'stops':>7}{'cuts':>7}{'missed':>8}{'slowest':>10}"]
        for name, row in self.rows.items():
            counts = f"{row.kills:7}{row.stops:7}{row.cuts:7}{row.missed:8}"
            lines.append(f"{name:18}{counts}{row.slowest_s:8.1f} s")
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Visit:
    """A process that serves one request, and where its answer can be read."""

    child: Child
    answer: int


@dataclass(slots=True)
class Storm:
    """Runs a Wish on a database that is migrated and a Django that is ready."""

    wish: Wish
    folder: Path
    clock: Path
    ends_at: float = float("inf")  # on the monotonic clock: no blow falls after it
    acknowledged: set[str] = field(default_factory=set)
    stage: Stage = field(init=False)

    def run(self) -> Report:
        app.perform_import_paths()  # type: ignore[no-untyped-call]  # once, in the parent of all
        points = self.wish.points or ALL
        blows = [(p, how) for p in points for how in ["kill"] * self.wish.kills]
        blows += [(p, how) for p in points for how in ["stop"] * self.wish.stops]
        blows += [(p, how) for p in CUT_OFF for how in ["cut"] * self.wish.cuts]
        random.Random(self.wish.seed).shuffle(blows)
        rows = {point: Row() for point in points}
        began = time.monotonic()
        with SandboxProgram(self.folder) as sandbox:
            self.stage = set_stage(sandbox, returns=len(blows), cannot=self.wish.cannot)
            for batch in self._batches(blows):
                if time.monotonic() > self.ends_at:
                    break
                self._weather(batch, rows)
            findings = examine(self.stage, sandbox, self.acknowledged)
            by_hand = settle_by_hand(self.stage, sandbox)
            if by_hand and findings.held:
                self._settle([])  # the paper of what was found
                self._settle([])
                after = examine(self.stage, sandbox, self.acknowledged)
                after.statuses = findings.statuses
                findings = after
        seconds = time.monotonic() - began
        return Report(
            wish=self.wish, rows=rows, findings=findings, by_hand=by_hand, seconds=seconds
        )

    def _batches(self, blows: list[Blow]) -> Iterator[list[tuple[Blow, Keys]]]:
        """Pauses by themselves, kills some at a time: many processes die at once on a bad day."""
        fates = list(zip(blows, self.stage.tickets, strict=True))
        yield from ([fate] for fate in fates if fate[0][1] in ("stop", "cut"))
        kills = [fate for fate in fates if fate[0][1] == "kill"]
        yield from (kills[start : start + BATCH] for start in range(0, len(kills), BATCH))

    def _weather(self, batch: list[tuple[Blow, Keys]], rows: dict[str, Row]) -> None:
        """Some blows one after the other, then the clients' retries and the sweeper until all is settled.

        A worker that is struck may hold the job of an earlier victim: it dies at its point all the same.
        """
        began, moved = time.monotonic(), 0
        for (point, how), keys in batch:
            moved += self._strike(rows[point], point, how, keys)
        orders = [order for _, (_, order, _) in batch]
        self._settle([(point, keys) for (point, _), keys in batch])
        for _ in range(ROUNDS):
            if is_settled(self.stage, orders):
                break
            moved += self._pass_time()
            self._settle([])
        took = moved + time.monotonic() - began
        for (point, _), _ in batch:
            rows[point].slowest_s = max(rows[point].slowest_s, took)

    def _strike(self, row: Row, point: str, how: str, keys: Keys) -> int:
        """One return and one blow at ``point``; the seconds by which the clock was moved."""
        strike = point if how == "kill" else f"{point}:stop"
        visit = self._visit(point, strike, keys)
        state, moved = visit.child.wait(), 0
        if state == "stopped":
            row.stops += how == "stop"
            row.cuts += how == "cut"
            if how == "cut":
                cut_locks()
            moved = self._go_on_without(visit.child)
        elif state == "SIGKILL":
            row.kills += 1
        else:
            row.missed += 1
        self._read_answer(visit)
        return moved

    def _visit(self, point: str, strike: str, keys: Keys) -> Visit:
        """A process that goes the whole way as far as the part in which it is to be struck, and on from there."""
        read, write = os.pipe()
        parts = [lambda: actors.send_form(self.stage, keys, write), actors.work]
        if point in GIVING_BACK:
            parts.append(lambda: self._give_back(keys))
        struck = 0 if point in WEB else len(parts) - 1

        def live() -> None:
            for number, part in enumerate(parts[: struck + 1]):
                crash_points.arm(strike if number == struck else None)
                part()

        child = Child(live)
        os.close(write)
        return Visit(child, read)

    def _give_back(self, keys: Keys) -> None:
        actors.take_back(self.stage, keys)
        actors.work()

    def _read_answer(self, visit: Visit) -> None:
        with os.fdopen(visit.answer, "rb") as pipe:
            self.acknowledged.update(pipe.read().decode().split())

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

    def _settle(self, visits: list[tuple[str, Keys]]) -> None:
        """Every shopper's browser asks again; the sweeper looks round, and a worker works."""
        read, write = os.pipe()

        def live() -> None:
            for point, keys in visits:
                actors.send_form(self.stage, keys, write)
                if point in GIVING_BACK:
                    actors.take_back(self.stage, keys)
            actors.recover(self.stage)

        child = Child(live)
        os.close(write)
        ended = child.wait()
        assert ended == "0", f"the clients and the sweeper ended with {ended}"
        self._read_answer(Visit(child, read))

    def _pass_time(self) -> int:
        moved = AFTER_S + SWEEP_EVERY_S
        move_clock(self.clock, moved)
        return moved
