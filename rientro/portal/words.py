"""The sentences of the portal that depend on a decision or a status."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rientro.kit.template_words import day_in
from rientro.models import Return
from rientro.policy.eligibility import Because, Decision
from rientro.policy.lifecycle import Approval, CarrierState, Inspection, Settlement
from rientro.policy.terms import Terms
from rientro.policy.windows import OrderDates, window_of
from rientro.portal.shopfront import Shopfront


def why_not(decision: Decision, front: Shopfront) -> str:
    """One plain sentence: why this line cannot come back, with its date where there is one."""
    because = decision.because
    if because is Because.WINDOW_CLOSED and decision.until is not None:
        ended = day_in(decision.until, width="full")
        return _("The time for returns ended on %(day)s.") % {"day": ended}
    sentences = {
        Because.WINDOW_CLOSED: _("The time for returns is over."),
        Because.WINDOW_NOT_OPEN: _("This order is too new. Come back when it has arrived."),
        Because.FINAL_SALE: _("This item cannot be returned: it was a final sale or made for you."),
        Because.NOTHING_LEFT: _("All of it is in a return already."),
        Because.REMOVED: _("The shop took this item off the order."),
        Because.CANCELLED: _("This order was cancelled."),
        Because.NO_OUTBOUND: _("This shop does not take this order back here."),
        Because.BY_RULE: str(decision.trace.get("words", "")),  # the merchant's own
    }
    return sentences.get(because) or _("This item cannot be returned here.")


def counted(dates: OrderDates, terms: Terms, until: date) -> str:
    """What ``until`` is counted from: the brand's days from what is known, or the law's where it gives more."""
    window = window_of(dates, terms)
    if until > window.ends_on:
        return _("by your legal right to withdraw")
    days, buffer = terms.window_days, terms.order_buffer_days
    if window.basis == "purchase":
        return ngettext("%(n)d day from the purchase", "%(n)d days from the purchase", days) % {
            "n": days
        }
    if window.basis == "delivery":
        return ngettext("%(n)d day from delivery", "%(n)d days from delivery", days) % {"n": days}
    if window.basis == "fulfilment":
        buffer = terms.fulfilment_buffer_days
        said = ngettext("%(n)d day from dispatch", "%(n)d days from dispatch", days)
    else:
        said = ngettext("%(n)d day from the order", "%(n)d days from the order", days)
    said %= {"n": days}
    return _("%(said)s, and %(n)d for the way") % {"said": said, "n": buffer} if buffer else said


def status(ret: Return) -> str:
    """Where a return stands, in two or three words."""
    if ret.approval == Approval.CANCELLED:
        return _("Cancelled")
    if ret.approval == Approval.REJECTED:
        return _("Not accepted")
    if ret.approval == Approval.REQUESTED:
        return _("Waiting for the shop")
    if ret.settlement == Settlement.REFUNDED:
        return _("Refunded")
    if ret.settlement == Settlement.CLOSED:
        return _("Completed")
    if ret.inspection != Inspection.PENDING:
        return _("Checked by the shop")
    return carrier_status(ret)


def carrier_status(ret: Return) -> str:
    """Where the parcel is."""
    if ret.method == Return.Method.IN_STORE and ret.carrier == CarrierState.NONE:
        return _("Bring it to the store")
    if ret.method == Return.Method.SELF_SENT and ret.carrier == CarrierState.NONE:
        return _("To be sent by you")
    return parcel_status(ret.carrier)


def parcel_status(state: str) -> str:
    table = {
        CarrierState.NONE: _("Approved"),
        CarrierState.LABEL_PENDING: _("Label on its way"),
        CarrierState.LABEL_READY: _("Ready to hand in"),
        CarrierState.FAILED: _("Label on its way"),
        CarrierState.HANDED_IN: _("Handed in"),
        CarrierState.IN_TRANSIT: _("On its way"),
        CarrierState.AT_CUSTOMS: _("At customs"),
        CarrierState.DELAYED: _("Delayed"),
        CarrierState.EXCEPTION: _("Needs attention"),
        CarrierState.DELIVERED: _("Arrived"),
        CarrierState.RETURNED_TO_SENDER: _("Coming back to you"),
        CarrierState.LOST: _("Lost on the way"),
    }
    return table[CarrierState(state)]


def refund_to(refund_type: str) -> str:
    """Where the money goes, as a noun."""
    return {
        Return.RefundType.MONEY.value: _("the way you paid"),
        Return.RefundType.CREDIT.value: _("store credit"),
        Return.RefundType.EXCHANGE.value: _("an exchange"),
    }.get(refund_type, "")


def units(number: int) -> str:
    return ngettext("%(number)d item", "%(number)d items", number) % {"number": number}
