"""Paying back in a real browser: the form, and each way in which it may stand with the shop."""

import pytest

from rientro.flows.run_errand import run_errand
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Integration, OrderLine, Refund, ReturnItem, ShopErrand
from tests import makers
from tests.browser import DESK, NARROW, PHONE
from tests.makers import NOW
from tests.panel.places import place
from tests.panel.test_browser import let_in
from tests.portal.seen import Eye
from tests.small_shop import connect, returned, small_shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# name -> (state and words of the errand, state of the refund)
STATES = {
    "asked": ("waiting", "", "pending"),
    "waits": ("waiting", "The shop is paused. It is asked when somebody lets it go on.", "pending"),
    "doubt": ("asking", "The shop did not answer clearly.", "pending"),
    "unknown": ("unknown", "The shop did not answer clearly.", "pending"),
    "failed": ("refused", "Only 12.00 of this order are left to refund.", "failed"),
}


@pytest.fixture
def desk(db):
    """A merchant with a connected shop, and a return of two products that came back."""
    merchant = makers.make_merchant(name="Sartoria Brina")
    member = makers.make_member(merchant, role="desk", user=makers.make_user(password=None))
    with small_shop() as shop:
        with merchant_transaction(merchant.pk):
            ret = returned(connect(shop))
            Integration.objects.update(shop_name="Bottega Brina, il negozio online")
            ret.order.facts = {"shipping_minor": 500}
            ret.order.save()
            line = OrderLine.objects.create(
                order=ret.order,
                line_key="L2",
                name="Linen shirt with a rather long name",
                quantity=1,
            )
            ReturnItem.objects.create(
                ret=ret, order_line=line, quantity=1, received_quantity=1, price_minor=5990
            )
        yield merchant, member, ret, shop


def stand(merchant, ret, errand, words, refund):
    with merchant_transaction(merchant.pk):
        ShopErrand.objects.update(state=errand, error=words)
        Refund.objects.update(state=refund)
        ret.refresh_from_db()


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK, NARROW], ids=["phone", "desk", "narrow"])
def test_every_state_of_a_refund_is_sound(live_server, new_page, desk, size, scheme, language):
    merchant, member, ret, _shop = desk
    member.user.language = language
    member.user.save()
    page = new_page(size, color_scheme=scheme)
    let_in(page, member, live_server.url)
    eye, name = Eye(page, live_server.url), f"refund-{size['width']}-{scheme}-{language}"
    page.goto(live_server.url + place("return", ret.number))
    eye.look(f"{name}-form")

    page.select_option("#kind", "shop:coupon")
    page.locator(".refund form button").first.click()
    page.wait_for_selector(".banner")
    for state, (errand, words, refund) in STATES.items():
        stand(merchant, ret, errand, words, refund)
        page.goto(live_server.url + place("return", ret.number))
        eye.look(f"{name}-{state}")
    stand(merchant, ret, "waiting", "", "pending")
    with acting_for(merchant.pk):
        with merchant_transaction(merchant.pk):
            errand = ShopErrand.objects.get()
        run_errand(errand=errand, now=NOW)
    page.goto(live_server.url + place("return", ret.number))
    eye.look(f"{name}-paid")

    assert eye.wrong == []
    assert "THANKS-" in page.content()
