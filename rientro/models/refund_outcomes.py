"""What is written when money really went back to a shopper, or when it did not."""

from datetime import datetime
from typing import Any

from rientro.kit.crash_points import mark
from rientro.kit.money import Money
from rientro.models.events import Event
from rientro.models.ledger import write_refund
from rientro.models.money import Refund
from rientro.models.returns import Return
from rientro.policy.lifecycle import Settlement

PENDING, PAID, FAILED = (state.value for state in Refund.State)


def facts_of(refund: Refund) -> dict[str, Any]:
    """What every event about ``refund`` says."""
    facts: dict[str, Any] = {
        "refund": refund.pk,
        "amount_minor": refund.amount_minor,
        "currency": refund.currency,
        "kind": refund.kind,
    }
    if refund.method:
        facts["method"] = refund.method
    if refund.shipping_minor:
        facts["shipping_minor"] = refund.shipping_minor
    return facts


def write_paid(
    refund: Refund,
    *,
    at: datetime,
    actor: str,
    paid: Money | None = None,
    reference: str = "",
    code: str = "",
) -> bool:
    """The money went: the refund, its ledger entry, the return and the event. False when that was written before.

    ``paid`` is what the shop says that it paid, which is what the books say then.
    """
    ret = Return.objects.locked().get(pk=refund.ret_id)
    row = Refund.objects.locked().get(pk=refund.pk)
    if row.state != PENDING:
        return False
    if paid and paid.currency == row.currency:
        row.amount_minor = paid.minor
        row.shipping_minor = min(row.shipping_minor, paid.minor)
    row.state, row.paid_at, row.reference, row.code = PAID, at, reference[:120], code[:120]
    row.save()
    mark("refund.row")
    write_refund(row, number=ret.number, at=at)
    mark("refund.ledger")
    if ret.settlement != Settlement.REFUNDED:
        ret.move(save=False, settlement=Settlement.REFUNDED.value)
    ret.closed_at = at
    ret.save(update_fields=["settlement", "closed_at", "updated_at"])
    Event.record("return.refunded", actor=actor, at=at, ret=ret, **facts_of(row))
    mark("refund.event")
    return True


def write_failed(refund: Refund, *, words: str, at: datetime, actor: str) -> bool:
    """Nothing went and nothing will: the return is open for another amount. False when it was settled before."""
    ret = Return.objects.locked().get(pk=refund.ret_id)
    failed = Refund.objects.filter(pk=refund.pk, state=PENDING).update(state=FAILED)
    if not failed:
        return False
    if ret.settlement == Settlement.PROMISED:
        ret.move(settlement=Settlement.OPEN.value)
    Event.record(
        "return.refund_failed", actor=actor, at=at, ret=ret, words=words, **facts_of(refund)
    )
    return True
