"""The ``rientro`` command: every verb an operator needs, each with words of its own.

A verb loads what it needs when it is called, so that ``rientro --help`` answers at once.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

Verb = Callable[[argparse.Namespace], int | None]
Verbs = argparse._SubParsersAction  # argparse has no public name for it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the number is the exit status."""
    asked = parser().parse_args(arguments)
    if getattr(asked, "data", None):
        os.environ["RIENTRO_DATA"] = str(Path(asked.data).absolute())
    try:
        return asked.run(asked) or 0
    except KeyboardInterrupt:
        return 130
    except RuntimeError as error:
        # Only the host's own sentences: a bug keeps its traceback.
        if not type(error).__module__.startswith("rientro.host"):
            raise
        print(f"rientro: {error}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """All verbs and their options."""
    top = argparse.ArgumentParser(
        prog="rientro",
        description="Rientro, the open returns platform: run it, try it, look after it.",
        epilog="Settings come from the environment; docs/operators.md lists them.",
    )
    verbs = top.add_subparsers(title="verbs", metavar="VERB", required=True)
    _add(verbs, "migrate", migrate, "bring the database's tables up to date")
    manage_verb = _add(verbs, "manage", manage, "a management command of Django")
    manage_verb.add_argument("arguments", nargs=argparse.REMAINDER, metavar="COMMAND ...")
    return top


def _add(
    verbs: "Verbs[argparse.ArgumentParser]", name: str, run: Verb, words: str
) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
    verb.add_argument(
        "--data", metavar="DIR", help="the data folder (default: $RIENTRO_DATA, else ./data)"
    )
    verb.set_defaults(run=run)
    return verb


def migrate(asked: argparse.Namespace) -> None:
    from rientro.host import database
    from rientro.host.house import House

    house = House.from_environment()
    with house.database():
        house.enter(owner=True)
        database.migrate(house.owner_url, house.app_role)


def manage(asked: argparse.Namespace) -> None:
    from rientro.host.house import House

    house = House.from_environment()
    with house.database():
        house.enter()
        from django.core.management import execute_from_command_line

        execute_from_command_line(["rientro manage", *asked.arguments])


if __name__ == "__main__":
    sys.exit(main())
