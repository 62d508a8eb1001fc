"""One purchase of ours is one paid label, whatever is lost, late or asked again; and each failure has its name."""

from dataclasses import replace

import pytest

from rientro.carriers.base import (
    AuthFailed,
    InvalidRequest,
    OutcomeUnknown,
    ParcelSize,
    RateLimited,
    Unavailable,
    Unsupported,
)
from rientro.carriers.easypost.adapter import EasyPost
from tests.carriers.easypost.conftest import AMERICAN, FIRST, wish
from tests.carriers.fakes.server import Answer


def test_the_same_reference_twice_is_one_label(carrier, there):
    first = carrier.buy_label(wish())

    again = carrier.buy_label(wish())

    assert (again, there.bought, there.buys) == (first, ["R-1"], 1)


def test_a_bought_label_is_found_by_our_reference(carrier, there):
    assert carrier.find_label("R-1") is None

    bought = carrier.buy_label(wish())

    assert carrier.find_label("R-1") == bought
    assert there.lines()[-1] == "GET /v2/shipments/R-1"


def test_a_shipment_that_nobody_bought_is_no_label_and_is_bought_by_the_next_try(carrier, there):
    there.buy_says = (500, "", "")
    with pytest.raises(OutcomeUnknown):
        carrier.buy_label(wish())
    there.buy_says = None

    assert carrier.find_label("R-1") is None
    carrier.buy_label(wish())

    assert (list(there.shipments), there.bought) == ([FIRST], ["R-1"])


def test_a_purchase_whose_answer_was_lost_is_found(carrier, there):
    there.next_answers = []
    with pytest.raises(OutcomeUnknown):
        _lose_the_answer_of_buy(carrier, there)

    assert carrier.find_label("R-1").carrier_reference == FIRST
    carrier.buy_label(wish())
    assert there.bought == ["R-1"]


def test_where_the_reference_is_not_found_nothing_is_bought(carrier, there):
    there.finds_references = False

    with pytest.raises(Unavailable, match="nothing was bought"):
        carrier.buy_label(wish())

    assert there.buys == 0


def test_where_the_reference_names_another_shipment_nothing_is_bought(carrier, there):
    there.next_answers = [Answer(200, {"id": "shp_x", "reference": "R-2"})]

    with pytest.raises(Unavailable, match="another shipment"):
        carrier.buy_label(wish())

    assert there.buys == 0


def test_of_two_shipments_with_one_reference_the_one_that_is_found_is_bought(carrier, there):
    """A first try whose answer was lost, and which became visible after the second."""
    carrier.quote(wish())
    stray = there.shipments[FIRST]
    there.next_answers = [Answer(404, {})]
    stray["reference"] = None

    def late(heard):
        stray["reference"] = "R-1"  # now there are two; the newest is named
        return there.__class__._make(there, heard)

    there._make = late
    carrier.buy_label(wish())

    assert there.bought == ["R-1"]
    assert carrier.find_label("R-1") is not None


def test_a_shipment_that_is_no_return_is_not_bought(carrier, there):
    made = Answer(201, {"id": FIRST, "reference": "R-1", "is_return": False, "rates": []})
    there.next_answers = [Answer(404, {}), made]

    with pytest.raises(Unavailable, match="no return"):
        carrier.buy_label(wish())

    assert there.buys == 0


def test_old_prices_are_asked_anew(carrier, there):
    there.buy_says = (500, "", "")
    with pytest.raises(OutcomeUnknown):
        carrier.buy_label(wish())
    there.buy_says = None
    there.shipments[FIRST]["created_at"] = "2026-01-01T00:00:00Z"

    carrier.buy_label(wish())

    assert f"POST /v2/shipments/{FIRST}/rerate" in there.lines()


def test_another_shipment_instead_of_new_prices_is_not_bought(carrier, there):
    there.buy_says = (500, "", "")
    with pytest.raises(OutcomeUnknown):
        carrier.buy_label(wish())
    old = there.shipments[FIRST] | {"created_at": "2026-01-01T00:00:00Z"}
    buys = there.buys
    there.next_answers = [Answer(200, old), Answer(200, old | {"id": "shp_another"})]

    with pytest.raises(Unavailable, match="another shipment"):
        carrier.buy_label(wish())

    assert there.buys == buys


@pytest.mark.parametrize(
    "code",
    [
        "SHIPMENT.PURCHASE.IN_PROGRESS",
        "SHIPMENT.POSTAGE.NO_RESPONSE",
        "SHIPMENT.POSTAGE.TIMED_OUT",
    ],
)
def test_some_refusals_are_doubts(carrier, there, code):
    there.buy_says = (422, code, "The carrier did not respond.")

    with pytest.raises(OutcomeUnknown):
        carrier.buy_label(wish())

    assert there.buys == 1


