"""Shop, app, locations, customers and goods of the fake Shopify in the words of its GraphQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.shops.fakes.shopify import view
from tests.shops.fakes.shopify.books import Item
from tests.shops.fakes.shopify.keeper import MAIN_LOCATION, STORE_LOCATION, Keeper
from tests.shops.fakes.shopify.post import Buyer
from tests.shops.fakes.shopify.view import Row, gid, pages, when

OPENED = datetime(2024, 1, 8, 9, 0, tzinfo=UTC)
STREET = {
    "address1": "Via dei Neri 5",
    "address2": None,
    "city": "Firenze",
    "zip": "50122",
    "province": "Firenze",
    "provinceCode": "FI",
    "phone": "+390551234567",
}


class Places:
    def __init__(self, shop: Keeper, scopes: frozenset[str], key: str) -> None:
        self.shop, self.scopes, self.key = shop, scopes, key

    def shop_row(self) -> Row:
        shop = self.shop
        country = view.COUNTRIES.get(shop.country, shop.country)
        address = STREET | {
            "id": gid("ShopAddress", 1),
            "company": "Rientro Test",
            "country": country,
            "countryCodeV2": shop.country,
        }
        return {
            "__typename": "Shop",
            "id": gid("Shop", 954_889),
            "name": "Rientro Test",
            "email": "owner@example.com",
            "contactEmail": "hello@example.com",
            "myshopifyDomain": shop.domain,
            "primaryDomain": {
                "id": gid("Domain", 1),
                "host": "shop.example.com",
                "url": "https://shop.example.com",
                "sslEnabled": True,
            },
            "url": "https://shop.example.com",
            "currencyCode": shop.currency,
            "ianaTimezone": "Europe/Rome",
            "timezoneOffset": "+0100",
            "taxesIncluded": shop.taxes_included,
            "taxShipping": True,
            "orderNumberFormatPrefix": shop.prefix,
            "orderNumberFormatSuffix": "",
            "plan": {
                "displayName": "Basic",
                "publicDisplayName": "Basic",
                "partnerDevelopment": False,
                "shopifyPlus": False,
            },
            "shopAddress": address,
            "billingAddress": address,
            "unitSystem": "METRIC_SYSTEM",
            "weightUnit": "KILOGRAMS",
            "createdAt": when(OPENED),
            "updatedAt": when(OPENED),
        }

    def installation(self) -> Row:
        app = {
            "__typename": "App",
            "id": gid("App", 3_300_001),
            "apiKey": self.key,
            "handle": "rientro",
            "title": "Rientro",
            "webhookApiVersion": self.shop.version,
            "embedded": False,
            "developerName": "Rientro Test",
        }
        return {
            "__typename": "AppInstallation",
            "id": gid("AppInstallation", 5_500_001),
            "accessScopes": [
                {"handle": scope, "description": scope.replace("_", " ").capitalize()}
                for scope in sorted(self.scopes)
            ],
            "app": app,
            "launchUrl": "https://app.example.com",
            "uninstallUrl": None,
        }

    def location(self, id: int) -> Row | None:
        if id not in (MAIN_LOCATION, STORE_LOCATION):
            return None
        main = id == MAIN_LOCATION
        country = view.COUNTRIES.get(self.shop.country, self.shop.country)
        return {
            "__typename": "Location",
            "id": gid("Location", id),
            "legacyResourceId": str(id),
            "name": "Warehouse" if main else "Shop in town",
            "isActive": True,
            "isPrimary": main,
            "fulfillsOnlineOrders": main,
            "shipsInventory": main,
            "hasActiveInventory": True,
            "address": STREET
            | {
                "country": country,
                "countryCode": self.shop.country,
                "formatted": lambda **_: [STREET["address1"], STREET["city"], country],
            },
            "createdAt": when(OPENED),
            "updatedAt": when(OPENED),
        }

    def buyer(self, id: int) -> Row | None:
        found = next((buyer for buyer in self.shop.buyers.values() if buyer.id == id), None)
        return self._buyer(found) if found else None

    def _buyer(self, buyer: Buyer) -> Row:
        accounts = [
            {
                "__typename": "StoreCreditAccount",
                "id": gid("StoreCreditAccount", buyer.id + place),
                "balance": view.money(minor, currency),
            }
            for place, (currency, minor) in enumerate(buyer.credit.items())
        ]
        return {
            "__typename": "Customer",
            "id": gid("Customer", buyer.id),
            "legacyResourceId": str(buyer.id),
            "firstName": buyer.first_name,
            "lastName": buyer.last_name or None,
            "displayName": f"{buyer.first_name} {buyer.last_name}".strip() or buyer.email,
            "email": buyer.email,
            "phone": buyer.phone or None,
            "defaultEmailAddress": {"emailAddress": buyer.email, "validFormat": True},
            "defaultPhoneNumber": {"phoneNumber": buyer.phone} if buyer.phone else None,
            "numberOfOrders": "1",
            "locale": "it",
            "note": None,
            "tags": [],
            "state": "DISABLED",
            "taxExempt": False,
            "verifiedEmail": True,
            "createdAt": when(buyer.created),
            "updatedAt": when(buyer.created),
            "storeCreditAccounts": pages(lambda: accounts),
        }

    # Goods: one product for each line's variant, by the line's own number

    def node(self, kind: str, id: int, item: Callable[[int], Item | None]) -> Row | None:
        if kind == "Location":
            return self.location(id)
        if kind == "Customer":
            return self.buyer(id)
        if kind == "Shop":
            return self.shop_row()
        found = item(id)
        if found is None:
            return None
        goods = self.goods(found)
        making: dict[str, Callable[[], Row]] = {
            "ProductVariant": lambda: goods,
            "Product": lambda: goods["product"](),
            "InventoryItem": lambda: goods["inventoryItem"](),
        }
        return making[kind]() if kind in making else None

    def goods(self, item: Item) -> Row:
        image = {"id": gid("ImageSource", item.id), "url": item.image, "altText": None}
        shown = (image | {"width": 800, "height": 800}) if item.image else None
        return {
            "__typename": "ProductVariant",
            "id": gid("ProductVariant", item.id),
            "legacyResourceId": str(item.id),
            "title": item.variant_title or "Default Title",
            "displayName": f"{item.title} - {item.variant_title or 'Default Title'}",
            "sku": item.sku or None,
            "barcode": None,
            "price": f"{view.decimal(item.unit, self.shop.currency)}0",
            "taxable": True,
            "position": 1,
            "inventoryQuantity": self.shop.stock(item.sku),
            "inventoryItem": lambda **_: self._stocked(item),
            "product": lambda **_: self._product(item, shown),
            "image": lambda **_: shown,
            "selectedOptions": [{"name": "Title", "value": item.variant_title or "Default Title"}],
            "createdAt": when(OPENED),
            "updatedAt": when(OPENED),
        }

    def _product(self, item: Item, image: Row | None) -> Row:
        return {
            "__typename": "Product",
            "id": gid("Product", item.id),
            "legacyResourceId": str(item.id),
            "title": item.title,
            "handle": item.title.lower().replace(" ", "-"),
            "vendor": "Rientro Test",
            "productType": "",
            "tags": [],
            "status": "ACTIVE",
            "isGiftCard": item.gift_card,
            "onlineStoreUrl": None,
            "featuredImage": image,
            "createdAt": when(OPENED),
            "updatedAt": when(OPENED),
        }

    def _stocked(self, item: Item) -> Row:
        levels = [self._level(item, MAIN_LOCATION), self._level(item, STORE_LOCATION)]
        weight = {"unit": "KILOGRAMS", "value": item.weight_g / 1000}
        return {
            "__typename": "InventoryItem",
            "id": gid("InventoryItem", item.id),
            "legacyResourceId": str(item.id),
            "sku": item.sku or None,
            "tracked": True,
            "requiresShipping": not item.gift_card,
            "harmonizedSystemCode": item.hs_code or None,
            "countryCodeOfOrigin": item.origin or None,
            "provinceCodeOfOrigin": None,
            "measurement": {"id": gid("InventoryItemMeasurement", item.id), "weight": weight},
            "inventoryLevels": pages(lambda: levels),
            "inventoryLevel": lambda locationId, **_: next(
                (row for row in levels if row["location"]()["id"] == locationId), None
            ),
            "createdAt": when(OPENED),
            "updatedAt": when(OPENED),
        }

    def _level(self, item: Item, location: int) -> Row:
        count = self.shop.stock(item.sku) if location == MAIN_LOCATION else 0
        id = f"{gid('InventoryLevel', location)}?inventory_item_id={item.id}"

        def quantities(names: list[str], **_: Any) -> list[Row]:
            return [
                {"id": f"{id}&name={name}", "name": name, "quantity": count, "updatedAt": None}
                for name in names
            ]

        return {
            "__typename": "InventoryLevel",
            "id": id,
            "isActive": True,
            "item": lambda **_: self._stocked(item),
            "location": lambda **_: self.location(location),
            "quantities": quantities,
            "createdAt": when(OPENED),
            "updatedAt": when(OPENED),
        }
