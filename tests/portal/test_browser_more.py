"""The portal in a real browser beside the main way: without script, by keyboard, and in every state of a return."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from rientro.kit.tenancy import merchant_transaction
from rientro.models import Event, Order, Return, TrackingEvent
from tests.makers import (
    NOW,
    make_carrier_account,
    make_integration,
    make_merchant,
    make_order,
    make_return,
)
from tests.portal.conftest import DESK, NARROW, PHONE
from tests.portal.papers import make_label
from tests.portal.seen import Eye
from tests.portal.shopfronts import nordlicht, order_of, sartoria

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Shop:
    """A merchant whose rows a test may look at and change while a browser looks on."""

    def __init__(self) -> None:
        self.merchant = make_merchant()
        with self.inside():
            make_carrier_account()

    def inside(self) -> Any:
        return merchant_transaction(self.merchant.pk)


@pytest.fixture
def shop(db: None) -> Iterator[Shop]:
    with time_machine.travel(NOW, tick=True):
        yield Shop()


def walk_to_check(page: Any, base: str, order: Order, first: int) -> None:
    page.goto(base)
    page.fill("#order", order.number)
    page.fill("#postcode", "10131")
    page.click(".ask .primary")
    page.check(f"#pick-{first}")
    page.click(".p-go .primary")
    page.check("input[name=reason][value='-']")
    page.click(".p-go .primary")
    page.check("#method-print")
    page.click(".p-go .primary")
    typed = {"name": "Giulia Ferrero", "street": "Via Monferrato", "house_number": "18"}
    for name, value in (typed | {"postal_code": "10131", "city": "Torino"}).items():
        page.fill(f"#{name}", value)
    page.click(".p-go .primary")


def test_the_whole_way_works_without_script(live_server, new_page, shop):
    with shop.inside():
        order = order_of(sartoria(), number="BR-10482")
        first = order.lines.order_by("position").first().pk
    page = new_page(PHONE, "it", java_script_enabled=False)

    walk_to_check(page, f"{live_server.url}/sartoria-brina/", order, first)
    page.click(".p-go .primary")

    assert page.url == f"{live_server.url}/sartoria-brina/done/"
    assert page.locator("noscript").count() == 1
    with shop.inside():
        assert Return.objects.get().approval == "approved"


def test_the_whole_way_works_by_keyboard_alone(live_server, new_page, shop):
    with shop.inside():
        order_of(sartoria(), number="BR-10482")
    page = new_page(DESK, "it")
    press = page.keyboard.press

    page.goto(f"{live_server.url}/sartoria-brina/")
    page.focus("#order")
    page.keyboard.type("BR-10482")
    press("Tab")
    page.keyboard.type("10131")
    press("Enter")
    page.wait_for_url("**/items/")
    page.focus("input[name=pick]")
    press("Space")
    press("Enter")
    page.wait_for_url("**/why/")
    page.focus("input[name=reason]")
    press("ArrowDown")
    press("Enter")
    page.wait_for_url("**/how/")
    page.focus("#method-print")
    press("Enter")
    page.wait_for_url("**/address/")
    for name, value in {"name": "G", "street": "V", "city": "Torino"}.items():
        page.focus(f"#{name}")
        page.keyboard.type(value)
    press("Enter")
    page.wait_for_url("**/check/")
    page.focus(".p-go .primary")
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    press("Enter")
    page.wait_for_url("**/done/")

    assert ring == "solid"


def test_the_label_appears_by_itself_when_it_is_made(live_server, new_page, shop):
    with shop.inside():
        order = order_of(sartoria(), number="BR-10482")
        first = order.lines.order_by("position").first().pk
    page = new_page(PHONE, "it")
    eye = Eye(page, live_server.url)
    walk_to_check(page, f"{live_server.url}/sartoria-brina/", order, first)
    page.click(".p-go .primary")
    page.wait_for_url("**/done/")
    assert page.locator(".ticket.waits").count() == 1

    with shop.inside():
        ret = Return.objects.get()
        make_label(ret)
        ret.move(carrier="label_ready")
    page.wait_for_selector("a[href*='format=a4']", timeout=15000)
    eye.look("extra-done-phone")
    page.set_viewport_size(DESK)
    eye.look("extra-done-desk")

    assert page.locator("h1").inner_text() == "L’etichetta è pronta."
    assert page.title().startswith("L’etichetta è pronta.")
    assert eye.wrong == []


STATES: dict[str, dict[str, Any]] = {
    "requested": {"approval": "requested", "carrier": "none"},
    "ready": {"carrier": "label_ready"},
    "road": {"carrier": "in_transit"},
    "customs": {"carrier": "at_customs"},
    "lost": {"carrier": "lost"},
    "arrived": {"carrier": "delivered", "delivered_at": NOW},
    "checked": {"carrier": "delivered", "inspection": "accepted", "delivered_at": NOW},
    "refunded": {"carrier": "delivered", "inspection": "accepted", "settlement": "refunded"},
    "rejected": {"approval": "rejected", "carrier": "none", "rejection": "Worn outside."},
    "cancelled": {"approval": "cancelled", "carrier": "none"},
    "store": {"method": "in_store", "carrier": "none"},
}


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_a_return_has_a_sound_page(live_server, new_page, shop, state):
    with shop.inside():
        ret = make_return(order_of(nordlicht()), **STATES[state])
        if state in ("ready", "road", "lost", "arrived"):
            label = make_label(ret)
            Event.record("return.label_bought", actor="carrier:sandbox", at=NOW, ret=ret)
            for hour, status in enumerate(("handed_in", "in_transit"), start=1):
                TrackingEvent.objects.create(
                    parcel=label.parcel,
                    key=status,
                    status=status,
                    place="Hamburg-Allermöhe",
                    occurred_at=NOW + timedelta(hours=hour),
                    received_at=NOW,
                )
    page = new_page(PHONE, "en")
    eye = Eye(page, live_server.url)

    page.goto(f"{live_server.url}/nordlicht-outdoor/r/{ret.link_token}/")
    eye.look(f"state-{state}")

    assert eye.wrong == []
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("size", [PHONE, NARROW], ids=["phone", "narrow"])
def test_the_side_ways_are_sound(live_server, new_page, shop, size):
    with shop.inside():
        brand = sartoria()
        order = order_of(brand, number="BR-10482")
        make_return(order)
        for name in ("Sartoria Brina online", "Outlet Serravalle"):
            make_order(brand, number="TWICE", integration=make_integration(shop_name=name))
        order_of(nordlicht(active=False))
    page = new_page(size, "it")
    eye = Eye(page, live_server.url)
    base, label = f"{live_server.url}/sartoria-brina", f"side-{size['width']}"

    page.goto(f"{base}/?via=store")
    eye.look(f"{label}-store")
    page.goto(f"{base}/")
    page.fill("#order", "TWICE")
    page.fill("#postcode", "10131")
    page.click(".ask .primary")
    eye.look(f"{label}-choose")
    page.goto(f"{base}/")
    page.fill("#order", "BR-10482")
    page.fill("#postcode", "10131")
    page.click(".ask .primary")
    page.wait_for_url("**/items/")
    eye.look(f"{label}-stranger-second-visit")
    page.click("form.see button")
    page.wait_for_url("**/code/")
    eye.look(f"{label}-code")
    page.fill("#code", "WRONG123")
    page.click(".p-go .primary")
    eye.look(f"{label}-code-wrong")
    page.goto(f"{base}/link/")
    page.fill("#order", "BR-10482")
    page.fill("#email", "someone@else.example")
    page.click(".ask .primary")
    eye.look(f"{label}-link-sent")
    page.goto(f"{base}/r/no-such-return/")
    eye.look(f"{label}-nothing-here")
    page.click("details.tongue summary")
    eye.look(f"{label}-language")
    page.click("details.tongue button[value=en]")
    page.goto(f"{live_server.url}/nordlicht-outdoor/")
    eye.look(f"{label}-closed")

    assert eye.wrong == []


def test_the_page_weighs_little(live_server, new_page, shop):
    """HTML, CSS and script of the first page, compressed: 60 KB at most before pictures."""
    import gzip

    with shop.inside():
        order_of(sartoria())
    page = new_page(PHONE, "it")
    weights: list[int] = []
    page.on(
        "response",
        lambda response: (
            weights.append(len(gzip.compress(response.body())))
            if response.request.resource_type in ("document", "stylesheet", "script")
            else None
        ),
    )

    page.goto(f"{live_server.url}/sartoria-brina/")
    page.wait_for_load_state("networkidle")

    assert 0 < sum(weights) < 60_000
