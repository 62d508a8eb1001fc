"""What ``rientro demo`` shows: one merchant, two shops, two brands, sixty orders, and returns in every state."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any


def seed(
    now: datetime, base_url: str, sandbox_url: str, known: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Fill the house, or find it filled; gives the addresses, logins and keys of the demo.

    ``known`` is what an earlier run gave: its password and keys stand, because the tables hold only their hashes.
    Without it an old demo gets a new password and new keys. The sandbox carrier must answer at ``sandbox_url``.
    """
    from rientro.host.demo_data.seeding import fill  # needs Django; the drawings do not

    return fill(now, base_url, sandbox_url, known)
