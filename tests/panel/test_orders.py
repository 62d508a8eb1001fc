"""Incoming orders: they are there, can be found, and say which rule gave them their brand."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rientro.models import Order
from tests import makers
from tests.panel.places import place


def numbers(answer):
    return sorted(order.number for order in answer.context["page"].rows)


def test_the_list_asks_as_often_for_three_orders_as_for_one(owner, house):
    owner.get(place("orders"))
    with CaptureQueriesContext(connection) as one:
        owner.get(place("orders"))
    for _more in range(2):
        makers.make_return(makers.make_order(house.other_brand))
    with CaptureQueriesContext(connection) as three:
        owner.get(place("orders"))

    assert len(three) == len(one)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=%23br+10-001", ["BR-10001"]),
        ("q=oldenburg", ["NL-1"]),
        ("q=k.o@example.test", ["NL-1"]),
        ("q=20099", ["NL-1"]),
        ("q=nothing", []),
        ("integration={shop}", ["BR-10001"]),
        ("brand={other}", ["NL-1"]),
        ("country=DE", ["NL-1"]),
        ("rule=default", ["NL-1"]),
        ("rule=rule", ["BR-10001"]),
        ("returned=1", ["BR-10001"]),
        ("returned=0", ["NL-1"]),
        ("integration=nonsense", ["BR-10001", "NL-1"]),
    ],
)
def test_filters_and_words_narrow_the_list(owner, house, query, found):
    Order.objects.filter(pk=house.order.pk).update(number="BR-10001", number_norm="br10001")
    makers.make_order(
        house.other_brand,
        number="NL-1",
        name="Kirsten Oldenburg",
        country="DE",
        postal_code="20099",
        email_norm="k.o@example.test",
        brand_by_default=True,
    )
    query = query.format(shop=house.shop.pk, other=house.other_brand.pk)

    assert numbers(owner.get(f"{place('orders')}?{query}")) == found


def test_orders_on_the_default_brand_are_counted_in_a_banner(owner, house):
    makers.make_order(house.brand, brand_by_default=True)

    page = owner.get(place("orders")).content.decode()

    assert "1 order fell on the default brand" in page
    assert f"{place('orders')}?rule=default" in page
    assert place("rules") in page


def test_one_brand_needs_no_banner(owner, house):
    house.other_brand.archived_at = makers.NOW
    house.other_brand.save()
    makers.make_order(house.brand, brand_by_default=True)

    assert "fell on the default brand" not in owner.get(place("orders")).content.decode()


def test_the_person_is_forgotten_on_request(owner, house):
    order = makers.make_order(house.brand)

    owner.post(place("order_redact", order.pk))

    order.refresh_from_db()
    assert (order.name, order.email, order.redacted_at is not None) == ("", "", True)
    assert "Forgotten on" in owner.get(place("order", order.pk)).content.decode()


def test_an_open_return_keeps_the_person(owner, house):
    answer = owner.post(place("order_redact", house.order.pk), follow=True)

    house.order.refresh_from_db()
    assert house.order.name == "Giulia Ferrero"
    assert "still under way" in answer.content.decode()


def test_the_rules_of_today_judge_an_order_again(owner, house):
    order = makers.make_order(
        house.other_brand,
        integration=house.shop,
        sender_address=house.other_address,
        brand_by_default=True,
    )

    owner.post(place("order_rules", order.pk))

    order.refresh_from_db()
    assert (order.brand_id, order.sender_address_id, order.brand_by_default) == (
        house.brand.pk,
        house.address.pk,
        False,
    )
    page = owner.get(place("order", order.pk)).content.decode()
    assert "Shop A to Milano" in page


def test_an_order_without_lines_says_so(owner, house):
    order = makers.make_order(house.brand, lines=[])

    assert "came without lines" in owner.get(place("order", order.pk)).content.decode()


@pytest.mark.parametrize(
    ("words", "goes_to"),
    [
        ("{number}", "return"),
        ("3srntr 77", "return"),
        ("SINGLE-1", "order"),
    ],
)
def test_the_one_search_goes_straight_there(owner, house, words, goes_to):
    from rientro.models import Parcel

    Parcel.objects.create(
        ret=house.ret, carrier_code="sandbox", tracking_number="3SRNTR77", created_at=makers.NOW
    )
    alone = makers.make_order(house.brand, number="SINGLE-1")
    target = {"return": place("return", house.ret.number), "order": place("order", alone.pk)}

    answer = owner.get(place("search"), {"q": words.format(number=house.ret.number)})

    assert (answer.status_code, answer["Location"]) == (302, target[goes_to])


def test_the_search_shows_what_it_may_be(owner, house, strangers):
    answer = owner.get(place("search"), {"q": "giulia"})

    found = [ret.number for ret in answer.context["returns"]]
    assert (found, len(answer.context["orders"])) == ([house.ret.number], 1)


@pytest.mark.parametrize("words", ["", "  ", "\x00", "%", "_", "'", "x" * 500])
def test_any_words_may_be_searched_for(owner, house, words):
    assert owner.get(place("search"), {"q": words}).status_code == 200


def test_the_search_asks_as_often_for_three_as_for_one(owner, house):
    makers.make_return(makers.make_order(house.brand))
    owner.get(place("search"), {"q": "giulia"})
    with CaptureQueriesContext(connection) as one:
        owner.get(place("search"), {"q": "giulia"})
    makers.make_return(makers.make_order(house.other_brand))
    with CaptureQueriesContext(connection) as three:
        owner.get(place("search"), {"q": "giulia"})

    assert len(three) == len(one)


def test_the_trace_says_the_rule_in_words(owner, house):
    order = makers.make_order(house.brand, integration=house.shop, sender_address=house.address)

    owner.post(place("order_rules", order.pk))

    page = owner.get(place("order", order.pk))
    reason = page.context["brand_reason"]
    assert reason.sentence == "Sartoria Brina, because integration is Shop A"
    assert reason.source == "Shipping rule “Shop A to Milano”, version 1"
