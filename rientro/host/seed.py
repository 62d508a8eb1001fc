"""Fill a fresh demo, and write down how to get in."""

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path

from rientro.host.house import House


def main(arguments: Sequence[str]) -> None:
    """Runs as the application's role, like everything that works for merchants."""
    parser = argparse.ArgumentParser(prog="seed")
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--sandbox-url", required=True)
    asked = parser.parse_args(arguments)
    House.from_environment().enter()
    from rientro.host.demo_data import seed
    from rientro.kit import clock

    known = json.loads(asked.file.read_text()) if asked.file.exists() else None
    facts = seed(clock.now(), asked.base_url, asked.sandbox_url, known)
    new = asked.file.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
    new.replace(asked.file)
