"""Amounts and quantities of Magento's order items.

What a row cost is row_total + tax_amount + discount_tax_compensation_amount + its fixed product tax − discount_amount
(Magento\\Sales\\Block\\Adminhtml\\Order\\View\\Items\\Renderer, Sales\\Model\\Order\\Creditmemo\\Total), 2.4.
"""

from decimal import ROUND_HALF_UP, Decimal

from rientro.kit.money import decimals_of
from rientro.shops.magento.wire import Row
from rientro.shops.reading import amount

# {what an item says of the whole row: what it says of the part that was refunded, and its sign}
PARTS = {
    "row_total": ("amount_refunded", 1),
    "tax_amount": ("tax_refunded", 1),
    "discount_tax_compensation_amount": ("discount_tax_compensation_refunded", 1),
    "weee_tax_applied_row_amount": ("", 1),
    "discount_amount": ("discount_refunded", -1),
}


def cost(item: Row) -> Decimal:
    """The whole row, tax included, after every discount."""
    return sum((amount(item, name) * sign for name, (_, sign) in PARTS.items()), Decimal(0))


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


def would_refund(item: Row, count: int, currency: str) -> Decimal:
    """What a credit memo of ``count`` units comes to by itself: of each part the share of what is left, rounded."""
    left = refundable(item)
    if not 0 < count <= left:
        return Decimal(0)
    step = Decimal(1).scaleb(-decimals_of(currency))
    total = Decimal(0)
    for name, (gone, sign) in PARTS.items():
        whole = amount(item, name) - (amount(item, gone) if gone else Decimal(0))
        total += sign * (whole * count / left).quantize(step, ROUND_HALF_UP)
    return total
