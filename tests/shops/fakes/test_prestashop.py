"""The fake PrestaShop says what the real one is documented to say."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fake_server import running
from tests.shops.fakes.prestashop import FakePrestaShop
from tests.shops.fakes.shop import Line, Sale

RECORDINGS = Path(__file__).parents[1] / "recordings" / "prestashop"
SHIRT = Line("SHIRT-M", "Shirt", 2, 2990, variant="Size: M", weight_g=250, image="shirt.jpg")
MUG = Line("MUG", "Mug", 1, 1000, discount=100)
SALE = Sale(lines=(SHIRT, MUG), discount=688)


@pytest.fixture
def fake() -> Iterator[FakePrestaShop]:
    with running(FakePrestaShop()) as fake:
        yield fake


def ask(fake: FakePrestaShop, path: str, **query: str) -> httpx.Response:
    key = fake.credentials["key"]
    query = {"output_format": "JSON"} | query
    return httpx.get(f"{fake.url}/api/{path}", params=query, auth=(key, ""), timeout=10)


def rows(fake: FakePrestaShop, resource: str, **query: str) -> list[dict[str, Any]]:
    told = ask(fake, resource, display="full", **query).json()
    return [] if told == [] else next(iter(told.values()))


def same_shape(told: Any, recorded: Any) -> None:
    assert type(told) is type(recorded), (told, recorded)
    if isinstance(recorded, dict):
        assert set(recorded) <= set(told), set(recorded) - set(told)
        for name, value in recorded.items():
            same_shape(told[name], value)
    if isinstance(recorded, list) and recorded:
        same_shape(told[0], recorded[0])


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("order", "orders/1"),
        ("order-detail", "order_details/101"),
        ("order-slip", "order_slip/1"),
    ],
)
def test_answers_have_the_recorded_shape(fake: FakePrestaShop, name: str, path: str) -> None:
    fake.refund(fake.place(SALE), {"MUG": 1})
    recorded = json.loads((RECORDINGS / f"{name}.json").read_text())

    told = ask(fake, path)

    assert told.status_code == recorded["status"]
    same_shape(told.json(), recorded["answer"])


@pytest.mark.parametrize(
    ("key", "codes"), [("", [17]), ("short", [18]), ("X" * 32, [20, 21]), (None, [16])]
)
def test_a_wrong_key_is_refused_in_its_own_words(
    fake: FakePrestaShop, key: str | None, codes: list[int]
) -> None:
    auth = None if key is None else (key, "")

    told = httpx.get(f"{fake.url}/api/orders", params={"output_format": "JSON"}, auth=auth)

    assert told.status_code == 401
    assert [one["code"] for one in told.json()["errors"]] == codes
    assert told.headers["www-authenticate"].startswith("Basic ")


def test_a_missing_permission_is_named(fake: FakePrestaShop) -> None:
    fake.permissions["orders"] = set()
    fake.permissions["customers"] = {"HEAD"}

    orders, customers = ask(fake, "orders"), ask(fake, "customers")

    assert (orders.status_code, orders.json()["errors"][0]["code"]) == (401, 26)
    assert (customers.status_code, customers.json()["errors"][0]["code"]) == (405, 25)


def test_errors_and_rows_are_xml_unless_asked(fake: FakePrestaShop) -> None:
    fake.place(SALE)

    row = ElementTree.fromstring(ask(fake, "orders/1", output_format="XML").content)
    error = ElementTree.fromstring(ask(fake, "ordes", output_format="XML").content)

    assert row.findtext("order/reference") == fake.truth()["1"].number
    assert row.findtext("order/associations/order_rows/order_row/product_quantity") == "2"
    assert error.findtext("errors/error/code") == "27"


def test_json_has_its_oddities(fake: FakePrestaShop) -> None:
    assert ask(fake, "orders", display="full").json() == []
    fake.place(SALE)

    assert ask(fake, "orders").json() == {"orders": [{"id": 1}]}
    assert list(ask(fake, "orders/1").json()) == ["order"]
    assert list(ask(fake, "orders/1", display="full").json()) == ["orders"]
    assert ask(fake, "orders", display="[id,reference]").json() == {
        "orders": [{"id": 1, "reference": fake.truth()["1"].number}]
    }
    assert ask(fake, "order_states/4", language="2").json()["order_state"]["name"] == "Spedito"
    assert len(ask(fake, "order_states/4").json()["order_state"]["name"]) == 2
    assert ask(fake, "orders/99").status_code == 404
    assert ask(fake, "orders/99").content == b""


def test_pages_by_date_visit_everything_once(fake: FakePrestaShop) -> None:
    for _ in range(25):
        fake.place(SALE)
        fake.tick(0.4)  # several in one second
    seen = []
    for start in range(0, 30, 10):
        page = rows(fake, "orders", date="1", sort="[date_upd_ASC,id_ASC]", limit=f"{start},10")
        seen += [row["id"] for row in page]

    assert seen == list(range(1, 26))


def test_dates_are_the_shops_own_and_ranges_have_two_ends(fake: FakePrestaShop) -> None:
    fake.place(SALE)  # 2026-11-02 09:00 UTC is 10:00 in Rome

    def found(wanted: str, date: str = "1") -> int:
        return len(rows(fake, "orders", **{"filter[date_upd]": wanted}, date=date))

    assert rows(fake, "orders")[0]["date_upd"] == "2026-11-02 10:00:00"
    assert found("[2026-11-02 10:00:00,2026-11-03 00:00:00]") == 1
    assert found("[2026-11-02 10:00:00,]") == 0
    assert found(">[2026-11-02 09:59:59]") == 1
    assert found(">[2026-11-02 10:00:00]") == 0
    told = ask(fake, "orders", **{"filter[date_upd]": ">[2026-01-01]"})
    assert (told.status_code, told.json()["errors"][0]["code"]) == (400, 32)


def test_filters_find_lists_and_words(fake: FakePrestaShop) -> None:
    for _ in range(4):
        fake.place(SALE)
    number = fake.truth()["3"].number

    assert [row["id"] for row in rows(fake, "orders", **{"filter[id]": "[2|4|77]"})] == [2, 4]
    by_number = rows(fake, "orders", **{"filter[reference]": f"[{number.lower()}]"})
    assert [row["id"] for row in by_number] == [3]
    assert len(rows(fake, "order_details", **{"filter[id_order]": "[1|2]"})) == 4


def test_a_refund_leaves_the_orders_stamp_alone(fake: FakePrestaShop) -> None:
    order_id = fake.place(SALE)
    before = rows(fake, "orders")[0]["date_upd"]
    fake.tick(60)
    stock = fake.stock("SHIRT-M")

    fake.refund(order_id, {"SHIRT-M": 1}, restock=True)

    detail = ask(fake, "order_details/101").json()["order_detail"]
    slip = ask(fake, "order_slip/1").json()["order_slip"]
    assert rows(fake, "orders")[0]["date_upd"] == before
    assert detail["product_quantity_refunded"] == "1"
    assert slip["associations"]["order_slip_details"][0]["product_quantity"] == "1"
    assert fake.stock("SHIRT-M") == stock + 1
    assert [line.units for line in fake.truth()[order_id].lines] == [1, 1]


def test_truth_spreads_the_discount_by_value(fake: FakePrestaShop) -> None:
    told = fake.truth
    order_id = fake.place(SALE)  # 6880 of goods, 688 off: a tenth

    assert {line.sku: line.price for line in told()[order_id].lines} == {
        "SHIRT-M": 2691,
        "MUG": 810,
    }
    assert ask(fake, "orders/1").json()["order"]["total_paid"] == "66.920000"


def test_an_edited_address_is_another_and_an_email_is_the_customers(fake: FakePrestaShop) -> None:
    order_id = fake.place(SALE)
    before = rows(fake, "orders")[0]
    fake.tick(60)

    fake.edit(order_id, email="new@example.com")
    same = rows(fake, "orders")[0]
    fake.edit(order_id, city="Prato")
    after = rows(fake, "orders")[0]

    assert same == before
    assert after["id_address_delivery"] != before["id_address_delivery"]
    assert (
        ask(fake, f"addresses/{after['id_address_delivery']}").json()["address"]["city"] == "Prato"
    )
    assert rows(fake, "customers")[0]["email"] == "new@example.com"


def test_split_orders_share_a_reference_and_other_shops_are_apart(fake: FakePrestaShop) -> None:
    first, second = fake.place_together(SALE, SALE)
    other = fake.place_in(2, SALE)

    truth = fake.truth()
    assert truth[first].number == truth[second].number != truth[other].number
    assert [row["id"] for row in rows(fake, "orders")] == [1, 2]
    assert [row["id"] for row in rows(fake, "orders", id_shop="2")] == [3]
    assert ask(fake, "orders/3").status_code == 404
    fake.key_shops = {1}
    assert ask(fake, "orders", id_shop="2").status_code == 403


def test_a_note_goes_on_by_a_thread(fake: FakePrestaShop) -> None:
    order_id = fake.place(SALE)
    auth = (fake.credentials["key"], "")

    def post(resource: str, inside: str) -> httpx.Response:
        body = f"<prestashop>{inside}</prestashop>"
        address = f"{fake.url}/api/{resource}?output_format=JSON"
        return httpx.post(address, content=body, auth=auth, timeout=10)

    thread = post(
        "customer_threads",
        "<customer_thread><id_lang>1</id_lang><id_contact>1</id_contact><token>t</token>"
        f"<id_order>{order_id}</id_order></customer_thread>",
    )
    number = thread.json()["customer_thread"]["id"]
    message = post(
        "customer_messages",
        f"<customer_message><id_customer_thread>{number}</id_customer_thread>"
        "<message>Back on Monday</message><private>1</private></customer_message>",
    )
    broken = post("customer_threads", "<customer_thread>")

    assert (thread.status_code, message.status_code) == (201, 201)
    assert fake.notes(order_id) == ["Back on Monday"]
    assert (broken.status_code, broken.json()["errors"][0]["code"]) == (500, 127)


def test_orders_cannot_be_deleted_and_a_shop_may_be_down(fake: FakePrestaShop) -> None:
    fake.place(SALE)
    auth = (fake.credentials["key"], "")

    told = httpx.delete(f"{fake.url}/api/orders/1", auth=auth, timeout=10)
    fake.down = True
    down = ask(fake, "orders")

    assert told.status_code == 405
    assert (down.status_code, down.headers["content-type"]) == (503, "text/html")


def test_pictures_need_the_key_behind_the_webservice_only(fake: FakePrestaShop) -> None:
    fake.place(SALE)
    product = ask(fake, "products/1").json()["product"]
    image = product["associations"]["images"][0]["id"]

    assert ask(fake, f"images/products/1/{image}").headers["content-type"] == "image/jpeg"
    assert httpx.get(f"{fake.url}/api/images/products/1/{image}").status_code == 401
    assert httpx.get(f"{fake.url}/{image}-home_default/shirt.jpg").status_code == 200


def test_a_hundred_thousand_orders_stay_small(fake: FakePrestaShop) -> None:
    fake.stock_up(100_000)

    page = rows(
        fake, "orders", date="1", sort="[date_upd_ASC,id_ASC]", limit="99990,50",
        **{"filter[date_upd]": ">[2026-01-01 00:00:00]"},
    )  # fmt: skip

    assert [row["id"] for row in page] == list(range(99_991, 100_001))
    assert len(fake.books.orders) == 0