def test_a_refusal_that_was_cut_off_is_a_doubt(carrier, there):
    """Its code may have been one of those above."""
    with pytest.raises(OutcomeUnknown):
        there.buy_says = (500, "", "")
        carrier.buy_label(wish())
    there.buy_says = None
    there.next_answers = [
        Answer(200, there.shipments[FIRST]),
        Answer(422, body=b'{"error": {"co'),
    ]

    with pytest.raises(OutcomeUnknown, match="answered 422"):
        carrier.buy_label(wish())


def test_bought_before_is_answered_by_the_label(carrier, there):
    """The first request to buy arrives late, between our look and our second request."""
    there.buy_says = (500, "", "")
    with pytest.raises(OutcomeUnknown):
        carrier.buy_label(wish())
    there.buy_says = (422, "SHIPMENT.POSTAGE.EXISTS", "Postage already exists.")
    unsold = there._named("R-1").copy()
    there.sell(there.shipments[FIRST], unsold["rates"][1])
    there.next_answers = [Answer(200, unsold)]

    bought = carrier.buy_label(wish())

    assert (bought.carrier_reference, there.bought) == (FIRST, ["R-1"])


# Failures


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (
            Answer(422, {"error": {"code": "SHIPMENT.POSTAGE.FAILURE", "message": "No."}}),
            InvalidRequest,
            "No.",
        ),
        (Answer(402, {"error": {"message": "Insufficient funds"}}), InvalidRequest, "funds"),
        (Answer(401, {"error": {"message": "Bad key"}}), AuthFailed, "Bad key"),
        (Answer(429, headers={"Retry-After": "3"}), RateLimited, "slow down"),
        (Answer(503, {"error": {"message": "x"}}), OutcomeUnknown, "answered 503"),
        (Answer(200, {"id": FIRST}), OutcomeUnknown, "left out"),
        (Answer(200, body=b"<html>"), OutcomeUnknown, "cannot read"),
    ],
)
def test_each_failure_of_the_paid_step_has_its_name(carrier, there, answer, error, words):
    _make_only(carrier, there)
    seen = Answer(200, there.shipments[FIRST])
    there.next_answers = [seen, answer]

    with pytest.raises(error, match=words):
        carrier.buy_label(wish())


@pytest.mark.parametrize("status", [500, 503, 302])
def test_silence_of_the_free_step_bought_nothing(carrier, there, status):
    there.next_answers = [Answer(404, {}), Answer(status, {})]

    with pytest.raises(Unavailable):
        carrier.buy_label(wish())

    assert there.buys == 0


def test_what_the_carriers_said_is_passed_on(carrier):
    with pytest.raises(InvalidRequest, match="USPS: Nobody goes to Nowhere"):
        carrier.buy_label(wish(sender=replace(AMERICAN, city="Nowhere")))


def test_a_service_that_is_not_sold_is_said_so(carrier):
    with pytest.raises(InvalidRequest, match="no price of DHL:Express"):
        carrier.buy_label(wish(service="DHL:Express"))


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"labelless": True}, Unsupported), ({"parcel": ParcelSize(weight_g=0)}, InvalidRequest)],
)
def test_what_cannot_be_sent_is_not_bought(carrier, there, changes, error):
    with pytest.raises(error):
        carrier.buy_label(wish(**changes))

    assert there.shipments == {}


def test_nobody_there_is_unavailable(there):
    carrier = EasyPost(there.credentials, {"url": "http://127.0.0.1:9"})

    with pytest.raises(Unavailable):
        carrier.buy_label(wish())


def _make_only(carrier, there):
    there.buy_says = (500, "", "")
    with pytest.raises(OutcomeUnknown):
        carrier.buy_label(wish())
    there.buy_says = None


def _lose_the_answer_of_buy(carrier, there):
    """The carrier sells, and its answer breaks on the way."""
    sell = there._buy

    def sold_and_silent(heard, name):
        sell(heard, name)
        return Answer(502, {})

    there._buy = sold_and_silent
    try:
        carrier.buy_label(wish())
    finally:
        there._buy = sell


def test_all_requests_of_a_purchase_share_one_deadline(there, monkeypatch):
    """When the free steps have used it up, the paid one is not begun."""
    monkeypatch.setenv("RIENTRO_CARRIER_DEADLINE_S", "0.8")
    carrier = EasyPost(there.credentials, there.settings)
    there.slow_s = 0.3

    with pytest.raises(Unavailable):
        carrier.buy_label(wish())

    assert there.buys == 0
