"""The rest of the fake WooCommerce that an order leans on: goods, settings, the system's status, coupons.

Sources: Version3 products, product-variations, setting-options, system-status and coupons controllers.
"""

from collections import Counter
from typing import Any, ClassVar

from tests.fake_server import Answer, Heard
from tests.shops.fakes.woocommerce.answers import Json, both, customs, links
from tests.shops.fakes.woocommerce.books import Product
from tests.shops.fakes.woocommerce.keeper import Keeper
from tests.shops.fakes.woocommerce.query import error, ids, many, page_of, true

NO_PRODUCT = ("woocommerce_rest_product_invalid_id", "Invalid ID.")
NO_VARIATION = ("woocommerce_rest_product_variation_invalid_id", "Invalid ID.")
SETTINGS = {
    "woocommerce_weight_unit": ("Weight unit", {"kg": "kg", "g": "g", "lbs": "lbs", "oz": "oz"}),
    "woocommerce_dimension_unit": ("Dimensions unit", {"m": "m", "cm": "cm", "mm": "mm"}),
}
GENERAL = {
    "woocommerce_store_address": "Via dei Calzaiuoli 1",
    "woocommerce_store_city": "Firenze",
    "woocommerce_default_country": "IT:FI",
    "woocommerce_store_postcode": "50122",
    "woocommerce_currency": "EUR",
    "woocommerce_price_num_decimals": "2",
}


STATUS_NAMES = {
    "pending": "Pending payment",
    "processing": "Processing",
    "on-hold": "On hold",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
    "failed": "Failed",
    "checkout-draft": "Draft",
}


