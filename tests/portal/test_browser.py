"""Every page of the portal in a real browser: on a phone and on a desk, for axe and for the eye."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from rientro.kit.tenancy import merchant_transaction
from rientro.models import Order, Return
from tests.makers import NOW, make_carrier_account, make_merchant
from tests.portal.conftest import DESK, NARROW, PHONE
from tests.portal.seen import Eye
from tests.portal.shopfronts import nordlicht, order_of, sartoria

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(db: None) -> Iterator[tuple[Any, dict[str, Order]]]:
    """A merchant with both brands of the design and an order in each."""
    merchant = make_merchant()
    with time_machine.travel(NOW, tick=True):
        with merchant_transaction(merchant.pk):
            make_carrier_account()
            orders = {
                "it": order_of(sartoria(), number="BR-10482"),
                "en": order_of(nordlicht(), number="NL-77204", postal_code="20099", country="DE"),
            }
        yield merchant, orders


@pytest.mark.parametrize("size", [PHONE, DESK, NARROW], ids=["phone", "desk", "narrow"])
@pytest.mark.parametrize("which", ["it", "en", "de"])
def test_every_page_of_the_way_is_sound(live_server, new_page, shop, which, size):
    merchant, orders = shop
    order = orders["it" if which == "it" else "en"]
    with merchant_transaction(merchant.pk):
        slug, first = order.brand.slug, order.lines.order_by("position").first().pk
    page = new_page(size, which)
    eye = Eye(page, live_server.url)
    label = f"{which}-{size['width']}"
    postal = "10131" if which == "it" else "20099"

    page.goto(f"{live_server.url}/{slug}/")
    eye.look(f"{label}-01-find")
    page.fill("#order", "77240")
    page.fill("#postcode", postal)
    page.click(".ask .primary")
    eye.look(f"{label}-02-not-found")
    page.fill("#order", order.number)
    page.click(".ask .primary")
    page.wait_for_url("**/items/")
    page.check(f"#pick-{first}")
    page.locator(".item .qty button").nth(1).click()
    eye.look(f"{label}-03-items")
    page.click(".p-go .primary")
    page.wait_for_url("**/why/")
    page.check("input[name=reason][value=faulty]")
    eye.look(f"{label}-04-why")
    page.check("input[name=same]")
    page.click(".p-go .primary")
    page.wait_for_url("**/how/")
    eye.look(f"{label}-05-how")
    page.click(".p-go .primary")
    page.wait_for_url("**/address/")
    page.click(".p-go .primary")
    eye.look(f"{label}-06-address-wrong")
    for name, value in {
        "name": "Giulia Ferrero",
        "street": "Via Monferrato",
        "house_number": "18",
        "postal_code": postal,
        "city": "Torino",
    }.items():
        page.fill(f"#{name}", value)
    page.click(".p-go .primary")
    page.wait_for_url("**/check/")
    eye.look(f"{label}-07-check")
    page.click(".p-go .primary")
    page.wait_for_url("**/done/")
    eye.look(f"{label}-08-done-waiting")
    with merchant_transaction(merchant.pk):
        token = Return.objects.get(order=order).link_token
    page.goto(f"{live_server.url}/{slug}/r/{token}/")
    eye.look(f"{label}-10-track-label")
    page.goto(f"{live_server.url}/{slug}/r/{token}/cancel/")
    eye.look(f"{label}-11-cancel")
    page.goto(f"{live_server.url}/{slug}/link/")
    eye.look(f"{label}-12-link")
    page.goto(f"{live_server.url}/{slug}/items/")
    eye.look(f"{label}-13-second-visit")

    assert eye.wrong == []
