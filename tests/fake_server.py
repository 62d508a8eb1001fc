"""One HTTP server for the fakes of carriers and shops: it writes down what it heard, and answers what the fake says.

    with running(FakeEasyPost()) as carrier:
        EasyPost(carrier.credentials, carrier.settings | {"url": carrier.url})

``url`` may be put behind a proxy that misbehaves; ``heard`` tells what arrived.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Heard:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def words(self) -> Any:
        return json.loads(self.body) if self.body else None

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"

    def one(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return self.query.get(name, [default])[-1]


@dataclass(frozen=True)
class Answer:
    status: int = 200
    words: Any = None
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class FakeServer:
    """Subclasses answer; ``next_answers`` come first, once each, before anything is done."""

    credentials: dict[str, Any]
    settings: dict[str, Any]

    def __init__(self) -> None:
        self.url = ""
        self.port = 0
        self.heard: list[Heard] = []
        self.next_answers: list[Answer] = []
        self.slow_s = 0.0  # before each answer
        self.lock = threading.RLock()
        self.settings = {}

    # ``GET /v2/shipments/{name}`` -> the method that answers it, called with the request and what is in braces.
    ROUTES: ClassVar[dict[str, str]]

    def refused(self, heard: Heard) -> Answer | None:
        """The answer to somebody with a wrong key."""
        raise NotImplementedError

    def unknown(self, heard: Heard) -> Answer:
        return Answer(404, {})

    def answer(self, heard: Heard) -> Answer:
        if refusal := self.refused(heard):
            return refusal
        for line, name in self.ROUTES.items():
            pattern = re.sub(r"\{\w+\}", "([^/]+)", line)
            if found := re.fullmatch(pattern, heard.line):
                made: Answer = getattr(self, name)(heard, *found.groups())
                return made
        return self.unknown(heard)

    def lines(self) -> list[str]:
        return [heard.line for heard in self.heard]

    def last(self, line: str) -> Heard:
        """The last request of this kind, such as ``POST /v2/shipments``."""
        return [heard for heard in self.heard if heard.line == line][-1]

    def start(self) -> str:
        """Begin to listen, on the port of before if there was one; the address is ``url`` as well."""
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_one(self) -> None:
                parts = urlsplit(self.path)
                size = int(self.headers.get("Content-Length") or 0)
                heard = Heard(
                    self.command,
                    parts.path,
                    parse_qs(parts.query, keep_blank_values=True),
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(size),
                )
                time.sleep(fake.slow_s)
                with fake.lock:
                    fake.heard.append(heard)
                    answer = fake.next_answers.pop(0) if fake.next_answers else fake.answer(heard)
                body = answer.body or (
                    b"" if answer.words is None else json.dumps(answer.words).encode()
                )
                self.send_response(answer.status)
                for name, value in ({"Content-Type": "application/json"} | answer.headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_one

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_: Any) -> None:
                pass  # whoever hangs up half-way is a test of it

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = self.settings | {"url": self.url}
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        return self.url

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


F = TypeVar("F", bound=FakeServer)


@contextmanager
def running(fake: F) -> Iterator[F]:
    """``fake`` on a free port for the time of the block."""
    fake.start()
    try:
        yield fake
    finally:
        fake.stop()
