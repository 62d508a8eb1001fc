"""A carrier's invoice comes in: each line once, each held against its purchase and the books."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum

from rientro.kit.money import Money
from rientro.kit.sentences import Sentence
from rientro.models.carrier_invoices import CarrierInvoice, CarrierInvoiceLine, InvoiceFile
from rientro.models.charging import charge_label
from rientro.models.documents import StoredDocument
from rientro.models.ledger import NEVER_BILLED, carrier_side
from rientro.models.money import LedgerEntry
from rientro.models.parcels import CarrierAccount, Label, LabelPurchase
from rientro.models.returns import Return
from rientro.policy.invoice_lines import InvoiceRow
from rientro.policy.invoice_match import (
    Billed,
    Bought,
    Match,
    Verdict,
    compare,
    in_order,
    is_surcharge,
)

OTHER_WORDS = Sentence("This line of the invoice came before, and said something else.")
State = CarrierInvoiceLine.State
_OPEN = (State.OPEN.value, State.DISPUTED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of some rows: lines that are new, lines that were in, and places of rows that contradict."""

    new: int = 0
    known: int = 0
    refused: dict[int, str] = field(default_factory=dict)


def take_rows(account: CarrierAccount, rows: Sequence[InvoiceRow], *, at: datetime) -> Taken:
    """Write ``rows`` of one invoice and match them; what is in already changes nothing.

    The caller's transaction holds the invoice's row, so that two files with the same invoice come one by one.
    All rows have one number and one currency.
    """
    invoice = _invoice(account, rows, at=at)
    keys = _keys(rows)
    before = {line.line_key: line for line in invoice.lines.filter(line_key__in=keys)}
    refused: dict[int, str] = {}
    fresh: list[int] = []
    seen: set[str] = set()
    for place, (key, row) in enumerate(zip(keys, rows, strict=True)):
        if key in before:
            if not _says(before[key], row):
                refused[place] = OTHER_WORDS
        elif key in seen:
            refused[place] = OTHER_WORDS
        else:
            seen.add(key)
            fresh.append(place)
    _match(account, invoice, [(keys[place], rows[place]) for place in fresh], at=at)
    return Taken(new=len(fresh), known=len(rows) - len(fresh) - len(refused), refused=refused)


def _invoice(
    account: CarrierAccount, rows: Sequence[InvoiceRow], *, at: datetime
) -> CarrierInvoice:
    first = rows[0]
    made, _new = CarrierInvoice.objects.get_or_create(
        account=account,
        number=first.invoice_number,
        currency=first.currency,
        defaults={"imported_at": at},
    )
    invoice = CarrierInvoice.objects.locked().get(pk=made.pk)
    told = next((row.issued_on for row in rows if row.issued_on), None)
    if told and invoice.issued_on is None:
        invoice.issued_on = told
        invoice.save(update_fields=["issued_on"])
    return invoice


def _keys(rows: Iterable[InvoiceRow]) -> list[str]:
    """The carrier's own numbers of the lines; without one, what a line says and how many before it said the same."""
    seen: Counter[str] = Counter()
    keys = []
    for row in rows:
        if row.line_key:
            keys.append(row.line_key)
            continue
        said = "\x1f".join(
            (row.tracking_number, row.reference, row.description, str(row.amount_minor))
        )
        digest = hashlib.sha256(said.encode()).hexdigest()[:40]
        seen[digest] += 1
        keys.append(f"~{digest}-{seen[digest]}")
    return keys


def _says(line: CarrierInvoiceLine, row: InvoiceRow) -> bool:
    """Is this the same line again?"""
    told = (row.amount_minor, row.tracking_number, row.reference)
    return told == (line.amount_minor, line.tracking_number, line.reference)


# The match


def _match(
    account: CarrierAccount,
    invoice: CarrierInvoice,
    fresh: Sequence[tuple[str, InvoiceRow]],
    *,
    at: datetime,
) -> None:
    rows = [row for _key, row in fresh]
    _lock_returns(_labels(account, rows).values())
    labels = _labels(account, rows)  # as they stand now that nobody else changes them
    found = [_label_of(row, labels) for row in rows]
    known = {label.purchase_id: label for label in found if label is not None}
    books = _books(account, known)
    billed = [_billed(row) for _key, row in fresh]
    position = invoice.lines.count()
    lines: dict[int, CarrierInvoiceLine] = {}
    for place in in_order(billed):
        key, row = fresh[place]
        label = found[place]
        bought = books.get(label.purchase_id) if label else None
        verdict = compare(billed[place], bought)
        lines[place] = _line(invoice, key, position + place, row, label, bought, verdict, at=at)
        if label is not None and bought is not None:
            if verdict.match == Match.PRICED:
                charge_label(label, at=at, told=Money(row.amount_minor, row.currency))
            books[label.purchase_id] = _after(bought, billed[place], verdict)
    CarrierInvoiceLine.objects.bulk_create(
        [lines[place] for place in range(len(fresh))], batch_size=1000
    )
    for place in range(len(fresh)):
        _offset(lines[place], at=at)


