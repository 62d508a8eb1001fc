"""The fake Shopify by plain HTTP: its doors, its schema, its lists; nothing of our adapter."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from graphql import get_named_type, is_leaf_type, is_union_type

from tests.fake_server import running
from tests.shops.fakes.shop import Sale
from tests.shops.fakes.shopify import FakeShopify
from tests.shops.fakes.shopify.asking import (
    ADDRESS,
    LIST,
    SALE,
    SCARF,
    SOCKS,
    SUBSCRIBE,
    ask,
    own_token,
)
from tests.shops.fakes.shopify.graph import schema


@pytest.fixture
def shop() -> Iterator[FakeShopify]:
    with running(FakeShopify()) as shop:
        yield shop


# Doors


def test_a_wrong_token_is_401_and_a_wrong_version_404(shop):
    wrong = httpx.post(
        f"{shop.url}/admin/api/2026-10/graphql.json", json={"query": "{ __typename }"}
    )
    gone = httpx.post(
        f"{shop.url}/admin/api/2027-01/graphql.json", json={"query": "{ __typename }"}
    )

    assert (wrong.status_code, gone.status_code) == (401, 404)
    assert wrong.json() == {
        "errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"
    }


def test_an_old_version_is_answered_by_the_oldest_that_is_kept(shop):
    answer = httpx.post(
        f"{shop.url}/admin/api/2024-01/graphql.json",
        json={"query": "{ shop { name } }"},
        headers={"X-Shopify-Access-Token": shop.access_token},
    )

    assert answer.headers["X-Shopify-API-Version"] == "2026-01"


def test_an_app_gets_a_token_of_24_hours_by_its_own_keys(shop):
    told = own_token(shop).json()
    assert told["expires_in"] == 86_399
    assert "read_orders" in told["scope"].split(",")

    assert ask(shop, "{ shop { name } }", token=told["access_token"])["data"]
    shop.tick(24 * 3600 + 1)
    answer = httpx.post(
        f"{shop.url}/admin/api/2026-10/graphql.json",
        json={"query": "{ shop { name } }"},
        headers={"X-Shopify-Access-Token": told["access_token"]},
    )
    assert answer.status_code == 401


def test_wrong_keys_of_an_app_are_named(shop):
    assert own_token(shop, client_id="x").json()["error"] == "application_cannot_be_found"
    assert own_token(shop, client_secret="x").json()["error"] == "invalid_client"
    shop.installed = False
    assert own_token(shop).json()["error"] == "app_not_installed"


def test_a_merchant_consents_once_with_a_signed_answer(shop):
    asked = {
        "client_id": shop.client_id,
        "scope": "read_orders",
        "redirect_uri": "https://house.example/back",
        "state": "s1",
    }
    answer = httpx.get(f"{shop.url}/admin/oauth/authorize", params=asked)
    back = {n: v[0] for n, v in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    assert back["state"] == "s1"
    assert back.pop("hmac") == shop.signed(back)

    keys = {"client_id": shop.client_id, "client_secret": shop.client_secret, "code": back["code"]}
    first = httpx.post(f"{shop.url}/admin/oauth/access_token", json=keys | {"expiring": "1"})
    again = httpx.post(f"{shop.url}/admin/oauth/access_token", json=keys)
    assert first.json()["scope"] == "read_orders"
    assert again.status_code == 400
    more = {"grant_type": "refresh_token", "refresh_token": first.json()["refresh_token"]}
    fresh = httpx.post(f"{shop.url}/admin/oauth/access_token", data=keys | more)
    assert fresh.json()["access_token"] != first.json()["access_token"]


def test_a_missing_scope_is_named(shop):
    shop.place(SALE)
    shop.granted -= {"read_customers"}

    told = ask(shop, "{ orders(first: 1) { nodes { name customer { id } } } }")

    (fault,) = told["errors"]
    assert fault["extensions"]["code"] == "ACCESS_DENIED"
    assert fault["message"] == (
        "Access denied for customer field. Required access: `read_customers` access scope."
    )
    assert told["data"]["orders"]["nodes"] == [{"name": "#1001", "customer": None}]


def test_without_the_scope_of_orders_there_is_no_data(shop):
    shop.granted -= {"read_orders", "write_orders"}

    told = ask(shop, "{ orders(first: 1) { nodes { name } } }")

    assert told["data"] is None
    assert told["errors"][0]["path"] == ["orders"]


def test_an_app_not_approved_for_personal_data_is_told_so(shop):
    shop.place(SALE)
    shop.hidden_fields = {"email"}
    told = ask(shop, "{ orders(first: 1) { nodes { name email } } }")
    assert told["data"]["orders"]["nodes"][0]["email"] is None

    shop.protected_data = False
    told = ask(shop, "{ orders(first: 1) { nodes { name } } }")
    assert "not approved to access the Order object" in told["errors"][0]["message"]


# The schema


def test_an_unknown_field_and_a_wrong_argument_are_refused(shop):
    told = ask(shop, "{ orders(first: 1) { nodes { nmae } } }")
    assert told["errors"][0]["extensions"] == {
        "code": "undefinedField",
        "typeName": "Order",
        "fieldName": "nmae",
    }
    assert ask(shop, "{ orders(first: 1, since: 3) { nodes { id } } }")["errors"]
    assert ask(shop, LIST, first="many")["errors"][0]["extensions"]["code"] == "INVALID_VARIABLE"
    weight = "{ orders(first: 1) { nodes { lineItems(first: 1) { nodes { weight { unit } } } } } }"
    assert ask(shop, weight)["data"]
    assert ask(shop, weight, version="2026-04")["errors"][0]["extensions"]["fieldName"] == "weight"


def selection(kind: Any, depth: int) -> str:
    if is_union_type(kind):
        return " ".join(f"... on {one.name} {{ {selection(one, depth)} }}" for one in kind.types)
    parts = ["__typename"]
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        told = [arg for arg in field.args if arg == "first"]
        needed = {"names": '["available"]', "locationId": '"gid://shopify/Location/71000001"'}
        told_words = [f"{arg}: 2" for arg in told]
        told_words += [f"{arg}: {needed[arg]}" for arg in field.args if arg in needed]
        call = f"({', '.join(told_words)})" if told_words else ""
        if is_leaf_type(inner):
            parts.append(f"{name}{call}")
        elif depth:
            parts.append(f"{name}{call} {{ {selection(inner, depth - 1)} }}")
    return " ".join(parts)


@pytest.mark.parametrize("taxes_included", [True, False])
def test_every_field_of_the_schema_is_answered_in_its_type(shop, taxes_included, monkeypatch):
    monkeypatch.setattr("tests.shops.fakes.shopify.MOST_COST", 10**12)
    shop.taxes_included = taxes_included
    first = shop.place(SALE)
    shop.refund(first, {"SCARF": 1}, restock=True)
    shop.fulfil(first, "TRK1")
    shop.refund(first, {}, amount=100)
    shop.cancel(shop.place(SALE))
    shop.place(Sale(lines=(SCARF,), in_store=True))
    ask(shop, SUBSCRIBE, topic="ORDERS_UPDATED", uri=ADDRESS)
    order = selection(schema().get_type("Order"), 4)
    rest = {
        "shop": "Shop",
        "currentAppInstallation": "AppInstallation",
        "locations(first: 5)": "LocationConnection",
        "webhookSubscriptions(first: 5)": "WebhookSubscriptionConnection",
    }
    parts = [f"{name} {{ {selection(schema().get_type(kind), 4)} }}" for name, kind in rest.items()]

    told = ask(shop, f"{{ orders(first: 5) {{ nodes {{ {order} }} }} {' '.join(parts)} }}")

    assert "errors" not in told, told["errors"][:3]
    assert len(told["data"]["orders"]["nodes"]) == 3


# Orders


def test_a_walk_meets_each_order_once_in_the_order_of_change(shop):
    ids = [shop.place(SALE) for _ in range(5) if shop.tick(3)]
    shop.tick(60)
    shop.edit(ids[0], email="new@example.com")

    met, after = [], None
    while True:
        page = ask(shop, LIST, after=after)["data"]["orders"]
        met += [edge["node"]["id"].rsplit("/", 1)[1] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert met == [*ids[1:], ids[0]]


def test_searches_know_times_names_and_states(shop):
    first = shop.place(SALE)
    shop.tick(10)
    middle = shop.now
    shop.place(Sale(lines=(SOCKS,), email="bob@example.net"))
    shop.tick(10)
    shop.cancel(first)

    def found(query: str) -> list[str]:
        told = ask(shop, LIST, query=query, first=9)["data"]["orders"]["edges"]
        return [edge["node"]["name"] for edge in told]

    assert found(f"updated_at:>='{middle.isoformat()}'") == ["#1002", "#1001"]
    assert found(f"created_at:<{middle:%Y-%m-%dT%H:%M:%SZ}") == ["#1001"]
    assert found("name:#1002") == found("name:1002") == found('name:"#1002"') == ["#1002"]
    assert found("status:cancelled") == ["#1001"]
    assert found("email:bob@example.net OR tag:vip") == ["#1002", "#1001"]
    assert found("-tag:vip") == ["#1002"]
    assert found("name:'1002' OR name:'#1001'") == ["#1002", "#1001"]
    assert found("name:100*") == ["#1002", "#1001"]
    assert found("name:1003") == []


def test_an_unknown_search_field_is_left_out_and_warned_of(shop):
    shop.place(SALE)

    told = ask(shop, LIST, query="order_name:1009")

    assert len(told["data"]["orders"]["edges"]) == 1
    assert told["extensions"]["search"][0]["warnings"][0]["field"] == "order_name"


def test_more_than_250_and_neither_first_nor_last_are_refused(shop):
    assert ask(shop, LIST, first=251)["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert ask(shop, "{ orders { nodes { id } } }")["errors"]
    many = [f"gid://shopify/Order/{n}" for n in range(251)]
    told = ask(shop, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=many)
    assert told["errors"][0]["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"


def test_what_is_older_than_60_days_needs_a_scope(shop):
    old = shop.place(SALE)
    shop.tick(timedelta(days=61).total_seconds())
    order = f'{{ order(id: "gid://shopify/Order/{old}") {{ name }} }}'
    assert ask(shop, order)["data"]["order"]

    shop.granted -= {"read_all_orders"}

    assert ask(shop, order)["data"]["order"] is None
    assert ask(shop, LIST)["data"]["orders"]["edges"] == []


def test_lines_say_what_was_paid_with_tax_inside_or_on_top(shop):
    query = """{ orders(first: 1) { nodes { totalPriceSet { shopMoney { amount } } taxesIncluded
      lineItems(first: 5) { nodes { sku quantity discountedTotalSet { shopMoney { amount } }
        discountAllocations { allocatedAmountSet { shopMoney { amount } } }
        taxLines { priceSet { shopMoney { amount } } } } } } } }"""
    order_id = shop.place(SALE)
    (told,) = ask(shop, query)["data"]["orders"]["nodes"]
    scarf = told["lineItems"]["nodes"][0]
    # 3 x 19.90 - 2.00 = 57.70; its part of 10.00 off is 1000 * 5770 // (5770 + 1598) cents
    assert scarf["discountedTotalSet"]["shopMoney"]["amount"] == "57.7"
    allocated = [
        a["allocatedAmountSet"]["shopMoney"]["amount"] for a in scarf["discountAllocations"]
    ]
    assert allocated == ["2.0", "7.83"]
    assert told["totalPriceSet"]["shopMoney"]["amount"] == "68.68"  # 57.70 + 15.98 - 10 + 5
    assert [line.price for line in shop.truth()[order_id].lines] == [(5770 - 783) // 3, 690]


def test_edits_cancellations_and_refunds_stand_in_the_books(shop):
    query = """query($id: ID!) { order(id: $id) { cancelledAt displayFinancialStatus
      lineItems(first: 5) { nodes { sku quantity currentQuantity refundableQuantity } }
      refunds { refundLineItems(first: 5) { nodes { quantity restockType } } } } }"""
    order_id = shop.place(SALE)
    shop.change_units(order_id, "SCARF", 2)
    shop.refund(order_id, {"SOCKS": 1}, restock=True)

    told = ask(shop, query, id=f"gid://shopify/Order/{order_id}")["data"]["order"]
    scarf, socks = told["lineItems"]["nodes"]
    assert (scarf["quantity"], scarf["currentQuantity"]) == (3, 2)
    assert (socks["quantity"], socks["refundableQuantity"]) == (2, 1)
    assert told["displayFinancialStatus"] == "PARTIALLY_REFUNDED"
    types = [r["refundLineItems"]["nodes"][0]["restockType"] for r in told["refunds"]]
    assert types == ["NO_RESTOCK", "CANCEL"]
    assert {line.sku: line.units for line in shop.truth()[order_id].lines} == {
        "SCARF": 2,
        "SOCKS": 1,
    }
    assert len(shop.refunds(order_id)) == 1
    assert shop.stock("SOCKS") == 1000 - 2 + 1

    shop.cancel(order_id)
    told = ask(shop, query, id=f"gid://shopify/Order/{order_id}")["data"]["order"]
    assert told["cancelledAt"]
    assert {line["currentQuantity"] for line in told["lineItems"]["nodes"]} == {0}
    assert told["displayFinancialStatus"] == "REFUNDED"


def test_a_season_of_orders_takes_no_room_and_pages(shop):
    shop.stock_up(30_000)

    page = ask(shop, LIST, first=250)["data"]["orders"]
    counted = ask(shop, "{ ordersCount(limit: 100) { count precision } }")

    assert len(page["edges"]) == 250
    assert counted["data"]["ordersCount"] == {"count": 100, "precision": "AT_LEAST"}
    name = ask(shop, LIST, query="name:#20000")["data"]["orders"]["edges"][0]["node"]["name"]
    assert name == "#20000"


def test_nobody_pages_past_25_000(shop):
    shop.stock_up(25_100)
    keys = shop.shelf.keys("UPDATED_AT")
    seconds, id = keys[25_000]
    told = {"last_id": id, "last_value": str(seconds)}
    cursor = base64.b64encode(json.dumps(told).encode()).decode()

    assert ask(shop, LIST, after=cursor)["errors"]
