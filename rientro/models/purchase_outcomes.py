"""What came of a purchase, written down in one short transaction and once only.

The caller opens the transaction. Each function locks the return first and then moves the purchase by a
conditional UPDATE: whoever comes second, a zombie included, changes nothing.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from django.db import IntegrityError, transaction

from rientro.kit.crash_points import mark
from rientro.kit.errors import Kind, RientroError
from rientro.kit.money import Money
from rientro.kit.queue import post
from rientro.kit.sentences import Sentence
from rientro.models.boxes import label_in_hand, label_on_its_way
from rientro.models.charging import ON_CREATION, charge_label
from rientro.models.documents import PDF, UNREAD, StoredDocument
from rientro.models.events import Event
from rientro.models.fallbacks import ask_next
from rientro.models.following import follow_parcels
from rientro.models.ledger import MERCHANT, payer_at, write_credit, write_void
from rientro.models.money import Charge
from rientro.models.parcels import Label, LabelPurchase, Parcel
from rientro.models.print_instead import print_instead
from rientro.models.purchasing import fail_carrier, is_wanted
from rientro.models.returns import Return
from rientro.policy.lifecycle import CarrierState, PurchaseStatus

UPLOAD = "upload"  # in a label's facts: the paper that a person brought or that came at once
CODE_LIMIT = 5 * 1024 * 1024  # bytes
CODE_LINK_LIMIT = 500  # characters
DUPLICATE = Sentence(
    "The carrier gave a tracking number that another parcel already has. The label is not shown to anybody and "
    "is being voided; ask for a new one."
)
ANOTHERS = Sentence("This is the label of another parcel.")
GIVEN_BACK = Sentence("The label was given back. Ask for a new one when it is needed.")
VOIDED_THERE = Sentence("The label was voided at the carrier. Ask for a new one.")


class AnothersLabel(RientroError):
    """What the carrier told is the label of another parcel: giving it back would take that parcel's label."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "anothers_label"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A label that exists at the carrier, as it told us or as a person read there.

    ``priced``: False when only the carrier's invoice will tell the price. ``charged_on``: creation | first_scan.
    """

    carrier_reference: str
    tracking_number: str
    price: Money
    facts: dict[str, Any] = field(default_factory=dict)
    voided: bool = False
    priced: bool = True
    charged_on: str = ON_CREATION
    document: bytes | None = None  # a PDF made harmless: the carrier's own paper, which comes once
    code: bytes | None = None
    code_link: str = ""
    expires_on: date | None = None


def write_bought(
    purchase: LabelPurchase, bill: Bill, *, at: datetime, actor: str, was: str = "buying"
) -> Label | None:
    """The label exists: label, ledger, charge, event and the task that stores its paper.

    None when the purchase is not ``was`` any more. A label that nobody wants any more, or whose tracking number
    is another parcel's, is billed all the same and voided at once. Raises AnothersLabel.
    """
    ret = Return.objects.locked().get(pk=purchase.parcel.ret_id)
    if not _settle(purchase, PurchaseStatus.BOUGHT, was=was, at=at):
        return None
    mark("write.purchase")
    clash = not _number_parcel(purchase, bill, at=at)
    if clash and _is_anothers(purchase, bill):
        raise AnothersLabel(ANOTHERS)
    mark("write.parcel")
    useless = clash or bill.voided or not is_wanted(ret)
    label = _new_label(purchase, bill, useless=useless, at=at)
    mark("write.label")
    if bill.priced and bill.charged_on == ON_CREATION:
        charge_label(label, at=at)
    facts: dict[str, Any] = {
        "label": label.pk,
        "tracking_number": bill.tracking_number,
        "carrier": purchase.account.carrier,
    }
    facts |= _amount(purchase, bill.price)
    Event.record("return.label_bought", actor=actor, at=at, ret=ret, **facts)
    mark("write.event")
    if bill.priced:
        _say_if_dearer(purchase, bill.price, ret, at=at, actor=actor)
    _move_on(ret, label, clash=clash, voided=bill.voided, at=at, actor=actor)
    mark("write.tasks")
    return label


def _new_label(purchase: LabelPurchase, bill: Bill, *, useless: bool, at: datetime) -> Label:
    """``useless``: nobody wants it, so it is to be given back from its first moment on."""
    return Label.objects.create(
        parcel=purchase.parcel,
        purchase=purchase,
        carrier_reference=bill.carrier_reference,
        tracking_number=bill.tracking_number,
        price_minor=bill.price.minor,
        currency=bill.price.currency,
        facts={"request": purchase.request, "carrier": bill.facts | _paper(bill)},
        bought_at=at,
        priced=bill.priced,
        charged_on=bill.charged_on,
        code_came=_code_as_it_came(bill),
        code_link=_page_of_code(bill),
        expires_on=bill.expires_on,
        void=(Label.Void.REQUESTED if useless else Label.Void.NONE).value,
        void_requested_at=at if useless else None,
    )


def _paper(bill: Bill) -> dict[str, Any]:
    """Where store_label finds a paper that nobody can fetch again; it is drawn on our sheet there."""
    if not bill.document or not bill.facts.get("own_paper"):
        return {}
    name = f"{bill.tracking_number}-a6.pdf"
    kept = StoredDocument.objects.keep(bill.document, content_type=PDF, name=name)
    return {UPLOAD: kept.pk}


def _page_of_code(bill: Bill) -> str:
    """The carrier's page, if it is one that a person may be led to; a link cut short leads nowhere."""
    told = bill.code_link
    return told if told.startswith("https://") and len(told) <= CODE_LINK_LIMIT else ""


