"""The desk of unknown purchases: a person has asked the carrier, and says what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from rientro.carriers.registry import charged_on
from rientro.kit.errors import Kind, RientroError
from rientro.kit.money import Money
from rientro.models.parcels import LabelPurchase
from rientro.models.purchase_outcomes import Bill, write_bought, write_refused
from rientro.policy.lifecycle import PurchaseStatus

NOT_BOUGHT = "The carrier has no such label. Ask for a new one."


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
    """The carrier has the label: its number and what it costs, as the carrier shows them."""

    tracking_number: str
    price: Money
    carrier_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBought:
    """The carrier has no such label and will send no bill."""


@transaction.atomic
def settle_purchase(
    *, purchase: LabelPurchase, outcome: WasBought | NotBought, actor: str, now: datetime
) -> LabelPurchase:
    """Write down what a person found out about an `unknown` purchase.

    Bought: label, ledger and charge are written as if the carrier had answered. Not bought: the money is free
    and the return waits for a new label. Raises NothingToSettle and BadSettlement. Asks no carrier.
    """
    purchase = LabelPurchase.objects.select_related("account", "parcel").get(pk=purchase.pk)
    unknown = PurchaseStatus.UNKNOWN.value
    if isinstance(outcome, WasBought):
        bill = _bill(outcome, charged_on(purchase.account.carrier))
        done = write_bought(purchase, bill, at=now, actor=actor, was=unknown) is not None
    else:
        done = write_refused(
            purchase, code="not_bought", words=NOT_BOUGHT, at=now, actor=actor, was=unknown
        )
    if not done:
        raise NothingToSettle("This purchase has been settled already.", status=purchase.status)
    purchase.refresh_from_db()
    return purchase


def _bill(outcome: WasBought, charged: str) -> Bill:
    number = "".join(outcome.tracking_number.split())
    if not number or len(number) > 80:
        raise BadSettlement("Enter the tracking number as the carrier shows it.")
    if outcome.price.minor < 0:
        raise BadSettlement("A price cannot be less than nothing.")
    return Bill(
        carrier_reference=outcome.carrier_reference.strip()[:120] or number,
        tracking_number=number,
        price=outcome.price,
        charged_on=charged,
    )
