"""What an agency earns with a merchant's labels: what the merchant pays less what the carriers take, by month."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet, Sum

from rientro.kit.money import Money
from rientro.models.ledger import AGENCY
from rientro.models.merchants import Merchant
from rientro.models.money import Charge, LedgerEntry
from rientro.models.statement import bounds_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """One month in one currency, as the agency's own account of the books has it."""

    currency: str
    labels: int
    at_cost: int  # labels that earn nothing: passed on at cost, or sold below it
    paid_minor: int
    cost_minor: int

    @property
    def paid(self) -> Money:
        return Money(self.paid_minor, self.currency)

    @property
    def cost(self) -> Money:
        return Money(self.cost_minor, self.currency)

    @property
    def earned(self) -> Money:
        return Money(self.paid_minor - self.cost_minor, self.currency)


def margins_of(merchant: Merchant, month: date) -> list[Margin]:
    """One row per currency that occurs in the month; credits and accepted differences count where they came."""
    start, end = bounds_of(month, ZoneInfo(merchant.time_zone))
    books = _books(start, end)
    charges = listed_charges(merchant, month)
    currencies = sorted({*books, *charges.values_list("currency", flat=True).distinct()})
    return [
        Margin(
            currency=currency,
            labels=charges.filter(currency=currency).count(),
            at_cost=charges.filter(
                currency=currency, cost_currency=currency, amount_minor__lte=F("cost_minor")
            ).count(),
            paid_minor=books.get(currency, (0, 0))[0],
            cost_minor=books.get(currency, (0, 0))[1],
        )
        for currency in currencies
    ]


def listed_charges(merchant: Merchant, month: date) -> QuerySet[Charge]:
    """The labels of the month that a price list charged."""
    start, end = bounds_of(month, ZoneInfo(merchant.time_zone))
    return Charge.objects.filter(
        price_list__isnull=False, charged_at__gte=start, charged_at__lt=end
    )


def _books(start: datetime, end: datetime) -> dict[str, tuple[int, int]]:
    """{currency: (from the merchant, to the carriers)}, both less what went back."""
    moved = LedgerEntry.objects.filter(
        Q(credit=AGENCY) | Q(debit=AGENCY),
        state=LedgerEntry.State.POSTED.value,
        happened_at__gte=start,
        happened_at__lt=end,
    )
    merchants = Q(debit="merchant") | Q(credit="merchant")
    rows: Any = (
        moved.values("currency")
        .annotate(
            paid=Sum("amount_minor", filter=Q(credit=AGENCY) & merchants, default=0),
            unpaid=Sum("amount_minor", filter=Q(debit=AGENCY) & merchants, default=0),
            cost=Sum("amount_minor", filter=Q(debit=AGENCY) & ~merchants, default=0),
            back=Sum("amount_minor", filter=Q(credit=AGENCY) & ~merchants, default=0),
        )
        .order_by("currency")
    )
    return {
        row["currency"]: (row["paid"] - row["unpaid"], row["cost"] - row["back"]) for row in rows
    }
