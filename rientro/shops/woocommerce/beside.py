"""What stands beside an order of WooCommerce: its refunds, its goods' weights and customs words, the shop's settings.

Sources: woocommerce.github.io/woocommerce-rest-api-docs (version 3), Order refunds, Products, Product variations,
Setting options; woocommerce/woocommerce, class-wc-rest-refunds-controller.php (`/refunds`, since 9.0).
"""

from collections.abc import Mapping, Sequence

from rientro.shops.base import AuthFailed, InvalidRequest
from rientro.shops.reading import key, rows, text
from rientro.shops.woocommerce.orders import Goods, goods_of
from rientro.shops.woocommerce.wire import Row, WooWire

PAGE = 100  # the most that the API gives
MOST_VARIABLE = 20  # products of one page whose variations are asked for, one request each
FEW = 2  # orders whose refunds are asked for one by one
SPARE = 0.25  # of a call's time, kept for what matters more than the weight of one more variation


class Beside:
    """Of one shop, for one unit of work."""

    def __init__(self, wire: WooWire) -> None:
        self._wire = wire
        self._known: dict[str, str] = {}  # settings of the shop, asked once

    def setting(self, path: str, usual: str) -> str:
        """``usual`` where the key may not read it; a shop that is only busy or away is not taken for such a one."""
        if path not in self._known:
            try:
                self._known[path] = text(self._wire.row(path), "value", 80)
            except (InvalidRequest, AuthFailed):
                self._known[path] = ""
        return self._known[path] or usual

    def refunds(self, found: Sequence[Row]) -> Mapping[str, list[Row]]:
        """{order: its refunds}. Those of many orders come by their own ids, which WooCommerce can since 9.0."""
        wanted = {key(row): {key(r) for r in rows(row, "refunds")} for row in found}
        wanted = {order_id: ids for order_id, ids in wanted.items() if ids}
        told_: dict[str, list[Row]] = {}
        if len(wanted) > FEW:
            for refund in self._by_their_ids(sorted({i for ids in wanted.values() for i in ids})):
                told_.setdefault(key(refund, "parent_id"), []).append(refund)
        for order_id, ids in wanted.items():
            if {key(refund) for refund in told_.get(order_id, ())} != ids:
                told_[order_id] = self._refunds_of(order_id)
        return told_

    def _by_their_ids(self, ids: Sequence[str]) -> list[Row]:
        told_: list[Row] = []
        try:
            for start in range(0, len(ids), PAGE):
                some = ",".join(ids[start : start + PAGE])
                told_ += self._wire.rows("/refunds", include=some, per_page=str(PAGE))
        except InvalidRequest:
            pass  # an older WooCommerce has no such list
        return told_

    def _refunds_of(self, order_id: str) -> list[Row]:
        try:
            return self._wire.rows(f"/orders/{order_id}/refunds", per_page=str(PAGE))
        except InvalidRequest as error:
            if error.facts.get("status") == 404:  # the order went away in between
                return []
            raise

    def goods(self, found: Sequence[Row]) -> Goods:
        """Weights, HS codes and origins of the goods in these orders, as far as the key may read products."""
        items = [item for row in found for item in rows(row, "line_items")]
        products = sorted({key(item, "product_id") for item in items} - {""}, key=int)
        unit = self.setting("/settings/products/woocommerce_weight_unit", "kg")
        told_: list[Row] = []
        try:
            for start in range(0, len(products), PAGE):
                some = ",".join(products[start : start + PAGE])
                told_ += self._wire.rows("/products", include=some, per_page=str(PAGE))
            told_ += self._variations(items, told_)
        except (InvalidRequest, AuthFailed):
            pass
        return goods_of(told_, unit)

    def _variations(self, items: Sequence[Row], products: Sequence[Row]) -> list[Row]:
        """Those of products that have no weight themselves; a bounded number of requests."""
        bare = {key(row) for row in products if not text(row, "weight")}
        wanted: dict[str, set[str]] = {}
        for item in items:
            product, variation = key(item, "product_id"), key(item, "variation_id")
            if variation and product in bare:
                wanted.setdefault(product, set()).add(variation)
        found: list[Row] = []
        for product, ids in list(wanted.items())[:MOST_VARIABLE]:
            if self._wire.left < SPARE:
                break
            include = ",".join(sorted(ids)[:PAGE])
            found += self._wire.rows(
                f"/products/{product}/variations", include=include, per_page=str(PAGE)
            )
        return found

    def home(self) -> str:
        return self.setting("/settings/general/woocommerce_default_country", "")[:2].upper()
