"""The exact wire: what is sent, how often, and how each answer is understood."""

import json
from datetime import UTC, datetime

import httpx
import pytest
import respx

from rientro.carriers.base import (
    AuthFailed,
    InvalidRequest,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
    Unsupported,
)
from rientro.carriers.sandbox import Sandbox
from rientro.carriers.wire import Wire, Words, retry_after_s
from tests.carriers.conftest import label_request

URL = "http://carrier.example"
SOLD = {
    "id": "lbl_1",
    "reference": "R-1",
    "tracking_number": "TST1",
    "service": "sandbox_return",
    "price": {"amount": "5.63", "currency": "EUR"},
    "status": "created",
    "voided_at": None,
}


@pytest.fixture
def wire():
    """Answers in place of the transport of the guarded client: below it nothing of ours is left out."""
    with respx.mock(base_url=URL, assert_all_called=False, using="httpx") as router:
        yield router


@pytest.fixture
def carrier(wire):
    return Sandbox({"token": "sandbox-abc"}, {"url": URL})


def test_says_their_words(wire, carrier):
    route = wire.post("/v1/labels").respond(201, json=SOLD)

    carrier.buy_label(label_request("R-1", description="Return R-1 of order 7"))

    request = route.calls.last.request
    assert request.headers["Authorization"] == "Bearer sandbox-abc"
    assert request.headers["Idempotency-Key"] == "R-1"
    assert request.headers["Accept-Encoding"] == "identity"
    assert json.loads(request.content) == {
        "reference": "R-1",
        "from": {
            "name": "Giulia Ferrero",
            "company": "",
            "street": "Corso Moncalieri 14",
            "address_2": "",
            "postal_code": "10131",
            "city": "Torino",
            "state": "",
            "country": "IT",
        },
        "to": {
            "name": "",
            "company": "Sartoria Brina S.r.l.",
            "street": "Via Tortona 27",
            "address_2": "",
            "postal_code": "20144",
            "city": "Milano",
            "state": "",
            "country": "IT",
        },
        "weight_g": 1200,
        "service": "sandbox_return",
        "description": "Return R-1 of order 7",
    }


def test_a_contract_without_keys_sends_none(wire):
    route = wire.post("/v1/labels").respond(201, json=SOLD)

    Sandbox({"token": "sandbox-abc"}, {"url": URL, "cannot": "idempotency_key"}).buy_label(
        label_request()
    )

    assert "Idempotency-Key" not in route.calls.last.request.headers


STATUSES = [
    (200, OutcomeUnknown, Unavailable),  # and no label in it
    (201, OutcomeUnknown, Unavailable),
    (204, OutcomeUnknown, Unavailable),
    (301, OutcomeUnknown, Unavailable),
    (307, OutcomeUnknown, Unavailable),
    (400, InvalidRequest, InvalidRequest),
    (401, AuthFailed, AuthFailed),
    (402, InvalidRequest, InvalidRequest),
    (403, AuthFailed, AuthFailed),
    (404, InvalidRequest, InvalidRequest),
    (408, OutcomeUnknown, Unavailable),
    (409, InvalidRequest, InvalidRequest),
    (422, InvalidRequest, InvalidRequest),
    (425, OutcomeUnknown, Unavailable),
    (429, RateLimited, RateLimited),
    (500, OutcomeUnknown, Unavailable),
    (501, Unsupported, Unsupported),
    (502, OutcomeUnknown, Unavailable),
    (503, OutcomeUnknown, Unavailable),
    (504, OutcomeUnknown, Unavailable),
    (520, OutcomeUnknown, Unavailable),
]


@pytest.mark.parametrize(("status", "buying", "asking"), STATUSES)
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"error": 7}', b'{"error": {"code": 1}}']
)
def test_every_status_has_one_meaning_and_one_request(wire, carrier, status, buying, asking, body):
    post = wire.post("/v1/labels").respond(status, content=body)
    get = wire.get("/v1/labels").respond(status, content=body)

    with pytest.raises(buying) as bought:
        carrier.buy_label(label_request())
    with pytest.raises(asking) as asked:
        carrier.find_label("R-1")

    assert (type(bought.value), type(asked.value)) == (buying, asking)
    assert (post.call_count, get.call_count) == (1, 1)


BREAKS = [
    (httpx.ConnectError, Unavailable, Unavailable),
    (httpx.ConnectTimeout, Unavailable, Unavailable),
    (httpx.PoolTimeout, Unavailable, Unavailable),
    (httpx.UnsupportedProtocol, Unavailable, Unavailable),
    (httpx.WriteError, OutcomeUnknown, Unavailable),
    (httpx.WriteTimeout, OutcomeUnknown, Unavailable),
    (httpx.ReadError, OutcomeUnknown, Unavailable),
    (httpx.ReadTimeout, OutcomeUnknown, Unavailable),
    (httpx.RemoteProtocolError, OutcomeUnknown, Unavailable),
    (httpx.CloseError, OutcomeUnknown, Unavailable),
    (httpx.DecodingError, OutcomeUnknown, Unavailable),
]


