"""``script/bench``: every benchmark in a process of its own, one after the other, with machine and date."""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ALL = {
    "labels": "drawing labels, one thread",
    "imports": "bulk import beside COPY of the ready file",
    "api": "orders through the API, 100 at a time",
    "files": "a CSV file in the panel",
    "returns": "complete returns: opened, bought from the sandbox, stored",
    "house": "start, memory at rest, pages",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks that were named, or all of them."""
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    words = ", ".join(f"{name} ({what})" for name, what in ALL.items())
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {words}; default: all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here as well")
    asked = parser.parse_args(arguments)
    unknown = set(asked.names) - set(ALL)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    sys.stdout.write(f"{_machine()}\n")
    found: dict[str, Any] = {}
    for name in asked.names or ALL:
        sys.stdout.write(f"\n{name}: {ALL[name]}\n")
        sys.stdout.flush()
        done = subprocess.run(
            [sys.executable, "-m", f"rientro.host.bench.{name}"],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            return done.returncode
        # Setting up may speak first; the figures are the JSON object at the end.
        found[name] = json.loads(done.stdout[done.stdout.index("{\n") :])
        _show(found[name])
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2) + "\n")
    return 0


def _show(figures: dict[str, Any], indent: str = "  ") -> None:
    for name, value in figures.items():
        if isinstance(value, dict):
            sys.stdout.write(f"{indent}{name}\n")
            _show(value, indent + "  ")
        else:
            sys.stdout.write(f"{indent}{name:<42} {value:>12,}\n")


def _machine() -> str:
    now = datetime.now(UTC)
    load = os.getloadavg()[0]
    return (
        f"{now:%Y-%m-%d %H:%M} UTC, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, load {load:.1f} (compare ratios, not times)"
    )


if __name__ == "__main__":
    sys.exit(main())
