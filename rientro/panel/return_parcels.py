"""The parcels of a return, as its page shows them: each with its label, its charge and where it is."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rientro.documents.nup import merged
from rientro.kit.errors import Missing
from rientro.kit.money import Money
from rientro.models import Charge, Label, LabelPurchase, Parcel, Return
from rientro.models.charging import ON_CREATION
from rientro.panel.doors import PanelRequest, door
from rientro.panel.return_words import Badge, parcel_badge
from rientro.policy.lifecycle import PurchaseStatus

FORMATS = {"a6": "pdf_a6_id", "a4": "pdf_a4_id", "zpl": "zpl_id", "code": "code_id"}
ENDS = {"application/pdf": "pdf", "image/png": "png", "application/zpl": "zpl"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One parcel; ``label`` is its newest, ``purchase`` what was asked for last."""

    place: int
    parcel: Parcel
    badge: Badge
    label: Label | None
    purchase: LabelPurchase | None
    cost: Money | None
    contents: str

    @property
    def is_open(self) -> bool:
        """Is its label being bought right now?"""
        return self.purchase is not None and self.purchase.status == PurchaseStatus.BUYING.value


def boxes_of(ret: Return) -> list[Box]:
    """Every parcel of ``ret`` (of panel.return_page.return_of), those given back included."""
    names = {item.pk: item.order_line.name for item in ret.items.all()}
    paid = {charge.label_id: charge for charge in ret.charges.all()}
    parcels = enumerate(ret.parcels.all(), start=1)
    return [_box(place, parcel, names, paid) for place, parcel in parcels]


def _box(place: int, parcel: Parcel, names: dict[int, str], paid: dict[int, Charge]) -> Box:
    labels, purchases = list(parcel.labels.all()), list(parcel.purchases.all())
    label = min(labels, key=lambda one: (one.voided_at is not None, -one.pk), default=None)
    living = label is not None and label.voided_at is None
    return Box(
        place=place,
        parcel=parcel,
        badge=parcel_badge(parcel, label, purchases[0] if purchases else None),
        label=label,
        purchase=purchases[0] if purchases else None,
        cost=_cost(label, paid) if label and living else None,
        contents=", ".join(
            f"{units} × {names[item]}" for item, units in parcel.contents if item in names
        ),
    )


def _cost(label: Label, paid: dict[int, Charge]) -> Money | None:
    """What the merchant pays for it: by its agency's list where there is one; nothing yet before its first scan."""
    charge = paid.get(label.pk)
    if charge is not None:
        return Money(charge.amount_minor, charge.currency)
    waits = label.charged_on != ON_CREATION or not label.priced
    return None if waits else Money(label.price_minor, label.currency)


def doubt_of(ret: Return) -> LabelPurchase | None:
    """A purchase of which nobody knows what came of it: a person settles it."""
    purchases = (bought for parcel in ret.parcels.all() for bought in parcel.purchases.all())
    return next((one for one in purchases if one.status == PurchaseStatus.UNKNOWN.value), None)


@door()
@require_safe
def label(request: PanelRequest, number: str) -> HttpResponse:
    """The papers of the living labels: ``?format=`` a6, a4, zpl or code, ``&label=`` for one of several."""
    ret = request.merchant.returns.get_or_missing(number=number)
    wanted = request.GET.get("format", "a6")
    rows = request.merchant.labels.filter(parcel__ret=ret, voided_at=None)
    only = request.GET.get("label", "")
    if only:
        rows = rows.filter(pk=int(only) if only.isascii() and only.isdigit() else 0)
    column = FORMATS.get(wanted, "")
    numbers = [getattr(row, column, None) for row in rows.order_by("parcel__position", "pk")]
    found = [request.merchant.documents.get_or_missing(pk=one) for one in numbers if one]
    if not found:
        raise Missing(_("This label is not there."))
    kind = found[0].content_type
    papers = [bytes(document.content) for document in found if document.content_type == kind]
    answer = HttpResponse(_together(papers, kind), content_type=kind)
    name = f"{number}-{wanted}.{ENDS.get(kind, 'bin')}"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _together(papers: list[bytes], kind: str) -> bytes:
    if len(papers) == 1 or kind == "image/png":
        return papers[0]
    return merged(papers) if kind == "application/pdf" else b"\n".join(papers)
