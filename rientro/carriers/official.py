"""The one address of a carrier's API. Another is taken only for a server on this machine, where tests run one."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from rientro.carriers.base import InvalidRequest
from rientro.kit.http import are_private_targets_open
from rientro.kit.sentences import Sentence

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def base_url(settings: Mapping[str, Any], official: str, name: str) -> str:
    """``official``, or the setting ``url`` where that is a loopback address and the operator opens these.

    Raises InvalidRequest for every other address: credentials are sent to their carrier and to nobody else.
    """
    url = str(settings.get("url") or official).strip().rstrip("/")
    if url == official:
        return url
    if are_private_targets_open() and is_loopback(url):
        return url
    raise InvalidRequest(
        Sentence(
            "%(carrier)s is asked at %(address)s only. Leave its address as it is.",
            carrier=name,
            address=official,
        )
    )


def is_loopback(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and parts.hostname in LOOPBACK
    except ValueError:
        return False