def _billed(row: InvoiceRow) -> Billed:
    return Billed(
        amount_minor=row.amount_minor,
        currency=row.currency,
        description=row.description,
        weight_g=row.weight_g,
    )


def _line(
    invoice: CarrierInvoice,
    key: str,
    position: int,
    row: InvoiceRow,
    label: Label | None,
    bought: Bought | None,
    verdict: Verdict,
    *,
    at: datetime,
) -> CarrierInvoiceLine:
    return CarrierInvoiceLine(
        invoice=invoice,
        line_key=key,
        position=position,
        tracking_number=row.tracking_number,
        reference=row.reference,
        description=row.description,
        weight_g=row.weight_g,
        amount_minor=row.amount_minor,
        purchase_id=label.purchase_id if label else None,
        match=verdict.match.value,
        purchase_minor=bought.price_minor if bought else None,
        ledger_minor=bought.ledger_minor if bought else None,
        expected_minor=verdict.expected_minor,
        difference_minor=verdict.difference_minor,
        state=(State.MATCHED if verdict.agrees else State.OPEN).value,
        created_at=at,
    )


def _after(bought: Bought, line: Billed, verdict: Verdict) -> Bought:
    """What is left to compare the next line of the same purchase with."""
    of_label = line.amount_minor >= 0 and not is_surcharge(line.description)
    priced = verdict.match == Match.PRICED
    return replace(
        bought,
        currency=line.currency if priced else bought.currency,
        used_minor=bought.used_minor + verdict.expected_minor,
        lines=bought.lines + int(of_label),
        priced=bought.priced or priced,
        charged=bought.charged or priced,
        price_minor=line.amount_minor if priced else bought.price_minor,
        ledger_minor=line.amount_minor if priced else bought.ledger_minor,
    )


def _labels(account: CarrierAccount, rows: Sequence[InvoiceRow]) -> dict[str, Label]:
    """{tracking number or reference in capitals: label} of this account; a live label before a voided one."""
    numbers = {row.tracking_number for row in rows} | {row.reference for row in rows} - {""}
    numbers |= {number.upper() for number in numbers}
    wanted = Q(tracking_number__in=numbers) | Q(purchase__reference__in=numbers)
    wanted |= Q(carrier_reference__in=numbers) | Q(parcel__ret__number__in=numbers)
    labels = Label.objects.filter(wanted, purchase__account=account)
    rows_of = labels.select_related("purchase__parcel__ret", "parcel").order_by("pk")
    found: dict[str, Label] = {}
    weak: dict[str, list[Label]] = defaultdict(list)
    for label in sorted(rows_of, key=lambda label: label.voided_at is None):
        purchase = label.purchase
        for name in (label.carrier_reference, purchase.reference, label.tracking_number):
            found[name.upper()] = label
        weak[purchase.parcel.ret.number.upper()].append(label)
    # A return's number names a label only while there is but one.
    return {name: group[0] for name, group in weak.items() if len(group) == 1} | found


def _label_of(row: InvoiceRow, labels: dict[str, Label]) -> Label | None:
    by_number = labels.get(row.tracking_number.upper()) if row.tracking_number else None
    if by_number is not None or not row.reference:
        return by_number
    return labels.get(row.reference.upper())


def _lock_returns(labels: Iterable[Label]) -> None:
    """In one order for everybody: two invoices with the same label come one by one, and so do a void and a bill."""
    named = sorted({label.parcel.ret_id for label in labels})
    list(Return.objects.locked().filter(pk__in=named).order_by("pk"))


def _books(account: CarrierAccount, labels: dict[int, Label]) -> dict[int, Bought]:
    """{purchase: how it stands in our books}"""
    owed = owed_for(account, list(labels))
    earlier: dict[int, list[CarrierInvoiceLine]] = defaultdict(list)
    lines = CarrierInvoiceLine.objects.filter(purchase__in=labels).select_related("invoice")
    for line in lines:
        if line.purchase_id is not None:
            earlier[line.purchase_id].append(line)
    return {
        pk: _bought(label, owed.get((pk, label.currency), 0), earlier[pk])
        for pk, label in labels.items()
    }


def _bought(label: Label, owed: int, earlier: Sequence[CarrierInvoiceLine]) -> Bought:
    mine = [line for line in earlier if line.invoice.currency == label.currency]
    return Bought(
        currency=label.currency,
        price_minor=label.price_minor,
        ledger_minor=owed,
        weight_g=label.parcel.weight_g,
        priced=label.priced,
        voided=label.voided_at is not None,
        charged=label.charged_at is not None,
        used_minor=sum(_used(line) for line in mine),
        lines=sum(line.amount_minor >= 0 and not is_surcharge(line.description) for line in mine),
    )


