"""Shopware's order becomes ours: what each line really cost, where it went, what of it came back."""

from datetime import UTC, datetime
from typing import Any

from rientro.shops.base import ShopOrder, TakenBack, Told, Unreadable
from rientro.shops.shopware.orders import newest, told

URL = "https://shop.example"


def line(name: str, quantity: int, total: float, **more: Any) -> dict[str, Any]:
    kind = more.pop("type", "product")
    taxes = more.pop("taxes", [])
    price = {"totalPrice": total, "quantity": quantity, "calculatedTaxes": taxes}
    words = {"id": f"id-{name}", "identifier": f"cart-{name}", "type": kind, "label": name}
    payload = {"productNumber": name.upper()} | more.pop("payload", {})
    return words | {"quantity": quantity, "price": price, "payload": payload} | more


def row(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    address = {"firstName": "Ada", "lastName": "Rossi", "street": "Via Roma 1"}
    address |= {"zipcode": "50123", "city": "Firenze", "country": {"iso": "IT"}}
    delivery = {
        "shippingOrderAddress": address,
        "trackingCodes": [],
        "shippingCosts": {"totalPrice": 5},
    }
    delivery["stateMachineState"] = {"technicalName": "open"}
    found = {"id": "a" * 32, "orderNumber": "10001", "amountTotal": 80.0, "taxStatus": "gross"}
    found |= {"orderDateTime": "2026-11-02T09:00:00.000+00:00", "currency": {"isoCode": "EUR"}}
    found |= {"createdAt": "2026-11-02T09:00:00.100+00:00", "updatedAt": None}
    found |= {"stateMachineState": {"technicalName": "open"}, "deliveries": [delivery]}
    found |= {"orderCustomer": {"email": "ada@example.com"}, "lineItems": list(lines)}
    return found | more


def read(found: dict[str, Any]) -> ShopOrder:
    answer: Told = told(found, url=URL)
    assert isinstance(answer, ShopOrder), answer
    return answer


def prices(found: dict[str, Any]) -> dict[str, int]:
    return {each.sku: each.price_minor for each in read(found).order.lines or ()}


def test_an_order_says_who_bought_what_and_where_it_went():
    order = read(row(line("shirt", 3, 75.0))).order

    assert (order.number, order.email, order.name) == ("10001", "ada@example.com", "Ada Rossi")
    assert (order.street, order.postal_code, order.country) == ("Via Roma 1", "50123", "IT")
    assert (order.currency, order.total_minor, order.channel) == ("EUR", 8000, "web")
    assert order.facts["shop_admin_url"] == f"{URL}/admin#/sw/order/detail/{'a' * 32}"
    assert (order.fulfilled_at, order.cancelled_at) == (None, None)


def test_a_promotion_is_off_the_lines_that_it_names():
    composition = [{"id": "cart-shirt", "quantity": 3, "discount": 10.0}]
    promotion = line("ten", 1, -10.0, type="promotion", payload={"composition": composition})

    assert prices(row(line("shirt", 3, 75.0), line("mug", 1, 9.99), promotion)) == {
        "SHIRT": 2166,
        "MUG": 999,
    }


def test_a_credit_without_a_composition_is_spread_by_what_the_lines_cost():
    credit = line("credit", 1, -8.0, type="credit")

    assert prices(row(line("shirt", 2, 60.0), line("mug", 1, 20.0), credit)) == {
        "SHIRT": 2700,
        "MUG": 1800,
    }


def test_net_prices_get_their_tax():
    taxes = [{"tax": 22.0, "taxRate": 22, "price": 100.0}]

    assert prices(row(line("shirt", 1, 100.0, taxes=taxes), taxStatus="net")) == {"SHIRT": 12200}
    assert prices(row(line("shirt", 1, 122.0, taxes=taxes))) == {"SHIRT": 12200}
    assert prices(row(line("shirt", 1, 100.0, taxes=taxes), taxStatus="tax-free")) == {
        "SHIRT": 10000
    }


def test_yen_have_no_parts():
    assert prices(row(line("mug", 2, 999.0), currency={"isoCode": "JPY"})) == {"MUG": 499}


def test_of_a_container_its_parts_are_held_in_hands():
    box = line("box", 1, 30.0, type="container")
    part = line("part", 2, 30.0, parentId="id-box")

    assert prices(row(box, part)) == {"PART": 1500}


def test_a_variant_says_its_options_and_its_weight():
    options = [{"group": "Colour", "option": "Red"}, {"group": "Size", "option": "M"}]
    product = {"weight": 0.3, "parentId": "parent"}
    shirt = line("shirt", 1, 25.0, payload={"options": options}, product=product, productId="child")
    shirt["cover"] = {"url": "https://shop.example/media/shirt.jpg"}

    found = (read(row(shirt)).order.lines or ())[0]

    assert (found.variant, found.weight_g) == ("Red / M", 300)
    assert (found.product_id, found.variant_id) == ("parent", "child")
    assert found.image_url == "https://shop.example/media/shirt.jpg"


def test_free_postage_is_no_delivery_of_goods():
    order = row(line("shirt", 1, 25.0))
    refunded = {"shippingCosts": {"totalPrice": -5}, "trackingCodes": ["NOT THIS"]}
    order["deliveries"] = [refunded, order["deliveries"][0] | {"trackingCodes": ["RR1"]}]

    assert read(order).order.outbound_tracking_number == "RR1"


def test_what_was_sent_is_sent_and_what_is_cancelled_is_cancelled():
    order = row(line("shirt", 1, 25.0))
    order["deliveries"][0] |= {
        "stateMachineState": {"technicalName": "shipped"},
        "updatedAt": "2026-11-03T10:00:00.000+00:00",
    }

    sent = read(order).order
    gone = read(
        row(
            line("shirt", 1, 25.0),
            stateMachineState={"technicalName": "cancelled"},
            updatedAt="2026-11-04T10:00:00.000+00:00",
        )
    ).order

    assert sent.fulfilled_at == datetime(2026, 11, 3, 10, tzinfo=UTC)
    assert gone.cancelled_at == datetime(2026, 11, 4, 10, tzinfo=UTC)


def test_units_of_a_completed_refund_are_taken_back_and_those_of_another_are_not():
    def refund(state: str, units: int) -> dict[str, Any]:
        positions = [{"orderLineItemId": "id-shirt", "quantity": units}]
        stamp = "2026-11-05T10:00:00.000+00:00"
        words = {"stateMachineState": {"technicalName": state}, "createdAt": stamp}
        return words | {"positions": positions}

    refunds = [refund("completed", 1), refund("failed", 2)]
    paid = {"stateMachineState": {"technicalName": "refunded_partially"}}
    paid |= {"captures": [{"refunds": refunds}]}

    back = read(row(line("shirt", 3, 75.0), transactions=[paid])).taken_back

    at = datetime(2026, 11, 5, 10, tzinfo=UTC)
    assert back == {"id-shirt": [TakenBack(units=1, at=at)]}


def test_of_a_refunded_payment_nothing_is_left():
    paid = {"stateMachineState": {"technicalName": "refunded"}, "updatedAt": None}

    assert read(row(line("shirt", 3, 75.0), transactions=[paid])).taken_back == {
        "id-shirt": [TakenBack(units=3, at=None)]
    }


def test_the_newest_stamp_is_that_of_any_part():
    order = row(line("shirt", 1, 25.0))
    order["deliveries"][0]["updatedAt"] = "2026-11-09T10:00:00.000+00:00"

    assert newest(order) == datetime(2026, 11, 9, 10, tzinfo=UTC)


def test_an_order_that_cannot_be_read_says_why():
    answer = told(row(line("shirt", 1, 25.0), currency=None), url=URL)
    odd = told(row(line("shirt", 1, "many")), url=URL)  # type: ignore[arg-type]

    many = told(row(line("shirt", 10**30, 25.0)), url=URL)

    assert isinstance(answer, Unreadable)
    assert answer.number == "10001"
    assert isinstance(many, Unreadable)
    assert isinstance(odd, Unreadable)


def test_hostile_words_do_no_harm():
    order = row(line("shirt\x00" * 5000, 1, 25.0), tags=[{"name": None}, "x", {"name": "vip"}])
    order["deliveries"][0]["trackingCodes"] = [None, 7, "RR1\x00"]
    order["orderCustomer"] = ["not an object"]

    found = read(order).order

    assert found.tags == ["vip"]
    assert found.email == ""
    assert "\x00" not in (found.lines or ())[0].name
