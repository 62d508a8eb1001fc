"""What the mail with the labels says and carries: papers to print, codes to show, the day of the driver."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from rientro.models.boxes import lacking
from rientro.models.documents import StoredDocument
from rientro.models.parcels import Label
from rientro.models.printed import WISHED
from rientro.models.returns import Return


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One parcel in the mail. ``inline`` is the Content-ID of its code's picture, "" where there is none to show."""

    place: int
    tracking_number: str
    inline: str
    has_code: bool
    code_link: str
    expires_on: date | None


def labels_told(ret: Return) -> list[Label]:
    """The labels of ``ret`` that a shopper can use now, in the order of their boxes."""
    rows = Label.objects.filter(parcel__ret=ret, void=Label.Void.NONE.value)
    rows = rows.select_related("code", "pdf_a4").order_by("parcel__position", "pk")
    return [label for label in rows if label.pdf_a4_id or label.code_id or label.code_link]


def facts_of_labels(ret: Return, labels: list[Label]) -> dict[str, Any]:
    """What the templates read of ``labels``."""
    told = [_told(place, label) for place, label in enumerate(labels, start=1)]
    codes = all(one.has_code or one.code_link for one in told)
    ends = [label.expires_on for label in labels if label.expires_on]
    return {
        "tracking_number": labels[0].tracking_number,
        "parcels": told,
        "several": ret.parcel_count > 1,
        "lacking": lacking(ret) if ret.parcel_count > 1 else 0,
        "by_code": codes,
        "expires_on": min(ends, default=None),
        "code_refused": ret.trace.get(WISHED) == Return.Method.LABELLESS.value,
        "code_missing": any(
            label.facts.get("request", {}).get("labelless") and not (label.code or label.code_link)
            for label in labels
        ),
    }


def codes_of(labels: list[Label]) -> list[tuple[int, StoredDocument]]:
    """(place, code) of each label that has one."""
    return [(place, one.code) for place, one in enumerate(labels, start=1) if one.code]


def _told(place: int, label: Label) -> Told:
    picture = label.code is not None and label.code.content_type.startswith("image/")
    return Told(
        place=place,
        tracking_number=label.tracking_number,
        inline=f"code-{place}" if picture else "",
        has_code=label.code is not None,
        code_link=label.code_link if label.code_link.startswith("https://") else "",
        expires_on=label.expires_on,
    )
