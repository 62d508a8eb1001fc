"""A fake Magento Open Source / Adobe Commerce 2.4: REST under /rest/V1 and /rest/<store>/V1.

Sources: Adobe Commerce web API guide (developer.adobe.com/commerce/webapi), the admin REST schema 2.4, and
magento/magento2 (etc/webapi.xml of the modules for routes and resources, Sales, Webapi). What differs from other shops:

* The core sends no webhooks (Adobe Commerce's "events" and "webhooks" are other products): ``outbox`` stays empty.
* A wrong token and a missing resource are the same 401; only ``parameters.resources`` tells which right was asked.
* Since 2.4.4 an integration's token is a bearer token only where the shop allows it (``bearer_allowed``); a
  signature by OAuth 1.0a counts always.
* A paid order cannot be cancelled or edited: fewer units are refunded; more units are another order ("000000001-1")
  in place of the first. What the shopkeeper does with the first after that is done with the one in its place.
* There is no till. ``place_pickup`` is an order fetched at the shop.
* There is no rate limit. ``broken`` answers 500 as a shop with a fault does, ``down`` is its maintenance mode.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from urllib.parse import unquote

from tests.fake_server import Answer, Heard
from tests.shops.fakes.magento import answers, catalogue, memos, search
from tests.shops.fakes.magento.books import Order
from tests.shops.fakes.magento.keeper import Keeper
from tests.shops.fakes.magento.oauth import Integration
from tests.shops.fakes.magento.refunds import asked_of
from tests.shops.fakes.magento.search import Refused

GONE = "The entity that was requested doesn't exist. Verify the entity and try again."
NO_PRODUCT = "The product that was requested doesn't exist. Verify the product and try again."
NO_RIGHT = "The consumer isn't authorized to access %resources."
NO_ROUTE = "Request does not match any route."
REQUIRED = '"%fieldName" is required. Enter and try again.'
INTERNAL = (
    "Internal Error. Details are available in Magento log file. Report ID: webapi-5f0d9c1b2a3e4"
)
UNAVAILABLE = (
    b"<!doctype html><html><head><title>503</title></head><body><h1>Service Temporarily Unavailable"
    b"</h1><p>The server is temporarily unable to service your request.</p></body></html>"
)
NOT_FOUND = (
    b"<!doctype html><html><head><title>404 Not Found</title></head><body>Whoops</body></html>"
)
HTML = {"Content-Type": "text/html; charset=UTF-8"}
# what is asked for -> the method that answers it, and the resource that the integration must hold
API = {
    "GET /orders": ("orders", "Magento_Sales::actions_view"),
    "GET /orders/{id}": ("order", "Magento_Sales::actions_view"),
    "GET /orders/{id}/statuses": ("status", "Magento_Sales::actions_view"),
    "GET /orders/{id}/comments": ("comments", "Magento_Sales::actions_view"),
    "POST /orders/{id}/comments": ("comment", "Magento_Sales::comment"),
    "POST /orders/{id}/cancel": ("cancel_order", "Magento_Sales::cancel"),
    "GET /invoices": ("invoices_list", "Magento_Sales::sales_invoice"),
    "POST /invoice/{id}/refund": ("refund_invoice", "Magento_Sales::sales_invoice"),
    "GET /creditmemos": ("creditmemos", "Magento_Sales::sales_creditmemo"),
    "GET /creditmemo/{id}": ("creditmemo", "Magento_Sales::sales_creditmemo"),
    "POST /order/{id}/refund": ("refund_order", "Magento_Sales::creditmemo"),
    "GET /shipments": ("shipments_list", "Magento_Sales::shipment"),
    "GET /products": ("products", "Magento_Catalog::products"),
    "GET /products/{sku}": ("product", "Magento_Catalog::products"),
    "GET /stockItems/{sku}": ("stock_item", "Magento_CatalogInventory::cataloginventory"),
    "GET /store/storeConfigs": ("store_configs", "Magento_Backend::store"),
    "GET /store/storeViews": ("store_views", "Magento_Backend::store"),
}
Row = dict[str, Any]


class Magento(Keeper):
    SYSTEM: ClassVar[str] = "magento"
    ROUTES: ClassVar[dict[str, str]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.integration = Integration()
        names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
        self.credentials = {name: getattr(self.integration, name) for name in names}
        self.granted = {resource for _, resource in API.values()}
        self.bearer_allowed = True
        self.broken = False
        self.shipping_incl_tax = False  # tax/sales_display/shipping: how a share of it is told
        self.weight_unit = "kgs"
        self.timezone = "Europe/Rome"
        self.hs_code_attribute = "hs_code"  # the core has none; shops make one
        self.max_page_size: int | None = None

    # The door

    def refused(self, heard: Heard) -> Answer | None:
        if self.down:
            return Answer(503, body=UNAVAILABLE, headers=HTML)
        if not re.match(r"/rest(/\w+)?/V1(/|$)", heard.path):
            return Answer(404, body=NOT_FOUND, headers=HTML)
        return None

    def answer(self, heard: Heard) -> Answer:
        if refusal := self.refused(heard):
            return refusal
        try:
            return self._answered(heard)
        except Refused as error:
            status, message, parameters = error.args
            words = {"message": message}
            return Answer(status, words | ({"parameters": parameters} if parameters else {}))
        except (AttributeError, KeyError):  # a column that no table has
            return Answer(500, {"message": INTERNAL})

    def _answered(self, heard: Heard) -> Answer:
        store, path = re.fullmatch(r"/rest(?:/(\w+))?/V1(.*?)/?", heard.path).groups()  # type: ignore[union-attr]
        if store not in (None, "all", "default"):
            raise Refused(
                404,
                "The store that was requested wasn't found. Verify the store and try again.",
                None,
            )
        for line, (name, resource) in API.items():
            if found := re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", line), f"{heard.method} {path}"):
                self._authorized(heard, resource)
                if self.broken:
                    return Answer(500, {"message": INTERNAL})
                words = getattr(self, f"_{name}")(heard, *map(unquote, found.groups()))
                return Answer(200, search.only(words, heard.one("fields")))
        raise Refused(404, NO_ROUTE, None)

    def _authorized(self, heard: Heard, resource: str) -> None:
        bearer = f"Bearer {self.integration.access_token}" == heard.headers.get("authorization")
        known = (bearer and self.bearer_allowed) or self.integration.signed(heard)
        if not known or resource not in self.granted:
            raise Refused(401, NO_RIGHT, {"resources": resource})

    # Lists

    def _criteria(self, heard: Heard) -> search.Criteria:
        criteria = search.read(heard.query)
        if self.max_page_size and (criteria.size or 0) > self.max_page_size:
            raise Refused(
                400,
                "Maximum SearchCriteria pageSize is %max",
                {"max": self.max_page_size},
            )
        return criteria

    def _list(self, heard: Heard, rows: Sequence[Row], key: str = "entity_id") -> Row:
        criteria = self._criteria(heard)
        found = search.chosen(rows, criteria, dict.__getitem__)
        page = search.page_of(found, criteria, dict.__getitem__, key)
        return {
            "items": list(page),
            "search_criteria": criteria.said(),
            "total_count": len(found),
        }

    def _orders(self, heard: Heard) -> Row:
        criteria = self._criteria(heard)
        orders, count = self.shelf.found(criteria)
        return {
            "items": [answers.order(order) for order in orders],
            "search_criteria": criteria.said(),
            "total_count": count,
        }

    def _invoices_list(self, heard: Heard) -> Row:
        return self._list(heard, self._of_orders(heard, "invoices", answers.invoice, self.invoices))

    def _of_orders(
        self, heard: Heard, kind: str, said: Callable[[Any], Row], made: list[Any]
    ) -> list[Row]:
        """What was written since, and what comes with the stocked-up orders that are asked for by id."""
        rows = [said(one) for one in made]
        for group in search.read(heard.query).groups:
            for one in group:
                if one.name == "order_id" and one.condition in ("eq", "in"):
                    orders = [self.shelf.get(int(n)) for n in one.value.split(",") if n.isdigit()]
                    rows += [
                        said(row)
                        for order in orders
                        if order
                        for row in getattr(order, kind)
                        if row.order.entity_id not in self.shelf.live
                    ]
        return rows

    def _creditmemos(self, heard: Heard) -> Row:
        return self._list(heard, [memos.creditmemo(memo) for memo in self.memos])

    def _shipments_list(self, heard: Heard) -> Row:
        return self._list(heard, [answers.shipment(one) for one in self.shipments])

    def _products(self, heard: Heard) -> Row:
        wanted = [
            sku
            for group in search.read(heard.query).groups
            for one in group
            if one.name == "sku"
            for sku in one.value.split(",")
        ]
        lines = {sku: line for sku in wanted if (line := self.line_of(sku))} | self.catalogue
        made = [
            catalogue.product(line, self.hs_code_attribute, self.now) for line in lines.values()
        ]
        rows = [row | {"entity_id": row["id"]} for row in made]
        found = self._list(heard, rows)
        found["items"] = [
            {name: value for name, value in row.items() if name != "entity_id"}
            for row in found["items"]
        ]
        return found

    # One thing

    def _order(self, _: Heard, entity_id: str) -> Row:
        return answers.order(self._known(entity_id))

    def _known(self, entity_id: str, *, keep: bool = False) -> Order:
        if not entity_id.isdigit():
            raise Refused(
                400,
                'The "%value" value\'s type is invalid. The "%type" type was expected. Verify and try again.',
                {"value": entity_id, "type": "int"},
            )
        if order := self.shelf.get(int(entity_id), keep=keep):
            return order
        raise Refused(404, GONE, None)

    def _status(self, _: Heard, entity_id: str) -> str:
        return self._known(entity_id).status

    def _comments(self, _: Heard, entity_id: str) -> Row:
        order = self._known(entity_id)
        said = [answers.comment(order, one) for one in order.comments]
        return {"items": said, "search_criteria": {}, "total_count": len(said)}

    def _creditmemo(self, _: Heard, entity_id: str) -> Row:
        for memo in self.memos:
            if str(memo.entity_id) == entity_id:
                return memos.creditmemo(memo)
        raise Refused(404, GONE, None)

    def _product(self, _: Heard, sku: str) -> Row:
        if line := self.line_of(sku):
            return catalogue.product(line, self.hs_code_attribute, self.now)
        raise Refused(404, NO_PRODUCT, None)

    def _stock_item(self, _: Heard, sku: str) -> Row:
        if not self.line_of(sku):
            raise Refused(404, NO_PRODUCT, None)
        units = self.stock(sku)
        return {"item_id": 1, "product_id": 1, "qty": units, "is_in_stock": units > 0}

    def _store_configs(self, _: Heard) -> list[Row]:
        return [
            {
                "id": 1,
                "code": "default",
                "website_id": 1,
                "locale": "it_IT",
                "base_currency_code": "EUR",
                "default_display_currency_code": "EUR",
                "timezone": self.timezone,
                "weight_unit": self.weight_unit,
                "base_url": f"{self.url}/",
                "base_link_url": f"{self.url}/",
                "base_static_url": f"{self.url}/static/version1/",
                "base_media_url": f"{self.url}/media/",
                "secure_base_url": f"{self.url}/",
                "secure_base_link_url": f"{self.url}/",
                "secure_base_static_url": f"{self.url}/static/version1/",
                "secure_base_media_url": f"{self.url}/media/",
            }
        ]

    def _store_views(self, _: Heard) -> list[Row]:
        admin = {"id": 0, "code": "admin", "name": "Admin", "website_id": 0, "store_group_id": 0}
        shop = {"id": 1, "code": "default", "name": "Default Store View"}
        return [
            admin | {"is_active": 1},
            shop | {"website_id": 1, "store_group_id": 1, "is_active": 1},
        ]

    # What is written

    def _body(self, heard: Heard) -> Row:
        try:
            words = heard.words or {}
        except json.JSONDecodeError:
            words = None
        if not isinstance(words, dict):
            raise Refused(400, "Decoding error.", None)
        return words

    def _comment(self, heard: Heard, entity_id: str) -> bool:
        said = self._body(heard).get("statusHistory")
        if not isinstance(said, dict):
            raise Refused(400, REQUIRED, {"fieldName": "statusHistory"})
        if not isinstance(said.get("comment"), str):
            raise Refused(400, REQUIRED, {"fieldName": "comment"})
        order = self._known(entity_id, keep=True)
        on_front = int(said.get("is_visible_on_front") or 0)
        self.commented(order, said["comment"], said.get("status"), on_front=on_front)
        return True

    def _cancel_order(self, _: Heard, entity_id: str) -> bool:
        order = self._known(entity_id, keep=True)
        if order.invoices or order.state == "canceled":
            return False
        self.canceled(order)
        return True

    def _refund_order(self, heard: Heard, entity_id: str, invoice: int | None = None) -> str:
        """The credit memo's id as the database gave it: a word, not a number."""
        order = self._known(entity_id, keep=True)
        body = self._body(heard)
        asked = asked_of(order, body, shipping_incl_tax=self.shipping_incl_tax)
        return str(self._refunded(order, asked, invoice).entity_id)

    def _refund_invoice(self, heard: Heard, entity_id: str) -> str:
        for invoice in self.invoices:
            if str(invoice.entity_id) == entity_id:
                return self._refund_order(heard, str(invoice.order.entity_id), invoice.entity_id)
        raise Refused(404, GONE, None)
