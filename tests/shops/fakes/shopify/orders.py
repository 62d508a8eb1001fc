"""An order of the fake Shopify in the words of its GraphQL, with its money and its refunds."""

from collections.abc import Callable

from tests.shops.fakes.shopify import rest, view
from tests.shops.fakes.shopify.books import Item, Order, RefundEntry, RefundRow, Transaction
from tests.shops.fakes.shopify.view import Row, bag, gid, pages, some, when


class OrderView:
    """``goods`` shows a line's variant, ``place`` a location, ``buyer`` a customer by its id."""

    def __init__(
        self,
        order: Order,
        *,
        goods: Callable[[Item], Row],
        place: Callable[[int], Row],
        buyer: Callable[[int], Row | None],
    ) -> None:
        self.order = order
        self.goods, self.place, self.buyer = goods, place, buyer
        self._row: Row = {}

    def row(self) -> Row:
        if not self._row:
            self._row.update(self._facts() | self._people() | self._money() | self._parts())
        return self._row

    def bag(self, minor: int) -> Row:
        return bag(minor, self.order.currency)

    # An order's parts

    def _facts(self) -> Row:
        order = self.order
        status = "UNFULFILLED"
        if order.parcels:
            left = any(item.unfulfilled for item in order.items)
            status = "PARTIALLY_FULFILLED" if left else "FULFILLED"
        return {
            "__typename": "Order",
            "id": gid("Order", order.id),
            "legacyResourceId": str(order.id),
            "name": order.name,
            "number": order.number,
            "createdAt": when(order.created),
            "updatedAt": when(order.updated),
            "processedAt": when(order.created),
            "closedAt": None,
            "closed": False,
            "cancelledAt": when(order.cancelled_at),
            "cancelReason": order.cancel_reason or None,
            "cancellation": {"staffNote": None} if order.cancelled_at else None,
            "confirmationNumber": f"RNT{order.number:06}",
            "confirmed": True,
            "edited": order.edited,
            "test": False,
            "note": order.note or None,
            "tags": sorted(order.tags),
            "customAttributes": [{"key": n, "value": v} for n, v in order.attributes],
            "poNumber": None,
            "sourceName": order.source_name,
            "sourceIdentifier": f"71000002-1-{order.number}" if order.in_store else None,
            "merchantEditable": not order.parcels,
            "displayFinancialStatus": rest.financial(order),
            "displayFulfillmentStatus": status,
            "returnStatus": "NO_RETURN",
            "refundable": order.left_to_refund > 0,
            "restockable": any(item.left for item in order.items),
            "requiresShipping": not order.in_store,
            "fullyPaid": True,
            "unpaid": False,
            "statusPageUrl": lambda **_: f"https://rientro-test.example/orders/{order.id}",
        }

    def _people(self) -> Row:
        order = self.order
        app = (129_785, "Point of Sale") if order.in_store else (580_111, "Online Store")
        shipping = view.address(order.id * 10 + 1, order.shipping_address)
        billing = view.address(order.id * 10 + 2, order.billing_address)
        return {
            "email": order.email or None,
            "phone": order.phone or None,
            "customer": lambda **_: self.buyer(order.customer_id),
            "customerLocale": "it",
            "app": {"id": gid("App", app[0]), "name": app[1]},
            "retailLocation": (lambda **_: self.place(71_000_002)) if order.in_store else None,
            "shippingAddress": shipping,
            "billingAddress": billing,
            "displayAddress": shipping or billing,
            "billingAddressMatchesShippingAddress": order.shipping_address == order.billing_address,
        }

    def _money(self) -> Row:
        order = self.order
        taxes = sum(item.tax for item in order.items) + order.shipping_tax
        goods = sum(item.net for item in order.items)
        now = sum(item.net * item.left // item.quantity for item in order.items)
        now_tax = sum(item.tax * item.left // item.quantity for item in order.items)
        shipping = order.shipping - order.shipping_refunded
        current = now + shipping + (0 if order.taxes_included else now_tax + order.shipping_tax)
        off = rest.discounts(order)
        rate = max((item.tax_percent for item in order.items), default=0)
        lines = view.tax_lines(taxes, rate, order.currency)
        return {
            "currencyCode": order.currency,
            "presentmentCurrencyCode": order.currency,
            "taxesIncluded": order.taxes_included,
            "taxExempt": False,
            "dutiesIncluded": False,
            "estimatedTaxes": False,
            "taxLines": lines,
            "currentTaxLines": view.tax_lines(now_tax, rate, order.currency),
            "paymentGatewayNames": [sale.gateway for sale in order.sales],
            "subtotalPriceSet": self.bag(goods),
            "currentSubtotalPriceSet": self.bag(now),
            "totalPriceSet": self.bag(order.total),
            "currentTotalPriceSet": self.bag(current),
            "originalTotalPriceSet": self.bag(order.received),
            "totalDiscountsSet": self.bag(off),
            "currentTotalDiscountsSet": self.bag(off),
            "totalTaxSet": self.bag(taxes),
            "currentTotalTaxSet": self.bag(now_tax),
            "totalShippingPriceSet": self.bag(order.shipping),
            "currentShippingPriceSet": self.bag(shipping),
            "totalReceivedSet": self.bag(order.received),
            "totalRefundedSet": self.bag(order.refunded),
            "totalRefundedShippingSet": self.bag(order.shipping_refunded),
            "totalOutstandingSet": self.bag(0),
            "totalCapturableSet": self.bag(0),
            "totalTipReceivedSet": self.bag(0),
            "netPaymentSet": self.bag(order.left_to_refund),
            "refundDiscrepancySet": self.bag(sum(entry.adjustment for entry in order.refunds)),
        }

    def _parts(self) -> Row:
        order = self.order
        lines = self.lines
        coded = sum(item.order_discount for item in order.items)
        shipping = [] if order.in_store else [view.shipping_line(order)]
        count = {"precision": "EXACT"}
        return {
            "lineItems": pages(lambda: list(lines().values())),
            "subtotalLineItemsQuantity": sum(item.quantity for item in order.items),
            "currentSubtotalLineItemsQuantity": sum(item.left for item in order.items),
            "totalWeight": str(sum(item.weight_g * item.quantity for item in order.items)),
            "currentTotalWeight": str(sum(item.weight_g * item.left for item in order.items)),
            "discountCode": "WELCOME" if coded else None,
            "discountCodes": ["WELCOME"] if coded else [],
            "discountApplications": pages(self._applications),
            "shippingLine": shipping[0] if shipping else None,
            "shippingLines": pages(lambda: shipping),
            "fulfillments": some(
                lambda: [
                    view.parcel(p, order, lines(), self.row, self._sent_from) for p in order.parcels
                ]
            ),
            "fulfillmentsCount": count | {"count": len(order.parcels)},
            "refunds": some(lambda: [self.refund(entry) for entry in order.refunds]),
            "transactions": some(lambda: [self.paid(t) for t in self._transactions()]),
            "transactionsCount": count | {"count": len(self._transactions())},
        }

    def _sent_from(self) -> Row | None:
        return self.place(71_000_002 if self.order.in_store else 71_000_001)

    def _applications(self) -> list[Row]:
        currency = self.order.currency
        typed = sum(item.line_discount for item in self.order.items)
        coded = sum(item.order_discount for item in self.order.items)
        told = [view.discount_line(currency, typed, 0)] if typed else []
        return told + ([view.discount_code(currency, coded, 1)] if coded else [])

    def lines(self) -> dict[int, Row]:
        return {item.id: view.line(item, self.order, self.goods) for item in self.order.items}

    def _transactions(self) -> list[Transaction]:
        returned = [paid for entry in self.order.refunds for paid in entry.transactions]
        return [*self.order.sales, *returned]

    # Refunds

    def refund(self, entry: RefundEntry) -> Row:
        rows = [self.refunded(row) for row in entry.rows]
        return {
            "__typename": "Refund",
            "id": gid("Refund", entry.id),
            "legacyResourceId": str(entry.id),
            "createdAt": when(entry.at),
            "processedAt": when(entry.at),
            "updatedAt": when(entry.at),
            "note": entry.note or None,
            "order": lambda **_: self.row(),
            "duties": [],
            "refundLineItems": pages(lambda: rows),
            "refundShippingLines": pages(lambda: self._shipping_back(entry)),
            "orderAdjustments": pages(lambda: self._adjusted(entry)),
            "transactions": pages(lambda: [self.paid(paid) for paid in entry.transactions]),
            "totalRefundedSet": self.bag(entry.amount),
        }

    def refunded(self, row: RefundRow) -> Row:
        item = self.order.item(row.item_id)
        assert item
        return {
            "__typename": "RefundLineItem",
            "id": gid("RefundLineItem", row.id),
            "lineItem": lambda **_: view.line(item, self.order, self.goods),
            "quantity": row.units,
            "restockType": row.restock_type,
            "restocked": row.restock_type != "NO_RESTOCK",
            "location": (lambda **_: self.place(row.location_id)) if row.location_id else None,
            "priceSet": self.bag(item.net // item.quantity),
            "subtotalSet": self.bag(row.subtotal),
            "totalTaxSet": self.bag(row.tax),
        }

    def _shipping_back(self, entry: RefundEntry) -> list[Row]:
        if not entry.shipping:
            return []
        told = {
            "__typename": "RefundShippingLine",
            "id": gid("RefundShippingLine", entry.id),
            "shippingLine": view.shipping_line(self.order),
            "subtotalAmountSet": self.bag(entry.shipping),
            "taxAmountSet": self.bag(entry.shipping_tax),
        }
        return [told]

    def _adjusted(self, entry: RefundEntry) -> list[Row]:
        if not entry.adjustment:
            return []
        told = {
            "__typename": "OrderAdjustment",
            "id": gid("OrderAdjustment", entry.id),
            "amountSet": self.bag(-entry.adjustment),
            "taxAmountSet": self.bag(0),
            "reason": entry.reason or "REFUND_DISCREPANCY",
        }
        return [told]

    def paid(self, paid: Transaction) -> Row:
        order = self.order
        parent = next((sale for sale in order.sales if sale.id == paid.parent_id), None)
        left = order.left_to_refund if paid.kind == "SALE" else 0
        return {
            "__typename": "OrderTransaction",
            "id": gid("OrderTransaction", paid.id),
            "kind": paid.kind,
            "status": "SUCCESS",
            "amountSet": self.bag(paid.amount),
            "gateway": paid.gateway,
            "formattedGateway": paid.gateway.replace("_", " ").title(),
            "manualPaymentGateway": paid.gateway == "cash",
            "manuallyCapturable": False,
            "multiCapturable": False,
            "parentTransaction": (lambda **_: self.paid(parent)) if parent else None,
            "paymentId": f"r{order.id}.{paid.id % 100}",
            "accountNumber": None if paid.gateway == "cash" else "•••• •••• •••• 4242",
            "test": False,
            "createdAt": when(paid.at),
            "processedAt": when(paid.at),
            "maximumRefundableV2": view.money(left, order.currency),
            "totalUnsettledSet": self.bag(0),
            "order": lambda **_: self.row(),
            "errorCode": None,
        }
