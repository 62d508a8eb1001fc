"""What the shopper gets back: value of the items, less one fee, never less than nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rientro.kit.money import Money, total
from rientro.policy.terms import Terms

__all__ = ["FeeItem", "Quote", "Terms", "quote"]

RULE = "fee"
VERSION = 1
OWN_CHOICE = "shopper"  # the fault of a reason that lets the fee stand


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeItem:
    """Units picked of one line. ``price`` is paid per unit, ``fault`` is the reason's: shopper, merchant, carrier."""

    quantity: int
    price: Money
    fault: str = OWN_CHOICE


@dataclass(frozen=True, slots=True)
class Quote:
    """``value`` = ``fee`` + ``refund``, all in the order's currency. ``waived`` says why a fee is not taken."""

    value: Money
    fee: Money
    refund: Money
    waived: str = ""  # "", own_postage, no_fault_of_yours, other_currency
    trace: dict[str, Any] = field(default_factory=dict, compare=False)


def quote(
    items: Sequence[FeeItem],
    terms: Terms,
    *,
    refund_type: str = "money",
    own_postage: bool = False,
) -> Quote:
    """Value, fee and refund of a return.

    The fee is one amount per return and never more than the value. It is not taken where no item came back by
    the shopper's own choice, nor where it is set in another currency than the order's, nor from who pays for the
    way back already (``own_postage``). ``refund_type`` is told in the trace only. Raises ValueError when items are
    of several currencies.
    """
    currency = items[0].price.currency if items else _currency_of(terms)
    value = total((item.price * item.quantity for item in items), currency)
    waived = _waived(items, terms, currency, own_postage=own_postage)
    asked = Money(0, currency) if waived or terms.fee is None else terms.fee
    fee = min(asked, value)
    return Quote(
        value=value,
        fee=fee,
        refund=value - fee,
        waived=waived,
        trace={
            "rule": RULE,
            "version": VERSION,
            "value": str(value),
            "fee": str(fee),
            "refund": str(value - fee),
            "fee_by_terms": None if terms.fee is None else str(terms.fee),
            "waived": waived,
            "capped": fee.minor < asked.minor,
            "faults": [item.fault for item in items],
            "refund_type": refund_type,
            "terms_version": terms.version,
        },
    )


def _waived(items: Sequence[FeeItem], terms: Terms, currency: str, *, own_postage: bool) -> str:
    if terms.fee is None or not terms.fee:
        return ""
    if own_postage:
        return "own_postage"
    if items and all(item.fault != OWN_CHOICE for item in items):
        return "no_fault_of_yours"
    return "" if terms.fee.currency == currency else "other_currency"


def _currency_of(terms: Terms) -> str:
    return terms.fee.currency if terms.fee else "EUR"
