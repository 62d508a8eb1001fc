"""The intent to buy a label: written, with its money set aside, before any carrier hears of it."""

from datetime import datetime
from typing import Any

from django.db.models import F, Max, Q

from rientro.kit.crash_points import mark
from rientro.kit.ids import new_code
from rientro.kit.money import LARGEST_MINOR, Money
from rientro.kit.queue import post
from rientro.kit.sentences import Sentence
from rientro.models.events import Event
from rientro.models.ledger import write_pending, write_void
from rientro.models.parcels import CarrierAccount, LabelPurchase, Parcel
from rientro.models.returns import Return, ReturnItem
from rientro.policy.carrier_choice import ContractFacts, choose, limits_of
from rientro.policy.customs import crosses_customs
from rientro.policy.lifecycle import DEAD, CarrierState, PurchaseStatus

LIVE = [
    status.value
    for status in (PurchaseStatus.BUYING, PurchaseStatus.BOUGHT, PurchaseStatus.UNKNOWN)
]
WEIGHT_G = 1000  # of items without weights, unless the account has its own `default_weight_g`
NO_FIT = Sentence(
    "None of the connected carriers takes this parcel. Look at their countries, their weights and which one is "
    "the default under Settings › Carriers, then ask for the label again."
)
NO_ACCOUNT = Sentence(
    "No carrier is connected. Connect one under Settings › Carriers, then ask for the label again."
)


def intend_label(ret: Return, *, at: datetime, actor: str = "clock") -> LabelPurchase | None:
    """Write the intent to buy one label for ``ret`` and post the task that buys it.

    Parcel, purchase, pending ledger entry, event and task join the caller's transaction, which holds the lock
    of ``ret``. Without a carrier account nothing is bought: the return's carrier becomes ``failed`` with words
    for the desk, and None comes back. Calls no carrier.
    """
    if ret.carrier != CarrierState.LABEL_PENDING:
        ret.move(carrier=CarrierState.LABEL_PENDING.value)
    account, why = account_for(ret)
    ret.carrier_problem = "" if account else _words_without_account()
    ret.trace = ret.trace | {"carrier": why}
    ret.save(update_fields=["carrier_problem", "trace", "updated_at"])
    if account is None:
        fail_carrier(ret, ret.carrier_problem, code="no_carrier", at=at, actor=actor)
        return None
    parcel = _parcel(ret, account, at=at)
    mark("intend.parcel")
    request = request_words(ret, parcel, account)
    price = quoted(account, request)
    purchase = LabelPurchase.objects.create(
        parcel=parcel,
        account=account,
        reference=request["reference"],
        service=request["service"],
        request=request,
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


def account_for(ret: Return) -> tuple[CarrierAccount | None, dict[str, Any]]:
    """The contract that buys the label, and the trace of why: policy.carrier_choice says which."""
    living = {row.pk: row for row in CarrierAccount.objects.filter(deleted_at=None).order_by("pk")}
    asked = living.get(_asked(ret).get("contract_id", 0))
    if asked is not None:
        return asked, {"rule": "carrier", "why": "asked", "contract_id": asked.pk}
    found = choose(
        [_contract_facts(row) for row in living.values()],
        brand_id=ret.brand_id,
        origin=ret.from_country,
        weight_g=_items_weight_g(ret),
    )
    return (None if found.contract_id is None else living[found.contract_id]), found.trace


def _asked(ret: Return) -> dict[str, Any]:
    """The contract and service that a machine asked for by name; empty for everybody else."""
    asked: dict[str, Any] = ret.trace.get("asked") or {}
    return asked


def _contract_facts(account: CarrierAccount) -> ContractFacts:
    brands, countries, max_weight_g = limits_of(account.settings)
    return ContractFacts(
        id=account.pk,
        carrier=account.carrier,
        is_default=account.is_default,
        working=account.state != CarrierAccount.State.BROKEN.value,
        brands=brands,
        countries=countries,
        max_weight_g=max_weight_g,
    )


def _words_without_account() -> str:
    return NO_FIT if CarrierAccount.objects.filter(deleted_at=None).exists() else NO_ACCOUNT


def _parcel(ret: Return, account: CarrierAccount, *, at: datetime) -> Parcel:
    """The box as it stands when no label hangs on it, else a new one: a number is never given twice."""
    busy = Q(purchases__status__in=LIVE) | ~Q(tracking_number="")
    free = Parcel.objects.filter(ret=ret).exclude(busy).order_by("position").first()
    if free is not None:
        if not free.weight_g:  # told without a weight
            free.weight_g = _weight_g(ret, account)
            free.save(update_fields=["weight_g"])
        return free
    last = Parcel.objects.filter(ret=ret).aggregate(last=Max("position", default=0))["last"]
    return Parcel.objects.create(
        ret=ret, position=last + 1, weight_g=_weight_g(ret, account), created_at=at
    )


def _weight_g(ret: Return, account: CarrierAccount) -> int:
    return _items_weight_g(ret) or _whole(account.settings.get("default_weight_g")) or WEIGHT_G


def _items_weight_g(ret: Return) -> int:
    if ret.order.standalone and ret.order.weight_g:
        return ret.order.weight_g  # the whole parcel, as the machine that announced it said
    items = ReturnItem.objects.filter(ret=ret).select_related("order_line")
    return sum(item.order_line.weight_g * item.quantity for item in items)


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
        "service": _asked(ret).get("service") or account.service,
        "want": "pdf",
        "labelless": False,
        "outbound_tracking_number": ret.order.outbound_tracking_number,
        "description": f"Return {ret.number}",
        "customs": _customs(ret),
        "pickup_on": None,
    }


