"""Step 0: orders come in, by whatever door."""

from datetime import UTC, datetime, timedelta

import pytest

from rientro.flows.import_orders import import_orders
from rientro.kit.tenancy import acting_for
from rientro.models import Brand, Charge, Event, LedgerEntry, Order, OrderLine, ShippingRule
from rientro.policy.orders_in import LineIn, OrderIn, OrderResult
from tests import makers

NOW = makers.NOW
BOUGHT = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)


def line(**changes):
    told = {"name": "Merino scarf", "quantity": 2, "price_minor": 4600, "sku": "SC-1"}
    return LineIn(**told | changes)


def order(**changes):
    told = {
        "external_order_id": "1001",
        "number": "#BR-1001",
        "ordered_at": BOUGHT,
        "country": "IT",
        "name": "Giulia  Ferrero",
        "street": "Corso Moncalieri",
        "house_number": "14",
        "postal_code": "10131",
        "city": "Torino",
        "email": "Giulia.Ferrero@Example.test",
        "lines": (line(),),
    }
    return OrderIn(**told | changes)


@pytest.fixture
def shop(merchant):
    makers.make_address(makers.make_brand())
    return makers.make_integration()


def take_in(shop, *orders, now=NOW):
    return import_orders(integration=shop, orders=orders, actor="key:1", now=now)


def statuses(results):
    return [result.status for result in results]


# --- what is written


def test_an_order_is_kept_with_its_lines_and_its_normal_forms(shop):
    [result] = take_in(shop, order())

    kept = Order.objects.get()
    assert result == OrderResult(
        external_order_id="1001",
        external_shipment_id="",
        status="created",
        shipment_uuid=str(kept.shipment_uuid),
    )
    assert (kept.number, kept.number_norm) == ("#BR-1001", "br1001")
    assert (kept.name, kept.email_norm) == ("Giulia Ferrero", "giulia.ferrero@example.test")
    assert (kept.postal_code, kept.postal_norm) == ("10131", "10131")
    assert kept.created_at == kept.updated_at == NOW
    [scarf] = kept.lines.all()
    assert (scarf.name, scarf.sku, scarf.quantity, scarf.returned_quantity) == (
        "Merino scarf",
        "SC-1",
        2,
        0,
    )


def test_all_that_is_told_arrives_as_told(shop):
    told = order(
        external_shipment_id="s-2",
        shop_updated_at=BOUGHT,
        channel="store",
        status="paid \\N \t x",
        language="it",
        company='Rossi "& figli" \\ co',
        address_2="Scala B",
        state="TO",
        phone="+39 011",
        receipt="RC 00-17",
        currency="CHF",
        total_minor=-5,
        weight_g=900,
        tags=("sale", 'quo"te', "back\\slash", "com,ma", "sale"),
        fulfilled_at=BOUGHT + timedelta(days=1),
        delivered_at=BOUGHT + timedelta(days=2),
        outbound_tracking_number="TN1",
        has_outbound=True,
        facts={"deep": {"a": ["ü", "\\", '"', "line\nbreak", "nul\0"]}},
        lines=(line(properties={"size": "L"}, origin_country="it", final_sale=True),),
    )

    take_in(shop, told)

    kept = Order.objects.get()
    assert kept.status == "paid \\N x"
    assert kept.company == 'Rossi "& figli" \\ co'
    assert kept.tags == ["sale", 'quo"te', "back\\slash", "com,ma"]
    assert kept.facts == {"deep": {"a": ["ü", "\\", '"', "line\nbreak", "nul"]}}
    assert (kept.receipt_norm, kept.channel, kept.currency) == ("rc0017", "store", "CHF")
    assert (kept.total_minor, kept.weight_g, kept.has_outbound) == (-5, 900, True)
    assert kept.delivered_at == BOUGHT + timedelta(days=2)
    scarf = kept.lines.get()
    assert (scarf.properties, scarf.origin_country, scarf.final_sale) == ({"size": "L"}, "IT", True)


def test_a_batch_is_one_event_and_never_a_charge(shop, jobs):
    take_in(shop, order(), order(external_order_id="1002", number="BR-1002"))

    event = Event.objects.get()
    assert (event.name, event.actor) == ("order.imported", "key:1")
    assert event.facts == {
        "integration": shop.pk,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "error": 0,
    }
    assert jobs.names() == []  # nobody listens, and no mail comes of it
    assert (Charge.objects.count(), LedgerEntry.objects.count()) == (0, 0)


def test_an_order_with_problems_is_refused_alone(shop):
    results = take_in(
        shop,
        order(number=" "),
        order(external_order_id="2", country="XX"),
        order(external_order_id="3"),
    )

    assert statuses(results) == ["error", "error", "created"]
    assert list(results[0].errors) == ["number"]
    assert list(results[1].errors) == ["country"]
    assert Order.objects.count() == 1


