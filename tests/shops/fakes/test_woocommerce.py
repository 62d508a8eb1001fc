"""The fake WooCommerce by plain HTTP: who is let in, what lists say, what refunds and webhooks leave behind."""

import base64
import hashlib
import hmac
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.fake_server import running
from tests.shops.fakes.shop import Line, Sale, ShopkeeperMay
from tests.shops.fakes.woocommerce import FakeWooCommerce

RECORDINGS = Path(__file__).parents[1] / "recordings" / "woocommerce"
SCARF = Line("SCARF-R", "Scarf", 2, 3990, discount=101, variant="Red", weight_g=180, hs_code="6214")
SOCKS = Line("SOCKS", "Socks", 3, 799, weight_g=60, image="https://shop.example/socks.jpg")


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with running(FakeWooCommerce(over_tls=True)) as fake:
        yield fake


def client(fake: FakeWooCommerce) -> httpx.Client:
    keys = fake.credentials
    return httpx.Client(
        base_url=f"{fake.url}/wp-json/wc/v3",
        auth=(keys["consumer_key"], keys["consumer_secret"]),
        timeout=10,
    )


def signed(fake: FakeWooCommerce, method: str, path: str, **told: str) -> dict[str, str]:
    """The parameters of a request with an OAuth 1.0a signature (RFC 5849, 3.4), no token."""
    told |= {
        "oauth_consumer_key": fake.credentials["consumer_key"],
        "oauth_timestamp": str(int(time.time())),
        "oauth_nonce": hashlib.md5(repr(sorted(told.items())).encode()).hexdigest(),
        "oauth_signature_method": "HMAC-SHA256",
    }
    pairs = "&".join(f"{quote(k, safe='~')}={quote(told[k], safe='~')}" for k in sorted(told))
    base = "&".join(quote(part, safe="~") for part in (method, fake.url + path, pairs))
    secret = f"{fake.credentials['consumer_secret']}&".encode()
    made = hmac.new(secret, base.encode(), hashlib.sha256).digest()
    return told | {"oauth_signature": base64.b64encode(made).decode()}


# Who is let in


def test_on_plain_http_basic_makes_nobody_known_and_a_signature_does() -> None:
    path = "/wp-json/wc/v3/orders"
    with running(FakeWooCommerce()) as fake:
        keys = tuple(fake.credentials.values())
        basic = httpx.get(fake.url + path, auth=keys)
        good = signed(fake, "GET", path, status="processing,completed", search="a b+c")
        answers = [httpx.get(fake.url + path, params=good).status_code]
        again = httpx.get(fake.url + path, params=good).json()
        wrong = httpx.get(fake.url + path, params=good | {"search": "x"}).json()
        part = httpx.get(fake.url + path, params={"oauth_nonce": "x"}).json()

    assert (basic.status_code, basic.json()["code"]) == (401, "woocommerce_rest_cannot_view")
    assert answers == [200]
    assert again["message"] == "Invalid nonce - nonce has already been used."
    assert wrong["message"] == "Invalid signature - provided signature does not match."
    assert part["code"] == "woocommerce_rest_authentication_missing_parameter"


def test_keys_are_refused_in_the_words_of_the_real_shop(shop: FakeWooCommerce) -> None:
    url, key, secret = f"{shop.url}/wp-json/wc/v3", *shop.credentials.values()
    shop.add_key("ck_read", "cs", "read")
    shop.add_key("ck_clerk", "cs", manager=False)

    def said(method: str, path: str, keys: tuple[str, str] | None = None) -> tuple[int, str]:
        answer = httpx.request(method, url + path, auth=keys, json={} if method == "POST" else None)
        return answer.status_code, f"{answer.json()['code']}: {answer.json()['message']}"

    nobody = "woocommerce_rest_cannot_view: Sorry, you cannot list resources."
    wrong = "woocommerce_rest_authentication_error: Consumer secret is invalid."
    no_write = (
        "woocommerce_rest_authentication_error: "
        "The API key provided does not have write permissions."
    )
    assert said("GET", "/orders") == (401, nobody)
    assert said("GET", "/orders", ("ck_none", secret)) == (401, nobody)
    assert said("GET", "/orders", (key, "cs_wrong")) == (401, wrong)
    assert said("GET", "/orders", ("ck_clerk", "cs")) == (403, nobody)
    assert said("POST", "/webhooks", ("ck_read", "cs")) == (401, no_write)
    in_query = {"consumer_key": key, "consumer_secret": secret}
    assert httpx.get(f"{url}/orders", params=in_query).status_code == 200


