"""The shapes of our own API."""

from rientro.api.describe import (
    INTEGER,
    MOMENT,
    STRING,
    many,
    maybe,
    named,
    one_of,
    record,
)
from rientro.api.rientro_v1.common import AMOUNT
from rientro.models import Label, Refund, Return, ReturnItem
from rientro.models.back_to_shop import METHODS
from rientro.policy.lifecycle import (
    Approval,
    CarrierState,
    Inspection,
    PurchaseStatus,
    Settlement,
    Tab,
)

ACTIONS = (
    "approve", "reject", "cancel", "tell_number", "mark_sent", "mark_delivered", "receive", "refund", "close",
    "retry_label", "void_label", "settle_refund",
)  # fmt: skip
UUID = {"type": "string", "format": "uuid"}
WHEN = maybe(MOMENT)
GRADES = one_of(*ReturnItem.Grade.values)
DISPOSITIONS = one_of(*ReturnItem.Disposition.values)
KINDS = one_of(*Return.RefundType.values)
WAYS = one_of(*METHODS, "elsewhere")
BRAND = record({"id": INTEGER, "slug": STRING, "name": STRING})
ORDER = record(
    {
        "id": UUID,
        "number": STRING,
        "integration_id": INTEGER,
        "external_order_id": STRING,
        "external_shipment_id": STRING,
    }
)
MONEY = record(
    {
        "currency": STRING,
        "value": AMOUNT,
        "fee": AMOUNT,
        "refund": AMOUNT,
        "refunded": AMOUNT,
        "refundable": AMOUNT,
        "label_cost": maybe(AMOUNT),
        "label_currency": maybe(STRING),
    }
)
SUMMARY_FIELDS = {
    "id": UUID,
    "number": STRING,
    "version": STRING,
    "external_reference": STRING,
    "tab": one_of(*(tab.value for tab in Tab)),
    "approval": one_of(*(state.value for state in Approval)),
    "carrier": one_of(*(state.value for state in CarrierState)),
    "inspection": one_of(*(state.value for state in Inspection)),
    "settlement": one_of(*(state.value for state in Settlement)),
    "brand": BRAND,
    "order": ORDER,
    "method": one_of(*Return.Method.values),
    "refund_type": KINDS,
    "currency": STRING,
    "value": AMOUNT,
    "fee": AMOUNT,
    "refund": AMOUNT,
    "tracking_number": maybe(STRING),
    "requested_at": MOMENT,
    "approved_at": WHEN,
    "delivered_at": WHEN,
    "received_at": WHEN,
    "closed_at": WHEN,
    "silent_since": WHEN,
    "updated_at": MOMENT,
}
SUMMARY = named("ReturnSummary", record(SUMMARY_FIELDS))
ITEM = record(
    {
        "id": INTEGER,
        "order_line_id": INTEGER,
        "sku": STRING,
        "name": STRING,
        "variant": STRING,
        "quantity": INTEGER,
        "price": AMOUNT,
        "reason": maybe(record({"code": maybe(STRING), "label": STRING, "fault": maybe(STRING)})),
        "note": STRING,
        "photos": INTEGER,
        "verdict": maybe(STRING),
        "because": maybe(STRING),
        "received_quantity": INTEGER,
        "grade": maybe(GRADES),
        "disposition": maybe(DISPOSITIONS),
    }
)
ADDRESS_FIELDS = {
    "name": STRING,
    "company": STRING,
    "street": STRING,
    "house_number": STRING,
    "address_2": STRING,
    "postal_code": STRING,
    "city": STRING,
    "state": STRING,
    "country": STRING,
}
FROM = record({**ADDRESS_FIELDS, "email": STRING, "phone": STRING})
TO = record({"id": INTEGER, "label": STRING, **ADDRESS_FIELDS})
SCAN = record(
    {"at": MOMENT, "status": STRING, "code": STRING, "description": STRING, "place": STRING}
)
PARCEL = record(
    {
        "carrier": STRING,
        "tracking_number": maybe(STRING),
        "status": STRING,
        "weight_g": INTEGER,
        "first_scan_at": WHEN,
        "last_scan_at": WHEN,
        "delivered_at": WHEN,
        "scans": many(SCAN),
    }
)
LABEL = record(
    {
        "tracking_number": STRING,
        "price": AMOUNT,
        "currency": STRING,
        "bought_at": MOMENT,
        "void": one_of(*Label.Void.values),
        "void_message": STRING,
        "voided_at": WHEN,
        "documents": record({"a6": maybe(STRING), "a4": maybe(STRING), "zpl": maybe(STRING)}),
    }
)
PURCHASE = record(
    {
        "reference": STRING,
        "status": one_of(*(status.value for status in PurchaseStatus)),
        "carrier_account": STRING,
        "error_code": STRING,
        "error_message": STRING,
    }
)
REFUND = named(
    "RefundPaid",
    record(
        {
            "id": INTEGER,
            "amount": AMOUNT,
            "currency": STRING,
            "shipping": AMOUNT,
            "kind": KINDS,
            "method": WAYS,
            "state": one_of(*Refund.State.values),
            "code": maybe(STRING),
            "shop_reference": maybe(STRING),
            "problem": maybe(STRING),
            "actor": STRING,
            "created_at": MOMENT,
            "paid_at": WHEN,
        }
    ),
)
TIMELINE = record({"at": MOMENT, "type": STRING, "actor": STRING, "facts": {"type": "object"}})
RETURN = named(
    "ReturnWhole",
    record(
        {
            **SUMMARY_FIELDS,
            "actions": many(one_of(*ACTIONS)),
            "language": STRING,
            "items": many(ITEM),
            "money": MONEY,
            "refunds": many(REFUND),
            "from_address": FROM,
            "to_address": TO,
            "parcels": many(PARCEL),
            "label": maybe(LABEL),
            "purchase": maybe(PURCHASE),
            "note": STRING,
            "rejection": STRING,
            "carrier_problem": STRING,
            "timeline": many(TIMELINE),
            "links": record({"self": STRING, "shopper": STRING, "panel": STRING}),
        }
    ),
)
