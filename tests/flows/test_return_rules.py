"""Return rules on the way of a return: from the rows of a merchant to verdict, fee and trace."""

import json
from typing import Any

import pytest

from rientro.flows.open_return import FromAddress, NotReturnable, Pick, open_return
from rientro.kit.money import Money
from rientro.models import Order, Return, ReturnRule
from rientro.models.return_rule_book import ReturnRuleBook
from tests.makers import NOW, make_brand, make_order
from tests.portal import walk

HOME = FromAddress(
    name="Giulia Ferrero",
    street="Corso Moncalieri",
    house_number="14",
    postal_code="10131",
    city="Torino",
)


def make_rule(
    *conditions: tuple[str, str, str], then: tuple[str, str], **fields: Any
) -> ReturnRule:
    values = {"name": "A rule", "position": 1, "created_at": NOW, "updated_at": NOW}
    told = [
        dict(zip(("property", "operator", "compare_to"), each, strict=True)) for each in conditions
    ]
    actions = [{"identifier": then[0], "value": then[1]}]
    return ReturnRule.objects.create(**values | {"conditions": told, "actions": actions} | fields)


def opened(order: Order, reason: str = "too-small", quantity: int = 1) -> Return:
    line = order.lines.get()
    return open_return(
        order=order,
        brand=order.brand,
        picks=[Pick(line.pk, quantity, reason)],
        method="print_at_home",
        refund_type="money",
        sender=HOME,
        language="en",
        note="",
        actor="shopper",
        now=NOW,
    )


@pytest.fixture
def order(merchant: object) -> Order:
    brand = make_brand(slug="brina", portal={"fee_minor": 490})
    return make_order(brand, lines=[{"sku": "SALE-1", "quantity": 2, "price_minor": 4600}])


def test_without_rules_the_portals_own_fee_stands(order):
    ret = opened(order)

    assert (ret.money("fee"), ret.money("refund")) == (Money(490, "EUR"), Money(4110, "EUR"))
    assert ret.trace["decision"]["because"] == "in_time"


def test_a_rule_sets_the_fee_of_a_return(order):
    make_rule(("country", "is", "IT"), then=("fee", "9.90 EUR"), brand=order.brand)

    ret = opened(order, quantity=2)

    assert (ret.money("fee"), ret.money("refund")) == (Money(990, "EUR"), Money(8210, "EUR"))


def test_a_rule_about_the_reason_sees_the_reason(order):
    make_rule(("reason", "is", "too-small"), then=("fee", "0"), brand=None)

    assert opened(order).money("fee") == Money(0, "EUR")


def test_a_rule_refuses_in_the_merchants_own_words_and_nothing_is_written(order):
    make_rule(("sku", "starts_with", "SALE"), then=("refuse", "Sale items stay."))

    with pytest.raises(NotReturnable, match=r"Sale items stay\.") as caught:
        opened(order)

    assert caught.value.facts["because"] == ["by_rule"]
    assert not Return.objects.exists()


def test_a_rule_asks_for_a_look_and_leaves_its_trace(order):
    rule = make_rule(("item_value", "ge", "40 EUR"), then=("review", ""), version=4)

    ret = opened(order)

    assert ret.approval == "requested"
    decision = ret.items.get().decision
    assert (decision["verdict"], decision["because"]) == ("review", "by_rule")
    assert [(row["rule_id"], row["version"]) for row in decision["rules"]] == [(rule.pk, 4)]
    json.dumps(ret.trace)


@pytest.mark.parametrize(
    ("case", "changes"),
    [
        ("switched off", {"active": False}),
        ("broken", {"invalid_because": "The reason was deleted."}),
    ],
)
def test_a_rule_that_rests_says_nothing(order, case, changes):
    make_rule(then=("refuse", "No."), **changes)

    assert opened(order).approval == "approved"


def test_another_brands_rule_says_nothing(order):
    make_rule(then=("refuse", "No."), brand=make_brand())

    assert opened(order).approval == "approved"


def test_rules_run_in_their_order_and_the_last_wins(order):
    make_rule(then=("fee", "1.00"), position=2)
    make_rule(then=("fee", "2.00"), position=1)

    assert opened(order).money("fee") == Money(100, "EUR")


def test_days_since_delivery_are_days_where_the_merchant_is(order):
    make_rule(("days", "equal", "10"), then=("review", ""))
    book = ReturnRuleBook(order.brand)

    found = book.ruling(
        order.lines.get(),
        order,
        quantity=1,
        reason_code="",
        zone="Europe/Rome",
        today=NOW.date(),
    )

    assert found.review is True


def test_the_portal_shows_the_merchants_words_beside_the_item(client, order):
    make_rule(("sku", "starts_with", "SALE"), then=("refuse", "Sale items stay."))
    walk.find(client, order)

    page = client.get("/brina/items/").content.decode()

    assert "Sale items stay." in page


def test_the_fee_of_a_rule_is_shown_before_it_is_agreed_to(client, order):
    make_rule(("country", "is", "IT"), then=("fee", "9.90 EUR"), brand=order.brand)

    page = walk.up_to_check(client, order).content.decode()

    assert "€9.90" in page.replace("\u00a0", "")
