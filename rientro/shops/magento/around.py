"""What is asked for around orders: stores, shipments, credit memos and products. Each kind once for a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rientro.shops.base import AuthFailed, RateLimited, Unavailable
from rientro.shops.magento.wire import MagentoWire, Row
from rientro.shops.reading import Odd, amount, key, rows, text

# A permission without which orders are told all the same, only less of them.
HELPFUL = {
    "/invoices": "Magento_Sales::sales_invoice",
    "/shipments": "Magento_Sales::shipment",
    "/creditmemos": "Magento_Sales::sales_creditmemo",
    "/products": "Magento_Catalog::products",
}


# All that is read of lists whose rows are long.
FIELDS = {
    "/invoices": "items[entity_id,order_id,increment_id],total_count",
    "/products": "items[sku,custom_attributes],total_count",
}


@dataclass(slots=True)
class Around:
    """By order id, and products by SKU."""

    invoices: Mapping[str, list[Row]] = field(default_factory=dict)
    shipments: Mapping[str, list[Row]] = field(default_factory=dict)
    memos: Mapping[str, list[Row]] = field(default_factory=dict)
    products: Mapping[str, Row] = field(default_factory=dict)


class Lookup:
    """Of one unit of work. What the integration may not read is not asked for twice."""

    def __init__(self, wire: MagentoWire) -> None:
        self._wire = wire
        self._stores: dict[str, Row] | None = None
        self._closed: set[str] = set()

    def store(self, store_id: str, until: float) -> Row:
        """The configuration of a store view: units of weight, language, where pictures lie."""
        if self._stores is None:
            try:
                found = self._wire.get("/store/storeConfigs", until)
            except AuthFailed:
                found = []
            told = found if isinstance(found, list) else []
            self._stores = {key(row): row for row in told if isinstance(row, dict)}
        first = next(iter(self._stores.values()), {})
        return self._stores.get(store_id, first)

    def around(self, orders: Sequence[Row], until: float, *, hurried: bool = False) -> Around:
        """``hurried``: somebody waits for an order, and what only adorns it is left out where time runs short."""
        self.store(
            "", until
        )  # before the adornments: without it weights and addresses are not told
        sent = [key(row, "entity_id") for row in orders if _any(row, "qty_shipped")]
        shipments = self._asked("/shipments", "order_id", sent, until)
        try:
            return self._adorned(orders, shipments, until)
        except (Unavailable, RateLimited):
            if not hurried:
                raise
            return Around(shipments=_by_order(shipments))

    def _adorned(self, orders: Sequence[Row], shipments: Sequence[Row], until: float) -> Around:
        paid = [key(row, "entity_id") for row in orders if _any(row, "qty_invoiced")]
        refunded = [key(row, "entity_id") for row in orders if _any(row, "qty_refunded")]
        skus = {text(item, "sku", 64) for row in orders for item in rows(row, "items")}
        memos = self._asked("/creditmemos", "order_id", refunded, until)
        products = self._asked("/products", "sku", sorted(skus), until)
        return Around(
            invoices=_by_order(self._asked("/invoices", "order_id", paid, until)),
            shipments=_by_order(shipments),
            memos=_by_order(memos),
            products={text(row, "sku", 64): row for row in products},
        )

    def _asked(self, path: str, name: str, values: Sequence[str], until: float) -> list[Row]:
        if not values or path in self._closed:
            return []
        try:
            return self._wire.rows_of(path, name, values, until, fields=FIELDS.get(path, ""))
        except AuthFailed:
            self._closed.add(path)
            return []


def _any(order: Row, name: str) -> bool:
    return any(_told(item, name) for item in rows(order, "items"))


def _told(item: Row, name: str) -> bool:
    try:
        return amount(item, name) > 0
    except Odd:  # the order is said to be unreadable when it is read
        return False


def _by_order(found: Sequence[Row]) -> Mapping[str, list[Row]]:
    kept: dict[str, list[Row]] = {}
    for row in sorted(found, key=lambda one: int(key(one, "entity_id") or 0)):
        kept.setdefault(key(row, "order_id"), []).append(row)
    return kept
