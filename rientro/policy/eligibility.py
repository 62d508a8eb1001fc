"""May these units of this line come back? The one place where that is decided, with cause and trace."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from rientro.kit.money import Money, total
from rientro.policy.terms import Terms
from rientro.policy.windows import OrderDates, Window, Withdrawal, window_of, withdrawal_of

__all__ = [
    "Because",
    "Decision",
    "LineFacts",
    "OrderDates",
    "Sentence",
    "Terms",
    "Verdict",
    "decide",
    "decide_return",
    "sentence_of",
]

RULE = "eligibility"
VERSION = 2  # raise it when an answer changes: traces name it
ORDER_CLOCK_SLACK = timedelta(days=1)  # a shop's clock may be ahead of ours, or in another zone


class Verdict(StrEnum):
    ACCEPT = "accept"
    REVIEW = "review"
    REFUSE = "refuse"


class Because(StrEnum):
    """Why. Stable words: traces and API answers carry them."""

    IN_TIME = "in_time"
    WITHDRAWAL_RIGHT = "withdrawal_right"  # the brand's window is over, the law's is not
    CANCELLED = "cancelled"
    REMOVED = "removed"
    FINAL_SALE = "final_sale"
    NOTHING_ASKED = "nothing_asked"
    NOTHING_LEFT = "nothing_left"
    NO_OUTBOUND = "no_outbound"
    WINDOW_NOT_OPEN = "window_not_open"
    WINDOW_CLOSED = "window_closed"
    BY_HAND = "by_hand"
    ABOVE_VALUE = "above_value"
    BY_RULE = "by_rule"  # a return rule of the brand


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """One order line and what matters of its order. ``price`` is paid per unit."""

    bought: int
    dates: OrderDates
    already_back: int = 0
    final_sale: bool = False
    removed: bool = False
    cancelled: bool = False
    has_outbound: bool = True
    channel: str = "web"
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with its cause; ``until`` is the last day on which these units may come back.

    ``may_withdraw`` and ``withdrawal_until`` tell the statutory clock, whatever the verdict: a refusal of the
    voluntary return must not hide it. ``trace`` is JSON-able and not part of equality.
    """

    verdict: Verdict
    because: Because = Because.IN_TIME
    until: date | None = None
    may_withdraw: bool = False
    withdrawal_until: date | None = None
    trace: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One plain sentence for the shopper: the door has the words for ``key`` and fills in ``params``."""

    key: str
    params: dict[str, Any]


def decide(facts: LineFacts, *, asked: int, terms: Terms, today: date) -> Decision:
    """Judge ``asked`` units of a line on ``today``, a day in the merchant's time zone.

    The first cause that applies is told; facts of the order come before dates, dates before review.
    Judges the line alone: what needs the whole return (its value) is ``decide_return``'s.
    """
    window = window_of(facts.dates, terms)
    withdrawal = withdrawal_of(facts.dates, channel=facts.channel)
    verdict, because = _judge(facts, asked, terms, today, window, withdrawal)
    until = window.ends_on
    if withdrawal.applies and withdrawal.ends_on is not None:
        until = max(until, withdrawal.ends_on)
    return Decision(
        verdict,
        because,
        until=until,
        may_withdraw=withdrawal.is_open(today) and not facts.cancelled,
        withdrawal_until=withdrawal.ends_on,
        trace=_trace(facts, asked, terms, today, window, withdrawal, verdict, because),
    )


def decide_return(
    decisions: Sequence[Decision], *, amounts: Iterable[Money], terms: Terms
) -> Decision:
    """One verdict for the whole return: the gravest of its lines, and review above a value.

    ``amounts`` are the values of the picked units (price times quantity). Raises ValueError without lines.
    """
    gravest = max(decisions, key=lambda decision: _GRAVITY[decision.verdict])
    verdict, because = gravest.verdict, gravest.because
    value = _sum(amounts)
    if verdict is Verdict.ACCEPT and _is_above(value, terms):
        verdict, because = Verdict.REVIEW, Because.ABOVE_VALUE
    ends = [decision.until for decision in decisions if decision.until]
    law = [d.withdrawal_until for d in decisions if d.withdrawal_until]
    return Decision(
        verdict,
        because,
        until=min(ends, default=None),
        may_withdraw=any(decision.may_withdraw for decision in decisions),
        withdrawal_until=min(law, default=None),
        trace={
            "rule": "return",
            "version": VERSION,
            "verdict": verdict.value,
            "because": because.value,
            "value": None if value is None else str(value),
            "terms": terms.facts(),
            "lines": [decision.trace for decision in decisions],
        },
    )


def sentence_of(decision: Decision, *, today: date | None = None) -> Sentence:
    """The cause as a key and what to fill in, for the door to say in the shopper's language."""
    dates = {"until": decision.until, "withdrawal_until": decision.withdrawal_until}
    return Sentence(
        key=decision.because.value,
        params={name: day for name, day in dates.items() if day is not None},
    )


