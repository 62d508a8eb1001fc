"""A return in our own words: a row of the list, and all of it."""

from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from rientro.api.door import Call
from rientro.api.rientro_v1.common import amount, facts_out, moment, returns_of, version_of
from rientro.api.v2.parcel_out import tracking_url
from rientro.flows.cancel_return import BEFORE_THE_ROAD
from rientro.flows.refund_return import still_payable
from rientro.kit.money import Money
from rientro.models import Event, Label, LabelPurchase, Parcel, Refund, Return, ReturnItem
from rientro.policy.lifecycle import (
    DEAD,
    Approval,
    CarrierState,
    Inspection,
    PurchaseStatus,
    Settlement,
)
from rientro.policy.return_methods import is_own

NEWEST_EVENTS = 500
ADDRESS = [
    "name",
    "company",
    "street",
    "house_number",
    "address_2",
    "postal_code",
    "city",
    "state",
    "country",
]
OPEN_COUNTS = (Inspection.PENDING, Inspection.RECEIVED, Inspection.PARTLY_ACCEPTED)
PAPERS = {"a6": "pdf_a6_id", "a4": "pdf_a4_id", "zpl": "zpl_id"}


def short_returns(call: Call) -> QuerySet[Return]:
    """With what a row of the list says."""
    return returns_of(call).select_related("order", "brand").prefetch_related("parcels")


def full_returns(call: Call) -> QuerySet[Return]:
    """With all that ``return_out`` says."""
    merchant = call.caller.integration.merchant
    inside: list[Any] = [
        Prefetch(
            "items", merchant.return_items.select_related("order_line", "reason").order_by("pk")
        ),
        Prefetch("parcels", merchant.parcels.order_by("position", "pk")),
        Prefetch("parcels__labels", merchant.labels.order_by("pk")),
        Prefetch(
            "parcels__purchases",
            merchant.label_purchases.select_related("account").order_by("pk"),
        ),
        Prefetch(
            "parcels__tracking_events", merchant.tracking_events.order_by("occurred_at", "pk")
        ),
        Prefetch("refunds", merchant.refunds.order_by("pk")),
        Prefetch("refunds__errands", merchant.shop_errands.all()),
    ]
    rows = returns_of(call).select_related("order", "brand", "to_address")
    return rows.prefetch_related(*inside)


def summary_out(ret: Return) -> dict[str, Any]:
    parcel = max(ret.parcels.all(), key=lambda one: one.pk, default=None)
    order = ret.order
    return {
        "id": str(ret.public_id),
        "number": ret.number,
        "version": version_of(ret),
        "external_reference": ret.told_reference(),
        "tab": ret.tab,
        "approval": ret.approval,
        "carrier": ret.carrier,
        "inspection": ret.inspection,
        "settlement": ret.settlement,
        "brand": {"id": ret.brand_id, "slug": ret.brand.slug, "name": ret.brand.name},
        "order": {
            "id": str(order.shipment_uuid),
            "number": order.number,
            "integration_id": order.integration_id,
            "external_order_id": order.external_order_id,
            "external_shipment_id": order.external_shipment_id,
        },
        "method": ret.method,
        "refund_type": ret.refund_type,
        "currency": ret.currency,
        "value": amount(ret.value_minor, ret.currency),
        "fee": amount(ret.fee_minor, ret.currency),
        "refund": amount(ret.refund_minor, ret.currency),
        "tracking_number": (parcel.tracking_number if parcel else "") or None,
        "requested_at": moment(ret.requested_at),
        "approved_at": moment(ret.approved_at),
        "delivered_at": moment(ret.delivered_at),
        "received_at": moment(ret.received_at),
        "closed_at": moment(ret.closed_at),
        "silent_since": moment(ret.silent_since),
        "updated_at": moment(ret.updated_at),
    }


