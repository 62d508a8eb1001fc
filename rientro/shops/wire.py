"""The wire of the shops: the house's own (kit.wire) with their errors, and a place to keep access tokens."""

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from rientro.kit import wire
from rientro.kit.wire import Reply, Words, retry_after_s
from rientro.shops.base import (
    ANSWER_LIMIT,
    DEADLINE_S,
    AuthFailed,
    InvalidRequest,
    OutcomeUnknown,
    RateLimited,
    RawWebhook,
    Unavailable,
    Unsupported,
)

__all__ = [
    "ANSWER_LIMIT",
    "Reply",
    "Wire",
    "Words",
    "delivery_of",
    "forget_token",
    "kept_token",
    "of_one_connection",
    "retry_after_s",
]

MOST_TOKENS = 500
EARLY_S = 30  # a token is renewed so long before it ends


class Wire(wire.Wire):
    """The connection to one shop. Override ``_refusal`` to read a shop's own shape of errors first."""

    family = wire.Family(
        invalid=InvalidRequest,
        auth=AuthFailed,
        limited=RateLimited,
        unavailable=Unavailable,
        unknown=OutcomeUnknown,
        unsupported=Unsupported,
    )

    def __init__(
        self,
        name: str,
        base_url: str,
        headers: Mapping[str, str],
        *,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        super().__init__(name, base_url, headers, deadline_s=deadline_s)
        self._call_s = deadline_s
        self._until: float | None = None

    def begin(self) -> None:
        """A call of several requests begins: they share its seconds, and the call after it has its own."""
        self._until = time.monotonic() + self._call_s

    @property
    def left(self) -> float:
        """The part of the call's time that is left, of 1."""
        return 1.0 if self._until is None else (self._until - time.monotonic()) / self._call_s

    def ask(self, method: str, path: str, *, until: float | None = None, **more: Any) -> Reply:
        """As the house's wire; within what is left of the call that began, where no other end is named."""
        return super().ask(method, path, until=self._until if until is None else until, **more)


_tokens: dict[str, tuple[str, float]] = {}
_guard = threading.Lock()


def kept_token(*, of: str, secret: str, make: Callable[[], tuple[str, float]]) -> str:
    """An access token of ``of`` (shop and key) that lives; ``make`` asks for one: (token, seconds it lives).

    Kept in this process only, under a hash of what it was got with: another secret never meets it.
    """
    key = _key(of, secret)
    with _guard:
        kept = _tokens.get(key)
    if kept and kept[1] > time.monotonic():
        return kept[0]
    token, seconds = make()
    with _guard:
        if len(_tokens) >= MOST_TOKENS:
            _tokens.clear()
        _tokens[key] = (token, time.monotonic() + max(seconds - EARLY_S, 1.0))
    return token


def forget_token(*, of: str, secret: str) -> None:
    """The shop does not take it any more: the next call asks for another."""
    with _guard:
        _tokens.pop(_key(of, secret), None)


def _key(of: str, secret: str) -> str:
    return hashlib.sha256(f"{of}\0{secret}".encode()).hexdigest()


def of_one_connection(url: str) -> str:
    """How every address of the connection begins that ``url`` belongs to (``…/<merchant>-<link>-<secret word>/``).

    Two merchants of one house may ask the same shop: neither takes the other's webhooks away.
    """
    head, _, token = url.rstrip("/").rpartition("/")
    merchant, _, rest = token.partition("-")
    return f"{head}/{merchant}-{rest.partition('-')[0]}-"


def delivery_of(raw: RawWebhook, header: str) -> str:
    """A key for deliveries whose id stands in ``header``: the id is not signed, so the body counts with it."""
    told = f"{raw.headers.get(header, '')}\0".encode()
    return hashlib.sha256(told + raw.body).hexdigest()