def test_many_batches_are_taken_in_order(shop, monkeypatch):
    monkeypatch.setattr("rientro.flows.import_orders.FIRST", 1)
    monkeypatch.setattr("rientro.flows.import_orders.BATCH", 3)

    results = take_in(shop, *[order(external_order_id=str(n), number=f"N{n}") for n in range(10)])

    assert [result.external_order_id for result in results] == [str(n) for n in range(10)]
    assert Order.objects.count() == 10
    assert Event.objects.count() == 4


# --- the same again


@pytest.mark.parametrize("stamp", [None, BOUGHT])
def test_the_same_again_changes_nothing(shop, stamp):
    take_in(shop, order(shop_updated_at=stamp))
    before = Order.objects.values().get(), OrderLine.objects.values().get()

    [again] = take_in(shop, order(shop_updated_at=stamp), now=NOW + timedelta(hours=1))

    assert again.status == "unchanged"
    assert again.shipment_uuid == str(before[0]["shipment_uuid"])
    assert (Order.objects.values().get(), OrderLine.objects.values().get()) == before
    assert Event.objects.count() == 1


def test_the_shops_own_stamp_decides_and_not_the_words(shop):
    take_in(shop, order(shop_updated_at=BOUGHT))

    [result] = take_in(shop, order(shop_updated_at=BOUGHT, city="Milano"))

    assert result.status == "unchanged"
    assert Order.objects.get().city == "Torino"


def test_an_edit_updates_the_order_and_keeps_its_identity(shop):
    [first] = take_in(shop, order(shop_updated_at=BOUGHT))
    later = NOW + timedelta(days=1)

    [second] = take_in(shop, order(shop_updated_at=later, city="Milano"), now=later)

    kept = Order.objects.get()
    assert (second.status, second.shipment_uuid) == ("updated", first.shipment_uuid)
    assert (kept.city, kept.created_at, kept.updated_at) == ("Milano", NOW, later)


def test_without_a_stamp_a_change_of_one_line_is_a_change(shop):
    take_in(shop, order())

    [result] = take_in(shop, order(lines=(line(price_minor=4500),)))

    assert result.status == "updated"
    assert [row.price_minor for row in OrderLine.objects.all()] == [4500]


def test_one_order_twice_in_a_batch_is_written_once_and_the_later_word_stands(shop):
    results = take_in(shop, order(), order(city="Milano"), order(city="Milano"))

    assert statuses(results) == ["created", "updated", "unchanged"]
    assert Order.objects.get().city == "Milano"


def test_silence_about_lines_leaves_them_and_an_empty_list_takes_them_away(shop):
    take_in(shop, order())

    take_in(shop, order(lines=None, city="Milano"))
    kept = OrderLine.objects.get().removed_at
    take_in(shop, order(lines=()))

    assert kept is None
    assert OrderLine.objects.get().removed_at == NOW


def test_what_was_learned_elsewhere_survives_the_shops_silence(shop):
    take_in(shop, order())
    Order.objects.update(delivered_at=NOW, has_outbound=True, outbound_tracking_number="TN9")

    take_in(shop, order(city="Milano"))

    kept = Order.objects.get()
    assert (kept.delivered_at, kept.has_outbound, kept.outbound_tracking_number) == (
        NOW,
        True,
        "TN9",
    )


def test_a_cancellation_is_taken_over_and_taken_back(shop):
    take_in(shop, order())

    [cancelled] = take_in(shop, order(cancelled_at=NOW))
    first = Order.objects.get().cancelled_at
    [same] = take_in(shop, order(cancelled_at=NOW + timedelta(days=1)))
    [back] = take_in(shop, order())

    assert (cancelled.status, first) == ("updated", NOW)
    assert (same.status, back.status) == ("unchanged", "updated")
    assert Order.objects.get().cancelled_at is None


# --- lines


def test_lines_keep_their_identity_through_edits(shop):
    take_in(shop, order(lines=(line(), line(sku="B", name="Belt"), line(sku="B", name="Belt"))))
    before = {row.line_key: row.pk for row in OrderLine.objects.all()}

    take_in(
        shop,
        order(lines=(line(name="Scarf, merino", quantity=3), line(sku="B"), line(sku="C"))),
    )

    after = {row.line_key: row for row in OrderLine.objects.all()}
    assert {key: after[key].pk for key in before} == before
    assert len(after) == 4
    assert [row.sku for row in after.values() if row.removed_at] == ["B"]


def test_a_line_that_comes_back_is_no_longer_removed(shop):
    take_in(shop, order())
    take_in(shop, order(lines=()))

    take_in(shop, order())

    assert OrderLine.objects.get().removed_at is None


