"""The fake Medusa behaves as the real one did that script/medusa runs: keys, pages, stamps, refunds and refusals."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fake_server import running
from tests.shops.fakes.medusa import SECRET, FakeMedusa
from tests.shops.fakes.shop import Line, Refunded, Sale

RECORDINGS = Path(__file__).parents[1] / "recordings" / "medusa"
SHIRT = Line("SHIRT", "Shirt", 3, 2500, variant="Red / M", weight_g=300, hs_code="610910",
             origin="IT", image="https://shop.example/shirt.jpg")  # fmt: skip
MUG = Line("MUG", "Mug", 1, 999)
SALE = Sale(lines=(SHIRT, MUG))
WHOLE = (
    "*items,*items.detail,*items.variant,*items.variant.product,*shipping_address,"
    "*billing_address,*payment_collections,*payment_collections.payments,"
    "*payment_collections.payments.refunds,*payment_collections.payments.captures,"
    "*fulfillments,*fulfillments.labels,*sales_channel,*customer,*transactions,*credit_lines,"
    "+email,+currency_code,+canceled_at,+total"
)


@pytest.fixture
def shop() -> Iterator[FakeMedusa]:
    with running(FakeMedusa()) as fake:
        yield fake


@pytest.fixture
def http(shop: FakeMedusa) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shop.url, auth=(SECRET, ""), timeout=10) as client:
        yield client


def recorded(name: str) -> Any:
    return json.loads((RECORDINGS / f"{name}.json").read_text())


def order(http: httpx.Client, order_id: str, fields: str = WHOLE) -> Any:
    return http.get(f"/admin/orders/{order_id}", params={"fields": fields}).json()["order"]


def payment_path(http: httpx.Client, order_id: str) -> str:
    collection = order(http, order_id)["payment_collections"][0]
    return f"/admin/payments/{collection['payments'][0]['id']}/refund"


def shape(value: Any) -> Any:
    """Keys and kinds; None fits everything, whole and broken numbers are one."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, bool) or not isinstance(value, int | float):
        return type(value).__name__
    return "number"


def lacks(real: Any, fake: Any, path: str = "") -> list[str]:
    """Where the fake says less than the real one, or something of another kind."""
    if isinstance(real, dict) and isinstance(fake, dict):
        missing = [f"{path}.{key}" for key in real if key not in fake]
        return missing + [
            wrong
            for key in real
            if key in fake
            for wrong in lacks(real[key], fake[key], f"{path}.{key}")
        ]
    if isinstance(real, list) and isinstance(fake, list):
        return lacks(real[0], fake[0], f"{path}[]") if real and fake else []
    fits = real == fake or "NoneType" in (real, fake)
    return [] if fits else [f"{path}: {real} is {fake}"]


@pytest.mark.parametrize("name", ["order_detail", "order_full", "order_fulfilled"])
def test_an_order_has_what_a_real_one_has(shop: FakeMedusa, http: httpx.Client, name: str) -> None:
    order_id = shop.place(SALE)
    shop.fulfil(order_id, "RR1")
    fields = recorded(name)["request"].get("query", {}).get("fields", "")

    told = order(http, order_id, fields)

    real = recorded(name)["answer"]["order"]
    # Ids and details of taxes, postage and sales channels that no adapter asks for.
    ignored = ("tax_lines", ".detail", "metadata")
    wrong = [
        each for each in lacks(shape(real), shape(told)) if not any(i in each for i in ignored)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["orders_list", "orders_list_narrow", "orders_items_star_narrow"])
def test_a_row_of_the_list_has_the_keys_that_were_asked_for(
    shop: FakeMedusa, http: httpx.Client, name: str
) -> None:
    shop.place(SALE)
    shop.place(SALE)
    asked = {k: v for k, v in recorded(name)["request"]["query"].items() if k != "offset"}

    row = http.get("/admin/orders", params=asked).json()["orders"][0]

    real = recorded(name)["answer"]["orders"][0]
    assert set(row) == set(real)
    assert set(row["items"][0]) == set(real["items"][0])


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("error_no_key", {}),
        ("error_bearer", {"Authorization": f"Bearer {SECRET}"}),
        ("error_wrong_key", {"Authorization": "Basic c2tfd3Jvbmc6"}),
    ],
)
def test_a_wrong_key_is_refused_in_the_real_words(
    shop: FakeMedusa, name: str, headers: dict[str, str]
) -> None:
    told = httpx.get(f"{shop.url}/admin/orders", headers=headers)

    assert (told.status_code, told.json()) == (recorded(name)["status"], recorded(name)["answer"])


def test_the_key_itself_is_taken_as_basic_too(shop: FakeMedusa) -> None:
    headers = {"Authorization": f"Basic {SECRET}"}

    assert httpx.get(f"{shop.url}/admin/orders", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("error_limit", {"limit": "x"}),
        ("error_order_two", {"order": "updated_at,id"}),
        ("error_order_unknown", {"order": "foo"}),
        ("error_date", {"updated_at[$gte]": "hello"}),
    ],
)
def test_a_wrong_question_is_answered_as_really(
    shop: FakeMedusa, http: httpx.Client, name: str, query: dict[str, str]
) -> None:
    shop.place(SALE)

    told = http.get("/admin/orders", params=query)

    assert (told.status_code, told.json()) == (recorded(name)["status"], recorded(name)["answer"])