def test_a_closed_site_and_plain_permalinks_answer_with_pages(shop: FakeWooCommerce) -> None:
    shop.down = True
    closed = httpx.get(f"{shop.url}/wp-json/")
    shop.down, shop.plain_permalinks = False, True
    missing = httpx.get(f"{shop.url}/wp-json/")

    assert (closed.status_code, closed.headers["retry-after"]) == (503, "600")
    assert missing.status_code == 404
    assert missing.text.startswith("<!DOCTYPE html>")


# Lists


def test_pages_walk_every_order_once_and_say_how_many(shop: FakeWooCommerce) -> None:
    placed = [shop.place(Sale(lines=(SOCKS,))) for _ in range(7) if shop.tick(0.4)]
    seen, url = [], "/orders?per_page=3&orderby=modified&order=asc"
    with client(shop) as asked:
        while url:
            answer = asked.get(url)
            seen += [str(order["id"]) for order in answer.json()]
            url = answer.links.get("next", {}).get("url", "")
        beyond = asked.get("/orders", params={"page": 9})
        too_many = asked.get("/orders", params={"per_page": 101})

    assert seen == placed
    assert (answer.headers["x-wp-total"], answer.headers["x-wp-totalpages"]) == ("7", "3")
    assert (beyond.status_code, beyond.json()) == (200, [])
    assert (too_many.status_code, too_many.json()["code"]) == (400, "rest_invalid_param")


def test_an_order_that_changes_moves_to_the_end_of_a_walk(shop: FakeWooCommerce) -> None:
    placed = [shop.place(Sale(lines=(SOCKS,))) for _ in range(4) if shop.tick(5)]
    told = {"per_page": 2, "orderby": "modified", "order": "asc"}
    with client(shop) as asked:
        first = asked.get("/orders", params=told).json()
        shop.tick(5)
        shop.edit(placed[0], city="Prato")
        second = asked.get("/orders", params=told | {"page": 2}).json()

    assert [str(order["id"]) for order in first] == placed[:2]
    assert [str(order["id"]) for order in second] == [placed[3], placed[0]]  # placed[2] is skipped


def test_modified_after_is_later_than_in_seconds_and_in_the_sites_own_time(
    shop: FakeWooCommerce,
) -> None:
    shop.place(Sale(lines=(SOCKS,)))  # 09:00:00 GMT, 10:00:00 in Rome
    cases = {
        ("2026-11-02T08:59:59", "true"): 1,
        ("2026-11-02T09:00:00", "true"): 0,
        ("2026-11-02T09:59:59", "false"): 1,
        ("2026-11-02T10:00:00", "false"): 0,
        # A zone is turned into the site's time even where GMT is compared with.
        ("2026-11-02T08:59:59Z", "true"): 0,
        ("2026-11-02T07:59:59Z", "true"): 1,
    }
    with client(shop) as asked:
        found = {
            (after, gmt): len(
                asked.get("/orders", params={"modified_after": after, "dates_are_gmt": gmt}).json()
            )
            for after, gmt in cases
        }
        wrong = asked.get("/orders", params={"modified_after": "yesterday"})

    assert found == cases
    assert wrong.status_code == 400


def test_search_and_numbers_of_a_plug_in() -> None:
    with running(FakeWooCommerce(over_tls=True, numbering="BR-")) as shop:
        first = shop.place(Sale(lines=(SOCKS,), email="bob@example.net"))
        second = shop.place(Sale(lines=(SCARF,)))
        with client(shop) as asked:

            def found(**told: str) -> list[str]:
                return [str(order["id"]) for order in asked.get("/orders", params=told).json()]

            assert found(search="bob@") == [first]
            assert found(search="br-00002") == [second]
            assert found(number="BR-00001") == [first]
            assert found(search=first) == [first]
            assert found(include=f"{first},{second}", orderby="include") == [first, second]
            assert found(status="completed") == []
            assert asked.get(f"/orders/{first}").json()["number"] == "BR-00001"
    with running(FakeWooCommerce(over_tls=True)) as shop, client(shop) as asked:
        shop.place(Sale(lines=(SOCKS,)))
        assert len(asked.get("/orders", params={"number": "nothing"}).json()) == 1


