"""The proxy itself: one thread per connection, a list of faults that wait, and a list of what was asked."""

import contextlib
import http.client
import random
import re
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import urlsplit

from rientro.host.fault_proxy import faults
from rientro.host.fault_proxy.wire import Answer, Request, hand_on, read_request

HANG_S = 60.0
BAD_GATEWAY = Answer(status=502, reason="Bad Gateway", body=b"the carrier itself is away")

NO_TLS_HERE = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A fault that waits for requests of one kind; ``times`` < 0 means until ``well``."""

    name: str
    method: str = ""
    path: str = ""  # a regular expression on the whole path; empty is every path
    times: int = 1
    words: Mapping[str, Any] = field(default_factory=dict)

    def meets(self, request: Request) -> bool:
        method = self.method in ("", request.method)
        return method and (not self.path or bool(re.fullmatch(self.path, request.path)))


@dataclass(slots=True, kw_only=True)
class Asked:
    """What went over the wire once. ``handed_on`` says how often the carrier itself heard of it."""

    request: Request
    fault: str = ""
    handed_on: int = 0


class Exchange:
    """One request in the hands of a fault: what it may do with it."""

    def __init__(
        self, proxy: "FaultProxy", client: socket.socket, asked: Asked, plan: Plan
    ) -> None:
        self.proxy, self.client, self.asked, self.plan = proxy, client, asked, plan
        self.words = plan.words
        self.request = asked.request
        self.chance = proxy.chance
        self.keeps = True  # may the connection serve another request?

    def forward(self) -> Answer:
        """Let the carrier act, and take its true answer."""
        self.asked.handed_on += 1
        answer = self.proxy.ask_carrier(self.request)
        self.proxy.remember(self.request, answer)
        return answer

    def another(self) -> Answer:
        """An answer that was true for an earlier request of the same kind."""
        return self.proxy.earlier(self.request, self.plan)

    def send(self, answer: Answer, **instead: str | None) -> None:
        self.raw(answer.head(**instead) + answer.body)

    def raw(self, data: bytes) -> None:
        self.client.sendall(data)

    def drip(self, data: bytes, *, every_s: float) -> None:
        """A byte at a time, until the client has enough."""
        for at in range(len(data)):
            self.raw(data[at : at + 1])
            if self.gone(every_s):
                return

    def gone(self, within_s: float) -> bool:
        """Wait so long, and say whether the client hung up (or we are closing) meanwhile."""
        until = time.monotonic() + within_s
        while (left := until - time.monotonic()) > 0:
            if self.proxy.closing:
                return True
            if select.select([self.client], [], [], min(left, 0.05))[0]:
                return True
        return False

    def hang_up(self) -> None:
        self.keeps = False

    def reset(self) -> None:
        reset(self.client)
        self.keeps = False


def _speaks_tls(client: socket.socket) -> bool:
    """A client that begins a TLS handshake where there is none would wait for ever."""
    return not isinstance(client, ssl.SSLSocket) and client.recv(1, socket.MSG_PEEK) == b"\x16"


def reset(client: socket.socket) -> None:
    """Closing with linger 0 sends RST instead of FIN."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class FaultProxy:
    """Stands at ``url`` in front of the carrier at ``carrier``; the same ``seed`` breaks everything the same way."""

    def __init__(self, carrier: str, *, seed: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self._carrier = urlsplit(carrier)
        self._tls = tls
        self._lock = threading.Lock()
        self._plans: list[Plan] = []
        self._earlier: list[tuple[Request, Answer]] = []
        self._threads: list[threading.Thread] = []
        self._door = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._door.settimeout(0.05)
        self.asked: list[Asked] = []
        self.slams = 0  # connections that are reset before anything is read
        self.closing = False
        self.chance = random.Random(seed)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._door.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._start(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        self.closing = True
        for thread in list(self._threads):
            thread.join(5)
        self._door.close()

    # What a test says and asks

    def begin(self, seed: int) -> None:
        """As new: no faults, nothing asked, the chance of ``seed``."""
        with self._lock:
            self._plans.clear()
            self.asked, self.slams = [], 0
            self.chance = random.Random(seed)

    def forget(self) -> None:
        """Know no earlier answers any more."""
        with self._lock:
            self._earlier.clear()

    def play(
        self, name: str, *, method: str = "", path: str = "", times: int = 1, **words: Any
    ) -> None:
        """Break the next ``times`` requests that fit. Raises KeyError for a fault that nobody knows."""
        faults.PLAYS[name]
        with self._lock:
            self._plans.append(Plan(name=name, method=method, path=path, times=times, words=words))

    def well(self) -> None:
        """The line is good again."""
        with self._lock:
            self._plans.clear()

    def count(self, method: str, path: str) -> int:
        """How many requests of this kind went over the wire."""
        kind = Plan(name="", method=method, path=path)
        return sum(kind.meets(asked.request) for asked in self.asked)

    # What an exchange needs

    def ask_carrier(self, request: Request) -> Answer:
        try:
            return hand_on(request, self._carrier.hostname or "", self._carrier.port or 80)
        except (OSError, http.client.HTTPException):
            return BAD_GATEWAY

    def remember(self, request: Request, answer: Answer) -> None:
        if answer.status < 300:
            with self._lock:
                self._earlier.append((request, answer))

    def earlier(self, request: Request, kind: Plan) -> Answer:
        with self._lock:
            seen = [(old, answer) for old, answer in self._earlier if kind.meets(old)]
        return next(answer for old, answer in seen if old != request)

    # The door

    def _start(self, work: Callable[..., None], *given: Any) -> None:
        thread = threading.Thread(target=work, args=given, name="fault proxy", daemon=True)
        self._threads = [known for known in self._threads if known.is_alive()] + [thread]
        thread.start()

    def _listen(self) -> None:
        while not self.closing:
            try:
                client, _ = self._door.accept()
            except TimeoutError:
                continue
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(
            OSError, ValueError
        ):  # a client that hangs up is what we are here for
            if self._slams(client):
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.settimeout(HANG_S)
            if self._tls:
                client = self._tls.wrap_socket(client, server_side=True)
            with client.makefile("rb") as reader:
                while not self.closing and self._wait(client):
                    if _speaks_tls(client):
                        client.sendall(NO_TLS_HERE)
                        break
                    request = read_request(reader)
                    if request is None or not self._exchange(client, request):
                        break
        client.close()

    def _slams(self, client: socket.socket) -> bool:
        with self._lock:
            if not self.slams:
                return False
            self.slams -= 1
        reset(client)
        client.close()
        return True

    def _wait(self, client: socket.socket) -> bool:
        """Until the client speaks; False when we are closing."""
        if isinstance(client, ssl.SSLSocket):
            return True
        while not self.closing:
            if select.select([client], [], [], 0.05)[0]:
                return True
        return False

    def _exchange(self, client: socket.socket, request: Request) -> bool:
        asked = Asked(request=request)
        with self._lock:
            plan = self._take(request)
            self.asked.append(asked)
        asked.fault = plan.name if plan else ""
        exchange = Exchange(self, client, asked, plan or Plan(name=""))
        (faults.PLAYS[plan.name] if plan else faults.well)(exchange)
        return exchange.keeps

    def _take(self, request: Request) -> Plan | None:
        for place, plan in enumerate(self._plans):
            if plan.meets(request):
                if plan.times > 1:
                    self._plans[place] = replace(plan, times=plan.times - 1)
                elif plan.times >= 0:
                    del self._plans[place]
                return plan
        return None
