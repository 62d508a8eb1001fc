"""Paying back from the panel: by the shop, elsewhere, and the desk of refunds that nobody knows about."""

import html
import re

import pytest
from django.db import transaction

from rientro.flows.run_errand import run_errand
from rientro.kit.tenancy import acting_for
from rientro.models import Event, Refund, ShopErrand, ShopLink
from tests.makers import NOW, make_member, make_merchant
from tests.panel.places import place
from tests.small_shop import ORDER, connect, returned, small_shop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop():
    with small_shop() as server:
        yield server


@pytest.fixture
def merchant():
    made = make_merchant()
    with acting_for(made.pk):
        yield made


@pytest.fixture
def ret(merchant, shop):
    with transaction.atomic():
        return returned(connect(shop))


@pytest.fixture
def desk(merchant, client):
    with transaction.atomic():
        client.force_login(make_member(merchant, role="desk").user)
    return client


def text(answer):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def item_of(ret):
    with transaction.atomic():
        return ret.items.get().pk


def press(desk, ret, **typed):
    return desk.post(place("return_refund", ret.number), typed, follow=True)


def settle(desk, ret, outcome, **typed):
    where = place("return_refund_settle", ret.number)
    return desk.post(where, {"outcome": outcome, **typed}, follow=True)


def page(desk, ret):
    answer = desk.get(place("return", ret.number))
    assert answer.status_code == 200
    return answer


def run(now=NOW):
    with transaction.atomic():
        errand = ShopErrand.objects.order_by("-pk").first()
    return run_errand(errand=errand, now=now)


def in_doubt(desk, ret, shop, *, state="unknown"):
    units = {f"units{item_of(ret)}": "2"}
    press(desk, ret, amount="87.50", kind="shop:original", **units)
    with transaction.atomic():
        ShopErrand.objects.update(state=state, error="The shop did not answer clearly.")


def test_the_form_offers_what_the_shop_can_and_what_came_back(desk, ret):
    answer = page(desk, ret)

    form = answer.context["refunds"].form
    assert [value for value, _ in form.by_shop] == [
        "shop:original",
        "shop:store_credit",
        "shop:coupon",
    ]
    assert (form.chosen, form.restock, form.can_restock) == ("shop:original", True, True)
    assert [units for _, units in form.items] == [2]
    assert "By the shop: Coupon code" in answer.content.decode()


def test_the_shop_is_asked_for_what_was_typed(desk, ret, shop):
    item = item_of(ret)
    answer = press(
        desk, ret, amount="46,00", shipping="5", kind="shop:original", **{f"units{item}": "1"}
    )

    assert "Bottega is asked to pay it back" in text(answer)
    assert "Bottega is asked to pay €51.00 back" in text(answer)
    run()
    (made,) = shop.refunds[ORDER]
    assert (made["amount"], made["shipping"], made["units"]) == (5100, 500, {"L1": 1})
    assert shop.stock == {}  # the tick was off
    shown = text(page(desk, ret))
    assert "€51.00 has gone back." in shown
    assert f"{ORDER}/1" in shown


def test_ticked_items_go_back_to_the_shelf(desk, ret, shop):
    item = item_of(ret)
    press(desk, ret, amount="87.50", kind="shop:original", restock="1", **{f"units{item}": "2"})
    run()

    assert shop.stock == {"L1": 2}


def test_the_code_of_a_coupon_is_shown(desk, ret, shop):
    item = item_of(ret)
    press(desk, ret, amount="87.50", kind="shop:coupon", **{f"units{item}": "2"})
    run()

    assert f"THANKS-{ORDER}-1" in text(page(desk, ret))


def test_paid_elsewhere_asks_no_shop(desk, ret, shop):
    answer = press(desk, ret, amount="87.50", kind="money")

    assert "Written down as paid back" in text(answer)
    assert shop.heard == []
    with transaction.atomic():
        assert Refund.objects.get().state == "paid"


@pytest.mark.parametrize(
    "typed",
    [
        {"amount": "87.51", "kind": "shop:original"},
        {"amount": "-5", "kind": "shop:original"},
        {"amount": "10", "shipping": "-1", "kind": "shop:original"},
        {"amount": "10", "shipping": "x", "kind": "shop:original"},
        {"amount": "10", "shipping": "5.01", "kind": "shop:original"},
        {"amount": "", "kind": "shop:original"},
        {"amount": "0", "kind": "shop:original"},
        {"amount": "10", "kind": "shop:gold"},
        {"amount": "10", "kind": "shop:original", "units": "3"},
        {"amount": "10", "kind": "shop:original", "units": "-1"},
        {"amount": "10", "kind": "shop:original", "units": "٣"},
        {"amount": "10", "kind": "shop:original", "seen": "1"},
    ],
)
def test_nonsense_and_too_much_are_told_and_nothing_is_asked(desk, ret, typed):
    units = typed.pop("units", "1")
    press(desk, ret, **typed, **{f"units{item_of(ret)}": units})

    with transaction.atomic():
        assert Refund.objects.count() == 0
        ret.refresh_from_db()
    assert ret.settlement == "open"


