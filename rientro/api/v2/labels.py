"""/api/v2/labels and /parcels/{id}/documents: the papers of parcels, as addresses and as PDF."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.http import HttpResponse

from rientro.api import customs_papers
from rientro.api.body import read_json
from rientro.api.customs_papers import papers_of
from rientro.api.describe import STRING, many, named, record
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Refused
from rientro.api.operations import Param, operation
from rientro.api.v2.parcel_out import declaration_urls, label_urls
from rientro.api.v2.parcels import find
from rientro.documents.nup import four_up, merged
from rientro.kit.errors import Missing
from rientro.models import Label

MOST = 100
LABELS = named(
    "LabelAddresses",
    record(
        {
            "label": record({"normal_printer": many(STRING), "label_printer": STRING}),
            "customs_declaration": {"type": "object"},
        }
    ),
)
WANTED = named("LabelRequest", record({"label": record({"parcels": many({"type": "integer"})})}))
IDS = Param(name="ids", about="several parcels, with commas between")
CORNER = Param(name="start_from", about="0 to 3: the corner of the first label")
KINDS = ("label", "cp71", "cn23", "cn23-default", "commercial-invoice")


class NoLabel(Missing):
    """Sendcloud answers an unknown label with an empty object."""


def labels_of(call: Call, numbers: Sequence[str]) -> list[Label]:
    """The living labels of parcels, in the order asked for. Raises NoLabel when one is not there."""
    found = []
    for number in numbers:
        try:
            _, ret, parcel = find(call, number)
        except Missing as error:
            raise NoLabel("There is no such label.") from error
        label = None
        if ret is not None and parcel is not None:
            living = parcel.labels.filter(voided_at=None).select_related("pdf_a6", "pdf_a4", "zpl")
            label = living.order_by("-pk").first()
        if label is None or label.pdf_a6 is None:
            raise NoLabel("There is no such label.")
        found.append(label)
    return found


def asked_ids(call: Call, number: str) -> list[str]:
    """The one of the path, else those of ``ids``."""
    told = [number] if number else call.request.GET.get("ids", "").split(",")
    ids = [part.strip() for part in told if part.strip()]
    if not 1 <= len(ids) <= MOST or not all(
        part.isascii() and part.isdigit() and len(part) <= 19 for part in ids
    ):
        raise Refused(f"ids: Send 1 to {MOST} parcel ids with commas between.")
    return ids


@operation("v2_get_label_addresses", "Labels", scope="read:parcel", answers={200: LABELS, 404: {}})
@transaction.atomic
def _addresses(call: Call, number: str) -> HttpResponse:
    """Where the label of a parcel is: A6 alone, and on A4 from each of the four corners."""
    try:
        (label,) = labels_of(call, [number])
    except NoLabel:
        return json_response({}, 404)
    customs = declaration_urls(int(number)) if label.customs_papers.exists() else {}
    return json_response({"label": label_urls(int(number)), "customs_declaration": customs})


@operation(
    "v2_make_label_addresses",
    "Labels",
    scope="read:parcel",
    body=WANTED,
    answers={200: LABELS, 404: {}},
)
@transaction.atomic
def _many(call: Call) -> HttpResponse:
    """Where the labels of several parcels are, joined into one file."""
    body = read_json(call.request)
    told = body.get("label") if isinstance(body, Mapping) else None
    ids = told.get("parcels") if isinstance(told, Mapping) else None
    if not isinstance(ids, list) or not all(type(one) is int and one > 0 for one in ids):
        raise Refused("label: Send {'parcels': [ids]}.")
    if not 1 <= len(ids) <= MOST:
        raise Refused(f"label: 1 to {MOST} parcels.")
    try:
        labels_of(call, [str(one) for one in ids])
    except NoLabel:
        return json_response({}, 404)
    return json_response({"label": _joined_urls(ids), "customs_declaration": {}})


def _joined_urls(ids: Sequence[int]) -> dict[str, Any]:
    one = label_urls(ids[0])
    which = ",".join(str(number) for number in ids)
    return {
        "normal_printer": [
            url.replace(f"/{ids[0]}?", f"?ids={which}&") for url in one["normal_printer"]
        ],
        "label_printer": one["label_printer"].replace(f"/{ids[0]}", f"?ids={which}"),
    }


@operation(
    "v2_print_labels_a6",
    "Labels",
    scope="read:parcel",
    query=(IDS,),
    answers={200: "application/pdf", 400: "V2Error", 404: {}},
)
@transaction.atomic
def _a6(call: Call) -> HttpResponse:
    """The labels of several parcels as PDF, one A6 page each."""
    return _print_a6(call, "")


@operation(
    "v2_print_label_a6",
    "Labels",
    scope="read:parcel",
    answers={200: "application/pdf", 404: {}},
)
@transaction.atomic
def _one_a6(call: Call, number: str) -> HttpResponse:
    """The label of a parcel as PDF, one A6 page."""
    return _print_a6(call, number)


@operation(
    "v2_print_labels_a4",
    "Labels",
    scope="read:parcel",
    query=(IDS, CORNER),
    answers={200: "application/pdf", 400: "V2Error", 404: {}},
)
@transaction.atomic
def _a4(call: Call) -> HttpResponse:
    """The labels of several parcels, four to an A4 sheet; ``start_from`` says which corner is still free."""
    return _print_a4(call, "")


@operation(
    "v2_print_label_a4",
    "Labels",
    scope="read:parcel",
    query=(CORNER,),
    answers={200: "application/pdf", 400: "V2Error", 404: {}},
)
@transaction.atomic
def _one_a4(call: Call, number: str) -> HttpResponse:
    """The label of a parcel in one corner of an A4 sheet."""
    return _print_a4(call, number)


def _print_a6(call: Call, number: str) -> HttpResponse:
    try:
        labels = labels_of(call, asked_ids(call, number))
    except NoLabel:
        return json_response({}, 404)
    except Refused as error:
        return _refused(call, error.message)
    return _pdf(merged([_bytes(label) for label in labels]))


def _print_a4(call: Call, number: str) -> HttpResponse:
    corner = call.request.GET.get("start_from", "0")
    if corner not in ("0", "1", "2", "3"):
        return _refused(call, "start_from: 0, 1, 2 or 3.")
    try:
        labels = labels_of(call, asked_ids(call, number))
    except NoLabel:
        return json_response({}, 404)
    except Refused as error:
        return _refused(call, error.message)
    return _pdf(four_up([_bytes(label) for label in labels], start_from=int(corner)))


def _refused(call: Call, words: str) -> HttpResponse:
    """Papers are refused with a message alone; beside it stands what every other operation answers."""
    error = {"code": 400, "request": call.request.path.lstrip("/"), "message": words}
    return json_response({"error": error, "message": words}, 400)


@operation(
    "v2_get_parcel_document",
    "Parcels",
    scope="read:parcel",
    parts={"kind": {"type": "string", "enum": list(KINDS)}},
    query=(Param(name="dpi"), Param(name="paper_size")),
    answers={200: "application/pdf application/zpl", 400: "V2Error", 404: "V2Error"},
)
@transaction.atomic
def _document(call: Call, number: str, kind: str) -> HttpResponse:
    """A parcel's paper: the label as PDF, or as ZPL when Accept asks for it; customs papers as PDF."""
    if kind not in KINDS:
        raise Refused("Invalid document type.")
    if kind != "label":
        return _pdf(papers_of(call, [number], customs_papers.V2.get(kind, ""))[0])
    label = labels_of(call, [number])[0]
    return document_response(call, label)