def test_a_hundred_thousand_orders_take_little_room_and_are_walked_in_order(
    shop: FakeWooCommerce,
) -> None:
    shop.stock_up(100_000)
    told = {"per_page": 100, "orderby": "modified", "order": "asc", "page": 2}
    with client(shop) as asked:
        first = asked.get("/orders", params=told)
        middle = first.json()[50]
        shop.tick(60)
        shop.edit(str(middle["id"]), city="Prato")
        last = asked.get("/orders", params=told | {"page": 1000}).json()
        late = asked.get(
            "/orders", params={"modified_after": "2026-11-02T08:58:59", "dates_are_gmt": "true"}
        ).json()

    assert first.headers["x-wp-total"] == "100000"
    assert len(shop.orders) == 1
    assert last[-1]["id"] == middle["id"]
    assert [order["id"] for order in late][1:] == [middle["id"]]  # by its creation
    assert len(late) == 2


# Orders and refunds


def test_amounts_of_an_order_add_up_and_say_what_was_paid(shop: FakeWooCommerce) -> None:
    order_id = shop.place(Sale(lines=(SCARF, SOCKS), discount=500))
    with client(shop) as asked:
        order = asked.get(f"/orders/{order_id}").json()
        variant = order["line_items"][0]
        piece = asked.get(
            f"/products/{variant['product_id']}/variations/{variant['variation_id']}"
        ).json()
        parent = asked.get(f"/products/{variant['product_id']}").json()
        unit = asked.get("/settings/products/woocommerce_weight_unit").json()

    paid = {
        line["sku"]: (_minor(line["total"]) + _minor(line["total_tax"])) // line["quantity"]
        for line in order["line_items"]
    }
    truth = shop.truth()[order_id]
    assert paid == {line.sku: line.price for line in truth.lines}
    assert _minor(order["total"]) == 2 * 3990 - 101 + 3 * 799 - 500 + 500
    assert (variant["parent_name"], variant["name"]) == ("Scarf", "Scarf - Red")
    assert (piece["weight"], unit["value"]) == ("0.18", "kg")
    assert {meta["key"]: meta["value"] for meta in parent["meta_data"]} == {"_dhl_hs_code": "6214"}


def test_a_refund_is_written_with_minus_signs_and_puts_goods_back(shop: FakeWooCommerce) -> None:
    order_id = shop.place(Sale(lines=(SOCKS,)))
    with client(shop) as asked:
        line = asked.get(f"/orders/{order_id}").json()["line_items"][0]
        tax = [{"id": line["taxes"][0]["id"], "refund_total": 1.44}]
        row = {"id": line["id"], "quantity": 1, "refund_total": 6.55, "refund_tax": tax}
        told = {
            "amount": "7.99",
            "reason": "R1",
            "line_items": [row],
            "meta_data": [{"key": "_mark", "value": "abc"}],
        }
        before = shop.stock("SOCKS")
        made = asked.post(f"/orders/{order_id}/refunds", json=told)
        listed = asked.get(f"/orders/{order_id}/refunds").json()
        order = asked.get(f"/orders/{order_id}").json()
        too_much = asked.post(f"/orders/{order_id}/refunds", json={"amount": "99.00"})
        by_number = asked.post(f"/orders/{order_id}/refunds", json={"amount": 1})

    back = made.json()["line_items"][0]
    assert (made.status_code, made.json()["amount"]) == (201, "7.99")
    assert (back["quantity"], back["total"], back["total_tax"]) == (-1, "-6.55", "-1.44")
    assert back["meta_data"][0]["value"] == str(line["id"])
    assert listed == [made.json()]
    assert order["refunds"] == [{"id": made.json()["id"], "reason": "R1", "total": "-7.99"}]
    assert shop.stock("SOCKS") == before + 1
    assert (too_much.status_code, too_much.json()["message"]) == (500, "Invalid refund amount.")
    assert by_number.status_code == 400
    assert shop.truth()[order_id].lines[0].units == 2
    assert shop.refunds(order_id)[0].note == "R1 abc"


def test_a_gateway_may_refuse_and_nothing_is_written(shop: FakeWooCommerce) -> None:
    shop.payment_method = "bacs"
    by_bank = shop.place(Sale(lines=(SOCKS,)))
    shop.payment_method, shop.gateway_refuses = "stripe", "Charge has already been refunded."
    by_card = shop.place(Sale(lines=(SOCKS,)))
    with client(shop) as asked:
        told = {"amount": "1.00"}
        answers = [
            asked.post(f"/orders/{order_id}/refunds", json=told) for order_id in (by_bank, by_card)
        ]
        by_hand = asked.post(f"/orders/{by_bank}/refunds", json=told | {"api_refund": False})

    assert [answer.status_code for answer in answers] == [500, 500]
    assert "does not support automatic refunds" in answers[0].json()["message"]
    assert shop.refunds(by_card) == []
    assert by_hand.json()["refunded_payment"] is False


