"""The intent to buy a label: written, with its money set aside, before any carrier hears of it."""

from datetime import datetime
from typing import Any

from django.db.models import F

from rientro.kit.crash_points import mark
from rientro.kit.ids import new_code
from rientro.kit.money import Money
from rientro.kit.queue import post
from rientro.kit.sentences import Sentence
from rientro.models.boxes import boxes_to_label, label_in_hand, label_on_its_way, lacking
from rientro.models.choosing import choose_contract
from rientro.models.customs import declared, hold_for_customs
from rientro.models.events import Event
from rientro.models.ledger import write_pending, write_void
from rientro.models.parcels import CarrierAccount, LabelPurchase, Parcel
from rientro.models.pickups import keep_pickup_ahead
from rientro.models.printed import make_printed
from rientro.models.returns import Return
from rientro.policy.account_prices import price_of, whole
from rientro.policy.lifecycle import DEAD, CarrierState, PurchaseStatus

WEIGHT_G = 1000  # of items without weights, unless the account has its own `default_weight_g`
NO_FIT = Sentence(
    "None of the connected carriers takes this parcel. Look at their countries, their weights and which one is "
    "the default under Settings › Carriers, then ask for the label again."
)
NO_ACCOUNT = Sentence(
    "No carrier is connected. Connect one under Settings › Carriers, then ask for the label again."
)


def intend_label(
    ret: Return, *, at: datetime, actor: str = "clock", boxes: int | Parcel | None = None
) -> LabelPurchase | None:
    """Write the intent to buy a label for each parcel of ``ret`` that lacks one, and post the tasks that buy them.

    ``boxes``: for so many of them only, or for this parcel alone, which has no label. A box whose carrier kept
    its label counts as lacking, and only a person who asks for it pays for another.

    Parcels, purchases, pending ledger entries, events and tasks join the caller's transaction, which holds the
    lock of ``ret``; the first purchase comes back. Without a carrier account nothing is bought: the return's
    carrier becomes ``failed`` with words for the desk, and None comes back; also while customs data is missing,
    which the desk is asked for, and where no parcel lacks a label. Calls no carrier.
    """
    wanted = 1 if isinstance(boxes, Parcel) else boxes
    missing = lacking(ret) if wanted is None else min(wanted, lacking(ret))
    if not missing:
        return None
    if ret.carrier != CarrierState.LABEL_PENDING and not label_in_hand(ret):
        ret.move(carrier=CarrierState.LABEL_PENDING.value)
    keep_pickup_ahead(ret, at=at, actor=actor)
    if hold_for_customs(ret, at=at, actor=actor):
        return None
    chosen = choose_contract(ret, at=at)
    if chosen.account is None and ret.method == Return.Method.LABELLESS.value:
        make_printed(ret)  # no contract gives codes any more, and nothing has been bought
        chosen = choose_contract(ret, at=at)
    account = chosen.account
    ret.carrier_problem = "" if account else _words_without_account()
    ret.trace = ret.trace | {"carrier": chosen.trace}
    ret.save(update_fields=["carrier_problem", "trace", "updated_at"])
    if account is None:
        fail_carrier(ret, ret.carrier_problem, code="no_carrier", at=at, actor=actor)
        return None
    usual_g = whole(account.settings.get("default_weight_g")) or WEIGHT_G
    parcels = (
        [boxes]
        if isinstance(boxes, Parcel)
        else boxes_to_label(ret, missing=missing, usual_g=usual_g, at=at)
    )
    mark("intend.parcel")
    made = [
        write_intent(
            ret, parcel, account, service=chosen.service, others=chosen.others, at=at, actor=actor
        )
        for parcel in parcels
    ]
    return made[0]


def write_intent(
    ret: Return,
    parcel: Parcel,
    account: CarrierAccount,
    *,
    service: str,
    others: list[dict[str, Any]],
    at: datetime,
    actor: str,
) -> LabelPurchase:
    """One purchase of ``parcel``'s label from ``account``, with its money, event and task.

    Empty ``service``: the account's own.
    """
    request = request_words(ret, parcel, account) | {"service": service or account.service}
    price = quoted(account, request)
    purchase = LabelPurchase.objects.create(
        parcel=parcel,
        account=account,
        reference=request["reference"],
        service=request["service"],
        request=request,
        others=others,
        quoted_minor=price.minor,
        currency=price.currency,
        created_at=at,
    )
    mark("intend.purchase")
    write_pending(purchase, at=at)
    mark("intend.ledger")
    Event.record(
        "return.label_asked",
        actor=actor,
        at=at,
        ret=ret,
        purchase=purchase.pk,
        carrier=account.carrier,
    )
    mark("intend.event")
    post("buy_label", merchant_id=purchase.merchant_id, purchase_id=purchase.pk)
    mark("intend.task")
    return purchase


