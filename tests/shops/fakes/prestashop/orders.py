"""Rows of what belongs to an order: orders, order_details, order_slip, histories, carriers, invoices, cart rules.

Fields and their order by devdocs.prestashop-project.org/9/webservice/resources/ and ``$webserviceParameters``.
"""

from datetime import datetime
from fractions import Fraction
from typing import Any

from tests.shops.fakes.prestashop.amounts import weight, without_tax, written
from tests.shops.fakes.prestashop.books import SHIPPED, Books, Order, Slip
from tests.shops.fakes.prestashop.books import Row as Bought

Row = dict[str, Any]
NEVER = "0000-00-00 00:00:00"
CANCELED_STATES = (6, 8)


def net_of(order: Order) -> Fraction:
    return sum(
        (without_tax(row.unit * row.quantity, row.line.tax_percent) for row in order.rows),
        Fraction(0),
    )


def order_row(books: Books, order: Order) -> Row:
    iso = order.sale.currency
    percent = order.rows[0].line.tax_percent if order.rows else 22
    discount = order.discount + order.shipping_discount
    shipping = Fraction(order.sale.shipping)
    net, less = net_of(order), without_tax(discount, percent)
    shipping_net = without_tax(shipping, percent)
    sent = next((at for state, at in order.states if state == SHIPPED), None)
    made = books.local(order.made_at)

    def amount(minor: Fraction | int) -> str:
        return written(minor, iso)

    return {
        "id": order.id,
        "id_address_delivery": str(order.delivery_id),
        "id_address_invoice": str(order.invoice_id),
        "id_cart": str(order.id),
        "id_currency": str(books.currency(iso)),
        "id_lang": "1",
        "id_customer": str(order.customer_id),
        "id_carrier": "2",
        "current_state": str(order.state),
        "module": "ps_checkpayment",
        "invoice_number": str(order.id),
        "invoice_date": made,
        "delivery_number": str(order.id if sent else 0),
        "delivery_date": books.local(sent) if sent else NEVER,
        "valid": "0" if order.state in CANCELED_STATES else "1",
        "date_add": made,
        "date_upd": books.local(order.changed_at),
        "shipping_number": order.tracking_number,
        "note": order.note,
        "id_shop_group": "1",
        "id_shop": str(order.shop_id),
        "secure_key": f"{order.id:032x}",
        "payment": "Payments by check",
        "recyclable": "0",
        "gift": "0",
        "gift_message": "",
        "mobile_theme": "0",
        "total_discounts": amount(discount),
        "total_discounts_tax_incl": amount(discount),
        "total_discounts_tax_excl": amount(less),
        "total_paid": amount(order.paid),
        "total_paid_tax_incl": amount(order.paid),
        "total_paid_tax_excl": amount(net - less + shipping_net),
        "total_paid_real": amount(order.paid),
        "total_products": amount(net),
        "total_products_wt": amount(order.products),
        "total_shipping": amount(shipping),
        "total_shipping_tax_incl": amount(shipping),
        "total_shipping_tax_excl": amount(shipping_net),
        "carrier_tax_rate": f"{percent:.3f}",
        "total_wrapping": amount(0),
        "total_wrapping_tax_incl": amount(0),
        "total_wrapping_tax_excl": amount(0),
        "round_mode": "2",
        "round_type": "2",
        "conversion_rate": "1.000000",
        "reference": order.reference,
        "associations": {"order_rows": [_bought(order, row) for row in order.rows]},
    }


def _bought(order: Order, row: Bought) -> Row:
    iso, percent = order.sale.currency, row.line.tax_percent
    net = written(without_tax(row.unit, percent), iso)
    return {
        "id": str(row.id),
        "product_id": str(row.product.id),
        "product_attribute_id": str(row.product.attribute_id),
        "product_quantity": str(row.quantity),
        "product_name": name_of(row),
        "product_reference": row.line.sku,
        "product_ean13": "",
        "product_isbn": "",
        "product_upc": "",
        "product_price": net,
        "id_customization": "0",
        "unit_price_tax_incl": written(row.unit, iso),
        "unit_price_tax_excl": net,
    }


def name_of(row: Bought) -> str:
    return f"{row.line.name} ({row.line.variant})" if row.line.variant else row.line.name


