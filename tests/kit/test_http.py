"""The outgoing client against a real server on loopback, which counts every connection it gets."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from pytest_socket import SocketConnectBlockedError

from rientro.kit import http

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
PUBLIC = "93.184.215.14"


class Listener:
    """A server that answers each connection with one function of the socket."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.seen: list[bytes] = []
        self.answer: Callable[[socket.socket], None] = lambda peer: peer.sendall(OK)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            with peer:
                peer.settimeout(5)
                try:
                    self.seen.append(peer.recv(65536))
                    self.answer(peer)
                except OSError:
                    continue

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    yield server
    server.close()


CLOSED_ADDRESSES = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.9",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456:789a::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "not an address",
    "",
]


@pytest.mark.parametrize("address", CLOSED_ADDRESSES)
def test_a_closed_address_is_not_public(address):
    assert http.is_public(address) is False


@pytest.mark.parametrize(
    "address", ["8.8.8.8", PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"]
)
def test_an_open_address_is_public(address):
    assert http.is_public(address) is True


HOSTILE_URLS = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0/",
    "http://0.0.0.0/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://ip6-localhost/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://[::1]/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b:1::10.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[fd00::1]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.169.254./",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://[::ffff:169.254.169.254]/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://192.88.99.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "https://127.0.0.1/",
    "https://localhost/",
    "http://user@127.0.0.1/",
    "http://user:secret@shop.example/",
    "http://shop.example@127.0.0.1/",
    "http://127.0.0.1\\@shop.example/",
    "http://shop.example:22/",
    "http://shop.example:6379/",
    "https://shop.example:5432/",
    "ftp://shop.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:70/_",
    "dict://127.0.0.1:11211/",
    "unix:///var/run/docker.sock",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "//127.0.0.1/",
    "http://",
    "http:///path",
    "http://[::1",
    "http://\x00127.0.0.1/",
    "http://127.0.0.1\r\nHost: shop.example/",
]


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_a_hostile_url_reaches_nobody(url, monkeypatch):
    """No connection is even tried: whatever gets as far as a socket fails the test."""

    def tried(*args: object, **more: object) -> None:
        raise AssertionError(f"connected to {args}")

    monkeypatch.setattr(socket, "create_connection", tried)

    with http.client(deadline_s=2) as client, pytest.raises((httpx.HTTPError, httpx.InvalidURL)):
        client.get(url)


def test_the_listener_counts_no_connection_from_the_guarded_client(listener):
    with http.client(ports=[listener.port]) as client, pytest.raises(http.TargetRefused):
        client.get(listener.url())

    assert listener.seen == []


def test_one_private_address_among_public_ones_refuses_the_name(listener):
    def both(host: str, port: int) -> list[str]:
        return [PUBLIC, "127.0.0.1"]

    with http.client(resolve=both) as client, pytest.raises(http.TargetRefused):
        client.get("http://shop.example/")

    assert listener.seen == []


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_a_name_that_changes_its_mind_is_asked_once(listener):
    """Rebinding: public when it is checked, loopback from then on."""
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])

    with (
        http.client(resolve=lambda host, port: next(answers), ports=[listener.port]) as client,
        pytest.raises(SocketConnectBlockedError, match=PUBLIC),
    ):
        client.get(f"http://shop.example:{listener.port}/")

    assert listener.seen == []
    assert next(answers) == ["127.0.0.1"]


def test_an_ipv6_address_of_a_private_network_refuses_the_name():
    with (
        http.client(resolve=lambda host, port: ["fd00::5"]) as client,
        pytest.raises(http.TargetRefused),
    ):
        client.get("https://shop.example/")


def test_proxies_of_the_environment_are_not_used(listener, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, listener.url())

    with http.client() as client, pytest.raises(http.TargetRefused):
        client.get("http://10.0.0.1/")

    assert listener.seen == []


def test_the_operator_may_open_his_own_network(listener):
    with http.client(allow_private=True) as client:
        answer = client.get(listener.url("/labels"), headers={"Authorization": "Bearer t"})

    assert (answer.status_code, answer.text) == (200, "ok")
    assert listener.seen[0].startswith(b"GET /labels HTTP/1.1\r\nHost: 127.0.0.1:")


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "fe80::1", "224.0.0.1"])
def test_not_even_the_operator_opens_what_is_nobodys_shop(address):
    with (
        http.client(allow_private=True, resolve=lambda host, port: [address]) as client,
        pytest.raises(http.TargetRefused),
    ):
        client.get("http://metadata.example/")


