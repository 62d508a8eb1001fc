"""What a return across a customs border has besides its label: papers to print, or a short wait for them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from rientro.documents.nup import merged
from rientro.kit.errors import Missing
from rientro.models import CustomsPaper, Label, Return
from rientro.policy.lifecycle import Approval, CarrierState
from rientro.portal.shopfront import Shopfront, portal_page

STILL_HERE = (CarrierState.LABEL_READY, CarrierState.LABEL_PENDING, CarrierState.FAILED)


def waits_for_customs(ret: Return) -> bool:
    """Is its label held up because the shop has not said yet what customs must know?"""
    return (
        ret.customs_wanted_at is not None
        and ret.approval == Approval.APPROVED
        and ret.carrier == CarrierState.LABEL_PENDING
    )


def sheets_of(ret: Return) -> list[CustomsPaper]:
    """The sheets to print for each parcel that has a living label, while the parcel is with the shopper."""
    if ret.approval != Approval.APPROVED or ret.carrier not in STILL_HERE:
        return []
    papers = CustomsPaper.objects.filter(
        label__parcel__ret=ret,
        label__void=Label.Void.NONE.value,
        kind=CustomsPaper.Kind.ALL.value,
    )
    return list(papers.select_related("document").order_by("label__parcel__position"))


@require_safe
@portal_page
def sheets(request: HttpRequest, front: Shopfront, token: str) -> HttpResponse:
    """Declaration and invoice of every parcel as one PDF. Not there yet: back to the page that waits for them."""
    ret = Return.objects.filter(
        brand=front.brand, link_token=token, order__redacted_at=None
    ).first()
    if ret is None:
        raise Missing("There is no such return.")
    papers = sheets_of(ret)
    if not papers:
        return redirect(front.url("return", ret.link_token))
    content = merged([bytes(paper.document.content) for paper in papers])
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{ret.number}-customs.pdf"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
