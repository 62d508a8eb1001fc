"""The webservice of a PrestaShop: keys and their permissions, reading, and the little that can be written.

By classes/webservice/WebserviceRequest.php (1.7 to 9) and devdocs.prestashop-project.org/9/webservice/.
"""

import base64
import hashlib
import time
from collections.abc import Iterable
from typing import Any

from tests.fake_server import Answer, Heard
from tests.shops.fakes.prestashop import query as asked
from tests.shops.fakes.prestashop import render
from tests.shops.fakes.prestashop.keeper import Keeper
from tests.shops.fakes.prestashop.query import Refused
from tests.shops.fakes.prestashop.tables import Row, Table, tables
from tests.shops.fakes.prestashop.writing import write

KEY = "RIENTROXYZ0123456789ABCDEFGHIJKL"
VERSION = "8.2.1"
READABLE = (
    *("addresses", "carriers", "cart_rules", "combinations", "configurations", "contacts"),
    *("countries", "currencies", "customer_messages", "customer_threads", "customers", "images"),
    *("languages", "messages", "order_carriers", "order_cart_rules", "order_details"),
    *("order_histories", "order_invoices", "order_slip", "order_states", "orders", "products"),
    *("shops", "states", "stock_availables", "translated_configurations"),
)
WRITABLE = {
    "customer_threads": "POST",
    "customer_messages": "POST",
    "messages": "POST",
    "order_histories": "POST",
    "cart_rules": "POST",
    "orders": "PUT PATCH",
    "stock_availables": "PUT PATCH",
}
FORBIDDEN = {"stock_availables": ("POST", "DELETE")}
KNOWN = {*READABLE, "carts", "categories", "groups", "employees", "order_payments", "taxes"}
PICTURE = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////"
    "////////////////////////////////2wBDAf//////////////////////////////////////////////////"
    "////////////////////////////////////wAARCAABAAEDASIAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAA"
    "A//EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAUAQEAAAAAAAAAAAAAAAAAAAAA/8QAFBEBAAAAAAAAAAAAAAAAAAAA"
    "AP/aAAwDAQACEQMRAD8AAP/Z"
)
MAINTENANCE = b"<!DOCTYPE html><html><body><h1>We'll be back soon.</h1></body></html>"


