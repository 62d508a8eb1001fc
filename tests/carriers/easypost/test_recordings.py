"""What EasyPost really answered is understood: its own clients' recordings of 2022 to 2025."""

from datetime import UTC, datetime

import pytest

from rientro.carriers.base import InvalidRequest, RawWebhook
from rientro.carriers.easypost import hook, words
from rientro.carriers.wire import Words
from rientro.kit.money import Money
from tests.carriers.conftest import label_request
from tests.carriers.fakes.server import Answer
from tests.carriers.recorded import FOLDER, answer, recording

NAMES = sorted(file.stem for file in (FOLDER / "easypost").glob("*.json"))
DOUBT = InvalidRequest("It cannot be read.")
# The beginning and the form of the event with which EasyPost tests its own clients.
EVENT = (
    b'{"description":"tracker.updated","mode":"production","previous_attributes":'
    b'{"status":"in_transit"},"id":"evt_1","object":"Event","result":{"object":"Tracker",'
    b'"tracking_code":"1","tracking_details":[]}}'
)


def recorded(name, **changes):
    return Words(recording("easypost", name)["answer"] | changes, DOUBT)


@pytest.mark.parametrize("name", NAMES)
def test_each_recording_says_when_and_where_from(name):
    told = recording("easypost", name)

    assert datetime.fromisoformat(told["date"]) > datetime(2022, 1, 1)
    assert told["source"]


def test_the_prices_of_a_shipment():
    rates = words.rates_in(recorded("shipment_made"))

    assert [(rate.code, rate.price.minor, rate.days) for rate in rates] == [
        ("USPS:First", 593, 3),
        ("USPS:GroundAdvantage", 593, 3),
        ("USPS:ParcelSelect", 593, 3),
        ("USPS:Priority", 695, 2),
        ("USPS:Express", 3125, 0),
    ]
    assert not words.is_bought(recorded("shipment_made"))


def test_a_bought_shipment_is_a_label():
    bought = words.label_in(recorded("shipment_bought"))

    assert (bought.tracking_number, bought.price, bought.priced) == (
        "9400100105442285876350",
        Money(593, "USD"),
        True,
    )
    assert (bought.facts["reference"], bought.facts["mode"]) == ("123", "test")


def test_a_whole_purchase(carrier, there):
    """The recorded shipment was no return: that and our reference are the only changes."""
    mine = {"reference": "R-1", "is_return": True, "created_at": datetime.now(UTC).isoformat()}
    there.next_answers = [
        Answer(404, {"error": {"code": "NOT_FOUND", "message": "Not found."}}),
        answer("easypost", "shipment_made", **mine),
        answer("easypost", "shipment_made", **mine),
        answer("easypost", "shipment_bought", **mine),
    ]

    bought = carrier.buy_label(label_request("R-1", service="USPS:GroundAdvantage"))

    assert there.heard[3].words == {"rate": {"id": "rate_b936eae682e543b1a6550ea120e81a3e"}}
    assert bought.tracking_number == "9400100105442285876350"


def test_a_return_keeps_the_merchant_as_its_sender():
    """EasyPost swaps the addresses on the paper, not in its answer."""
    told = recording("easypost", "return_made")["answer"]

    assert told["is_return"] is True
    assert (told["from_address"]["name"], told["to_address"]["name"]) == (
        "EasyPost",
        "Dr. Steve Brule",
    )
    assert words.chosen_rate(recorded("return_made"), "cheapest").code == "USPS:Priority"


def test_a_refund_that_was_asked_for():
    assert words.refund_in(recorded("refund_submitted")).outcome == "requested"
    assert words.refund_in(recorded("shipment_bought")) is None


def test_a_refusal_names_its_field(carrier, there):
    there.next_answers = [answer("easypost", "refused")]

    with pytest.raises(InvalidRequest) as caught:
        carrier.quote(label_request())

    assert caught.value.message == "Missing required parameter. shipment: cannot be blank"
    assert caught.value.facts["reason"] == "PARAMETER.REQUIRED"


def test_trackers_before_the_parcel_moves_tell_no_scan(carrier, there):
    there.next_answers = [answer("easypost", "trackers_batch")]

    assert carrier.track(["EZ1000000001"]) == {"EZ1000000001": []}
    assert there.heard[0].words == {"tracking_codes": ["EZ1000000001"]}


def test_the_movements_of_a_tracker():
    scans = words.scans_in(recorded("event_tracker_updated").inner("result"))

    assert [(scan.status, scan.description, scan.place) for scan in scans] == [
        ("in_transit", "Picked up", "ORLANDO, FL, US"),
        ("in_transit", "Departed FedEx location", "ORLANDO, FL, US"),
        ("in_transit", "On the way", "KENLY, NC, US"),
    ]
    assert scans[0].occurred_at == datetime(2024, 7, 31, 19, 27, tzinfo=UTC)


def test_the_services_of_the_accounts_carriers(carrier, there):
    there.next_answers = [
        answer("easypost", "carrier_accounts"),
        answer("easypost", "carrier_metadata"),
    ]

    found = carrier.services("US", "US")

    assert there.heard[1].query["carriers"] == ["usps,lso,dhlexpress"]
    assert [service.code for service in found] == [
        "cheapest",
        "usps:First",
        "usps:Priority",
        "usps:Express",
        "usps:ParcelSelect",
        "usps:LibraryMail",
        "usps:MediaMail",
    ]
    assert found[1].max_weight_g == 453


def test_a_new_webhook_address(carrier, there):
    there.next_answers = [answer("easypost", "webhook_made")]

    assert "webhook_secret" in carrier.register_webhook("https://r.example/hooks/1-2-x/")


@pytest.mark.parametrize("secret", ["sécret", "se\u0301cret"])
def test_a_secret_is_brought_into_one_form_before_it_signs(secret):
    """é as one character and as two is the same secret."""
    raw = RawWebhook(
        headers={"x-hmac-signature": hook.signature("se\u0301cret", EVENT)},
        body=EVENT,
        received_at=datetime(2026, 11, 25, tzinfo=UTC),
    )

    hook.verify(raw, [secret])
    assert hook.event_id(raw) == "evt_1"