def test_an_unknown_order_and_an_unknown_page_are_missing(http: httpx.Client) -> None:
    told = http.get("/admin/orders/order_nope")
    page = http.get("/admin/nowhere")

    assert (told.status_code, told.json()) == (404, recorded("error_no_order")["answer"])
    assert page.status_code == 404
    assert page.text.startswith("<!DOCTYPE html>")


def test_pages_by_update_show_every_order_once(shop: FakeMedusa, http: httpx.Client) -> None:
    ids = [shop.place(SALE) for _ in range(25)]
    shop.tick(5)
    shop.edit(ids[3], city="Prato")

    seen: list[str] = []
    for offset in range(0, 25, 10):
        asked = {"order": "updated_at", "limit": 10, "offset": offset, "fields": "id"}
        seen += [row["id"] for row in http.get("/admin/orders", params=asked).json()["orders"]]

    assert sorted(seen) == sorted(ids)
    assert seen[-1] == ids[3]


def test_the_filter_by_update_knows_milliseconds(shop: FakeMedusa, http: httpx.Client) -> None:
    first = shop.place(SALE)
    shop.tick(0.005)
    second = shop.place(SALE)
    moment = order(http, second)["updated_at"]

    def since(sign: str) -> list[str]:
        asked = {f"updated_at[{sign}]": moment, "fields": "id"}
        return [row["id"] for row in http.get("/admin/orders", params=asked).json()["orders"]]

    assert since("$gte") == [second]
    assert since("$gt") == []
    assert since("$lt") == [first]


def test_q_finds_parts_and_display_id_is_no_filter(shop: FakeMedusa, http: httpx.Client) -> None:
    for _ in range(3):
        shop.place(SALE)  # their telephone has a 2 and a 3 in it

    def count(**query: str) -> int:
        found: int = http.get("/admin/orders", params=query).json()["count"]
        return found

    assert count(q="2") == 3
    assert count(q="#2") == 0
    assert count(display_id="2") == 3
    assert count(q="nobody@nowhere") == 0


def test_a_refund_without_cause_makes_a_credit_and_a_new_stamp(
    shop: FakeMedusa, http: httpx.Client
) -> None:
    order_id = shop.place(SALE)
    before = order(http, order_id)
    shop.tick(60)

    told = http.post(payment_path(http, order_id), json={"amount": 3.33, "note": "RET-1"})

    after = order(http, order_id)
    assert told.status_code == 200
    assert [(r["amount"], r["note"]) for r in told.json()["payment"]["refunds"]] == [
        (3.33, "RET-1")
    ]
    assert after["version"] == before["version"] + 1
    assert after["updated_at"] > before["updated_at"]
    assert after["credit_lines"][0]["amount"] == 3.33
    assert after["summary"]["refunded_total"] == 3.33
    assert shop.refunds(order_id) == [Refunded(333, {}, False, "RET-1")]


def test_a_refund_of_what_was_owed_leaves_the_stamp_alone(
    shop: FakeMedusa, http: httpx.Client
) -> None:
    order_id = shop.place(SALE)
    shop.change_units(order_id, "SHIRT", 2)
    before = order(http, order_id)
    shop.tick(60)

    http.post(payment_path(http, order_id), json={"amount": 25})

    after = order(http, order_id)
    assert before["summary"]["pending_difference"] == -25
    assert after["summary"]["pending_difference"] == 0
    assert (after["updated_at"], after["version"]) == (before["updated_at"], before["version"])
    assert after["payment_status"] == "partially_refunded"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("error_refund_too_much", {"amount": 500}),
        ("error_refund_negative", {"amount": -1}),
        ("error_refund_words", {"amount": "1"}),
        ("error_refund_unknown_field", {"amount": 1, "reference": "x"}),
    ],
)
def test_a_wrong_refund_is_refused_in_the_real_words(
    shop: FakeMedusa, http: httpx.Client, name: str, words: dict[str, Any]
) -> None:
    order_id = shop.place(SALE)

    told = http.post(payment_path(http, order_id), json=words)

    real = recorded(name)
    assert (told.status_code, told.json()) == (real["status"], real["answer"])
    assert shop.refunds(order_id) == []


def test_one_cent_too_much_is_let_through_and_two_are_not(
    shop: FakeMedusa, http: httpx.Client
) -> None:
    order_id = shop.place(SALE)
    path = payment_path(http, order_id)  # 89.99 were paid

    assert http.post(path, json={"amount": 90.01}).status_code == 400
    assert http.post(path, json={"amount": 90}).status_code == 200


