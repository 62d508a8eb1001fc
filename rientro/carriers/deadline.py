"""An httpx client whose whole exchange ends at one moment, however slowly the bytes arrive.

httpx's own timeouts start anew with every byte: a peer that sends one byte a second is never cut off.
Here each wait on the socket gets only what is left.
"""

import time
from typing import Any

import httpcore
import httpx


def client_until(deadline_s: float, *, connect_s: float = 5) -> httpx.Client:
    """A client for one exchange that begins now; no redirects, no proxies of the environment."""
    transport = httpx.HTTPTransport(trust_env=False, limits=httpx.Limits(max_connections=1))
    transport._pool._network_backend = _Backend(time.monotonic() + deadline_s)
    timeout = httpx.Timeout(deadline_s, connect=min(connect_s, deadline_s))
    return httpx.Client(transport=transport, timeout=timeout, trust_env=False)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, ends_at: float) -> None:
        self._inner = httpcore.SyncBackend()
        self._ends_at = ends_at

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *args: Any, **more: Any
    ) -> httpcore.NetworkStream:
        left = _left(self._ends_at, timeout, httpcore.ConnectTimeout)
        stream = self._inner.connect_tcp(host, port, left, *args, **more)
        return _Stream(stream, self._ends_at)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, ends_at: float) -> None:
        self._inner = inner
        self._ends_at = ends_at

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._ends_at, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._ends_at, timeout, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._ends_at, timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._ends_at)

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(ends_at: float, timeout: float | None, error: type[Exception]) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise error("The deadline of the whole exchange has passed.")
    return left if timeout is None else min(left, timeout)
