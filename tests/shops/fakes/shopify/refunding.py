"""``refundCreate`` and ``suggestedRefund`` of the fake Shopify, with what the shop refuses.

Since 2026-04 a refund wants an idempotency key by the directive ``@idempotent``; a key counts for 24 hours and answers
the same again. The wording of the refusals stands in no documentation that we found; the fields they name do.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.shops.fakes.shopify import books, view
from tests.shops.fakes.shopify.books import Item, Order, RefundRow, half_up
from tests.shops.fakes.shopify.keeper import MAIN_LOCATION, STORE_LOCATION, Keeper
from tests.shops.fakes.shopify.view import Row, bag

KEPT = timedelta(hours=24)


class Refusal(Exception):
    """(path to the input field, message): a user error."""


@dataclass
class Asked:
    rows: list[tuple[Item, int, str, int | None]] = field(default_factory=list)
    shipping: int = 0
    paid: int = 0
    credit: int = 0


class Refunds:
    def __init__(self, shop: Keeper) -> None:
        self.shop = shop
        self._keys: dict[str, tuple[datetime, str, int, int]] = {}  # -> at, input, order, refund

    def create(self, told: Row, key: str | None) -> tuple[Order | None, int | None, list[Row]]:
        """(order, id of the refund, user errors)."""
        words = json.dumps(told, sort_keys=True, default=str)
        if key and (before := self._before(key)):
            if before[1] != words:
                message = (
                    "The same idempotency key cannot be used with different operation parameters."
                )
                return None, None, [error(None, message)]
            return self.shop.shelf.get(before[2]), before[3], []
        try:
            order = self._order(told)
            asked = self._asked(order, told)
            self._allowed(order, asked, told)
        except Refusal as refusal:
            return None, None, [error(*refusal.args)]
        refund_id = self._book(order, asked, told)
        if key:
            self._keys[key] = (self.shop.now, words, order.id, refund_id)
        return order, refund_id, []

    def _before(self, key: str) -> tuple[datetime, str, int, int] | None:
        found = self._keys.get(key)
        return found if found and self.shop.now - found[0] < KEPT else None

    def _order(self, told: Row) -> Order:
        order = self.shop.shelf.get(number(told["orderId"], "Order"))
        if order is None:
            raise Refusal(["orderId"], "Order does not exist")
        if told.get("currency", order.currency) != order.currency:
            raise Refusal(["currency"], "Currency must be the presentment currency of the order")
        return order

    def _asked(self, order: Order, told: Row) -> Asked:
        asked = Asked()
        for place, row in enumerate(told.get("refundLineItems") or ()):
            asked.rows.append(self._row(order, row, ["refundLineItems", str(place)]))
        asked.shipping = self._shipping(order, told.get("shipping") or {})
        for place, row in enumerate(told.get("transactions") or ()):
            asked.paid += self._paid(order, row, ["transactions", str(place)])
        for place, method in enumerate(told.get("refundMethods") or ()):
            amount = method["storeCreditRefund"]["amount"]
            at = ["refundMethods", str(place), "storeCreditRefund", "amount"]
            asked.credit += minor(amount["amount"], order.currency, at)
            if amount["currencyCode"] != order.currency:
                raise Refusal(at, "Currency must be the presentment currency of the order")
        return asked

    def _row(self, order: Order, row: Row, at: list[str]) -> tuple[Item, int, str, int | None]:
        item = order.item(number(row["lineItemId"], "LineItem"))
        if item is None:
            raise Refusal([*at, "lineItemId"], "Line item does not exist")
        restock = row.get("restockType") or "NO_RESTOCK"
        location = row.get("locationId")
        place = number(location, "Location") if location else MAIN_LOCATION
        if place not in (MAIN_LOCATION, STORE_LOCATION):
            raise Refusal([*at, "locationId"], "Location does not exist")
        if row["quantity"] <= 0:
            raise Refusal([*at, "quantity"], "Quantity must be greater than 0")
        if row["quantity"] > item.left:
            message = "Quantity cannot refund more items than were purchased"
            raise Refusal([*at, "quantity"], message)
        return item, row["quantity"], restock, place

    def _shipping(self, order: Order, told: Row) -> int:
        left = order.shipping - order.shipping_refunded
        if told.get("fullRefund"):
            return left
        if told.get("amount") is None:
            return 0
        asked = minor(told["amount"], order.currency, ["shipping", "amount"])
        if asked > left:
            message = "Shipping amount cannot be greater than the amount available to refund"
            raise Refusal(["shipping", "amount"], message)
        return asked

    def _paid(self, order: Order, row: Row, at: list[str]) -> int:
        if number(row["orderId"], "Order") != order.id:
            raise Refusal([*at, "orderId"], "Transaction belongs to another order")
        if row["kind"] != "REFUND":
            raise Refusal([*at, "kind"], "Kind must be refund")
        parent = row.get("parentId")
        sale = order.sales[0]
        if parent and number(parent, "OrderTransaction") != sale.id:
            raise Refusal([*at, "parentId"], "Parent transaction does not exist")
        if row["gateway"] != sale.gateway:
            raise Refusal([*at, "gateway"], "Gateway is not one of the order's payments")
        if not parent:
            raise Refusal([*at, "parentId"], "Parent transaction is required for this gateway")
        return minor(row["amount"], order.currency, [*at, "amount"])

    def _allowed(self, order: Order, asked: Asked, told: Row) -> None:
        over = asked.paid + asked.credit > order.left_to_refund
        if over and not told.get("allowOverRefunding"):
            money = view.decimal(order.left_to_refund, order.currency)
            at = ["transactions"] if asked.paid else ["refundMethods"]
            raise Refusal(at, f"Refund amount cannot exceed the amount available: {money}")
        if asked.credit and not order.customer_id:
            raise Refusal(["refundMethods"], "Store credit needs a customer")
        if not (asked.rows or asked.shipping or asked.paid or asked.credit):
            raise Refusal(None, "Refund must have line items, shipping or an amount")

    def _book(self, order: Order, asked: Asked, told: Row) -> int:
        rows = [self._written(*row) for row in asked.rows]
        entry = self.shop.book_refund(
            order,
            rows,
            note=told.get("note") or "",
            amount=asked.paid + asked.credit,
            shipping=asked.shipping,
            reason=told.get("discrepancyReason") or "",
            gateway="shopify_store_credit" if asked.credit and not asked.paid else "",
        )
        for buyer in self.shop.buyers.values():
            if asked.credit and buyer.id == order.customer_id:
                have = buyer.credit.get(order.currency, 0)
                buyer.credit[order.currency] = have + asked.credit
        self.shop.change(order, "orders/updated")
        return entry.id

    def _written(self, item: Item, units: int, restock: str, location: int | None) -> RefundRow:
        return self.shop.row(item, units, restock, location)

    # What the shop proposes

    def suggested(self, order: Order, show: Any, told: Row) -> Row:
        """``show`` is the order's view; a proposal asked for too many units is none of them."""
        asked = [
            (order.item(number(row["lineItemId"], "LineItem")), row["quantity"])
            for row in told.get("refundLineItems") or ()
        ]
        if told.get("suggestFullRefund"):
            asked = [(item, item.left) for item in order.items if item.left]
        rows = [
            self.shop.row(item, units, "NO_RESTOCK", None)
            for item, units in asked
            if item and 0 < units <= item.left
        ]
        shipping = self._suggested_shipping(order, told)
        subtotal, tax = sum(row.subtotal for row in rows), sum(row.tax for row in rows)
        shipping_tax = half_up(shipping, order.shipping_tax, order.shipping or 1)
        total = subtotal + shipping + (0 if order.taxes_included else tax + shipping_tax)
        total = min(total, order.left_to_refund)
        left = order.shipping - order.shipping_refunded
        currency = order.currency
        return {
            "amountSet": bag(total, currency),
            "subtotalSet": bag(subtotal, currency),
            "discountedSubtotalSet": bag(subtotal, currency),
            "maximumRefundableSet": bag(order.left_to_refund, currency),
            "totalCartDiscountAmountSet": bag(_coded(order, rows), currency),
            "totalDutiesSet": bag(0, currency),
            "totalTaxSet": bag(tax + shipping_tax, currency),
            "shipping": {
                "amountSet": bag(shipping, currency),
                "maximumRefundableSet": bag(left, currency),
                "taxSet": bag(shipping_tax, currency),
            },
            "refundLineItems": [show.refunded(row) for row in rows],
            "suggestedTransactions": self._suggested_payment(order, show, total),
        }

    def _suggested_shipping(self, order: Order, told: Row) -> int:
        left = order.shipping - order.shipping_refunded
        if told.get("refundShipping") or told.get("suggestFullRefund"):
            return left
        asked = told.get("shippingAmount")
        return min(left, minor(asked, order.currency, [])) if asked is not None else 0

    def _suggested_payment(self, order: Order, show: Any, total: int) -> list[Row]:
        sale = order.sales[0]
        paid = show.paid(sale)
        told = {
            "amountSet": bag(total, order.currency),
            "gateway": sale.gateway,
            "formattedGateway": paid["formattedGateway"],
            "kind": "SUGGESTED_REFUND",
            "maximumRefundableSet": bag(order.left_to_refund, order.currency),
            "parentTransaction": paid,
            "accountNumber": paid["accountNumber"],
        }
        return [told] if total else []


def error(at: list[str] | None, message: str) -> Row:
    return {"field": ["input", *at] if at else None, "message": message}


def number(told: str, kind: str) -> int:
    """The number in a global id of this kind; 0 for another kind's. Raises GraphQLError."""
    found = view.GID.fullmatch(str(told))
    if not found:
        raise view.bad(f"Invalid global id '{told}'", "argumentLiteralsIncompatible")
    return int(found[2]) if found[1] == kind else 0


def minor(told: Any, currency: str, at: list[str]) -> int:
    """Raises Refusal when it is no amount of this currency."""
    try:
        amount = Decimal(str(told)).scaleb(books.digits(currency))
    except ArithmeticError as fault:
        raise Refusal(at, "Amount is not a number") from fault
    if amount != int(amount) or amount <= 0:
        raise Refusal(at, "Amount must be greater than 0 and have no more decimals than the money")
    return int(amount)


def _coded(order: Order, rows: list[RefundRow]) -> int:
    items = {item.id: item for item in order.items}
    found = ((items[row.item_id], row.units) for row in rows)
    return sum(item.order_discount * units // item.quantity for item, units in found)
