"""What a member's role allows, for the doors that let people in and the mails that tell them."""

from typing import Literal

Ability = Literal["look", "receive", "decide", "manage"]

# Roles are no ladder: the warehouse opens boxes and decides nothing.
ABILITIES: dict[str, frozenset[Ability]] = {
    "owner": frozenset({"look", "receive", "decide", "manage"}),
    "admin": frozenset({"look", "receive", "decide", "manage"}),
    "desk": frozenset({"look", "receive", "decide"}),
    "warehouse": frozenset({"look", "receive"}),
    "read_only": frozenset({"look"}),
}


def roles_that_may(ability: Ability) -> list[str]:
    """The roles whose members may do ``ability``."""
    return [role for role, abilities in ABILITIES.items() if ability in abilities]
