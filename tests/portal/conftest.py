"""The sizes in which the portal is looked at; the browser itself is everybody's (tests/browser.py)."""

from tests.browser import DESK, NARROW, PHONE

__all__ = ["DESK", "NARROW", "PHONE"]
