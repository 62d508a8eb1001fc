"""Payments of the fake Shopware as rows: a transaction, its capture, and the refunds below it with their positions.

Source: OrderTransactionCaptureRefund of shopware/shopware 6.7 and adminApiSchema 6.7.10: the core keeps refunds so, but
only a payment plug-in makes any.
"""

from tests.shops.fakes.shopware import rows
from tests.shops.fakes.shopware.books import Order, Refund, Row, uuid


def amount(order: Order, minor: int) -> rows.Words:
    return rows.price(minor, 1, 22, order)


def refund(order: Order, one: Refund) -> rows.Words:
    capture = uuid(order.order_id, "capture")
    prices = {item.item_id: item.line.price for item in order.items}
    return {
        "id": one.refund_id,
        "versionId": rows.LIVE,
        "captureId": capture,
        "stateId": rows.state(one.state, "order_transaction_capture_refund.state")["id"],
        "externalReference": one.reference or None,
        "reason": one.reason or None,
        "amount": amount(order, one.amount),
        "customFields": None,
        **rows.stamps(one),
        "stateMachineState": rows.state(one.state, "order_transaction_capture_refund.state"),
        "positions": [
            {
                "id": uuid(one.refund_id, key),
                "refundId": one.refund_id,
                "orderLineItemId": key,
                "externalReference": None,
                "reason": None,
                "quantity": units,
                "amount": amount(order, prices.get(key, 0) * units),
                **rows.stamps(one),
                "apiAlias": "order_transaction_capture_refund_position",
            }
            for key, units in one.units.items()
        ],
        "apiAlias": "order_transaction_capture_refund",
    }


def transaction(order: Order, row: Row) -> rows.Words:
    capture = {
        "id": uuid(order.order_id, "capture"),
        "orderTransactionId": row.row_id,
        "stateId": rows.state("completed", "order_transaction_capture.state")["id"],
        "externalReference": None,
        "amount": amount(order, order.total),
        "createdAt": rows.time(order.captured_at),
        "updatedAt": None,
        "stateMachineState": rows.state("completed", "order_transaction_capture.state"),
        "refunds": [refund(order, one) for one in order.refunds],
        "apiAlias": "order_transaction_capture",
    }
    return {
        "id": row.row_id,
        "versionId": rows.LIVE,
        "orderId": order.order_id,
        "orderVersionId": rows.LIVE,
        "paymentMethodId": uuid("payment-method"),
        "amount": amount(order, order.total),
        "validationData": [],
        "stateId": rows.state(row.state, "order_transaction.state")["id"],
        "customFields": None,
        **rows.stamps(row),
        "stateMachineState": rows.state(row.state, "order_transaction.state"),
        "paymentMethod": {
            "id": uuid("payment-method"),
            "name": "Card",
            "technicalName": "payment_card",
            "apiAlias": "payment_method",
        },
        "captures": [capture] if order.captured_at else [],
        "apiAlias": "order_transaction",
    }