def test_while_the_shop_is_asked_there_is_no_second_form(desk, ret):
    item = item_of(ret)
    press(desk, ret, amount="10", kind="shop:original", **{f"units{item}": "0"})

    assert page(desk, ret).context["refunds"].form is None
    answer = press(desk, ret, amount="10", kind="money")
    assert "still with the shop" in text(answer)


def test_a_refusal_is_read_in_the_shops_words_and_the_form_is_there_again(desk, ret, shop):
    shop.orders[ORDER] = 5000
    press(desk, ret, amount="87.50", kind="shop:original", **{f"units{item_of(ret)}": "2"})
    run()

    answer = page(desk, ret)
    shown = text(answer)
    assert "Bottega has not paid €87.50 back" in shown
    assert "The order has less left than that." in shown
    assert answer.context["refunds"].form.left.minor == 8750
    assert [units for _, units in answer.context["refunds"].form.items] == [2]


@pytest.mark.parametrize(
    ("outcome", "refund", "settlement", "says"),
    [
        ("refunded", "paid", "refunded", "Written down as paid back."),
        ("again", "pending", "promised", "The shop is asked once more."),
        ("given_up", "failed", "open", "Another amount can go back."),
    ],
)
def test_a_person_says_what_came_of_it(desk, ret, shop, outcome, refund, settlement, says):
    in_doubt(desk, ret, shop)
    assert "Nobody knows yet whether Bottega has paid €87.50 back" in text(page(desk, ret))

    answer = settle(desk, ret, outcome)

    assert says in text(answer)
    with transaction.atomic():
        ret.refresh_from_db()
        assert (ret.refunds.get().state, ret.settlement) == (refund, settlement)
        event = Event.objects.get(name="return.refund_settled")
    assert event.actor.startswith("member:")
    assert "Looked into the shop" in text(page(desk, ret))


def test_what_waits_for_a_shop_that_rests_can_be_taken_back(desk, ret, shop):
    in_doubt(desk, ret, shop, state="waiting")
    shown = text(page(desk, ret))
    assert "€87.50 wait for Bottega" in shown
    assert "try again" not in shown

    settle(desk, ret, "given_up")
    with transaction.atomic():
        assert Refund.objects.get().state == "failed"


@pytest.mark.parametrize("outcome", ["", "gold"])
def test_only_what_can_be_said_is_said(desk, ret, shop, outcome):
    in_doubt(desk, ret, shop)

    assert settle(desk, ret, outcome).status_code == 404


def test_what_is_said_of_an_old_refund_counts_for_no_other(desk, ret, shop):
    in_doubt(desk, ret, shop)
    shown = page(desk, ret).content.decode()
    old = re.search(r'name="refund" value="(\d+)"', shown)
    settle(desk, ret, "given_up")
    in_doubt(desk, ret, shop)

    answer = settle(desk, ret, "refunded", refund=old[1] if old else "")

    assert answer.status_code == 404
    with transaction.atomic():
        assert [row.state for row in ret.refunds.order_by("pk")] == ["failed", "pending"]


def test_nothing_to_settle_is_nothing(desk, ret):
    assert settle(desk, ret, "refunded").status_code == 404


def test_the_bulk_goes_to_the_shop_too(desk, ret, shop):
    desk.post(
        place("returns_bulk"),
        {"act": "refund", "tab": "returned", "ret": [ret.number]},
        follow=True,
    )
    run()

    assert shop.paid(ORDER) == 8750


def test_a_disconnected_shop_is_offered_no_more(desk, ret):
    with transaction.atomic():
        ShopLink.objects.update(credentials="")

    form = page(desk, ret).context["refunds"].form
    assert form.shop is None
    assert not re.search(r'name="units\d', page(desk, ret).content.decode())


# Notes on the shop's orders


@pytest.fixture
def owner(merchant, client):
    with transaction.atomic():
        client.force_login(make_member(merchant, role="owner").user)
    return client


def test_notes_are_switched_off_and_on(owner, ret):
    with transaction.atomic():
        shop = ret.order.integration
    here = place("integration", shop.pk)
    assert "each return, with its number" in text(owner.get(here))

    answer = owner.post(place("shop_notes", shop.pk), follow=True)
    assert "Returns are noted on no order any more." in text(answer)
    with transaction.atomic():
        shop.refresh_from_db()
        assert shop.settings["notes"] is False
    assert "Note each return" in text(owner.get(here))

    owner.post(place("shop_notes", shop.pk), {"on": "1"})
    owner.post(place("shop_notes", shop.pk), {"on": "1"})
    with transaction.atomic():
        shop.refresh_from_db()
        assert shop.settings["notes"] is True
        assert Event.objects.filter(name="integration.changed").count() == 2
