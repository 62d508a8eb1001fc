"""What happened to a parcel on its way back, oldest first, in the words of Sendcloud's statuses."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rientro.api.statuses import BY_ID, status_named
from rientro.models import Parcel, Return
from rientro.policy.lifecycle import Approval
from rientro.policy.return_methods import buys_label

NO_LABEL, READY, ANNOUNCING, CANCELLED = 999, 1000, 1001, 2000


@dataclass(frozen=True, slots=True)
class Happened:
    """``key`` is the scan's id, or a word of ours; ``slug`` Sendcloud's status; ``code`` the carrier's own."""

    key: str
    at: datetime
    slug: str
    words: str
    code: str = ""

    def out(self, at: str) -> dict[str, Any]:
        """As both versions tell it; ``at`` in the version's own form."""
        return {
            "carrier_update_timestamp": at,
            "parcel_status_history_id": self.key,
            "parent_status": self.slug,
            "carrier_code": self.code,
            "carrier_message": self.words,
        }


def history_of(ret: Return, parcel: Parcel | None) -> list[Happened]:
    """That the return was made is the first of it; never empty."""
    waits = not buys_label(ret.method) or ret.approval == Approval.REQUESTED
    first = NO_LABEL if waits else ANNOUNCING
    told = [Happened("made", ret.requested_at, BY_ID[first].slug, "Return created")]
    label = living_label(parcel)
    if label is not None:
        told.append(Happened("label", label.bought_at, BY_ID[READY].slug, "Label bought"))
    scans = parcel.tracking_events.all() if parcel else []
    for scan in sorted(scans, key=lambda one: (one.occurred_at, one.pk)):
        slug = status_named(scan.status).slug
        told.append(Happened(str(scan.pk), scan.occurred_at, slug, scan.description, scan.code))
    if ret.approval == Approval.CANCELLED and ret.closed_at is not None:
        slug = BY_ID[CANCELLED].slug
        told.append(Happened("cancelled", ret.closed_at, slug, "Return cancelled"))
    return told


def living_label(parcel: Parcel | None) -> Any:
    """The newest label that is not void, or None."""
    labels = list(parcel.labels.all()) if parcel else []
    return max((one for one in labels if one.voided_at is None), key=lambda o: o.pk, default=None)