_GRAVITY = {Verdict.ACCEPT: 0, Verdict.REVIEW: 1, Verdict.REFUSE: 2}


def _judge(
    facts: LineFacts, asked: int, terms: Terms, today: date, window: Window, law: Withdrawal
) -> tuple[Verdict, Because]:
    refused = _refusal_by_facts(facts, asked, terms)
    if refused:
        return Verdict.REFUSE, refused
    if facts.dates.ordered_on - today > ORDER_CLOCK_SLACK:
        return Verdict.REFUSE, Because.WINDOW_NOT_OPEN
    because = Because.IN_TIME
    if not window.holds(today):
        if law.ends_on is None or not law.is_open(today):
            return Verdict.REFUSE, Because.WINDOW_CLOSED
        because = Because.WITHDRAWAL_RIGHT
    if terms.review == "all":
        return Verdict.REVIEW, Because.BY_HAND
    if facts.price is not None and _is_above(facts.price * asked, terms):
        return Verdict.REVIEW, Because.ABOVE_VALUE
    return Verdict.ACCEPT, because


def _refusal_by_facts(facts: LineFacts, asked: int, terms: Terms) -> Because | None:
    table = (
        (facts.cancelled, Because.CANCELLED),
        (facts.removed, Because.REMOVED),
        (facts.final_sale, Because.FINAL_SALE),
        (asked < 1, Because.NOTHING_ASKED),
        (asked > facts.bought - facts.already_back, Because.NOTHING_LEFT),
        (not facts.has_outbound and not terms.allow_without_outbound, Because.NO_OUTBOUND),
    )
    return next((because for applies, because in table if applies), None)


def _is_above(value: Money | None, terms: Terms) -> bool:
    """Does ``value`` need a person's eye? A limit in another currency cannot say no, so a person looks."""
    if terms.review != "value" or terms.review_above is None or value is None:
        return False
    if value.currency != terms.review_above.currency:
        return True
    return terms.review_above < value


def _sum(amounts: Iterable[Money]) -> Money | None:
    listed = list(amounts)
    return total(listed, listed[0].currency) if listed else None


def _trace(
    facts: LineFacts,
    asked: int,
    terms: Terms,
    today: date,
    window: Window,
    law: Withdrawal,
    verdict: Verdict,
    because: Because,
) -> dict[str, Any]:
    return {
        "rule": RULE,
        "version": VERSION,
        "verdict": verdict.value,
        "because": because.value,
        "today": today.isoformat(),
        "asked": asked,
        "bought": facts.bought,
        "already_back": facts.already_back,
        "final_sale": facts.final_sale,
        "removed": facts.removed,
        "cancelled": facts.cancelled,
        "has_outbound": facts.has_outbound,
        "channel": facts.channel,
        "price": None if facts.price is None else str(facts.price),
        "window": {
            "starts_on": window.starts_on.isoformat(),
            "ends_on": window.ends_on.isoformat(),
            "basis": window.basis,
        },
        "withdrawal": {
            "applies": law.applies,
            "starts_on": law.starts_on.isoformat() if law.starts_on else None,
            "ends_on": law.ends_on.isoformat() if law.ends_on else None,
        },
        "terms": terms.facts(),
    }
