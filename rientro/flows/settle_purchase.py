"""The desk of unknown purchases: a person has asked the carrier, and says what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.carriers.registry import charged_on
from rientro.documents.carrier_pdf import CarrierPdfRefused, cleaned
from rientro.kit.errors import Kind, RientroError
from rientro.kit.money import Money
from rientro.kit.sentences import Sentence
from rientro.models.documents import StoredDocument
from rientro.models.events import Event
from rientro.models.parcels import LabelPurchase, Parcel
from rientro.models.purchase_outcomes import UPLOAD, Bill, write_bought, write_refused
from rientro.models.purchasing import intend_label, is_wanted
from rientro.models.returns import Return
from rientro.policy.lifecycle import PurchaseStatus

NOT_BOUGHT = "The carrier has no such label. Ask for a new one."
BAD_PAPER = Sentence(
    "This is no PDF that can be used: at most 5 MB and 20 pages, without a password."
)


class NothingToSettle(RientroError):
    """This purchase is not waiting for a person."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "nothing_to_settle"


class BadSettlement(RientroError):
    """What was typed cannot be a label."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_settlement"


@dataclass(frozen=True, slots=True, kw_only=True)
class WasBought:
    """The carrier has the label: its number and what it costs, as the carrier shows them.

    ``price`` None: its invoice will tell. ``document`` is the label's PDF, where the person has it; else the paper
    is drawn or fetched as for any label.
    """

    tracking_number: str
    price: Money | None
    carrier_reference: str = ""
    document: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBought:
    """The carrier has no such label and will send no bill. ``again``: ask for a new one at once."""

    again: bool = False


def settle_purchase(
    *, purchase: LabelPurchase, outcome: WasBought | NotBought, actor: str, now: datetime
) -> LabelPurchase:
    """Write down what a person found out about an `unknown` purchase, and who that was.

    Bought: label, ledger and charge are written as if the carrier had answered. Not bought: the money is free, and
    the return waits for a new label, which is asked for where ``again`` says so. Raises NothingToSettle and
    BadSettlement; nothing is written then. Asks no carrier.
    """
    paper = _paper(outcome)
    with transaction.atomic():
        return _settle(purchase, outcome, paper, actor=actor, now=now)


def _paper(outcome: WasBought | NotBought) -> bytes:
    """The uploaded PDF, made harmless before anything is locked."""
    if not isinstance(outcome, WasBought) or not outcome.document:
        return b""
    try:
        return cleaned(outcome.document)
    except CarrierPdfRefused as error:
        raise BadSettlement(BAD_PAPER, field="document") from error


def _settle(
    purchase: LabelPurchase,
    outcome: WasBought | NotBought,
    paper: bytes,
    *,
    actor: str,
    now: datetime,
) -> LabelPurchase:
    purchase = LabelPurchase.objects.select_related("account", "parcel").get(pk=purchase.pk)
    unknown = PurchaseStatus.UNKNOWN.value
    if isinstance(outcome, WasBought):
        bill = _bill(outcome, purchase, paper)
        done = write_bought(purchase, bill, at=now, actor=actor, was=unknown) is not None
    else:
        done = write_refused(
            purchase, code="not_bought", words=NOT_BOUGHT, at=now, actor=actor, was=unknown
        )
    if not done:
        raise NothingToSettle("This purchase has been settled already.", status=purchase.status)
    LabelPurchase.objects.filter(pk=purchase.pk).update(settled_by=actor)
    ret = Return.objects.locked().get(pk=purchase.parcel.ret_id)
    said = "bought" if isinstance(outcome, WasBought) else "not_bought"
    Event.record(
        "return.label_settled", actor=actor, at=now, ret=ret, purchase=purchase.pk, outcome=said
    )
    if isinstance(outcome, NotBought) and outcome.again and is_wanted(ret):
        intend_label(ret, at=now, actor=actor)
    purchase.refresh_from_db()
    return purchase


def _bill(outcome: WasBought, purchase: LabelPurchase, paper: bytes) -> Bill:
    number = "".join(outcome.tracking_number.split())
    if not number or len(number) > 80:
        raise BadSettlement(
            "Enter the tracking number as the carrier shows it.", field="tracking_number"
        )
    if outcome.price is not None and outcome.price.minor < 0:
        raise BadSettlement("A price cannot be less than nothing.", field="price")
    taken = Parcel.objects.filter(
        carrier_code=purchase.account.carrier, tracking_number=number
    ).exclude(pk=purchase.parcel_id)
    if taken.exists():
        # A carrier that says so is believed and the label voided; a person has mistyped.
        raise BadSettlement("Another parcel has this tracking number.", field="tracking_number")
    return Bill(
        carrier_reference=outcome.carrier_reference.strip()[:120] or number,
        tracking_number=number,
        price=outcome.price or Money(purchase.quoted_minor, purchase.currency),
        priced=outcome.price is not None,
        charged_on=charged_on(purchase.account.carrier),
        facts={UPLOAD: _kept(paper, number)} if paper else {},
    )


def _kept(paper: bytes, number: str) -> int:
    name = f"{number}.pdf"
    return StoredDocument.objects.keep(paper, content_type="application/pdf", name=name).pk
