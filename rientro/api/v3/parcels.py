"""/api/v3/parcels: the papers of parcels, where they are, and the statuses they can have."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import HttpResponse

from rientro.api.customs_papers import V3, papers_of
from rientro.api.describe import BOOLEAN, INTEGER, STRING, many, maybe, named, record, ref
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Problem, Refused
from rientro.api.operations import Param, operation
from rientro.api.statuses import STATUSES, status_named
from rientro.api.v2.labels import labels_of
from rientro.api.v2.parcel_out import tracking_url
from rientro.api.v2.parcels import find
from rientro.api.v2.tracking import parcel_by_number
from rientro.api.v3.returns_out import OUR_ADDRESS, return_out
from rientro.documents.nup import four_up, merged
from rientro.kit.errors import Missing
from rientro.models import Label, Parcel

MOST = 20
KINDS = ("label", "customs-declaration", "air-waybill")
PDF, ZPL, PNG = "application/pdf", "application/zpl", "image/png"
DPI = {PDF: ("72",), ZPL: ("203",)}
SIZES = ("", "a4", "a5", "a6")
PAPER = (
    Param(name="dpi", about="72 for PDF, 203 for ZPL: what labels are drawn at"),
    Param(name="paper_size", about="A4, A5 or A6; a label keeps its true size"),
    Param(name="start_from", about="0 to 3: the corner of the first label on A4"),
)
PARTS = {"kind": {"type": "string", "enum": list(KINDS)}}
STATUS_LIST = named(
    "ParcelStatusesV3", record({"data": many(record({"code": STRING, "message": STRING}))})
)
NOT_TRACKED = named("TrackingMissing", record({"detail": STRING}))
EVENT = record(
    {
        "event_at": STRING,
        "event_type": STRING,
        "status_code": STRING,
        "status_description": STRING,
        "status_type": STRING,
        "sub_status_code": STRING,
    }
)
TRACKED = named(
    "TrackedParcel",
    record(
        {
            "announced_at": maybe(STRING),
            "created_at": STRING,
            "updated_at": STRING,
            "source_id": STRING,
            "details": record(
                {
                    "brand_id": INTEGER,
                    "integration_id": INTEGER,
                    "expected_delivery_date": maybe(STRING),
                    "is_return": BOOLEAN,
                    "is_mail_box": BOOLEAN,
                    "is_to_service_point": BOOLEAN,
                }
            ),
            "events": many(EVENT),
            "from_address": OUR_ADDRESS,
            "to_address": OUR_ADDRESS,
            "parcel_items": many({"type": "object"}),
            "ship_with": {"type": "object"},
            "tracking_numbers": many(
                record(
                    {
                        "carrier_code": STRING,
                        "tracking_number": STRING,
                        "tracking_url": STRING,
                        "tracking_identifier": STRING,
                    }
                )
            ),
        }
    ),
)


@operation(
    "v3_get_parcel_document",
    "Parcels",
    scope="read:parcel",
    parts=PARTS,
    query=PAPER,
    answers={200: f"{PDF} {ZPL}", 400: "V3Errors", 404: "V3Errors"},
)
@transaction.atomic
def _document(call: Call, number: str, kind: str) -> HttpResponse:
    """The label of a parcel as PDF, or as ZPL when Accept asks for it; its customs papers as PDF. PNG is not drawn."""
    return _papers(call, [number], kind)


@operation(
    "v3_get_parcel_documents",
    "Parcels",
    scope="read:parcel",
    parts=PARTS,
    query=(Param(name="parcels", about="1 to 20 parcel ids, one each", needed=True), *PAPER),
    answers={200: f"{PDF} {ZPL}", 400: "V3Errors", 404: "V3Errors"},
)
@transaction.atomic
def _documents(call: Call, kind: str) -> HttpResponse:
    """The labels of several parcels in one file: ``?parcels=1&parcels=2``."""
    told = [
        part.strip()
        for value in call.request.GET.getlist("parcels")
        for part in value.split(",")
        if part.strip()
    ]
    if not 1 <= len(told) <= MOST or not all(_is_number(part) for part in told):
        raise _refused(f"Send 1 to {MOST} parcel ids.", "parcels")
    return _papers(call, told, kind)


@operation(
    "v3_get_parcel_tracking",
    "Parcels",
    scope="read:parcel",
    answers={200: TRACKED, 404: {"anyOf": [ref(NOT_TRACKED), ref("V3Errors")]}},
)
@transaction.atomic
def _tracking(call: Call, tracking_number: str) -> HttpResponse:
    """Where a parcel has been seen, by its tracking number, oldest first."""
    try:
        parcel = parcel_by_number(call, tracking_number)
    except Missing as error:
        return json_response({"detail": error.message}, 404)
    return json_response(_tracked(parcel))


@operation("v3_list_parcel_statuses", "Parcels", scope="read:parcel", answers={200: STATUS_LIST})
def _statuses(call: Call) -> HttpResponse:
    """Every status that a parcel can have, by its word."""
    told = [{"code": status.code, "message": status.message} for status in STATUSES]
    return json_response({"data": told})


def _is_number(told: str) -> bool:
    return told.isascii() and told.isdigit() and len(told) <= 19


def _refused(words: str, parameter: str = "") -> Refused:
    return Refused(words, problems=[Problem(detail=words, parameter=parameter)])


def _papers(call: Call, numbers: Sequence[str], kind: str) -> HttpResponse:
    if kind not in KINDS:
        raise _refused("Invalid document type.")
    wanted, size, corner = _format(call)
    for number in numbers:
        find(call, number)
    if kind != "label":
        papers = papers_of(call, numbers, V3.get(kind, ""))
        return HttpResponse(merged(papers), content_type=PDF)
    labels = labels_of(call, numbers)
    if wanted == ZPL:
        return HttpResponse(b"\n".join(_zpl(label) for label in labels), content_type=ZPL)
    pages = [_pdf(label) for label in labels]
    content = four_up(pages, start_from=corner) if size == "a4" else merged(pages)
    return HttpResponse(content, content_type=PDF)


def _format(call: Call) -> tuple[str, str, int]:
    """(media type, paper size, corner) that are asked for. Raises Refused."""
    query, accept = call.request.GET, call.request.headers.get("Accept", "").lower()
    if PNG in accept and PDF not in accept and "*/*" not in accept:
        raise _refused("Labels are drawn as PDF and ZPL. Ask for one of these in Accept.")
    wanted = ZPL if "zpl" in accept else PDF
    dpi, size = query.get("dpi", ""), query.get("paper_size", "").lower()
    if dpi and dpi not in DPI[wanted]:
        raise _refused(f"A label of this kind is drawn at {DPI[wanted][0]} dpi.", "dpi")
    if size not in SIZES:
        raise _refused("paper_size is A4, A5 or A6.", "paper_size")
    corner = query.get("start_from", "0")
    if corner not in ("0", "1", "2", "3"):
        raise _refused("start_from is 0, 1, 2 or 3.", "start_from")
    return wanted, size, int(corner)


def _zpl(label: Label) -> bytes:
    if label.zpl is None:
        raise Missing("This label has no ZPL.")
    return bytes(label.zpl.content)


def _pdf(label: Label) -> bytes:
    assert label.pdf_a6 is not None
    return bytes(label.pdf_a6.content)


def _tracked(parcel: Parcel) -> dict[str, Any]:
    ret = parcel.ret
    told = return_out(ret)
    label = parcel.labels.order_by("-pk").first()
    scans = list(parcel.tracking_events.order_by("occurred_at", "pk"))
    latest = scans[-1].occurred_at if scans else ret.updated_at
    return {
        "announced_at": label.bought_at.isoformat() if label else None,
        "created_at": parcel.created_at.isoformat(),
        "updated_at": latest.isoformat(),
        "source_id": ret.number,
        "details": {
            "brand_id": ret.brand_id,
            "integration_id": ret.order.integration_id,
            "expected_delivery_date": None,
            "is_return": True,
            "is_mail_box": False,
            "is_to_service_point": False,
        },
        "events": [_event(scan) for scan in scans],
        "from_address": told["from_address"],
        "to_address": told["to_address"],
        "parcel_items": told["parcel_items"],
        "ship_with": {
            "type": "shipping_option_code",
            "properties": {"shipping_option_code": told["shipping_option"]["code"]},
        },
        "tracking_numbers": [
            {
                "carrier_code": parcel.carrier_code,
                "tracking_number": parcel.tracking_number,
                "tracking_url": tracking_url(ret),
                "tracking_identifier": "",
            }
        ],
    }


def _event(scan: Any) -> dict[str, str]:
    status = status_named(scan.status)
    return {
        "event_at": scan.occurred_at.isoformat(),
        "event_type": "carrier",
        "status_code": status.code,
        "status_description": scan.description or status.message,
        "status_type": status.slug,
        "sub_status_code": scan.code,
    }


document = methods(GET=_document)
documents = methods(GET=_documents)
tracking = methods(GET=_tracking)
statuses = methods(GET=_statuses)
