"""/api/v3/returns: returns with a label between two addresses, with or without an order that we know."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse

from rientro.api.body import read_json
from rientro.api.describe import INTEGER, NUMBER, STRING, many, maybe, named, record, ref
from rientro.api.door import Call, json_response, methods
from rientro.api.errors import Problem, Refused
from rientro.api.label_wait import Refusal, wait_for_label
from rientro.api.operations import Param, operation
from rientro.api.pages import page_of, page_schema, size_of
from rientro.api.statuses import BY_SLUG, OF_STATE
from rientro.api.v2.parcels import returns_of
from rientro.api.v2.returns import is_cancellable
from rientro.api.v2.shipping import accounts_of
from rientro.api.v3.returns_in import problem_of, read_return
from rientro.api.v3.returns_out import ECHO, RETURN, echo_out, number_of, parcel_numbers, return_out
from rientro.flows.announce_return import announce_return, check_announcement
from rientro.flows.cancel_return import cancel_return
from rientro.kit.errors import Missing, RientroError
from rientro.models import Return
from rientro.policy.announcements import AnnouncedReturn

MOST = 40
YEARS = range(1970, 2201)
CANCELLED = 2000
PLACE = record(
    {"name": STRING, "address_line_1": STRING, "city": STRING, "country_code": STRING},
    company_name=maybe(STRING),
    house_number=maybe(STRING),
    address_line_2=maybe(STRING),
    postal_code=maybe(STRING),
    state_province_code=maybe(STRING),
    email=maybe(STRING),
    phone_number=maybe(STRING),
)
WISH = named(
    "NewReturn",
    record(
        {"from_address": PLACE},
        to_address={"anyOf": [PLACE, {"type": "null"}]},
        ship_with={"type": ["object", "null"]},
        weight={"anyOf": [record({"value": NUMBER, "unit": STRING}), NUMBER, {"type": "null"}]},
        dimensions={"type": ["object", "null"]},
        collo_count=maybe(INTEGER),
        parcel_items=maybe(many({"type": "object"})),
        send_tracking_emails=maybe({"type": "boolean"}),
        brand_id=maybe(INTEGER),
        total_order_value={"type": ["object", "null"]},
        order_number=maybe(STRING),
        external_reference=maybe(STRING),
        customs_invoice_nr=maybe(STRING),
        customs_information={"type": ["object", "null"]},
        delivery_option=maybe(STRING),
        pickup_date=maybe(STRING),
    ),
)
MADE = named(
    "ReturnMade",
    record({"return_id": INTEGER, "parcel_id": INTEGER, "multi_collo_ids": many(INTEGER)}),
)
named(
    "AnnouncementRefused",
    record(
        {
            "error": record(
                {"code": {"type": ["string", "integer"]}, "request": STRING, "message": STRING}
            )
        },
        errors=many({"type": "object"}),
    ),
)
# The door's own refusals speak version 3 alone; the carrier's speak both.
BOTH_ERRORS = {"anyOf": [ref("AnnouncementRefused"), ref("V3Errors")]}
CANCELLING = named("ReturnCancelling", record({"message": STRING}))
TOO_LATE = named(
    "ReturnNotCancellable",
    record({"errors": many(record({"field": STRING, "code": INTEGER, "message": STRING}))}),
)


@operation(
    "v3_create_return",
    "Returns",
    scope="write:return",
    body=WISH,
    answers={201: MADE, 400: "V3Errors"},
    costs=True,
)
def _create(call: Call) -> HttpResponse:
    """Make a return between two addresses, approved at once; its label is bought in the background.

    ``to_address`` may be one of the merchant's own or any other; without one it is the default address. ``brand_id``
    is the address' own brand where none is told. A return that is cancelled gives its external reference free.
    """
    return _made(_announced(call))


@operation(
    "v3_announce_return",
    "Returns",
    scope="write:return",
    body=WISH,
    answers={201: MADE, 400: BOTH_ERRORS},
    costs=True,
)
def _announce(call: Call) -> HttpResponse:
    """The same, and wait for the carrier: 201 when the label is there, 400 when the carrier refuses.

    After a refusal the return is cancelled and nothing was bought. A carrier that does not answer within 25 seconds
    goes on in the background: the answer is 201 then, as from POST /returns.
    """
    try:
        ret = _announced(call)
        wait_for_label(ret, actor=call.actor, until=time.monotonic() + 25)
    except RientroError as error:
        if error.status != 400:
            raise
        return _refused_both_ways(call, error)
    return _made(ret)


@operation(
    "v3_validate_return",
    "Returns",
    scope="write:return",
    body=WISH,
    answers={200: ECHO, 400: "V3Errors"},
)
def _validate(call: Call) -> HttpResponse:
    """Say what was understood of a return, in kilograms and centimetres, and make nothing."""
    wish, option = _wish(call, once_key="")
    with transaction.atomic():
        _told(lambda: check_announcement(wish))
    return json_response(echo_out(wish, option))


@operation(
    "v3_list_returns",
    "Returns",
    scope="read:return",
    query=(
        Param(name="from_date", about="such as 2026-11-01 00:00:00", needed=True),
        Param(name="to_date", about="such as 2026-11-30 23:59:59", needed=True),
        Param(name="parent_parcel_status", about="a status slug such as delivered"),
        Param(name="page_size", about="1 to 40"),
        Param(name="cursor"),
    ),
    answers={
        200: named("ReturnPageV3", page_schema("data", RETURN)),
        400: "V3Errors",
        404: "V3Errors",
    },
)
@transaction.atomic
def _list(call: Call) -> HttpResponse:
    """The returns that were made between two moments, newest first. Times without a zone are UTC."""
    query = call.request.GET
    problems: list[Problem] = []
    start, end = _moment(query, "from_date", problems), _moment(query, "to_date", problems)
    if problems:
        raise Refused(problems[0].detail, problems=problems)
    rows = full_returns(call).filter(requested_at__gte=start, requested_at__lte=end)
    if slug := query.get("parent_parcel_status", ""):
        rows = _with_status(rows, slug)
    size = size_of(call.request, usual=MOST, most=MOST)
    return json_response(page_of(call.request, rows, size=size).body("data", return_out))


@operation("v3_get_return", "Returns", scope="read:return", answers={200: RETURN, 404: "V3Errors"})
@transaction.atomic
def _one(call: Call, return_id: str) -> HttpResponse:
    """One return, bare, without a ``data`` around it."""
    return json_response(return_out(_named(call, return_id)))


@operation(
    "v3_cancel_return",
    "Returns",
    scope="write:return",
    answers={202: CANCELLING, 404: "V3Errors", 409: TOO_LATE},
)
def _cancel(call: Call, return_id: str) -> HttpResponse:
    """Cancel a return that is not on its way yet; its label is given back and credited as the carrier agrees."""
    with transaction.atomic():
        ret = _named(call, return_id)
    try:
        if not is_cancellable(ret):
            return _not_cancellable()
        cancel_return(ret=ret, actor=call.actor, now=call.now)
    except RientroError as error:
        if error.kind != "conflict":
            raise
        return _not_cancellable()
    return json_response({"message": "Cancellation requested successfully"}, 202)


def full_returns(call: Call) -> QuerySet[Return]:
    """The key's returns with all that version 3 tells of them."""
    return returns_of(call).prefetch_related(
        "parcels__labels", "parcels__purchases__account", "parcels__tracking_events"
    )


