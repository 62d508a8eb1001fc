"""Step 6: the money goes back."""

from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.db.models import Sum

from rientro.kit.crash_points import mark
from rientro.kit.errors import Kind, RientroError
from rientro.kit.money import Money
from rientro.kit.sentences import Sentence
from rientro.models.events import Event
from rientro.models.ledger import write_refund
from rientro.models.money import Refund
from rientro.models.returns import Return, ReturnItem
from rientro.policy.lifecycle import Approval, Inspection, Settlement
from rientro.policy.refund import Units, ceiling


class BadRefund(RientroError):
    """An amount or a kind that cannot be paid back."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_refund"


class NotRefundable(RientroError):
    """The return is not approved, or closed."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "not_refundable"


@transaction.atomic
def refund_return(
    *, ret: Return, amount_minor: int, kind: str, actor: str, now: datetime
) -> Refund | None:
    """Record that ``amount_minor`` went back to the shopper, in the return's currency.

    All refunds of a return together are never more than the value of what came back less the fee. An amount
    of zero closes the return without money and gives None. Raises BadRefund and NotRefundable; nothing is
    written then. Moves no money itself: no shop is asked.
    """
    ret = Return.objects.locked().get(pk=ret.pk)
    _stop_unless_payable(ret, kind)
    if amount_minor == 0:
        _close(ret, actor=actor, now=now)
        return None
    left = still_payable(ret)
    if not 0 < amount_minor <= left.minor:
        raise BadRefund(
            Sentence("At most %(left)s can still go back.", left=left), most_minor=left.minor
        )
    refund = Refund.objects.create(
        ret=ret,
        kind=kind,
        amount_minor=amount_minor,
        currency=ret.currency,
        state=Refund.State.PAID.value,
        actor=actor,
        created_at=now,
        paid_at=now,
    )
    mark("refund.row")
    write_refund(refund, number=ret.number, at=now)
    mark("refund.ledger")
    if ret.settlement != Settlement.REFUNDED:
        ret.move(save=False, settlement=Settlement.REFUNDED.value)
    ret.closed_at = now
    ret.save(update_fields=["settlement", "closed_at", "updated_at"])
    Event.record(
        "return.refunded",
        actor=actor,
        at=now,
        ret=ret,
        amount_minor=amount_minor,
        currency=ret.currency,
        kind=kind,
    )
    mark("refund.event")
    return refund


def _stop_unless_payable(ret: Return, kind: str) -> None:
    if kind not in Return.RefundType.values:
        raise BadRefund("Choose how the money goes back.")
    if ret.approval != Approval.APPROVED:
        raise NotRefundable("Only an approved return is paid back.", approval=ret.approval)
    if ret.settlement == Settlement.CLOSED:
        raise NotRefundable("This return is closed.", settlement=ret.settlement)


def still_payable(ret: Return) -> Money:
    """What may still go back for ``ret``: the ceiling less what has gone back."""
    counted = ret.inspection != Inspection.PENDING
    items = [
        Units(
            price=Money(item.price_minor, ret.currency),
            sent=item.quantity,
            received=item.received_quantity if counted else None,
        )
        for item in ReturnItem.objects.filter(ret=ret)
    ]
    paid = Refund.objects.filter(ret=ret).exclude(state=Refund.State.FAILED.value)
    gone = paid.aggregate(sum=Sum("amount_minor", default=0))["sum"]
    most = ceiling(items, fee=ret.money("fee"))
    return Money(max(most.minor - gone, 0), ret.currency)


def _close(ret: Return, *, actor: str, now: datetime) -> None:
    ret.move(save=False, settlement=Settlement.CLOSED.value)
    ret.closed_at = ret.closed_at or now
    ret.save(update_fields=["settlement", "closed_at", "updated_at"])
    Event.record("return.closed", actor=actor, at=now, ret=ret)
