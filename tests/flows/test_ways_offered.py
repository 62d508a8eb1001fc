"""What a shopper may choose from: what the brand switches on and the contract that would be chosen can do."""

from datetime import date

import pytest

from rientro.flows.open_return import NotOffered
from rientro.models import PortalSettings
from rientro.models.offered import most_parcels, pickup_days, ways_offered
from rientro.policy.return_methods import WAYS
from tests.flows.test_open_return import opened
from tests.makers import NOW, make_address, make_brand, make_carrier_account, make_order

EVERYTHING = {"labelless": True, "pickup": True, "most_parcels": 3}
TOMORROW = date(2026, 11, 25)


@pytest.fixture
def order(merchant):
    return make_order(make_brand(portal=EVERYTHING))


def offered(order):
    settings = PortalSettings.objects.get(brand=order.brand)
    return [way.code for way in ways_offered(order, order.brand, settings)]


def most(order, units=2):
    settings = PortalSettings.objects.get(brand=order.brand)
    return most_parcels(order, order.brand, settings, units=units)


@pytest.mark.parametrize(
    ("abilities", "expected"),
    [
        pytest.param(None, ["print_at_home"], id="nobody has asked"),
        pytest.param([], ["print_at_home"], id="neither"),
        pytest.param(["labelless"], ["print_at_home", "labelless"], id="codes"),
        pytest.param(["pickup", "labelless"], ["print_at_home", "labelless", "pickup"], id="both"),
    ],
)
def test_a_way_is_offered_where_the_contract_can_do_it(order, abilities, expected):
    make_carrier_account(abilities=abilities)

    assert offered(order) == expected


def test_a_contract_for_other_countries_helps_nobody_here(order):
    make_carrier_account(abilities=["labelless"], settings={"countries": "DE"})
    make_carrier_account(abilities=[], name="Italy", is_default=False)

    assert offered(order) == ["print_at_home"]


def test_every_way_has_a_switch_and_a_card():
    from django.template.loader import get_template

    for way in WAYS.values():
        PortalSettings._meta.get_field(way.switch)
        get_template(f"portal/methods/{way.code}.html")


@pytest.mark.parametrize(
    ("account", "units", "expected"),
    [
        pytest.param({}, 2, 3, id="as the brand says"),
        pytest.param({}, 1, 3, id="one thing may take three boxes"),
        pytest.param(
            {"settings": {"cannot": "cancel, multi_parcel"}}, 2, 1, id="the contract cannot"
        ),
    ],
)
def test_as_many_parcels_as_brand_and_contract_allow(order, account, units, expected):
    make_carrier_account(**account)

    assert most(order, units) == expected


def test_across_a_border_every_box_has_something_to_declare(merchant):
    brand = make_brand(portal=EVERYTHING)
    make_carrier_account()
    order = make_order(brand, country="CH", postal_code="8001")

    assert [most(order, units) for units in (1, 2, 5)] == [1, 2, 3]


def test_the_driver_comes_on_the_next_five_working_days():
    days = pickup_days("IT", today=NOW.date())

    assert [f"{day:%a %d}" for day in days] == ["Wed 25", "Thu 26", "Fri 27", "Mon 30", "Tue 01"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"method": "labelless"}, id="no contract gives codes"),
        pytest.param({"parcels": 4}, id="more than the brand allows"),
        pytest.param({"parcels": 0}, id="none"),
        pytest.param({"method": "pickup", "pickup_on": TOMORROW}, id="no driver at all"),
        pytest.param({"pickup_on": TOMORROW}, id="a day without a driver"),
    ],
)
def test_what_was_not_offered_is_not_taken(order, changes):
    make_carrier_account(abilities=[])

    with pytest.raises(NotOffered):
        opened(order, **changes)


@pytest.mark.parametrize("day", [None, date(2026, 11, 24), date(2026, 11, 29), date(2027, 1, 4)])
def test_a_day_that_is_none_to_choose_is_not_taken(order, day):
    make_carrier_account(abilities=["pickup"])

    with pytest.raises(NotOffered):
        opened(order, method="pickup", pickup_on=day)


def test_a_return_keeps_what_was_chosen(order):
    make_carrier_account(abilities=["pickup"])

    ret = opened(order, method="pickup", pickup_on=TOMORROW, parcels=2)

    assert (ret.method, ret.pickup_on, ret.parcel_count) == ("pickup", TOMORROW, 2)
    assert ret.parcels.count() == 2


def test_the_way_into_a_store_takes_no_parcels(merchant):
    brand = make_brand(portal=EVERYTHING | {"in_store": True})
    order = make_order(brand)
    store = make_address(brand, label="Brera", is_store=True, is_return=False)

    with pytest.raises(NotOffered):
        opened(order, method="in_store", to_address=store, parcels=2)
