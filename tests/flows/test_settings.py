"""The flows behind Settings: what is written, what is refused, what the event keeps."""

import pytest

from rientro.flows.apply_rules_again import apply_rules_again
from rientro.flows.delete_address import DefaultStays, delete_address
from rientro.flows.delete_rule import delete_rule
from rientro.flows.order_rules import order_rules
from rientro.flows.save_address import AddressFacts, BadAddress, save_address
from rientro.flows.save_brand import BrandFacts, SlugTaken, save_brand
from rientro.flows.save_business import BadBusiness, save_business
from rientro.flows.save_portal_settings import DeadEnd, save_portal_settings
from rientro.flows.save_reasons import BadReasons, ReasonFacts, save_reasons
from rientro.flows.save_shipping_rule import BadRule, save_shipping_rule
from rientro.flows.set_default_address import AddressGone, set_default_address
from rientro.flows.switch_rule import switch_rule
from rientro.models import Brand, Event, PortalName, PortalSettings, SenderAddress, ShippingRule
from rientro.policy.rule_draft import RuleDraft
from tests import makers
from tests.makers import NOW

WHO = {"actor": "member:1", "now": NOW}
PLACE = {
    "label": "Lager",
    "company": "Nordlicht GmbH",
    "street": "Am Sandtorkai",
    "house_number": "1",
    "postal_code": "20457",
    "city": "Hamburg",
    "country": "DE",
}


def place(**changes):
    return AddressFacts(fields=PLACE | changes, brand=None)


def draft(shop, address, **changes):
    values = {
        "name": "Shop to place",
        "conditions": [{"property": "integration", "operator": "is", "compare_to": str(shop.pk)}],
        "actions": [{"identifier": "ship_with_address", "value": str(address.pk)}],
    }
    return RuleDraft(**values | changes)


def last_event():
    return Event.objects.order_by("pk").last()


@pytest.fixture
def two(merchant):
    """A shop, and two places of two brands."""
    first, second = makers.make_brand(), makers.make_brand()
    return (
        makers.make_integration(),
        makers.make_address(first),
        makers.make_address(second, label="Hamburg"),
    )


# Addresses


def test_the_first_address_is_the_default_one_whatever_was_asked(merchant):
    row = save_address(address=None, facts=place(), make_default=False, **WHO)

    assert row.is_default
    assert (last_event().name, last_event().facts["is_default"]) == ("address.saved", True)


def test_saving_the_default_address_again_keeps_it_the_default(merchant):
    row = save_address(address=None, facts=place(), make_default=True, **WHO)

    again = save_address(address=row, facts=place(label="Lager 2"), make_default=False, **WHO)

    assert (again.is_default, again.label) == (True, "Lager 2")


def test_an_address_that_no_parcel_reaches_is_not_written(merchant):
    with pytest.raises(BadAddress) as caught:
        save_address(address=None, facts=place(postal_code="12"), make_default=False, **WHO)

    assert caught.value.facts == {"field": "postal_code"}
    assert not SenderAddress.objects.exists()


def test_the_default_moves_and_moving_it_twice_is_no_news(two):
    _shop, first, second = two

    set_default_address(address=second, **WHO)
    set_default_address(address=second, **WHO)

    first.refresh_from_db()
    assert not first.is_default
    assert Event.objects.filter(name="address.made_default").count() == 1


def test_a_deleted_address_is_no_default(two):
    _shop, _first, second = two
    delete_address(address=second, **WHO)

    with pytest.raises(AddressGone):
        set_default_address(address=second, **WHO)


def test_only_the_rules_that_name_an_address_rest_with_it(two):
    shop, first, second = two
    named = save_shipping_rule(rule=None, draft=draft(shop, second), **WHO)
    other = save_shipping_rule(rule=None, draft=draft(shop, first), **WHO)

    delete_address(address=second, **WHO)
    delete_address(address=second, **WHO)

    named.refresh_from_db()
    other.refresh_from_db()
    assert (bool(named.invalid_because), other.invalid_because) == (True, "")
    assert Event.objects.get(name="address.deleted").facts["rules"] == [named.pk]


def test_the_default_address_is_not_deleted(two):
    _shop, first, _second = two

    with pytest.raises(DefaultStays):
        delete_address(address=first, **WHO)


# Shipping rules


def test_rules_stand_in_the_order_in_which_they_were_written(two):
    shop, first, second = two
    one = save_shipping_rule(rule=None, draft=draft(shop, first), **WHO)
    other = save_shipping_rule(rule=None, draft=draft(shop, second), **WHO)

    assert (one.position, other.position, one.version) == (1, 2, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"actions": []},
        {"actions": [{"identifier": "ship_with_address", "value": "999999"}]},
        {"actions": [{"identifier": "ship_with_address", "value": "١"}]},
        {"conditions": [{"property": "moon", "operator": "is", "compare_to": "full"}]},
        {"conditions": [{"property": "integration", "operator": "is", "compare_to": "999999"}]},
        {"name": " "},
    ],
)
def test_a_rule_without_sense_is_not_written(two, wrong):
    shop, first, _second = two

    with pytest.raises(BadRule):
        save_shipping_rule(rule=None, draft=draft(shop, first, **wrong), **WHO)

    assert not ShippingRule.objects.exists()


def test_a_new_name_is_no_new_version(two):
    shop, first, second = two
    row = save_shipping_rule(rule=None, draft=draft(shop, first), **WHO)

    save_shipping_rule(rule=row, draft=draft(shop, first, name="Other"), **WHO)
    same = ShippingRule.objects.get(pk=row.pk).version
    save_shipping_rule(rule=row, draft=draft(shop, second), **WHO)

    assert (same, ShippingRule.objects.get(pk=row.pk).version) == (1, 2)


