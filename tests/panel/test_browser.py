"""Every page of the panel in a real browser: light and dark, on a desk and on a phone, for axe and for the eye."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from rientro.kit.tenancy import merchant_transaction
from rientro.models import Merchant
from tests import makers
from tests.browser import DESK, NARROW, PHONE
from tests.makers import NOW
from tests.panel.busy import make_busy_house
from tests.panel.conftest import House
from tests.panel.places import LISTS, PAGES, place
from tests.portal.seen import Eye

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(db: None) -> Iterator[tuple[Merchant, House, Any]]:
    """A merchant on a busy day, and an owner of it."""
    merchant = makers.make_merchant(name="Resi & Co. Logistica")
    user = makers.make_user(password=None, first_name="Elena", last_name="Ricci")
    member = makers.make_member(merchant, user=user)
    with time_machine.travel(NOW, tick=True):
        with merchant_transaction(merchant.pk):
            house = make_busy_house()
        yield merchant, house, member


@pytest.fixture
def nobody(db: None) -> Iterator[Any]:
    """A member of a merchant that has nothing yet."""
    with time_machine.travel(NOW, tick=True):
        member = makers.make_member(makers.make_merchant(), user=makers.make_user(password=None))
        yield member


def let_in(page: Any, member: Any, host: str) -> None:
    """Give the browser the session of a member."""
    client = Client()
    client.force_login(member.user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": host}])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK, NARROW], ids=["phone", "desk", "narrow"])
def test_every_page_is_sound(live_server, new_page, desk, size, scheme):
    merchant, house, member = desk
    page = new_page(size, color_scheme=scheme)
    let_in(page, member, live_server.url)
    eye = Eye(page, live_server.url)
    addresses = {name: place(name) for name in LISTS}
    with merchant_transaction(merchant.pk):
        addresses |= {name: place(name, *rows(house)) for name, rows in PAGES.items()}
        unknown = merchant.label_purchases.get(status="unknown")
        addresses["purchase"] = place("purchase", unknown.pk)
        addresses["request"] = place(
            "return", merchant.returns.filter(tab="requests").first().number
        )
        addresses["rejected"] = place(
            "return", merchant.returns.filter(approval="rejected").first().number
        )
    addresses["transit"] = f"{place('returns')}?tab=in_transit"
    addresses["filtered"] = f"{place('returns')}?tab=in_transit&days=7&country=DE"
    addresses["found"] = f"{place('search')}?q=a"
    addresses["carrier_new"] = place("carrier_new", "sandbox")

    for name, address in addresses.items():
        page.goto(live_server.url + address)
        eye.look(f"panel-{size['width']}-{scheme}-{name}")

    assert eye.wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_empty_page_teaches(live_server, new_page, nobody, size, scheme):
    page = new_page(size, color_scheme=scheme)
    let_in(page, nobody, live_server.url)
    eye = Eye(page, live_server.url)

    for name in (
        "returns",
        "orders",
        "integrations",
        "addresses",
        "brands",
        "rules",
        "portal",
        "carriers",
        "ledger",
    ):
        page.goto(live_server.url + place(name))
        eye.look(f"empty-{size['width']}-{scheme}-{name}")
        assert page.locator(".empty").count() == 1, name

    assert eye.wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_around_the_login_are_sound(live_server, new_page, db, scheme):
    page = new_page(PHONE, color_scheme=scheme)
    eye = Eye(page, live_server.url)

    for name in ("login", "password/reset", "password/reset/done", "signup"):
        page.goto(f"{live_server.url}/accounts/{name}/")
        eye.look(f"gate-{scheme}-{name.replace('/', '-')}")

    assert eye.wrong == []
