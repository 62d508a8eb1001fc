"""A real browser, where there is one; pages are seen on a phone, on a desk and on a narrow screen."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
NARROW = {"width": 320, "height": 640}


def skip_without_browser(items: list[pytest.Item]) -> None:
    """Browser tests are skipped, and said to be, on a machine without Chromium."""
    if CHROMIUM.exists():
        return
    absent = pytest.mark.skip(reason="no Chromium at /usr/bin/chromium")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(absent)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests. pytest-playwright's own fixtures bring a plugin that pytest 9 warns of."""
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread; the tests' own queries are plain and few.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Any) -> Iterator[Callable[..., Any]]:
    """``new_page(PHONE, "it")``: a visitor of their own, with their own cookies."""
    contexts = []

    def open_page(size: dict[str, int], locale: str = "en", **options: Any) -> Any:
        context = chromium.new_context(viewport=size, locale=locale, **options)
        context.set_default_timeout(90_000)  # two busy cores are no fault of a page
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
