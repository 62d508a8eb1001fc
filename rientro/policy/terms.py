"""A brand's promise about returns, as plain values."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from rientro.kit.money import Money

REVIEWS = ("none", "all", "value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Who may return, until when, at what cost, and what a person wants to see first.

    ``version`` names the settings in traces. ``fee`` is one amount per return. ``review`` is one of REVIEWS;
    "value" looks at ``review_above``.
    """

    window_days: int
    fulfilment_buffer_days: int = 5
    order_buffer_days: int = 10
    allow_without_outbound: bool = True
    review: str = "none"
    review_above: Money | None = None
    fee: Money | None = None
    version: str = ""

    def with_fee(self, fee: Money | None) -> "Terms":
        """The same promise with another fee, as a rule may set it."""
        return replace(self, fee=fee)

    def facts(self) -> dict[str, Any]:
        """The same as JSON values, for traces."""
        plain = asdict(self)
        for name in ("review_above", "fee"):
            amount: Money | None = getattr(self, name)
            plain[name] = None if amount is None else str(amount)
        return plain
