"""Rules and policy asked for nothing: what an order would get, what a return would be told."""

from datetime import UTC, datetime

import pytest

from rientro.models import Event, Order, ReturnRule, ShippingRule
from tests import makers
from tests.api.checking import checked

pytestmark = pytest.mark.django_db
NOW = makers.NOW
RULES = "/api/rientro/v1/shipping-rules/try"
RETURN = "/api/rientro/v1/returns/try"


def tried(machine, body, status=200):
    answer = machine.ask("POST", RULES, body)
    assert answer.status_code == status, answer.content
    return checked(answer, "rientro_try_shipping_rules")


def asked(machine, body, status=200):
    answer = machine.ask("POST", RETURN, body)
    assert answer.status_code == status, answer.content
    return checked(answer, "rientro_try_return")


def make_rule(address, conditions, **fields):
    values = {
        "name": f"To {address.label}",
        "position": ShippingRule.objects.count() + 1,
        "conditions": [
            dict(zip(("property", "operator", "compare_to"), each, strict=True))
            for each in conditions
        ],
        "actions": [{"identifier": "ship_with_address", "value": str(address.pk)}],
        "created_at": NOW,
        "updated_at": NOW,
    }
    return ShippingRule.objects.create(**values | fields)


# Shipping rules


def test_facts_of_an_order_that_does_not_exist_find_their_rule(machine):
    berlin = makers.make_address(makers.make_brand(name="Nord"), label="Berlin", city="Berlin")
    rule = make_rule(berlin, [("destination_country", "is", "DE"), ("tag", "is", "gift")])
    make_rule(berlin, [("sku", "is", "X")], match_all=False, name="Never")

    told = tried(machine, {"facts": {"country": "de", "tags": ["Gift"], "value": "49.90"}})

    assert told["address"] == {"id": berlin.pk, "label": "Berlin", "city": "Berlin"}
    assert told["brand"]["name"] == "Nord"
    assert told["rule"] == {"id": rule.pk, "name": "To Berlin"}
    assert (told["on_default_brand"], told["changes_order"]) == (False, None)
    assert [row["matched"] for row in told["trace"]] == [True, False]
    assert told["trace"][0]["conditions"] == [
        {
            "property": "destination_country",
            "operator": "is",
            "compare_to": "DE",
            "answer": True,
        },
        {"property": "tag", "operator": "is", "compare_to": "gift", "answer": True},
    ]


def test_where_no_rule_chooses_the_default_stands(machine):
    makers.make_brand()

    told = tried(machine, {"facts": {}})

    assert told["rule"] is None
    assert told["address"]["label"] == "Milano"
    assert told["on_default_brand"] is True
    assert told["trace"] == []


def test_an_order_is_asked_about_by_number_and_by_id_and_stays_as_it_is(machine):
    order = makers.make_order(number="#BR 7/1", integration=machine.integration)
    other = makers.make_address(makers.make_brand(), label="Other")
    make_rule(other, [("integration", "is", str(machine.integration.pk))])
    before = Order.objects.values().get(pk=order.pk)
    events = Event.objects.count()

    by_number = tried(machine, {"order": "br 7/1"})
    by_id = tried(machine, {"order": str(order.shipment_uuid)})

    assert by_number == by_id
    assert by_number["address"]["id"] == other.pk
    assert by_number["changes_order"] is True
    assert Order.objects.values().get(pk=order.pk) == before
    assert Event.objects.count() == events


def test_another_integration_is_asked_about_by_a_key_of_every_shop_alone(machine):
    other = makers.make_integration()
    berlin = makers.make_address(makers.make_brand(), label="Berlin")
    make_rule(berlin, [("integration", "is", str(other.pk))])
    question = {"facts": {"integration_id": other.pk}}

    tried(machine, question, status=404)
    machine.key.every_shop = True
    machine.key.save()

    assert tried(machine, question)["address"]["label"] == "Berlin"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "order"),
        ({"order": "1", "facts": {}}, "order"),
        ({"order": ""}, "order"),
        ({"order": 1.5}, "order"),
        ({"facts": []}, "facts"),
        ({"facts": {"country": "DEU"}}, "facts/country"),
        ({"facts": {"channel": "pigeon"}}, "facts/channel"),
        ({"facts": {"skus": "x"}}, "facts/skus"),
        ({"facts": {"tags": [1]}}, "facts/tags"),
        ({"facts": {"value": "1.005"}}, "facts/value"),
        ({"facts": {"value": "x"}}, "facts/value"),
        ({"facts": {"value": "1", "currency": "E1"}}, "facts/currency"),
        ({"facts": {"weight_g": -1}}, "facts/weight_g"),
        ({"facts": {"integration_id": "x"}}, "facts/integration_id"),
    ],
)
def test_facts_that_cannot_be_read_are_told_by_their_place(machine, body, field):
    assert field in tried(machine, body, status=400)["error"]["facts"]["fields"]


def test_an_order_of_a_stranger_or_of_another_shop_is_not_there(machine, stranger):
    mine = makers.make_order(integration=machine.integration)
    other = makers.make_order()

    tried(machine, {"order": other.number}, status=404)
    tried(stranger, {"order": str(mine.shipment_uuid)}, status=404)
    asked(stranger, {"order": mine.number}, status=404)


def test_two_orders_of_one_number_are_told_apart_by_their_ids(machine):
    for key in ("a", "b"):
        makers.make_order(number="7", external_order_id=key, integration=machine.integration)

    told = tried(machine, {"order": "7"}, status=409)

    assert told["error"]["code"] == "order_number_ambiguous"
    assert asked(machine, {"order": "7"}, status=409)["error"] == told["error"]


# Return policy