@pytest.mark.parametrize(("broken", "buying", "asking"), BREAKS)
def test_every_break_has_one_meaning_and_one_request(wire, carrier, broken, buying, asking):
    post = wire.post("/v1/labels").mock(side_effect=broken)
    get = wire.get("/v1/labels").mock(side_effect=broken)

    with pytest.raises(buying):
        carrier.buy_label(label_request())
    with pytest.raises(asking):
        carrier.find_label("R-1")

    assert (post.call_count, get.call_count) == (1, 1)


@pytest.mark.parametrize(
    "missing",
    [
        {"id": None},
        {"id": ""},
        {"tracking_number": " "},
        {"tracking_number": 7},
        {"price": None},
        {"price": {"amount": "5.63"}},
        {"price": {"amount": "5.634", "currency": "EUR"}},
        {"price": {"amount": "free", "currency": "EUR"}},
        {"price": {"amount": "-1.00", "currency": "EUR"}},
        {"price": {"amount": "NaN", "currency": "EUR"}},
        {"price": {"amount": "1e30", "currency": "EUR"}},
        {"reference": 5},
    ],
)
def test_an_answer_that_leaves_something_out_is_no_label(wire, carrier, missing):
    wire.post("/v1/labels").respond(201, json=SOLD | missing)

    with pytest.raises(OutcomeUnknown):
        carrier.buy_label(label_request())


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a":' * 60_000, b"\xff\xfe", b'"x"', b"nul"])
def test_hostile_json_is_only_unreadable(wire, carrier, body):
    wire.post("/v1/labels").respond(201, content=body)

    with pytest.raises(OutcomeUnknown):
        carrier.buy_label(label_request())


def test_messages_hold_no_secret(wire, carrier):
    wire.post("/v1/labels").respond(500, content=b"sandbox-abc is broken")

    with pytest.raises(OutcomeUnknown) as caught:
        carrier.buy_label(label_request())

    assert "sandbox-abc" not in f"{caught.value.message} {caught.value.facts}"


def test_a_living_label_wins_over_voided_ones(wire, carrier):
    voided = SOLD | {"id": "lbl_0", "voided_at": "2026-11-24T10:00:00+00:00"}
    wire.get("/v1/labels").respond(200, json={"labels": [voided, SOLD, SOLD | {"id": "lbl_2"}]})

    found = carrier.find_label("R-1")

    assert (found.carrier_reference, found.voided) == ("lbl_1", False)


def test_an_odd_reference_stays_one_step_of_the_path(wire, carrier):
    route = wire.delete("/v1/labels/..%2Faccount%3Fx").respond(404)

    with pytest.raises(InvalidRequest):
        carrier.cancel_label("../account?x")

    assert route.called


def test_a_number_nobody_asked_about_is_not_news(wire, carrier):
    scan = {"id": "s", "code": "LOST", "text": "", "place": "", "at": "2026-11-24T10:00:00Z"}
    wire.get("/v1/tracking").respond(
        200,
        json={"parcels": [{"number": "TST2", "scans": [scan]}, {"number": "TST1", "scans": []}]},
    )

    assert carrier.track(["TST1"]) == {"TST1": []}


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("30", 30),
        (" 30 ", 30),
        ("0", 1),
        ("-5", 60),
        ("999999", 3600),
        ("Tue, 24 Nov 2026 12:01:30 GMT", 90),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 1),
        ("Tue, 24 Nov 2099 11:00:00 GMT", 3600),
        ("", 60),
        ("²", 60),
        ("tomorrow", 60),
    ],
)
def test_retry_after_is_a_number_or_a_date(said, wait):
    assert retry_after_s(said, NOW) == wait


def test_a_private_address_is_refused_unless_the_operator_opens_it(monkeypatch):
    monkeypatch.delenv("RIENTRO_ALLOW_PRIVATE_TARGETS")

    with pytest.raises(InvalidRequest) as caught:
        Wire("Nordpaket", "http://127.0.0.1:1", {}).ask("GET", "/x", acts=True)

    assert "RIENTRO_ALLOW_PRIVATE_TARGETS" in caught.value.message


@pytest.mark.parametrize("value", ["2026-11-24T10:00:00", "2026-11-24T10:00:00+00:00"])
def test_a_moment_without_a_zone_is_taken_as_utc(value):
    words = Words({"at": value}, Unavailable("no"))

    assert words.moment("at") == datetime(2026, 11, 24, 10, tzinfo=UTC)
