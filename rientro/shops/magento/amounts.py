"""Amounts and quantities of Magento's order items.

What a row cost is row_total + tax_amount + discount_tax_compensation_amount + its fixed product tax − discount_amount
(Magento\\Sales\\Block\\Adminhtml\\Order\\View\\Items\\Renderer, Sales\\Model\\Order\\Creditmemo\\Total), 2.4.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from rientro.kit.money import decimals_of
from rientro.shops.magento.wire import Row
from rientro.shops.reading import amount

# {what an item says of the whole row: what it says of the part that was refunded}
ADDED = {
    "row_total": "amount_refunded",
    "tax_amount": "tax_refunded",
    "discount_tax_compensation_amount": "discount_tax_compensation_refunded",
}
TAKEN_OFF = {"discount_amount": "discount_refunded"}
FIXED_TAX = "weee_tax_applied_row_amount"


def cost(item: Row) -> Decimal:
    """The whole row, tax included, after every discount."""
    added = sum((amount(item, name) for name in (*ADDED, FIXED_TAX)), Decimal(0))
    return added - sum((amount(item, name) for name in TAKEN_OFF), Decimal(0))


def is_part(item: Row) -> bool:
    """Is it sold in parts of a unit, such as cloth by the metre?"""
    quantity = amount(item, "qty_ordered")
    return quantity != int(quantity)


def bought(item: Row) -> int:
    """Whole units; what is sold in parts of a unit is one piece."""
    return 1 if is_part(item) else int(amount(item, "qty_ordered"))


def units(item: Row, name: str) -> int:
    """Another quantity of the item, such as ``qty_refunded``; of one piece only when all of it is meant."""
    if is_part(item):
        return int(amount(item, name) >= amount(item, "qty_ordered"))
    return int(amount(item, name))


def refundable(item: Row) -> int:
    """Item::getQtyToRefund: what was invoiced and not given back."""
    return max(0, units(item, "qty_invoiced") - units(item, "qty_refunded"))


class _Rounding:
    """What rounding took from one amount is put to the next (Framework\\Math\\Calculator::deltaRound)."""

    def __init__(self, currency: str) -> None:
        self._step = Decimal(1).scaleb(-decimals_of(currency))
        self._delta = Decimal(0)

    def plain(self, exact: Decimal) -> Decimal:
        return exact.quantize(self._step, ROUND_HALF_UP)

    def __call__(self, exact: Decimal, sign: int) -> Decimal:
        if not exact:
            return exact
        exact += sign * self._delta
        made = self.plain(exact)
        self._delta = sign * (exact - made)
        return made


def would_refund(wanted: Sequence[tuple[Row, int]], currency: str) -> Decimal:
    """What a credit memo of these units comes to by itself, as Magento rounds it.

    All rows first, then their discounts, then their taxes (Creditmemo\\Total: Subtotal, Discount, Tax; etc/sales.xml).
    """
    rounding = _Rounding(currency)
    total = Decimal(0)
    for names, sign in (
        (("row_total",), 1),
        (("discount_amount",), -1),
        (("tax_amount", "discount_tax_compensation_amount"), 1),
    ):
        for item, count in wanted:
            for name in names:
                total += sign * _share(item, count, name, sign, rounding)
    fixed = (amount(item, FIXED_TAX) * count / bought(item) for item, count in wanted)
    return rounding.plain(total + sum(fixed, Decimal(0)))


def _share(item: Row, count: int, name: str, sign: int, rounding: _Rounding) -> Decimal:
    """Of what was invoiced and not given back; the last units take all that is left."""
    invoiced, left = units(item, "qty_invoiced"), refundable(item)
    whole = amount(item, name) * invoiced / bought(item)
    gone = amount(item, (ADDED | TAKEN_OFF)[name])
    if count == left:
        return whole - gone
    return rounding((whole - gone) * count / left, sign)
