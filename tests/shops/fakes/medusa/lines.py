"""The lines of the fake Medusa's orders, with their totals and what became of their units."""

from fractions import Fraction
from typing import Any

from tests.shops.fakes.medusa.amounts import Amount, dated, key, plain, raw, sums, tax
from tests.shops.fakes.medusa.books import Item, Order


def item(made: Order, each: Item) -> dict[str, Any]:
    sku, line = each.line.sku, each.line
    said = {
        "id": key("ordli", each.number),
        "title": line.name,
        "subtitle": line.variant or "Default",
        "thumbnail": line.image or None,
        "variant_id": variant_id(sku),
        "product_id": f"prod_{sku}",
        "product_title": line.name,
        **dict.fromkeys(("product_description", "product_subtitle", "product_type")),
        **dict.fromkeys(("product_type_id", "product_collection")),
        "product_handle": line.name.lower(),
        "variant_sku": sku,
        "variant_barcode": None,
        "variant_title": line.variant or "Default",
        "variant_option_values": None,
        "requires_shipping": True,
        "is_giftcard": False,
        "is_discountable": True,
        "is_tax_inclusive": True,
        "is_custom_price": False,
        "metadata": {},
        "raw_compare_at_unit_price": None,
        "raw_unit_price": raw(each.unit_price),
        **dated(each.born),
        "tax_lines": [_tax_line(each)],
        "adjustments": _adjustments(each),
        "compare_at_unit_price": None,
        "unit_price": plain(each.unit_price),
        "quantity": each.quantity,
        "raw_quantity": raw(each.quantity),
        "line_item_metadata": {},
        "detail": _detail(made, each),
        "variant": variant(each),
    }
    return said | sums(item_totals(each))


def item_totals(each: Item) -> dict[str, Amount]:
    """As ``totals/line-item`` of the framework reckons them: for the units that have not come back."""
    percent = each.line.tax_percent
    full, paid = Fraction(each.unit_price) * each.left, each.paid_each * each.left
    asked = each.left - each.return_requested
    return {
        "subtotal": full - tax(full, percent),
        "total": paid,
        "original_subtotal": full - tax(full, percent),
        "original_total": full,
        "discount_subtotal": full - paid - tax(full - paid, percent),
        "discount_tax_total": tax(full - paid, percent),
        "discount_total": full - paid,
        "tax_total": tax(paid, percent),
        "original_tax_total": tax(full, percent),
        "refundable_total_per_unit": each.paid_each if asked else 0,
        "refundable_total": each.paid_each * asked,
        "fulfilled_total": each.paid_each * each.fulfilled,
        "shipped_total": each.paid_each * each.fulfilled,
        "return_requested_total": each.paid_each * each.return_requested,
        "return_received_total": each.paid_each * each.return_received,
        "return_dismissed_total": each.paid_each * each.return_dismissed,
        "write_off_total": each.paid_each * each.return_dismissed,
    }


def _detail(made: Order, each: Item) -> dict[str, Any]:
    counts: dict[str, Amount] = {
        "quantity": each.quantity,
        "fulfilled_quantity": each.fulfilled,
        "delivered_quantity": each.delivered,
        "shipped_quantity": each.fulfilled,
        "return_requested_quantity": each.return_requested,
        "return_received_quantity": each.return_received,
        "return_dismissed_quantity": each.return_dismissed,
        # What came back damaged is counted twice: dismissed, and written off.
        "written_off_quantity": each.return_dismissed,
    }
    later = made.version > 1
    return {
        "id": key("orditem", each.number),
        "version": made.version,
        "metadata": {},
        "order_id": key("order", made.number),
        "raw_unit_price": raw(each.unit_price) if later else None,
        "raw_compare_at_unit_price": None,
        **dated(made.updated_at),
        "item_id": key("ordli", each.number),
        "unit_price": plain(each.unit_price) if later else None,
        "compare_at_unit_price": None,
        **sums(counts),
    }


def _tax_line(each: Item) -> dict[str, Any]:
    percent = each.line.tax_percent
    totals = item_totals(each)
    return {
        "id": key("ordlitxl", each.number),
        "description": "VAT",
        "tax_rate_id": key("txr", 1),
        "code": "vat",
        "provider_id": "system",
        "metadata": None,
        "data": None,
        "item_id": key("ordli", each.number),
        **dated(each.born),
        **sums({"rate": percent}),
        **sums({"total": totals["tax_total"], "subtotal": totals["original_tax_total"]}),
    }


def _adjustments(each: Item) -> list[dict[str, Any]]:
    parts = {"LINE": each.own_discount, "ORDER": each.discount - each.own_discount}
    return [
        {
            "id": key("ordliadj", each.number * 10 + place),
            "version": 1,
            "description": None,
            "promotion_id": key("promo", place),
            "code": code,
            "provider_id": None,
            "is_tax_inclusive": True,
            "item_id": key("ordli", each.number),
            **dated(each.born),
            **sums({"amount": amount}),
            **sums({"subtotal": amount - tax(amount, each.line.tax_percent), "total": amount}),
        }
        for place, (code, amount) in enumerate(parts.items())
        if amount
    ]


def variant_id(sku: str) -> str:
    return f"variant_{sku}"


def variant(each: Item) -> dict[str, Any]:
    line = each.line
    sizes = dict.fromkeys(("length", "height", "width"))
    product = {
        "id": f"prod_{line.sku}",
        "title": line.name,
        "handle": line.name.lower(),
        **dict.fromkeys(("subtitle", "description")),
        "is_giftcard": False,
        "status": "published",
        "thumbnail": line.image or None,
        **dict.fromkeys(("weight", *sizes, "origin_country", "hs_code", "mid_code", "material")),
        "discountable": True,
        **dict.fromkeys(("external_id", "metadata", "type_id", "type")),
        **dict.fromkeys(("collection_id", "collection")),
        **dated(each.born),
    }
    return {
        "id": variant_id(line.sku),
        "title": line.variant or "Default",
        "sku": line.sku,
        **dict.fromkeys(("barcode", "ean", "upc")),
        "allow_backorder": False,
        "manage_inventory": True,
        "hs_code": line.hs_code or None,
        "origin_country": line.origin.lower() or None,
        **dict.fromkeys(("mid_code", "material")),
        "weight": line.weight_g or None,
        **sizes,
        "metadata": None,
        "variant_rank": 0,
        "thumbnail": None,
        "product_id": product["id"],
        "product": product,
        **dated(each.born),
    }
