"""/api/v2/returns: what comes back, as the clients of version 2 read it. Source: contract, section 7."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse

from rientro.api.delivery_options import option_of
from rientro.api.describe import (
    BOOLEAN,
    INTEGER,
    MOMENT,
    NUMBER,
    STRING,
    many,
    maybe,
    named,
    record,
)
from rientro.api.door import Call, json_response, methods
from rientro.api.ids import parcel_id
from rientro.api.operations import Param, operation
from rientro.api.pages import page_of, page_schema
from rientro.api.statuses import status_of
from rientro.api.v2.parcel_list import latest_parcel
from rientro.api.v2.parcel_out import tracking_url
from rientro.api.v2.parcels import returns_of
from rientro.api.v2.return_images import IMAGE, images_of
from rientro.kit.errors import Missing
from rientro.kit.money import Money
from rientro.models import Return
from rientro.policy.lifecycle import Approval, CarrierState

PAGE = 100
REFUND_WORDS = {"money": "Money back", "credit": "Store credit", "exchange": "Exchange"}
CANCELLABLE = (
    CarrierState.NONE,
    CarrierState.LABEL_PENDING,
    CarrierState.LABEL_READY,
    CarrierState.FAILED,
)
REFUND = record(
    {
        "refund_type": record({"code": STRING, "label": STRING, "require_message": BOOLEAN}),
        "total_refund": STRING,
        "refunded_at": maybe(INTEGER),
        "message": STRING,
    }
)
RETURN = named(
    "ReturnV2",
    record(
        {
            "id": INTEGER,
            "email": STRING,
            "created_at": MOMENT,
            "reason": maybe(INTEGER),
            "outgoing_parcel": maybe(INTEGER),
            "incoming_parcel": INTEGER,
            "message": STRING,
            "status": STRING,
            "status_display": STRING,
            "refund": REFUND,
            "is_cancellable": BOOLEAN,
            "return_fee": NUMBER,
            "return_fee_currency": STRING,
            "label_cost": NUMBER,
            "label_currency": STRING,
            "items_cost": NUMBER,
            "delivered_at": maybe(MOMENT),
            "delivery_option": maybe(STRING),
            "store_location": maybe(INTEGER),
            "payment_details": {},
            "incoming_parcel_data": record(
                {
                    "tracking_url": STRING,
                    "tracking_number": STRING,
                    "parcel_status": INTEGER,
                    "global_status_slug": STRING,
                    "brand_name": STRING,
                    "order_number": STRING,
                    "from_email": STRING,
                    "from_name": STRING,
                    "from_country": STRING,
                    "collo_count": INTEGER,
                    "extra_data": {"type": "object"},
                    "rules": many({"type": "object"}),
                }
            ),
            "incoming_parcel_status": record(
                {"id": INTEGER, "message": STRING, "global_status_slug": STRING}
            ),
            "images": many(IMAGE),
            "rule_modifications": many({"type": "object"}),
        },
        outgoing_parcel_data={"type": "object"},
    ),
)


@operation(
    "v2_list_returns",
    "Returns",
    scope="read:return",
    query=(Param(name="cursor"),),
    answers={200: named("ReturnPageV2", page_schema("returns", RETURN)), 404: "V2Error"},
)
@transaction.atomic
def _list(call: Call) -> HttpResponse:
    """The returns of the integration's orders, newest first."""
    rows = returns_of(call).prefetch_related("items", "parcels__labels", "parcels__purchases")
    return json_response(page_of(call.request, rows, size=PAGE).body("returns", return_out))


@operation("v2_get_return", "Returns", scope="read:return", answers={200: RETURN, 404: "V2Error"})
@transaction.atomic
def _one(call: Call, return_id: str) -> HttpResponse:
    """One return."""
    rows = returns_of(call).prefetch_related("items", "parcels__labels", "parcels__purchases")
    ret = rows.filter(pk=int(return_id)).first()
    if ret is None:
        raise Missing("No Return matches the given query.")
    return json_response(return_out(ret))


