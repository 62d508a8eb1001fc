"""Settings › Return rules: a sentence that is built, tried on an order, ordered and switched."""

import pytest

from rientro.models import Event, Order, ReturnRule
from tests import makers
from tests.panel.conftest import make_return_rule
from tests.panel.places import place


def text(answer):
    return answer.content.decode()


def sentence(**changes):
    return {
        "c0-property": "country",
        "c0-operator": "is",
        "c0-value": "IT",
        "action": "fee",
        "value": "4.90 EUR",
        "joint": "all",
        "act": "save",
    } | changes


def test_a_rule_is_written_as_a_sentence(owner, house):
    answer = owner.post(place("return_rule_new"), sentence(), follow=True)

    made = ReturnRule.objects.order_by("pk").last()
    assert made.conditions == [{"property": "country", "operator": "is", "compare_to": "IT"}]
    assert made.actions == [{"identifier": "fee", "value": "4.90 EUR"}]
    assert made.name == "If from country is Italy then the fee is 4.90 EUR"
    assert (made.version, made.position, made.brand) == (1, 2, None)
    assert "every brand" in text(answer)


@pytest.mark.parametrize(
    ("changes", "actions"),
    [
        ({"action": "refuse", "value": "Gifts stay."}, {"refuse": "Gifts stay."}),
        ({"action": "review", "value": "left over"}, {"review": ""}),
        ({"c0-property": "reason", "c0-value": "faulty", "value": "0"}, {"fee": "0"}),
    ],
)
def test_a_rule_does_one_of_three_things(owner, house, changes, actions):
    owner.post(place("return_rule_new"), sentence(**changes))

    made = ReturnRule.objects.order_by("pk").last()
    assert {a["identifier"]: a["value"] for a in made.actions} == actions


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"value": ""}, "Choose a value"),
        ({"value": "much"}, "needs an amount"),
        ({"c0-value": ""}, "Condition 1"),
        ({"c0-property": "integration", "c0-value": "999999"}, "one of your integrations"),
        ({"brand": "999999"}, "one of your brands"),
        ({"c0-property": "days", "c0-operator": "ge", "c0-value": "late"}, "Condition 1"),
    ],
)
def test_a_sentence_without_sense_is_not_saved(owner, house, changes, words):
    answer = owner.post(place("return_rule_new"), sentence(**changes))

    assert answer.status_code == 400
    assert words in text(answer)
    assert ReturnRule.objects.count() == 1


def test_a_brand_of_another_merchant_is_none(owner, house, strangers):
    answer = owner.post(place("return_rule_new"), sentence(brand=str(strangers.brand.pk)))

    assert answer.status_code == 400


def test_another_wording_is_another_version(owner, house):
    form = sentence(**{"c0-value": "CH", "value": "12.00 EUR", "brand": str(house.brand.pk)})

    page = text(owner.get(place("return_rule", house.return_rule.pk)))
    owner.post(place("return_rule", house.return_rule.pk), form)

    house.return_rule.refresh_from_db()
    assert 'value="9.90 EUR"' in page
    assert (house.return_rule.version, house.return_rule.brand) == (2, house.brand)
    assert Event.objects.get(name="rule.saved").facts["family"] == "return"


# Trying it


def test_a_try_says_what_each_item_comes_to_and_writes_nothing(owner, house):
    form = sentence(**{"try-number": house.order.number, "act": "try"})

    told = text(owner.post(place("return_rule_try"), form))
    refused = text(
        owner.post(place("return_rule_try"), form | {"action": "refuse", "value": "Gifts stay."})
    )

    assert "the rule fits" in told
    assert "€4.90" in told
    assert "“Gifts stay.”" in refused
    assert ReturnRule.objects.count() == 1


def test_a_try_takes_the_newest_order_when_none_is_named(owner, house):
    newest = makers.make_order(house.brand, number="NEW-1", ordered_at=makers.NOW)

    told = owner.post(place("return_rule_try"), sentence(act="try"))

    assert told.context["trial"].order == newest


def test_a_rule_that_is_changed_is_tried_in_its_place(owner, house):
    """The later rule wins, so a change of the first one moves nothing."""
    make_return_rule(
        conditions=[], actions=[{"identifier": "fee", "value": "1.00 EUR"}], name="All pay"
    )
    form = sentence(rule=str(house.return_rule.pk), **{"try-number": house.order.number})

    trial = owner.post(place("return_rule_try"), form).context["trial"]

    assert trial.fee_now == trial.fee_then
    assert [row.matches for row in trial.rows] == [True]


def test_a_reason_decides_where_a_rule_asks_for_it(owner, house):
    form = sentence(**{"c0-property": "reason", "c0-value": "faulty"})
    form |= {"try-number": house.order.number}

    without = owner.post(place("return_rule_try"), form).context["trial"]
    given = owner.post(place("return_rule_try"), form | {"try-reason": "faulty"}).context["trial"]

    assert [row.matches for row in without.rows + given.rows] == [False, True]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"try-number": "NOWHERE"}, "There is no such order."),
        ({"c0-value": ""}, "Choose every word"),
    ],
)
def test_a_try_that_shows_nothing_says_why(owner, house, changes, words):
    assert words in text(owner.post(place("return_rule_try"), sentence(**changes)))


def test_a_try_on_another_brands_order_says_so(owner, house):
    form = sentence(brand=str(house.other_brand.pk), **{"try-number": house.order.number})

    assert "belongs to Sartoria Brina" in text(owner.post(place("return_rule_try"), form))


def test_nothing_is_tried_on_another_merchants_order_or_rule(owner, house, strangers):
    Order.objects.filter(pk=house.order.pk).update(number_norm="ours")
    form = sentence(**{"try-number": strangers.order.number})

    answer = owner.post(place("return_rule_try"), sentence(rule=str(strangers.return_rule.pk)))

    assert "There is no such order." in text(owner.post(place("return_rule_try"), form))
    assert answer.status_code == 404


# The list


def test_rules_are_moved_switched_and_deleted(owner, house):
    second = make_return_rule(name="Second")

    owner.post(place("return_rule_move", second.pk), {"to": "up"})
    owner.post(place("return_rule_switch", second.pk), {"active": "0"})
    order = list(ReturnRule.objects.order_by("position").values_list("name", "active"))
    owner.post(place("return_rules_order"), {"rule": [house.return_rule.pk, second.pk]})
    dragged = list(ReturnRule.objects.order_by("position").values_list("name", flat=True))
    owner.post(place("return_rule_delete", second.pk))

    assert order == [("Second", False), ("Swiss parcels", True)]
    assert dragged == ["Swiss parcels", "Second"]
    assert list(ReturnRule.objects.values_list("name", flat=True)) == ["Swiss parcels"]


def test_a_page_without_rules_says_what_they_are_for(owner, house):
    ReturnRule.objects.all().delete()

    assert "No return rule yet" in text(owner.get(place("return_rules")))
