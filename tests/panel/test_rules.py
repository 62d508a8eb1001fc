"""Settings › Shipping rules: a sentence that is built, tried, ordered and switched."""

import pytest

from rientro.models import Order, ShippingRule
from rientro.policy.shipping_rules import SHIP_WITH_ADDRESS
from tests import makers
from tests.panel.conftest import make_rule
from tests.panel.places import place


def sentence(house, **changes):
    return {
        "c0-property": "integration",
        "c0-operator": "is",
        "c0-value": str(house.shop.pk),
        "address": str(house.other_address.pk),
        "joint": "all",
        "act": "save",
    } | changes


def order_of(house):
    return list(ShippingRule.objects.order_by("position", "pk").values_list("pk", flat=True))


def test_a_rule_is_written_as_a_sentence(owner, house):
    owner.post(place("rule_new"), sentence(house))

    made = ShippingRule.objects.order_by("pk").last()
    assert made.conditions == [
        {"property": "integration", "operator": "is", "compare_to": str(house.shop.pk)}
    ]
    assert made.actions == [{"identifier": SHIP_WITH_ADDRESS, "value": str(house.other_address.pk)}]
    assert (
        made.name == "If integration is Shop A then ship with address Hamburg (Nordlicht Outdoor)"
    )
    assert (made.version, made.position) == (1, 2)


def test_several_countries_are_chosen_and_several_conditions_are_joined(owner, house):
    form = sentence(house) | {
        "c1-property": "destination_country",
        "c1-operator": "in",
        "c1-value": ["CH", "NO"],
        "joint": "any",
        "name": "Abroad",
    }

    owner.post(place("rule_new"), form)

    made = ShippingRule.objects.get(name="Abroad")
    assert (made.match_all, made.conditions[1]["compare_to"]) == (False, ["CH", "NO"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"address": ""}, "Choose one of your addresses"),
        ({"address": "999999"}, "Choose one of your addresses"),
        ({"c0-value": ""}, "Condition 1"),
        ({"c0-value": "999999"}, "Choose one of your integrations"),
        ({"c0-property": "weight", "c0-operator": "ge", "c0-value": "heavy"}, "Condition 1"),
    ],
)
def test_a_sentence_without_sense_is_not_saved(owner, house, changes, words):
    answer = owner.post(place("rule_new"), sentence(house, **changes))

    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert ShippingRule.objects.count() == 1


def test_an_address_of_another_merchant_is_none(owner, house, strangers):
    answer = owner.post(place("rule_new"), sentence(house, address=str(strangers.address.pk)))

    assert answer.status_code == 400


def test_a_try_says_how_many_orders_would_change_and_changes_none(owner, house):
    answer = owner.post(place("rule_try"), sentence(house))

    assert "Would change 1 existing order" in answer.content.decode()
    assert ShippingRule.objects.count() == 1
    house.order.refresh_from_db()
    assert house.order.brand_id == house.brand.pk


def test_a_rule_is_tried_in_its_place(owner, house):
    """The later rule wins, so a change of the first one moves nothing."""
    make_rule(house.shop, house.address)

    answer = owner.post(place("rule_try"), sentence(house, rule=str(house.rule.pk)))

    assert "Would change no existing order" in answer.content.decode()


def test_a_rule_of_another_merchant_is_not_tried(owner, house, strangers):
    answer = owner.post(place("rule_try"), sentence(house, rule=str(strangers.rule.pk)))

    assert answer.status_code == 404


def test_a_rule_is_saved_and_applied_to_the_orders_that_are_here(owner, house):
    owner.post(place("rule_new"), sentence(house, act="save_apply"))

    house.order.refresh_from_db()
    assert (house.order.brand_id, house.order.sender_address_id) == (
        house.other_brand.pk,
        house.other_address.pk,
    )


def test_saving_alone_leaves_the_orders_that_are_here(owner, house):
    owner.post(place("rule_new"), sentence(house))

    house.order.refresh_from_db()
    assert house.order.brand_id == house.brand.pk


