"""The books: what is written when money moves, and the questions they answer.

A label's transfer is written in two steps. ``pending`` sets the quoted amount aside when the purchase is
intended; ``posted`` is what the carrier billed, ``void`` says that nothing was bought. A label that is voided
later is ``credited`` by a transfer the other way. Every key is unique, so each happens once.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from rientro.kit.money import Money
from rientro.models.money import LedgerEntry, Refund
from rientro.models.parcels import CarrierAccount, Label, LabelPurchase

MERCHANT = "merchant"
PENDING, POSTED, VOIDED = (state.value for state in LedgerEntry.State)


def subject_of(purchase: LabelPurchase) -> str:
    """What the entries of one purchase are about."""
    return f"label:{purchase.reference}"


def carrier_side(account_id: int) -> str:
    """The account in the books of a contract with a carrier."""
    return f"carrier:{account_id}"


# What is written


def write_pending(purchase: LabelPurchase, *, at: datetime) -> LedgerEntry:
    """Set aside what the label was quoted at."""
    return _of_label(purchase, "pending", PENDING, _quoted(purchase), at=at)


def write_posted(purchase: LabelPurchase, price: Money, *, at: datetime) -> LedgerEntry:
    """The merchant owes the carrier ``price``, as billed, whatever was quoted."""
    return _of_label(purchase, "posted", POSTED, price, at=at)


def write_void(purchase: LabelPurchase, *, at: datetime) -> LedgerEntry:
    """Nothing was bought: what was set aside is free again."""
    return _of_label(purchase, "void", VOIDED, _quoted(purchase), at=at)


def write_credit(purchase: LabelPurchase, price: Money, *, at: datetime) -> LedgerEntry:
    """The carrier owes ``price`` back: the label was voided."""
    return _of_label(purchase, "credit", POSTED, price, at=at, back=True)


def write_refund(refund: Refund, *, number: str, at: datetime) -> LedgerEntry:
    """The merchant owes the shopper of return ``number`` what was promised."""
    return LedgerEntry.objects.create(
        key=f"refund:{refund.pk}:posted",
        subject=f"refund:{refund.pk}",
        state=POSTED,
        debit=MERCHANT,
        credit=f"shopper:{number}",
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        ret_id=refund.ret_id,
        happened_at=at,
    )


def _of_label(
    purchase: LabelPurchase,
    step: str,
    state: str,
    amount: Money,
    *,
    at: datetime,
    back: bool = False,
) -> LedgerEntry:
    sides = (MERCHANT, carrier_side(purchase.account_id))
    debit, credit = reversed(sides) if back else sides
    return LedgerEntry.objects.create(
        key=f"{subject_of(purchase)}:{step}",
        subject=subject_of(purchase),
        state=state,
        debit=debit,
        credit=credit,
        amount_minor=amount.minor,
        currency=amount.currency,
        purchase=purchase,
        ret_id=purchase.parcel.ret_id,
        happened_at=at,
    )


def _quoted(purchase: LabelPurchase) -> Money:
    return Money(purchase.quoted_minor, purchase.currency)


# What is asked


def owed_to_carrier(account: CarrierAccount) -> dict[str, int]:
    """Posted less credited, per currency: the carrier's bill as our books have it."""
    side = carrier_side(account.pk)
    rows = (
        LedgerEntry.objects.filter(Q(credit=side) | Q(debit=side), state=POSTED)
        .values("currency")
        .annotate(
            billed=Sum("amount_minor", filter=Q(credit=side), default=0),
            credited=Sum("amount_minor", filter=Q(debit=side), default=0),
        )
    )
    return {row["currency"]: row["billed"] - row["credited"] for row in rows}


def set_aside() -> dict[str, int]:
    """Pending amounts that no later entry has settled, per currency."""
    settled = LedgerEntry.objects.filter(subject=OuterRef("subject")).exclude(state=PENDING)
    rows = (
        LedgerEntry.objects.filter(~Exists(settled), state=PENDING)
        .values("currency")
        .annotate(amount=Sum("amount_minor"))
    )
    return {row["currency"]: row["amount"] for row in rows}


def balances() -> dict[tuple[str, str], int]:
    """Every account of the books with its posted balance: credits less debits. They sum to zero."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    posted = LedgerEntry.objects.filter(state=POSTED)
    for side, sign in (("credit", 1), ("debit", -1)):
        for row in posted.values(side, "currency").annotate(amount=Sum("amount_minor")):
            found[row[side], row["currency"]] += sign * row["amount"]
    return dict(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What entries come to in one currency."""

    currency: str
    labels: int
    labels_minor: int
    credits: int
    credits_minor: int
    set_aside_minor: int
    refunds: int
    refunds_minor: int


def sums_of(entries: QuerySet[LedgerEntry]) -> list[Sums]:
    """What ``entries`` come to, one row per currency that occurs."""
    settled = LedgerEntry.objects.filter(subject=OuterRef("subject")).exclude(state=PENDING)
    bought = Q(state=POSTED, credit__startswith="carrier:")
    credited = Q(state=POSTED, debit__startswith="carrier:")
    paid = Q(state=POSTED, credit__startswith="shopper:")
    waiting = Q(state=PENDING, is_settled=False)
    rows = (
        entries.annotate(is_settled=Exists(settled))
        .values("currency")
        .annotate(
            labels=Count("pk", filter=bought),
            labels_minor=Sum("amount_minor", filter=bought, default=0),
            credits=Count("pk", filter=credited),
            credits_minor=Sum("amount_minor", filter=credited, default=0),
            set_aside_minor=Sum("amount_minor", filter=waiting, default=0),
            refunds=Count("pk", filter=paid),
            refunds_minor=Sum("amount_minor", filter=paid, default=0),
        )
        .order_by("currency")
    )
    return [Sums(**row) for row in rows]


def mismatches() -> list[str]:
    """References whose ledger does not say what their label says: nothing unless somebody wrote by hand.

    A live label is owed at its price, a voided one at nothing, and a purchase without a label at nothing.
    """
    owed: dict[int, int] = defaultdict(int)
    posted = LedgerEntry.objects.filter(state=POSTED, purchase__isnull=False)
    for side, sign in (("credit", 1), ("debit", -1)):
        rows = posted.filter(**{f"{side}__startswith": "carrier:"})
        for row in rows.values("purchase_id").annotate(amount=Sum("amount_minor")):
            owed[row["purchase_id"]] += sign * row["amount"]
    labels = Label.objects.filter(voided_at=None).values_list("purchase_id", "price_minor")
    due = dict(labels)
    wrong = [pk for pk in {*owed, *due} if owed.get(pk, 0) != due.get(pk, 0)]
    references = LabelPurchase.objects.filter(pk__in=wrong).order_by("pk")
    return list(references.values_list("reference", flat=True))
