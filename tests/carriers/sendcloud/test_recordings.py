"""What Sendcloud really answers is understood: recordings of 2022 and the examples of its OpenAPI files of 2026."""

from datetime import UTC, datetime

import pytest

from rientro.carriers.base import InvalidRequest, OutcomeUnknown
from rientro.carriers.sendcloud.statuses import ROWS, row_of
from rientro.kit.money import Money
from tests.carriers.fakes.server import Answer
from tests.carriers.recorded import FOLDER, answer, recording
from tests.carriers.sendcloud.conftest import wish

NAMES = sorted(file.stem for file in (FOLDER / "sendcloud").glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_each_recording_says_when_and_where_from(name):
    told = recording("sendcloud", name)

    assert datetime.fromisoformat(told["date"]) > datetime(2022, 1, 1)
    assert told["source"]


def test_a_return_is_made_and_read(carrier, there):
    there.next_answers = [answer("sendcloud", "return_made"), answer("sendcloud", "return")]

    bought = carrier.buy_label(wish())

    assert there.lines() == ["POST /api/v3/returns", "GET /api/v3/returns/12345"]
    assert (bought.carrier_reference, bought.tracking_number) == (
        "12345/67880",
        "JVGL1234567800001339",
    )
    assert (bought.price, bought.priced) == (Money(615, "EUR"), True)


def test_a_reference_that_is_used_leads_to_its_parcel(carrier, there):
    parcels = recording("sendcloud", "parcels")["answer"]
    mine = parcels["parcels"][0] | {"external_reference": "R-1"}
    found = Answer(200, parcels | {"parcels": [mine, *parcels["parcels"][1:]]})
    there.next_answers = [answer("sendcloud", "reference_used"), found]

    bought = carrier.buy_label(wish())

    assert there.heard[1].query == {"external_reference": ["R-1"]}
    assert (bought.carrier_reference, bought.tracking_number) == (
        "/182586236",
        "JVGL06097547000722819416",
    )


def test_parcels_of_others_are_not_taken_for_ours(carrier, there):
    """Whatever the filter of a question does: only what says our reference back is ours."""
    there.next_answers = [
        answer("sendcloud", "reference_used"),
        answer("sendcloud", "parcels"),
        answer("sendcloud", "parcels"),
    ]

    with pytest.raises(OutcomeUnknown):
        carrier.buy_label(wish())


def test_a_parcel_whose_announcement_failed_is_a_refusal(carrier, there):
    parcels = recording("sendcloud", "parcels")["answer"]["parcels"]
    mine = Answer(200, {"parcels": [parcels[1] | {"external_reference": "R-1"}]})
    there.next_answers = [answer("sendcloud", "reference_used"), mine]

    with pytest.raises(InvalidRequest, match="Announcement failed"):
        carrier.buy_label(wish())


def test_cancelling_and_its_refusal(carrier, there):
    asked = answer("sendcloud", "return")
    there.next_answers = [asked, answer("sendcloud", "cancelling"), asked]
    assert carrier.cancel_label("12345/67880").outcome == "requested"

    there.next_answers = [asked, answer("sendcloud", "not_cancellable"), asked]
    refused = carrier.cancel_label("12345/67880")

    assert (refused.outcome, refused.message) == ("refused", "returns: Return is not cancellable.")


def test_a_parcel_is_cancelled_by_its_number(carrier, there):
    parcels = recording("sendcloud", "parcels")["answer"]["parcels"]
    there.next_answers = [
        Answer(200, {"parcel": parcels[0]}),
        answer("sendcloud", "parcel_cancelled"),
        Answer(200, {"parcel": parcels[2]}),
    ]

    assert carrier.cancel_label("/182588401").outcome == "voided"
    assert there.lines()[1] == "POST /api/v2/parcels/182588401/cancel"


def test_the_history_of_a_parcel(carrier, there):
    there.next_answers = [answer("sendcloud", "tracking")]

    [scan] = carrier.track(["3SYZXG132912330"])["3SYZXG132912330"]

    assert (scan.status, scan.code, scan.description) == (
        "in_transit",
        "shipment-on-route",
        "Parcel en route",
    )
    assert scan.occurred_at == datetime(2022, 1, 25, 14, 43, 13, 615997, UTC)


def test_every_status_that_sendcloud_lists_is_in_the_table():
    told = recording("sendcloud", "statuses")["answer"]

    assert {one["id"] for one in told} == {row.number for row in ROWS if row.number}
    for one in told:
        by_number, by_words = row_of(number=one["id"]), row_of(message=one["message"])
        assert by_number is not None
        assert by_words is not None
        assert by_number.slug == by_words.slug


def test_a_status_of_a_carrier_below_sendclouds_moves_nothing():
    """4879 was recorded for a parcel that was only announced: to guess a movement would bill it."""
    assert row_of(number=4879, message="Shipment data received") is None


def test_a_refused_carrier_says_why(carrier, there):
    failed = answer(
        "sendcloud",
        "return",
        tracking_number=None,
        parent_status="announcement-failed",
        errors=[{"status": "400", "code": "parcel_announcement_error", "detail": "Bad street."}],
    )
    there.next_answers = [answer("sendcloud", "return_made"), failed]

    with pytest.raises(InvalidRequest, match="Bad street"):
        carrier.buy_label(wish())
