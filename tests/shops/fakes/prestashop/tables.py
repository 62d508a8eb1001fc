"""Every resource of the webservice with its names, its rows, and the quick way to some of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.shops.fakes.prestashop import around, orders
from tests.shops.fakes.prestashop.books import ROWS_PER_ORDER, Books
from tests.shops.fakes.prestashop.render import Shape, Spoken

if TYPE_CHECKING:
    from tests.shops.fakes.prestashop.shop import FakePrestaShop

Row = dict[str, Any]


@dataclass
class Table:
    """``of_order`` gives the ids that belong to an order; ``light`` a field's value without making the row."""

    shape: Shape
    ids: Callable[[], Iterable[int]]
    row: Callable[[int], Row | None]
    of_order: Callable[[int], Iterable[int]] | None = None
    light: dict[str, Callable[[int], Any]] = field(default_factory=dict)


def tables(shop: "FakePrestaShop") -> dict[str, Table]:
    books = shop.books
    return _of_orders(books) | _around(books, shop)


def _shape(resource: str, node: str, nodes: str = "", **entries: str) -> Shape:
    return Shape(resource, node, nodes or resource, entries)


def _of_orders(books: Books) -> dict[str, Table]:
    def order(number: int) -> Row | None:
        found = books.order(number)
        return orders.order_row(books, found) if found else None

    def detail(number: int) -> Row | None:
        found = books.row(number)
        return orders.detail_row(*found) if found else None

    def details_of(number: int) -> list[int]:
        found = books.order(number)
        return [row.id for row in found.rows] if found else []

    def histories_of(number: int) -> list[int]:
        found = books.order(number)
        return [number * ROWS_PER_ORDER + n + 1 for n in range(len(found.states))] if found else []

    def rules_of(number: int) -> dict[int, Row]:
        found = books.order(number)
        return {row["id"]: row for row in orders.used_rules(found)} if found else {}

    def each(of: Callable[[int], Iterable[int]]) -> Callable[[], Iterable[int]]:
        return lambda: (one for number in books.order_ids() for one in of(number))

    def by_order(make: Callable[[Books, Any], Row]) -> Callable[[int], Row | None]:
        def row(number: int) -> Row | None:
            found = books.order(number)
            return make(books, found) if found else None

        return row

    def itself(number: int) -> list[int]:
        return [number] if books.order(number) else []

    shape = Shape("orders", "order", "orders", {"order_rows": "order_row"}, ("shipping_number",))
    return {
        "orders": Table(
            shape,
            books.order_ids,
            order,
            light={
                "id": lambda number: number,
                "date_add": lambda number: books.stamps(number)[0],
                "date_upd": lambda number: books.stamps(number)[1],
                "reference": books.reference,
                "id_customer": lambda number: number,
            },
        ),
        "order_details": Table(
            _shape("order_details", "order_detail", taxes="tax"),
            each(details_of),
            detail,
            details_of,
        ),
        "order_slip": Table(
            _shape(
                "order_slip", "order_slip", "order_slips", order_slip_details="order_slip_detail"
            ),
            lambda: sorted(books.slips),
            partial(_slip, books),
            lambda number: [one.id for one in books.slips.values() if one.order_id == number],
        ),
        "order_histories": Table(
            _shape("order_histories", "order_history"),
            each(histories_of),
            partial(_history, books),
            histories_of,
        ),
        "order_carriers": Table(
            _shape("order_carriers", "order_carrier"),
            books.order_ids,
            by_order(orders.carrier_row),
            itself,
        ),
        "order_invoices": Table(
            _shape("order_invoices", "order_invoice"),
            books.order_ids,
            by_order(orders.invoice_row),
            itself,
        ),
        "order_cart_rules": Table(
            _shape("order_cart_rules", "order_cart_rule"),
            each(rules_of),
            lambda number: rules_of(number // ROWS_PER_ORDER).get(number),
            rules_of,
        ),
    }


def _slip(books: Books, number: int) -> Row | None:
    slip = books.slips.get(number)
    order = books.order(slip.order_id) if slip else None
    return orders.slip_row(books, slip, order) if slip and order else None


def _history(books: Books, number: int) -> Row | None:
    order, place = books.order(number // ROWS_PER_ORDER), number % ROWS_PER_ORDER
    if order is None or not 0 < place <= len(order.states):
        return None
    return orders.history_row(books, order, place, *order.states[place - 1])


def _around(books: Books, shop: "FakePrestaShop") -> dict[str, Table]:
    def customer(number: int) -> Row | None:
        guest, order = books.guest(number), books.order(number)
        return around.customer_row(books, guest, order.shop_id) if guest and order else None

    def address(number: int) -> Row | None:
        found = books.address(number)
        return around.address_row(books, found, number // ROWS_PER_ORDER) if found else None

    def address_ids() -> Iterable[int]:
        for number in books.order_ids():
            first = number * ROWS_PER_ORDER
            yield from (n for n in range(first, first + 2 + books.moved.get(number, 0)))

    def product(number: int) -> Row | None:
        found = [one for one in books.products.values() if one.id == number]
        return around.product_row(found[0], shop.url) if found else None

    def combination(number: int) -> Row | None:
        found = [one for one in books.products.values() if number and one.attribute_id == number]
        return around.combination_row(found[0]) if found else None

    def stock(number: int) -> Row | None:
        found = [one for one in books.products.values() if one.id == number]
        return around.stock_row(found[0]) if found else None

    def plain(resource: str, node: str, rows: Callable[[], dict[int, Row]]) -> Table:
        return Table(_shape(resource, node), lambda: sorted(rows()), lambda one: rows().get(one))

    def product_ids() -> list[int]:
        return [one.id for one in books.products.values()]

    def kept(rows: dict[int, Row]) -> Callable[[], dict[int, Row]]:
        return lambda: rows

    def shops() -> dict[int, Row]:
        return {
            one: {
                "id": one,
                "id_shop_group": "1",
                "id_category": "2",
                "active": "1",
                "deleted": "0",
                "name": name,
                "color": "",
                "theme_name": "classic",
            }
            for one, name in shop.shops.items()
        }

    return {
        "customers": Table(
            _shape("customers", "customer", groups="group"), books.order_ids, customer
        ),
        "addresses": Table(_shape("addresses", "address"), address_ids, address),
        "countries": Table(
            _shape("countries", "country"),
            lambda: sorted(books.countries.values()),
            lambda one: around.country_row(books, one),
        ),
        "states": Table(
            _shape("states", "state"),
            lambda: sorted(books.regions.values()),
            lambda one: around.region_row(books, one),
        ),
        "currencies": Table(
            _shape("currencies", "currency"),
            lambda: sorted(books.currencies.values()),
            lambda one: around.currency_row(books, one),
        ),
        "languages": plain(
            "languages", "language", lambda: {n: around.language_row(n) for n in around.LANGUAGES}
        ),
        "order_states": Table(
            _shape("order_states", "order_state"),
            lambda: [one[0] for one in around.STATES],
            around.state_row,
        ),
        "configurations": plain("configurations", "configuration", shop.configurations),
        "translated_configurations": plain(
            "translated_configurations",
            "translated_configuration",
            lambda: {
                90: {
                    "id": 90,
                    "value": Spoken({1: "#IN", 2: "#FT"}),
                    "date_add": "2026-01-01 00:00:00",
                    "date_upd": "2026-01-01 00:00:00",
                    "name": "PS_INVOICE_PREFIX",
                    "id_shop": "",
                    "id_shop_group": "",
                }
            },
        ),
        "products": Table(
            _shape(
                "products",
                "product",
                categories="category",
                images="image",
                combinations="combination",
                stock_availables="stock_available",
            ),
            product_ids,
            product,
        ),
        "combinations": Table(
            _shape(
                "combinations",
                "combination",
                product_option_values="product_option_value",
                images="image",
            ),
            lambda: [one.attribute_id for one in books.products.values() if one.attribute_id],
            combination,
        ),
        "stock_availables": Table(
            _shape("stock_availables", "stock_available"), product_ids, stock
        ),
        "carriers": plain(
            "carriers",
            "carrier",
            lambda: {
                2: {
                    "id": 2,
                    "deleted": "0",
                    "is_module": "0",
                    "name": "My carrier",
                    "active": "1",
                    "url": "",
                }
            },
        ),
        "shops": plain("shops", "shop", shops),
        "contacts": plain(
            "contacts",
            "contact",
            lambda: {
                1: {
                    "id": 1,
                    "email": "shop@example.com",
                    "customer_service": "1",
                    "name": around.both("Webmaster"),
                    "description": around.both(""),
                }
            },
        ),
        "customer_threads": plain("customer_threads", "customer_thread", kept(books.threads)),
        "customer_messages": plain("customer_messages", "customer_message", kept(books.messages)),
        "messages": plain("messages", "message", kept(books.remarks)),
        "cart_rules": plain("cart_rules", "cart_rule", kept(books.cart_rules)),
    }
