"""The one client for requests to the outside: it reaches public addresses only, and ends when it says.

Shops, carriers and webhook receivers are named by merchants, so every address is a stranger's. A name is resolved
once, all its addresses are checked, and the connection goes to a checked address: a name that changes its mind
between the check and the connection gains nothing. httpx's time-outs start anew with each byte; here a whole
exchange has one deadline. No redirects, no proxies of the environment, no packed answers, no endless ones.
"""

import ipaddress
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Never

import httpcore
import httpx

DEADLINE_S = 30.0
CONNECT_S = 5.0
LIMIT_BYTES = 10 * 1024 * 1024
PORTS = (80, 443)
LONGEST_URL = 2000
WRITE_BYTES = 16 * 1024

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

# Beyond what ``is_global`` of Python knows (it lets several of these through).
_CLOSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        # Inside 2000::/3, the only part of IPv6 that is open at all: tunnels, tests, documentation.
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
_OPEN_V6 = ipaddress.ip_network("2000::/3")
# What the operator may open: his own networks. Not link-local: clouds keep their keys at 169.254.169.254.
_OWN = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"),
    )
)


class TargetRefused(httpx.ConnectError):
    """The address is none that we go to; nothing was sent."""


class AnswerRefused(httpx.ReadError):
    """The answer is larger than agreed, or packed although nobody asked for that."""


def client(
    *,
    deadline_s: float = DEADLINE_S,
    connect_s: float = CONNECT_S,
    limit_bytes: int = LIMIT_BYTES,
    allow_private: bool = False,
    ports: Sequence[int] = PORTS,
    resolve: Resolve | None = None,
) -> httpx.Client:
    """An httpx client for addresses that strangers name; close it or use it in ``with``.

    Each request has ``deadline_s`` from its first name look-up to its last byte, and an answer at most
    ``limit_bytes``. ``allow_private`` opens private and loopback addresses and every port (never link-local
    ones): the operator's setting, not a merchant's. Raises httpx errors only; TargetRefused before anything is sent.
    """
    transport = _Transport(
        deadline_s=deadline_s,
        connect_s=connect_s,
        limit_bytes=limit_bytes,
        allow_private=allow_private,
        ports=frozenset(ports),
        resolve=resolve or _resolved,
    )
    return httpx.Client(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(deadline_s, connect=min(connect_s, deadline_s)),
        headers={"Accept-Encoding": "identity", "User-Agent": "Rientro"},
    )


def are_private_targets_open() -> bool:
    """May partners stand in a private network? The operator's word (config.environment), not a merchant's."""
    return os.environ.get("RIENTRO_ALLOW_PRIVATE_TARGETS", "").lower() in {"1", "true", "yes", "on"}


def is_public(address: str) -> bool:
    """May a stranger send us to this IP address? Knows the ways in which IPv6 carries an IPv4 address."""
    found = _ip(address)
    if found is None or (found.version == 6 and found not in _OPEN_V6):
        return False
    return found.is_global and not any(found in closed for closed in _CLOSED)


def is_own(address: str) -> bool:
    """Is this a loopback or private address, which an operator may open for his own shops and carriers?"""
    found = _ip(address)
    return found is not None and any(found in own for own in _OWN)


def _ip(address: str) -> Ip | None:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def problem(url: str, *, allow_private: bool = False, ports: Sequence[int] = PORTS) -> str | None:
    """What is wrong with an address that somebody typed, in a sentence; None if we would try it.

    Looks up no name: the client judges what a name points to, each time it connects.
    """
    if len(url) > LONGEST_URL:
        return f"An address has at most {LONGEST_URL} characters."
    try:
        parsed = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError):
        return "This is not an address such as https://shop.example."
    found = _problem_of(parsed, allow_private, frozenset(ports))
    if found is None and not allow_private and _is_inward(parsed.host):
        return "This address lies inside a private network."
    return found


# What a URL may look like


def _problem_of(url: httpx.URL, allow_private: bool, ports: frozenset[int]) -> str | None:
    if url.scheme not in ("http", "https"):
        return "The address must begin with https:// or http://."
    if not url.host:
        return "This is not an address such as https://shop.example."
    if url.userinfo:
        return "The address must not carry a user name or password."
    port = url.port or (443 if url.scheme == "https" else 80)
    if not allow_private and port not in ports:
        return f"Port {port} is not open to us; use the usual one."
    return None