class FakePrestaShop(Keeper):
    """``permissions`` is {resource: methods} of the key, ``shops`` the installation's, ``key_shops`` the key's."""

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {"key": KEY}
        self.permissions = {
            name: {"GET", "HEAD", *WRITABLE.get(name, "").split()} for name in READABLE
        }
        self.shops = {1: "Bottega", 2: "Outlet"}
        self.key_shops = {1, 2}
        self.enabled = True  # PS_WEBSERVICE
        self._tables: dict[str, Table] = {}
        self._found: dict[tuple[Any, ...], list[int]] = {}

    @property
    def tables(self) -> dict[str, Table]:
        if not self._tables:
            self._tables = tables(self)
        return self._tables

    def configurations(self) -> dict[int, Row]:
        """A value that has languages is empty here, and told by ``translated_configurations``."""
        values = {
            1: ("PS_LANG_DEFAULT", "1"),
            2: ("PS_CURRENCY_DEFAULT", "1"),
            3: ("PS_COUNTRY_DEFAULT", "10"),
            4: ("PS_TIMEZONE", self.timezone),
            5: ("PS_WEIGHT_UNIT", "kg"),
            6: ("PS_SHOP_NAME", "Bottega"),
            7: ("PS_SHOP_EMAIL", "shop@example.com"),
            8: ("PS_OS_CANCELED", "6"),
            9: ("PS_OS_REFUND", "7"),
            10: ("PS_OS_SHIPPING", "4"),
            11: ("PS_OS_DELIVERED", "5"),
            12: ("PS_ORDER_RETURN", "1"),
            13: ("PS_INVOICE", "1"),
            14: ("PS_VERSION_DB", VERSION),
            15: ("PS_SHOP_ENABLE", "1"),
            90: ("PS_INVOICE_PREFIX", ""),
        }
        return {
            one: {
                "id": one,
                "value": value,
                "name": name,
                "id_shop_group": "",
                "id_shop": "",
                "date_add": "2026-01-01 00:00:00",
                "date_upd": "2026-01-01 00:00:00",
            }
            for one, (name, value) in values.items()
        }

    # The dispatcher

    def answer(self, heard: Heard) -> Answer:
        if self.down:
            return Answer(
                503, body=MAINTENANCE, headers={"Content-Type": "text/html", "Retry-After": "3600"}
            )
        if heard.path != "/api" and not heard.path.startswith("/api/"):
            return self._front(heard)
        in_json = self._format(heard) == "JSON"
        try:
            self._admitted(heard)
            return self._service(heard, in_json)
        except Refusals as refusals:
            return self._errors(refusals.status, refusals.found, in_json)
        except Refused as refused:
            return self._errors(refused.status, [(refused.code, refused.message)], in_json)

    def _front(self, heard: Heard) -> Answer:
        """Pictures of products are open to everybody; the rest of the shop is pages of HTML."""
        if heard.path.endswith(".jpg"):
            return Answer(200, body=PICTURE, headers={"Content-Type": "image/jpeg"})
        status = 200 if heard.path == "/" else 404
        page = b"<!DOCTYPE html><html><body>Bottega</body></html>"
        return Answer(status, body=page, headers={"Content-Type": "text/html; charset=utf-8"})

    def _format(self, heard: Heard) -> str:
        for name in ("io-format", "output-format"):
            if name in heard.headers:
                return heard.headers[name]
        return heard.one("output_format") or heard.one("io_format") or "XML"

    def _errors(self, status: int, found: list[tuple[int, str]], in_json: bool) -> Answer:
        headers = self._headers(in_json, b"")
        if status == 401:
            headers["WWW-Authenticate"] = (
                'Basic realm="Welcome to PrestaShop Webservice, please enter the authentication '
                'key as the login. No password required."'
            )
        return Answer(status, body=render.errors(found, in_json=in_json), headers=headers)

    def _headers(self, in_json: bool, body: bytes, version: bool = False) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json" if in_json else "text/xml;charset=utf-8",
            "Access-Time": str(int(self.now.timestamp())),
            "X-Powered-By": "PrestaShop Webservice",
            "Execution-Time": f"{time.process_time() % 0.01:.3f}",
        }
        if version:
            headers["PSWS-Version"] = VERSION
        if body:
            headers["Content-Sha1"] = hashlib.sha1(body, usedforsecurity=False).hexdigest()
        return headers

    def _key(self, heard: Heard) -> str | None:
        told = heard.headers.get("authorization", "")
        if told.lower().startswith("basic "):
            try:
                return base64.b64decode(told[6:]).decode().partition(":")[0]
            except ValueError:
                return ""
        return heard.query["ws_key"][-1] if "ws_key" in heard.query else None

    def _admitted(self, heard: Heard) -> None:
        """The key, and the shop that it is asked for."""
        if not self.enabled:
            raise Refused(
                503,
                22,
                "The PrestaShop webservice is disabled. "
                "Please activate it in the PrestaShop Back Office",
            )
        key = self._key(heard)
        if key is None:
            raise Refused(
                401, 16, "Please enter the authentication key as the login. No password required"
            )
        if not key:
            raise Refused(401, 17, "Authentication key is empty")
        if len(key) != 32:
            raise Refused(401, 18, "Invalid authentication key format")
        lacking = (21, "No permission for this authentication key")
        if key != self.credentials["key"]:
            raise Refusals(401, [(20, "Authentification key is not active"), lacking])
        if not any(self.permissions.values()):
            raise Refusals(401, [lacking])
        if not self._shop_ids(heard) & self.key_shops:
            raise Refused(403, 132, "No permission for this key on this shop")

    def _shop_ids(self, heard: Heard) -> set[int]:
        told = heard.one("id_shop", "1")
        if told == "all" or heard.one("id_shop_group") == "1":
            return set(self.shops)
        if not told.isdigit():
            raise Refused(404, 999, "This shop id does not exist")
        return {int(told)}

    # Resources

    def _service(self, heard: Heard, in_json: bool) -> Answer:
        parts = heard.path.removeprefix("/api").strip("/").split("/")
        resource = parts[0]
        if not resource:
            return self._resources(in_json)
        if resource not in KNOWN:
            raise Refused(
                400,
                27,
                f'Resource of type "{resource}" does not exists. Did you mean: "orders"? '
                f'The full list is: "{", ".join(sorted(KNOWN))}"',
            )
        allowed = self.permissions.get(resource, set())
        if not allowed:
            raise Refused(
                401,
                26,
                f'Resource of type "{resource}" is not allowed with this authentication key',
            )
        method = heard.one("ps_method") or heard.method
        sentence = f"Method {method} is not allowed for the resource {resource}"
        if method in FORBIDDEN.get(resource, ()):
            raise Refused(405, 101, sentence)
        if method not in allowed:
            raise Refused(405, 25, f"{sentence} with this authentication key")
        if resource == "images":
            return self._picture(parts)
        if resource not in self.tables:
            return self._rows_told(heard, Table(render.Shape(resource, "", resource, {}), list,
                                   lambda _: None), [], in_json)  # fmt: skip
        if method in ("GET", "HEAD"):
            return self._read(heard, resource, parts[1] if len(parts) > 1 else "", in_json)
        return self._written(heard, resource, method, in_json)

    def _resources(self, in_json: bool) -> Answer:
        names = sorted(name for name, methods in self.permissions.items() if methods)
        if in_json:
            body = ("[" + ",".join(f'"{name}"' for name in names) + "]").encode()
        else:
            links = "\n".join(
                f'<{name} xlink:href="{self.url}/api/{name}" '
                + " ".join(
                    f'{m.lower()}="{"true" if m in self.permissions[name] else "false"}"'
                    for m in ("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD")
                )
                + "/>"
                for name in names
            )
            body = render.document(f'<api shopName="{self.shops[1]}">\n{links}\n</api>')
        return Answer(200, body=body, headers=self._headers(in_json, body, True))

    def _picture(self, parts: list[str]) -> Answer:
        """/api/images/products/{product}/{image}"""
        numbers = {str(one.id) for one in self.books.products.values() if one.line.image}
        if len(parts) >= 4 and parts[2] in numbers and parts[3] == parts[2]:
            return Answer(200, body=PICTURE, headers={"Content-Type": "image/jpeg"})
        raise Refused(500, 63, f"The image {parts[-1]} does not exist")

    def _languages(self, heard: Heard) -> list[int]:
        told = heard.one("language")
        if not told:
            return [1, 2]
        found = [int(one) for one in told.strip("[]").replace(",", "|").split("|") if one.isdigit()]
        known = [one for one in found if one in (1, 2)]
        if not known:
            raise Refused(400, 81, "language is not available")
        return known

    def _read(self, heard: Heard, resource: str, number: str, in_json: bool) -> Answer:
        table = self.tables[resource]
        if number:
            row = table.row(int(number)) if number.isdigit() else None
            if row is None:
                headers = self._headers(in_json, b"", True) | {"Content-Type": ""}
                return Answer(404, body=b"", headers=headers)
            if resource == "orders" and int(row["id_shop"]) not in self._shop_ids(heard):
                raise Refused(404, 131, f"This Order ({number}) does not exists on this shop")
            return self._rows_told(heard, table, [row], in_json, single=True)
        ids = self._wanted(heard, resource, table)
        if "display" not in heard.query:
            return self._rows_told(heard, table, [{"id": one} for one in ids], in_json)
        rows = [row for one in ids if (row := table.row(one))]
        return self._rows_told(heard, table, rows, in_json)

    def _rows_told(
        self, heard: Heard, table: Table, rows: list[Row], in_json: bool, *, single: bool = False
    ) -> Answer:
        chosen: render.Chosen = "full" if single else "minimum"
        if "display" in heard.query:
            sample = rows[0] if rows else self._sample(table)
            fields = [name for name in sample if name != "associations"]
            if len(fields) > 1:  # of an empty table nothing is shown, whatever is asked for
                chosen = asked.display_of(heard.query, fields, list(sample.get("associations", {})))
        languages = self._languages(heard)
        if in_json:
            alone = single and "display" not in heard.query
            body = render.as_json(table.shape, rows, chosen, single=alone, languages=languages)
        else:
            body = render.as_xml(
                table.shape, rows, chosen, single=single, url=self.url, languages=languages
            )
        return Answer(200, body=body, headers=self._headers(in_json, body, True))

    def _sample(self, table: Table) -> Row:
        for one in table.ids():
            if row := table.row(one):
                return row
        return {"id": 0}

    def _wanted(self, heard: Heard, resource: str, table: Table) -> list[int]:
        """Ids that pass the filters, sorted and cut."""
        sample = self._sample(table)
        fields = [name for name in sample if name != "associations"]
        if len(fields) == 1:
            return []
        tests = asked.filters_of(heard.query, fields, table.shape.dynamic)
        sorts = asked.sorts_of(heard.query, fields)
        start, count = asked.limit_of(heard.query)
        shop_ids = self._shop_ids(heard) if resource == "orders" else set()
        words = tuple(
            sorted((k, v[-1]) for k, v in heard.query.items() if k.startswith(("filter[", "sort")))
        )
        key = (resource, self.books.version, tuple(sorted(shop_ids)), words)
        if key not in self._found:
            self._found = {key: self._filtered(heard, table, tests, sorts, shop_ids)}
        found = self._found[key]
        return found[start:] if count is None else found[start : start + count]

    def _filtered(
        self,
        heard: Heard,
        table: Table,
        tests: dict[str, asked.Test],
        sorts: list[tuple[str, bool]],
        shop_ids: set[int],
    ) -> list[int]:
        ids: Iterable[int] = self._candidates(heard, table)
        for name in list(tests):
            if name in table.light:
                value, test = table.light[name], tests.pop(name)
                ids = [one for one in ids if test(value(one))]
        others = [name for name, _ in sorts if name not in table.light and name != "id"]
        rows: dict[int, Row] = {}
        if tests or others:
            rows = {one: row for one in ids if (row := table.row(one))}
            ids = [one for one, row in rows.items() if all(t(row[n]) for n, t in tests.items())]
        if shop_ids:
            ids = [one for one in ids if self._of_shop(one, shop_ids)]
        found = sorted(ids)
        for name, descending in reversed(sorts):
            light = table.light.get(name)
            if name == "id":
                found.sort(reverse=descending)
            else:
                found.sort(
                    key=(lambda one: asked.comparable(rows[one][name])) if light is None else light,
                    reverse=descending,
                )
        return found

    def _of_shop(self, number: int, shop_ids: set[int]) -> bool:
        order = self.books.orders.get(number)
        return (order.shop_id if order else 1) in shop_ids

    def _candidates(self, heard: Heard, table: Table) -> Iterable[int]:
        """The few that a list of ids names, where one stands; else all."""
        if named := asked.ids_named(heard.one("filter[id]")):
            return [one for one in sorted(named) if table.row(one)]
        of = asked.ids_named(heard.one("filter[id_order]"))
        if of and table.of_order:
            return [one for number in sorted(of) for one in table.of_order(number)]
        return table.ids()

    def _written(self, heard: Heard, resource: str, method: str, in_json: bool) -> Answer:
        number = write(self, resource, method, heard.body)
        table = self.tables[resource]
        row = table.row(number)
        assert row is not None
        made = self._rows_told(heard, table, [row], in_json, single=True)
        return Answer(201 if method == "POST" else 200, body=made.body, headers=made.headers)


class Refusals(Exception):
    """Several errors in one answer."""

    def __init__(self, status: int, found: list[tuple[int, str]]) -> None:
        super().__init__(status, found)
        self.status, self.found = status, found
