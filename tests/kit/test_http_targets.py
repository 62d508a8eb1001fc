"""Which addresses the outgoing client goes to, and what it says of the others."""

import socket

import httpx
import pytest

from rientro.kit import http

PUBLIC = "93.184.215.14"


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
