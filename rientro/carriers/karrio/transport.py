"""Every byte between Karrio and a carrier: one call of ours, its allowed routes, its deadline, its journal.

Karrio sends through a function that ``library`` replaces by ``send``. It asks the house's own guarded client
(kit.http: verified TLS, public addresses only, no redirects, one deadline), once for each request, and writes down
what came of it. Without a call of ours around it, or on a route the call does not know, nothing is sent at all.
"""

import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from email.message import Message
from enum import StrEnum
from io import BytesIO
from types import TracebackType
from typing import Protocol, Self
from urllib.error import HTTPError
from urllib.parse import urlsplit

import httpx

from rientro.carriers.karrio import hosts
from rientro.carriers.wire import NEVER_SENT, longest_s
from rientro.kit import http

FORM = "application/x-www-form-urlencoded"  # what urllib says of a body when nobody says anything


class Role(StrEnum):
    """What a request is for; the journal is read by it."""

    TOKEN = "token"  # noqa: S105
    QUESTION = "question"  # changes nothing at the carrier
    PURCHASE = "purchase"
    VOID = "void"


ONCE = frozenset({Role.PURCHASE, Role.VOID})


class Refused(Exception):
    """Not sent: no call is open, the route is not on its list, or it was asked before.

    No OSError on purpose: Karrio repeats what fails with one.
    """


class Broken(Exception):
    """Sent, or tried, without an answer; the journal says which. No OSError, for the same reason."""


class RequestLike(Protocol):
    """As much of urllib.request.Request as is read here."""

    @property
    def full_url(self) -> str: ...
    @property
    def data(self) -> object: ...
    def get_method(self) -> str: ...
    def header_items(self) -> list[tuple[str, str]]: ...


@dataclass(frozen=True, slots=True)
class Route:
    """A place that a call may ask: the beginning of a path at one host, or with ``whole`` the path itself."""

    role: Role
    method: str
    host: str
    path: str
    whole: bool = False


@dataclass(slots=True)
class Exchange:
    """One request and its answer. ``sent``: a byte of it may have left us. ``status`` 0: no answer."""

    role: Role
    path: str = ""
    sent: bool = False
    status: int = 0
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    body: bytes = b""

    @property
    def fine(self) -> bool:
        return 200 <= self.status < 300


class Answer:
    """What Karrio reads of an answer: as urllib would give it, but whole already."""

    def __init__(self, exchange: Exchange, url: str) -> None:
        self.status = exchange.status
        self.headers = _message(exchange.headers)
        self.url = url
        self._body = exchange.body

    def read(self) -> bytes:
        return self._body

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open any more."""


class Call:
    """One unit of work at one carrier; use it in ``with``. All its requests share one deadline.

    ``amend`` gets a purchase's body and gives back what is sent instead.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        *,
        amend: Callable[[bytes], bytes] | None = None,
        deadline_s: float | None = None,
    ) -> None:
        self.exchanges: list[Exchange] = []
        self._routes = routes
        self._amend = amend
        self._ends_at = time.monotonic() + (deadline_s or longest_s())
        self._before: Token[Call | None] | None = None

    def __enter__(self) -> Self:
        self._before = _open_call.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._before is not None
        _open_call.reset(self._before)

    def last(self, *roles: Role) -> Exchange | None:
        """The latest exchange of one of ``roles``."""
        return next((found for found in reversed(self.exchanges) if found.role in roles), None)

    def every(self, role: Role) -> list[Exchange]:
        return [found for found in self.exchanges if found.role == role]

    def send(self, request: RequestLike) -> Answer:
        """Send it once. Raises HTTPError for 300 and above, as urllib does, and Refused and Broken."""
        exchange = self._admit(request)
        self.exchanges.append(exchange)
        url, private = self._target(request.full_url)
        body = request.data if isinstance(request.data, bytes) else None
        if body is not None and exchange.role is Role.PURCHASE and self._amend:
            body = self._amend(body)
        self._exchange(exchange, request, url, body, private=private)
        answer = Answer(exchange, request.full_url)
        if exchange.role is Role.TOKEN and exchange.status >= 500:
            raise Broken("No token.")  # Karrio would ask twice more, with a nap before each
        if not exchange.fine:
            raise HTTPError(
                _without_query(request.full_url),
                exchange.status,
                f"status {exchange.status}",
                answer.headers,
                BytesIO(exchange.body),
            )
        return answer

    def _admit(self, request: RequestLike) -> Exchange:
        parts = urlsplit(request.full_url)
        for route in self._routes:
            there = parts.scheme == "https" and parts.netloc == route.host
            if there and request.get_method() == route.method and _under(parts.path, route):
                if route.role in ONCE and self.every(route.role):
                    raise Refused("Asked before in this call: it is not asked again.")
                return Exchange(role=route.role, path=parts.path)
        raise Refused(f"No route to {parts.netloc} for this: nothing was sent.")

    def _target(self, url: str) -> tuple[str, bool]:
        parts = urlsplit(url)
        try:
            stand_in = hosts.target(parts.netloc)
        except hosts.MapRefused as refused:
            raise Refused(str(refused)) from refused
        if stand_in is None:
            return url, False
        return stand_in + url.removeprefix(f"https://{parts.netloc}"), True

    def _exchange(
        self,
        exchange: Exchange,
        request: RequestLike,
        url: str,
        body: bytes | None,
        *,
        private: bool,
    ) -> None:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise Broken("The deadline of the whole call has passed.")
        headers = httpx.Headers(request.header_items())
        if body is not None:
            headers.setdefault("Content-Type", FORM)
        exchange.sent = True
        try:
            with (
                http.client(deadline_s=left, allow_private=private) as client,
                client.stream(request.get_method(), url, headers=headers, content=body) as response,
            ):
                exchange.body = response.read()
                exchange.headers = response.headers
                exchange.status = response.status_code  # last: half an answer is none
        except (*NEVER_SENT, httpx.HTTPError, httpx.StreamError) as error:
            exchange.sent = not isinstance(error, NEVER_SENT)
            raise Broken("No clear answer.") from error


def send(request: RequestLike, timeout: float | None = None) -> Answer:
    """What Karrio's own function was; ``timeout`` is the call's, not Karrio's. Raises like Call.send."""
    call = _open_call.get()
    if call is None:
        raise Refused("Karrio wants to send outside of a call of ours: nothing was sent.")
    return call.send(request)


_open_call: ContextVar[Call | None] = ContextVar("karrio_call", default=None)


def _under(path: str, route: Route) -> bool:
    """Is ``path`` what the route allows? Nothing that a server might fold together to another place."""
    folded = ".." in path or "//" in path or "%2e" in path.lower() or "%2f" in path.lower()
    right = path == route.path if route.whole else path.startswith(route.path)
    return right and not folded


def _without_query(url: str) -> str:
    """DHL's tracking carries a password in its query."""
    return url.partition("?")[0]


def _message(headers: httpx.Headers) -> Message:
    message = Message()
    for name, value in headers.multi_items():
        message[name] = value
    return message
