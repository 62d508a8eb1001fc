"""The fake Magento by plain HTTP: its answers have the recorded shapes, and it does what the documentation says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fake_server import running
from tests.shops.fakes.magento import Magento
from tests.shops.fakes.shop import Line, Refunded, Sale, ToldLine

RECORDINGS = Path(__file__).parents[1] / "recordings" / "magento"
SOAP = Line(
    "SOAP-L",
    "Soap",
    2,
    1100,
    variant="L",
    weight_g=200,
    hs_code="340111",
    origin="IT",
    image="https://shop.example/media/soap.jpg",
)
BRUSH = Line("BRUSH", "Brush", 3, 999, discount=100)
SALE = Sale((SOAP, BRUSH), discount=300)


@pytest.fixture
def shop() -> Iterator[Magento]:
    with running(Magento()) as fake:
        yield fake


def ask(shop: Magento, line: str, words: Any = None, token: str = "") -> httpx.Response:
    method, path = line.split(" ", 1)
    key = token or shop.credentials["access_token"]
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.request(
        method, f"{shop.url}/rest/V1{path}", json=words, headers=headers, timeout=10
    )


def where(field: str, value: str, condition: str = "eq", group: int = 0) -> str:
    start = f"searchCriteria[filter_groups][{group}][filters][0]"
    return f"{start}[field]={field}&{start}[value]={value}&{start}[condition_type]={condition}"


def recorded(name: str) -> Any:
    return json.loads((RECORDINGS / f"{name}.json").read_text())["answer"]


def fits(told: Any, shape: Any, at: str = "") -> None:
    """Every recorded key is there with its type; numbers may be whole or not."""
    if isinstance(shape, dict):
        for name, below in shape.items():
            assert name in told, f"{at}.{name}"
            fits(told[name], below, f"{at}.{name}")
    elif isinstance(shape, list):
        assert isinstance(told, list), at
        for number, below in enumerate(shape):
            fits(told[number], below, f"{at}[{number}]")
    elif isinstance(shape, (int, float)) and not isinstance(shape, bool):
        assert isinstance(told, (int, float)), at
    else:
        assert isinstance(told, type(shape)), at


def test_answers_have_the_recorded_shapes(shop: Magento) -> None:
    order_id = shop.place(SALE)
    body = {
        "items": [{"order_item_id": 50, "qty": 1}],
        "comment": {"comment": "Return R-1"},
        "arguments": {"shipping_amount": 0},
    }

    fits(ask(shop, "GET /orders?searchCriteria").json(), recorded("order"))
    assert ask(shop, f"POST /order/{order_id}/refund", body).json() == recorded("refund")
    fits(ask(shop, "GET /creditmemos?searchCriteria").json(), recorded("creditmemo"))
    fits(ask(shop, "GET /store/storeConfigs").json(), recorded("store-configs"))
    fits(ask(shop, "GET /products/SOAP-L").json(), recorded("product"))


def test_a_wrong_token_and_a_missing_resource_are_the_same_refusal(shop: Magento) -> None:
    wrong = ask(shop, "GET /orders?searchCriteria", token="nobody")
    shop.granted.remove("Magento_Sales::actions_view")
    missing = ask(shop, "GET /orders?searchCriteria")
    shop.granted.add("Magento_Sales::actions_view")
    shop.bearer_allowed = False
    not_a_bearer = ask(shop, "GET /orders?searchCriteria")

    for refusal in (wrong, missing, not_a_bearer):
        assert (refusal.status_code, refusal.json()) == (401, recorded("refused"))


def test_other_refusals_have_the_shops_own_words(shop: Magento) -> None:
    assert ask(shop, "GET /orders/99").status_code == 404
    assert ask(shop, "GET /nothing").json() == {"message": "Request does not match any route."}
    bare = ask(shop, "GET /orders")
    assert bare.status_code == 400
    assert bare.json()["parameters"] == {"fieldName": "searchCriteria"}
    shop.place(SALE)
    assert ask(shop, f"GET /orders?{where('no_such_column', '1')}").status_code == 500
    assert httpx.get(shop.url, timeout=5).status_code == 404
    shop.broken = True
    assert "Report ID" in ask(shop, "GET /orders?searchCriteria").json()["message"]
    shop.down = True
    down = ask(shop, "GET /orders?searchCriteria")
    assert (down.status_code, down.headers["content-type"]) == (503, "text/html; charset=UTF-8")


def test_pages_tell_each_order_once_and_the_last_page_is_repeated(shop: Magento) -> None:
    shop.stock_up(23)
    sort = "searchCriteria[sortOrders][0][field]=updated_at&searchCriteria[sortOrders][0][direction]=ASC"

    def page(number: int) -> list[str]:
        size = f"searchCriteria[pageSize]=10&searchCriteria[currentPage]={number}"
        answer = ask(shop, f"GET /orders?{sort}&{size}").json()
        assert answer["total_count"] == 23
        return [row["increment_id"] for row in answer["items"]]

    first, second, third = page(1), page(2), page(3)
    assert first + second + third == [f"{n:09d}" for n in range(1, 24)]
    assert page(4) == page(77) == third


@pytest.mark.parametrize(
    ("condition", "value", "found"),
    [
        ("gteq", "2026-11-02 09:00:10", [2, 3]),
        ("gt", "2026-11-02 09:00:10", [3]),
        ("lt", "2026-11-02 09:00:10", [1]),
        ("lteq", "2026-11-02T09:00:10", [1, 2]),
        ("gteq", "2026-11-03", []),
    ],
)
def test_orders_are_found_by_when_they_changed(
    shop: Magento, condition: str, value: str, found: list[int]
) -> None:
    for _ in range(3):
        shop.place(SALE)
        shop.tick(10)

    answer = ask(shop, f"GET /orders?{where('updated_at', value, condition)}").json()

    assert [row["entity_id"] for row in answer["items"]] == found


def test_orders_are_found_by_number_in_lists_and_by_part_and_fields_cut_the_answer(
    shop: Magento,
) -> None:
    for _ in range(3):
        shop.place(SALE)
    cut = "&fields=items[increment_id,billing_address[city]],total_count"

    assert ask(shop, f"GET /orders?{where('increment_id', '000000002')}{cut}").json() == {
        "items": [{"increment_id": "000000002", "billing_address": {"city": "Firenze"}}],
        "total_count": 1,
    }
    several = ask(shop, f"GET /orders?{where('entity_id', '1,3', 'in')}").json()
    assert [row["entity_id"] for row in several["items"]] == [1, 3]
    assert ask(shop, f"GET /orders?{where('increment_id', '%2503', 'like')}").json()[
        "total_count"
    ] == (1)


def test_the_money_of_an_order_adds_up_after_discounts(shop: Magento) -> None:
    order_id = shop.place(SALE)

    order = ask(shop, f"GET /orders/{order_id}").json()

    goods = sum(
        row["row_total"]
        + row["tax_amount"]
        + row["discount_tax_compensation_amount"]
        - row["discount_amount"]
        for row in order["items"]
    )
    assert round(goods + order["shipping_incl_tax"], 2) == order["grand_total"] == 52.97
    assert order["items"][0]["price_incl_tax"] == 11
    assert order["items"][1]["parent_item"]["item_id"] == order["items"][0]["item_id"]
    assert shop.truth()[order_id].lines == (ToldLine("BRUSH", 3, 908), ToldLine("SOAP-L", 2, 1035))


def test_an_order_in_another_currency_says_both_and_yen_have_no_cents(shop: Magento) -> None:
    yen = shop.place(Sale((Line("FAN", "Fan", 1, 1600),), currency="JPY", shipping=0))

    order = ask(shop, f"GET /orders/{yen}").json()

    assert (order["grand_total"], order["base_grand_total"]) == (1600, 10)
    assert (order["order_currency_code"], order["base_currency_code"]) == ("JPY", "EUR")


def test_a_credit_memo_takes_units_a_share_of_the_shipping_and_puts_goods_back(
    shop: Magento,
) -> None:
    order_id = shop.place(SALE)
    shop.fulfil(order_id, "JD0001")
    shop.tick(60)
    body = {
        "items": [{"order_item_id": 50, "qty": 1}],
        "notify": False,
        "appendComment": True,
        "comment": {"comment": "Return R-1", "is_visible_on_front": 0},
        "arguments": {
            "shipping_amount": 2.05,
            "extension_attributes": {"return_to_stock_items": [50]},
        },
    }

    assert ask(shop, f"POST /order/{order_id}/refund", body).json() == "1"

    assert shop.refunds(order_id) == [Refunded(1286, {"SOAP-L": 1}, True, "Return R-1")]
    assert shop.stock("SOAP-L") == 99
    order = ask(shop, f"GET /orders/{order_id}").json()
    assert (order["state"], order["total_refunded"]) == ("complete", 12.86)
    assert order["updated_at"] == "2026-11-02 09:01:00"
    assert [row["qty_refunded"] for row in order["items"]] == [1, 1, 0]


def test_a_refund_of_nothing_named_is_a_refund_of_everything(shop: Magento) -> None:
    order_id = shop.place(SALE)
    shop.fulfil(order_id)

    assert ask(shop, f"POST /order/{order_id}/refund", {}).status_code == 200

    assert [refund.amount for refund in shop.refunds(order_id)] == [5297]
    assert ask(shop, f"GET /orders/{order_id}/statuses").json() == "closed"
    again = ask(shop, f"POST /order/{order_id}/refund", {})
    assert again.status_code == 400
    assert "does not allow a creditmemo" in again.json()["message"]


def test_more_than_is_left_is_refused(shop: Magento) -> None:
    shop.place(Sale((Line("SOAP", "Soap", 1, 1100),)))

    def refund(**words: Any) -> httpx.Response:
        return ask(shop, "POST /order/1/refund", words)

    units = refund(items=[{"order_item_id": 50, "qty": 9}])
    assert (units.status_code, units.json()) == (400, recorded("refund-too-much"))
    shipping = refund(items=[{"order_item_id": 50, "qty": 1}], arguments={"shipping_amount": 4.11})
    assert shipping.json() == {"message": "Maximum shipping amount allowed to refund is: €4.10"}
    money = refund(
        items=[{"order_item_id": 50, "qty": 1}],
        arguments={"shipping_amount": 0, "adjustment_positive": 99},
    )
    assert money.status_code == 400
    assert shop.refunds("1") == []


def test_a_refund_of_an_invoice_names_it(shop: Magento) -> None:
    order_id = shop.place(SALE)
    found = ask(shop, f"GET /invoices?{where('order_id', order_id)}").json()["items"]
    assert [row["increment_id"] for row in found] == ["000000001"]

    ask(
        shop, f"POST /invoice/{found[0]['entity_id']}/refund", {"arguments": {"shipping_amount": 0}}
    )

    memos = ask(shop, f"GET /creditmemos?{where('order_id', order_id)}").json()["items"]
    assert [(memo["invoice_id"], memo["grand_total"]) for memo in memos] == [(1, 47.97)]


def test_a_comment_is_kept_once_and_changes_when_the_order_changed(shop: Magento) -> None:
    order_id = shop.place(SALE)
    shop.tick(5)
    said = {"statusHistory": {"comment": "Return R-1", "is_visible_on_front": 0}}

    assert ask(shop, f"POST /orders/{order_id}/comments", said).json() is True

    assert shop.notes(order_id) == ["Return R-1"]
    order = ask(shop, f"GET /orders/{order_id}").json()
    assert order["updated_at"] == "2026-11-02 09:00:05"
    assert order["status_histories"][0]["comment"] == "Return R-1"
    assert ask(shop, f"POST /orders/{order_id}/comments", {}).status_code == 400


def test_what_is_not_paid_is_cancelled_and_what_is_paid_is_closed(shop: Magento) -> None:
    paid = shop.place(SALE)
    shop.payment_action = "authorize"
    unpaid = shop.place(SALE)

    shop.cancel(paid)
    shop.cancel(unpaid)

    states = [ask(shop, f"GET /orders/{n}").json()["state"] for n in (paid, unpaid)]
    assert states == ["closed", "canceled"]
    truth = shop.truth()
    assert [truth[n].cancelled for n in (paid, unpaid)] == [False, True]
    assert {line.units for told in truth.values() for line in told.lines} == {0}


def test_fewer_units_are_refunded_and_more_make_another_order(shop: Magento) -> None:
    order_id = shop.place(SALE)

    shop.change_units(order_id, "BRUSH", 1)
    assert [line.units for line in shop.truth()[order_id].lines] == [1, 2]
    shop.change_units(order_id, "SOAP-L", 5)

    truth = shop.truth()
    assert [line.units for line in truth[order_id].lines] == [0, 0]
    assert truth["2"].number == "000000001-1"
    assert [line.units for line in truth["2"].lines] == [1, 5]
    shop.edit(order_id, postal_code="20121")
    assert shop.truth()["2"].postal_code == "20121"


def test_a_shipment_has_tracks_and_makes_the_order_complete(shop: Magento) -> None:
    order_id = shop.place(SALE)

    shop.fulfil(order_id, "JD0001")

    found = ask(shop, f"GET /shipments?{where('order_id', order_id)}").json()["items"][0]
    assert [track["track_number"] for track in found["tracks"]] == ["JD0001"]
    assert ask(shop, f"GET /orders/{order_id}").json()["status"] == "complete"
    assert shop.truth()[order_id].fulfilled
    assert shop.stock("BRUSH") == 97


def test_a_bundle_has_its_price_at_what_is_in_it_and_a_pickup_goes_to_the_shop(
    shop: Magento,
) -> None:
    bundle = shop.place_bundle(Sale((SOAP, BRUSH)), "Bath set")
    pickup = shop.place_pickup(SALE)

    rows = ask(shop, f"GET /orders/{bundle}").json()["items"]
    assert [(row["product_type"], row["row_total_incl_tax"]) for row in rows] == [
        ("bundle", 51.97),
        ("simple", 22),
        ("simple", 29.97),
    ]
    extra = ask(shop, f"GET /orders/{pickup}").json()["extension_attributes"]
    assert extra["pickup_location_code"] == "firenze"
    assert extra["shipping_assignments"][0]["shipping"]["address"]["postcode"] == "50121"


def test_products_are_found_by_sku_with_origin_and_code(shop: Magento) -> None:
    shop.place(SALE)

    found = ask(shop, f"GET /products?{where('sku', 'SOAP-L,BRUSH', 'in')}").json()["items"]

    soap = next(row for row in found if row["sku"] == "SOAP-L")
    custom = {one["attribute_code"]: one["value"] for one in soap["custom_attributes"]}
    assert custom["country_of_manufacture"] == "IT"
    assert custom["hs_code"] == "340111"
    assert soap["media_gallery_entries"][0]["file"] == "/s/o/soap.jpg"
    assert ask(shop, "GET /products/NOTHING").status_code == 404


def test_a_hundred_thousand_orders_are_made_when_they_are_asked_for(shop: Magento) -> None:
    shop.stock_up(100_000)
    sort = "searchCriteria[sortOrders][0][field]=updated_at&searchCriteria[sortOrders][0][direction]=ASC"
    more = "searchCriteria[sortOrders][1][field]=entity_id&searchCriteria[sortOrders][1][direction]=ASC"

    answer = ask(shop, f"GET /orders?{sort}&{more}&searchCriteria[pageSize]=2").json()
    by_number = ask(shop, f"GET /orders?{where('increment_id', '000050000')}").json()

    assert answer["total_count"] == 100_000
    assert [row["entity_id"] for row in answer["items"]] == [1, 2]
    assert by_number["items"][0]["entity_id"] == 50_000
    assert not shop.shelf.live
    shop.cancel("50000")
    assert list(shop.shelf.live) == [50_000]
    invoices = ask(shop, f"GET /invoices?{where('order_id', '7')}").json()
    assert [row["increment_id"] for row in invoices["items"]] == ["000000007"]


def test_the_shop_sends_no_webhooks_and_keeps_its_books_over_a_restart(shop: Magento) -> None:
    order_id = shop.place(SALE)

    shop.restart()

    assert shop.outbox == []
    assert ask(shop, f"GET /orders/{order_id}").json()["increment_id"] == "000000001"
