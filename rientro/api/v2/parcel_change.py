"""PUT /api/v2/parcels: a parcel is changed before it has a label, or its label is asked for."""

import time
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpResponse

from rientro.api.body import read_json_or_form
from rientro.api.describe import record, ref
from rientro.api.door import Call, json_response
from rientro.api.errors import Refused
from rientro.api.label_wait import wait_for_label
from rientro.api.operations import operation
from rientro.api.reading import Reader
from rientro.api.v2.parcel_create import NEW, OUTBOUND, USED, WAIT_S, BadFields
from rientro.api.v2.parcel_in import asked, parcel_number, read_order
from rientro.api.v2.parcel_list import latest_parcel
from rientro.api.v2.parcel_out import parcel_out, return_parcel_out
from rientro.api.v2.parcel_return_in import read_change, their_problems
from rientro.api.v2.parcels import ONE, find, orders_of, returns_of
from rientro.api.v2.shipment_in import their_words
from rientro.api.v2.shipping import accounts_of
from rientro.flows.change_announcement import change_announcement
from rientro.flows.take_parcel import BadParcel, ParcelReferenceUsed, take_parcel
from rientro.kit.errors import RientroError
from rientro.models import Order, Return

CHANGE = {"allOf": [ref(NEW), record({"id": {"type": ["integer", "string"]}})]}


@operation(
    "v2_update_parcel",
    "Parcels",
    scope="write:parcel",
    body=record({"parcel": CHANGE}),
    answers={200: ONE, 400: "V2Error", 404: "V2Error"},
    costs=True,
)
def change(call: Call) -> HttpResponse:
    """Change what is told of the parcel ``id``; what is not told stays.

    Of an order: anything but its label, which is not sold here. Of a return that was made by a machine and has no
    label: ``from_*``, weight, sizes, order_number, external_reference and the contract. ``request_label: true``
    buys a return's label, and approves one that waits for it; the answer waits as that of POST does. A refusal by
    the carrier answers 400 and leaves the parcel, to be mended and tried again. 400 too once there is a label.
    """
    told = _told(read_json_or_form(call.request))
    number, problems = parcel_number(told)
    read = Reader(told)
    wants, later = asked(read, "request_label"), asked(read, "request_label_async")
    asked(read, "is_return")
    if problems := problems | read.problems:
        raise BadFields(problems)
    with transaction.atomic():
        order, ret, _ = find(call, number)
    if order is not None:
        if wants or later:
            raise BadFields({"request_label": [OUTBOUND]})
        return _answer(_changed_order(call, order, told))
    assert ret is not None
    ret = _changed_return(call, ret, told, asks_label=wants or later)
    if wants and not later:
        wait_for_label(ret, actor=call.actor, until=time.monotonic() + WAIT_S, cancels=False)
    with transaction.atomic():
        ret = returns_of(call).get(pk=ret.pk)
        return json_response({"parcel": return_parcel_out(ret, latest_parcel(ret))})


def _told(body: Any) -> Mapping[str, Any]:
    """The parcel, or a flat form of its fields: one client sends a form and calls it JSON."""
    told = body.get("parcel", body) if isinstance(body, Mapping) else None
    if not isinstance(told, Mapping):
        raise Refused("Send {'parcel': {'id': …, and what is to be different}}.")
    return told


def _changed_order(call: Call, order: Order, told: Mapping[str, Any]) -> dict[str, Any]:
    parcel, problems = read_order(told, currency=order.currency, known=order, now=call.now)
    if parcel is None:
        raise BadFields(problems)
    with transaction.atomic():
        used = returns_of(call).filter(external_reference=parcel.reference)
        if parcel.reference and used.exists():
            raise BadFields({"external_reference": [USED]})
    try:
        take_parcel(
            integration=call.caller.integration,
            told=parcel,
            order=order,
            actor=call.actor,
            now=call.now,
        )
    except BadParcel as error:
        raise BadFields(their_words(error.problems)) from error
    except ParcelReferenceUsed as error:
        raise BadFields({"external_reference": [error.message]}) from error
    with transaction.atomic():
        return parcel_out(orders_of(call).get(pk=order.pk))


def _answer(parcel: dict[str, Any]) -> HttpResponse:
    return json_response({"parcel": parcel})


def _changed_return(
    call: Call, ret: Return, told: Mapping[str, Any], *, asks_label: bool
) -> Return:
    with transaction.atomic():
        accounts = accounts_of(call)
    wanted, problems = read_change(told, accounts=accounts, asks_label=asks_label)
    if wanted is None:
        raise BadFields(problems)
    reference = wanted.external_reference
    with transaction.atomic():
        if reference and orders_of(call).filter(external_reference=reference).exists():
            raise BadFields({"external_reference": [USED]})
    try:
        return change_announcement(ret=ret, change=wanted, actor=call.actor, now=call.now)
    except RientroError as error:
        if error.kind not in ("conflict", "invalid"):
            raise
        field = error.facts.get("field")
        if error.code == "external_reference_used":
            field = "external_reference"
        raise BadFields(their_problems(error.message, field)) from error