def test_units_in_returns_stay_whatever_the_shop_says(shop):
    take_in(shop, order(lines=(line(quantity=3), line(sku="B", name="Belt", quantity=3))))
    OrderLine.objects.update(returned_quantity=2)

    [result] = take_in(shop, order(lines=(line(quantity=1),)))

    scarf, belt = OrderLine.objects.order_by("position")
    assert (scarf.quantity, scarf.removed_at) == (2, None)
    assert (belt.quantity, belt.removed_at) == (2, None)
    assert list(result.notes) == [
        "“Merino scarf” stays at 2: so many units are in returns.",
        "“Belt” stays with 2: they are in returns.",
    ]
    assert Event.objects.order_by("pk").last().facts["notes"] == [
        {"order": "1001", "note": note} for note in result.notes
    ]


# --- who may be touched


def test_a_redacted_order_is_never_written_again(shop):
    take_in(shop, order())
    Order.objects.update(redacted_at=NOW, name="", street="")

    [result] = take_in(shop, order(name="Giulia Ferrero", shop_updated_at=NOW))

    kept = Order.objects.get()
    assert (result.status, kept.name, kept.street) == ("unchanged", "", "")


def test_two_shops_may_use_the_same_number(shop):
    other = makers.make_integration()

    take_in(shop, order())
    take_in(other, order())

    assert Order.objects.filter(number_norm="br1001").count() == 2


def test_two_merchants_never_meet(shop):
    take_in(shop, order())
    stranger = makers.make_merchant()

    with acting_for(stranger.pk):
        theirs = makers.make_integration()
        [result] = take_in(theirs, order(city="Roma"))
        assert Order.objects.count() == 1

    assert result.status == "created"
    assert Order.objects.get().city == "Torino"


# --- rules


@pytest.fixture
def two_brands(merchant):
    """Milano is the default address and Brina's; Hamburg is Nordlicht's."""
    brina, nordlicht = makers.make_brand(name="Brina"), makers.make_brand(name="Nordlicht")
    return makers.make_address(brina), makers.make_address(nordlicht, label="Hamburg")


def make_rule(conditions, address, position=1):
    return ShippingRule.objects.create(
        name=f"Rule {position}",
        position=position,
        conditions=conditions,
        actions=[{"identifier": "ship_with_address", "value": str(address.pk)}],
        created_at=NOW,
        updated_at=NOW,
    )


def integration_is(shop):
    return [{"property": "integration", "operator": "is", "compare_to": str(shop.pk)}]


def test_a_rule_gives_the_address_and_its_brand_and_leaves_its_trace(two_brands):
    milano, hamburg = two_brands
    shop_a, shop_b = makers.make_integration(), makers.make_integration()
    make_rule(integration_is(shop_b), hamburg)

    take_in(shop_a, order())
    take_in(shop_b, order())

    first, second = Order.objects.order_by("pk")
    assert (first.sender_address, first.brand, first.brand_by_default) == (
        milano,
        milano.brand,
        True,
    )
    assert (second.sender_address, second.brand) == (hamburg, hamburg.brand)
    assert second.brand_by_default is False
    assert first.rule_trace == []
    assert [row["name"] for row in second.rule_trace] == ["Rule 1"]


def test_rules_may_look_at_every_line(two_brands):
    shop = makers.make_integration()
    make_rule([{"property": "sku", "operator": "is", "compare_to": "TENT"}], two_brands[1])

    take_in(shop, order(), order(external_order_id="2", lines=(line(), line(sku="tent"))))

    assert [row.brand_by_default for row in Order.objects.order_by("pk")] == [True, False]


def test_with_one_brand_nothing_falls_on_a_default(shop):
    take_in(shop, order())

    kept = Order.objects.get()
    assert (kept.brand_by_default, kept.brand) == (False, Brand.objects.get())


def test_without_any_address_an_order_is_kept_all_the_same(merchant):
    take_in(makers.make_integration(), order())

    kept = Order.objects.get()
    assert (kept.sender_address, kept.brand) == (None, None)


@pytest.mark.parametrize("stamp", [None, BOUGHT])
def test_a_deleted_rule_shows_when_the_same_is_imported_again(two_brands, stamp):
    shop = makers.make_integration()
    rule = make_rule(integration_is(shop), two_brands[1])
    take_in(shop, order(shop_updated_at=stamp))
    rule.delete()

    [result] = take_in(shop, order(shop_updated_at=stamp))

    kept = Order.objects.get()
    assert (result.status, kept.sender_address, kept.brand_by_default, kept.rule_trace) == (
        "updated",
        two_brands[0],
        True,
        [],
    )


@pytest.mark.parametrize("stamp", [BOUGHT, BOUGHT + timedelta(days=1)])
def test_an_order_with_a_return_keeps_its_brand_whatever_rules_say(two_brands, stamp):
    shop = makers.make_integration()
    rule = make_rule(integration_is(shop), two_brands[1])
    take_in(shop, order(shop_updated_at=BOUGHT))
    makers.make_return(Order.objects.get())
    rule.delete()

    take_in(shop, order(shop_updated_at=stamp))

    assert Order.objects.get().sender_address == two_brands[1]
