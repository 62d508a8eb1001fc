"""A person decides about a difference between a carrier's invoice and our books: accept it, or dispute it."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from django.db import transaction

from rientro.kit.errors import Kind, RientroError
from rientro.kit.money import Money
from rientro.models import CarrierInvoiceLine, Event, Label, LabelPurchase, Return
from rientro.models.charging import charge_label
from rientro.models.invoice_book import never_invoiced, owed_for
from rientro.models.ledger import payer_at, write_adjustment, write_off_key
from rientro.policy.invoice_match import Match

State = CarrierInvoiceLine.State


class NothingToDecide(RientroError):
    """The line agrees, or somebody has decided."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "nothing_to_decide"


class NoteNeeded(RientroError):
    """A dispute without its reason helps nobody."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "note_needed"


@transaction.atomic
def decide_difference(
    *,
    line: CarrierInvoiceLine,
    decision: Literal["accept", "dispute"],
    note: str,
    actor: str,
    now: datetime,
) -> CarrierInvoiceLine:
    """Accept: our books follow the invoice by a transfer of the difference. Dispute: kept with ``note``, unpaid.

    What was disputed may be accepted later, never the other way round: the books are not changed.
    Raises NothingToDecide and NoteNeeded.
    """
    line = CarrierInvoiceLine.objects.locked().get(pk=line.pk)
    may = (State.OPEN.value, State.DISPUTED.value) if decision == "accept" else (State.OPEN.value,)
    if line.state not in may:
        raise NothingToDecide("Somebody has decided about this line already.", state=line.state)
    if decision == "dispute" and not note.strip():
        raise NoteNeeded("Write what you told the carrier, so that others know.")
    if decision == "accept":
        _follow(line, now=now)
    line.state = (State.ACCEPTED if decision == "accept" else State.DISPUTED).value
    line.note = note.strip()[:500] or line.note
    line.decided_by, line.decided_at = actor, now
    line.save(update_fields=["state", "note", "decided_by", "decided_at"])
    facts: dict[str, Any] = {
        "tracking_number": line.tracking_number,
        "amount_minor": line.difference_minor,
        "currency": line.invoice.currency,
    }
    ret = line.purchase.parcel.ret if line.purchase else None
    if decision == "accept":
        Event.record("invoice.accepted", actor=actor, at=now, ret=ret, **facts)
    else:
        Event.record("invoice.disputed", actor=actor, at=now, ret=ret, **facts)
    return line


@transaction.atomic
def accept_uninvoiced(*, purchase: LabelPurchase, actor: str, now: datetime) -> LabelPurchase:
    """The carrier never billed this label, and will not: what our books owe it for it is taken back.

    Raises NothingToDecide when it was billed meanwhile. If its invoice comes after all, that is a difference.
    """
    ret = Return.objects.locked().get(parcels=purchase.parcel_id)
    account = purchase.account
    if not never_invoiced(account).filter(pk=purchase.pk).exists():
        raise NothingToDecide("This label was billed, or somebody has decided.")
    for (_pk, currency), owed in owed_for(account, [purchase.pk]).items():
        write_adjustment(
            write_off_key(purchase, "accepted"),
            Money(-owed, currency),
            account_id=account.pk,
            payer=payer_at(purchase.created_at),
            purchase=purchase,
            at=now,
        )
        facts: dict[str, Any] = {
            "purchase": purchase.pk,
            "amount_minor": -owed,
            "currency": currency,
        }
        Event.record("invoice.accepted", actor=actor, at=now, ret=ret, **facts)
    return purchase


def _follow(line: CarrierInvoiceLine, *, now: datetime) -> None:
    purchase, invoice = line.purchase, line.invoice
    difference = line.difference_minor
    payer = payer_at(purchase.created_at if purchase else now)
    if purchase is not None and line.match == Match.UNSCANNED.value:
        difference -= _charge(purchase, now=now)
    if purchase is not None and line.match == Match.CURRENCY.value:
        _take_back(line, payer, now=now)
    write_adjustment(
        f"invoice:{line.pk}:accepted",
        Money(difference, invoice.currency),
        account_id=invoice.account_id,
        payer=payer,
        purchase=purchase,
        at=now,
    )


def _charge(purchase: LabelPurchase, *, now: datetime) -> int:
    """The carrier saw a parcel that it told nobody of: its label is charged now. Says what the books owe for it.

    A scan may have charged it since the line came in. One that was given back meanwhile is charged no more.
    """
    Return.objects.locked().get(parcels=purchase.parcel_id)
    label = Label.objects.select_related("purchase__parcel").get(purchase=purchase)
    if label.voided_at is not None:
        return 0
    charge_label(label, at=now)
    return label.price_minor


def _take_back(line: CarrierInvoiceLine, payer: str, *, now: datetime) -> None:
    """It was billed in another currency: what the books owe in ours is owed no more."""
    assert line.purchase is not None
    for (_pk, currency), owed in owed_for(line.invoice.account, [line.purchase.pk]).items():
        if currency != line.invoice.currency:
            write_adjustment(
                f"invoice:{line.pk}:exchanged",
                Money(-owed, currency),
                account_id=line.invoice.account_id,
                payer=payer,
                purchase=line.purchase,
                at=now,
            )
