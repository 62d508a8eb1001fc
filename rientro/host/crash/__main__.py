"""`script/crash`: C1 to C6 of the crash programme, one by one or all. See ``--help``."""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rientro.host.house import House

CARRIERS = {
    "full": "",
    "lookup": "idempotency_key",
    "idempotency": "find_by_reference",
    "none": "idempotency_key,find_by_reference",
}
ABOUT = {
    "C1": "SIGKILL at every marked point of create, buy, store, cancel and void",
    "C2": "SIGSTOP at the same points, and buyers whose lock was cut off meanwhile",
    "C3": "the living house under load: web, workers, database, line, clock and disk struck at random",
    "C4": "SIGKILL within void, refund, webhook send and import",
    "C5": "a seed drives shopper, desk, carrier line, clock and crashes at once",
    "C6": "SIGKILL at every marked point of a refund that the shop pays, over a line that fails as well",
}
# Rounds: kills at a point, pauses at a point, blows, kills at a point, seeds, kills at a point.
FAST = {"C1": 2, "C2": 1, "C3": 12, "C4": 3, "C5": 10, "C6": 2}
DEEP = {"C1": 50, "C2": 10, "C3": 400, "C4": 50, "C5": 500, "C6": 50}
SECRET = "only-for-the-crash-harness-" * 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for and print the figures; 0 when every invariant held."""
    asked = _parser().parse_args(arguments)
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(1)
    )  # whatever was started is stopped on the way out
    wanted = asked.only.split(",") if asked.only else list(ABOUT)
    unknown = [name for name in wanted if name not in ABOUT]
    if unknown:
        raise SystemExit(f"There is no {', '.join(unknown)}: choose from {', '.join(ABOUT)}.")
    if len(wanted) > 1:
        return _one_after_the_other(wanted, asked)
    facts = _run(wanted[0], asked)
    sys.stdout.write(_table(wanted[0], facts))
    if asked.json:
        asked.json.write_text(json.dumps({wanted[0]: facts}, indent=2) + "\n")
    return 0 if facts["held"] else 1


def _one_after_the_other(wanted: Sequence[str], asked: argparse.Namespace) -> int:
    """Each in a process and a house of its own."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in wanted:
            file = Path(folder) / f"{name}.json"
            command = [
                sys.executable,
                "-m",
                "rientro.host.crash",
                "--only",
                name,
                "--json",
                str(file),
            ]
            command += ["--seed", str(asked.seed), "--carrier", asked.carrier]
            command += ["--deep"] if asked.deep else []
            command += ["--rounds", str(asked.rounds)] if asked.rounds is not None else []
            command += ["--minutes", str(asked.minutes)] if asked.minutes else []
            subprocess.run(command, check=False)
            told = json.loads(file.read_text()) if file.exists() else {name: {"held": False}}
            figures |= told
    held = {name: facts["held"] for name, facts in figures.items()}
    sys.stdout.write(
        "\n" + "".join(f"{name}  {'held' if ok else 'BROKEN'}\n" for name, ok in held.items())
    )
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0 if all(held.values()) else 1


def _run(name: str, asked: argparse.Namespace) -> dict[str, Any]:
    rounds = asked.rounds if asked.rounds is not None else (DEEP if asked.deep else FAST)[name]
    with ExitStack() as stack:
        data = asked.data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        data.chmod(0o711)  # PostgreSQL's own account walks through it
        clock = data / "clock.json"
        os.environ |= {"RIENTRO_CLOCK_FILE": str(clock), "RIENTRO_ALLOW_PRIVATE_TARGETS": "1"}
        os.environ.setdefault("RIENTRO_SECRET_KEY", SECRET)
        if name == "C3":
            return _living(asked, rounds, data, clock, stack)
        house = House(data, os.environ)
        stack.enter_context(house.database(always_stop=house.embedded))
        if house.embedded:
            migrate = [sys.executable, "-m", "rientro.cli", "migrate"]
            subprocess.run(migrate, env=house.environment(owner=True), check=True)
        house.enter()
        return _forked(name, asked, rounds, data, clock)


