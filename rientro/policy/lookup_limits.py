"""How often may somebody guess? The budgets of the look-up, one table."""

from dataclasses import dataclass

HOUR_S, DAY_S = 3600, 86_400


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` in ``window_s`` seconds, counted per ``scope``."""

    scope: str  # order, network, merchant: what is counted together
    window_s: int
    most: int


# Misses. A country with 10,000 postal codes gives a guesser ten chances a day on one order: 0.1 %. Five an hour, so
# that the day's ten are not gone before the buyer has had a chance of correcting a slip.
# The merchant's own budget stops a spray that gives every order one guess from many networks.
LIMITS = (
    Limit("order", HOUR_S, 5),
    Limit("order", DAY_S, 10),
    Limit("network", 60, 10),
    Limit("network", HOUR_S, 60),
    Limit("merchant", 600, 100),
)
# Requests for a mail with a code or a link, whether one goes out or not.
MAIL_LIMITS = (
    Limit("mail_order", DAY_S, 5),
    Limit("mail_network", HOUR_S, 20),
)


def of_scope(limits: tuple[Limit, ...], *scopes: str) -> list[Limit]:
    """The rows of ``limits`` that count one of ``scopes``."""
    return [limit for limit in limits if limit.scope in scopes]