def _used(line: CarrierInvoiceLine) -> int:
    accepted = line.difference_minor if line.state == State.ACCEPTED.value else 0
    return line.expected_minor + accepted


def owed_for(account: CarrierAccount, purchases: Sequence[int]) -> dict[tuple[int, str], int]:
    """{(purchase, currency): posted less credited} between the books and the carrier."""
    side = carrier_side(account.pk)
    rows: Any = (
        LedgerEntry.objects.filter(
            Q(credit=side) | Q(debit=side),
            state=LedgerEntry.State.POSTED.value,
            purchase__in=purchases,
        )
        .values("purchase_id", "currency")
        .annotate(
            up=Sum("amount_minor", filter=Q(credit=side), default=0),
            down=Sum("amount_minor", filter=Q(debit=side), default=0),
        )
    )
    return {(row["purchase_id"], row["currency"]): row["up"] - row["down"] for row in rows}


def _offset(line: CarrierInvoiceLine, *, at: datetime) -> None:
    """Money back for a line that is open still: the two settle each other."""
    if line.difference_minor >= 0 or line.state != State.OPEN.value:
        return
    same = CarrierInvoiceLine.objects.filter(
        invoice__account=line.invoice.account_id,
        invoice__currency=line.invoice.currency,
        difference_minor=-line.difference_minor,
        state__in=_OPEN,
    )
    if line.purchase_id:
        same = same.filter(purchase=line.purchase_id)
    elif line.tracking_number:
        same = same.filter(tracking_number=line.tracking_number)
    else:
        return
    other = same.order_by("pk").first()
    if other is None:
        return
    for one, twin in ((line, other), (other, line)):
        note = one.note or f"{twin.invoice.number} · {twin.tracking_number or twin.reference}"
        CarrierInvoiceLine.objects.filter(pk=one.pk).update(
            state=State.SETTLED.value, note=note[:500], decided_by="clock", decided_at=at
        )
        one.state = State.SETTLED.value


# What is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSum:
    """``amount = expected + accepted + open + settled``, in the invoice's currency."""

    lines: int
    amount_minor: int
    expected_minor: int
    accepted_minor: int
    open_minor: int
    settled_minor: int
    differences: int


def sum_of(lines: Any) -> InvoiceSum:
    """What invoice lines come to; all in one currency."""
    return InvoiceSum(**lines.aggregate(**_sums()))


def sums_by_invoice(lines: Any) -> dict[int, InvoiceSum]:
    """{invoice: what its lines come to}; an invoice without lines comes to nothing."""
    told = lines.order_by().values("invoice_id").annotate(**_sums())
    nothing = InvoiceSum(**dict.fromkeys(_sums(), 0))
    return defaultdict(lambda: nothing, {row.pop("invoice_id"): InvoiceSum(**row) for row in told})


def _sums() -> dict[str, Any]:
    off = {"accepted": (State.ACCEPTED.value,), "open": _OPEN, "settled": (State.SETTLED.value,)}
    return {
        "lines": Count("pk"),
        "amount_minor": Sum("amount_minor", default=0),
        "expected_minor": Sum("expected_minor", default=0),
        "differences": Count("pk", filter=Q(state__in=_OPEN)),
    } | {
        f"{name}_minor": Sum("difference_minor", filter=Q(state__in=states), default=0)
        for name, states in off.items()
    }


def never_invoiced(account: CarrierAccount) -> Any:
    """Purchases that were charged before the carrier's last invoice, and that stand on none.

    Empty as long as the carrier has sent no dated invoice: nobody can miss what never began.
    """
    last = account.invoices.filter(issued_on__isnull=False).order_by("-issued_on").first()
    if last is None:
        return LabelPurchase.objects.none()
    labels = Label.objects.filter(
        purchase__account=account,
        purchase__invoice_lines=None,
        charged_at__date__lt=last.issued_on,
        voided_at=None,
    ).exclude(purchase__ledger__key__startswith=NEVER_BILLED)
    return LabelPurchase.objects.filter(labels__in=labels).distinct()


def forget_invoice_files(*, before: datetime, rows_before: datetime) -> int:
    """Files that nobody confirmed or that stopped, and refused rows: a carrier's invoice may name people."""
    idle = [InvoiceFile.Status.PREVIEW.value, InvoiceFile.Status.FAILED.value]
    files = InvoiceFile.objects.filter(status__in=idle, created_at__lt=before, file__isnull=False)
    documents = list(files.values_list("file_id", flat=True))
    files.filter(status=InvoiceFile.Status.PREVIEW.value).delete()
    files.update(file=None)
    InvoiceFile.objects.filter(created_at__lt=rows_before).exclude(refused=[]).update(refused=[])
    used = InvoiceFile.objects.filter(file__in=documents).values_list("file_id", flat=True)
    unused = set(documents) - set(used)
    return StoredDocument.objects.filter(pk__in=unused).delete()[0] if unused else 0