def _forked(
    name: str, asked: argparse.Namespace, rounds: int, data: Path, clock: Path
) -> dict[str, Any]:
    """All but C3: Django is ready only now."""
    from rientro.host.crash import back_to_shop, effects, simulation
    from rientro.host.crash.storm import Storm, Wish

    cannot = CARRIERS[asked.carrier]
    ends_at = time.monotonic() + asked.minutes * 60 if asked.minutes else float("inf")
    if name == "C5":
        return simulation.run(rounds, seed=asked.seed, folder=data, ends_at=ends_at)
    if name == "C6":
        return back_to_shop.run(rounds, seed=asked.seed, folder=data, clock=clock, ends_at=ends_at)
    if name == "C4":
        return effects.run(
            rounds,
            seed=asked.seed,
            folder=data,
            clock=clock,
            ends_at=ends_at,
            only=asked.points or "",
        )
    wish = Wish(
        kills=rounds if name == "C1" else 0,
        stops=rounds if name == "C2" else 0,
        cuts=(rounds if asked.cuts is None and not asked.points else asked.cuts or 0)
        if name == "C2"
        else 0,
        seed=asked.seed,
        pause_s=asked.pause,
        cannot=cannot,
        points=tuple(asked.points.split(",")) if asked.points else (),
    )
    report = Storm(wish, folder=data, clock=clock, ends_at=ends_at).run()
    sys.stdout.write(report.points_table())
    return report.facts()


def _living(
    asked: argparse.Namespace, rounds: int, data: Path, clock: Path, stack: ExitStack
) -> dict[str, Any]:
    """C3: this process is only client, carrier's line and judge of a house that runs beside it."""
    from rientro.host.crash.living_house import FullDisk, LivingHouse

    os.environ |= {"RIENTRO_API_LIMITS": "off", "RIENTRO_CARRIER_DEADLINE_S": "5"}
    disk = FullDisk(data / "disk")
    stack.callback(disk.close)
    house = House(data / "disk" / "data", os.environ)
    environ = {**os.environ, "RIENTRO_DATA": str(house.data)}
    living = stack.enter_context(LivingHouse(house, environ))
    house.enter()
    from rientro.host.crash.house_storm import HouseStorm, HouseWish

    wish = HouseWish(
        blows=rounds,
        seconds=asked.minutes * 60 if asked.minutes else float("inf"),
        rate=asked.rate,
        seed=asked.seed,
        cannot=CARRIERS[asked.carrier],
        longest_pause_s=25.0 if asked.deep else 3.0,
        kinds=tuple(asked.points.split(",")) if asked.points else (),
    )
    return HouseStorm(wish, living, disk, clock).run(data).facts()


def _table(name: str, facts: dict[str, Any]) -> str:
    lines = [f"{name}: {ABOUT[name]}"]
    lines += [f"  {word:22} {value}" for word, value in facts.items()]
    return "\n".join(lines) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script/crash", description=main.__doc__)
    parser.add_argument("--only", help="C1 to C6, several by comma (default: all)")
    parser.add_argument("--deep", action="store_true", help="the long version of each")
    parser.add_argument(
        "--rounds", type=int, help="kills or pauses at each point, blows (C3), or seeds (C5)"
    )
    parser.add_argument(
        "--cuts", type=int, help="C2: pauses in which the lock is lost (as --rounds)"
    )
    parser.add_argument("--minutes", type=float, default=0, help="begin nothing new after so long")
    parser.add_argument("--seed", type=int, default=1, help="decides what is struck when")
    parser.add_argument("--rate", type=float, default=10, help="C3: wishes of clients a second")
    parser.add_argument("--pause", type=float, default=0.4, help="C2: seconds a process stands")
    parser.add_argument(
        "--carrier", choices=CARRIERS, default="full", help="what the carrier can do about doubt"
    )
    parser.add_argument(
        "--points", help="points (C1, C2), kinds of blows (C3), effects (C4), by comma"
    )
    parser.add_argument("--data", type=Path, help="folder to keep (default: a temporary one)")
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser


if __name__ == "__main__":
    sys.exit(main())
