"""Every registered carrier keeps the words of `base.py`, whatever it speaks on the wire."""

import inspect
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import EntryPoint

import pytest

from rientro.carriers import registry
from rientro.carriers.base import (
    AuthFailed,
    BadSignature,
    Can,
    Carrier,
    LabelFormat,
    RawWebhook,
    Unsupported,
)
from rientro.carriers.registry import UnknownCarrier, carrier_class, codes, known, open_carrier
from tests.carriers.conftest import label_request

METHODS = [
    name
    for name, member in inspect.getmembers(Carrier, inspect.isfunction)
    if not name.startswith("_")
]
# Where the form's own words would be refused, or would reach somebody.
NOWHERE = {"url": "http://127.0.0.1:9"}
FILLED = {
    "sandbox": ({"token": "sandbox-contract"}, NOWHERE),
    "sendcloud": ({"public_key": "public", "secret_key": "secret"}, NOWHERE),
    "easypost": ({"api_key": "EZTK-contract", "webhook_secret": "secret"}, NOWHERE),
}


def filled(code):
    """What a form would send: enough to open the adapter, not to reach anybody."""
    about = known(code)
    return FILLED.get(code) or (
        {box.name: box.default or "12345678" for box in about.credentials},
        {box.name: box.default for box in about.settings if box.default},
    )


@pytest.fixture(params=codes())
def opened(request):
    credentials, settings = filled(request.param)
    return open_carrier(request.param, credentials, settings)


def test_the_protocol_is_what_this_test_thinks():
    assert METHODS == [
        "buy_label",
        "cancel_label",
        "check_credentials",
        "delivery_key",
        "fetch_document",
        "find_label",
        "parse_webhook",
        "quote",
        "services",
        "track",
    ]


def test_says_who_it_is_and_what_it_can(opened):
    assert opened.CODE in codes()
    assert known(opened.CODE).name == opened.NAME
    assert isinstance(opened.can, Can)


@pytest.mark.parametrize("method", METHODS)
def test_methods_take_what_the_protocol_says(opened, method):
    ours = inspect.signature(getattr(Carrier, method)).parameters
    theirs = inspect.signature(getattr(type(opened), method)).parameters

    assert list(theirs)[: len(ours)] == list(ours)


@pytest.mark.parametrize(
    ("ability", "ask"),
    [
        (Can.QUOTE, lambda carrier: carrier.quote(label_request())),
        (Can.CANCEL, lambda carrier: carrier.cancel_label("x")),
        (Can.TRACK, lambda carrier: carrier.track(["x"])),
        (Can.FIND_BY_REFERENCE, lambda carrier: carrier.find_label("x")),
        (Can.LABELLESS, lambda carrier: carrier.buy_label(label_request(labelless=True))),
    ],
)
def test_what_it_cannot_do_it_says_before_sending(code, ability, ask):
    credentials, settings = filled(code)
    without = ability.name.lower()
    carrier = open_carrier(code, credentials, settings | {"cannot": without})

    assert ability not in carrier.can
    with pytest.raises(Unsupported):
        ask(carrier)


@pytest.fixture(params=codes())
def code(request):
    return request.param


def test_a_paper_it_does_not_have_is_unsupported_or_none(opened):
    try:
        assert opened.fetch_document("x", LabelFormat.ZPL) is None
    except Unsupported:
        pass


def test_the_form_of_the_panel_is_complete(code):
    about = known(code)

    assert about.name
    assert about.words
    assert not about.credentials or any(box.secret for box in about.credentials)
    names = [box.name for box in (*about.credentials, *about.settings)]
    assert len(names) == len(set(names))
    assert all(box.label for box in (*about.credentials, *about.settings))


def test_what_is_told_of_it_unopened_is_what_it_can(code):
    credentials, settings = filled(code)

    assert known(code).can == open_carrier(code, credentials, settings).can


def test_what_nobody_could_confirm_is_told_the_merchant(code):
    about = known(code)

    assert about.unconfirmed or about.test_only or about.own_stock
    assert about.void_days >= 0


def test_without_its_secrets_it_is_not_opened(code):
    about = known(code)
    if not any(box.secret and box.required for box in about.credentials):
        pytest.skip("it has none")

    with pytest.raises(AuthFailed):
        open_carrier(code, {}, filled(code)[1])


def test_who_says_beforehand_what_it_would_take_can_be_asked(opened):
    assert hasattr(opened, "validate") == (Can.VALIDATE in opened.can)


@pytest.mark.parametrize("headers", [{}, {"sendcloud-signature": "é"}, {"x-hmac-signature": "x"}])
def test_a_webhook_that_nobody_signed_is_none(opened, headers):
    if Can.WEBHOOK not in opened.can:
        pytest.skip("it sends none")
    raw = RawWebhook(headers=headers, body=b"{}", received_at=datetime(2026, 11, 25, tzinfo=UTC))

    with pytest.raises(BadSignature):
        opened.parse_webhook(raw)


def test_an_unknown_code_is_said_so():
    with pytest.raises(UnknownCarrier):
        open_carrier("nordpaket", {}, {})


class Nordpaket:
    """A carrier that comes in a package of its own."""

    CODE = "nordpaket"
    NAME = "Nordpaket"
    WORDS = "Parcels of the north."
    CREDENTIALS = (registry.Field(name="key", label="Key", secret=True),)

    def __init__(self, credentials, settings):
        self.credentials = credentials


def test_a_package_outside_brings_a_carrier_by_its_entry_point(monkeypatch):
    found = EntryPoint("nordpaket", f"{__name__}:Nordpaket", registry.GROUP)
    monkeypatch.setattr(registry, "_outside", lambda: {"nordpaket": found})
    carrier_class.cache_clear()

    assert codes() == [*registry.KNOWN, "nordpaket"]
    assert known("nordpaket").credentials == Nordpaket.CREDENTIALS
    assert open_carrier("nordpaket", {"key": "k"}, {}).credentials == {"key": "k"}
    carrier_class.cache_clear()


def test_ours_cannot_be_replaced_from_outside(monkeypatch):
    found = EntryPoint("sandbox", f"{__name__}:Nordpaket", registry.GROUP)
    monkeypatch.setattr(registry, "_outside", lambda: {"sandbox": found})
    carrier_class.cache_clear()

    assert carrier_class("sandbox").CODE == "sandbox"
    assert codes() == list(registry.KNOWN)


def test_listing_carriers_imports_none_of_them():
    script = (
        "import sys; from rientro.carriers.registry import codes, known; [known(c) for c in codes()]; "
        "assert not {'httpx', 'django', 'pikepdf', 'rientro.carriers.sandbox'} & set(sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
