"""Which facts of an event say nothing about a person, so that every receiver may read them."""

from collections.abc import Mapping
from typing import Any

# Words, notes and places are left out: people write names into them, and a depot is near somebody's home.
_WORDS = (
    "account active address amount_minor at_once because billed brand carrier changed "
    "clock_ahead code codes created currency delivery endpoint error family fields integration "
    "is_default key kind label missing occurred_at of order_of_rules parcel purchase quoted refused "
    "method outcome refund result review rule run shipping_minor sku slug status tracking_number "
    "unchanged units updated version "
)
SAFE = frozenset(_WORDS.split())


def safe_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """``facts`` without anything that could name a shopper or a place near one."""
    return {name: value for name, value in facts.items() if name in SAFE}
