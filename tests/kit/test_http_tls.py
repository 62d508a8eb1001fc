"""Encrypted: the certificate must be the name's, wherever the checked address is."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rientro.kit import http
from tests.kit.listener import TlsListener, make_certificate


@pytest.fixture
def carrier_tls(tmp_path: Path) -> Iterator[TlsListener]:
    server = TlsListener(*make_certificate(tmp_path, "carrier.example"))
    yield server
    server.close()


@pytest.fixture
def trusted(tmp_path: Path, carrier_tls: TlsListener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the certificate of the test as an authority of the world."""
    context = ssl.create_default_context(cafile=str(tmp_path / "carrier.example.pem"))
    monkeypatch.setattr(http, "_tls", lambda: context)


def loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


@pytest.mark.usefixtures("trusted")
def test_the_name_is_asked_for_and_its_certificate_is_taken(carrier_tls):
    with http.client(allow_private=True, resolve=loopback) as client:
        answer = client.get(f"https://carrier.example:{carrier_tls.port}/")

    assert answer.text == "ok"
    assert carrier_tls.asked_for == ["carrier.example"]


@pytest.mark.usefixtures("trusted")
def test_the_certificate_of_another_name_is_refused(carrier_tls):
    with (
        http.client(allow_private=True, resolve=loopback) as client,
        pytest.raises(httpx.ConnectError, match="certificate"),
    ):
        client.get(f"https://other.example:{carrier_tls.port}/")

    assert carrier_tls.seen == []


def test_a_certificate_that_nobody_vouches_for_is_refused(carrier_tls):
    with (
        http.client(allow_private=True, resolve=loopback) as client,
        pytest.raises(httpx.ConnectError, match="certificate"),
    ):
        client.get(f"https://carrier.example:{carrier_tls.port}/")

    assert carrier_tls.seen == []