def test_the_name_goes_out_as_host_though_the_address_is_connected_to(listener):
    with http.client(allow_private=True, resolve=lambda host, port: ["127.0.0.1"]) as client:
        client.get(f"http://carrier.example:{listener.port}/")

    assert f"Host: carrier.example:{listener.port}".encode() in listener.seen[0]


def test_the_next_address_is_tried_when_the_first_is_dead(listener):
    with http.client(allow_private=True, resolve=lambda host, port: ["::1", "127.0.0.1"]) as client:
        answer = client.get(f"http://carrier.example:{listener.port}/")

    assert answer.text == "ok"


def test_a_redirect_is_an_answer_and_not_followed(listener):
    listener.answer = lambda peer: peer.sendall(
        b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n"
    )

    with http.client(allow_private=True) as client:
        answer = client.get(listener.url())

    assert answer.status_code == 302
    assert len(listener.seen) == 1


def test_one_byte_a_time_is_cut_at_the_deadline(listener):
    def drip(peer: socket.socket) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100000:
            peer.sendall(bytes([byte]))
            time.sleep(0.02)

    listener.answer = drip
    started = time.monotonic()

    with (
        http.client(deadline_s=0.6, allow_private=True) as client,
        pytest.raises(httpx.ReadTimeout),
    ):
        client.get(listener.url())

    assert 0.5 < time.monotonic() - started < 1.5


def test_silence_is_cut_at_the_deadline(listener):
    listener.answer = lambda peer: time.sleep(2)
    started = time.monotonic()

    with (
        http.client(deadline_s=0.4, allow_private=True) as client,
        pytest.raises(httpx.ReadTimeout),
    ):
        client.get(listener.url())

    assert time.monotonic() - started < 1.2


def test_each_request_has_its_own_deadline(listener):
    with http.client(deadline_s=0.5, allow_private=True) as client:
        for _ in range(3):
            assert client.get(listener.url()).text == "ok"
            time.sleep(0.3)


def test_a_name_server_that_sleeps_is_not_waited_for():
    def sleepy(host: str, port: int) -> list[str]:
        time.sleep(1.5)
        return [PUBLIC]

    started = time.monotonic()
    with (
        http.client(deadline_s=0.3, resolve=sleepy) as client,
        pytest.raises(httpx.ConnectTimeout),
    ):
        client.get("http://shop.example/")

    assert time.monotonic() - started < 1


def test_an_unknown_name_is_a_connection_that_failed():
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with http.client(resolve=nobody) as client, pytest.raises((httpx.ConnectError, OSError)):
        client.get("http://nobody.example/")


@pytest.mark.parametrize(
    ("case", "answer"),
    [
        ("told in the head", b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000),
        ("untold", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 5000),
        (
            "in pieces",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"".join(b"3e8\r\n" + b"x" * 1000 + b"\r\n" for _ in range(5)),
        ),
        (
            "packed",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
            + gzip.compress(b"x" * 5_000_000)[:900],
        ),
    ],
)
def test_an_answer_larger_than_agreed_is_not_read(listener, case, answer):
    listener.answer = lambda peer: peer.sendall(answer)

    with (
        http.client(limit_bytes=1000, allow_private=True) as client,
        pytest.raises(http.AnswerRefused),
    ):
        client.get(listener.url())


def test_an_answer_of_exactly_the_agreed_size_is_read(listener):
    body = b"x" * 1000
    listener.answer = lambda peer: peer.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + body
    )

    with http.client(limit_bytes=1000, allow_private=True) as client:
        assert client.get(listener.url()).content == body


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("https://shop.example/hooks?x=1", None),
        (" http://shop.example ", None),
        ("shop.example", "The address must begin with https:// or http://."),
        ("ftp://shop.example", "The address must begin with https:// or http://."),
        ("https://", "This is not an address such as https://shop.example."),
        ("https://[::1", "This is not an address such as https://shop.example."),
        ("https://me:x@shop.example", "The address must not carry a user name or password."),
        ("https://shop.example:22", "Port 22 is not open to us; use the usual one."),
        ("https://127.0.0.1", "This address lies inside a private network."),
        ("https://[::1]/", "This address lies inside a private network."),
        ("https://localhost", "This address lies inside a private network."),
        ("https://db.internal", "This address lies inside a private network."),
        ("https://x" + "x" * 2000, "An address has at most 2000 characters."),
    ],
)
def test_a_typed_address_is_judged_in_words(typed, expected):
    assert http.problem(typed) == expected


def test_the_operators_setting_lets_a_loopback_carrier_be_typed():
    assert http.problem("http://127.0.0.1:8099", allow_private=True) is None
