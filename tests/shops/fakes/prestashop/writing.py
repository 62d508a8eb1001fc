"""What the webservice writes into the books, and what it forgets.

A credit slip made by the webservice is a row and nothing more: ``order_detail`` keeps its refunded quantities, no
stock moves, no money (github.com/PrestaShop/PrestaShop/issues/33109), and its details are read-only
(``'setter' => false`` in OrderSlip).
"""

from typing import TYPE_CHECKING, Any

from tests.shops.fakes.prestashop.amounts import minor_of
from tests.shops.fakes.prestashop.books import Slip
from tests.shops.fakes.prestashop.posted import WRITTEN, Entity, entity_of
from tests.shops.fakes.prestashop.query import Refused
from tests.shops.fakes.prestashop.render import Spoken

if TYPE_CHECKING:
    from tests.shops.fakes.prestashop.shop import FakePrestaShop

STANDING = {
    "customer_threads": {"status": "open"},
    "customer_messages": {"private": "0", "read": "0", "id_employee": "0"},
    "messages": {"private": "1", "id_employee": "0"},
    "cart_rules": {"quantity": "0", "quantity_per_user": "0", "active": "0", "partial_use": "0"},
}


def write(shop: "FakePrestaShop", resource: str, method: str, body: bytes) -> int:
    """The id of what was written."""
    entity = entity_of(body, resource, method)
    shop.books.version += 1
    if resource == "order_slip":
        return _slip(shop, entity)
    if resource == "order_histories":
        return _history(shop, entity)
    if resource == "orders":
        return _order(shop, entity)
    if resource == "stock_availables":
        return _stock(shop, entity)
    return _plain(shop, resource, entity)


def _plain(shop: "FakePrestaShop", resource: str, entity: Entity) -> int:
    kept: dict[int, dict[str, Any]] = {
        "customer_threads": shop.books.threads,
        "customer_messages": shop.books.messages,
        "messages": shop.books.remarks,
        "cart_rules": shop.books.cart_rules,
    }[resource]
    code = entity.fields.get("code", "")
    if resource == "cart_rules" and code and any(row["code"] == code for row in kept.values()):
        raise Refused(400, 85, 'Validation error: "Property CartRule->code is not unique."')
    required, allowed = WRITTEN[resource]
    names = f"{required} {allowed}".split()
    number, now = len(kept) + 1, shop.books.local(shop.now)
    row: dict[str, Any] = {"id": number}
    for name in names:
        row[name] = entity.fields.get(name) or STANDING[resource].get(name, "")
        if name in entity.spoken:
            row[name] = Spoken(entity.spoken[name])
        elif name in ("date_add", "date_upd") and not entity.fields.get(name):
            row[name] = now
    kept[number] = row
    if resource == "customer_threads":
        row["associations"] = {"customer_messages": []}
    if resource == "customer_messages":
        thread = shop.books.threads.get(int(row["id_customer_thread"] or 0))
        if thread:
            thread["associations"]["customer_messages"].append({"id": str(number)})
    return number


def _slip(shop: "FakePrestaShop", entity: Entity) -> int:
    order = shop.books.order(int(entity.fields["id_order"]))
    if order is None:
        raise Refused(500, 46, "Unable to save resource")
    currency = order.sale.currency
    number = len(shop.books.slips) + 1
    shop.books.slips[number] = Slip(
        number,
        order.id,
        shop.now,
        minor_of(entity.fields["total_products_tax_incl"], currency),
        int(minor_of(entity.fields["total_shipping_tax_incl"], currency)),
        by_api=True,
    )
    return number


def _history(shop: "FakePrestaShop", entity: Entity) -> int:
    order = shop.books.order(int(entity.fields["id_order"]))
    if order is None:
        raise Refused(500, 46, "Unable to save resource")
    shop.books.keep(order)
    order.states.append((int(entity.fields["id_order_state"]), shop.now))
    order.changed_at = shop.now
    return order.id * 100 + len(order.states)


def _order(shop: "FakePrestaShop", entity: Entity) -> int:
    order = shop.books.order(int(entity.fields["id"]))
    if order is None:
        raise Refused(404, 92, "Invalid ID")
    shop.books.keep(order)
    order.note = entity.fields.get("note", order.note)
    order.tracking_number = entity.fields.get("shipping_number", order.tracking_number)
    state = int(entity.fields.get("current_state") or order.state)
    if state != order.state:
        order.states.append((state, shop.now))
    order.changed_at = shop.now
    return order.id


def _stock(shop: "FakePrestaShop", entity: Entity) -> int:
    for product in shop.books.products.values():
        if str(product.id) == entity.fields["id"]:
            product.stock = int(entity.fields.get("quantity", product.stock))
            return product.id
    raise Refused(404, 92, "Invalid ID")
