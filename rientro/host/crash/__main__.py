"""`python -m rientro.host.crash`: see ``--help``."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rientro.host.house import House

CARRIERS = {
    "full": "",
    "lookup": "idempotency_key",
    "idempotency": "find_by_reference",
    "none": "idempotency_key,find_by_reference",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the storm and print its table; 0 when every invariant held."""
    asked = _parser().parse_args(arguments)
    with ExitStack() as stack:
        data = asked.data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        data.chmod(0o711)  # PostgreSQL's own account walks through it
        clock = data / "clock.json"
        os.environ |= {"RIENTRO_CLOCK_FILE": str(clock), "RIENTRO_ALLOW_PRIVATE_TARGETS": "1"}
        os.environ.setdefault("RIENTRO_SECRET_KEY", "only-for-the-crash-harness-" * 2)
        house = House(data, os.environ)
        stack.enter_context(house.database(always_stop=house.embedded))
        if house.embedded:
            migrate = [sys.executable, "-m", "rientro.cli", "migrate"]
            subprocess.run(migrate, env=house.environment(owner=True), check=True)
        house.enter()
        from rientro.host.crash.storm import Storm, Wish  # Django is ready only now

        wish = Wish(
            kills=asked.kills,
            stops=asked.stops,
            seed=asked.seed,
            pause_s=asked.pause,
            cannot=CARRIERS[asked.carrier],
            points=tuple(asked.only.split(",")) if asked.only else (),
        )
        report = Storm(wish, folder=data, clock=clock).run()
    sys.stdout.write(report.table())
    if asked.json:
        asked.json.write_text(json.dumps(report.facts(), indent=2) + "\n")
    return 0 if report.held else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script/crash", description=main.__doc__)
    parser.add_argument("--kills", type=int, default=50, help="SIGKILLs at each point")
    parser.add_argument("--stops", type=int, default=10, help="SIGSTOPs at each point")
    parser.add_argument("--seed", type=int, default=1, help="order of the blows")
    parser.add_argument("--pause", type=float, default=0.4, help="seconds a stopped process stands")
    parser.add_argument(
        "--carrier", choices=CARRIERS, default="full", help="what the carrier can do about doubt"
    )
    parser.add_argument("--only", help="points, by comma (default: all)")
    parser.add_argument("--data", type=Path, help="folder to keep (default: a temporary one)")
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser


if __name__ == "__main__":
    sys.exit(main())