def return_out(ret: Return) -> dict[str, Any]:
    """All of it; ``ret`` comes from ``full_returns``, inside a transaction."""
    label, purchase = label_of(ret), _purchase_of(ret)
    to = ret.to_address
    return {
        **summary_out(ret),
        "actions": actions_of(ret),
        "language": ret.language,
        "items": [_item(item, ret) for item in ret.items.all()],
        "money": _money(ret),
        "refunds": [refund_out(refund) for refund in ret.refunds.all()],
        "from_address": {
            name: getattr(ret, f"from_{name}") for name in [*ADDRESS, "email", "phone"]
        },
        "to_address": {
            "id": to.pk,
            "label": to.label,
            "name": to.contact_name,
            **{name: getattr(to, name) for name in ADDRESS if name != "name"},
        },
        "parcels": [_parcel(parcel) for parcel in ret.parcels.all()],
        "label": _label(label, ret) if label else None,
        "purchase": _purchase(purchase) if purchase else None,
        "note": ret.note,
        "rejection": ret.rejection,
        "carrier_problem": ret.carrier_problem,
        "timeline": _timeline(ret),
        "links": {
            "self": address_of(ret),
            "shopper": tracking_url(ret),
            "panel": settings.BASE_URL + reverse("panel:return", args=[ret.number]),
        },
    }


def address_of(ret: Return) -> str:
    return f"{settings.BASE_URL}/api/rientro/v1/returns/{ret.number}"


def actions_of(ret: Return) -> list[str]:
    """The steps that may be taken now; the flows decide again when they are."""
    approved = ret.approval == Approval.APPROVED
    early = ret.carrier in BEFORE_THE_ROAD
    untouched = ret.inspection == Inspection.PENDING and ret.settlement == Settlement.OPEN
    unpaid = ret.settlement in (Settlement.OPEN, Settlement.PROMISED)
    label, purchase = label_of(ret), _purchase_of(ret)
    lives = label is not None and label.void != Label.Void.VOIDED
    open_purchase = purchase is not None and purchase.status in (
        PurchaseStatus.BUYING,
        PurchaseStatus.UNKNOWN,
    )
    waits = ret.carrier in (CarrierState.FAILED, CarrierState.LABEL_READY)
    # Without a label of ours it travels by a number that somebody tells, until it is scanned.
    own = (is_own(ret.method) and ret.carrier == CarrierState.NONE) or (
        ret.carrier == CarrierState.FAILED and not open_purchase
    )
    payable = approved and ret.settlement != Settlement.CLOSED
    asked = any(refund.state == Refund.State.PENDING for refund in ret.refunds.all())
    may = {
        "approve": ret.may("approval", Approval.APPROVED.value),
        "reject": ret.may("approval", Approval.REJECTED.value),
        "cancel": ret.may("approval", Approval.CANCELLED.value) and early and untouched,
        "tell_number": own and untouched and ret.approval not in DEAD,
        "mark_sent": own and untouched and approved,
        "mark_delivered": approved and ret.may("carrier", CarrierState.DELIVERED.value),
        "receive": approved and ret.inspection in OPEN_COUNTS,
        "refund": payable and not asked and bool(still_payable(ret)),
        "settle_refund": asked,
        "close": approved and unpaid and not asked,
        "retry_label": approved and waits and not lives and not open_purchase,
        "void_label": label is not None
        and label.void in (Label.Void.NONE, Label.Void.REFUSED)
        and ret.carrier in (CarrierState.LABEL_READY, CarrierState.NONE, CarrierState.FAILED),
    }
    return [name for name, allowed in may.items() if allowed]


def label_of(ret: Return) -> Label | None:
    """The label that counts: a living one first, then the newest."""
    labels = [label for parcel in ret.parcels.all() for label in parcel.labels.all()]
    return min(labels, key=lambda one: (one.voided_at is not None, -one.pk), default=None)


def living_labels(ret: Return) -> list[Label]:
    """The labels in hand, in the order of their boxes; of a return in one parcel the one that counts."""
    if ret.parcel_count == 1:
        label = label_of(ret)
        return [label] if label and not label.voided_at else []
    boxes = sorted(ret.parcels.all(), key=lambda parcel: parcel.position)
    return [label for box in boxes for label in box.labels.all() if not label.voided_at]


def refund_out(refund: Refund) -> dict[str, Any]:
    return {
        "id": refund.pk,
        "amount": amount(refund.amount_minor, refund.currency),
        "currency": refund.currency,
        "shipping": amount(refund.shipping_minor, refund.currency),
        "kind": refund.kind,
        "method": refund.method or "elsewhere",
        "state": refund.state,
        "code": refund.code or None,
        "shop_reference": refund.reference or None,
        "problem": _problem_of(refund),
        "actor": refund.actor,
        "created_at": moment(refund.created_at),
        "paid_at": moment(refund.paid_at),
    }


