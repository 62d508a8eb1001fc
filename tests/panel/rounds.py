"""A round through the pages of one part of the panel, in a real browser: for axe, for the eye, for narrow screens."""

from collections.abc import Mapping
from typing import Any

from tests.browser import NARROW
from tests.panel.test_browser import let_in
from tests.portal.seen import Eye

Desk = tuple[Mapping[str, str], Any]  # {name of a page: its address}, the member who looks


def wrong_on(
    live_server: Any, new_page: Any, desk: Desk, *, room: str, size: dict[str, int], language: str
) -> list[str]:
    """What is wrong on any of these pages; dark in Italian, light in English."""
    addresses, _ = desk
    page = _seated(live_server, new_page, desk, size, language)
    eye = Eye(page, live_server.url)
    for name, address in addresses.items():
        page.goto(live_server.url + address)
        eye.look(f"{room}-{size['width']}-{language}-{name}")
    return eye.wrong


def wider_than_narrow(
    live_server: Any, new_page: Any, desk: Desk, *, language: str
) -> dict[str, int]:
    """{page: pixels} of those that must be moved sideways on a narrow screen."""
    addresses, _ = desk
    page = _seated(live_server, new_page, desk, NARROW, language)
    wide = {}
    for name, address in addresses.items():
        page.goto(live_server.url + address)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            wide[name] = over
    return wide


def _seated(
    live_server: Any, new_page: Any, desk: Desk, size: dict[str, int], language: str
) -> Any:
    _, member = desk
    member.user.language = language
    member.user.save()
    page = new_page(size, color_scheme="dark" if language == "it" else "light")
    let_in(page, member, live_server.url)
    return page
