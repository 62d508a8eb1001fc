"""Asking where parcels are: in batches, without harm, and with every failure by its name."""

import pytest

from rientro.carriers.base import AuthFailed, Can, RateLimited, Unavailable, Unsupported
from rientro.carriers.karrio import statuses, tokens
from rientro.carriers.registry import open_carrier
from rientro.policy.lifecycle import CarrierState
from rientro.policy.tracking import RANK
from tests.carriers.fakes import dhl, fedex, gls
from tests.carriers.fakes.fedex import FakeFedEx
from tests.carriers.fakes.gls import FakeGls
from tests.carriers.fakes.server import Answer
from tests.carriers.karrio.conftest import EVERY, named

every = pytest.mark.parametrize("there", EVERY, indirect=True, ids=named)
TABLES = {name: table for name, table in vars(statuses).items() if name.isupper() and len(name) > 1}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_is_in_capitals_and_in_our_words(name):
    for code, state in TABLES[name].items():
        assert code == code.upper()
        assert state in RANK


def test_a_code_that_is_new_still_says_that_somebody_saw_the_parcel():
    assert statuses.state_in(statuses.FEDEX, "ZZ") is CarrierState.IN_TRANSIT
    assert statuses.state_in(statuses.FEDEX, "zz", " dl ") is CarrierState.DELIVERED


@every
def test_a_number_without_news_is_there_and_empty(carrier, there):
    assert carrier.track(["1234567890"]) == {"1234567890": []}
    assert carrier.track([]) == {}


@every
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(401, {}), AuthFailed),
        (Answer(403, {}), AuthFailed),
        (Answer(429, headers={"Retry-After": "9"}), RateLimited),
        (Answer(500), Unavailable),
        (Answer(302, headers={"Location": "/"}), Unavailable),
        (Answer(200, body=b"<!doctype html><p>hello"), Unavailable),
    ],
    ids=["401", "403", "429", "500", "302", "html"],
)
def test_a_question_that_fails_is_never_an_unknown_outcome(there, carrier, answer, error):
    tokens.forget_all()
    there.answer_all = answer

    with pytest.raises(error):
        carrier.track(["1234567890"])


@every
def test_who_may_not_track_says_so_unsent(there):
    carrier = open_carrier(there.CODE, there.credentials, there.settings | {"cannot": "track"})

    assert Can.TRACK not in carrier.can
    with pytest.raises(Unsupported):
        carrier.track(["1234567890"])
    assert there.heard == []


@pytest.mark.parametrize("there", [FakeGls, FakeFedEx], indirect=True, ids=named)
def test_many_numbers_are_asked_for_in_batches(carrier, there):
    numbers = [f"12345678{number:03d}" for number in range(25)]
    for number in numbers:
        there.scans[number] = (
            ("INTRANSIT", [gls.event("OUTBOD", "2026-11-26T20:00:00+01:00", "On its way")])
            if there.CODE == "gls"
            else [fedex.event("IT", "2026-11-26T20:00:00+01:00", "On its way")]
        )

    told = carrier.track(numbers)

    assert {number: [scan.status for scan in scans] for number, scans in told.items()} == {
        number: ["in_transit"] for number in numbers
    }
    asked = [line for line in there.lines() if "oauth" not in line]
    assert len(asked) == (3 if there.CODE == "gls" else 1)
    assert there.tokens == 1


def test_dhl_times_without_a_zone_are_germanys():
    event = dhl.event("transit", "2026-07-01T10:00:00", "On its way")
    from rientro.carriers.karrio.tracking_only import _dhl_scans

    (scan,) = _dhl_scans({"shipments": [{"id": "1", "events": [event]}]}, "1")

    assert scan.occurred_at.isoformat() == "2026-07-01T10:00:00+02:00"
