"""POST /api/v2/parcels: an order becomes known as a parcel, or a return gets its label. Contract, sections 6 and 6.1.

Without ``errors`` in the query a request is taken whole or not at all, and what is wrong answers 400. With
``errors=verbose`` or ``verbose-carrier`` each parcel stands for itself and the bad ones are told as
``failed_parcels``.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import transaction
from django.http import HttpResponse

from rientro.api.body import read_json
from rientro.api.describe import STRING, Schema, many, maybe, named, record, ref
from rientro.api.door import Call, json_response
from rientro.api.errors import Refused
from rientro.api.label_wait import wait_for_label
from rientro.api.operations import Param, operation
from rientro.api.reading import Reader
from rientro.api.v2.account import merchant_of
from rientro.api.v2.parcel_in import asked, read_order
from rientro.api.v2.parcel_list import latest_parcel
from rientro.api.v2.parcel_out import PARCEL, parcel_out, return_parcel_out
from rientro.api.v2.parcel_return_in import read_return_parcel, their_problems
from rientro.api.v2.parcels import ONE, orders_of, returns_of
from rientro.api.v2.shipment_in import their_words
from rientro.api.v2.shipping import accounts_of
from rientro.flows.announce_return import ReferenceUsed, announce_return
from rientro.flows.take_parcel import BadParcel, take_parcel
from rientro.kit.errors import RientroError
from rientro.models import Order, Return
from rientro.policy.lifecycle import CarrierState
from rientro.policy.orders_in import Problems

MOST = 100  # in one request
WAIT_S = 25.0  # for labels, of all parcels of a request together
USED = "This external reference has already been used in another parcel."
OUTBOUND = (
    "Rientro buys labels of returns only. To make this order known, so that its buyer can return it, send "
    "request_label: false; for a return label send is_return: true with from_name, from_address_1, from_city, "
    "from_postal_code and from_country."
)
NUMBERS: Schema = {"type": ["string", "number", "null"]}
NEW = named(
    "NewParcel",
    record(
        name=maybe(STRING),
        company_name=maybe(STRING),
        address=maybe(STRING),
        house_number=maybe(STRING),
        address_2=maybe(STRING),
        postal_code=maybe(STRING),
        city=maybe(STRING),
        country=maybe(STRING),
        email=maybe(STRING),
        telephone=maybe(STRING),
        order_number=maybe(STRING),
        external_reference=maybe(STRING),
        shipment_uuid=maybe(STRING),
        weight=NUMBERS,
        length=NUMBERS,
        width=NUMBERS,
        height=NUMBERS,
        total_order_value=NUMBERS,
        total_order_value_currency=maybe(STRING),
        parcel_items=maybe(many({"type": "object"})),
        request_label={"type": ["boolean", "null"]},
        request_label_async={"type": ["boolean", "null"]},
        is_return={"type": ["boolean", "null"]},
        from_name=maybe(STRING),
        from_company_name=maybe(STRING),
        from_address_1=maybe(STRING),
        from_address_2=maybe(STRING),
        from_house_number=maybe(STRING),
        from_city=maybe(STRING),
        from_postal_code=maybe(STRING),
        from_country=maybe(STRING),
        from_telephone=maybe(STRING),
        from_email=maybe(STRING),
        shipment={"type": ["object", "null"]},
        contract={"type": ["integer", "null"]},
        sender_address={"type": ["integer", "null"]},
    ),
)
FAILED = record({"parcel": {}, "errors": {"type": "object"}})
SEVERAL = named("ParcelsMade", record({"parcels": many(PARCEL)}, failed_parcels=many(FAILED)))


class BadFields(Refused):
    """What is wrong with one parcel, by field; the sentence names the first."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(in_one_sentence(problems))
        self.fields = problems


@dataclass(slots=True)
class Made:
    """One parcel of the request and what became of it."""

    told: Any
    order: Order | None = None
    ret: Return | None = None
    waits: bool = False
    problems: Problems = field(default_factory=dict)