def _named(call: Call, return_id: str) -> Return:
    ret = full_returns(call).filter(pk=int(return_id)).first()
    if ret is None:
        raise Missing("No Return matches the given query.")
    return ret


def _wish(call: Call, *, once_key: str) -> tuple[AnnouncedReturn, str]:
    """The wish, and the code of the way it is sent."""
    body = read_json(call.request)
    with transaction.atomic():
        accounts = accounts_of(call)
    wish = read_return(body, accounts=accounts, once_key=once_key)
    chosen = next((row for row in accounts if row.pk == wish.contract_id), None)
    service = wish.service or (chosen.service if chosen else "") or "return"
    return wish, f"{chosen.carrier}:{service}" if chosen else ""


def _announced(call: Call) -> Return:
    wish, _ = _wish(call, once_key=call.once_key)
    ret: Return = _told(
        lambda: announce_return(
            integration=call.caller.integration, wish=wish, actor=call.actor, now=call.now
        )
    )
    return ret


def _told(run: Any) -> Any:
    """Run; what a flow refuses becomes a problem with a pointer into the body."""
    try:
        return run()
    except RientroError as error:
        if error.status != 400 or isinstance(error, Refused):
            raise
        field = error.facts.get("field") or (
            "external_reference" if error.code == "external_reference_used" else ""
        )
        raise problem_of(error.message, field) from error