def _code_as_it_came(bill: Bill) -> StoredDocument | None:
    """Kept before anybody has looked at it, as it may come once only; shown when store_label has made it safe."""
    if not bill.code or len(bill.code) > CODE_LIMIT:
        return None
    return StoredDocument.objects.keep(bill.code, content_type=UNREAD, name="code as it came")


def _settle(purchase: LabelPurchase, status: PurchaseStatus, *, was: str, at: datetime) -> bool:
    still = LabelPurchase.objects.filter(pk=purchase.pk, status=was)
    words = {"error_code": "", "error_message": ""} if status == PurchaseStatus.BOUGHT else {}
    return bool(still.update(status=status.value, settled_at=at, **words))


def _number_parcel(purchase: LabelPurchase, bill: Bill, *, at: datetime) -> bool:
    """Give the parcel its tracking number; False when another parcel of this carrier has it.

    One that somebody only typed gives way: else a guess could spoil a label that is paid.
    """
    if _numbered(purchase, bill, at=at):
        return True
    typed = Parcel.objects.filter(
        carrier_code=purchase.account.carrier,
        tracking_number=bill.tracking_number,
        first_scan_at=None,
        labels=None,
        purchases=None,
    )
    freed = Parcel.objects.filter(pk__in=list(typed.values_list("pk", flat=True))).update(
        tracking_number="", carrier_code="", watched_by=None, next_poll_at=None
    )
    return bool(freed) and _numbered(purchase, bill, at=at)


def _numbered(purchase: LabelPurchase, bill: Bill, *, at: datetime) -> bool:
    try:
        with transaction.atomic():
            Parcel.objects.filter(pk=purchase.parcel_id).update(
                tracking_number=bill.tracking_number,
                carrier_code=purchase.account.carrier,
                status=CarrierState.LABEL_READY.value,
                next_poll_at=at,
            )
    except IntegrityError:
        return False
    return True


def _is_anothers(purchase: LabelPurchase, bill: Bill) -> bool:
    """Is this very label, not only its number, written down for another parcel?"""
    theirs = Label.objects.filter(
        parcel__tracking_number=bill.tracking_number,
        parcel__carrier_code=purchase.account.carrier,
        carrier_reference=bill.carrier_reference,
    )
    return bool(bill.carrier_reference) and theirs.exclude(purchase=purchase).exists()


