"""The invariants, asked of both sides: our tables and the carrier's own statement."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Q

from rientro.flows.settle_purchase import NotBought, WasBought, settle_purchase
from rientro.host.crash.stage import SandboxProgram, Stage
from rientro.kit import clock
from rientro.kit.money import Money
from rientro.kit.tenancy import merchant_transaction
from rientro.models import CarrierAccount, Label, LabelPurchase, LedgerEntry, OrderLine, Return
from rientro.models.ledger import balances, owed_to_carrier


@dataclass(slots=True, kw_only=True)
class Findings:
    """Numbers of returns for which an invariant did not hold; empty is what we want."""

    lost: set[str] = field(default_factory=set)  # acknowledged, and not there
    bought_twice: set[str] = field(default_factory=set)
    off_the_books: set[str] = field(default_factory=set)  # our ledger and their bill differ
    stuck: set[str] = field(default_factory=set)
    over_reserved: int = 0
    unbalanced: bool = False
    unalarmed: set[str] = field(default_factory=set)  # nobody knows, and nobody was told
    statuses: dict[str, int] = field(default_factory=dict)
    ours_minor: int = 0
    theirs_minor: int = 0

    @property
    def held(self) -> bool:
        wrong = self.lost or self.bought_twice or self.off_the_books or self.stuck
        return not (wrong or self.unalarmed or self.over_reserved or self.unbalanced)


def is_settled(stage: Stage, orders: list[int]) -> bool:
    """Has every return of these orders its stored label, its credit, or a person who is asked?"""
    stored = Q(status="bought", labels__pdf_a6__isnull=False, parcel__ret__approval="approved")
    with merchant_transaction(stage.merchant_id):
        known = LabelPurchase.objects.filter(
            Q(status__in=["unknown", "voided", "abandoned"]) | stored,
            parcel__ret__order__in=orders,
        )
        return known.count() == len(orders)


def examine(stage: Stage, sandbox: SandboxProgram, acknowledged: set[str]) -> Findings:
    """Ask everything once, at the end."""
    theirs: Counter[str] = Counter()
    sold: Counter[str] = Counter()
    for line in sandbox.bill():
        amount = Money.parse(line["amount"]["amount"], line["amount"]["currency"])
        theirs[line["reference"]] += amount.minor
        sold[line["reference"]] += line["kind"] == "charge"
    found = Findings(theirs_minor=sum(theirs.values()))
    with merchant_transaction(stage.merchant_id):
        _returns(found, acknowledged)
        _purchases(found, theirs, sold)
        account = CarrierAccount.objects.get(pk=stage.account_id)
        found.ours_minor = sum(owed_to_carrier(account).values())
        found.unbalanced = sum(balances().values()) != 0
    if found.ours_minor != found.theirs_minor and "unknown" not in found.statuses:
        found.off_the_books.add("total")
    return found


def settle_by_hand(stage: Stage, sandbox: SandboxProgram) -> int:
    """What a person at the desk does with `unknown` purchases: look at the carrier's, and say what is there."""
    sold = {line["reference"]: line for line in sandbox.bill()}
    with merchant_transaction(stage.merchant_id):
        waiting = list(LabelPurchase.objects.filter(status="unknown"))
        for purchase in waiting:
            line = sold.get(purchase.reference)
            outcome: WasBought | NotBought = NotBought()
            if line:
                price = Money.parse(line["amount"]["amount"], line["amount"]["currency"])
                outcome = WasBought(
                    tracking_number=line["tracking_number"],
                    price=price,
                    carrier_reference=line["label"],
                )
            settle_purchase(purchase=purchase, outcome=outcome, actor="member:1", now=clock.now())
    return len(waiting)


def _returns(found: Findings, acknowledged: set[str]) -> None:
    there = set(Return.objects.values_list("number", flat=True))
    found.lost = acknowledged - there
    returned = Counter(Return.objects.alive().values_list("order_id", flat=True))
    lines = OrderLine.objects.values_list("order_id", "returned_quantity")
    found.over_reserved = sum(
        returned[order] > 1 or quantity != returned[order] for order, quantity in lines
    )


def _purchases(found: Findings, theirs: Counter[str], sold: Counter[str]) -> None:
    purchases = list(LabelPurchase.objects.select_related("parcel__ret"))
    labels = {label.purchase_id: label for label in Label.objects.all()}
    booked: Counter[str] = Counter()
    for entry in LedgerEntry.objects.filter(state=LedgerEntry.State.POSTED.value):
        sign = 1 if entry.debit == "merchant" else -1
        booked[entry.subject.removeprefix("label:")] += sign * entry.amount_minor
    per_return: Counter[str] = Counter()
    for purchase in purchases:
        number = purchase.parcel.ret.number
        per_return[number] += sold[purchase.reference]
        label = labels.get(purchase.pk)
        unknown = purchase.status == "unknown"
        waits = label and not label.voided_at and (not label.pdf_a6_id or label.void == "requested")
        if purchase.status == "buying" or waits:
            found.stuck.add(number)
        if booked[purchase.reference] != theirs[purchase.reference] and not unknown:
            found.off_the_books.add(number)
        if unknown and not purchase.parcel.ret.events.filter(name="return.label_unknown").exists():
            found.unalarmed.add(number)
    found.bought_twice = {number for number, times in per_return.items() if times > 1}
    found.statuses = dict(Counter(purchase.status for purchase in purchases))
    strangers = set(sold) - {purchase.reference for purchase in purchases}
    found.off_the_books |= {f"unknown reference {reference}" for reference in strangers}
