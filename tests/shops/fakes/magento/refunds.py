"""Credit memos: what may be given back, and what the API's words for it come to.

Sources: Sales\\Model\\RefundOrder, CreditmemoFactory (no items named: all that is left; no shipping named: all that is
left of it), Creditmemo\\Total\\Shipping (a share of the shipping is told in the base currency, without tax unless the
shop shows shipping with tax in its sales), Creditmemo\\Validation\\QuantityValidator.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.shops.fakes.magento.answers import SHIPPING_TAX
from tests.shops.fakes.magento.books import (
    BASE,
    DIGITS,
    Item,
    Memo,
    MemoRow,
    Order,
    rounded,
    without_tax,
)
from tests.shops.fakes.magento.search import Refused

PROBLEM = "Creditmemo Document Validation Error(s):\n%s"


@dataclass
class Asked:
    """A credit memo as it was asked for, in the order's minor units. ``shipping`` None: whatever is left."""

    units: dict[int, int] | None = None
    shipping: int | None = None
    plus: int = 0
    minus: int = 0
    comment: str = ""
    restock: list[int] = field(default_factory=list)


def memo_of(order: Order, asked: Asked, entity_id: int, at: datetime, invoice: int | None) -> Memo:
    """Raises ``Refused`` with every reason at once, as the shop does."""
    problems: list[str] = []
    if not order.invoices or order.state == "canceled" or order.paid <= order.refunded:
        problems.append("The order does not allow a creditmemo to be created.")
    by_id = {item.item_id: item for item in order.items}
    counted: list[tuple[Item, int]] = []
    wanted = asked.units
    if wanted is None:
        wanted = {item.item_id: item.left for item in order.goods}
    for item_id, units in wanted.items():
        item = by_id.get(item_id)
        if item is None:
            problems.append(
                'The creditmemo contains product SKU "" that is not part of the original order.'
            )
        elif not item.priced:
            continue  # what stands below a configurable goes with it
        elif units > item.left or units < 0:
            problems.append(
                "The quantity to creditmemo must not be greater than the unrefunded quantity"
                f' for product SKU "{item.line.sku}".'
            )
        else:
            counted.append((item, units))
    shipping = order.shipping_left if asked.shipping is None else asked.shipping
    made = Memo(
        entity_id,
        order,
        at,
        _rows(counted),
        shipping,
        asked.plus,
        asked.minus,
        asked.comment,
        bool(asked.restock),
        invoice,
    )
    if not problems and made.amount <= 0:
        problems.append("The credit memo's total must be positive.")
    elif not problems and not sum(units for _, units in counted) and order.shipping_left <= 0:
        problems.append(
            "The credit memo can't be created without products. Add products and try again."
        )
    if problems:
        raise Refused(400, PROBLEM % "\n".join(problems), None)
    if made.amount > order.paid - order.refunded:
        most = Decimal(order.paid - order.refunded).scaleb(-order.digits)
        raise Refused(400, f"The most money available to refund is {most}.", None)
    return made


class _Rounding:
    """What rounding took from one amount is put to the next (Framework\\Math\\Calculator::deltaRound)."""

    def __init__(self) -> None:
        self._delta = Decimal(0)

    def __call__(self, exact: Decimal, *, negative: bool = False) -> int:
        if not exact:
            return 0
        exact += -self._delta if negative else self._delta
        whole = rounded(exact)
        self._delta = (whole - exact) if negative else (exact - whole)
        return whole


def _rows(wanted: list[tuple[Item, int]]) -> tuple[MemoRow, ...]:
    """All subtotals first, then all discounts, then the taxes; the last units of a row take what is left of it."""
    rounding = _Rounding()
    parts: dict[int, dict[str, int]] = {item.item_id: {} for item, _ in wanted}
    for names in (("net",), ("discount",), ("tax", "compensation")):
        for item, units in wanted:
            for name in names:
                left = getattr(item, name) - item.given.get(name, 0)
                if units < item.left:
                    exact = Decimal(left) * units / item.left
                    left = rounding(exact, negative=name == "discount")
                parts[item.item_id][name] = left if units else 0
    return tuple(MemoRow(item, units, **parts[item.item_id]) for item, units in wanted)


def asked_of(order: Order, body: Mapping[str, Any], *, shipping_incl_tax: bool) -> Asked:
    """The body of ``POST /order/{id}/refund``."""
    said = body.get("arguments") or {}
    items = body.get("items")
    asked = Asked(comment=(body.get("comment") or {}).get("comment", ""))
    if items:
        asked.units = {int(one["order_item_id"]): int(one["qty"]) for one in items}
    if said.get("shipping_amount") is not None:
        asked.shipping = _shipping(order, _amount(said["shipping_amount"]), shipping_incl_tax)
    asked.plus = _ordered(order, _amount(said.get("adjustment_positive") or 0))
    asked.minus = _ordered(order, _amount(said.get("adjustment_negative") or 0))
    back = (said.get("extension_attributes") or {}).get("return_to_stock_items") or []
    asked.restock = [int(item_id) for item_id in back]
    return asked


def _amount(said: Any) -> Decimal:
    try:
        return Decimal(str(said))
    except InvalidOperation:
        raise Refused(
            400,
            'Error occurred during "%fieldName" processing. %details',
            {"fieldName": "arguments", "details": "The value's type is invalid."},
        ) from None


def _ordered(order: Order, base: Decimal) -> int:
    """An amount of the base currency, in the order's minor units."""
    return rounded((base * order.rate).scaleb(order.digits))


def _shipping(order: Order, base: Decimal, incl_tax: bool) -> int:
    digits = DIGITS.get(BASE, 2)
    most = order.based(
        order.shipping_left if incl_tax else without_tax(order.shipping_left, SHIPPING_TAX)
    )
    whole = order.based(order.shipping if incl_tax else without_tax(order.shipping, SHIPPING_TAX))
    desired = rounded(base.scaleb(digits))
    if desired > most:
        shown = Decimal(most).scaleb(-digits)
        raise Refused(400, f"Maximum shipping amount allowed to refund is: €{shown}", None)
    if desired == most:
        return order.shipping_left
    return rounded(Decimal(order.shipping) * desired / whole) if whole else 0