def detail_row(order: Order, row: Bought) -> Row:
    iso, percent = order.sale.currency, row.line.tax_percent
    net = without_tax(row.unit, percent)
    reduction = Fraction(row.line.discount, row.line.quantity)

    def amount(minor: Fraction | int) -> str:
        return written(minor, iso)

    return {
        "id": row.id,
        "id_order": str(order.id),
        "product_id": str(row.product.id),
        "product_attribute_id": str(row.product.attribute_id),
        "product_quantity_reinjected": str(row.reinjected),
        "group_reduction": "0.00",
        "discount_quantity_applied": "0",
        "download_hash": "",
        "download_deadline": NEVER,
        "id_order_invoice": str(order.id),
        "id_warehouse": "0",
        "id_shop": str(order.shop_id),
        "id_customization": "0",
        "product_name": name_of(row),
        "product_quantity": str(row.quantity),
        "product_quantity_in_stock": str(row.quantity),
        "product_quantity_return": str(row.returned),
        "product_quantity_refunded": str(row.refunded),
        "product_price": amount(without_tax(row.line.price, percent)),
        "reduction_percent": "0.00",
        "reduction_amount": amount(reduction),
        "reduction_amount_tax_incl": amount(reduction),
        "reduction_amount_tax_excl": amount(without_tax(reduction, percent)),
        "product_quantity_discount": "0.000000",
        "product_ean13": "",
        "product_isbn": "",
        "product_upc": "",
        "product_mpn": "",
        "product_reference": row.line.sku,
        "product_supplier_reference": "",
        "product_weight": weight(row.line.weight_g),
        "tax_computation_method": "0",
        "id_tax_rules_group": "1",
        "ecotax": "0.000000",
        "ecotax_tax_rate": "0.000",
        "download_nb": "0",
        "unit_price_tax_incl": amount(row.unit),
        "unit_price_tax_excl": amount(net),
        "total_price_tax_incl": amount(row.unit * row.quantity),
        "total_price_tax_excl": amount(net * row.quantity),
        "total_shipping_price_tax_excl": "0.000000",
        "total_shipping_price_tax_incl": "0.000000",
        "purchase_supplier_price": "0.000000",
        "original_product_price": amount(without_tax(row.line.price, percent)),
        "original_wholesale_price": "0.000000",
        "total_refunded_tax_excl": amount(without_tax(row.refunded_minor, percent)),
        "total_refunded_tax_incl": amount(row.refunded_minor),
        "associations": {"taxes": [{"id": str(percent)}]},
    }


def slip_row(books: Books, slip: Slip, order: Order) -> Row:
    iso = order.sale.currency
    percent = order.rows[0].line.tax_percent if order.rows else 22

    def amount(minor: Fraction | int) -> str:
        return written(minor, iso)

    made = books.local(slip.made_at)
    return {
        "id": slip.id,
        "id_customer": str(order.customer_id),
        "id_order": str(order.id),
        "conversion_rate": "1.000000",
        "total_products_tax_excl": amount(without_tax(slip.products_minor, percent)),
        "total_products_tax_incl": amount(slip.products_minor),
        "total_shipping_tax_excl": amount(without_tax(slip.shipping_minor, percent)),
        "total_shipping_tax_incl": amount(slip.shipping_minor),
        "amount": amount(slip.products_minor),
        "shipping_cost": "1" if slip.shipping_minor else "0",
        "shipping_cost_amount": amount(slip.shipping_minor),
        "partial": "0",
        "date_add": made,
        "date_upd": made,
        "order_slip_type": "2" if slip.shipping_minor else "0",
        "associations": {
            "order_slip_details": [
                {
                    "id": str(slip.id),
                    "id_order_detail": str(row_id),
                    "product_quantity": str(units),
                    "amount_tax_excl": amount(without_tax(minor, percent)),
                    "amount_tax_incl": amount(minor),
                }
                for row_id, (units, minor) in slip.units.items()
            ]
        },
    }


def history_row(books: Books, order: Order, place: int, state: int, at: datetime) -> Row:
    return {
        "id": order.id * 100 + place,
        "id_employee": "1" if place > 1 else "0",
        "id_order_state": str(state),
        "id_order": str(order.id),
        "date_add": books.local(at),
    }


def carrier_row(books: Books, order: Order) -> Row:
    return {
        "id": order.id,
        "id_order": str(order.id),
        "id_carrier": "2",
        "id_order_invoice": str(order.id),
        "weight": weight(sum(row.line.weight_g * row.quantity for row in order.rows)),
        "shipping_cost_tax_excl": written(
            without_tax(order.sale.shipping, 22), order.sale.currency
        ),
        "shipping_cost_tax_incl": written(order.sale.shipping, order.sale.currency),
        "tracking_number": order.tracking_number,
        "date_add": books.local(order.made_at),
    }


def invoice_row(books: Books, order: Order) -> Row:
    iso = order.sale.currency
    told = order_row(books, order)
    return {
        "id": order.id,
        "id_order": str(order.id),
        "number": str(order.id),
        "delivery_number": told["delivery_number"],
        "delivery_date": told["delivery_date"],
        "total_discount_tax_excl": told["total_discounts_tax_excl"],
        "total_discount_tax_incl": told["total_discounts_tax_incl"],
        "total_paid_tax_excl": told["total_paid_tax_excl"],
        "total_paid_tax_incl": told["total_paid_tax_incl"],
        "total_products": told["total_products"],
        "total_products_wt": told["total_products_wt"],
        "total_shipping_tax_excl": told["total_shipping_tax_excl"],
        "total_shipping_tax_incl": told["total_shipping_tax_incl"],
        "shipping_tax_computation_method": "0",
        "total_wrapping_tax_excl": written(0, iso),
        "total_wrapping_tax_incl": written(0, iso),
        "shop_address": "",
        "note": "",
        "date_add": books.local(order.made_at),
    }


def used_rules(order: Order) -> list[Row]:
    """``order_cart_rules``: what took money off the whole order."""
    iso, told = order.sale.currency, []
    for place, (name, minor, free) in enumerate(
        [("Discount", order.discount, "0"), ("Free shipping", order.shipping_discount, "1")], 1
    ):
        if minor:
            told.append(
                {
                    "id": order.id * 100 + place,
                    "id_order": str(order.id),
                    "id_cart_rule": str(place),
                    "id_order_invoice": str(order.id),
                    "name": name,
                    "value": written(minor, iso),
                    "value_tax_excl": written(without_tax(minor, 22), iso),
                    "free_shipping": free,
                    "deleted": "0",
                }
            )
    return told
