"""Where a carrier's host really stands: at the carrier, or, for tests and trials, on this machine.

``RIENTRO_CARRIER_HOSTS`` is the operator's: ``api-eu.dhl.com=http://127.0.0.1:9001``, several by comma. It can
point to this machine only, so that nobody's credentials are led to a third party.
"""

import os
from urllib.parse import urlsplit

VARIABLE = "RIENTRO_CARRIER_HOSTS"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class MapRefused(Exception):
    """The variable says something that is not followed; nothing is sent, to nobody."""


def target(host: str) -> str | None:
    """The address that stands for ``host``; None for the carrier itself. Raises MapRefused."""
    return _mapped(os.environ.get(VARIABLE, "")).get(host.lower())


def led() -> list[str]:
    """The hosts that are led elsewhere. Raises MapRefused."""
    return sorted(_mapped(os.environ.get(VARIABLE, "")))


def problem() -> str:
    """What is wrong with the variable, in a sentence; empty when nothing is."""
    try:
        _mapped(os.environ.get(VARIABLE, ""))
    except MapRefused as refused:
        return str(refused)
    return ""


def _mapped(words: str) -> dict[str, str]:
    found = {}
    for pair in filter(None, (part.strip() for part in words.split(","))):
        host, _, url = pair.partition("=")
        try:
            parts = urlsplit(url.strip())
            right = parts.scheme == "http" and parts.hostname in LOOPBACK and bool(parts.port)
        except ValueError:
            right = False
        if not host.strip() or not right:
            raise MapRefused(f"{VARIABLE} wants HOST=http://127.0.0.1:PORT, not “{pair[:80]}”.")
        found[host.strip().lower()] = url.strip().rstrip("/")
    return found
