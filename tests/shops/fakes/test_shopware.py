"""The fake Shopware by plain HTTP: it says what the documentation, the schema and the source say that Shopware says."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fake_server import running
from tests.shops.fakes.shop import Line, Sale
from tests.shops.fakes.shopware import FakeShopware

RECORDED = Path(__file__).parent.parent / "recordings" / "shopware"
JSON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict, list),  # PHP writes an empty object as a list
    "any": (object,),
}
DEEP = {
    "lineItems": {"associations": {"cover": {}, "product": {}}},
    "deliveries": {
        "associations": {
            "stateMachineState": {},
            "shippingOrderAddress": {"associations": {"country": {}}},
        }
    },
    "transactions": {
        "associations": {
            "stateMachineState": {},
            "captures": {"associations": {"refunds": {"associations": {"positions": {}}}}},
        }
    },
    "billingAddress": {},
    "orderCustomer": {},
    "currency": {},
    "documents": {"associations": {"documentType": {}}},
    "stateMachineState": {},
    "tags": {},
}


def recorded(name: str) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text())["answer"]


@pytest.fixture
def shop() -> Iterator[FakeShopware]:
    with running(FakeShopware()) as fake:
        yield fake


def sold(*, quantity: int = 2, discount: int = 0, **more: Any) -> Sale:
    line = Line(
        "SCARF-R",
        "Scarf",
        quantity,
        3990,
        variant="red",
        weight_g=180,
        image="https://shop.example/s.jpg",
    )
    return Sale(lines=(line,), discount=discount, **more)


def token_asked(shop: FakeShopware, **changes: str) -> httpx.Response:
    words = {"grant_type": "client_credentials", **shop.credentials, **changes}
    return httpx.post(f"{shop.url}/api/oauth/token", json=words)


def asked(
    shop: FakeShopware,
    path: str,
    words: Any = None,
    *,
    method: str = "POST",
    accept: str = "application/json",
) -> httpx.Response:
    token = token_asked(shop).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Accept": accept}
    return httpx.request(method, f"{shop.url}/api{path}", headers=headers, json=words)


def searched(shop: FakeShopware, **criteria: Any) -> list[dict[str, Any]]:
    answer = asked(shop, "/search/order", criteria)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["data"]
    return rows


# Keys


def test_a_token_lives_for_ten_minutes(shop: FakeShopware) -> None:
    answer = token_asked(shop)
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    assert answer.json().keys() == recorded("token").keys()
    assert httpx.get(f"{shop.url}/api/_info/version", headers=headers).json() == {
        "version": "6.7.2.0"
    }
    shop.tick(601)
    assert httpx.get(f"{shop.url}/api/_info/version", headers=headers).status_code == 401


def test_a_wrong_secret_is_refused_in_the_words_of_the_source(shop: FakeShopware) -> None:
    answer = token_asked(shop, client_secret="wrong")

    assert (answer.status_code, answer.json()) == (401, recorded("token-refused"))


def test_the_eleventh_wrong_try_is_throttled_until_its_time_is_over(shop: FakeShopware) -> None:
    statuses = [token_asked(shop, client_secret="wrong").status_code for _ in range(11)]
    throttled = token_asked(shop).json()["errors"][0]

    assert statuses == [401] * 10 + [429]
    assert throttled["code"] == recorded("token-throttled")["errors"][0]["code"]
    shop.tick(11)
    assert token_asked(shop).status_code == 200


def test_every_missing_privilege_of_a_question_is_named_at_once(shop: FakeShopware) -> None:
    shop.granted = {"order:read"}
    answer = asked(shop, "/search/order", {"associations": {"lineItems": {}, "tags": {}}})
    error = answer.json()["errors"][0]

    assert answer.status_code == 403
    assert error.keys() == recorded("missing-privilege")["errors"][0].keys()
    assert json.loads(error["detail"])["missingPrivileges"] == ["order_line_item:read", "tag:read"]


# Shapes


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("order", ()),
        ("order-line-item", ("lineItems", 0)),
        ("order-delivery", ("deliveries", 0)),
        ("order-transaction", ("transactions", 0)),
        ("order-address", ("billingAddress",)),
        ("order-customer", ("orderCustomer",)),
        ("order-transaction-capture-refund", ("transactions", 0, "captures", 0, "refunds", 0)),
        ("document", ("documents", 0)),
    ],
)
def test_rows_have_the_names_and_types_of_the_schema(
    shop: FakeShopware, name: str, path: tuple[Any, ...]
) -> None:
    order_id = shop.place(sold())
    shop.refund(order_id, {"SCARF-R": 1})
    shop.invoice(order_id)
    row: Any = searched(shop, associations=DEEP)[0]
    for step in path:
        row = row[step]
    schema = recorded(name)

    told = {key: value for key, value in row.items() if key in schema["properties"]}
    assert set(row) - set(schema["properties"]) <= {
        "apiAlias",
        "_uniqueIdentifier",
        "extensions",
        "positions",
    }
    wrong = {
        key: value
        for key, value in told.items()
        if value is not None and not isinstance(value, JSON_TYPES[schema["properties"][key]])
    }
    assert wrong == {}
    missing = {key for key in schema["required"] if key not in row}
    assert missing == set()


def test_the_answer_is_json_api_unless_json_is_asked_for(shop: FakeShopware) -> None:
    shop.place(sold())
    answer = asked(shop, "/search/order", {"associations": {"lineItems": {}}}, accept="*/*")
    words = answer.json()

    assert answer.headers["content-type"] == "application/vnd.api+json"
    assert words["data"][0]["type"] == "order"
    assert words["data"][0]["attributes"]["orderNumber"] == "10001"
    related = words["data"][0]["relationships"]["lineItems"]["data"]
    assert [(one["type"], one["id"]) for one in words["included"]] == [
        (one["type"], one["id"]) for one in related
    ]


def test_what_was_not_asked_for_is_not_loaded(shop: FakeShopware) -> None:
    shop.place(sold())

    assert searched(shop)[0]["lineItems"] is None
    assert searched(shop, associations={"lineItems": {}})[0]["lineItems"][0]["product"] is None
    only = searched(shop, includes={"order": ["orderNumber"]})[0]
    assert only == {"orderNumber": "10001", "apiAlias": "order"}


def test_a_net_order_tells_prices_without_tax_and_the_tax_beside(shop: FakeShopware) -> None:
    shop.tax_status = "net"
    shop.place(sold())
    line = searched(shop, associations={"lineItems": {}})[0]["lineItems"][0]

    assert line["totalPrice"] == 65.41
    assert line["price"]["calculatedTaxes"] == [{"tax": 14.39, "taxRate": 22, "price": 65.41}]


# Criteria


def test_a_walk_page_by_page_meets_every_order_once(shop: FakeShopware) -> None:
    ids = [shop.place(sold()) for _ in range(7)]
    pages = [
        searched(shop, limit=3, page=page, sort=[{"field": "autoIncrement"}])
        for page in (1, 2, 3, 4)
    ]

    assert [row["id"] for page in pages for row in page] == ids
    total = asked(shop, "/search/order", {"limit": 3, "total-count-mode": 1}).json()["total"]
    assert total == 7
    assert asked(shop, "/search/order", {"limit": 3}).json()["total"] == 3


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ({"type": "equals", "field": "orderNumber", "value": "10002"}, ["10002"]),
        (
            {"type": "equalsAny", "field": "orderNumber", "value": ["10001", "10003"]},
            ["10001", "10003"],
        ),
        ({"type": "contains", "field": "orderCustomer.email", "value": "BOB"}, ["10002"]),
        (
            {
                "type": "range",
                "field": "createdAt",
                "parameters": {"gt": "2026-11-02T09:00:10+00:00"},
            },
            ["10003"],
        ),
        ({"type": "equals", "field": "updatedAt", "value": None}, ["10001", "10003"]),
        (
            {"type": "equals", "field": "lineItems.payload.productNumber", "value": "SCARF-R"},
            ["10001", "10002", "10003"],
        ),
        (
            {
                "type": "multi",
                "operator": "or",
                "queries": [
                    {
                        "type": "range",
                        "field": "updatedAt",
                        "parameters": {"gte": "2026-11-02T09:00:00"},
                    },
                    {"type": "prefix", "field": "orderNumber", "value": "10003"},
                ],
            },
            ["10002", "10003"],
        ),
        (
            {
                "type": "not",
                "queries": [{"type": "equals", "field": "orderNumber", "value": "10001"}],
            },
            ["10002", "10003"],
        ),
    ],
)
def test_filters_choose(shop: FakeShopware, words: Any, numbers: list[str]) -> None:
    for email in ("ada@example.com", "bob@example.net", "eve@example.org"):
        order_id = shop.place(sold(email=email))
        shop.tick(10)
        if email.startswith("bob"):
            shop.edit(order_id, city="Paris")

    found = searched(shop, filter=[words], sort=[{"field": "createdAt", "order": "ASC"}])
    assert [row["orderNumber"] for row in found] == numbers


@pytest.mark.parametrize(
    ("criteria", "status", "code"),
    [
        ({"limit": 501}, 400, "FRAMEWORK__QUERY_LIMIT_EXCEEDED"),
        ({"limit": 0}, 400, "FRAMEWORK__INVALID_LIMIT_QUERY"),
        (
            {"filter": [{"type": "like", "field": "id", "value": "x"}]},
            400,
            "FRAMEWORK__INVALID_FILTER_QUERY",
        ),
        (
            {"filter": [{"type": "equals", "field": "colour", "value": "x"}]},
            400,
            "FRAMEWORK__UNMAPPED_FIELD",
        ),
        (
            {"filter": [{"type": "equals", "field": "id", "value": "1"}]},
            400,
            "FRAMEWORK__INVALID_UUID",
        ),
        ({"associations": {"friends": {}}}, 404, "FRAMEWORK__ASSOCIATION_NOT_FOUND"),
    ],
)
def test_what_cannot_be_read_is_refused(
    shop: FakeShopware, criteria: Any, status: int, code: str
) -> None:
    shop.place(sold())
    answer = asked(shop, "/search/order", criteria)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)


def test_a_hundred_thousand_old_orders_are_found_by_their_time(shop: FakeShopware) -> None:
    shop.stock_up(100_000)
    since = "2026-11-02T08:00:00+00:00"
    words = [{"type": "range", "field": "createdAt", "parameters": {"gte": since}}]

    found = searched(shop, filter=words, limit=500, associations={"lineItems": {}})
    assert len(found) == 60
    assert len(shop.shelf.live) == 0


# What the shopkeeper does


def test_a_promotion_is_a_line_of_its_own_that_names_the_lines_it_came_off(
    shop: FakeShopware,
) -> None:
    order_id = shop.place(sold(discount=500))
    goods, off = searched(shop, associations={"lineItems": {}})[0]["lineItems"]

    assert (off["type"], off["totalPrice"], off["good"]) == ("promotion", -5.0, False)
    assert off["payload"]["composition"] == [
        {"id": goods["identifier"], "quantity": 2, "discount": 5.0}
    ]
    assert [(line.units, line.price) for line in shop.truth()[order_id].lines] == [(2, 3740)]


def test_states_and_refunds_leave_the_orders_own_stamp_alone(shop: FakeShopware) -> None:
    order_id = shop.place(sold())
    shop.tick(5)
    shop.fulfil(order_id, "TRK1")
    shop.tick(5)
    shop.refund(order_id, {"SCARF-R": 1}, restock=True)

    row = searched(shop, associations=DEEP)[0]
    delivery, payment = row["deliveries"][0], row["transactions"][0]
    assert row["updatedAt"] is None
    assert (delivery["updatedAt"], delivery["trackingCodes"]) == (
        "2026-11-02T09:00:05.000+00:00",
        ["TRK1"],
    )
    assert payment["stateMachineState"]["technicalName"] == "refunded_partially"
    refund = payment["captures"][0]["refunds"][0]
    assert (refund["amount"]["totalPrice"], refund["positions"][0]["quantity"]) == (39.9, 1)
    assert [(line.units, line.price) for line in shop.truth()[order_id].lines] == [(1, 3990)]
    assert shop.stock("SCARF-R") == 999


def test_an_edit_by_the_administration_stamps_the_order(shop: FakeShopware) -> None:
    order_id = shop.place(sold())
    shop.tick(1.5)
    shop.change_units(order_id, "SCARF-R", 1)

    row = searched(shop, associations={"lineItems": {}})[0]
    assert (row["updatedAt"], row["amountTotal"]) == ("2026-11-02T09:00:01.500+00:00", 44.9)
    assert row["lineItems"][0]["quantity"] == 1


def test_a_cancelled_order_cannot_be_cancelled_again(shop: FakeShopware) -> None:
    order_id = shop.place(sold())
    first = asked(shop, f"/_action/order/{order_id}/state/cancel")
    again = asked(shop, f"/_action/order/{order_id}/state/cancel")

    assert (first.status_code, first.json()["technicalName"]) == (200, "cancelled")
    assert (again.status_code, again.json()["errors"][0]["code"]) == (
        400,
        "SYSTEM__ILLEGAL_STATE_TRANSITION",
    )
    assert shop.truth()[order_id].cancelled
    assert shop.stock("SCARF-R") == 1000


def test_a_note_stands_on_the_order(shop: FakeShopware) -> None:
    order_id = shop.place(sold())
    answer = asked(shop, f"/order/{order_id}", {"internalComment": "Return R1"}, method="PATCH")

    assert answer.status_code == 204
    assert shop.notes(order_id) == ["Return R1"]
    assert (
        asked(shop, f"/order/{'0' * 32}", method="GET").json()["errors"][0]["code"]
        == "FRAMEWORK__RESOURCE_NOT_FOUND"
    )


# Webhooks


def test_webhooks_of_an_integration_come_without_a_signature(shop: FakeShopware) -> None:
    words = {"name": "ours", "eventName": "order.written", "url": "http://127.0.0.1:9/hook"}
    made = asked(shop, "/webhook", words)
    order_id = shop.place(sold())
    sent = shop.outbox[0]
    body = json.loads(sent.body)

    assert made.status_code == 204
    assert body.keys() == recorded("webhook-order-written").keys()
    assert body["data"]["payload"][0]["primaryKey"] == order_id
    assert body["source"].keys() == recorded("webhook-order-written")["source"].keys()
    assert "shopware-shop-signature" not in sent.headers
    row = asked(shop, "/search/webhook", {}).json()["data"][0]
    assert set(row) - {"apiAlias", "_uniqueIdentifier", "extensions"} <= set(
        recorded("webhook")["properties"]
    )


def test_a_change_of_state_is_an_event_with_the_order_in_it(shop: FakeShopware) -> None:
    event = "state_enter.order_delivery.state.shipped"
    asked(shop, "/webhook", {"name": "ours", "eventName": event, "url": "http://127.0.0.1:9/hook"})
    order_id = shop.place(sold())
    shop.fulfil(order_id)

    assert [json.loads(sent.body)["data"]["event"] for sent in shop.outbox] == [event]
    assert json.loads(shop.outbox[0].body)["data"]["payload"]["order"]["id"] == order_id
    assert shop.deliver(lambda *_: 200, random.Random(1)) == [200]


def test_a_webhook_that_is_taken_away_tells_nothing_more(shop: FakeShopware) -> None:
    words = {"name": "ours", "eventName": "order.written", "url": "http://127.0.0.1:9/hook"}
    made = asked(shop, "/webhook", words)
    key = made.headers["location"].rsplit("/", 1)[1]

    assert asked(shop, "/webhook", words).status_code == 500
    assert asked(shop, f"/webhook/{key}", method="DELETE").status_code == 204
    shop.place(sold())
    assert shop.outbox == []
    assert asked(shop, "/webhook", {}).json()["errors"][0]["source"]["pointer"] == "/0/name"
