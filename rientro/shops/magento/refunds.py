"""Credit memos: through the payment gateway where it took the money, else a paper that says what the merchant pays.

Sources: magento/magento2 (2.4), Sales\\Model\\RefundInvoice (only with ``isOnline`` does the gateway pay), RefundOrder
(never), CreditmemoFactory (shipping that is not named is all that is left of it), SalesInventory ReturnProcessor
(``return_to_stock_items`` are ids of order items).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rientro.kit.money import Money
from rientro.kit.sentences import Sentence
from rientro.shops.base import (
    InvalidRequest,
    OutcomeUnknown,
    RefundRequest,
    ShopError,
    ShopRefund,
    Unsupported,
)
from rientro.shops.magento.amounts import refundable, would_refund
from rientro.shops.magento.orders import below, sold
from rientro.shops.magento.wire import MagentoWire, Row
from rientro.shops.reading import Odd, amount, key, minor, rows, text

PAID = "2"  # Sales\Model\Order\Invoice::STATE_PAID
CANCELED_MEMO = "3"


@dataclass(frozen=True, slots=True)
class Refunds:
    wire: MagentoWire
    until: float

    def find(self, order_id: str, reference: str) -> ShopRefund | None:
        for memo in self.wire.rows_of("/creditmemos", "order_id", [order_id], self.until):
            if text(memo, "state") == CANCELED_MEMO:
                continue
            if any(
                f"[{reference}]" in text(one, "comment", 20_000) for one in rows(memo, "comments")
            ):
                return _refund_of(memo)
        return None

    def give(self, request: RefundRequest, order: Row) -> ShopRefund:
        """One credit memo. Raises InvalidRequest for more than is left, and where amounts cannot be told exactly."""
        if request.method != "original":
            raise Unsupported(
                "Magento’s own API gives money back to the method it came from, or nothing."
            )
        try:
            words = self._words(request, order)
            invoice = self._gateway_invoice(request, order)
        except Odd as error:
            raise InvalidRequest(str(error)) from error
        if invoice:
            path, words = f"/invoice/{invoice}/refund", words | {"isOnline": True}
        else:
            path = f"/order/{key(order, 'entity_id')}/refund"
        made = self.wire.post(path, words, self.until)
        if not str(made).isdigit() or isinstance(made, bool):
            raise OutcomeUnknown("Magento did not say what became of the refund.")
        return self._made(str(made), request, online=bool(invoice))

    def _made(self, memo_id: str, request: RefundRequest, *, online: bool) -> ShopRefund:
        facts = {"creditmemo_id": memo_id, "paid_by_gateway": online}
        try:
            memo = _refund_of(self.wire.one(f"/creditmemo/{memo_id}", self.until))
        except (ShopError, Odd):
            return ShopRefund(shop_reference=memo_id, amount=request.amount, facts=facts)
        return ShopRefund(
            shop_reference=memo.shop_reference, amount=memo.amount, facts=memo.facts | facts
        )

    def _words(self, request: RefundRequest, order: Row) -> dict[str, Any]:
        currency = request.amount.currency
        _check(request, order)
        goods = {key(item, "item_id"): item for item in sold(order)}
        wanted = {line_key: count for line_key, count in request.units.items() if count}
        for line_key, count in wanted.items():
            if line_key not in goods or count > refundable(goods[line_key]):
                raise InvalidRequest("More units than are left of a line would be refunded.")
        ordered = [(item, wanted[one]) for one, item in goods.items() if one in wanted]
        total = would_refund(ordered, currency)
        shipping = request.shipping.decimal()
        all_of_it = bool(request.shipping.minor) and shipping == _shipping_left(order)
        difference = request.amount.decimal() - total - (shipping if all_of_it else 0)
        arguments: dict[str, Any] = {
            # Named, it would have to be told with or without tax, as the shop shows it: all or nothing is exact.
            **({} if all_of_it else {"shipping_amount": 0}),
            "adjustment_positive": _number(max(difference, Decimal(0))),
            "adjustment_negative": _number(max(-difference, Decimal(0))),
        }
        if request.restock and wanted:
            arguments["extension_attributes"] = {
                "return_to_stock_items": _restocked(order, list(wanted))
            }
        # Without any items Magento takes all that are left: money alone names one of which none comes back.
        items = wanted or dict.fromkeys(list(goods)[:1], 0)
        return {
            "items": [{"order_item_id": int(one), "qty": count} for one, count in items.items()],
            "notify": False,
            "appendComment": False,
            "comment": {
                "comment": f"{request.note} [{request.reference}]".strip(),
                "is_visible_on_front": 0,
            },
            "arguments": arguments,
        }

    def _gateway_invoice(self, request: RefundRequest, order: Row) -> str:
        """The invoice whose money a gateway took; "" where none did, such as by bank transfer."""
        order_id = key(order, "entity_id")
        found = self.wire.rows_of("/invoices", "order_id", [order_id], self.until)
        taken = [one for one in found if text(one, "transaction_id") and text(one, "state") == PAID]
        for one in taken:
            if request.amount.decimal() <= amount(one, "base_grand_total") - amount(
                one, "base_total_refunded"
            ):
                return key(one, "entity_id")
        if taken:
            raise InvalidRequest(
                "The order was paid in several invoices, and none of them alone covers this: refund it in Magento."
            )
        return ""


def _check(request: RefundRequest, order: Row) -> None:
    currency = request.amount.currency
    if text(order, "order_currency_code", 3).upper() != currency:
        raise InvalidRequest("The order was paid in another currency.")
    if text(order, "base_currency_code", 3).upper() != currency:
        raise InvalidRequest(
            "The order was paid in another currency than the shop keeps its books in: refund it in Magento."
        )
    left = amount(order, "total_paid") - amount(order, "total_refunded")
    if request.amount.decimal() > left:
        said = Sentence(
            "Only %(left)s %(currency)s are left to refund of this order in Magento.",
            left=f"{max(left, Decimal(0)):.2f}",
            currency=currency,
        )
        raise InvalidRequest(said)


def _shipping_left(order: Row) -> Decimal:
    whole = amount(order, "shipping_incl_tax") - amount(order, "shipping_discount_amount")
    gone = amount(order, "shipping_refunded") + amount(order, "shipping_tax_refunded")
    return whole - gone


def _restocked(order: Row, line_keys: Sequence[str]) -> list[int]:
    ids = [*line_keys, *(key(one, "item_id") for line in line_keys for one in below(order, line))]
    return [int(one) for one in ids]


def _number(value: Decimal) -> int | float:
    """JSON has no decimals of its own; the shortest float of an amount reads as the same words."""
    return int(value) if value == int(value) else float(str(value))


def _refund_of(memo: Mapping[str, Any]) -> ShopRefund:
    currency = text(memo, "order_currency_code", 3).upper() or "EUR"
    told = Money(minor(amount(memo, "grand_total"), currency), currency)
    number = key(memo, "entity_id")
    facts = {"creditmemo_id": number, "number": text(memo, "increment_id", 64)}
    return ShopRefund(shop_reference=number, amount=told, facts=facts)
