"""/api/v2/brand/{domain}/return-portal/label/…: is the label there, and the label itself."""

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from rientro.api.customs_papers import sheets_of
from rientro.api.describe import INTEGER, STRING, many, named, record
from rientro.api.door import json_response, methods
from rientro.api.operations import Param, operation
from rientro.api.v2.portal_create import parcels_of
from rientro.api.v2.portal_door import PortalCall, portal_call
from rientro.documents.nup import merged
from rientro.kit.errors import Missing
from rientro.models import Label, Return, StoredDocument
from rientro.policy.lifecycle import Approval, CarrierState, PurchaseStatus
from rientro.policy.return_methods import buys_label

READY = named(
    "PortalLabel",
    record(
        {
            "download_url": STRING,
            "return": INTEGER,
            "parcels": many(INTEGER),
            "tracking_numbers": many(STRING),
        },
        customs_declaration_url=STRING,
    ),
)
TOKEN = (Param(name="token", needed=True, about="of poller_url or download_url"),)


@operation(
    "v2_poll_portal_label",
    "Return portal",
    auth="none",
    query=TOKEN,
    answers={200: READY, 202: {"type": "object"}, 401: "V2Error", 404: "V2Error", 500: "V2Error"},
)
@portal_call
def _poll(call: PortalCall) -> HttpResponse:
    """200 when the label is there, 202 while it is being made or a person decides, 500 when there will be none.

    A return to a store needs no label: its download_url is the return's own page.
    """
    ret = _return(call)
    labels = _labels(ret)
    if labels and all(_document(label, "pdf_a4") for label in labels) and not _is_coming(ret):
        token = call.issue("label", ret.pk)
        path = reverse("api:portal-download", args=[call.brand.slug])
        ready = _ready(ret, f"{settings.BASE_URL}{path}?token={token}", labels)
        if any(label.customs_papers.exists() for label in labels):
            path = reverse("api:portal-customs", args=[call.brand.slug])
            ready["customs_declaration_url"] = f"{settings.BASE_URL}{path}?token={token}"
        return json_response(ready)
    if not buys_label(ret.method) and ret.approval == Approval.APPROVED:
        page = reverse("portal:return", args=[call.brand.slug, ret.link_token])
        return json_response(_ready(ret, settings.BASE_URL + page, []))
    dead = ret.approval in (Approval.REJECTED, Approval.CANCELLED)
    if dead or ret.carrier == CarrierState.FAILED:
        words = ret.carrier_problem or "There will be no label for this return."
        body = {"error": {"code": "announcement_failed", "request": "", "message": words}}
        return json_response(body, 500)
    return json_response({}, 202)


def _ready(ret: Return, url: str, labels: list[Label]) -> dict[str, object]:
    return {
        "download_url": url,
        "return": ret.pk,
        "parcels": parcels_of(ret),
        "tracking_numbers": [label.tracking_number for label in labels],
    }


@operation(
    "v2_download_portal_label",
    "Return portal",
    auth="none",
    query=(*TOKEN, Param(name="format", about="a4 (default) or a6")),
    answers={200: "application/pdf image/png", 401: "V2Error", 404: "V2Error"},
)
@portal_call
def _download(call: PortalCall) -> HttpResponse:
    """The label as PDF: A4 with instructions and packing slip, or the A6 label alone; several in one file.

    A parcel that goes by its code alone has its code here, as PNG or PDF.
    """
    ret = _return(call)
    wanted = "pdf_a6" if call.request.GET.get("format", "").lower() == "a6" else "pdf_a4"
    found = [stored for label in _labels(ret) if (stored := _document(label, wanted))]
    if not found:
        raise Missing("There is no label yet.")
    papers = [bytes(one.content) for one in found if one.content_type == "application/pdf"]
    content = merged(papers) if len(papers) > 1 else bytes(found[0].content)
    kind = "application/pdf" if len(papers) > 1 else found[0].content_type
    response = HttpResponse(content, content_type=kind)
    # Our own number: the carrier's may hold what a header cannot.
    response["Content-Disposition"] = f'attachment; filename="{ret.number}.pdf"'
    return response


@operation(
    "v2_download_portal_customs",
    "Return portal",
    auth="none",
    query=TOKEN,
    answers={200: "application/pdf", 401: "V2Error", 404: "V2Error"},
)
@portal_call
def _customs(call: PortalCall) -> HttpResponse:
    """Declaration and commercial invoice of every parcel as PDF, to print, sign and put outside."""
    ret = _return(call)
    sheets = sheets_of(ret)
    if not sheets:
        raise Missing("There are no customs papers.")
    response = HttpResponse(merged(sheets), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{ret.number}-customs.pdf"'
    return response


def _return(call: PortalCall) -> Return:
    number = call.read("label", call.request.GET.get("token", ""))
    return call.merchant.returns.get_or_missing(pk=number, brand=call.brand)


def _labels(ret: Return) -> list[Label]:
    """The living labels, in the order of their boxes; of a return in one parcel the newest."""
    rows = ret.merchant.labels.filter(parcel__ret=ret, voided_at=None)
    found = list(rows.select_related("pdf_a4", "pdf_a6", "code").order_by("-pk"))
    return list(reversed(found[: ret.parcel_count]))


def _document(label: Label, wanted: str) -> StoredDocument | None:
    stored: StoredDocument | None = getattr(label, wanted) or label.code
    return stored


def _is_coming(ret: Return) -> bool:
    """Is the label of another parcel being bought?"""
    if ret.parcel_count == 1:
        return False
    rows = ret.merchant.label_purchases.filter(parcel__ret=ret)
    return bool(rows.filter(status=PurchaseStatus.BUYING.value).exists())


polling = methods(GET=_poll)
download = methods(GET=_download)
customs = methods(GET=_customs)