def order_of(machine, **fields):
    brand = makers.make_brand(portal={"fee_minor": 490, "fee_currency": "EUR", "window_days": 30})
    return makers.make_order(brand, integration=machine.integration, **fields)


def test_without_items_all_that_is_left_is_asked_about(machine):
    lines = [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1, "returned_quantity": 1}]
    order = order_of(machine, lines=lines)

    told = asked(machine, {"order": order.number, "date": "2026-11-24"})

    assert (told["eligible"], told["verdict"], told["because"]) == (True, "accept", "in_time")
    assert [(item["sku"], item["quantity"], item["left"]) for item in told["items"]] == [
        ("A", 2, 2)
    ]
    assert told["until"] == "2026-12-14"
    assert told["withdrawal_until"] == "2026-11-30"
    assert told["money"] == {
        "currency": "EUR",
        "value": "92.00",
        "fee": "4.90",
        "refund": "87.10",
        "fee_waived": "",
    }
    assert (told["date"], told["portal_open"]) == ("2026-11-24", True)


def test_a_day_after_the_window_it_is_refused_and_says_until_when_it_was(machine):
    order = order_of(machine)

    last = asked(machine, {"order": order.number, "date": "2026-12-14"})
    late = asked(machine, {"order": order.number, "date": "2026-12-15"})

    assert (last["eligible"], last["may_withdraw"]) == (True, False)
    assert (late["eligible"], late["because"], late["until"]) == (
        False,
        "window_closed",
        "2026-12-14",
    )
    assert late["items"][0]["trace"]["window"]["basis"] == "delivery"


def test_items_are_named_by_line_or_by_sku_and_a_fault_of_the_merchant_is_free(machine):
    order = order_of(machine, lines=[{"sku": "A"}, {"sku": "B"}])
    line = order.lines.get(sku="A")
    items = [
        {"order_line_id": line.pk, "quantity": 1, "reason": "faulty"},
        {"sku": "B", "quantity": 9, "reason": "faulty"},
    ]

    told = asked(machine, {"order": order.number, "date": "2026-11-24", "items": items})

    assert [item["verdict"] for item in told["items"]] == ["accept", "refuse"]
    assert told["items"][1]["because"] == "nothing_left"
    assert (told["eligible"], told["money"]["fee"]) == (False, "0.00")
    assert told["money"]["fee_waived"] == "no_fault_of_yours"


def test_a_return_rule_refuses_in_the_merchants_words(machine):
    order = order_of(machine, lines=[{"sku": "UNDERWEAR-1"}])
    ReturnRule.objects.create(
        brand=order.brand,
        name="Hygiene",
        position=1,
        conditions=[{"property": "sku", "operator": "starts_with", "compare_to": "underwear"}],
        actions=[{"identifier": "refuse", "value": "Opened underwear stays with you."}],
        created_at=NOW,
        updated_at=NOW,
    )

    told = asked(machine, {"order": order.number, "date": "2026-11-24"})

    assert (told["verdict"], told["because"]) == ("refuse", "by_rule")
    assert told["items"][0]["words"] == "Opened underwear stays with you."


def test_today_is_the_merchants_day(machine, monkeypatch):
    monkeypatch.setattr("rientro.kit.clock.now", lambda: datetime(2026, 11, 24, 23, 30, tzinfo=UTC))
    merchant = machine.integration.merchant
    merchant.time_zone = "Europe/Rome"
    merchant.save()

    assert asked(machine, {"order": order_of(machine).number})["date"] == "2026-11-25"


def test_nothing_left_is_no_return(machine):
    order = order_of(machine, lines=[{"quantity": 1, "returned_quantity": 1}])

    told = asked(machine, {"order": order.number})

    assert (told["eligible"], told["verdict"], told["money"], told["items"]) == (
        False,
        None,
        None,
        [],
    )


def test_an_order_of_no_brand_is_refused_with_what_to_do(machine):
    order = order_of(machine)
    Order.objects.filter(pk=order.pk).update(brand=None)

    told = asked(machine, {"order": order.number}, status=409)["error"]

    assert told["code"] == "order_without_brand"
    assert "shipping rule" in told["message"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"order": None}, "order"),
        ({"date": "24.11.2026"}, "date"),
        ({"date": "9999-12-31"}, "date"),
        ({"date": "20261124"}, "date"),
        ({"refund_type": "gold"}, "refund_type"),
        ({"items": {}}, "items"),
        ({"items": ["x"]}, "items/0/order_line_id"),
        ({"items": [{"sku": "nope", "quantity": 1}]}, "items/0/order_line_id"),
        ({"items": [{"sku": "A", "quantity": 0}]}, "items/0/quantity"),
        ({"items": [{"sku": "A"}]}, "items/0/quantity"),
        ({"items": [{"sku": "A", "quantity": 1}] * 2}, "items"),
    ],
)
def test_a_question_that_cannot_be_read_is_told_by_its_place(machine, changes, field):
    order = order_of(machine, lines=[{"sku": "A"}])

    told = asked(machine, {"order": order.number} | changes, status=400)

    assert field in told["error"]["facts"]["fields"]


def test_a_sku_names_the_line_that_is_there_before_one_that_the_shop_took_away(machine):
    order = order_of(machine, lines=[{"sku": "A", "removed_at": NOW}, {"sku": "A"}])

    told = asked(machine, {"order": order.number, "items": [{"sku": "A", "quantity": 1}]})

    assert told["items"][0]["order_line_id"] == order.lines.get(removed_at=None).pk
    assert told["because"] != "removed"


def test_it_opens_no_return(machine):
    order = order_of(machine)
    events = Event.objects.count()

    asked(machine, {"order": order.number})

    assert not order.returns.exists()
    assert Event.objects.count() == events
