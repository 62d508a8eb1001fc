"""The door of the sandbox: HTTP on this machine only, one thread per connection.

A fault that concerns the socket itself (a reset, half a body, a byte a second) is played here.
"""

import argparse
import gzip
import io
import ipaddress
import logging
import select
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from rientro.host.sandbox_carrier.api import Api, Bend, customer
from rientro.host.sandbox_carrier.control import Control
from rientro.host.sandbox_carrier.faults import Fault, Faults
from rientro.host.sandbox_carrier.store import Store
from rientro.host.sandbox_carrier.telling import Teller
from rientro.host.sandbox_carrier.wire import (
    BODY_LIMIT,
    Answer,
    Refusal,
    Request,
    refused,
)

PORT = 8100
log = logging.getLogger(__name__)


class Sandbox:
    """The carrier as a whole; ``server`` answers, ``teller`` sends webhooks."""

    def __init__(self, file: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        self.server = _Server((host, port), _Door)
        self.server.sandbox = self
        self.store = Store(file)
        self.faults = Faults()
        self.api = Api(self.store)
        self.control = Control(self.api, self.faults)
        self.teller = Teller(self.store)
        self.url = f"http://{host}:{self.server.server_address[1]}"

    def serve(self) -> None:
        """Answer until ``stop`` is called from elsewhere."""
        self.teller.start()
        self.server.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        if self.teller.is_alive():
            self.teller.stop()
        self.store.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    sandbox: Sandbox

    def handle_error(self, request: object, client_address: object) -> None:
        # A client that went away is daily business here; anything else is our own mistake.
        if not isinstance(sys.exc_info()[1], OSError):
            log.exception("The sandbox carrier stumbled.")


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SandboxCarrier/1"
    timeout = 60
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, format: str, *args: object) -> None:
        log.debug(format, *args)

    def _serve(self) -> None:
        fault: Fault | None = None
        try:
            request = self._read()
            if request.path.startswith("/v1/"):
                answer, fault = self._ask_api(request)
            else:
                answer = self.server.sandbox.control.answer(request)
        except Refusal as refusal:
            answer = refused(refusal)
        if fault is None:
            self._send(answer)
        else:
            _PLAYS.get(fault.name, _Door._send_instead)(self, fault, answer)

    def _ask_api(self, request: Request) -> tuple[Answer, Fault | None]:
        sandbox = self.server.sandbox
        name, handler, path = sandbox.api.match(request)
        token = request.headers.get("authorization", "").partition(" ")[2].strip()
        fault = sandbox.faults.take(name, token)
        if fault and not fault.acts:
            return Answer(), fault
        account = customer(request)
        bend = fault.bend() if fault else Bend()
        return handler(sandbox.api, account, request, path, bend), fault

    def _read(self) -> Request:
        parts = urlsplit(self.path)
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > BODY_LIMIT or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            raise Refusal(
                413, "too_large", f"A body may have {BODY_LIMIT} bytes, of stated length."
            )
        self._refuse_other_names()
        return Request(
            method=self.command,
            path=parts.path,
            query=parts.query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
        )

    def _refuse_other_names(self) -> None:
        """A web page elsewhere could point its own name at this address (DNS rebinding)."""
        name = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        if not is_loopback(name):
            self.close_connection = True
            raise Refusal(
                421, "wrong_host", "This carrier answers on this machine's own names only."
            )

    # Sending

    def _send(self, answer: Answer) -> None:
        self._send_head(answer, len(answer.body))
        self.wfile.write(answer.body)

    def _send_head(self, answer: Answer, length: int) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(length))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'self'; "
                         "form-action 'self'; frame-ancestors 'none'; base-uri 'none'")  # fmt: skip
        self.end_headers()

    # Playing faults

    def _send_instead(self, fault: Fault, answer: Answer) -> None:
        self._send(fault.answer(answer))

    def _hang(self, fault: Fault, answer: Answer) -> None:
        """Say nothing until the client gives up or the time is over."""
        select.select([self.connection], [], [], fault.seconds)
        self.close_connection = True

    def _delay(self, fault: Fault, answer: Answer) -> None:
        time.sleep(fault.seconds)
        self._send(answer)

    def _reset(self, fault: Fault, answer: Answer) -> None:
        """Closing with linger 0 sends RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _half(self, fault: Fault, answer: Answer) -> None:
        self._send_head(answer, len(answer.body))
        self.wfile.write(answer.body[: len(answer.body) // 2])
        self.close_connection = True

    def _slow(self, fault: Fault, answer: Answer) -> None:
        """One byte a second (or every ``seconds``)."""
        self._send_head(answer, len(answer.body))
        for place in range(len(answer.body)):
            self.wfile.write(answer.body[place : place + 1])
            time.sleep(min(fault.seconds, 1.0))

    def _bomb(self, fault: Fault, answer: Answer) -> None:
        """Some 50 KB that unpack to 50 MB."""
        packed = io.BytesIO()
        with gzip.GzipFile(fileobj=packed, mode="wb") as out:
            for _ in range(50):
                out.write(b" " * 1_000_000)
        headers = {**answer.headers, "Content-Encoding": "gzip"}
        self._send(Answer(status=answer.status, body=packed.getvalue(), headers=headers))

    def _many_headers(self, fault: Fault, answer: Answer) -> None:
        headers = {f"X-Noise-{number}": "0" * 60 for number in range(10_000)}
        self._send(Answer(status=answer.status, body=answer.body, headers=headers))


_PLAYS: dict[str, Callable[[_Door, Fault, Answer], None]] = {
    "hang": _Door._hang,
    "hang_after": _Door._hang,
    "delay": _Door._delay,
    "reset_before": _Door._reset,
    "reset_after": _Door._reset,
    "half_body": _Door._half,
    "slow": _Door._slow,
    "gzip_bomb": _Door._bomb,
    "many_headers": _Door._many_headers,
}


def is_loopback(name: str) -> bool:
    """Is ``name`` this machine, seen from itself?"""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def run(argv: Sequence[str] | None = None) -> int:
    """The program: read the arguments, serve until a signal comes."""
    parser = argparse.ArgumentParser(
        prog="rientro sandbox-carrier", description="A carrier for trying things out."
    )
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=PORT, help="0 picks a free one")
    parser.add_argument("--data", type=Path, default=Path("data/sandbox-carrier"), help="folder")
    chosen = parser.parse_args(argv)
    if not is_loopback(chosen.host):
        parser.error("--host must be a loopback address: this carrier has no locks on its doors.")
    try:
        sandbox = Sandbox(chosen.data / "sandbox.sqlite3", chosen.host, chosen.port)
    except OSError as error:
        sys.stderr.write(f"Port {chosen.port} cannot be used: {error.strerror}. Try --port 0.\n")
        return 1
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: threading.Thread(target=sandbox.server.shutdown).start())
    sys.stdout.write(f"Sandbox carrier on {sandbox.url}\n")
    sys.stdout.flush()
    sandbox.serve()
    sandbox.server.server_close()
    sandbox.teller.stop()
    sandbox.store.close()
    return 0