class Standing:
    """What is asked of the merchant once per request."""

    def __init__(self, call: Call) -> None:
        self.call = call

    @cached_property
    def accounts(self) -> Sequence[Any]:
        return accounts_of(self.call)

    @cached_property
    def addresses(self) -> Sequence[Any]:
        return list(merchant_of(self.call).addresses.filter(deleted_at=None))

    @cached_property
    def currency(self) -> str:
        return merchant_of(self.call).currency


@operation(
    "v2_create_parcels",
    "Parcels",
    scope="write:parcel",
    query=(
        Param(name="errors", about="verbose or verbose-carrier: failed_parcels instead of 400"),
    ),
    body={
        "type": "object",
        "properties": {"parcel": ref(NEW), "parcels": {"type": "array", "items": ref(NEW)}},
    },
    answers={
        200: {"anyOf": [ref(ONE), ref(SEVERAL)]},
        400: "V2Error",
        404: "V2Error",
    },
    costs=True,
)
def create(call: Call) -> HttpResponse:
    """Make one parcel (``{"parcel": {…}}``) or up to 100 (``{"parcels": […]}``).

    ``request_label: false`` makes an order known that others ship: its buyer finds it in the portal by
    ``order_number``. An order number, or an ``external_reference``, that is known is the same parcel. It costs
    nothing. ``is_return: true`` with ``from_*`` makes a return to ``name``, ``address`` … (or to the default
    address); with ``request_label`` its label is bought, and the answer waits for it up to 25 seconds, unless
    ``request_label_async`` says not to. Labels of outbound parcels are not sold here: 400.
    """
    told, alone = _entries(read_json(call.request))
    verbose = call.request.GET.get("errors", "") if not alone else _of_one(call)
    made = _made_each(call, told) if verbose else _made_all(call, told)
    _wait(call, made)
    with transaction.atomic():
        parcels = [_out(call, one) for one in made if not one.problems]
    failed = [
        {"parcel": _as_sent(one.told), "errors": one.problems} for one in made if one.problems
    ]
    if failed and not parcels and verbose != "verbose":
        raise BadFields(failed[0]["errors"])
    if alone and not failed:
        return json_response({"parcel": parcels[0]})
    body: dict[str, Any] = {"parcels": parcels}
    if failed or verbose:
        body["failed_parcels"] = failed
    return json_response(body)


def in_one_sentence(problems: Problems) -> str:
    """``house_number: 'This field may not be blank.'``, as version 2 writes it; of several the first."""
    for name, found in problems.items():
        inner: Any = found
        while isinstance(inner, list | dict) and inner:
            if isinstance(inner, dict):
                inner = next(iter(inner.values()))
            else:
                inner = next((one for one in inner if one), "")
        return f"{inner}" if name == "non_field_errors" else f"{name}: '{inner}'"
    return "This parcel cannot be taken."


def _of_one(call: Call) -> str:
    """A single parcel answers 400 for what a carrier says, whatever was asked; only ``verbose`` changes that."""
    return "verbose" if call.request.GET.get("errors", "") == "verbose" else ""


def _entries(body: Any) -> tuple[Sequence[Any], bool]:
    """(the parcels, is it the single form)."""
    if isinstance(body, Mapping):
        if isinstance(body.get("parcel"), Mapping):
            return [body["parcel"]], True
        several = body.get("parcels")
        if isinstance(several, list):
            if not 1 <= len(several) <= MOST:
                raise Refused(f"parcels: Send 1 to {MOST} parcels at a time, not {len(several)}.")
            return several, False
    raise Refused("Send {'parcel': {…}} or {'parcels': [{…}]}.")


def _made_all(call: Call, told: Sequence[Any]) -> list[Made]:
    """All, or none: the first that cannot be made is the answer."""
    standing = Standing(call)
    with transaction.atomic():
        if len(told) > 1:
            # Two requests with the same parcels in another order would wait for each other: one after the other.
            own = merchant_of(call).integrations.select_for_update(no_key=True)
            own.get(pk=call.caller.integration.pk)
        return [_made(standing, one, place) for place, one in enumerate(told)]


def _made_each(call: Call, told: Sequence[Any]) -> list[Made]:
    standing = Standing(call)
    out = []
    for place, one in enumerate(told):
        try:
            with transaction.atomic():
                out.append(_made(standing, one, place))
        except BadFields as error:
            out.append(Made(one, problems=error.fields))
        except RientroError as error:
            if error.status not in (400, 404):
                raise
            out.append(Made(one, problems={"non_field_errors": [error.message]}))
    return out