def _amount(purchase: LabelPurchase, price: Money) -> dict[str, Any]:
    """``price`` as facts of an event; nothing where an agency pays the carrier, and keeps to itself how much."""
    if payer_at(purchase.created_at) != MERCHANT:
        return {}
    return {"amount_minor": price.minor, "currency": price.currency}


def _say_if_dearer(
    purchase: LabelPurchase, price: Money, ret: Return, *, at: datetime, actor: str
) -> None:
    quoted = Money(purchase.quoted_minor, purchase.currency)
    if quoted and quoted != price and payer_at(purchase.created_at) == MERCHANT:
        Event.record(
            "return.label_price_differs",
            actor=actor,
            at=at,
            ret=ret,
            quoted=str(quoted),
            billed=str(price),
        )


def _move_on(
    ret: Return, label: Label, *, clash: bool, voided: bool, at: datetime, actor: str
) -> None:
    if label.void != Label.Void.NONE:
        post("void_label", merchant_id=label.merchant_id, label_id=label.pk)
        if clash or voided:
            words = DUPLICATE if clash else VOIDED_THERE
            fail_carrier(ret, words, code="duplicate" if clash else "voided", at=at, actor=actor)
        return
    if ret.may("carrier", CarrierState.LABEL_READY.value):
        ret.move(carrier=CarrierState.LABEL_READY.value)
    post("store_label", merchant_id=label.merchant_id, label_id=label.pk)


def write_refused(
    purchase: LabelPurchase, *, code: str, words: str, at: datetime, actor: str, was: str = "buying"
) -> bool:
    """Nothing was bought here and nothing will be: the money is free again.

    The next contract that the choice named is asked; when there is none, the desk reads the carrier's words.
    """
    ret = Return.objects.locked().get(pk=purchase.parcel.ret_id)
    if not _settle(purchase, PurchaseStatus.REFUSED, was=was, at=at):
        return False
    LabelPurchase.objects.filter(pk=purchase.pk).update(error_code=code, error_message=words)
    write_void(purchase, at=at)
    # After a doubt a person decides, and no other carrier is asked meanwhile or instead.
    if was == PurchaseStatus.BUYING and (
        ask_next(purchase, ret, words=words, at=at, actor=actor)
        or print_instead(purchase, ret, words=words, at=at, actor=actor)
    ):
        return True
    fail_carrier(ret, words, code=code, at=at, actor=actor)
    return True


def write_unknown(purchase: LabelPurchase, *, code: str, words: str, at: datetime) -> bool:
    """The label may exist and no machine can say: the purchase waits for a person."""
    ret = Return.objects.locked().get(pk=purchase.parcel.ret_id)
    moved = LabelPurchase.objects.filter(pk=purchase.pk, status=PurchaseStatus.BUYING.value).update(
        status=PurchaseStatus.UNKNOWN.value, error_code=code, error_message=words
    )
    if not moved:
        return False
    ret.carrier_problem = words
    ret.save(update_fields=["carrier_problem", "updated_at"])
    Event.record(
        "return.label_unknown", actor="clock", at=at, ret=ret, purchase=purchase.pk, words=words
    )
    return True


def note_failure(purchase: LabelPurchase, *, code: str, words: str, undo_asked: bool) -> None:
    """Remember why a try failed. ``undo_asked``: this try was the first and certainly created nothing."""
    changes: dict[str, Any] = {"error_code": code, "error_message": words}
    if undo_asked:
        changes["asked_at"] = None
    LabelPurchase.objects.filter(pk=purchase.pk, status=PurchaseStatus.BUYING.value).update(
        **changes
    )


