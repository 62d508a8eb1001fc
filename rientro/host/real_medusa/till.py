"""Shoppers and a shopkeeper: carts that become orders, and what happens to orders afterwards."""

from collections.abc import Mapping, Sequence
from typing import Any

from rientro.host.real_medusa.shelf import PAYMENT, Shelf
from rientro.host.real_medusa.talk import Talk

ADA = {
    "first_name": "Ada",
    "last_name": "Rossi",
    "company": "",
    "address_1": "Via Roma 1",
    "address_2": "scala B",
    "postal_code": "50123",
    "city": "Firenze",
    "province": "FI",
    "country_code": "it",
    "phone": "+39 055 1234567",
}


class Till:
    """``shopper`` and ``admin`` are two connections to the same shop."""

    def __init__(self, shelf: Shelf, shopper: Talk, admin: Talk) -> None:
        self._shelf = shelf
        self._shopper = shopper
        self._admin = admin

    def sell(
        self, goods: Mapping[str, int], *, email: str = "ada@example.com", codes: Sequence[str] = ()
    ) -> str:
        """A cart with ``goods`` ({SKU: units}) that is paid for; the id of the order."""
        items = [
            {"variant_id": self._shelf.variants[sku], "quantity": units}
            for sku, units in goods.items()
        ]
        billing = ADA | {"company": "Rossi S.r.l.", "address_1": "Via Milano 2"}
        words: dict[str, Any] = {"region_id": self._shelf.region, "email": email, "items": items}
        words |= {"shipping_address": ADA, "billing_address": billing, "promo_codes": list(codes)}
        cart = self._shopper.post("/store/carts", words)["cart"]["id"]
        self._shopper.post(
            f"/store/carts/{cart}/shipping-methods", {"option_id": self._shelf.postage}
        )
        collection = self._shopper.post("/store/payment-collections", {"cart_id": cart})
        collection_id = collection["payment_collection"]["id"]
        self._shopper.post(
            f"/store/payment-collections/{collection_id}/payment-sessions", {"provider_id": PAYMENT}
        )
        done = self._shopper.post(f"/store/carts/{cart}/complete")
        order: str = done["order"]["id"]
        self.capture(order)
        return order

    def order(self, order_id: str, fields: str = "") -> dict[str, Any]:
        query = {"fields": fields} if fields else {}
        order: dict[str, Any] = self._admin.get(f"/admin/orders/{order_id}", **query)["order"]
        return order

    def payment(self, order_id: str) -> dict[str, Any]:
        """The first payment of the order."""
        found: dict[str, Any] = self.order(order_id)["payment_collections"][0]["payments"][0]
        return found

    def capture(self, order_id: str) -> None:
        self._admin.post(f"/admin/payments/{self.payment(order_id)['id']}/capture")

    def refund(self, order_id: str, amount: float, note: str = "") -> dict[str, Any]:
        words = {"amount": amount, "note": note}
        return self._admin.post(f"/admin/payments/{self.payment(order_id)['id']}/refund", words)

    def fulfil(self, order_id: str, tracking_number: str) -> str:
        """All of it leaves the shop; the id of the fulfilment."""
        items = [
            {"id": item["id"], "quantity": item["quantity"]}
            for item in self.order(order_id)["items"]
        ]
        path = f"/admin/orders/{order_id}/fulfillments"
        self._admin.post(path, {"items": items, "location_id": self._shelf.location})
        found = self.order(order_id, "*fulfillments")["fulfillments"]
        fulfilment: str = found[-1]["id"]
        address = f"https://carrier.example/{tracking_number}"
        label = {"tracking_number": tracking_number, "tracking_url": address, "label_url": address}
        self._admin.post(f"{path}/{fulfilment}/shipments", {"items": items, "labels": [label]})
        return fulfilment

    def change_units(self, order_id: str, sku: str, units: int) -> None:
        """An order edit, confirmed at once."""
        items = self.order(order_id)["items"]
        item = next(each["id"] for each in items if each["variant_sku"] == sku)
        self._admin.post("/admin/order-edits", {"order_id": order_id})
        self._admin.post(f"/admin/order-edits/{order_id}/items/item/{item}", {"quantity": units})
        self._admin.post(f"/admin/order-edits/{order_id}/request")
        self._admin.post(f"/admin/order-edits/{order_id}/confirm")

    def take_back(self, order_id: str, units: Mapping[str, int]) -> str:
        """A return of goods in the shop's own admin, asked for and received; its id."""
        items = self.order(order_id)["items"]
        ids = {each["variant_sku"]: each["id"] for each in items}
        back = [{"id": ids[sku], "quantity": count} for sku, count in units.items()]
        made = self._admin.post(
            "/admin/returns", {"order_id": order_id, "location_id": self._shelf.location}
        )
        return_id: str = made["return"]["id"]
        path = f"/admin/returns/{return_id}"
        self._admin.post(f"{path}/request-items", {"items": back})
        self._admin.post(f"{path}/request")
        self._admin.post(f"{path}/receive")
        self._admin.post(f"{path}/receive-items", {"items": back})
        self._admin.post(f"{path}/receive/confirm")
        return return_id

    def cancel(self, order_id: str) -> None:
        self._admin.post(f"/admin/orders/{order_id}/cancel")

    def edit(self, order_id: str, words: Mapping[str, Any]) -> None:
        self._admin.post(f"/admin/orders/{order_id}", words)
