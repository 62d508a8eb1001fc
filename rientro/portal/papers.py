"""The labels and codes of a return, as far as they are there."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.safestring import SafeString

from rientro.kit.addresses import format_lines
from rientro.kit.template_words import address_of
from rientro.models import Label, Return, ReturnItem
from rientro.models.boxes import PAPERLESS, contents_of, label_on_its_way, lacking
from rientro.models.printed import WISHED
from rientro.models.returnable import day_of
from rientro.policy.lifecycle import Approval, CarrierState
from rientro.policy.promises import hand_in_by
from rientro.policy.return_methods import buys_label
from rientro.portal.customs import waits_for_customs
from rientro.portal.shopfront import Shopfront

PATIENCE = timedelta(minutes=3)  # after this the page stops looking: the mail brings it
USABLE = (CarrierState.LABEL_READY, CarrierState.LABEL_PENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One parcel's paper or code. ``code`` is picture, pdf or "" where there is none to show.

    ``place`` counts from 1 among the parcels of the return; ``items`` is what is expected to lie in it.
    """

    place: int
    tracking_number: str
    is_ready: bool
    formats: list[str]
    code: str
    code_link: str
    expires_on: date | None
    lacks_code: bool
    items: list[tuple[str, int]]

    @property
    def is_labelless(self) -> bool:
        return bool(self.code or self.code_link)


@dataclass(frozen=True, slots=True)
class Paper:
    """``is_ready``: it can be downloaded or shown. ``is_coming``: it is worth looking again in a moment.

    ``pieces`` are the parcels that have a label; ``of`` is how many there are to be, ``lacking`` how many get none as
    things stand. ``instead_of`` is the way back that the shopper had chosen, where the carrier did not take it.
    """

    is_wanted: bool
    is_ready: bool
    is_coming: bool
    tracking_number: str
    formats: list[str]
    hand_in_by: date | None
    sender: list[str]
    receiver: list[str]
    bars: SafeString
    pieces: list[Piece] = field(default_factory=list)
    of: int = 1
    lacking: int = 0
    instead_of: str = ""

    @property
    def is_labelless(self) -> bool:
        """Is there a code for every parcel, so that nobody needs a printer?"""
        return bool(self.pieces) and all(piece.is_labelless for piece in self.pieces)

    @property
    def numbers(self) -> list[str]:
        return [piece.tracking_number for piece in self.pieces]


def paper_of(ret: Return, front: Shopfront) -> Paper:
    """The living labels of ``ret``; a return that has left its shopper's hands needs none any more."""
    wanted = (
        buys_label(ret.method)
        and ret.approval == Approval.APPROVED
        and ret.carrier in (*USABLE, CarrierState.FAILED)
    )
    labels = living_labels(ret)
    pieces = _pieces(ret, labels, wanted=wanted)
    label = labels[0] if labels else None
    asked = ret.approved_at or ret.requested_at
    coming = (
        wanted
        and not _is_settled(ret, pieces)
        and not waits_for_customs(ret)
        and front.now - asked < PATIENCE
    )
    ready = any(piece.is_ready for piece in pieces) and not coming
    return Paper(
        is_wanted=wanted,
        is_ready=ready,
        is_coming=coming,
        tracking_number=label.tracking_number if label else "",
        formats=[f for f in ("a4", "a6", "zpl") if ready and any(f in p.formats for p in pieces)],
        hand_in_by=_last_day(ret, labels, front),
        sender=format_lines(address_of(ret, "from_")) if ready else [],
        receiver=format_lines(address_of(ret.to_address)) if ready else [],
        bars=_bars(label.tracking_number) if label and ready else SafeString(""),
        pieces=pieces,
        of=ret.parcel_count,
        lacking=lacking(ret) if ready and ret.parcel_count > 1 else 0,
        instead_of=str(ret.trace.get(WISHED, "")),
    )


def _is_settled(ret: Return, pieces: list[Piece]) -> bool:
    """Is everything there that will be there soon?"""
    if not pieces or not all(piece.is_ready for piece in pieces):
        return False
    return len(pieces) >= ret.parcel_count or not label_on_its_way(ret)


def _pieces(ret: Return, labels: list[Label], *, wanted: bool) -> list[Piece]:
    items = list(ret.items.select_related("order_line").order_by("pk")) if len(labels) > 1 else []
    return [
        _piece(place, label, items, wanted=wanted) for place, label in enumerate(labels, start=1)
    ]


def _piece(place: int, label: Label, items: list[ReturnItem], *, wanted: bool) -> Piece:
    kind = label.code.content_type if label.code else ""
    papers = [name for name in ("a4", "a6", "zpl") if document_id(label, name)]
    shown = {"application/pdf": "pdf", "": ""}.get(kind, "picture")
    return Piece(
        place=place,
        tracking_number=label.tracking_number,
        is_ready=wanted and bool(papers or label.code_id or label.facts.get(PAPERLESS)),
        formats=papers if wanted else [],
        code=shown,
        code_link=label.code_link if label.code_link.startswith("https://") else "",
        expires_on=label.expires_on,
        lacks_code=bool(label.facts.get("request", {}).get("labelless"))
        and not (label.code_id or label.code_link),
        items=[(item.order_line.name, units) for item, units in contents_of(label.parcel, items)],
    )


def _last_day(ret: Return, labels: list[Label], front: Shopfront) -> date | None:
    """The day of the driver, else the last on which every label and code is taken."""
    if ret.pickup_on:
        return ret.pickup_on
    bought = min((label.bought_at for label in labels), default=None)
    start = bought or ret.approved_at or ret.requested_at
    valid = hand_in_by(day_of(start, front.zone), valid_days=front.settings.label_valid_days)
    ends = [label.expires_on for label in labels if label.expires_on]
    return min([*ends, *([valid] if valid else [])], default=None)


def _bars(number: str) -> SafeString:
    """The real bars, so that nobody is shown a barcode that says nothing."""
    from rientro.documents.barcodes import NoBarcode, code128

    try:
        drawn = code128(number).svg
    except NoBarcode:
        return SafeString("")
    return SafeString(drawn.replace("<svg ", '<svg preserveAspectRatio="none" ', 1))


def living_labels(ret: Return) -> list[Label]:
    """The labels in hand, in the order of their boxes; the bytes of their codes stay where they are."""
    rows = Label.objects.filter(parcel__ret=ret, void=Label.Void.NONE.value)
    rows = rows.select_related("parcel", "code").defer("code__content")
    return list(rows.order_by("parcel__position", "pk"))


def document_id(label: Label, wanted: str) -> int | None:
    """The stored paper of ``label`` in a format: a4, a6 or zpl."""
    return {"a4": label.pdf_a4_id, "a6": label.pdf_a6_id, "zpl": label.zpl_id}.get(wanted)
