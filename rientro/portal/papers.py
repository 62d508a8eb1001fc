"""The label of a return, as far as it is there."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.safestring import SafeString

from rientro.kit.addresses import format_lines
from rientro.kit.template_words import address_of
from rientro.models import Label, Return
from rientro.models.returnable import day_of
from rientro.policy.lifecycle import Approval, CarrierState
from rientro.policy.promises import hand_in_by
from rientro.portal.customs import waits_for_customs
from rientro.portal.shopfront import Shopfront

PATIENCE = timedelta(minutes=3)  # after this the page stops looking: the mail brings it
USABLE = (CarrierState.LABEL_READY, CarrierState.LABEL_PENDING)


@dataclass(frozen=True, slots=True)
class Paper:
    """``is_ready``: it can be downloaded. ``is_coming``: it is worth looking again in a moment."""

    is_wanted: bool
    is_ready: bool
    is_coming: bool
    tracking_number: str
    formats: list[str]
    hand_in_by: date | None
    sender: list[str]
    receiver: list[str]
    bars: SafeString


def paper_of(ret: Return, front: Shopfront) -> Paper:
    """The living label of ``ret``; a return that has left its shopper's hands needs none any more."""
    wanted = (
        ret.method == Return.Method.PRINT_AT_HOME.value
        and ret.approval == Approval.APPROVED
        and ret.carrier in (*USABLE, CarrierState.FAILED)
    )
    label = living_label(ret)
    ready = wanted and label is not None and label.pdf_a4_id is not None
    asked = ret.approved_at or ret.requested_at
    start = label.bought_at if label else asked
    valid = front.settings.label_valid_days
    return Paper(
        is_wanted=wanted,
        is_ready=ready,
        is_coming=wanted
        and not ready
        and not waits_for_customs(ret)
        and front.now - asked < PATIENCE,
        tracking_number=label.tracking_number if label else "",
        formats=[f for f in ("a4", "a6", "zpl") if label and ready and document_id(label, f)],
        hand_in_by=hand_in_by(day_of(start, front.zone), valid_days=valid),
        sender=format_lines(address_of(ret, "from_")) if ready else [],
        receiver=format_lines(address_of(ret.to_address)) if ready else [],
        bars=_bars(label.tracking_number) if label and ready else SafeString(""),
    )


def _bars(number: str) -> SafeString:
    """The real bars, so that nobody is shown a barcode that says nothing."""
    from rientro.documents.barcodes import NoBarcode, code128

    try:
        drawn = code128(number).svg
    except NoBarcode:
        return SafeString("")
    return SafeString(drawn.replace("<svg ", '<svg preserveAspectRatio="none" ', 1))


def living_label(ret: Return) -> Label | None:
    return (
        Label.objects.filter(parcel__ret=ret, void=Label.Void.NONE.value)
        .order_by("-bought_at", "-pk")
        .first()
    )


def document_id(label: Label, wanted: str) -> int | None:
    """The stored paper of ``label`` in a format: a4, a6 or zpl."""
    return {"a4": label.pdf_a4_id, "a6": label.pdf_a6_id, "zpl": label.zpl_id}.get(wanted)
