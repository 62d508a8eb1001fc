"""/api/v2/parcels: imported orders and parcels on their way back, as one list of parcels."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from rientro.api.describe import INTEGER, STRING, many, maybe, named, record
from rientro.api.door import Call, json_response, methods
from rientro.api.ids import what_is
from rientro.api.operations import Param, operation
from rientro.api.statuses import STATUSES
from rientro.api.v2.parcel_list import latest_parcel, page_of_parcels
from rientro.api.v2.parcel_out import PARCEL, parcel_out, return_parcel_out
from rientro.flows.cancel_order import cancel_order
from rientro.flows.cancel_return import cancel_return
from rientro.kit.errors import Missing, RientroError
from rientro.models import Order, Parcel, Return
from rientro.policy.lifecycle import Approval, CarrierState

NO_PARCEL = "No Parcel matches the given query."
ONE = named("OneParcel", record({"parcel": PARCEL}))
PAGE = named(
    "ParcelPage",
    record({"next": maybe(STRING), "previous": maybe(STRING), "parcels": many(PARCEL)}),
)
STATUS = named("ParcelStatus", record({"id": INTEGER, "message": STRING}))
CANCELLED = named("ParcelCancelled", record({"status": STRING, "message": STRING}))
URL = named("PortalAddress", record({"url": STRING}))
FILTERS = (
    "cursor ids parcel_status tracking_number order_number external_reference updated_after "
    "announced_after errors"
)


def orders_of(call: Call) -> QuerySet[Order]:
    """The orders that this key sees as parcels."""
    integration = call.caller.integration
    found: QuerySet[Order] = integration.orders.filter(cancelled_at=None, standalone=False)
    return found.prefetch_related("lines__order")


def returns_of(call: Call) -> QuerySet[Return]:
    """The returns of this key's integration, with all that is told of them."""
    merchant = call.caller.integration.merchant
    found: QuerySet[Return] = merchant.returns.filter(order__integration=call.caller.integration.pk)
    return found.select_related("order", "to_address", "brand").prefetch_related(
        "items__order_line__order", "items__ret", "parcels__labels", "parcels__purchases__account"
    )


def find(call: Call, number: str | int) -> tuple[Order | None, Return | None, Parcel | None]:
    """The order, or the return with its parcel, behind a parcel's public id. Raises Missing."""
    known = what_is(int(number))
    if known is None:
        raise Missing(NO_PARCEL)
    kind, pk = known
    if kind == "order":
        order = orders_of(call).filter(pk=pk).first()
        if order is not None:
            return order, None, None
    elif kind == "return":
        ret = returns_of(call).filter(pk=pk).first()
        if ret is not None:  # under the number it had before there was a parcel
            return None, ret, latest_parcel(ret)
    else:
        ret = returns_of(call).filter(parcels=pk).first()
        if ret is not None:
            return None, ret, next(parcel for parcel in ret.parcels.all() if parcel.pk == pk)
    raise Missing(NO_PARCEL)


def told(order: Order | None, ret: Return | None, parcel: Parcel | None) -> dict[str, Any]:
    if order is not None:
        return parcel_out(order)
    assert ret is not None
    return return_parcel_out(ret, parcel)


@operation(
    "v2_list_parcels",
    "Parcels",
    scope="read:parcel",
    query=tuple(Param(name=name) for name in FILTERS.split()),
    answers={200: PAGE, 400: "V2Error", 404: "V2Error"},
)
@transaction.atomic
def listing(call: Call) -> HttpResponse:
    """Parcels of the integration, newest first: those on their way back, then orders that were never shipped here.

    Filters: parcel_status, tracking_number, order_number, external_reference, updated_after, announced_after, and
    ids with commas between.
    """
    return json_response(page_of_parcels(call.request, orders_of(call), returns_of(call)))


@operation("v2_get_parcel", "Parcels", scope="read:parcel", answers={200: ONE, 404: "V2Error"})
@transaction.atomic
def _one(call: Call, number: str) -> HttpResponse:
    """One parcel: an imported order, or a parcel on its way back."""
    return json_response({"parcel": told(*find(call, number))})


@operation(
    "v2_cancel_parcel",
    "Parcels",
    scope="write:parcel",
    answers={200: CANCELLED, 202: CANCELLED, 400: CANCELLED, 404: "V2Error", 410: CANCELLED},
)
def _cancel(call: Call, number: str) -> HttpResponse:
    """Cancel a return and give its label back; an order that was never shipped is taken back.

    202: the carrier is asked to void the label, and the credit follows its answer.
    """
    with transaction.atomic():
        order, ret, _ = find(call, number)
        if order is not None:
            cancel_order(order=order, forget=False, actor=call.actor, now=call.now)
            return _said(200, "deleted", "Parcel has been deleted.")
    assert ret is not None
    if ret.approval == Approval.CANCELLED:
        return _said(400, "failed", "This parcel is already being cancelled.")
    if ret.carrier == CarrierState.FAILED:
        return _said(410, "failed", "The announcement of this parcel failed.")
    has_label = ret.carrier == CarrierState.LABEL_READY
    try:
        cancel_return(ret=ret, actor=call.actor, now=call.now)
    except RientroError as error:
        if error.kind != "conflict":
            raise
        return _said(400, "failed", error.message)
    if has_label:
        return _said(202, "queued", "Parcel cancellation has been queued.")
    return _said(200, "cancelled", "Parcel has been cancelled.")


def _said(status: int, word: str, message: str) -> HttpResponse:
    return json_response({"status": word, "message": message}, status)


@operation(
    "v2_get_return_portal_url", "Parcels", scope="read:parcel", answers={200: URL, 404: "V2Error"}
)
@transaction.atomic
def _portal_url(call: Call, number: str) -> HttpResponse:
    """Where the buyer of this parcel returns it."""
    return json_response({"url": portal_url_of(call, number)})


def portal_url_of(call: Call, number: str) -> str:
    order, ret, _ = find(call, number)
    brand = order.brand if order is not None else ret.brand if ret is not None else None
    if brand is None or not brand.portal_settings.filter(active=True).exists():
        raise Missing("This parcel has no return portal.")
    return settings.BASE_URL + reverse("portal:find", args=[brand.slug])


@operation("v2_list_parcel_statuses", "Parcels", scope="read:parcel", answers={200: many(STATUS)})
def _statuses(call: Call) -> HttpResponse:
    """Every status that a parcel can have, with its number."""
    return json_response([{"id": one.id, "message": one.message} for one in STATUSES])


single = methods(GET=_one)
cancel = methods(POST=_cancel)
portal_url = methods(GET=_portal_url)
statuses = methods(GET=_statuses)