def _made(standing: Standing, told: Any, place: int) -> Made:
    if not isinstance(told, Mapping):
        raise BadFields({"non_field_errors": ["Invalid data. Expected an object."]})
    read = Reader(told)
    wants, is_return, later = (
        asked(read, name) for name in ("request_label", "is_return", "request_label_async")
    )
    if read.problems:
        raise BadFields(read.problems)
    if is_return:
        ret, is_new = _made_return(standing, told, place, asks_label=wants or later)
        pending = is_new or ret.carrier == CarrierState.LABEL_PENDING
        return Made(told, ret=ret, waits=wants and not later and pending)
    if wants or later:
        raise BadFields({"request_label": [OUTBOUND]})
    return Made(told, order=_made_order(standing, told))


def _made_order(standing: Standing, told: Mapping[str, Any]) -> Order:
    call = standing.call
    parcel, problems = read_order(told, currency=standing.currency, known=None, now=call.now)
    if parcel is None:
        raise BadFields(problems)
    if parcel.reference and _living(call, parcel.reference) is not None:
        raise BadFields({"external_reference": [USED]})
    try:
        return take_parcel(
            integration=call.caller.integration, told=parcel, actor=call.actor, now=call.now
        )
    except BadParcel as error:
        raise BadFields(their_words(error.problems)) from error


def _made_return(
    standing: Standing, told: Mapping[str, Any], place: int, *, asks_label: bool
) -> tuple[Return, bool]:
    call = standing.call
    if told.get("shipment_uuid"):
        words = (
            "A return parcel stands for itself. Leave this out, or let the buyer of that order return it in the "
            "portal."
        )
        raise BadFields({"shipment_uuid": [words]})
    wish, problems = read_return_parcel(
        told,
        accounts=standing.accounts,
        addresses=standing.addresses,
        currency=standing.currency,
        asks_label=asks_label,
        once_key=f"{call.once_key}:{place}" if place and call.once_key else call.once_key,
    )
    if wish is None:
        raise BadFields(problems)
    reference = wish.external_reference
    if reference and orders_of(call).filter(external_reference=reference).exists():
        raise BadFields({"external_reference": [USED]})
    try:
        made = announce_return(
            integration=call.caller.integration, wish=wish, actor=call.actor, now=call.now
        )
    except ReferenceUsed as error:
        ret = _living(call, reference)
        if ret is None:
            raise BadFields({"external_reference": [USED]}) from error
        return ret, False  # the same parcel again: nothing is bought twice
    except RientroError as error:
        if error.status != 400:
            raise
        raise BadFields(their_problems(error.message, error.facts.get("field"))) from error
    return made, True


def _living(call: Call, reference: str) -> Return | None:
    rows = returns_of(call).filter(external_reference=reference)
    found: Return | None = rows.exclude(approval__in=["cancelled", "rejected"]).first()
    return found


def _wait(call: Call, made: Sequence[Made]) -> None:
    """See the labels bought; what a carrier refuses is cancelled and becomes a problem of its parcel."""
    until = time.monotonic() + WAIT_S
    for one in made:
        if one.ret is None or not one.waits or time.monotonic() >= until:
            continue
        try:
            wait_for_label(one.ret, actor=call.actor, until=until)
        except RientroError as error:
            if error.status != 400:
                raise
            one.problems = {"non_field_errors": [error.message]}


def _as_sent(told: Any) -> Any:
    """Numbers with a fraction are numbers again."""
    if isinstance(told, Decimal):
        return float(told)
    if isinstance(told, Mapping):
        return {name: _as_sent(value) for name, value in told.items()}
    return [_as_sent(one) for one in told] if isinstance(told, list) else told


def _out(call: Call, made: Made) -> dict[str, Any]:
    if made.order is not None:
        return parcel_out(orders_of(call).get(pk=made.order.pk))
    assert made.ret is not None
    ret = returns_of(call).get(pk=made.ret.pk)
    return return_parcel_out(ret, latest_parcel(ret))