def return_out(ret: Return) -> dict[str, Any]:
    """A Return. ``outgoing_parcel_data`` is absent, never null, where nothing was sent through here."""
    parcel = latest_parcel(ret)
    number = parcel_id("parcel", parcel.pk) if parcel else parcel_id("return", ret.pk)
    status = status_of(ret, parcel)
    in_store = ret.method == Return.Method.IN_STORE.value
    has_outbound = ret.order.has_outbound
    out = {
        "id": ret.pk,
        "email": ret.from_email or ret.order.email,
        "created_at": ret.requested_at.isoformat(),
        "reason": None,  # each item holds its own
        "outgoing_parcel": parcel_id("order", ret.order_id) if has_outbound else None,
        "incoming_parcel": number,
        "message": ret.note,
        "status": status.slug,
        "status_display": status.message,
        "refund": _refund(ret),
        "is_cancellable": is_cancellable(ret),
        "return_fee": _amount(ret.fee_minor, ret.currency),
        "return_fee_currency": ret.currency,
        **_label_cost(ret, parcel),
        "items_cost": _amount(ret.value_minor, ret.currency),
        "delivered_at": ret.delivered_at.isoformat() if ret.delivered_at else None,
        "delivery_option": option_of(ret.method),
        "store_location": ret.to_address_id if in_store else None,
        "payment_details": None,
        "incoming_parcel_data": _incoming(ret, parcel, status.id, status.slug),
        "incoming_parcel_status": {
            "id": status.id,
            "message": status.message,
            "global_status_slug": status.slug,
        },
        "images": images_of(ret),
        "rule_modifications": [],
    }
    if has_outbound:
        out["outgoing_parcel_data"] = {
            "tracking_number": ret.order.outbound_tracking_number,
            "order_number": ret.order.number,
        }
    return out


def is_cancellable(ret: Return) -> bool:
    """May it still be taken back: not decided against, and not on the road yet."""
    living = ret.approval in (Approval.REQUESTED, Approval.APPROVED)
    return living and ret.carrier in CANCELLABLE


def _refund(ret: Return) -> dict[str, Any]:
    paid = ret.settlement in ("refunded", "closed") and ret.closed_at is not None
    return {
        "refund_type": {
            "code": ret.refund_type,
            "label": REFUND_WORDS.get(ret.refund_type, ret.refund_type),
            "require_message": ret.refund_type == "exchange",
        },
        "total_refund": str(Money(ret.refund_minor, ret.currency).decimal()),
        "refunded_at": int(ret.closed_at.timestamp() * 1000) if paid and ret.closed_at else None,
        "message": "",
    }


def _label_cost(ret: Return, parcel: Any) -> dict[str, Any]:
    labels = list(parcel.labels.all()) if parcel else []
    label = max(labels, key=lambda one: one.pk, default=None)
    if label is None:
        return {"label_cost": 0.0, "label_currency": ret.currency}
    return {
        "label_cost": _amount(label.price_minor, label.currency),
        "label_currency": label.currency,
    }


def _incoming(ret: Return, parcel: Any, number: int, slug: str) -> dict[str, Any]:
    return {
        "tracking_url": tracking_url(ret),
        "tracking_number": parcel.tracking_number if parcel else "",
        "parcel_status": number,
        "global_status_slug": slug,
        "brand_name": ret.brand.name,
        "order_number": ret.order.number,
        "from_email": ret.from_email,
        "from_name": ret.from_name,
        "from_country": ret.from_country,
        "deleted": False,
        "collo_count": ret.parcel_count,
        "shipping_method": _method_of(parcel),
        "extra_data": {},
        "rules": [],
    }


def _method_of(parcel: Any) -> int | None:
    """The contract that the label is bought with, under its id in /shipping_methods."""
    purchases = parcel.purchases.all() if parcel else ()
    newest = max(purchases, key=lambda purchase: purchase.pk, default=None)
    return newest.account_id if newest else None


def _amount(minor: int, currency: str) -> float:
    return float(Money(minor, currency).decimal())


collection = methods(GET=_list)
single = methods(GET=_one)