def test_all_of_the_money_back_makes_an_order_refunded(shop: FakeWooCommerce) -> None:
    order_id = shop.place(Sale(lines=(SOCKS,), shipping=0))
    shop.refund(order_id, {"SOCKS": 3}, restock=True)
    with client(shop) as asked:
        order = asked.get(f"/orders/{order_id}").json()

    assert order["status"] == "refunded"
    assert [line.units for line in shop.truth()[order_id].lines] == [0]
    with pytest.raises(ShopkeeperMay):
        shop.cancel(order_id)


def test_the_books_follow_what_the_shopkeeper_does(shop: FakeWooCommerce) -> None:
    order_id = shop.place(Sale(lines=(SCARF, SOCKS)))
    shop.tick(3)
    shop.change_units(order_id, "SOCKS", 1)
    shop.edit(order_id, name="Bob O'Neill", postal_code="20100", email="b@example.net")
    shop.fulfil(order_id, "TRK1")
    with client(shop) as asked:
        order = asked.get(f"/orders/{order_id}").json()
        shop.trash(order_id)
        trashed = asked.get(f"/orders/{order_id}").json()
        listed = asked.get("/orders").json()
        shop.delete(order_id)
        gone = asked.get(f"/orders/{order_id}")

    tracking = {meta["key"]: meta["value"] for meta in order["meta_data"]}
    assert tracking["_wc_shipment_tracking_items"][0]["tracking_number"] == "TRK1"
    assert order["date_completed_gmt"] == order["date_modified_gmt"] == "2026-11-02T09:00:03"
    assert order["date_modified"] == "2026-11-02T10:00:03"
    assert order["billing"]["email"] == "b@example.net"
    assert (trashed["status"], listed) == ("trash", [])
    assert (gone.status_code, gone.json()["code"]) == (
        404,
        "woocommerce_rest_shop_order_invalid_id",
    )
    assert shop.truth() == {}


def test_addresses_come_in_every_shape(shop: FakeWooCommerce) -> None:
    orders = [int(shop.place(Sale(lines=(SOCKS,)))) for _ in range(4)]
    orders.append(int(shop.place(Sale(lines=(SOCKS,), in_store=True))))
    with client(shop) as asked:
        found = [asked.get(f"/orders/{order_id}").json() for order_id in orders]

    assert {order["shipping"]["postcode"] for order in found} == {"", "50123"}
    assert {order["billing"]["postcode"] for order in found} == {"20124", "50123"}
    assert (found[-1]["created_via"], found[-1]["status"]) == ("pos-rest-api", "completed")
    assert {told.postal_code for told in shop.truth().values()} == {"50123"}


# Webhooks, notes, coupons, consent


def test_webhooks_are_signed_and_switched_off_when_nobody_listens(shop: FakeWooCommerce) -> None:
    told = {"topic": "order.updated", "delivery_url": "https://we.example/hook", "secret": "s3"}
    order_id = shop.place(Sale(lines=(SOCKS,)))
    with client(shop) as asked:
        made = asked.post("/webhooks", json=told)
        wrong = asked.post("/webhooks", json=told | {"topic": "order.eaten"})
        ping = shop.outbox.pop()
        shop.tick()
        shop.edit(order_id, city="Prato")
        news = shop.outbox[-1]
        for _ in range(8):
            shop.edit(order_id, city="Prato")
        shop.deliver(lambda *_: 500, random.Random(1))
        after = asked.get(f"/webhooks/{made.json()['id']}").json()
        kept = asked.delete(f"/webhooks/{made.json()['id']}")
        gone = asked.delete(f"/webhooks/{made.json()['id']}", params={"force": "true"})

    made_by = hmac.new(b"s3", news.body, hashlib.sha256).digest()
    assert (made.status_code, made.json()["status"], "secret" in made.json()) == (
        201,
        "active",
        False,
    )
    assert wrong.json()["code"] == "woocommerce_rest_shop_webhook_invalid_topic"
    assert ping.body == f"webhook_id={made.json()['id']}".encode()
    assert "X-WC-Webhook-Signature" not in ping.headers
    assert news.headers["X-WC-Webhook-Signature"] == base64.b64encode(made_by).decode()
    assert json.loads(news.body)["id"] == int(order_id)
    assert after["status"] == "disabled"
    assert (kept.status_code, gone.status_code, shop.hooks) == (501, 200, {})


