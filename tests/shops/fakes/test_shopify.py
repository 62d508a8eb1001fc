"""The fake Shopify by plain HTTP: what its documentation and schema say of it, and nothing of our adapter."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from graphql import get_named_type, is_leaf_type, is_union_type

from tests.fake_server import running
from tests.shops.fakes.shop import Line, Sale
from tests.shops.fakes.shopify import FakeShopify
from tests.shops.fakes.shopify.graph import schema

SCARF = Line("SCARF", "Scarf", 3, 1990, discount=200, weight_g=180, hs_code="621410", origin="IT")
SOCKS = Line("SOCKS", "Socks", 2, 799)
SALE = Sale(lines=(SCARF, SOCKS), discount=1000, tags=("vip",))
LIST = """query($query: String, $after: String, $first: Int = 2) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    edges { cursor node { id name updatedAt } } pageInfo { hasNextPage endCursor } } }"""
REFUND = """mutation($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) {
    refund { id note totalRefundedSet { shopMoney { amount } } }
    order { displayFinancialStatus } userErrors { field message } } }"""
SUBSCRIBE = """mutation($topic: WebhookSubscriptionTopic!, $uri: String!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: {uri: $uri}) {
    webhookSubscription { id uri topic } userErrors { field message } } }"""
ADDRESS = "https://house.example/hooks/shops/shopify/x/"


@pytest.fixture
def shop() -> Iterator[FakeShopify]:
    with running(FakeShopify()) as shop:
        yield shop


def ask(
    shop: FakeShopify, text: str, /, *, version: str = "2026-10", token: str = "", **variables: Any
) -> Any:
    answer = httpx.post(
        f"{shop.url}/admin/api/{version}/graphql.json",
        json={"query": text, "variables": variables},
        headers={"X-Shopify-Access-Token": token or shop.access_token},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def refunding(shop: FakeShopify, order_id: str, key: str = "k-1", **told: Any) -> Any:
    order = {"orderId": f"gid://shopify/Order/{order_id}"}
    return ask(shop, REFUND, input=order | told, key=key)["data"]["refundCreate"]


def line_id(order_id: str, place: int = 1) -> str:
    return f"gid://shopify/LineItem/{int(order_id) * 100 + place}"


def paying(order_id: str, amount: str) -> dict[str, Any]:
    return {
        "orderId": f"gid://shopify/Order/{order_id}",
        "parentId": f"gid://shopify/OrderTransaction/{int(order_id) * 100 + 1}",
        "kind": "REFUND",
        "gateway": "shopify_payments",
        "amount": amount,
    }


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


def own_token(shop: FakeShopify, **changes: str) -> httpx.Response:
    told = {
        "grant_type": "client_credentials",
        "client_id": shop.client_id,
        "client_secret": shop.client_secret,
    }
    return httpx.post(f"{shop.url}/admin/oauth/access_token", data=told | changes)


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


# Refunds


def test_a_refund_pays_restocks_and_keeps_its_note(shop):
    order_id = shop.place(SALE)
    shop.fulfil(order_id)
    row = {
        "lineItemId": line_id(order_id),
        "quantity": 1,
        "restockType": "RETURN",
        "locationId": "gid://shopify/Location/71000001",
    }
    before = shop.stock("SCARF")

    told = refunding(
        shop,
        order_id,
        note="R-1",
        refundLineItems=[row],
        shipping={"amount": "2.50"},
        transactions=[paying(order_id, "19.12")],
    )

    assert told["userErrors"] == []
    assert told["refund"]["totalRefundedSet"]["shopMoney"]["amount"] == "19.12"
    assert told["order"]["displayFinancialStatus"] == "PARTIALLY_REFUNDED"
    (refund,) = shop.refunds(order_id)
    assert (refund.amount, refund.units, refund.restocked, refund.note) == (
        1912,
        {"SCARF": 1},
        True,
        "R-1",
    )
    assert shop.stock("SCARF") == before + 1


def test_a_refund_wants_a_key_and_is_made_once_by_it(shop):
    order_id = shop.place(SALE)
    without = REFUND.replace("@idempotent(key: $key)", "").replace(", $key: String!", "")
    told = {"orderId": f"gid://shopify/Order/{order_id}"}
    told["transactions"] = [paying(order_id, "1.00")]  # type: ignore[assignment]
    assert "@idempotent" in ask(shop, without, input=told)["errors"][0]["message"]
    assert ask(shop, without, version="2026-01", input=told)["data"]["refundCreate"]["refund"]

    first = refunding(shop, order_id, transactions=[paying(order_id, "2.00")])
    again = refunding(shop, order_id, transactions=[paying(order_id, "2.00")])
    other = refunding(shop, order_id, transactions=[paying(order_id, "3.00")])

    assert first["refund"]["id"] == again["refund"]["id"]
    assert other["userErrors"]
    assert [refund.amount for refund in shop.refunds(order_id)] == [100, 200]


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"refundLineItems": [{"quantity": 4}]}, "quantity"),
        ({"transactions": ["68.69"]}, "transactions"),
        ({"shipping": {"amount": "5.01"}}, "amount"),
        ({}, None),
    ],
)
def test_a_refund_of_more_than_there_is_is_refused(shop, told, field):
    order_id = shop.place(SALE)
    if "refundLineItems" in told:
        told = {"refundLineItems": [{"lineItemId": line_id(order_id), "quantity": 4}]}
    if "transactions" in told:
        told = {"transactions": [paying(order_id, "68.69")]}

    answer = refunding(shop, order_id, **told)

    (fault,) = answer["userErrors"]
    assert answer["refund"] is None
    assert (fault["field"] or [None])[-1] == field
    assert shop.refunds(order_id) == []


def test_store_credit_goes_to_the_customer(shop):
    order_id = shop.place(SALE)
    amount = {"amount": "10.00", "currencyCode": "EUR"}

    told = refunding(shop, order_id, refundMethods=[{"storeCreditRefund": {"amount": amount}}])

    assert told["userErrors"] == []
    assert shop.credit("ada@example.com") == 1000


def test_the_shop_proposes_a_refund(shop):
    order_id = shop.place(SALE)
    query = """query($id: ID!, $line: ID!) { order(id: $id) {
      suggestedRefund(refundShipping: true, refundLineItems: [{lineItemId: $line, quantity: 1}]) {
        amountSet { shopMoney { amount } } shipping { amountSet { shopMoney { amount } } }
        suggestedTransactions { gateway parentTransaction { id } } } } }"""

    told = ask(shop, query, id=f"gid://shopify/Order/{order_id}", line=line_id(order_id))

    found = told["data"]["order"]["suggestedRefund"]
    assert found["amountSet"]["shopMoney"]["amount"] == "21.62"  # 4987 // 3 and 5.00
    assert found["suggestedTransactions"][0]["gateway"] == "shopify_payments"


def test_a_note_and_tags_are_written(shop):
    order_id = shop.place(SALE)
    note = "mutation($input: OrderInput!) { orderUpdate(input: $input) { userErrors { message } } }"
    tag = 'mutation($id: ID!) { tagsAdd(id: $id, tags: ["back"]) { userErrors { message } } }'
    gid = f"gid://shopify/Order/{order_id}"

    ask(shop, note, input={"id": gid, "note": "Return R-1"})
    ask(shop, tag, id=gid)

    assert shop.notes(order_id) == ["Return R-1"]
    found = ask(shop, "query($id: ID!) { order(id: $id) { tags note } }", id=gid)
    assert found["data"]["order"] == {"tags": ["back", "vip"], "note": "Return R-1"}


# Limits


def test_points_run_out_and_come_back(shop):
    shop.throttle, shop.bucket_size, shop.restore_rate = True, 40.0, 0.0
    shop.place(SALE)

    told = [ask(shop, LIST, first=20) for _ in range(12)]

    assert told[0]["extensions"]["cost"]["throttleStatus"]["maximumAvailable"] == 40.0
    assert told[-1]["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert told[-1]["extensions"]["cost"]["actualQueryCost"] is None
    shop.restore_rate = 100_000.0
    assert ask(shop, LIST, first=20)["data"]


def test_a_query_may_cost_1000_at_the_most(shop):
    inner = "lineItems(first: 250) { nodes { variant { product { featuredImage { url } } } } }"
    deep = " ".join(f"a{n}: {inner}" for n in range(20))
    told = ask(shop, f"{{ orders(first: 250) {{ nodes {{ {deep} }} }} }}")

    assert told["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"


# Webhooks


def test_a_webhook_is_subscribed_signed_and_forgotten(shop):
    made = ask(shop, SUBSCRIBE, topic="ORDERS_UPDATED", uri=ADDRESS)
    again = ask(shop, SUBSCRIBE, topic="ORDERS_UPDATED", uri=ADDRESS)
    subscription = made["data"]["webhookSubscriptionCreate"]["webhookSubscription"]
    assert again["data"]["webhookSubscriptionCreate"]["userErrors"]

    order_id = shop.place(SALE)
    shop.edit(order_id, city="Prato")

    (sent,) = shop.outbox
    digest = hmac.new(shop.client_secret.encode(), sent.body, hashlib.sha256).digest()
    assert sent.headers["X-Shopify-Hmac-Sha256"] == base64.b64encode(digest).decode()
    assert sent.headers["X-Shopify-Topic"] == "orders/updated"
    assert json.loads(sent.body)["admin_graphql_api_id"] == f"gid://shopify/Order/{order_id}"

    forget = """mutation($id: ID!) { webhookSubscriptionDelete(id: $id) {
      deletedWebhookSubscriptionId userErrors { message } } }"""
    assert ask(shop, forget, id=subscription["id"])["data"]["webhookSubscriptionDelete"]
    shop.outbox.clear()
    shop.edit(order_id, city="Siena")
    assert shop.outbox == []


def test_a_subscription_wants_a_right_and_an_address(shop):
    shop.https_only = True
    told = ask(shop, SUBSCRIBE, topic="ORDERS_CREATE", uri="http://house.example/x")
    (fault,) = told["data"]["webhookSubscriptionCreate"]["userErrors"]
    assert fault["message"] == "Address protocol http:// is not supported"

    shop.granted -= {"read_orders"}
    told = ask(shop, SUBSCRIBE, topic="ORDERS_CREATE", uri=ADDRESS)
    (fault,) = told["data"]["webhookSubscriptionCreate"]["userErrors"]
    assert "permission" in fault["message"]


def test_privacy_and_leaving_are_told(shop):
    order_id = int(shop.place(SALE))
    shop.compliance_address = ADDRESS
    ask(shop, SUBSCRIBE, topic="APP_UNINSTALLED", uri=ADDRESS)

    shop.ask_for_data(SALE.email)
    shop.redact_customer(SALE.email)
    shop.uninstall()
    shop.redact_shop()

    told = [(sent.headers["X-Shopify-Topic"], json.loads(sent.body)) for sent in shop.outbox]
    assert [topic for topic, _ in told] == [
        "customers/data_request",
        "customers/redact",
        "app/uninstalled",
        "shop/redact",
    ]
    assert told[0][1]["orders_requested"] == [order_id]
    assert told[1][1]["orders_to_redact"] == [order_id]
    assert told[1][1]["customer"]["email"] == SALE.email
    assert shop.scopes_of(shop.access_token) is None


def test_a_shop_that_is_down_says_503_in_html(shop):
    shop.down = True
    answer = httpx.post(f"{shop.url}/admin/api/2026-10/graphql.json", json={})

    assert answer.status_code == 503
    assert answer.text.startswith("<!DOCTYPE html>")