def _words_without_account() -> str:
    return NO_FIT if CarrierAccount.objects.filter(deleted_at=None).exists() else NO_ACCOUNT


# What the carrier will be asked, in the words of carriers.base.LabelRequest.to_json


def request_words(ret: Return, parcel: Parcel, account: CarrierAccount) -> dict[str, Any]:
    """The LabelRequest of this purchase as JSON values, with a reference nobody used before."""
    to = ret.to_address
    return {
        "reference": f"{ret.number}-{new_code(8)}",
        "sender": {
            "name": ret.from_name,
            "company": ret.from_company,
            "street": ret.from_street,
            "house_number": ret.from_house_number,
            "address_2": ret.from_address_2,
            "postal_code": ret.from_postal_code,
            "city": ret.from_city,
            "state": ret.from_state,
            "country": ret.from_country,
            "email": ret.from_email,
            "phone": ret.from_phone,
        },
        "receiver": {
            "name": to.contact_name or to.company,
            "company": to.company,
            "street": to.street,
            "house_number": to.house_number,
            "address_2": to.address_2,
            "postal_code": to.postal_code,
            "city": to.city,
            "state": to.state,
            "country": to.country,
            "email": to.email,
            "phone": to.phone,
        },
        "parcel": {
            "weight_g": parcel.weight_g,
            "length_mm": parcel.length_mm,
            "width_mm": parcel.width_mm,
            "height_mm": parcel.height_mm,
        },
        "service": account.service,
        "want": "pdf",
        "labelless": ret.method == Return.Method.LABELLESS.value,
        "outbound_tracking_number": ret.order.outbound_tracking_number,
        "description": f"Return {ret.number}",
        "customs": declared(ret, parcel.contents),
        "pickup_on": ret.pickup_on.isoformat() if ret.pickup_on else None,
    }


def quoted(account: CarrierAccount, request: dict[str, Any]) -> Money:
    """What the account's own price list says; zero of its currency when it does not know."""
    return price_of(account.settings, request["sender"]["country"], request["receiver"]["country"])


# Moves of the intent


def claim_asking(purchase: LabelPurchase, *, at: datetime) -> bool:
    """Write that the carrier is about to be asked. False when the purchase is not to be made any more.

    One conditional UPDATE: a cancellation and a buyer wait for each other on this row, and one of them wins.
    """
    won = LabelPurchase.objects.filter(pk=purchase.pk, status=PurchaseStatus.BUYING.value).update(
        asked_at=at, attempts=F("attempts") + 1
    )
    return bool(won)


def abandon_unasked(ret: Return, *, at: datetime) -> int:
    """Abandon the purchases of ``ret`` that no carrier was asked about; says how many."""
    waiting = LabelPurchase.objects.filter(
        parcel__ret=ret, status=PurchaseStatus.BUYING.value, asked_at=None
    ).select_related("parcel")
    return sum(abandon(purchase, at=at, asked=False) for purchase in waiting)


def abandon(purchase: LabelPurchase, *, at: datetime, asked: bool) -> bool:
    """Give the purchase up and free its money; ``asked`` when the carrier is known to have created nothing."""
    still = LabelPurchase.objects.filter(pk=purchase.pk, status=PurchaseStatus.BUYING.value)
    if not asked:
        still = still.filter(asked_at=None)
    if not still.update(status=PurchaseStatus.ABANDONED.value, settled_at=at):
        return False
    write_void(purchase, at=at)
    return True


def is_wanted(ret: Return) -> bool:
    """Is a label still of use to this return?"""
    return ret.approval not in DEAD


def fail_carrier(ret: Return, words: str, *, code: str, at: datetime, actor: str) -> None:
    """Say on the return that it lacks a label, and why. The caller holds the return's lock.

    It has failed only when no other parcel of it has a label or is getting one.
    """
    alone = not (label_in_hand(ret) or label_on_its_way(ret))
    if alone and is_wanted(ret) and ret.may("carrier", CarrierState.FAILED.value):
        ret.move(save=False, carrier=CarrierState.FAILED.value)
    ret.carrier_problem = words
    ret.save(update_fields=["carrier", "carrier_problem", "updated_at"])
    Event.record("return.label_failed", actor=actor, at=at, ret=ret, code=code, words=words)