def _customs(ret: Return) -> dict[str, Any] | None:
    if not crosses_customs(ret.from_country, ret.to_address.country):
        return None
    items = ReturnItem.objects.filter(ret=ret).select_related("order_line").order_by("pk")
    return {
        "currency": ret.currency,
        "contents": "returned_goods",
        "invoice_number": str(ret.order.facts.get("customs_invoice_number") or ret.order.number),
        "items": [
            {
                "description": item.order_line.name[:100],
                "quantity": item.quantity,
                "value_minor": item.price_minor,
                "weight_g": item.order_line.weight_g,
                "hs_code": item.order_line.hs_code,
                "origin_country": item.order_line.origin_country,
                "sku": item.order_line.sku,
            }
            for item in items
        ],
    }


def quoted(account: CarrierAccount, request: dict[str, Any]) -> Money:
    """What the account's own price list says; zero of its currency when it does not know.

    ``settings.prices`` is {"IT-DE": 795, "DE": 650, "*": 895} in minor units of ``settings.currency``.
    """
    prices = account.settings.get("prices")
    prices = prices if isinstance(prices, dict) else {}
    currency = str(account.settings.get("currency") or "EUR")[:3]
    origin, destination = request["sender"]["country"], request["receiver"]["country"]
    for lane in (f"{origin}-{destination}", origin, "*"):
        if lane in prices:
            return Money(_whole(prices[lane]), currency)
    return Money(0, currency)


def _whole(told: object) -> int:
    """A number as somebody typed it into the settings; odd values are nothing, never an error for a shopper."""
    word = str(told or "")
    return (
        min(int(word), LARGEST_MINOR) if word.isascii() and word.isdigit() and len(word) < 18 else 0
    )


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
    """Say on the return that it has no label, and why. The caller holds the return's lock."""
    if is_wanted(ret) and ret.may("carrier", CarrierState.FAILED.value):
        ret.move(save=False, carrier=CarrierState.FAILED.value)
    ret.carrier_problem = words
    ret.save(update_fields=["carrier", "carrier_problem", "updated_at"])
    Event.record("return.label_failed", actor=actor, at=at, ret=ret, code=code, words=words)