def test_an_order_that_is_the_same_is_no_news(two):
    shop, first, second = two
    one = save_shipping_rule(rule=None, draft=draft(shop, first), **WHO)
    other = save_shipping_rule(rule=None, draft=draft(shop, second), **WHO)

    order_rules(family=ShippingRule, rule_ids=[one.pk, other.pk], **WHO)
    still = Event.objects.filter(name="rule.moved").exists()
    order = order_rules(family=ShippingRule, rule_ids=[other.pk], **WHO)

    assert (still, order) == (False, [other.pk, one.pk])


def test_switching_what_is_switched_is_no_news(two):
    shop, first, _second = two
    row = save_shipping_rule(rule=None, draft=draft(shop, first), **WHO)

    switch_rule(rule=row, active=True, **WHO)
    switch_rule(rule=row, active=False, **WHO)

    assert [e.facts["active"] for e in Event.objects.filter(name="rule.switched")] == [False]


def test_a_deleted_rule_is_kept_in_its_event(two):
    shop, first, _second = two
    row = save_shipping_rule(rule=None, draft=draft(shop, first), **WHO)

    delete_rule(rule=row, **WHO)

    assert last_event().facts["conditions"][0]["compare_to"] == str(shop.pk)


def test_only_orders_that_change_are_written(two):
    shop, first, second = two
    right = makers.make_order(second.brand, integration=shop, sender_address=second)
    wrong = makers.make_order(first.brand, integration=shop, sender_address=first)
    save_shipping_rule(rule=None, draft=draft(shop, second), **WHO)

    apply_rules_again(orders=[right, wrong], **WHO)
    again = apply_rules_again(orders=[right, wrong], **WHO)

    wrong.refresh_from_db()
    assert (wrong.brand_id, again) == (second.brand_id, 0)


def test_an_open_return_keeps_its_brand(two):
    shop, first, second = two
    order = makers.make_order(first.brand, integration=shop, sender_address=first)
    ret = makers.make_return(order)
    save_shipping_rule(rule=None, draft=draft(shop, second), **WHO)

    apply_rules_again(orders=[order], **WHO)

    ret.refresh_from_db()
    assert (ret.brand_id, ret.to_address_id) == (first.brand_id, first.pk)


def test_without_a_rule_the_default_address_stands_and_says_so(two):
    shop, first, second = two
    order = makers.make_order(second.brand, integration=shop, sender_address=second)

    apply_rules_again(orders=[order], **WHO)

    order.refresh_from_db()
    assert (order.brand_id, order.brand_by_default) == (first.brand_id, True)


# Brands, portals, reasons, the business


def brand_facts(**changes):
    return BrandFacts(fields={"name": "Lumen", "slug": "lumen"} | changes)


def test_a_refused_slug_leaves_nothing_behind(merchant):
    taken = makers.make_brand(slug="taken")

    with pytest.raises(SlugTaken):
        save_brand(brand=None, facts=brand_facts(slug="taken"), **WHO)

    assert list(Brand.objects.all()) == [taken]


def test_a_brand_may_keep_its_own_slug(merchant):
    brand = save_brand(brand=None, facts=brand_facts(), **WHO)

    again = save_brand(brand=brand, facts=brand_facts(name="Lumen II"), **WHO)

    assert (again.looks_version, PortalName.objects.filter(brand_id=brand.pk).count()) == (2, 1)


def test_a_new_brand_charges_in_the_currency_of_its_merchant(merchant):
    merchant.currency = "CHF"
    merchant.save()

    brand = save_brand(brand=None, facts=brand_facts(), **WHO)

    assert PortalSettings.objects.get(brand=brand).fee_currency == "CHF"


def test_the_event_keeps_what_changed_from_what_to_what(merchant):
    portal = PortalSettings.objects.get(brand=makers.make_brand())

    save_portal_settings(portal=portal, fields={"window_days": 14, "active": True}, **WHO)
    save_portal_settings(portal=portal, fields={"window_days": 14}, **WHO)

    assert [e.facts["changed"] for e in Event.objects.filter(name="portal.changed")] == [
        {"window_days": [30, 14]}
    ]


def test_a_portal_without_a_way_back_is_refused(merchant):
    portal = PortalSettings.objects.get(brand=makers.make_brand())

    with pytest.raises(DeadEnd):
        save_portal_settings(portal=portal, fields={"print_at_home": False}, **WHO)

    assert PortalSettings.objects.get(pk=portal.pk).print_at_home


@pytest.mark.parametrize(
    "reasons",
    [
        [],
        [ReasonFacts(code="a", labels={"en": " "})],
        [ReasonFacts(code="a", labels={"en": "A"}, active=False)],
        [ReasonFacts(code="a", labels={"en": "A"}), ReasonFacts(code="a", labels={"en": "B"})],
        [ReasonFacts(code="a", labels={"en": "A"}, fault="moon")],
        [ReasonFacts(code=f"r{n}", labels={"en": "A"}) for n in range(41)],
    ],
)
def test_a_list_of_reasons_that_helps_nobody_is_refused(merchant, reasons):
    brand = makers.make_brand()

    with pytest.raises(BadReasons):
        save_reasons(brand=brand, reasons=reasons, **WHO)

    assert brand.reasons.filter(active=True).count() == 2


@pytest.mark.parametrize(("name", "value"), [("name", " "), ("time_zone", "Mars/Olympus")])
def test_a_business_that_cannot_be_is_refused(merchant, name, value):
    fields = {
        "name": "Resi",
        "country": "IT",
        "currency": "EUR",
        "time_zone": "Europe/Rome",
        "language": "en",
    }

    with pytest.raises(BadBusiness):
        save_business(merchant=merchant, fields=fields | {name: value}, **WHO)
