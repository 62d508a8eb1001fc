"""A carrier to try things out with: it sells test labels over HTTP, moves nothing and costs nothing.

`rientro sandbox-carrier` runs it as a program of its own, with a file of its own, so that the platform
meets it as it meets any carrier: over the wire, at another pace, with its own memory and its own bill.
It can be told to fail in every way a carrier fails (`faults.py`). Documentation: docs/carriers/sandbox.md
"""

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the sandbox until it is stopped; see ``--help``."""
    from rientro.host.sandbox_carrier.server import run

    return run(argv)
