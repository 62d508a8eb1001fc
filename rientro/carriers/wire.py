"""The wire of the carriers: the house's own (kit.wire) with their errors and their deadline."""

import os
from collections.abc import Mapping

from rientro.carriers.base import (
    DEADLINE_S,
    AuthFailed,
    InvalidRequest,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
    Unsupported,
)
from rientro.kit import wire
from rientro.kit.wire import NEVER_SENT, Reply, Words, retry_after_s

__all__ = ["NEVER_SENT", "Reply", "Wire", "Words", "longest_s", "retry_after_s"]


class Wire(wire.Wire):
    """``harmless`` are codes of a 503 by which a carrier says that it did nothing."""

    family = wire.Family(
        invalid=InvalidRequest,
        auth=AuthFailed,
        limited=RateLimited,
        unavailable=Unavailable,
        unknown=OutcomeUnknown,
        unsupported=Unsupported,
    )

    def __init__(
        self,
        name: str,
        base_url: str,
        headers: Mapping[str, str],
        *,
        deadline_s: float | None = None,
        harmless: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(
            name, base_url, headers, deadline_s=deadline_s or longest_s(), harmless=harmless
        )


def longest_s() -> float:
    """Seconds of one call: DEADLINE_S, or fewer when the operator (config.environment) says so, never more."""
    told = os.environ.get("RIENTRO_CARRIER_DEADLINE_S", "")
    try:
        return min(max(float(told), 0.1), DEADLINE_S) if told else DEADLINE_S
    except ValueError:
        return DEADLINE_S
