"""Where an account of a real carrier may send its secrets: to that carrier, or to this machine where tests run."""

import pytest

from rientro.carriers.base import InvalidRequest
from rientro.carriers.official import base_url

OFFICIAL = "https://api.carrier.example"


@pytest.mark.parametrize(
    "settings", [{}, {"url": ""}, {"url": OFFICIAL}, {"url": f" {OFFICIAL}/ "}]
)
def test_the_official_address(settings):
    assert base_url(settings, OFFICIAL, "Carrier") == OFFICIAL


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8100", "http://localhost:8100/", "https://[::1]:8100"]
)
def test_this_machine_where_the_operator_opens_it(url, monkeypatch):
    assert base_url({"url": url}, OFFICIAL, "Carrier") == url.rstrip("/")

    monkeypatch.delenv("RIENTRO_ALLOW_PRIVATE_TARGETS")
    with pytest.raises(InvalidRequest):
        base_url({"url": url}, OFFICIAL, "Carrier")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.carrier.example.attacker.example",
        "https://api.carrier.example@attacker.example",
        "http://api.carrier.example",
        "http://10.0.0.7",
        "http://192.168.1.1",
        "http://169.254.169.254",
        "http://127.0.0.1@attacker.example",
        "http://127.0.0.1.attacker.example",
        "http://0x7f000001",
        "file:///etc/passwd",
        "//127.0.0.1",
        "http://[::1",
    ],
)
def test_no_other(url):
    with pytest.raises(InvalidRequest, match="only"):
        base_url({"url": url}, OFFICIAL, "Carrier")
