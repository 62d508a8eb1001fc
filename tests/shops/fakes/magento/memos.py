"""What the fake Magento answers of its credit memos. Source: Adobe Commerce REST schema (admin, 2.4)."""

from typing import Any

from tests.shops.fakes.magento.answers import SHIPPING_TAX, amounts, stamp
from tests.shops.fakes.magento.books import BASE, Memo, MemoRow, without_tax


def creditmemo(one: Memo) -> dict[str, Any]:
    shipping = without_tax(one.shipping, SHIPPING_TAX)
    said = {
        "adjustment": one.plus - one.minus,
        "adjustment_negative": one.minus,
        "adjustment_positive": one.plus,
        "discount_amount": -sum(row.discount for row in one.rows),
        "grand_total": one.amount,
        "shipping_amount": shipping,
        "shipping_incl_tax": one.shipping,
        "shipping_tax_amount": one.shipping - shipping,
        "subtotal_incl_tax": sum(row.gross for row in one.rows),
        "tax_amount": sum(row.tax for row in one.rows) + one.shipping - shipping,
    }
    made = amounts(one.order, said) | {
        "base_currency_code": BASE,
        "billing_address_id": one.order.entity_id * 2,
        "comments": _memo_comments(one),
        "created_at": stamp(one.at),
        "entity_id": one.entity_id,
        "increment_id": f"{one.entity_id:09d}",
        "items": [_memo_row(one, part) for row in one.rows for part in _with_children(one, row)],
        "order_currency_code": one.order.sale.currency,
        "order_id": one.order.entity_id,
        "state": 2,
        "store_id": 1,
        "updated_at": stamp(one.at),
    }
    return made | ({"invoice_id": one.invoice_id} if one.invoice_id else {})


def _memo_comments(one: Memo) -> list[dict[str, Any]]:
    if not one.comment:
        return []
    return [
        {
            "comment": one.comment,
            "created_at": stamp(one.at),
            "entity_id": one.entity_id,
            "is_customer_notified": 0,
            "is_visible_on_front": 0,
            "parent_id": one.entity_id,
        }
    ]


def _with_children(one: Memo, row: MemoRow) -> list[MemoRow]:
    """What stands below a configurable goes along, with no money."""
    children = [item for item in one.order.items if item.parent is row.item]
    return [row, *(MemoRow(child, row.units) for child in children)]


def _memo_row(one: Memo, row: MemoRow) -> dict[str, Any]:
    line = row.item.line
    said = {
        "discount_amount": row.discount,
        "price": without_tax(line.price, line.tax_percent) if row.item.priced else 0,
        "price_incl_tax": line.price if row.item.priced else 0,
        "row_total_incl_tax": row.gross,
        "tax_amount": row.tax,
    }
    return amounts(one.order, said) | {
        "entity_id": row.item.item_id + 90_000 + one.entity_id,
        "name": line.name,
        "order_item_id": row.item.item_id,
        "parent_id": one.entity_id,
        "product_id": 1000 + sum(map(ord, line.sku)),
        "qty": row.units,
        "sku": line.sku,
    }
