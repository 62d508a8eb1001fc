"""How the fake WooCommerce writes its books down: the answers of ``wc/v3`` as JSON.

Sources: Version2/class-wc-rest-orders-v2-controller.php (get_formatted_item_data, get_order_item_data),
Version2/class-wc-rest-order-refunds-v2-controller.php, Version3 products, notes, coupons and webhooks controllers,
and the examples of woocommerce.github.io/woocommerce-rest-api-docs (v3).
"""

from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from tests.shops.fakes.woocommerce.books import (
    DIGITS,
    Back,
    BackRow,
    Item,
    Note,
    Order,
    Product,
    Sum,
    total_of,
)

Json = dict[str, Any]
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
ORIGIN_KEYS = ("_dhl_hs_code", "_dhl_manufacture_country")


def digits_of(currency: str) -> int:
    return DIGITS.get(currency, 2)


def text(minor: int, currency: str) -> str:
    digits = digits_of(currency)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"


def fine(minor: int, currency: str) -> str:
    """Amounts of single tax rates are not cut to the shop's decimals."""
    value = Decimal(minor).scaleb(-digits_of(currency)).normalize()
    return f"{value:f}"


def local(at: datetime | None, zone: str) -> str | None:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S") if at else None


def gmt(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if at else None


def both(name: str, at: datetime | None, zone: str) -> Json:
    return {name: local(at, zone), f"{name}_gmt": gmt(at)}


def links(url: str, path: str, *, up: str = "") -> Json:
    """Only of one address deep: itself, the list it stands in, and what it belongs to."""
    made: Json = {
        "self": [{"href": f"{url}/wp-json/wc/v3/{path}"}],
        "collection": [{"href": f"{url}/wp-json/wc/v3/{path.rpartition('/')[0]}"}],
    }
    return made | ({"up": [{"href": f"{url}/wp-json/wc/v3/{up}"}]} if up else {})


def title(words: str) -> str:
    """As WordPress keeps the title of a post."""
    return escape(words, quote=False)


def rate(percent: int) -> int:
    return 100 + percent


def taxes(total: Sum, subtotal: Sum | None, percent: int, currency: str) -> list[Json]:
    if not percent:
        return []
    before = "" if subtotal is None else fine(subtotal.tax, currency)
    return [{"id": rate(percent), "total": fine(total.tax, currency), "subtotal": before}]


class Writer:
    """``url`` and ``zone`` are the site's; ``products`` its shelf by SKU."""

    def __init__(self, url: str, zone: str, products: dict[str, Product], weight_unit: str) -> None:
        self.url, self.zone, self.products, self.unit = url, zone, products, weight_unit

    def order(self, order: Order) -> Json:
        money = order.sale.currency
        goods = total_of(item.total for item in order.items)
        off = total_of(item.subtotal.less(item.total) for item in order.items)
        taxed = goods.tax + order.shipping_cost.tax + order.fee.tax
        return {
            "id": order.order_id,
            "parent_id": 0,
            "status": order.status,
            "currency": money,
            "version": "10.3.5",
            "prices_include_tax": True,
            **both("date_created", order.created, self.zone),
            **both("date_modified", order.modified, self.zone),
            "discount_total": text(off.net, money),
            "discount_tax": text(off.tax, money),
            "shipping_total": text(order.shipping_cost.net, money),
            "shipping_tax": text(order.shipping_cost.tax, money),
            "cart_tax": text(goods.tax + order.fee.tax, money),
            "total": text(order.total, money),
            "total_tax": text(taxed, money),
            "customer_id": 0,
            "order_key": f"wc_order_{order.order_id:013x}",
            "billing": dict(order.billing),
            "shipping": dict(order.shipping),
            "payment_method": order.payment_method,
            "payment_method_title": order.payment_method.title(),
            "transaction_id": f"pi_{order.order_id}",
            "customer_ip_address": "203.0.113.7",
            "customer_user_agent": "Mozilla/5.0",
            "created_via": order.created_via,
            "customer_note": "",
            **both("date_completed", order.completed, self.zone),
            **both("date_paid", order.paid, self.zone),
            "cart_hash": "",
            "number": order.number,
            "meta_data": [dict(meta) for meta in order.meta],
            "line_items": [self._item(item, money) for item in order.items],
            "tax_lines": self._tax_lines(order),
            "shipping_lines": self._shipping(order),
            "fee_lines": self._fees(order),
            "coupon_lines": self._coupons(order, off),
            "refunds": [
                {"id": b.refund_id, "reason": b.reason, "total": f"-{text(b.amount, money)}"}
                for b in reversed(order.backs)
            ],
            "payment_url": f"{self.url}/checkout/order-pay/{order.order_id}/?pay_for_order=true",
            "is_editable": order.status in ("pending", "on-hold", "auto-draft"),
            "needs_payment": False,
            "needs_processing": True,
            "currency_symbol": SYMBOLS.get(money, money),
            "_links": links(self.url, f"orders/{order.order_id}"),
        }

    def _item(self, item: Item, money: str) -> Json:
        line, total = item.line, item.total
        found = self.products.get(line.sku)
        meta = []
        if line.variant:
            meta.append(
                {
                    "id": item.item_id * 10,
                    "key": "pa_variant",
                    "value": line.variant.lower(),
                    "display_key": "Variant",
                    "display_value": line.variant,
                }
            )
        return {
            "id": item.item_id,
            "name": title(f"{line.name} - {line.variant}" if line.variant else line.name),
            "product_id": (found.parent_id or found.product_id) if found else 0,
            "variation_id": found.product_id if found and found.parent_id else 0,
            "quantity": item.quantity,
            "tax_class": "" if line.tax_percent == 22 else "reduced-rate",
            "subtotal": text(item.subtotal.net, money),
            "subtotal_tax": text(item.subtotal.tax, money),
            "total": text(total.net, money),
            "total_tax": text(total.tax, money),
            "taxes": taxes(total, item.subtotal, line.tax_percent, money),
            "meta_data": meta,
            "sku": line.sku if found else None,
            "price": float(Decimal(total.net).scaleb(-digits_of(money)) / item.quantity),
            "image": {"id": "31" if line.image else "", "src": line.image},
            "parent_name": title(line.name) if line.variant else None,
        }

    def _tax_lines(self, order: Order) -> list[Json]:
        money, made = order.sale.currency, []
        for percent in sorted({item.line.tax_percent for item in order.items} | {22}):
            goods = total_of(i.total for i in order.items if i.line.tax_percent == percent)
            extra = order.fee.tax if percent == 22 else 0
            ship = order.shipping_cost.tax if percent == 22 else 0
            if not percent or not (goods.tax or extra or ship):
                continue
            made.append(
                {
                    "id": order.order_id * 100 + 90 + len(made),
                    "rate_code": f"IT-IVA-{percent}",
                    "rate_id": rate(percent),
                    "label": "IVA",
                    "compound": False,
                    "tax_total": text(goods.tax + extra, money),
                    "shipping_tax_total": text(ship, money),
                    "rate_percent": percent,
                    "meta_data": [],
                }
            )
        return made

    def _shipping(self, order: Order) -> list[Json]:
        cost, money = order.shipping_cost, order.sale.currency
        return [
            {
                "id": shipping_key(order),
                "method_title": "Corriere espresso" if cost.gross else "Free shipping",
                "method_id": "flat_rate" if cost.gross else "free_shipping",
                "instance_id": "1",
                "total": text(cost.net, money),
                "total_tax": text(cost.tax, money),
                "taxes": taxes(cost, None, 22 if cost.gross else 0, money),
                "tax_status": "taxable",
                "meta_data": [],
            }
        ]

    def _fees(self, order: Order) -> list[Json]:
        if not order.fee.gross:
            return []
        money = order.sale.currency
        return [
            {
                "id": order.order_id * 100 + 81,
                "name": "Gift wrap",
                "tax_class": "",
                "tax_status": "taxable",
                "amount": text(order.fee.net, money),
                "total": text(order.fee.net, money),
                "total_tax": text(order.fee.tax, money),
                "taxes": taxes(order.fee, None, 22, money),
                "meta_data": [],
            }
        ]

    def _coupons(self, order: Order, off: Sum) -> list[Json]:
        if not off.gross:
            return []
        money = order.sale.currency
        return [
            {
                "id": order.order_id * 100 + 82,
                "code": "benvenuta",
                "discount": text(off.net, money),
                "discount_tax": text(off.tax, money),
                "meta_data": [],
                "discount_type": "fixed_cart",
                "nominal_amount": float(Decimal(off.gross).scaleb(-digits_of(money))),
                "free_shipping": False,
            }
        ]

    def refund(self, order: Order, back: Back, *, parent: bool = False) -> Json:
        money = order.sale.currency
        items = {item.item_id: item for item in order.items}
        rows = [(row, items[row.key]) for row in back.rows if row.key in items]
        ship = [row for row in back.rows if row.key not in items]
        path = f"orders/{order.order_id}/refunds/{back.refund_id}"
        return {
            "id": back.refund_id,
            **({"parent_id": order.order_id} if parent else {}),
            **both("date_created", back.at, self.zone),
            "amount": text(back.amount, money),
            "reason": back.reason,
            "refunded_by": 1,
            "refunded_payment": back.by_gateway,
            "meta_data": [dict(meta) for meta in back.meta],
            "line_items": [self._back_item(back, row, item, money) for row, item in rows],
            "shipping_lines": [
                {
                    "id": back.refund_id * 100 + 80,
                    "method_title": "Corriere espresso",
                    "method_id": "flat_rate",
                    "instance_id": "1",
                    "total": text(-row.total.net, money),
                    "total_tax": text(-row.total.tax, money),
                    "taxes": taxes(Sum(-row.total.net, -row.total.tax), None, 22, money),
                    "meta_data": [_from(back, row, 80)],
                }
                for row in ship
            ],
            "tax_lines": [],
            "fee_lines": [],
            "_links": links(self.url, path, up=f"orders/{order.order_id}"),
        }

    def _back_item(self, back: Back, row: BackRow, item: Item, money: str) -> Json:
        minus = Sum(-row.total.net, -row.total.tax)
        place = item.item_id % 100
        unit = Decimal(row.total.net).scaleb(-digits_of(money))
        return self._item(item, money) | {
            "id": back.refund_id * 100 + place,
            "quantity": -row.units,
            "subtotal": text(minus.net, money),
            "subtotal_tax": text(minus.tax, money),
            "total": text(minus.net, money),
            "total_tax": text(minus.tax, money),
            "taxes": taxes(minus, minus, item.line.tax_percent, money),
            "price": float(unit / row.units) if row.units else 0,
            "meta_data": [_from(back, row, place)],
        }

    def note(self, order: Order, note: Note) -> Json:
        return {
            "id": note.note_id,
            "author": note.author,
            **both("date_created", note.at, self.zone),
            "note": note.words,
            "customer_note": note.to_customer,
            "_links": links(
                self.url,
                f"orders/{order.order_id}/notes/{note.note_id}",
                up=f"orders/{order.order_id}",
            ),
        }

    def product(self, found: Product) -> Json:
        """A simple product or a variation, as its own SKU has it."""
        line = found.line
        grams = Decimal(line.weight_g) / {"kg": 1000, "g": 1}[self.unit] if line.weight_g else None
        path = f"products/{found.product_id}"
        if found.parent_id:
            path = f"products/{found.parent_id}/variations/{found.product_id}"
        picture = {"id": 31, "src": line.image, "name": line.name, "alt": ""}
        pictures: Json = {"images": [picture] if line.image else []}
        if found.parent_id:
            pictures = {
                "image": picture if line.image else None,
                "parent_id": found.parent_id,
                "attributes": [{"id": 1, "name": "Variant", "option": line.variant}],
            }
        return {
            "id": found.product_id,
            "name": line.variant if found.parent_id else line.name,
            "type": "variation" if found.parent_id else "simple",
            "status": "publish",
            "sku": line.sku,
            "global_unique_id": "",
            "price": text(line.price, "EUR"),
            "regular_price": text(line.price, "EUR"),
            "tax_class": "",
            "manage_stock": True,
            "stock_quantity": found.stock,
            "stock_status": "instock" if found.stock > 0 else "outofstock",
            "weight": f"{grams.normalize():f}" if grams is not None else "",
            "dimensions": {"length": "", "width": "", "height": ""},
            **pictures,
            "meta_data": [] if found.parent_id else customs(found),
            "_links": links(self.url, path),
        }


def customs(found: Product) -> list[Json]:
    """What the plug-in DHL for WooCommerce keeps, on the product and never on a variation of it."""
    pairs = zip(ORIGIN_KEYS, (found.line.hs_code, found.line.origin), strict=True)
    return [
        {"id": found.product_id * 10 + place, "key": key, "value": value}
        for place, (key, value) in enumerate(pairs)
        if value
    ]


def shipping_key(order: Order) -> int:
    return order.order_id * 100 + 80


def _from(back: Back, row: BackRow, place: int) -> Json:
    """What ties a row of a refund to the row of the order that it takes back."""
    key = str(row.key)
    return {
        "id": back.refund_id * 1000 + place,
        "key": "_refunded_item_id",
        "value": key,
        "display_key": "_refunded_item_id",
        "display_value": key,
    }