@operation(
    "v2_print_customs_declaration",
    "Labels",
    scope="read:parcel",
    answers={200: "application/pdf", 404: "V2Error"},
)
@transaction.atomic
def _one_declaration(call: Call, number: str) -> HttpResponse:
    """The customs papers of a parcel as PDF, A4: the declaration CN 23, then the commercial invoice."""
    return _pdf(papers_of(call, [number], customs_papers.V3["customs-declaration"])[0])


@operation(
    "v2_print_customs_declarations",
    "Labels",
    scope="read:parcel",
    query=(IDS,),
    answers={200: "application/pdf", 400: "V2Error", 404: "V2Error"},
)
@transaction.atomic
def _declarations(call: Call) -> HttpResponse:
    """The customs papers of several parcels as one PDF."""
    kind = customs_papers.V3["customs-declaration"]
    return _pdf(merged(papers_of(call, asked_ids(call, ""), kind)))


def document_response(call: Call, label: Label) -> HttpResponse:
    """The label in the format that the request asks for: PDF A6 or A4, or ZPL. Raises Refused for another."""
    accept = call.request.headers.get("Accept", "").lower()
    if "image/png" in accept and "pdf" not in accept and "*/*" not in accept:
        raise Refused("Labels are drawn as PDF and ZPL. Ask for one of these in Accept.")
    if "zpl" in accept:
        if call.request.GET.get("dpi", "203") != "203":
            raise Refused("Labels in ZPL are drawn at 203 dpi.")
        if label.zpl is None:
            raise Missing("This label has no ZPL.")
        return HttpResponse(bytes(label.zpl.content), content_type="application/zpl")
    if call.request.GET.get("paper_size", "").lower() == "a4" and label.pdf_a4 is not None:
        return _pdf(bytes(label.pdf_a4.content))
    return _pdf(_bytes(label))


def _bytes(label: Label) -> bytes:
    assert label.pdf_a6 is not None
    return bytes(label.pdf_a6.content)


def _pdf(content: bytes) -> HttpResponse:
    return HttpResponse(content, content_type="application/pdf")


addresses = methods(GET=_addresses)
many_addresses = methods(POST=_many)
a6, one_a6 = methods(GET=_a6), methods(GET=_one_a6)
a4, one_a4 = methods(GET=_a4), methods(GET=_one_a4)
document = methods(GET=_document)
declarations, one_declaration = methods(GET=_declarations), methods(GET=_one_declaration)
