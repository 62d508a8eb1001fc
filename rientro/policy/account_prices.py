"""The price list that a merchant keeps with a contract: what a label costs on a lane, as far as he wrote it down.

In an account's settings: ``prices`` is {"IT-DE": 795, "DE": 650, "*": 895} in minor units of ``currency``; the
narrowest entry counts.
"""

from collections.abc import Mapping
from typing import Any

from rientro.kit.money import LARGEST_MINOR, Money

ANY = "*"


def price_of(settings: Mapping[str, Any], origin: str, destination: str) -> Money:
    """The price from ``origin`` to ``destination`` (alpha-2); zero of the list's currency when it does not say."""
    prices = settings.get("prices")
    prices = prices if isinstance(prices, dict) else {}
    currency = str(settings.get("currency") or "EUR")[:3]
    for lane in (f"{origin}-{destination}", f"{ANY}-{destination}", origin, ANY):
        if lane in prices:
            return Money(whole(prices[lane]), currency)
    return Money(0, currency)


def whole(told: object) -> int:
    """A number as somebody typed it into the settings; odd values are nothing, never an error for a shopper."""
    word = str(told or "")
    return (
        min(int(word), LARGEST_MINOR) if word.isascii() and word.isdigit() and len(word) < 18 else 0
    )
