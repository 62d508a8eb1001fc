"""The outgoing client against a real server on loopback, which counts every connection it gets."""

import gzip
import socket
import time

import httpx
import pytest
from pytest_socket import SocketConnectBlockedError

from rientro.kit import http

PUBLIC = "93.184.215.14"


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
