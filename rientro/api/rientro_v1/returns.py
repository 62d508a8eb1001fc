"""/api/rientro/v1/returns: the list with its filters, one return whole, and its paper."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse

from rientro.api.describe import named
from rientro.api.door import Call, json_response, methods
from rientro.api.operations import Param, operation
from rientro.api.rientro_v1.common import (
    CURSOR,
    LIMIT,
    PARTS,
    page_of,
    page_schema,
    query_choice,
    query_moment,
    query_text,
    return_named,
    version_of,
    wrong_query,
)
from rientro.api.rientro_v1.return_out import (
    PAPERS,
    full_returns,
    living_labels,
    return_out,
    short_returns,
    summary_out,
)
from rientro.api.rientro_v1.schemas import RETURN, SUMMARY
from rientro.documents.nup import merged
from rientro.kit.errors import Missing
from rientro.kit.text import normal_number
from rientro.models import Return
from rientro.policy.lifecycle import RETURN_MOVES, Tab

STATES = {field: sorted(str(state) for state in table) for field, table in RETURN_MOVES.items()}
TABS = [tab.value for tab in Tab]


def _choice(name: str, offered: list[str], about: str) -> Param:
    return Param(name=name, about=about, schema={"type": "string", "enum": offered})


def _when(name: str, about: str) -> Param:
    return Param(name=name, about=about, schema={"type": "string", "format": "date-time"})


FILTERS = (
    _choice("tab", TABS, "the stage of the desk"),
    *(_choice(name, offered, f"the state of {name}") for name, offered in STATES.items()),
    Param(name="brand", about="a brand's id or slug"),
    Param(name="order_number", about="as the shopper would type it"),
    Param(name="tracking_number"),
    Param(name="external_reference"),
    _when("updated_since", "changed at this moment or later"),
    _when("requested_since", "asked for at this moment or later"),
    _when("requested_before", "asked for before this moment"),
)


@operation(
    "rientro_list_returns",
    "Returns desk",
    scope="read:return",
    query=(*FILTERS, LIMIT, CURSOR),
    answers={200: named("ReturnSummaryPage", page_schema(SUMMARY)), 400: "Problem"},
)
@transaction.atomic
def _list(call: Call) -> HttpResponse:
    """The returns, newest first, in pages.

    To follow changes the feed of events is surer than ``updated_since``: a change that is being written while you
    ask carries an earlier moment than your question.
    """
    rows = _filtered(call, short_returns(call))
    return json_response(page_of(call, rows, summary_out))


@operation(
    "rientro_get_return",
    "Returns desk",
    scope="read:return",
    parts=PARTS,
    answers={200: RETURN, 404: "Problem"},
)
@transaction.atomic
def _one(call: Call, reference: str) -> HttpResponse:
    """One return whole. Its ``version`` is its ETag: send it back as If-Match to act on what you saw."""
    return whole(return_named(full_returns(call), reference))


@operation(
    "rientro_get_return_label",
    "Returns desk",
    scope="read:return",
    parts=PARTS,
    query=(_choice("format", list(PAPERS), "a6 unless told"),),
    answers={200: "application/pdf application/zpl text/plain", 400: "Problem", 404: "Problem"},
)
@transaction.atomic
def _label(call: Call, reference: str) -> HttpResponse:
    """The paper of the living label: PDF on A6 or on A4 with instructions, or ZPL for a label printer.

    Of a return in several parcels it is all of their labels, in one file.
    """
    ret = return_named(full_returns(call), reference)
    kind = query_choice(call.request, "format", list(PAPERS)) or "a6"
    numbers = [number for label in living_labels(ret) if (number := getattr(label, PAPERS[kind]))]
    if not numbers:
        raise Missing("There is no such label, or its paper is still being drawn.")
    documents = call.caller.integration.merchant.documents
    papers = [documents.get_or_missing(pk=number) for number in numbers]
    content = _together([bytes(paper.content) for paper in papers], kind)
    answer = HttpResponse(content, content_type=papers[0].content_type)
    end = "zpl" if kind == "zpl" else "pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{ret.number}-{kind}.{end}"'
    return answer


def _together(papers: list[bytes], kind: str) -> bytes:
    if len(papers) == 1:
        return papers[0]
    return b"\n".join(papers) if kind == "zpl" else merged(papers)


def whole(ret: Return, status: int = 200) -> HttpResponse:
    """``ret`` (of ``full_returns``) as an answer with its ETag."""
    response = json_response(return_out(ret), status)
    response["ETag"] = f'"{version_of(ret)}"'
    return response


def _filtered(call: Call, rows: QuerySet[Return]) -> QuerySet[Return]:
    request = call.request
    for name, offered in {"tab": TABS, **STATES}.items():
        if value := query_choice(request, name, offered):
            rows = rows.filter(**{name: value})
    if brand := query_text(request, "brand"):
        rows = rows.filter(**_brand(brand))
    if number := query_text(request, "order_number"):
        rows = rows.filter(order__number_norm=normal_number(number))
    if tracking := query_text(request, "tracking_number"):
        rows = rows.filter(parcels__tracking_number=tracking).distinct()
    if reference := query_text(request, "external_reference"):
        rows = rows.filter(external_reference=reference)
    for name, lookup in (
        ("updated_since", "updated_at__gte"),
        ("requested_since", "requested_at__gte"),
        ("requested_before", "requested_at__lt"),
    ):
        if (at := query_moment(request, name)) is not None:
            rows = rows.filter(**{lookup: at})
    return rows


def _brand(told: str) -> dict[str, Any]:
    if told.isascii() and told.isdigit():
        if len(told) > 18:
            raise wrong_query("brand", "Send a brand's id or slug.")
        return {"brand": int(told)}
    return {"brand__slug": told.lower()}


collection = methods(GET=_list)
single = methods(GET=_one)
label = methods(GET=_label)