def test_notes_and_coupons(shop: FakeWooCommerce) -> None:
    order_id = shop.place(Sale(lines=(SOCKS,)))
    shop.fulfil(order_id)
    with client(shop) as asked:
        note = asked.post(f"/orders/{order_id}/notes", json={"note": "Return R-1"})
        notes = asked.get(f"/orders/{order_id}/notes").json()
        coupon = asked.post("/coupons", json={"code": "BACK-1", "amount": "7.99"})
        twice = asked.post("/coupons", json={"code": "back-1", "amount": "7.99"})
        found = asked.get("/coupons", params={"code": "Back-1"}).json()

    assert note.status_code == 201
    assert [row["note"] for row in notes] == [
        "Return R-1",
        "Order status changed from Processing to Completed.",
    ]
    assert shop.notes(order_id) == ["Return R-1"]
    assert (coupon.status_code, coupon.json()["code"]) == (201, "back-1")
    assert twice.json()["code"] == "woocommerce_rest_coupon_code_already_exists"
    assert found == [coupon.json()]


def test_keys_are_handed_over_by_the_page_of_consent(shop: FakeWooCommerce) -> None:
    got: list[dict[str, Any]] = []

    def take(address: str, headers: object, body: bytes) -> int:
        got.append(json.loads(body) | {"to": address})
        return 200

    shop.post_keys = take
    told = {
        "app_name": "Rientro",
        "scope": "read_write",
        "user_id": "42",
        "return_url": "https://we.example/back",
        "callback_url": "https://we.example/keys",
    }
    page = httpx.get(f"{shop.url}/wc-auth/v1/authorize", params=told)
    link = page.text.partition('approve" href="')[2].partition('"')[0].replace("&amp;", "&")
    back = httpx.get(link)
    plain = httpx.get(
        f"{shop.url}/wc-auth/v1/authorize", params=told | {"callback_url": "http://we.example/"}
    )

    assert back.headers["location"] == "https://we.example/back?success=1&user_id=42"
    assert (got[0]["to"], got[0]["user_id"]) == ("https://we.example/keys", "42")
    keys = (got[0]["consumer_key"], got[0]["consumer_secret"])
    assert httpx.get(f"{shop.url}/wp-json/wc/v3/orders", auth=keys).status_code == 200
    assert (plain.status_code, "over SSL" in plain.text) == (401, True)


# The shapes it stands on


def test_answers_have_the_shapes_of_the_documentation(shop: FakeWooCommerce) -> None:
    order_id = shop.place(Sale(lines=(SOCKS,)))
    shop.refund(order_id, {"SOCKS": 1})
    with client(shop) as asked:
        refund = asked.get(f"/orders/{order_id}/refunds").json()[0]
        answers = {
            "order": asked.get(f"/orders/{order_id}").json(),
            "refund": refund,
            "note": asked.post(f"/orders/{order_id}/notes", json={"note": "x"}).json(),
            "webhook": asked.post(
                "/webhooks", json={"topic": "order.created", "delivery_url": "https://e.example"}
            ).json(),
            "coupon": asked.post("/coupons", json={"code": "x", "amount": "1.00"}).json(),
            "refused": httpx.get(f"{shop.url}/wp-json/wc/v3/orders").json(),
        }

    for name, answer in answers.items():
        recorded = json.loads((RECORDINGS / f"{name}.json").read_text())["answer"]
        assert _unlike(recorded, answer, name) == []


def _unlike(recorded: Any, made: Any, where: str) -> list[str]:
    """Where ``made`` lacks a key of ``recorded`` or has another type there. None is any type."""
    if isinstance(recorded, dict):
        if not isinstance(made, dict):
            return [where]
        found = [f"{where}.{key} is missing" for key in recorded if key not in made]
        for key in recorded:
            found += _unlike(recorded[key], made.get(key), f"{where}.{key}")
        return found
    if isinstance(recorded, list):
        rows = made if isinstance(made, list) else []
        return [] if not recorded or not rows else _unlike(recorded[0], rows[0], f"{where}[0]")
    if recorded is None or made is None:
        return []
    number = isinstance(recorded, int | float) and isinstance(made, int | float)
    return [] if number or type(recorded) is type(made) else [f"{where}: {made!r}"]


def _minor(amount: str) -> int:
    return round(float(amount) * 100)
