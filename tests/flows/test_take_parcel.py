"""A machine tells one order as a parcel; what it does not say of a known one stays."""

from datetime import timedelta

import pytest

from rientro.flows.import_orders import import_orders
from rientro.flows.redact_order import redact_order
from rientro.flows.take_parcel import BadParcel, take_parcel
from rientro.models import Event, Order, ShippingRule
from rientro.policy.orders_in import LineIn, OrderIn
from rientro.policy.parcels_in import ParcelIn
from tests import makers

pytestmark = pytest.mark.django_db

NEW = {
    "number": "PS-1",
    "name": "Giulia Ferrero",
    "street": "Corso Moncalieri",
    "postal_code": "10131",
    "city": "Torino",
    "country": "IT",
    "lines": [LineIn(name="Merino scarf", sku="SC-1", quantity=2, price_minor=4600)],
}


@pytest.fixture
def shop(merchant):
    makers.make_address(makers.make_brand())
    return makers.make_integration()


def take(shop, changes=NEW, **more):
    told = ParcelIn(
        changes=changes, **{key: more.pop(key) for key in ("reference",) if key in more}
    )
    return take_parcel(integration=shop, told=told, actor="key:1", now=makers.NOW, **more)


def test_shipping_rules_run_as_in_an_import(shop):
    other = makers.make_address(makers.make_brand(), city="Roma")
    ShippingRule.objects.create(
        name="Scarves",
        position=1,
        conditions=[{"property": "sku", "operator": "is", "compare_to": "SC-1"}],
        actions=[{"identifier": "ship_with_address", "value": str(other.pk)}],
        created_at=makers.NOW,
        updated_at=makers.NOW,
    )
    imported = OrderIn(**NEW, external_order_id="7", ordered_at=makers.NOW)

    import_orders(integration=shop, orders=[imported], actor="x", now=makers.NOW)
    order = take(shop, {**NEW, "number": "PS-2"})
    order = take(shop, {"weight_g": 900}, order=order)  # its items count, told again or not

    found = {row.sender_address_id for row in Order.objects.all()} | {order.sender_address_id}
    assert found == {other.pk}
    assert Event.objects.filter(name="order.imported").count() == 2


def test_a_known_line_keeps_the_key_that_its_shop_gave_it(shop):
    lines = [LineIn(name="Merino scarf", sku="SC-1", quantity=2, line_key="shop-7")]
    imported = OrderIn(
        **NEW | {"lines": lines}, external_order_id="7", ordered_at=makers.NOW, tags=["vip"]
    )
    import_orders(integration=shop, orders=[imported], actor="x", now=makers.NOW)
    before = Order.objects.get()

    order = take(shop, {**NEW, "city": "Ivrea"})

    assert (order.pk, order.city, order.tags) == (before.pk, "Ivrea", ["vip"])
    assert [(line.line_key, line.price_minor) for line in order.lines.all()] == [("shop-7", 4600)]


def test_a_forgotten_person_is_not_told_again(shop):
    order = take(shop)
    redact_order(order=order, actor="x", now=makers.NOW)

    with pytest.raises(BadParcel) as refused:
        take(shop, {"city": "Ivrea"}, order=order)

    assert "deleted" in refused.value.problems["number"][0]


def test_a_bad_order_leaves_nothing_behind(shop):
    with pytest.raises(BadParcel):
        take(shop, {**NEW, "number": "###"}, reference="a")

    assert list(Order.objects.all()) == []


def test_two_numbers_of_one_shop_are_two_orders_and_of_two_shops_as_well(shop):
    other = makers.make_integration(shop_name="B")

    rows = {take(shop).pk, take(shop, {**NEW, "number": "PS-2"}).pk, take(other).pk, take(shop).pk}

    assert len(rows) == Order.objects.count() == 3


@pytest.mark.parametrize(
    ("case", "read_in", "changes"),
    [
        ("the currency alone", "JPY", {"currency": "JPY"}),
        ("the total alone", "JPY", {"currency": "JPY", "total_minor": 9200}),
        ("a total in another one", "JPY", {"total_minor": 9200}),
    ],
)
def test_an_amount_never_comes_to_mean_a_hundred_times_as_much(case, read_in, changes, shop):
    order = take(shop, NEW | {"total_minor": 9200, "currency": "EUR"})
    told = ParcelIn(changes=changes, currency=read_in)

    with pytest.raises(BadParcel) as refused:
        take_parcel(integration=shop, told=told, order=order, actor="key:1", now=makers.NOW)

    assert list(refused.value.problems) == ["currency"]
    order.refresh_from_db()
    assert (order.currency, order.total_minor) == ("EUR", 9200)


def test_an_order_changes_its_currency_with_all_its_amounts(shop):
    order = take(shop, NEW | {"total_minor": 9200, "currency": "EUR"})
    lines = [LineIn(name="Merino scarf", sku="SC-1", quantity=2, price_minor=7000)]
    told = ParcelIn(
        changes={"currency": "JPY", "total_minor": 14000, "lines": lines}, currency="JPY"
    )

    later = makers.NOW + timedelta(minutes=1)
    take_parcel(integration=shop, told=told, order=order, actor="key:1", now=later)

    order.refresh_from_db()
    assert (order.currency, order.total_minor, order.lines.get().price_minor) == (
        "JPY",
        14000,
        7000,
    )
