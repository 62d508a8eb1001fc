"""One purchase of ours is one label, whatever is lost or asked again; and each failure has its name."""

import time
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
from rientro.carriers.sendcloud.adapter import Sendcloud
from rientro.kit.money import Money
from tests.carriers.conftest import SHOPPER
from tests.carriers.fakes.server import Answer
from tests.carriers.sendcloud.conftest import ANNOUNCE, wish


def test_the_same_reference_twice_is_one_label(carrier, there):
    first = carrier.buy_label(wish())

    again = carrier.buy_label(wish())

    assert there.bought == ["R-1"]
    assert again.tracking_number == first.tracking_number
    assert again.carrier_reference == "/6001"
    assert (again.price, again.priced) == (Money(0, "EUR"), False)


def test_it_is_found_by_its_order_number_too(carrier, there):
    carrier.buy_label(wish())
    there.finds = {"order_number"}

    assert carrier.buy_label(wish()).tracking_number == "SC1001NL"


def test_a_refusal_without_a_word_is_looked_into(carrier, there):
    """What said *used* may have been cut off on its way."""
    first = carrier.buy_label(wish())
    there.next_answers = [Answer(400, body=b'{"errors": [{"co')]

    assert carrier.buy_label(wish()).tracking_number == first.tracking_number

    there.next_answers = [Answer(400)]
    with pytest.raises(InvalidRequest, match="answered 400"):
        carrier.buy_label(wish("R-2"))


def test_what_is_used_and_not_found_is_a_doubt_and_no_refusal(carrier, there):
    carrier.buy_label(wish())
    there.finds = set()

    with pytest.raises(OutcomeUnknown, match="Look for R-1 in Sendcloud") as caught:
        carrier.buy_label(wish())

    assert caught.value.facts["for_a_person"]
    assert there.bought == ["R-1"]


def test_after_the_purchase_no_answer_is_a_reason_to_think_that_nothing_was_bought(carrier, there):
    unclear = [Answer(status, {}) for status in (401, 404, 429, 500)]
    unclear += [Answer(200, {"order_number": 7}), Answer(200, {"tracking_number": ["3S1"]})]
    unclear += [Answer(200, {"tracking_number": "3S1", "shipping_option": "odd"})]
    for place, answer in enumerate(unclear):
        made = Answer(201, {"return_id": 1, "parcel_id": 2, "multi_collo_ids": []})
        there.next_answers = [made, answer]

        with pytest.raises(OutcomeUnknown):
            carrier.buy_label(wish(f"R-{place}"))


# Failures


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (Answer(400, {"error": {"message": "No such street."}}), InvalidRequest, "No such street."),
        (Answer(401, {"error": {"message": "Invalid key"}}), AuthFailed, "Invalid key"),
        (Answer(403, {"errors": [{"detail": "Not yours"}]}), AuthFailed, "Not yours"),
        (Answer(429), RateLimited, "slow down"),
        (Answer(500, {"error": {"message": "x"}}), OutcomeUnknown, "answered 500"),
        (Answer(503), OutcomeUnknown, "answered 503"),
        (Answer(200, {"return_id": "x"}), OutcomeUnknown, "left out"),
        (Answer(200, body=b"<html>"), OutcomeUnknown, "cannot read"),
        (Answer(302, headers={"Location": "http://127.0.0.1/"}), OutcomeUnknown, "answered 302"),
    ],
)
def test_each_failure_of_a_purchase_has_its_name(carrier, there, answer, error, words):
    there.next_answers = [answer]

    with pytest.raises(error, match=words):
        carrier.buy_label(wish())

    assert there.lines() == [ANNOUNCE]


def test_a_limit_says_how_long(carrier, there):
    there.next_answers = [Answer(429, headers={"Retry-After": "17"})]

    with pytest.raises(RateLimited) as caught:
        carrier.buy_label(wish())

    assert caught.value.retry_after_s == 17


def test_the_carriers_refusal_comes_in_its_words(carrier):
    with pytest.raises(InvalidRequest, match="Nobody knows this street"):
        carrier.buy_label(wish(sender=replace(SHOPPER, city="Stubborn")))


def test_nobody_there_is_unavailable(there):
    carrier = Sendcloud(there.credentials, {"url": "http://127.0.0.1:9"})

    with pytest.raises(Unavailable):
        carrier.buy_label(wish())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"labelless": True}, Unsupported),
        ({"service": ""}, InvalidRequest),
        ({"parcel": ParcelSize(weight_g=0)}, InvalidRequest),
    ],
)
def test_what_cannot_be_sent_is_said_before_anything_is(carrier, there, changes, error):
    with pytest.raises(error):
        carrier.buy_label(wish(**changes))

    assert there.heard == []


def test_validate_does_not_mind_a_reference_that_buying_would_find(carrier, there):
    carrier.buy_label(wish())

    carrier.validate(wish())


def test_all_requests_of_a_purchase_share_one_deadline(carrier, there, monkeypatch):
    """The answer to the purchase comes in time, and the carrier's number does not."""
    monkeypatch.setenv("RIENTRO_CARRIER_DEADLINE_S", "0.6")
    there.announces_after = 1000

    began = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        carrier.buy_label(wish())

    assert time.monotonic() - began < 3
