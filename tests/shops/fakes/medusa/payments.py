"""What was paid and given back, inside an order and alone, and who paid."""

from typing import Any

from tests.shops.fakes.medusa.amounts import Amount, dated, key, sums, when
from tests.shops.fakes.medusa.books import Order, Paid


def customer(made: Order) -> dict[str, Any]:
    nothing = dict.fromkeys(("company_name", "first_name", "last_name", "phone", "created_by"))
    said = {"id": key("cus", 1), "email": made.sale.email, "has_account": False, "metadata": None}
    return said | nothing | dated(made.created_at)


def collection(made: Order) -> dict[str, Any]:
    amounts: dict[str, Amount] = {
        "amount": made.paid,
        "authorized_amount": made.paid,
        "captured_amount": made.paid,
        "refunded_amount": made.refunded,
    }
    return {
        "id": key("pay_col", made.number),
        "currency_code": made.sale.currency.lower(),
        "completed_at": when(made.created_at),
        "status": "canceled" if made.canceled_at else "completed",
        "metadata": None,
        **dated(made.created_at),
        "payments": [payment(made)],
        **sums(amounts),
    }


def payment(made: Order) -> dict[str, Any]:
    """The payment inside an order."""
    captured: dict[str, Any] = {
        "id": key("capt", made.number),
        "payment_id": key("pay", made.number),
    }
    captured = captured | {"metadata": None, "created_by": None} | dated(made.created_at)
    return {
        "id": key("pay", made.number),
        "currency_code": made.sale.currency.lower(),
        "provider_id": "pp_system_default",
        "data": {},
        "metadata": None,
        "captured_at": when(made.created_at),
        "canceled_at": None,
        "payment_collection_id": key("pay_col", made.number),
        "payment_session": {"id": key("payses", made.number)},
        **dated(made.created_at),
        "payment_session_id": key("payses", made.number),
        "refunds": [refund(made, paid) for paid in made.payments],
        "captures": [captured | sums({"amount": made.paid})],
        **sums({"amount": made.paid}),
    }


def refund(made: Order, paid: Paid) -> dict[str, Any]:
    return {
        "id": key("ref", paid.number),
        "payment_id": key("pay", made.number),
        "refund_reason_id": None,
        "refund_reason": None,
        "note": paid.note,
        "created_by": "apk_01M89EJ1AH13YY2EQP5M5ZMK1X",
        "metadata": None,
        **dated(paid.at),
        **sums({"amount": paid.amount}),
    }


def payment_alone(made: Order) -> dict[str, Any]:
    """The payment as its own routes say it: with less."""
    kept = ("id", "amount", "note", "payment_id", "refund_reason_id", "refund_reason")
    whole = payment(made)
    said = {name: whole[name] for name in ("id", "currency_code", "amount", "captured_at")}
    said |= {name: whole[name] for name in ("payment_collection_id", "payment_session_id")}
    said["captures"] = [{name: each[name] for name in kept[:2]} for each in whole["captures"]]
    said["refunds"] = [{name: each[name] for name in kept} for each in whole["refunds"]]
    return said
