"""Wait for a label while a client holds the line: the same purchase as in the background, asked for now."""

import time
from typing import ClassVar

from django.db import transaction

from rientro.api.errors import Problem, Refused
from rientro.flows.buy_label import AccountOnHold, LabelBusy, NotNow, buy_label
from rientro.flows.cancel_return import cancel_return
from rientro.flows.store_label import store_label
from rientro.kit import clock
from rientro.kit.errors import RientroError
from rientro.models import Label, LabelPurchase, Return
from rientro.policy.lifecycle import Approval, CarrierState, PurchaseStatus
from rientro.policy.return_methods import buys_label

LONGEST_PAUSE_S = 1.0
NEVER_NOW = float("inf")
CUSTOMS_WANTED = "This parcel crosses a customs border: each item needs an HS code, a country of origin and a weight."


class Refusal(Refused):
    """The carrier, or the lack of one, says no."""

    code: ClassVar[str] = "parcel_announcement_error"

    def __init__(self, words: str) -> None:
        problem = Problem(detail=words, code="parcel_announcement_error")
        super().__init__(words, problems=[problem])


def wait_for_label(ret: Return, *, actor: str, until: float, cancels: bool = True) -> None:
    """Buy the label of each parcel of ``ret``, or see it bought, by ``until`` on the monotonic clock.

    Raises Refusal when there will be no label, after cancelling the return if ``cancels``. Time that runs out is no
    refusal: the task that was posted with the return goes on.
    """
    if not buys_label(ret.method):
        return
    while True:
        with transaction.atomic():
            purchases = _purchases(ret)
            refused = _words_of_a_refusal(ret)
        if refused:
            if cancels:
                cancel_return(ret=ret, actor=actor, now=clock.now())
            raise Refusal(refused)
        buying = [one for one in purchases if one.status == PurchaseStatus.BUYING]
        if not buying:
            break
        waits = [wait for one in buying if (wait := _try(one)) is not None]
        if len(waits) < len(buying):
            continue
        if time.monotonic() + min(waits) >= until:
            return
        time.sleep(min(waits))
    for purchase in purchases:
        _draw(purchase)


def _try(purchase: LabelPurchase) -> float | None:
    """Ask the carrier; None when something was decided, else seconds until looking again is of use."""
    try:
        bought = buy_label(purchase=purchase, now=clock.now())
    except LabelBusy:
        return 0.2  # the worker was faster
    except NotNow as error:
        return min(LONGEST_PAUSE_S, float(str(error.facts.get("retry_after_s") or 1)))
    except AccountOnHold:
        return NEVER_NOW  # the label comes when the credentials are mended
    return LONGEST_PAUSE_S if bought.status == PurchaseStatus.BUYING else None


def _purchases(ret: Return) -> list[LabelPurchase]:
    """What was asked for last, one purchase for each parcel that there is to be."""
    parcels = ret.parcels.values_list("pk", flat=True)
    rows = ret.merchant.label_purchases.filter(parcel__in=list(parcels))
    newest: dict[int, LabelPurchase] = {}
    for purchase in rows.select_related("parcel", "account").order_by("-pk"):
        newest.setdefault(purchase.parcel_id, purchase)
    return sorted(newest.values(), key=lambda one: -one.pk)[: ret.parcel_count]


def _words_of_a_refusal(ret: Return) -> str:
    ret.refresh_from_db()
    if ret.approval == Approval.CANCELLED:
        return ""
    if ret.customs_wanted_at and ret.carrier == CarrierState.LABEL_PENDING:
        return CUSTOMS_WANTED
    return ret.carrier_problem if ret.carrier == CarrierState.FAILED else ""


def _draw(purchase: LabelPurchase) -> None:
    """The paper too, so that the client can fetch it next; the worker draws what cannot be drawn now."""
    with transaction.atomic():
        label: Label | None = purchase.labels.filter(voided_at=None).first()
    if label is None or label.pdf_a6_id is not None:
        return
    try:
        store_label(label=label, now=clock.now())
    except RientroError:
        return
