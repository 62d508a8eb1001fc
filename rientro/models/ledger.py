"""The books: what is written when money moves, and the questions they answer.

A label's transfer is written in two steps. ``pending`` sets the quoted amount aside when the purchase is
intended; ``posted`` is what the carrier billed, ``void`` says that nothing was bought. A label that is voided
later is ``credited`` by transfers the other way. Every key is unique, so each happens once.

Where a price list holds, the agency owes the carrier and the merchant owes the agency: two transfers for one label,
and the agency's own account is its margin.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from rientro.kit.money import Money
from rientro.models.money import LedgerEntry, Refund
from rientro.models.parcels import CarrierAccount, Label, LabelPurchase
from rientro.models.price_book import list_at

MERCHANT, AGENCY = "merchant", "agency"
ADJUSTING = "invoice:"  # begins the keys of what a carrier's invoice changed
NEVER_BILLED = "invoice:none:"
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


def write_posted(
    purchase: LabelPurchase, price: Money, *, at: datetime, payer: str = ""
) -> LedgerEntry:
    """The carrier is owed ``price``, as billed, whatever was quoted; by ``payer``, if the caller knows already."""
    sides = (payer, carrier_side(purchase.account_id)) if payer else None
    return _of_label(purchase, "posted", POSTED, price, at=at, sides=sides)


def write_price(purchase: LabelPurchase, price: Money, *, at: datetime) -> LedgerEntry:
    """The merchant owes its agency ``price``, as its price list says."""
    return _of_label(purchase, "price", POSTED, price, at=at, sides=(MERCHANT, AGENCY))


def write_void(purchase: LabelPurchase, *, at: datetime) -> LedgerEntry:
    """Nothing was bought, or nothing was charged: what was set aside is free again."""
    return _of_label(purchase, "void", VOIDED, _quoted(purchase), at=at)


def write_credit(purchase: LabelPurchase, *, at: datetime) -> list[LedgerEntry]:
    """The label was voided: whatever was posted for it goes back the way it came. Nothing posted: nothing back.

    What an invoice changed afterwards stays: the carrier's credit note answers for that. What was written off
    because no invoice came is owed again first, or the carrier would owe us the label a second time.
    """
    _undo_write_off(purchase, at=at)
    subject = subject_of(purchase)
    posted = LedgerEntry.objects.filter(
        key__in=[f"{subject}:posted", f"{subject}:price"], state=POSTED
    )
    steps = {f"{subject}:posted": "credit", f"{subject}:price": "price_credit"}
    return [
        _of_label(
            purchase,
            steps[entry.key],
            POSTED,
            Money(entry.amount_minor, entry.currency),
            at=at,
            sides=(entry.credit, entry.debit),
        )
        for entry in posted.order_by("pk")
    ]


def write_off_key(purchase: LabelPurchase, step: str) -> str:
    """Of a purchase that no invoice ever named: `accepted` when that was believed, `undone` when it is void."""
    return f"{NEVER_BILLED}{purchase.pk}:{step}"


def _undo_write_off(purchase: LabelPurchase, *, at: datetime) -> None:
    for entry in LedgerEntry.objects.filter(key=write_off_key(purchase, "accepted")):
        account_id, sign = purchase.account_id, 1
        if entry.credit == carrier_side(account_id):  # the carrier was owed less than nothing
            sign = -1
        write_adjustment(
            write_off_key(purchase, "undone"),
            Money(sign * entry.amount_minor, entry.currency),
            account_id=account_id,
            payer=entry.credit if sign > 0 else entry.debit,
            purchase=purchase,
            at=at,
        )


def write_adjustment(
    key: str,
    amount: Money,
    *,
    account_id: int,
    payer: str,
    purchase: LabelPurchase | None,
    at: datetime,
) -> LedgerEntry | None:
    """What a carrier's invoice changed: ``payer`` owes the carrier ``amount`` more, or less when below zero.

    Nothing is written for nothing. ``key`` begins with `invoice:` and makes it happen once.
    """
    assert key.startswith(ADJUSTING)
    if not amount.minor:
        return None
    sides = (payer, carrier_side(account_id))
    debit, credit = sides if amount.minor > 0 else sides[::-1]
    return LedgerEntry.objects.create(
        key=key,
        subject=key.rpartition(":")[0],
        state=POSTED,
        debit=debit,
        credit=credit,
        amount_minor=abs(amount.minor),
        currency=amount.currency,
        purchase=purchase,
        ret_id=purchase.parcel.ret_id if purchase else None,
        happened_at=at,
    )


def payer_at(moment: datetime) -> str:
    """Who owes the carriers for what is bought at ``moment``."""
    return AGENCY if list_at(moment) else MERCHANT


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
    sides: tuple[str, str] | None = None,
) -> LedgerEntry:
    debit, credit = sides or (payer_at(purchase.created_at), carrier_side(purchase.account_id))
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
    """What entries come to in one currency, for the merchant: what an invoice changed counts to the amounts."""

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
    adjusts = Q(key__startswith=ADJUSTING)
    to_shopper = Q(credit__startswith="shopper:")
    spent = Q(state=POSTED, debit=MERCHANT) & ~to_shopper
    back = Q(state=POSTED, credit=MERCHANT)
    paid = Q(state=POSTED, credit__startswith="shopper:")
    waiting = Q(state=PENDING, is_settled=False)
    rows = (
        entries.annotate(is_settled=Exists(settled))
        .values("currency")
        .annotate(
            labels=Count("pk", filter=spent & ~adjusts),
            labels_minor=Sum("amount_minor", filter=spent, default=0),
            credits=Count("pk", filter=back & ~adjusts),
            credits_minor=Sum("amount_minor", filter=back, default=0),
            set_aside_minor=Sum("amount_minor", filter=waiting, default=0),
            refunds=Count("pk", filter=paid),
            refunds_minor=Sum("amount_minor", filter=paid, default=0),
        )
        .order_by("currency")
    )
    return [Sums(**row) for row in rows]


def mismatches() -> list[str]:
    """References whose ledger does not say what their label says: nothing unless somebody wrote by hand.

    A charged label is owed at its price, a voided or uncharged one at nothing, and a purchase without a label at
    nothing. What invoices changed stands beside it and is left out here.
    """
    owed: dict[int, int] = defaultdict(int)
    posted = LedgerEntry.objects.filter(state=POSTED, purchase__isnull=False)
    posted = posted.exclude(key__startswith=ADJUSTING)
    for side, sign in (("credit", 1), ("debit", -1)):
        rows = posted.filter(**{f"{side}__startswith": "carrier:"})
        for row in rows.values("purchase_id").annotate(amount=Sum("amount_minor")):
            owed[row["purchase_id"]] += sign * row["amount"]
    labels = Label.objects.filter(voided_at=None, charged_at__isnull=False)
    due = dict(labels.values_list("purchase_id", "price_minor"))
    wrong = [pk for pk in {*owed, *due} if owed.get(pk, 0) != due.get(pk, 0)]
    references = LabelPurchase.objects.filter(pk__in=wrong).order_by("pk")
    return list(references.values_list("reference", flat=True))