def test_a_refund_while_the_order_is_edited_is_refused_and_stands_all_the_same(
    shop: FakeMedusa, http: httpx.Client
) -> None:
    order_id = shop.place(SALE)
    shop.begin_edit(order_id)

    told = http.post(payment_path(http, order_id), json={"amount": 3, "note": "RET-3"})

    after = order(http, order_id)
    payment = after["payment_collections"][0]["payments"][0]
    assert told.status_code == 400
    assert told.json()["message"].endswith("already has an existing active order change")
    assert [r["note"] for r in payment["refunds"]] == ["RET-3"]
    assert after["summary"]["refunded_total"] == 0


def test_metadata_is_merged_and_an_empty_word_takes_a_key_away(
    shop: FakeMedusa, http: httpx.Client
) -> None:
    order_id = shop.place(SALE)
    path = f"/admin/orders/{order_id}"

    http.post(path, json={"metadata": {"rientro": "RET-1"}})
    both = http.post(path, json={"metadata": {"other": "x"}}).json()["order"]["metadata"]
    one = http.post(path, json={"metadata": {"other": ""}}).json()["order"]["metadata"]

    assert both == {"rientro": "RET-1", "other": "x"}
    assert one == {"rientro": "RET-1"}
    assert shop.notes(order_id) == ["RET-1"]


def test_a_return_by_the_api_takes_units_back_and_restocks(
    shop: FakeMedusa, http: httpx.Client
) -> None:
    order_id = shop.place(SALE)
    words = {"order_id": order_id}
    unsent = http.post("/admin/returns", json=words).json()["return"]["id"]
    item = order(http, order_id)["items"][0]["id"]
    items = {"items": [{"id": item, "quantity": 1}]}
    refused = http.post(f"/admin/returns/{unsent}/request-items", json=items)
    http.delete(f"/admin/returns/{unsent}/request")
    shop.fulfil(order_id)
    stock = shop.stock("SHIRT")

    return_id = http.post("/admin/returns", json=words).json()["return"]["id"]
    for step in ("request-items", "request", "receive", "receive-items", "receive/confirm"):
        path = f"/admin/returns/{return_id}/{step}"
        body = items if step.endswith("items") else {}
        assert http.post(path, json=body).status_code == 200, step

    after = order(http, order_id)["items"][0]
    assert refused.status_code == 400
    assert (after["quantity"], after["detail"]["return_received_quantity"]) == (3, 1)
    assert after["total"] == 50
    assert shop.stock("SHIRT") == stock + 1
    assert [line.units for line in shop.truth()[order_id].lines] == [1, 2]


def test_a_cancelled_order_has_paid_everything_back(shop: FakeMedusa, http: httpx.Client) -> None:
    order_id = shop.place(SALE)
    sent = shop.place(SALE)
    shop.fulfil(sent)

    told = http.post(f"/admin/orders/{order_id}/cancel").json()["order"]
    refused = http.post(f"/admin/orders/{sent}/cancel")

    assert (told["status"], told["payment_status"], told["total"]) == ("canceled", "refunded", 0)
    assert (refused.status_code, refused.json()) == (400, recorded("error_cancel_sent")["answer"])
    assert shop.truth()[order_id].cancelled


def test_a_discount_of_the_order_is_spread_unrounded_and_the_truth_rounds_down(
    shop: FakeMedusa, http: httpx.Client
) -> None:
    order_id = shop.place(Sale(lines=(SHIRT, MUG), discount=500))

    shirt = order(http, order_id)["items"][0]

    real = recorded("order_five_off")["answer"]["order"]["items"][0]
    assert shirt["total"] == pytest.approx(real["total"], abs=1e-9)
    assert [line.price for line in shop.truth()[order_id].lines] == [940, 2352]


def test_yen_have_no_parts(shop: FakeMedusa, http: httpx.Client) -> None:
    order_id = shop.place(Sale(lines=(MUG,), currency="JPY", shipping=0))

    told = order(http, order_id)

    assert (told["total"], told["currency_code"]) == (999, "jpy")
    assert shop.truth()[order_id].lines[0].price == 999


def test_a_hundred_thousand_orders_stand_in_little_memory(
    shop: FakeMedusa, http: httpx.Client
) -> None:
    shop.stock_up(100_000)

    asked = {"order": "updated_at", "limit": 2, "offset": 99_998, "fields": "id,display_id"}
    page = http.get("/admin/orders", params=asked).json()

    assert (page["count"], [row["display_id"] for row in page["orders"]]) == (
        100_000,
        [99_999, 100_000],
    )
    assert shop.books.orders == {}


def test_a_restart_keeps_the_books_and_the_address(shop: FakeMedusa, http: httpx.Client) -> None:
    order_id = shop.place(SALE)
    address = shop.url

    shop.restart()

    assert shop.url == address
    assert order(http, order_id)["display_id"] == 1


def test_a_shop_that_is_down_says_so_as_a_proxy_does(shop: FakeMedusa, http: httpx.Client) -> None:
    shop.down = True

    assert http.get("/admin/orders").status_code == 503