@pytest.mark.parametrize(("act", "conditions"), [("add", 2), ("drop-0", 0), ("try", 1)])
def test_conditions_come_and_go_without_a_script(owner, house, act, conditions):
    answer = owner.post(place("rule_new"), sentence(house, act=act))

    assert len(answer.context["rows"]) == conditions
    assert ShippingRule.objects.count() == 1


def test_an_operator_that_does_not_fit_gives_way(owner, house):
    answer = owner.post(
        place("rule_new"),
        sentence(house, act="try", **{"c0-property": "weight", "c0-operator": "contains"}),
    )

    assert answer.context["rows"][0]["operator"] == "equal"


def test_another_wording_is_another_version(owner, house):
    owner.post(place("rule", house.rule.pk), sentence(house))
    owner.post(place("rule", house.rule.pk), sentence(house, name="Other name"))

    house.rule.refresh_from_db()
    assert (house.rule.version, house.rule.name) == (2, "Other name")


def test_a_resting_rule_runs_again_with_another_address(owner, house):
    house.rule.invalid_because = "The address “Lager” was deleted."
    house.rule.save()

    owner.post(place("rule", house.rule.pk), sentence(house))

    house.rule.refresh_from_db()
    assert house.rule.invalid_because == ""


def test_rules_move_one_step_at_a_time(owner, house):
    second = make_rule(house.shop, house.other_address)

    owner.post(place("rule_move", second.pk), {"to": "up"})
    moved = order_of(house)
    owner.post(place("rule_move", second.pk), {"to": "up"})

    assert moved == order_of(house) == [second.pk, house.rule.pk]


def test_rules_are_put_in_the_order_they_were_dragged_into(owner, house, strangers):
    second, third = make_rule(house.shop, house.address), make_rule(house.shop, house.address)

    owner.post(place("rules_order"), {"rule": [third.pk, strangers.rule.pk, "x", house.rule.pk]})

    assert order_of(house) == [third.pk, house.rule.pk, second.pk]


def test_a_rule_is_switched_off_and_on(owner, house):
    owner.post(place("rule_switch", house.rule.pk), {"active": "0"})
    house.rule.refresh_from_db()
    off = house.rule.active
    owner.post(place("rule_switch", house.rule.pk), {"active": "1"})
    house.rule.refresh_from_db()

    assert (off, house.rule.active) == (False, True)


def test_a_deleted_rule_leaves_its_orders(owner, house):
    owner.post(place("rule_delete", house.rule.pk))

    assert (ShippingRule.objects.count(), Order.objects.filter(brand=house.brand).count()) == (0, 1)


def test_orders_on_the_default_brand_are_judged_again(owner, house):
    fallen = makers.make_order(
        house.other_brand,
        integration=house.shop,
        sender_address=house.other_address,
        brand_by_default=True,
    )

    owner.post(place("rules_apply"))

    fallen.refresh_from_db()
    assert (fallen.brand_id, fallen.brand_by_default) == (house.brand.pk, False)


def test_integrations_without_a_rule_are_named(owner, house):
    makers.make_integration(shop_name="CSV negozi")

    page = owner.get(place("rules")).content.decode()

    assert "“CSV negozi”" in page
    assert "“Shop A”" not in page.split("card")[0]


def test_the_list_asks_as_often_for_three_rules_as_for_one(owner, house):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    owner.get(place("rules"))
    with CaptureQueriesContext(connection) as one:
        owner.get(place("rules"))
    make_rule(house.shop, house.address), make_rule(house.shop, house.address)
    with CaptureQueriesContext(connection) as three:
        owner.get(place("rules"))

    assert len(three) == len(one)


@pytest.mark.parametrize("name", ["rules_order", "rules_apply", "rule_try", "rule_new"])
def test_the_desk_writes_no_rules(as_role, house, name):
    assert as_role("desk").post(place(name)).status_code == 403
