"""How the house starts its parts: ``python -m rientro.host.child PART ...``."""

import sys

from rientro.host.parent import end_with_parent


def main(part: str, arguments: list[str]) -> int:
    """Tie this process to its parent, then become the part."""
    end_with_parent()
    if part == "web":
        from rientro.host import web

        web.main(arguments)
    elif part == "worker":
        from rientro.host import worker

        worker.main(arguments)
    elif part == "sandbox-carrier":
        from rientro.host import sandbox_carrier

        return sandbox_carrier.main(arguments)
    elif part == "seed":
        from rientro.host import seed

        seed.main(arguments)
    elif part == "setup":
        from rientro.host import setup

        setup.main(arguments)
    else:
        raise SystemExit(f"There is no part {part!r}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
