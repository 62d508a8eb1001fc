"""One request and one answer as bytes on a socket: read, handed on, written."""

import http.client
import socket
from dataclasses import dataclass, field, replace
from typing import BinaryIO
from urllib.parse import urlsplit

LINE_LIMIT = 64 * 1024
PATIENCE_S = 60.0
# Belong to one connection, not to the message.
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "expect", "upgrade"}

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """``target`` is path and query as they came."""

    method: str
    target: str
    headers: Headers
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``headers`` without those of the connection; the length follows from the body."""

    status: int = 200
    reason: str = ""
    headers: Headers = ()
    body: bytes = field(default=b"", repr=False)

    def head(self, **instead: str | None) -> bytes:
        """Status line and headers. ``instead`` replaces what we would say; None leaves it out."""
        ours: dict[str, str | None] = {"Content_Length": str(len(self.body)), **instead}
        said = {name.replace("_", "-"): value for name, value in ours.items()}
        told = [(name, value) for name, value in said.items() if value is not None]
        kept = [(name, value) for name, value in self.headers if not _is_in(name, said)]
        lines = [f"HTTP/1.1 {self.status} {self.reason}".rstrip()]
        lines += [f"{name}: {value}" for name, value in (*kept, *told)]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"

    def but(self, **changes: object) -> "Answer":
        return replace(self, **changes)  # type: ignore[arg-type]


def _is_in(name: str, said: dict[str, str | None]) -> bool:
    return name.lower() in {known.lower() for known in said}


def read_request(reader: BinaryIO) -> Request | None:
    """The next request of a connection; None when the client has gone."""
    first = reader.readline(LINE_LIMIT).decode("latin-1").split()
    if len(first) != 3:
        return None
    headers: list[tuple[str, str]] = []
    while line := reader.readline(LINE_LIMIT).decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers.append((name.strip(), value.strip()))
    known = {name.lower(): value for name, value in headers}
    if "chunked" in known.get("transfer-encoding", "").lower():
        body = _chunks(reader)
    else:
        body = reader.read(int(known.get("content-length") or 0))
    return Request(method=first[0], target=first[1], headers=tuple(headers), body=body)


def _chunks(reader: BinaryIO) -> bytes:
    body = b""
    while size := int(reader.readline(LINE_LIMIT).split(b";")[0] or b"0", 16):
        body += reader.read(size)
        reader.readline(LINE_LIMIT)
    reader.readline(LINE_LIMIT)
    return body


def hand_on(request: Request, host: str, port: int) -> Answer:
    """Ask the carrier itself, once. Raises OSError and http.client.HTTPException."""
    line = http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
    try:
        line.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers:
            if name.lower() not in HOP:
                line.putheader(name, value)
        line.putheader("Content-Length", str(len(request.body)))
        line.putheader("Connection", "close")
        line.endheaders(request.body)
        response = line.getresponse()
        body = response.read()
        kept = tuple((n, v) for n, v in response.getheaders() if n.lower() not in HOP)
        return Answer(status=response.status, reason=response.reason, headers=kept, body=body)
    finally:
        line.close()


def port_of_nobody() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
