"""A receiver of webhooks on loopback: answers as a test says, several at a time, and keeps what it got."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Got:
    headers: dict[str, str]
    body: bytes


Reply = tuple[int, dict[str, str], bytes]
OK: Reply = (200, {}, b"ok")
HUNG_UP: Reply = (0, {}, b"")  # the line goes dead without an answer


class Receiver:
    """``answer`` is given each request and says (status, headers, body); it may sleep first."""

    def __init__(self, answer: Callable[[Got], Reply] = lambda got: OK) -> None:
        self.answer = answer
        self.got: list[Got] = []
        self.taken: Counter[str] = Counter()
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver._take(self)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length", "0"))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        got = Got(headers, handler.rfile.read(length))
        with self._lock:
            self.got.append(got)
        status, more, body = self.answer(got)
        if status == HUNG_UP[0]:
            handler.close_connection = True
            return
        try:
            handler.send_response(status)
            for name, value in more.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            return
        if 200 <= status < 300:
            with self._lock:
                self.taken[headers.get("webhook-id", "")] += 1

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)


class DeadEnd:
    """A socket that takes connections and says nothing: what a hanging receiver looks like."""

    def __init__(self) -> None:
        import socket

        self.socket = socket.create_server(("127.0.0.1", 0), backlog=100)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}/hook"

    def close(self) -> None:
        self.socket.close()


def slowly(seconds: float, reply: Reply = OK) -> Callable[[Got], Reply]:
    def answer(got: Got) -> Reply:
        time.sleep(seconds)
        return reply

    return answer
