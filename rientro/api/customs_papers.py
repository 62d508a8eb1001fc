"""The customs papers of parcels, for both versions of the API and for the portal's."""

from collections.abc import Sequence

from rientro.api.door import Call
from rientro.api.v2.parcels import find
from rientro.kit.errors import Missing
from rientro.models import CustomsPaper, Label, Parcel, Return

KIND = CustomsPaper.Kind
# Type in the address -> our kind. A `cp71` (a dispatch note between posts) is not drawn.
V2 = {
    "cn23": KIND.CN23.value,
    "cn23-default": KIND.CN23.value,
    "commercial-invoice": KIND.INVOICE.value,
}
V3 = {"customs-declaration": KIND.ALL.value}


def papers_of(call: Call, numbers: Sequence[str], kind: str) -> list[bytes]:
    """The paper of each parcel, in the order asked for. Raises Missing when one has none."""
    found = []
    for number in numbers:
        _, _, parcel = find(call, number)
        paper = _paper(parcel, kind) if parcel is not None else None
        if paper is None:
            raise Missing("This parcel has no such document.")
        found.append(paper)
    return found


def sheets_of(ret: Return) -> list[bytes]:
    """What a shopper prints for every parcel of ``ret`` that has a living label."""
    parcels = ret.parcels.order_by("position")
    return [sheet for parcel in parcels if (sheet := _paper(parcel, KIND.ALL.value))]


def _paper(parcel: Parcel, kind: str) -> bytes | None:
    label: Label | None = parcel.labels.filter(voided_at=None).order_by("-pk").first()
    if label is None:
        return None
    paper = label.customs_papers.filter(kind=kind).select_related("document").first()
    return bytes(paper.document.content) if paper else None
