"""The ``rientro`` command: every verb an operator needs, each with words of its own.

A verb loads what it needs when it is called, so that ``rientro --help`` answers at once.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rientro.kit.errors import RientroError

Verb = Callable[[argparse.Namespace], int | None]
Verbs = argparse._SubParsersAction  # argparse has no public name for it
DEMO = "data/demo"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the number is the exit status."""
    asked = parser().parse_args(arguments)
    if getattr(asked, "data", None):
        os.environ["RIENTRO_DATA"] = str(Path(asked.data).absolute())
    try:
        return asked.run(asked) or 0
    except KeyboardInterrupt:
        return 130
    except (RuntimeError, RientroError) as error:
        # Only the house's own sentences: a bug keeps its traceback.
        if not type(error).__module__.startswith("rientro."):
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
    _add_running(verbs)
    _add_demo(verbs)
    _add_care(verbs)
    _add_people(verbs)
    return top


def _add_running(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    verb = _add(verbs, "up", up, "run Rientro: PostgreSQL, web workers, job worker")
    _add_places(verb)
    verb.add_argument(
        "--workers", type=int, default=2, metavar="N", help="web workers (default: 2)"
    )
    verb.add_argument(
        "--jobs", type=int, default=4, metavar="N", help="jobs done at a time (default: 4)"
    )
    _add(verbs, "migrate", migrate, "bring the database's tables up to date")


def _add_demo(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    verb = _add(
        verbs, "demo", demo, "try Rientro with two shops, 60 orders and a test carrier", DEMO
    )
    _add_places(verb)
    verb.add_argument("--workers", type=int, default=2, metavar="N", help=argparse.SUPPRESS)
    verb.add_argument("--jobs", type=int, default=4, metavar="N", help=argparse.SUPPRESS)
    verb.add_argument(
        "--carrier-port",
        type=int,
        metavar="N",
        help="port of the sandbox carrier (default: port + 1)",
    )
    verb = _add(
        verbs, "demo-clock", demo_clock, "move the demo's clock: +15d, -2h, 2026-12-24, now", DEMO
    )
    verb.add_argument(
        "step", metavar="STEP", help="+15d, -2h, +30m, a day such as 2026-12-24, or now"
    )
    # A step such as -2h begins like an option.
    verb.prefix_chars = "-"
    verb = _add(verbs, "demo-mails", demo_mails, "show the mails that the demo has sent", DEMO)
    verb.add_argument("--last", type=int, default=5, metavar="N", help="how many (default: 5)")
    verb = _add(verbs, "sandbox-carrier", sandbox_carrier, "run the carrier for trying things out")
    verb.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="...", help="see docs/carriers"
    )


def _add_care(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    verb = _add(
        verbs, "doctor", doctor, "say what is wrong with this installation, and how to mend it"
    )
    verb = _add(verbs, "backup", backup, "write the database into one file; keys are not in it")
    verb.add_argument("file", type=Path, help="the file to write, for example rientro.backup")
    verb = _add(verbs, "restore", restore, "bring a backup back into an empty database")
    verb.add_argument("file", type=Path, help="the file that `rientro backup` wrote")
    verb = _add(
        verbs,
        "upgrade-database",
        upgrade_database,
        "take the embedded database to a newer PostgreSQL",
    )
    verb.add_argument(
        "--old-bin",
        type=Path,
        required=True,
        metavar="DIR",
        help="bin folder of the old PostgreSQL",
    )
    _add(
        verbs,
        "rotate-keys",
        rotate_keys,
        "seal stored credentials anew under the newest secret key",
    )
    verb = _add(verbs, "manage", manage, "run a management command of Django")
    verb.add_argument("arguments", nargs=argparse.REMAINDER, metavar="COMMAND ...")


def _add_people(verbs: "Verbs[argparse.ArgumentParser]") -> None:
    verb = _add(
        verbs, "create-merchant", create_merchant, "make a merchant and the login of its owner"
    )
    verb.add_argument("name", help="the merchant's name")
    verb.add_argument("email", help="the owner's e-mail address, which is the login")
    verb.add_argument("--country", default="IT", metavar="XX", help="two letters (default: IT)")
    verb.add_argument(
        "--currency", default="EUR", metavar="CODE", help="three letters (default: EUR)"
    )
    verb.add_argument(
        "--time-zone", default="Europe/Rome", metavar="ZONE", help="default: Europe/Rome"
    )
    verb.add_argument("--language", default="en", metavar="xx", help="en or it (default: en)")
    verb = _add(
        verbs, "create-login", create_login, "make a login, or give an existing one a new password"
    )
    verb.add_argument("email", help="the e-mail address, which is the login")
    verb.add_argument(
        "--merchant", type=int, metavar="ID", help="let this login act for a merchant"
    )
    verb.add_argument(
        "--role",
        default="admin",
        help="owner, admin, desk, warehouse or read_only (default: admin)",
    )


def _add(
    verbs: "Verbs[argparse.ArgumentParser]", name: str, run: Verb, words: str, data: str = ""
) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
    told = data or "$RIENTRO_DATA, else ./data"
    verb.add_argument(
        "--data", default=data or None, metavar="DIR", help=f"data folder (default: {told})"
    )
    verb.set_defaults(run=run)
    return verb


def _add_places(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)"
    )
    verb.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")


# --- the verbs


def up(asked: argparse.Namespace) -> None:
    from rientro.host.house import House
    from rientro.host.up import Choices, say
    from rientro.host.up import up as run_up

    choices = Choices(asked.host, asked.port, asked.workers, asked.jobs)
    url = os.environ.setdefault("RIENTRO_BASE_URL", choices.url)
    house = House.from_environment()
    run_up(house, choices, when_ready=lambda: say(f"ready at {url} (Ctrl-C stops everything)"))


def migrate(asked: argparse.Namespace) -> None:
    from rientro.host import database
    from rientro.host.house import House

    house = House.from_environment()
    with house.database():
        house.enter(owner=True)
        database.migrate(house.owner_url, house.app_role, steps_down=house.steps_down)


def demo(asked: argparse.Namespace) -> None:
    from rientro.host.demo import demo as run_demo
    from rientro.host.up import Choices

    choices = Choices(asked.host, asked.port, asked.workers, asked.jobs)
    run_demo(Path(asked.data), choices, sandbox_port=asked.carrier_port)


def demo_clock(asked: argparse.Namespace) -> None:
    from rientro.host.demo import move_clock

    print(
        f"The demo's clock now says {move_clock(Path(asked.data), asked.step):%A %d %B %Y, %H:%M} UTC."
    )


def demo_mails(asked: argparse.Namespace) -> None:
    from rientro.host.mails import newest

    print(newest(Path(asked.data) / "mails", asked.last))


def sandbox_carrier(asked: argparse.Namespace) -> int:
    from rientro.host.sandbox_carrier import main as run_sandbox

    return run_sandbox(asked.arguments)


def doctor(asked: argparse.Namespace) -> int:
    from rientro.host.doctor import examine
    from rientro.host.house import House

    return examine(House.from_environment())


def backup(asked: argparse.Namespace) -> None:
    from rientro.host.backup import back_up
    from rientro.host.house import House

    print(back_up(House.from_environment(), asked.file))


def restore(asked: argparse.Namespace) -> None:
    from rientro.host.house import House
    from rientro.host.restore import bring_back

    print(bring_back(House.from_environment(), asked.file))


def upgrade_database(asked: argparse.Namespace) -> None:
    from rientro.host.house import House
    from rientro.host.upgrade import upgrade

    print(upgrade(House.from_environment(), asked.old_bin))


def rotate_keys(asked: argparse.Namespace) -> None:
    from rientro.host.house import House

    house = House.from_environment()
    with house.database():
        house.enter()
        from rientro.host.keys import reseal_everything

        print(reseal_everything())


def create_merchant(asked: argparse.Namespace) -> None:
    from rientro.host.house import House

    house = House.from_environment()
    with house.database():
        house.enter()
        from rientro.host import people

        password = people.ask_password()
        facts = people.Facts(
            asked.name, asked.country, asked.currency, asked.time_zone, asked.language
        )
        print(people.create_merchant(facts, asked.email, password))


def create_login(asked: argparse.Namespace) -> None:
    from rientro.host.house import House

    house = House.from_environment()
    with house.database():
        house.enter()
        from rientro.host import people

        print(people.create_login(asked.email, people.ask_password(), asked.merchant, asked.role))


def manage(asked: argparse.Namespace) -> None:
    from rientro.host.house import House

    house = House.from_environment()
    with house.database():
        house.enter()
        from django.core.management import execute_from_command_line

        execute_from_command_line(["rientro manage", *asked.arguments])


if __name__ == "__main__":
    sys.exit(main())