def _problem_of(refund: Refund) -> str | None:
    """Why the shop has not paid, in its own words or ours; None where nothing is wrong."""
    errand = next(iter(refund.errands.all()), None)
    return None if errand is None or refund.state == Refund.State.PAID else errand.error or None


def _purchase_of(ret: Return) -> LabelPurchase | None:
    found = [purchase for parcel in ret.parcels.all() for purchase in parcel.purchases.all()]
    return max(found, key=lambda one: one.pk, default=None)


def _item(item: ReturnItem, ret: Return) -> dict[str, Any]:
    line, reason = item.order_line, item.reason
    told = reason is not None or item.reason_label
    return {
        "id": item.pk,
        "order_line_id": line.pk,
        "sku": line.sku,
        "name": line.name,
        "variant": line.variant,
        "quantity": item.quantity,
        "price": amount(item.price_minor, ret.currency),
        "reason": {
            "code": reason.code if reason else None,
            "label": item.reason_label,
            "fault": reason.fault if reason else None,
        }
        if told
        else None,
        "note": item.note,
        "photos": len(item.photos),
        "verdict": item.decision.get("verdict"),
        "because": item.decision.get("because"),
        "received_quantity": item.received_quantity,
        "grade": item.grade or None,
        "disposition": item.disposition or None,
    }


def _money(ret: Return) -> dict[str, Any]:
    paid = [one for one in ret.refunds.all() if one.state == Refund.State.PAID]
    gone = sum(one.amount_minor for one in paid)
    payable = ret.approval == Approval.APPROVED and ret.settlement != Settlement.CLOSED
    left = still_payable(ret) if payable else Money(0, ret.currency)
    labels = living_labels(ret)
    currency = labels[0].currency if labels else ""
    cost = sum(label.price_minor for label in labels if label.currency == currency)
    return {
        "currency": ret.currency,
        "value": amount(ret.value_minor, ret.currency),
        "fee": amount(ret.fee_minor, ret.currency),
        "refund": amount(ret.refund_minor, ret.currency),
        "refunded": amount(gone, ret.currency),
        "refundable": str(left.decimal()),
        "label_cost": amount(cost, currency) if labels else None,
        "label_currency": currency or None,
    }


def _parcel(parcel: Parcel) -> dict[str, Any]:
    return {
        "carrier": parcel.carrier_code,
        "tracking_number": parcel.tracking_number or None,
        "status": parcel.status,
        "weight_g": parcel.weight_g,
        "first_scan_at": moment(parcel.first_scan_at),
        "last_scan_at": moment(parcel.last_scan_at),
        "delivered_at": moment(parcel.delivered_at),
        "scans": [
            {
                "at": moment(scan.occurred_at),
                "status": scan.status,
                "code": scan.code,
                "description": scan.description,
                "place": scan.place,
            }
            for scan in parcel.tracking_events.all()
        ],
    }


def _label(label: Label, ret: Return) -> dict[str, Any]:
    base = f"{address_of(ret)}/label?format="
    there = {
        kind: f"{base}{kind}"
        for kind, field in PAPERS.items()
        if getattr(label, field) and not label.voided_at
    }
    return {
        "tracking_number": label.tracking_number,
        "price": amount(label.price_minor, label.currency),
        "currency": label.currency,
        "bought_at": moment(label.bought_at),
        "void": label.void,
        "void_message": label.void_message,
        "voided_at": moment(label.voided_at),
        "documents": {kind: there.get(kind) for kind in PAPERS},
    }


def _purchase(purchase: LabelPurchase) -> dict[str, Any]:
    return {
        "reference": purchase.reference,
        "status": purchase.status,
        "carrier_account": purchase.account.name,
        "error_code": purchase.error_code,
        "error_message": purchase.error_message,
    }


def _timeline(ret: Return) -> list[dict[str, Any]]:
    """The newest events of the return, oldest first; the carrier's scans stand with their parcels."""
    events: list[Event] = list(ret.events.order_by("-pk")[:NEWEST_EVENTS])
    return [
        {
            "at": moment(event.happened_at),
            "type": event.name,
            "actor": event.actor,
            "facts": facts_out(event),
        }
        for event in reversed(events)
    ]
