"""Stock, coupons and what the fake Medusa says of itself."""

from typing import Any, ClassVar

from tests.fake_server import Answer, Heard
from tests.shops.fakes.medusa import answers, selling
from tests.shops.fakes.medusa.amounts import key, when
from tests.shops.fakes.medusa.keeper import Keeper
from tests.shops.fakes.medusa.lines import variant_id

LEVELS = "/admin/inventory-items/{id}/location-levels"


class Shelf(Keeper):
    SHELF_ROUTES: ClassVar[dict[str, str]] = {
        "GET /admin/inventory-items": "inventory",
        "GET /admin/inventory-items/{id}": "inventory_item",
        f"GET {LEVELS}": "levels",
        f"POST {LEVELS}/{{location}}": "set_level",
        "GET /admin/product-variants": "variants",
        "GET /admin/stock-locations": "locations",
        "GET /admin/stores": "stores",
        "GET /admin/sales-channels": "channels",
        "GET /admin/users/me": "me",
        "GET /admin/promotions": "promotions",
        "POST /admin/promotions": "make_promotion",
    }

    def __init__(self) -> None:
        super().__init__()
        self.coupons: dict[str, dict[str, Any]] = {}

    def inventory(self, heard: Heard) -> Answer:
        skus = selling.several(heard.query, "sku") or sorted(self.shelf)
        return _listed("inventory_items", [self._item(sku) for sku in skus], 20)

    def inventory_item(self, heard: Heard, item_id: str) -> Answer:
        return Answer(200, {"inventory_item": self._item(item_id.removeprefix("iitem_"))})

    def levels(self, heard: Heard, item_id: str) -> Answer:
        levels = self._item(item_id.removeprefix("iitem_"))["location_levels"]
        return _listed("inventory_levels", levels, 20)

    def set_level(self, heard: Heard, item_id: str, location: str) -> Answer:
        """``stocked_quantity`` is set, not added."""
        sku = item_id.removeprefix("iitem_")
        if location != answers.LOCATION:
            words = f"Item {item_id} is not stocked at location {location}"
            return Answer(404, {"type": "not_found", "message": words})
        self.shelf[sku] = int(heard.words["stocked_quantity"])
        return Answer(200, {"inventory_item": self._item(sku)})

    def variants(self, heard: Heard) -> Answer:
        skus = selling.several(heard.query, "sku")
        skus += [told.removeprefix("variant_") for told in selling.several(heard.query, "id")]
        rows = [
            {
                "id": variant_id(sku),
                "sku": sku,
                "manage_inventory": True,
                "inventory_items": [
                    {
                        "variant_id": variant_id(sku),
                        "inventory_item_id": f"iitem_{sku}",
                        "required_quantity": 1,
                    }
                ],
            }
            for sku in skus
        ]
        return _listed("variants", rows, 50)

    def locations(self, heard: Heard) -> Answer:
        row = {"id": answers.LOCATION, "name": "Warehouse", "metadata": None}
        return _listed("stock_locations", [row | {"created_at": when(self.now)}], 20)

    def stores(self, heard: Heard) -> Answer:
        euro: dict[str, Any] = {"currency_code": "eur", "is_default": True}
        euro["currency"] = {"code": "eur", "name": "Euro", "decimal_digits": 2}
        row: dict[str, Any] = {"id": key("store", 1), "name": "Medusa Store", "metadata": None}
        row |= {"default_sales_channel_id": answers.CHANNEL, "supported_currencies": [euro]}
        return _listed("stores", [row], 50)

    def channels(self, heard: Heard) -> Answer:
        return _listed("sales_channels", [answers.channel(False), answers.channel(True)], 20)

    def me(self, heard: Heard) -> Answer:
        words = "User with id: apk_01M89EJ1AH13YY2EQP5M5ZMK1X was not found"
        return Answer(404, {"type": "not_found", "message": words})

    def promotions(self, heard: Heard) -> Answer:
        codes = selling.several(heard.query, "code")
        rows = [row for code, row in self.coupons.items() if not codes or code in codes]
        return _listed("promotions", rows, 50)

    def make_promotion(self, heard: Heard) -> Answer:
        words = heard.words
        if words["code"] in self.coupons:
            told = f"Promotion with code: {words['code']}, already exists."
            return Answer(400, {"type": "invalid_data", "message": told})
        row = {"id": key("promo", 100 + len(self.coupons)), "used": 0, "rules": []}
        row |= {"limit": None, "is_automatic": False, "is_tax_inclusive": False} | words
        row |= {"created_at": when(self.now), "updated_at": when(self.now), "metadata": None}
        self.coupons[words["code"]] = row
        return Answer(200, {"promotion": row})

    def _item(self, sku: str) -> dict[str, Any]:
        stocked = self.stock(sku)
        level = {
            "id": f"ilev_{sku}",
            "location_id": answers.LOCATION,
            "inventory_item_id": f"iitem_{sku}",
            "metadata": None,
            "available_quantity": stocked,
            "stocked_quantity": stocked,
            "reserved_quantity": 0,
            "incoming_quantity": 0,
        }
        said = {"id": f"iitem_{sku}", "sku": sku, "title": sku, "requires_shipping": True}
        said |= {"reserved_quantity": 0, "stocked_quantity": stocked}
        return said | {"location_levels": [level]}


def _listed(name: str, rows: list[dict[str, Any]], limit: int) -> Answer:
    return Answer(200, {name: rows, "count": len(rows), "offset": 0, "limit": limit})
