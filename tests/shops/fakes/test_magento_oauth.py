"""The fake Magento's other way in: requests that the integration signed."""

from urllib.parse import parse_qs, quote

import httpx

from tests.fake_server import Heard, running
from tests.shops.fakes.magento import Magento
from tests.shops.fakes.test_magento import SALE, where


def test_a_signature_of_the_integration_counts_where_a_bearer_does_not() -> None:
    with running(Magento()) as shop:
        _try(shop)


def _try(shop: Magento) -> None:
    shop.bearer_allowed = False
    order_id = shop.place(SALE)
    query = where("increment_id", "000000001")

    def signed(nonce: str, signature: str = "") -> httpx.Response:
        said = {
            "oauth_consumer_key": shop.integration.consumer_key,
            "oauth_token": shop.integration.access_token,
            "oauth_nonce": nonce,
            "oauth_timestamp": "1793600000",
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_version": "1.0",
        }
        asked = httpx.Request("GET", f"{shop.url}/rest/V1/orders?{query}")
        parsed = parse_qs(asked.url.query.decode())
        heard = Heard("GET", "/rest/V1/orders", parsed, {"host": asked.headers["host"]}, b"")
        said["oauth_signature"] = signature or shop.integration.signature(heard, said)
        words = ", ".join(f'{n}="{quote(v, safe="")}"' for n, v in said.items())
        return httpx.get(asked.url, headers={"Authorization": f"OAuth {words}"}, timeout=10)

    assert signed("n1").json()["items"][0]["entity_id"] == int(order_id)
    assert signed("n1").status_code == 401
    assert signed("n2", "AAAA").json() == {
        "message": "The signature is invalid. Verify and try again."
    }