def ask_void(label: Label, ret: Return, *, at: datetime, actor: str) -> bool:
    """Say on the label that it is to be given back, and post the task; False when that was said before.

    The caller holds the lock of ``ret``. Written on the label, so that the sweeper finds it whatever happens to
    the task.
    """
    asked = Label.objects.filter(pk=label.pk, void=Label.Void.NONE.value).update(
        void=Label.Void.REQUESTED.value, void_requested_at=at
    )
    if not asked:
        return False
    Event.record(
        "return.label_void_asked",
        actor=actor,
        at=at,
        ret=ret,
        label=label.pk,
        tracking_number=label.tracking_number,
    )
    post("void_label", merchant_id=label.merchant_id, label_id=label.pk)
    return True


def write_voided(label: Label, *, words: str, at: datetime, actor: str) -> bool:
    """The carrier took the label back: label and purchase voided, charge credited. False when it was before."""
    ret = Return.objects.locked().get(pk=label.parcel.ret_id)
    voided = Label.objects.filter(pk=label.pk, voided_at=None).update(
        void=Label.Void.VOIDED.value,
        void_waits_since=None,
        voided_at=at,
        void_message=words[:300],
    )
    if not voided:
        return False
    mark("void.label")
    LabelPurchase.objects.filter(pk=label.purchase_id).update(status=PurchaseStatus.VOIDED.value)
    Charge.objects.filter(label=label, credited_at=None).update(credited_at=at)
    mark("void.charge")
    if not write_credit(label.purchase, at=at):
        write_void(label.purchase, at=at)
    mark("void.ledger")
    Parcel.objects.filter(pk=label.parcel_id).update(next_poll_at=None)
    _leave_without_label(ret)
    Event.record(
        "return.label_voided",
        actor=actor,
        at=at,
        ret=ret,
        label=label.pk,
        tracking_number=label.tracking_number,
        **_amount(label.purchase, Money(label.price_minor, label.currency)),
    )
    follow_parcels(ret, at=at, actor=actor)  # of several boxes the others may all have arrived
    return True


def _leave_without_label(ret: Return) -> None:
    """A return that goes on after its last label was given back waits for a new one, as after a refusal."""
    if not is_wanted(ret) or ret.carrier != CarrierState.LABEL_READY:
        return
    if label_in_hand(ret) or label_on_its_way(ret):
        return
    ret.move(
        carrier=CarrierState.LABEL_PENDING.value
    )  # there is no direct way from paper to failure
    ret.move(save=False, carrier=CarrierState.FAILED.value)
    ret.carrier_problem = GIVEN_BACK
    ret.save(update_fields=["carrier", "carrier_problem", "updated_at"])


def write_void_refused(label: Label, *, words: str, at: datetime, actor: str) -> bool:
    """The carrier keeps the label: it stays, with the carrier's words. False when nobody waits for an answer."""
    ret = Return.objects.locked().get(pk=label.parcel.ret_id)
    refused = Label.objects.filter(pk=label.pk, void=Label.Void.REQUESTED.value).update(
        void=Label.Void.REFUSED.value, void_message=words[:300], void_waits_since=None
    )
    if refused:
        Event.record(
            "return.label_void_refused", actor=actor, at=at, ret=ret, label=label.pk, words=words
        )
    return bool(refused)


def write_void_waits(label: Label, *, words: str, at: datetime, actor: str) -> bool:
    """The carrier will decide later: nothing is credited until it has. False when that was known already."""
    ret = Return.objects.locked().get(pk=label.parcel.ret_id)
    asked = Label.objects.filter(pk=label.pk, void=Label.Void.REQUESTED.value)
    # The sweeper asks again an hour after the last answer.
    if not asked.update(void_message=words[:300], void_requested_at=at):
        return False
    if not asked.filter(void_waits_since=None).update(void_waits_since=at):
        return False
    Event.record(
        "return.label_void_waits", actor=actor, at=at, ret=ret, label=label.pk, words=words
    )
    return True
