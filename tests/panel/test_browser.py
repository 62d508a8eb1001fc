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
from tests.panel.places import DOWNLOADS, LISTS, PAGES, place
from tests.portal.seen import SHOTS, Eye

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TRIED = "[data-part] .banner[aria-live]"  # the words of the hint would match what it says


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


def addresses_of(merchant: Merchant, house: House) -> dict[str, str]:
    """Every page of the panel, with something on it."""
    addresses = {name: place(name) for name in LISTS}
    with merchant_transaction(merchant.pk):
        addresses |= {name: place(name, *rows(house)) for name, rows in PAGES.items()}
        addresses = {name: at for name, at in addresses.items() if name not in DOWNLOADS}
        unknown = merchant.label_purchases.get(status="unknown")
        addresses["purchase"] = place("purchase", unknown.pk)
        for name, which in (
            ("request", {"tab": "requests"}),
            ("rejected", {"approval": "rejected"}),
        ):
            addresses[name] = place("return", merchant.returns.filter(**which).first().number)
    return addresses | {
        "transit": f"{place('returns')}?tab=in_transit",
        "filtered": f"{place('returns')}?tab=in_transit&days=7&country=DE",
        "found": f"{place('search')}?q=a",
        "carrier_new": place("carrier_new", "sandbox"),
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_is_sound(live_server, new_page, desk, size, scheme):
    merchant, house, member = desk
    page = new_page(size, color_scheme=scheme)
    let_in(page, member, live_server.url)
    eye = Eye(page, live_server.url)

    for name, address in addresses_of(merchant, house).items():
        page.goto(live_server.url + address)
        eye.look(f"panel-{size['width']}-{scheme}-{name}")

    assert eye.wrong == []


@pytest.mark.parametrize("language", ["en", "it"])
def test_no_page_is_wider_than_a_narrow_screen(live_server, new_page, desk, language):
    merchant, house, member = desk
    member.user.language = language
    member.user.save()
    page = new_page(NARROW)
    let_in(page, member, live_server.url)
    wide = {}

    for name, address in addresses_of(merchant, house).items():
        page.goto(live_server.url + address)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/narrow-{language}-{name}.png")
        if over > 0:
            wide[name] = over

    assert wide == {}


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


# What the scripts add


@pytest.fixture
def at_desk(live_server, new_page, desk):
    """A page of the panel in a browser, and the house behind it."""
    merchant, house, member = desk
    page = new_page(DESK)
    let_in(page, member, live_server.url)
    page.on("pageerror", lambda error: pytest.fail(f"script: {error}"))
    return page, live_server.url, merchant, house


def test_the_list_is_worked_with_keys(at_desk):
    page, host, _merchant, _house = at_desk
    page.goto(f"{host}{place('returns')}?tab=in_transit")
    bar = page.locator(".bulk")

    assert not bar.is_visible()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert bar.inner_text().startswith("2")
    assert page.locator("tr.at").count() == 1
    page.keyboard.press("e")
    page.wait_for_selector(".told .tone-ok")

    assert "2 returns marked as delivered." in page.inner_text(".told")


def test_slash_goes_to_the_search(at_desk):
    page, host, _merchant, house = at_desk
    page.goto(f"{host}{place('orders')}")

    page.keyboard.press("/")
    page.keyboard.type(house.ret.number)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{place('return', house.ret.number)}")

    assert page.inner_text("h1").startswith(house.ret.number)


def test_a_rule_is_tried_while_it_is_written(at_desk):
    page, host, _merchant, _house = at_desk
    page.goto(f"{host}{place('rule_new')}")

    page.select_option("#c0-value", label="Shop A")
    page.select_option("#address", label="Hamburg (Nordlicht Outdoor)")
    page.wait_for_selector(TRIED)
    page.click("button[value=add]")
    page.wait_for_selector("#c1-property")
    page.select_option("#c1-operator", "in")
    page.wait_for_selector("#c1-value[multiple]")
    page.select_option("#c1-value", ["CH", "NO"])
    page.wait_for_selector(TRIED)
    page.click("button[value=save]")
    page.wait_for_url(f"**{place('rules')}")

    assert "Switzerland, Norway" in page.inner_text(".rules")


class Held:
    """Answers of the trial that are given when the test says so."""

    def __init__(self, page: Any) -> None:
        self.routes: list[Any] = []
        page.route(f"**{place('rule_try')}", lambda route: self.routes.append(route))
        self.page = page

    def wait(self, number: int = 1) -> None:
        for _turn in range(400):
            if len(self.routes) >= number:
                return
            self.page.wait_for_timeout(25)
        raise AssertionError("Nothing was asked.")

    def answer(self) -> None:
        with self.page.expect_response(f"**{place('rule_try')}"):
            self.routes.pop(0).continue_()
        self.page.wait_for_timeout(200)


def test_a_button_that_is_held_down_is_not_taken_away(at_desk):
    page, host, _merchant, _house = at_desk
    page.goto(f"{host}{place('rule_new')}")
    trial = Held(page)

    page.select_option("#c0-value", label="Shop A")
    trial.wait()
    trial.answer()
    page.select_option("#address", label="Hamburg (Nordlicht Outdoor)")
    trial.wait()
    page.locator("#save").hover()
    page.mouse.down()
    trial.answer()
    page.mouse.up()
    page.wait_for_url(f"**{place('rules')}")

    assert "Hamburg" in page.inner_text(".rules")


def test_what_is_chosen_while_an_answer_is_under_way_stays(at_desk):
    page, host, _merchant, _house = at_desk
    page.goto(f"{host}{place('rule_new')}")
    trial = Held(page)

    page.select_option("#c0-value", label="Shop A")
    trial.wait()
    page.select_option("#address", label="Hamburg (Nordlicht Outdoor)")
    trial.wait(2)
    trial.answer()
    late = page.locator("#address option:checked").inner_text()
    trial.answer()
    page.wait_for_selector(TRIED)

    assert late == page.locator("#address option:checked").inner_text()
    assert "Hamburg" in late


def test_a_rule_is_dragged_to_another_place(at_desk):
    page, host, _merchant, _house = at_desk
    page.goto(f"{host}{place('rules')}")
    before = page.locator("[data-rule]").evaluate_all("rows => rows.map(row => row.dataset.rule)")

    page.locator("[data-rule] .grip").nth(1).hover()
    page.mouse.down()
    page.locator("[data-rule]").nth(0).hover(position={"x": 60, "y": 4})
    page.locator("[data-rule]").nth(0).hover(position={"x": 60, "y": 6})
    page.mouse.up()
    page.wait_for_selector(".told .tone-ok")

    after = page.locator("[data-rule]").evaluate_all("rows => rows.map(row => row.dataset.rule)")
    assert after == [before[1], before[0], *before[2:]]


def test_the_brand_is_seen_while_it_is_chosen(at_desk):
    page, host, _merchant, house = at_desk
    page.goto(f"{host}{place('brand', house.brand.pk)}")

    page.fill("#id_name", "Atelier Brina")
    page.fill("[data-hex=id_colour_accent]", "#114477")
    page.wait_for_selector(".stage .wordmark:has-text('Atelier Brina')")
    page.wait_for_selector("link[data-looks][href*='accent=%23114477']", state="attached")

    shown = page.evaluate("getComputedStyle(document.querySelector('.pv .go')).backgroundColor")
    assert shown == "rgb(17, 68, 119)"
    assert page.locator("[data-unsaved]").is_visible()


def test_everything_works_without_a_script(live_server, new_page, desk):
    _merchant, house, member = desk
    page = new_page(DESK, java_script_enabled=False)
    let_in(page, member, live_server.url)
    page.goto(f"{live_server.url}{place('returns')}?tab=in_transit")

    page.check(f"input[value='{house.ret.number}']")
    page.click(".bulk button[value=deliver]")

    assert "1 return marked as delivered." in page.inner_text(".told")
    page.goto(f"{live_server.url}{place('rule_new')}")
    page.click("button[value=add]")
    assert page.locator("#c1-property").count() == 1