class Goods(Keeper):
    over_tls: bool
    ROUTES: ClassVar[dict[str, str]] = {
        "GET /wp-json/wc/v3/products": "list_products",
        "GET /wp-json/wc/v3/products/{id}": "one_product",
        "GET /wp-json/wc/v3/products/{id}/variations": "list_variations",
        "GET /wp-json/wc/v3/products/{id}/variations/{variation}": "one_variation",
        "GET /wp-json/wc/v3/settings/{group}": "list_settings",
        "GET /wp-json/wc/v3/settings/{group}/{id}": "one_setting",
        "GET /wp-json/wc/v3/system_status": "system_status",
        "GET /wp-json/wc/v3/reports/orders/totals": "order_totals",
        "GET /wp-json/wc/v3/coupons": "list_coupons",
        "POST /wp-json/wc/v3/coupons": "make_coupon",
        "GET /wp-json/wc/v3/coupons/{id}": "one_coupon",
        "DELETE /wp-json/wc/v3/coupons/{id}": "delete_coupon",
    }

    # Goods

    def list_products(self, heard: Heard) -> Answer:
        """Parents and simple products. By SKU variations are found too, by ``include`` only when they are asked for."""
        skus, include = many(heard, "sku"), ids(heard, "include")
        rows = [self.writer.product(p) for p in self.products.values() if not p.parent_id or skus]
        rows += [] if skus else [self._parent(p) for p in self.products.values() if p.parent_id]
        found = [
            row
            for row in rows
            if (not skus or row["sku"] in skus) and (not include or row["id"] in include)
        ]
        return page_of(heard, self.url, found, lambda row: row)

    def one_product(self, heard: Heard, product_id: str) -> Answer:
        for product in self.products.values():
            if str(product.product_id) == product_id:
                return Answer(200, self.writer.product(product))
            if str(product.parent_id) == product_id:
                return Answer(200, self._parent(product))
        return error(404, *NO_PRODUCT)

    def list_variations(self, heard: Heard, parent_id: str) -> Answer:
        include = ids(heard, "include")
        found = [
            product
            for product in self.products.values()
            if str(product.parent_id) == parent_id
            and (not include or product.product_id in include)
        ]
        if not found and not include:
            return error(404, *NO_PRODUCT)
        return page_of(heard, self.url, found, self.writer.product)

    def one_variation(self, heard: Heard, parent_id: str, variation_id: str) -> Answer:
        for product in self.products.values():
            if [str(product.parent_id), str(product.product_id)] == [parent_id, variation_id]:
                return Answer(200, self.writer.product(product))
        return error(404, *NO_VARIATION)

    def _parent(self, child: Product) -> Json:
        return self.writer.product(child) | {
            "id": child.parent_id,
            "name": child.line.name,
            "type": "variable",
            "sku": "",
            "variations": [child.product_id],
            "images": [],
            "manage_stock": False,
            "stock_quantity": None,
            "meta_data": customs(child),
            "weight": "",
            "_links": links(self.url, f"products/{child.parent_id}"),
        }

    # The shop itself

    def list_settings(self, heard: Heard, group: str) -> Answer:
        rows = self._settings(group)
        if not rows:
            return error(404, "rest_setting_setting_group_invalid", "Invalid setting group.")
        return Answer(200, rows)

    def one_setting(self, heard: Heard, group: str, name: str) -> Answer:
        for row in self._settings(group):
            if row["id"] == name:
                return Answer(200, row)
        return error(404, "rest_setting_setting_invalid", "Invalid setting.")

    def _settings(self, group: str) -> list[Json]:
        if group == "general":
            return [self._setting(group, name, name, value) for name, value in GENERAL.items()]
        if group != "products":
            return []
        values = {"woocommerce_weight_unit": self.weight_unit, "woocommerce_dimension_unit": "cm"}
        return [
            self._setting(group, name, label, values[name]) | {"type": "select", "options": options}
            for name, (label, options) in SETTINGS.items()
        ]

    def _setting(self, group: str, name: str, label: str, value: str) -> Json:
        return {
            "id": name,
            "label": label,
            "description": "",
            "type": "text",
            "default": "",
            "tip": "",
            "value": value,
            "group_id": group,
            "_links": links(self.url, f"settings/{group}/{name}"),
        }

    def system_status(self, _: Heard) -> Answer:
        words = {
            "environment": {
                "home_url": self.url,
                "site_url": self.url,
                "version": "10.3.5",
                "wp_version": "6.8.3",
                "php_version": "8.3.27",
                "default_timezone": "UTC",
                "secure_connection": self.over_tls,
            },
            "database": {"wc_database_version": "10.3.5", "database_prefix": "wp_"},
            "active_plugins": [
                {
                    "plugin": "woocommerce/woocommerce.php",
                    "name": "WooCommerce",
                    "version": "10.3.5",
                }
            ],
            "settings": {
                "api_enabled": False,
                "force_ssl": False,
                "currency": "EUR",
                "currency_symbol": "&euro;",
                "currency_position": "right_space",
                "thousand_separator": ".",
                "decimal_separator": ",",
                "number_of_decimals": 2,
                "HPOS_enabled": True,
            },
            "security": {"secure_connection": self.over_tls, "hide_errors": True},
            "pages": [],
        }
        return Answer(200, words)

    def order_totals(self, _: Heard) -> Answer:
        found = [self.look(order_id) for order_id in self.order_ids()]
        counts = Counter(order.status for order in found if order is not None)
        return Answer(
            200,
            [{"slug": s, "name": name, "total": counts[s]} for s, name in STATUS_NAMES.items()],
        )

    # Coupons

    def list_coupons(self, heard: Heard) -> Answer:
        code, words = heard.one("code").lower(), heard.one("search").lower()
        found = [
            row
            for row in reversed(self.coupons.values())
            if (not code or row["code"] == code) and words in row["code"]
        ]
        return page_of(heard, self.url, found, lambda row: row)

    def make_coupon(self, heard: Heard) -> Answer:
        told = heard.words or {}
        code = str(told.get("code") or "").lower()
        if not code:
            words = {"status": 400, "params": ["code"]}
            return Answer(
                400,
                {
                    "code": "rest_missing_callback_param",
                    "message": "Missing parameter(s): code",
                    "data": words,
                },
            )
        if any(row["code"] == code for row in self.coupons.values()):
            message = "The coupon code already exists"
            return error(400, "woocommerce_rest_coupon_code_already_exists", message)
        if not isinstance(told.get("amount", "0"), str):
            return error(400, "rest_invalid_param", "Invalid parameter(s): amount")
        row = self._coupon(self.fresh_id(), code, told)
        self.coupons[row["id"]] = row
        return Answer(201, row)

    def one_coupon(self, heard: Heard, coupon_id: str) -> Answer:
        row = self.coupons.get(int(coupon_id))
        return (
            Answer(200, row)
            if row
            else error(404, "woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.")
        )

    def delete_coupon(self, heard: Heard, coupon_id: str) -> Answer:
        row = self.coupons.get(int(coupon_id))
        if row is None:
            return error(404, "woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.")
        if true(heard, "force"):
            del self.coupons[int(coupon_id)]
        return Answer(200, row)

    def _coupon(self, coupon_id: int, code: str, told: dict[str, Any]) -> Json:
        usual: Json = {
            "amount": "0.00",
            "status": "publish",
            "discount_type": "fixed_cart",
            "description": "",
            "date_expires": None,
            "date_expires_gmt": None,
            "individual_use": False,
            "product_ids": [],
            "excluded_product_ids": [],
            "usage_limit": None,
            "usage_limit_per_user": None,
            "limit_usage_to_x_items": None,
            "free_shipping": False,
            "product_categories": [],
            "excluded_product_categories": [],
            "exclude_sale_items": False,
            "minimum_amount": "0.00",
            "maximum_amount": "0.00",
            "email_restrictions": [],
            "meta_data": [],
        }
        kept = {name: told[name] for name in usual if name in told}
        kept["meta_data"] = [
            {"id": coupon_id * 10 + place, "key": meta["key"], "value": meta["value"]}
            for place, meta in enumerate(told.get("meta_data") or ())
        ]
        return (
            {"id": coupon_id, "code": code}
            | both("date_created", self.now, self.zone)
            | both("date_modified", self.now, self.zone)
            | usual
            | kept
            | {"usage_count": 0, "used_by": []}
            | {"_links": links(self.url, f"coupons/{coupon_id}")}
        )