def _made(ret: Return) -> HttpResponse:
    with transaction.atomic():
        number, several = number_of(ret), parcel_numbers(ret)
    body = {"return_id": ret.pk, "parcel_id": number, "multi_collo_ids": several}
    return json_response(body, 201)


def _refused_both_ways(call: Call, error: RientroError) -> HttpResponse:
    """As the documentation shows it, and as the other operations answer."""
    code = "parcel_announcement_error" if isinstance(error, Refusal) else "validation_error"
    problems = getattr(error, "problems", ()) or [Problem(detail=error.message, code=code)]
    body = {
        "error": {
            "code": code,
            "request": call.request.path.lstrip("/"),
            "message": error.message,
        },
        "errors": [_problem_out(problem) for problem in problems],
    }
    return json_response(body, 400)


def _problem_out(problem: Problem) -> dict[str, Any]:
    out: dict[str, Any] = {
        "status": "400",
        "code": problem.code,
        "detail": problem.detail,
        "message": problem.detail,
    }
    if problem.pointer:
        out["source"] = {"pointer": problem.pointer}
        out["field"] = problem.pointer.rsplit("/", 1)[-1]
    return out


def _not_cancellable() -> HttpResponse:
    problem = {"field": "returns", "code": 409, "message": "Return is not cancellable."}
    return json_response({"errors": [problem]}, 409)


def _moment(query: Mapping[str, str], name: str, problems: list[Problem]) -> datetime | None:
    told = query.get(name, "").strip()
    if not told:
        words = "This field is required."
        problems.append(Problem(detail=words, code="required", parameter=name))
        return None
    try:
        date, space, rest = told.partition(" ")
        # A plus that nobody escaped is a space: 2026-11-24T09:30:00 01:00
        told = f"{date}+{rest}" if space and "T" in date else told
        moment = datetime.fromisoformat(told)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        if moment.year in YEARS:
            return moment
    except (ValueError, OverflowError):
        pass
    words = "Use a date and time such as 2026-11-24 09:30:00."
    problems.append(Problem(detail=words, parameter=name))
    return None


def _with_status(rows: QuerySet[Return], slug: str) -> QuerySet[Return]:
    status = BY_SLUG.get(slug)
    if status is None:
        words = f"“{slug[:60]}” is no parcel status."
        problem = Problem(detail=words, code="invalid_choice", parameter="parent_parcel_status")
        raise Refused(words, problems=[problem])
    dead = Q(approval__in=["cancelled", "rejected"])
    if status.id == CANCELLED:
        return rows.filter(dead)
    states = [state for state, number in OF_STATE.items() if number == status.id]
    return rows.filter(~dead, carrier__in=states)


collection = methods(GET=_list, POST=_create)
announcing = methods(POST=_announce)
validating = methods(POST=_validate)
single = methods(GET=_one)
cancelling = methods(PATCH=_cancel)
