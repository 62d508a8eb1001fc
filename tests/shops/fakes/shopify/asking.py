"""How the tests of the fake Shopify ask it: plain HTTP and the schema's own words."""

from typing import Any

import httpx

from tests.shops.fakes.shop import Line, Sale
from tests.shops.fakes.shopify import FakeShopify

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


def own_token(shop: FakeShopify, **changes: str) -> httpx.Response:
    told = {
        "grant_type": "client_credentials",
        "client_id": shop.client_id,
        "client_secret": shop.client_secret,
    }
    return httpx.post(f"{shop.url}/admin/oauth/access_token", data=told | changes)
