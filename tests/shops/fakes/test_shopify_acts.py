"""The fake Shopify by plain HTTP: refunds, limits, webhooks, and the shapes of its documentation."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fake_server import running
from tests.shops.fakes.shopify import FakeShopify
from tests.shops.fakes.shopify.asking import (
    ADDRESS,
    LIST,
    REFUND,
    SALE,
    SUBSCRIBE,
    ask,
    line_id,
    own_token,
    paying,
    refunding,
)
from tests.shops.fakes.shopify.graph import RECORDINGS


@pytest.fixture
def shop() -> Iterator[FakeShopify]:
    with running(FakeShopify()) as shop:
        yield shop


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


# What stands in the recordings


def recorded(name: str) -> Any:
    return json.loads((RECORDINGS / f"{name}.json").read_text())["answer"]


def shape(value: Any) -> Any:
    """Keys and types; of a list its first."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else type(value).__name__


def test_tokens_have_the_shape_of_the_documentation(shop):
    assert shape(own_token(shop).json()) == shape(recorded("token"))


def test_refusals_have_the_shape_of_the_documentation(shop):
    shop.place(SALE)
    shop.granted -= {"read_customers"}
    denied = ask(shop, "{ orders(first: 1) { nodes { customer { id } } } }")
    assert shape(denied["errors"]) == shape(recorded("denied")["errors"])
    assert denied["errors"][0]["message"] == recorded("denied")["errors"][0]["message"]

    shop.throttle, shop.bucket_size = True, 1.0
    assert shape(ask(shop, LIST)) == shape(recorded("throttled"))


def test_privacy_has_the_shape_of_the_documentation(shop):
    shop.place(SALE)
    shop.compliance_address = ADDRESS
    shop.redact_customer(SALE.email)

    (sent,) = shop.outbox
    assert shape(json.loads(sent.body)) == shape(recorded("redact"))