def _is_inward(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return not is_public(name)


# The transport: one pool for one exchange, so that its deadline is its own


class _Transport(httpx.BaseTransport):
    def __init__(
        self,
        *,
        deadline_s: float,
        connect_s: float,
        limit_bytes: int,
        allow_private: bool,
        ports: frozenset[int],
        resolve: Resolve,
    ) -> None:
        self._deadline_s = deadline_s
        self._connect_s = connect_s
        self._limit_bytes = limit_bytes
        self._allow_private = allow_private
        self._ports = ports
        self._resolve = resolve

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        wrong = _problem_of(request.url, self._allow_private, self._ports)
        if wrong is not None:
            raise TargetRefused(wrong, request=request)
        exchange = httpx.HTTPTransport(
            verify=_tls(), trust_env=False, limits=httpx.Limits(max_connections=1)
        )
        # httpx has no public way to hand over a backend; httpcore, below it, has.
        exchange._pool._network_backend = _Backend(
            _Deadline(time.monotonic() + self._deadline_s),
            connect_s=self._connect_s,
            allow_private=self._allow_private,
            resolve=self._resolve,
        )
        try:
            response = exchange.handle_request(request)
            self._judge(response)
        except BaseException:
            exchange.close()
            raise
        response.stream = _Body(response, exchange, self._limit_bytes)
        return response

    def _judge(self, response: httpx.Response) -> None:
        told = response.headers.get("Content-Length", "")
        if told.isdigit() and int(told) > self._limit_bytes:
            raise AnswerRefused("The answer is larger than agreed.")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise AnswerRefused("The answer is packed, which nobody asked for.")


class _Body(httpx.SyncByteStream):
    """The answer's bytes, counted; closing it closes its connection."""

    def __init__(
        self, response: httpx.Response, exchange: httpx.HTTPTransport, limit_bytes: int
    ) -> None:
        inner = response.stream
        assert isinstance(inner, httpx.SyncByteStream)
        self._inner = inner
        self._exchange = exchange
        self._limit_bytes = limit_bytes

    def __iter__(self) -> Iterator[bytes]:
        seen = 0
        for chunk in self._inner:
            seen += len(chunk)
            if seen > self._limit_bytes:
                raise AnswerRefused("The answer is larger than agreed.")
            yield chunk

    def close(self) -> None:
        self._inner.close()
        self._exchange.close()


class _Deadline:
    def __init__(self, ends_at: float) -> None:
        self._ends_at = ends_at

    def left(self, wished: float | None, error: type[Exception]) -> float:
        """Seconds for the next wait; raises ``error`` when there are none."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise error("The deadline of the whole exchange has passed.")
        return left if wished is None else min(left, wished)


class _Backend(httpcore.NetworkBackend):
    def __init__(
        self, deadline: _Deadline, *, connect_s: float, allow_private: bool, resolve: Resolve
    ) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline
        self._connect_s = connect_s
        self._allow_private = allow_private
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        addresses = self._checked(host, port)
        error: Exception | None = None
        for address in addresses:
            left = self._deadline.left(self._connect_s, httpcore.ConnectTimeout)
            try:
                stream = self._inner.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as refused:
                error = refused
                continue
            return _Stream(stream, self._deadline)
        raise error or httpcore.ConnectError(f"{host} has no address.")

    def connect_unix_socket(self, *args: Any, **more: Any) -> Never:
        raise TargetRefused("A socket of this machine is no address of the outside.")

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(min(seconds, self._deadline.left(seconds, httpcore.ConnectTimeout)))

    def _checked(self, host: str, port: int) -> list[str]:
        """The addresses of ``host``; one that is not public refuses the whole name."""
        left = self._deadline.left(self._connect_s, httpcore.ConnectTimeout)
        return checked_addresses(
            host, port, within_s=left, allow_private=self._allow_private, resolve=self._resolve
        )


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # Piece by piece: a receiver that drains slowly gets what is left, not the same wait for each piece.
        for at in range(0, len(buffer), WRITE_BYTES):
            left = self._deadline.left(timeout, httpcore.WriteTimeout)
            self._inner.write(buffer[at : at + WRITE_BYTES], left)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout, httpcore.ConnectTimeout)
        inner = self._inner.start_tls(ssl_context, server_hostname, left)
        return _Stream(inner, self._deadline)

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


# Names


def checked_addresses(
    host: str, port: int, *, within_s: float, allow_private: bool, resolve: Resolve | None = None
) -> list[str]:
    """The addresses of ``host``; one that is not public refuses the whole name (TargetRefused)."""
    found = list(dict.fromkeys(_within(within_s, resolve or _resolved, host, port)))
    if not all(is_public(ip) or (allow_private and is_own(ip)) for ip in found):
        raise TargetRefused(f"{host} lies inside a private network.")
    return found


_LOOKUP_ERRORS = (OSError, UnicodeError, httpcore.NetworkError, httpcore.TimeoutException)


def _resolved(host: str, port: int) -> list[str]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} has no address.") from error
    return [str(row[4][0]) for row in rows]


def _within(seconds: float, resolve: Resolve, host: str, port: int) -> Sequence[str]:
    """``resolve(host, port)``, given up after ``seconds``: the system's look-up has no time-out of its own."""
    answer: list[Sequence[str] | Exception] = []

    def ask() -> None:
        try:
            answer.append(resolve(host, port))
        except _LOOKUP_ERRORS as error:  # carried over to the thread that waits
            answer.append(error)

    thread = threading.Thread(target=ask, name="name look-up", daemon=True)
    thread.start()
    thread.join(seconds)
    if not answer:
        raise httpcore.ConnectTimeout(f"Looking up {host} took too long.")
    if isinstance(answer[0], Exception):
        raise answer[0]
    return answer[0]


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Reading the certificates takes tens of milliseconds: once per process."""
    return httpx.create_ssl_context(trust_env=False)
